//! Counts of units, what orders hold of them, and what is said of each SKU.
//!
//! A SKU is marked when anything about it changes, in the transaction of the change; whoever decides takes the marks in
//! his own time. So nothing is lost between the two, and a page of ten thousand counts is written as fast as any.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Reader, Topic, Tx};
use crate::table::effect::is_withdrawal;
use crate::words;
use quayside_model::{
    ConnectionId, Count, EffectId, EffectState, Held, Intent, Mode, OrderId, OrderUnits, PRODUCT_SUBJECT, PastWrite,
    PlannedWrite, ShelfDecision, ShelfFacts, ShelfSays, SideState, Stock,
};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, params, params_from_iter};

/// Newest changes of a count that a decision sees.
const WRITES: usize = 4;
/// How the reason of a change begins that the program itself took back.
pub(crate) const OVERTAKEN: &str = "Not needed any more: ";
/// Who plans what a person adjusts, in place of an automation.
const BY_HAND: &str = "person";
/// Note of the store: since when what every order holds is written down.
const HELD_WHOLE: &str = "stock_held_whole";

/// From when on a decision about a SKU looks at orders, ms UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfSpan {
    /// Orders placed since then, whatever became of them.
    pub placed_ms: i64,
    /// Orders of which something left since then.
    pub left_ms: i64,
    /// Sales that make the pace.
    pub sold_ms: i64,
}

/// Which SKUs of the stock screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShelfPart {
    /// All that some account counts.
    #[default]
    All,
    /// Those of which a count is not what it should be.
    Differs,
    /// Those that run low, or out.
    Warned,
}

/// One count, as rules want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// Whose count it is.
    pub connection: ConnectionId,
    /// As names are compared.
    pub sku: String,
    /// The account's id of the place.
    pub location_id: Option<String>,
    /// What people call it.
    pub location_name: String,
    /// Units that may be sold.
    pub available: i64,
}

/// What is kept of an order and a SKU.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    hub: Option<String>,
    hub_since_ms: Option<i64>,
    units: i64,
    open: i64,
    left_at_ms: Option<i64>,
}

impl Share {
    /// What it is now. Since when it is at the hub, and when some last left, follows from what it was.
    fn now(held: &Held, before: Option<&Self>, now_ms: i64) -> Self {
        let hub = held.hub.as_ref().map(|hub| hub.0.clone());
        let there = before.filter(|before| before.hub == hub);
        let was_open = before.map_or(held.units, |before| before.open);
        Self {
            hub_since_ms: hub.as_ref().map(|_| there.and_then(|there| there.hub_since_ms).unwrap_or(now_ms)),
            hub,
            units: held.units,
            open: held.open,
            left_at_ms: if was_open > held.open { Some(now_ms) } else { before.and_then(|before| before.left_at_ms) },
        }
    }
}

/// One page of them, by SKU.
#[derive(Debug, Clone, PartialEq)]
pub struct ShelfPage {
    /// The SKU as names are compared, and what is said of it; `None`: it was not looked at yet.
    pub rows: Vec<(String, Option<ShelfSays>)>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<String>,
}

/// What a decision about a SKU changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelved {
    /// Changes that were written to the outbox.
    pub planned: usize,
    /// A warning that was not there before.
    pub warned: bool,
    /// Something is to be read by name.
    pub reads: bool,
}

fn row_to_count(row: &Row<'_>) -> rusqlite::Result<Count> {
    Ok(Count {
        connection: ConnectionId(row.get("connection_id")?),
        remote_id: row.get("remote_id")?,
        sku: row.get("theirs")?,
        bundle: row.get("bundle")?,
        item_id: row.get("item_id")?,
        location_id: row.get("location_id")?,
        location_name: row.get("location_name")?,
        available: row.get("available")?,
        changed_at_ms: row.get("changed_at_ms")?,
        read_at_ms: row.get("read_at_ms")?,
        agreed: row.get("agreed")?,
        agreed_at_ms: row.get("agreed_at_ms")?,
    })
}

fn row_to_units(row: &Row<'_>) -> rusqlite::Result<OrderUnits> {
    let hub: Option<String> = row.get("hub_id")?;
    let since_ms: Option<i64> = row.get("hub_since_ms")?;
    Ok(OrderUnits {
        connection: ConnectionId(row.get("connection_id")?),
        hub: hub.map(ConnectionId).zip(since_ms),
        placed_at_ms: row.get("placed_at_ms")?,
        units: row.get("units")?,
        open: row.get("open")?,
        left_at_ms: row.get("left_at_ms")?,
    })
}

impl Reader<'_> {
    /// All we know about a SKU; when the accounts' orders were read, the caller knows.
    pub fn shelf(&self, sku: &str, span: ShelfSpan) -> Result<ShelfFacts, StoreError> {
        let tried = || format!("read what is known of the SKU {sku}");
        let counts: Vec<Count> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT c.* FROM stock_count c JOIN connection ON connection.id = c.connection_id AND connection.removed = 0
                     WHERE c.sku = ?1 ORDER BY c.connection_id, c.remote_id",
                )
                .tried(tried)?;
            let rows = statement.query_map([sku], row_to_count).tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        let whole_ms = self.held_whole_ms()?;
        let orders = if whole_ms.is_some() {
            const COLUMNS: &str =
                "order_id, connection_id, hub_id, hub_since_ms, placed_at_ms, units, open, left_at_ms FROM stock_order";
            let mut statement = self
                .conn
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} WHERE sku = ?1 AND open > 0
                     UNION SELECT {COLUMNS} WHERE sku = ?1 AND placed_at_ms >= ?2
                     UNION SELECT {COLUMNS} WHERE sku = ?1 AND left_at_ms >= ?3"
                ))
                .tried(tried)?;
            let rows = statement.query_map(params![sku, span.placed_ms, span.left_ms], row_to_units).tried(tried)?;
            Some(rows.collect::<Result<_, _>>().tried(tried)?)
        } else {
            None
        };
        let sold_units: i64 = self
            .conn
            .prepare_cached("SELECT ifnull(sum(units), 0) FROM stock_order WHERE sku = ?1 AND placed_at_ms >= ?2")
            .tried(tried)?
            .query_row(params![sku, span.sold_ms], |row| row.get(0))
            .tried(tried)?;
        let (mut writes, mut planned) = (Vec::new(), Vec::new());
        for count in &counts {
            let n: i64 = self
                .conn
                .prepare_cached("SELECT count(*) FROM effect WHERE subject = ?1 AND connection_id = ?2")
                .tried(tried)?
                .query_row(params![count.remote_id, count.connection.as_str()], |row| row.get(0))
                .tried(tried)?;
            if n > 0 {
                writes.extend(self.writes_of(count)?);
            }
            planned.push((count.connection.clone(), count.remote_id.clone(), n.unsigned_abs()));
        }
        Ok(ShelfFacts {
            sku: sku.to_owned(),
            counts,
            orders,
            whole_ms: whole_ms.unwrap_or(0),
            sold_units,
            sold_since_ms: span.sold_ms,
            writes,
            planned,
            orders_read_ms: Vec::new(),
            parts: Vec::new(),
        })
    }

    /// Every count of every account that is connected, for rules that ask where something is in stock. Bundles lie on no
    /// shelf.
    pub fn stock_levels(&self) -> Result<Vec<StockLevel>, StoreError> {
        const TRIED: &str = "read what is in stock where";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT c.connection_id, c.sku, c.location_id, c.location_name, c.available FROM stock_count c
                 JOIN connection ON connection.id = c.connection_id AND connection.removed = 0
                 WHERE c.sku <> '' AND c.bundle = 0 ORDER BY c.connection_id, c.remote_id",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok(StockLevel {
                    connection: ConnectionId(row.get("connection_id")?),
                    sku: row.get("sku")?,
                    location_id: row.get("location_id")?,
                    location_name: row.get("location_name")?,
                    available: row.get("available")?,
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Since when what every order holds is written down, ms UTC; `None`: it is not.
    pub fn held_whole_ms(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.meta(HELD_WHOLE)?.and_then(|at_ms| at_ms.parse().ok()))
    }

    /// Orders placed at `after.0` (ms UTC) or later of which nothing is kept, behind `after`: when each was placed, and
    /// its row.
    pub fn orders_without_share(&self, after: (i64, OrderId), limit: usize) -> Result<Vec<(i64, OrderId)>, StoreError> {
        const TRIED: &str = "find orders of which nothing is kept";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT placed_at_ms, id FROM orders INDEXED BY orders_placed
                 WHERE (placed_at_ms, id) > (?1, ?2) AND NOT EXISTS (SELECT 1 FROM stock_order WHERE order_id = orders.id)
                 ORDER BY placed_at_ms, id LIMIT ?3",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![after.0, after.1.0, limit as i64], |row| Ok((row.get(0)?, OrderId(row.get(1)?))))
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The newest changes of a count, newest first: those that stand, and one that a person gave up last.
    fn writes_of(&self, count: &Count) -> Result<Vec<PastWrite>, StoreError> {
        let tried = || format!("read the changes of {}", count.sku);
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, intent, state, first_sent_at_ms, settled_at_ms, refusal, skip_reason,
                        CASE state WHEN 'refused' THEN (SELECT max(a.at_ms) FROM attempt a WHERE a.effect_id = effect.id) END,
                        ticket, automation
                 FROM effect WHERE subject = ?1 AND connection_id = ?2 ORDER BY id DESC",
            )
            .tried(tried)?;
        let mut rows = statement.query(params![count.remote_id, count.connection.as_str()]).tried(tried)?;
        let mut writes: Vec<PastWrite> = Vec::new();
        let mut newest = true;
        while let Some(row) = rows.next().tried(tried)? {
            let state = words::effect_state(&row.get::<_, String>(2).tried(tried)?)?;
            let why: Option<String> = row.get(6).tried(tried)?;
            // Taken back by the program, or because its mode was lowered: as if it had never been.
            let by_person = why.is_some_and(|why| !why.starts_with(OVERTAKEN) && !is_withdrawal(&why));
            let last = std::mem::take(&mut newest);
            if state == EffectState::Skipped && !(last && by_person) {
                continue;
            }
            let intent = row.get_ref(1).and_then(|intent| Ok(intent.as_blob()?)).tried(tried)?;
            let Intent::SetStock { stock } = self.pack.unzip_intent(intent)? else { continue };
            let settled_at_ms: Option<i64> = row.get(4).tried(tried)?;
            let refused_at_ms: Option<i64> = row.get(7).tried(tried)?;
            writes.push(PastWrite {
                id: EffectId(row.get(0).tried(tried)?),
                connection: count.connection.clone(),
                remote_id: count.remote_id.clone(),
                stock,
                state,
                first_sent_at_ms: row.get(3).tried(tried)?,
                settled_at_ms: settled_at_ms.or(refused_at_ms),
                refusal: from_json_opt(row.get(5).tried(tried)?)?,
                ticket: row.get(8).tried(tried)?,
                by_hand: row.get::<_, String>(9).tried(tried)? == BY_HAND,
            });
            if writes.len() >= WRITES {
                break;
            }
        }
        Ok(writes)
    }

    /// SKUs that are due to be decided, the longest due first.
    pub fn shelves_to_look_at(&self, now_ms: i64, limit: usize) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "find the SKUs to look at";
        let mut statement = self
            .conn
            .prepare_cached("SELECT sku FROM stock WHERE look_at_ms <= ?1 ORDER BY look_at_ms LIMIT ?2")
            .tried(TRIED)?;
        let rows = statement.query_map(params![now_ms, limit as i64], |row| row.get(0)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// When the next SKU is due, ms UTC.
    pub fn next_shelf_at(&self) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find the next SKU to look at";
        self.conn
            .prepare_cached("SELECT min(look_at_ms) FROM stock WHERE look_at_ms IS NOT NULL")
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }

    /// When the next count of an account is to be read by name, ms UTC.
    pub fn next_count_at(&self, connection: &ConnectionId) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find the next count to read";
        self.conn
            .prepare_cached(
                "SELECT min(look_at_ms) FROM stock_count WHERE connection_id = ?1 AND look_at_ms IS NOT NULL",
            )
            .tried(TRIED)?
            .query_row([connection.as_str()], |row| row.get(0))
            .tried(TRIED)
    }

    /// A count of an account that is due to be read by name.
    pub fn count_due(&self, connection: &ConnectionId, now_ms: i64) -> Result<Option<String>, StoreError> {
        const TRIED: &str = "find a count to read";
        self.conn
            .prepare_cached(
                "SELECT remote_id FROM stock_count WHERE connection_id = ?1 AND look_at_ms <= ?2 ORDER BY look_at_ms LIMIT 1",
            )
            .tried(TRIED)?
            .query_row(params![connection.as_str(), now_ms], |row| row.get(0))
            .optional()
            .tried(TRIED)
    }

    /// One page of SKUs. `text` is looked for anywhere in them.
    pub fn shelf_page(
        &self,
        part: ShelfPart,
        text: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ShelfPage, StoreError> {
        const TRIED: &str = "read the stock";
        let limit = limit.clamp(1, 1_000);
        let mut sql = "SELECT sku, says FROM stock WHERE sku > ?".to_owned();
        let mut values = vec![Value::from(after.unwrap_or_default().to_owned())];
        sql.push_str(match part {
            ShelfPart::All => "",
            ShelfPart::Differs => " AND differs = 1",
            ShelfPart::Warned => " AND warning IS NOT NULL",
        });
        let text = quayside_model::alias::fold(text);
        if !text.is_empty() {
            sql.push_str(" AND instr(sku, ?) > 0");
            values.push(text.into());
        }
        sql.push_str(" ORDER BY sku LIMIT ?");
        values.push((limit as i64 + 1).into());
        let mut statement = self.conn.prepare_cached(&sql).tried(TRIED)?;
        let rows = statement
            .query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))
            .tried(TRIED)?;
        let mut out: Vec<(String, Option<ShelfSays>)> = Vec::new();
        for row in rows {
            let (sku, says) = row.tried(TRIED)?;
            out.push((sku, from_json_opt(says)?));
        }
        let more = out.len() > limit;
        out.truncate(limit);
        let next = if more { out.last().map(|(sku, _)| sku.clone()) } else { None };
        Ok(ShelfPage { rows: out, next })
    }

    /// What is said of a SKU; `None`: nothing yet, or nobody counts it.
    pub fn shelf_says(&self, sku: &str) -> Result<Option<ShelfSays>, StoreError> {
        let tried = || format!("read what is said of the SKU {sku}");
        let says: Option<Option<String>> = self
            .conn
            .prepare_cached("SELECT says FROM stock WHERE sku = ?1")
            .tried(tried)?
            .query_row([sku], |row| row.get(0))
            .optional()
            .tried(tried)?;
        from_json_opt(says.flatten())
    }

    /// The SKU by which a count is added up, and as its account writes it; `None`: there is no such count.
    pub fn counted_sku(
        &self,
        connection: &ConnectionId,
        remote_id: &str,
    ) -> Result<Option<(String, String)>, StoreError> {
        const TRIED: &str = "find a count";
        self.conn
            .prepare_cached("SELECT sku, theirs FROM stock_count WHERE connection_id = ?1 AND remote_id = ?2")
            .tried(TRIED)?
            .query_row(params![connection.as_str(), remote_id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .tried(TRIED)
    }

    /// SKUs by which some account counts a bundle.
    pub fn bundles(&self) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "find the bundles";
        let mut statement =
            self.conn.prepare_cached("SELECT DISTINCT sku FROM stock_count WHERE bundle = 1").tried(TRIED)?;
        let rows = statement.query_map([], |row| row.get(0)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// SKUs in all, of which a count differs, and that run low.
    pub fn shelf_counts(&self) -> Result<(u64, u64, u64), StoreError> {
        const TRIED: &str = "count the stock";
        self.conn
            .prepare_cached(
                "SELECT (SELECT count(*) FROM stock), (SELECT count(*) FROM stock WHERE differs = 1),
                        (SELECT count(*) FROM stock WHERE warning IS NOT NULL)",
            )
            .tried(TRIED)?
            .query_row([], |row| {
                let n = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok((n(0)?, n(1)?, n(2)?))
            })
            .tried(TRIED)
    }

    /// Counts by row name, for going through all of them: account, name, SKU as the account writes it, item.
    pub fn counts_after(
        &self,
        after: (&str, &str),
        limit: usize,
    ) -> Result<Vec<(ConnectionId, String, String, String)>, StoreError> {
        const TRIED: &str = "go through the counts";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, remote_id, theirs, item_id FROM stock_count
                 WHERE (connection_id, remote_id) > (?1, ?2) ORDER BY connection_id, remote_id LIMIT ?3",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![after.0, after.1, limit as i64], |row| {
                Ok((ConnectionId(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}

impl Tx<'_> {
    /// A count was read: written down, its SKU marked if the number or the name moved or somebody waits for the reading.
    pub fn put_count(
        &mut self,
        connection: &ConnectionId,
        stock: &Stock,
        (sku, bundle): (&str, bool),
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("write down the count of {}", stock.sku);
        let known: Option<(String, bool, i64, i64, Option<i64>)> = self
            .conn
            .prepare_cached(
                "SELECT sku, bundle, available, changed_at_ms, look_at_ms FROM stock_count
                 WHERE connection_id = ?1 AND remote_id = ?2",
            )
            .tried(tried)?
            .query_row(params![connection.as_str(), stock.remote_id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()
            .tried(tried)?;
        let changed_at_ms = match &known {
            Some((.., available, changed_at_ms, _)) if *available == stock.available => *changed_at_ms,
            _ => now_ms,
        };
        let sql = if known.is_some() {
            "UPDATE stock_count SET sku = ?3, theirs = ?4, bundle = ?5, item_id = ?6, location_id = ?7, location_name = ?8,
                 available = ?9, changed_at_ms = ?10, read_at_ms = ?11, look_at_ms = NULL
             WHERE connection_id = ?1 AND remote_id = ?2"
        } else {
            "INSERT INTO stock_count (connection_id, remote_id, sku, theirs, bundle, item_id, location_id, location_name,
                                      available, changed_at_ms, read_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        };
        self.conn
            .prepare_cached(sql)
            .tried(tried)?
            .execute(params![
                connection.as_str(),
                stock.remote_id,
                sku,
                stock.sku,
                bundle,
                stock.item_id,
                stock.location_id,
                stock.location_name,
                stock.available,
                changed_at_ms,
                now_ms
            ])
            .tried(tried)?;
        match known {
            Some((before, was_bundle, available, _, look_at_ms)) => {
                if before != sku {
                    self.mark_shelf(&before, now_ms)?;
                }
                if before != sku || was_bundle != bundle || available != stock.available || look_at_ms.is_some() {
                    self.open_shelf(sku, now_ms)?;
                }
            }
            None => self.open_shelf(sku, now_ms)?,
        }
        Ok(())
    }

    /// A count is added up under the name that settings and aliases give it now, and its SKU is looked at again.
    pub fn rename_count(
        &mut self,
        connection: &ConnectionId,
        remote_id: &str,
        (sku, bundle): (&str, bool),
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "add a count up under its SKU";
        let before: Option<String> = self
            .conn
            .prepare_cached("SELECT sku FROM stock_count WHERE connection_id = ?1 AND remote_id = ?2")
            .tried(TRIED)?
            .query_row(params![connection.as_str(), remote_id], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        self.conn
            .prepare_cached(
                "UPDATE stock_count SET sku = ?3, bundle = ?4
                 WHERE connection_id = ?1 AND remote_id = ?2 AND (sku, bundle) IS NOT (?3, ?4)",
            )
            .tried(TRIED)?
            .execute(params![connection.as_str(), remote_id, sku, bundle])
            .tried(TRIED)?;
        if let Some(before) = before.filter(|before| before != sku) {
            self.mark_shelf(&before, now_ms)?;
        }
        self.open_shelf(sku, now_ms)
    }

    /// A SKU that some account counts is to be looked at.
    fn open_shelf(&mut self, sku: &str, now_ms: i64) -> Result<(), StoreError> {
        if sku.is_empty() {
            return Ok(());
        }
        self.conn
            .prepare_cached("INSERT INTO stock (sku, look_at_ms) VALUES (?1, ?2) ON CONFLICT (sku) DO NOTHING")
            .tried("mark a SKU")?
            .execute(params![sku, now_ms])
            .tried("mark a SKU")?;
        self.touch(Topic::Stock);
        self.mark_shelf(sku, now_ms)
    }

    /// The same, if some account counts it.
    pub fn mark_shelf(&mut self, sku: &str, now_ms: i64) -> Result<(), StoreError> {
        self.conn
            .prepare_cached(
                "UPDATE stock SET look_at_ms = ?2 WHERE sku = ?1 AND (look_at_ms IS NULL OR look_at_ms > ?2)",
            )
            .tried("mark a SKU")?
            .execute(params![sku, now_ms])
            .tried("mark a SKU")?;
        Ok(())
    }

    /// A SKU over which the program stumbles is left as it is until something about it changes.
    pub fn forget_shelf(&mut self, sku: &str) -> Result<(), StoreError> {
        const TRIED: &str = "leave a SKU as it is";
        self.conn
            .prepare_cached("UPDATE stock SET look_at_ms = NULL WHERE sku = ?1")
            .tried(TRIED)?
            .execute([sku])
            .tried(TRIED)?;
        Ok(())
    }

    /// Something became of a change of a count, or of a product: its SKU is looked at again.
    pub fn mark_subject(&mut self, connection: &ConnectionId, remote_id: &str, now_ms: i64) -> Result<(), StoreError> {
        if remote_id.starts_with(PRODUCT_SUBJECT) {
            return self.mark_catalogue();
        }
        let sku: Option<String> = self
            .conn
            .prepare_cached("SELECT sku FROM stock_count WHERE connection_id = ?1 AND remote_id = ?2")
            .tried("find a count")?
            .query_row(params![connection.as_str(), remote_id], |row| row.get(0))
            .optional()
            .tried("find a count")?;
        match sku {
            Some(sku) => self.mark_shelf(&sku, now_ms),
            None => Ok(()),
        }
    }

    /// Every order's share was written down: from now on decisions believe it.
    pub fn held_is_whole(&mut self, now_ms: i64) -> Result<(), StoreError> {
        if self.held_whole_ms()?.is_some() {
            return Ok(());
        }
        self.put_meta(HELD_WHOLE, &now_ms.to_string())?;
        self.conn
            .prepare_cached("UPDATE stock SET look_at_ms = ?1")
            .tried("look at every SKU")?
            .execute([now_ms])
            .tried("look at every SKU")?;
        Ok(())
    }

    /// Nobody keeps what orders hold any more, or somebody begins to: what is known of it is forgotten.
    pub fn forget_held(&mut self) -> Result<(), StoreError> {
        const TRIED: &str = "forget what orders hold";
        self.conn.prepare_cached("DELETE FROM meta WHERE key = ?1").tried(TRIED)?.execute([HELD_WHOLE]).tried(TRIED)?;
        self.conn.prepare_cached("DELETE FROM stock_order").tried(TRIED)?.execute([]).tried(TRIED)?;
        Ok(())
    }

    /// The account has no such count any more: what was to be changed about it is taken back.
    pub fn forget_count(&mut self, connection: &ConnectionId, remote_id: &str, now_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "forget a count";
        self.mark_subject(connection, remote_id, now_ms)?;
        self.close_count_findings(connection, remote_id, now_ms)?;
        let waiting: Vec<EffectId> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id FROM effect WHERE subject = ?1 AND connection_id = ?2
                         AND (state = 'asked' OR state = 'pending' OR state = 'refused')",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map(params![remote_id, connection.as_str()], |row| row.get(0).map(EffectId))
                .tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        for effect in waiting {
            let why = format!("{OVERTAKEN}the account has no such count any more");
            self.skip(effect, &why, now_ms, "quayside", "Overtaken")?;
        }
        self.conn
            .prepare_cached("DELETE FROM stock_count WHERE connection_id = ?1 AND remote_id = ?2")
            .tried(TRIED)?
            .execute(params![connection.as_str(), remote_id])
            .tried(TRIED)?;
        Ok(())
    }

    /// The account is being removed: its counts go along.
    pub fn forget_counts(&mut self, connection: &ConnectionId, now_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "forget an account's counts";
        let counts: Vec<String> = {
            let mut statement =
                self.conn.prepare_cached("SELECT remote_id FROM stock_count WHERE connection_id = ?1").tried(TRIED)?;
            let rows = statement.query_map([connection.as_str()], |row| row.get(0)).tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        for remote_id in &counts {
            self.forget_count(connection, remote_id, now_ms)?;
        }
        Ok(())
    }

    /// What an order holds of each SKU, written where it moved. One plain statement per row: with an upsert, or rows that
    /// come from a query, SQLite would keep a copy of each page.
    pub fn put_held(&mut self, id: OrderId, held: &[Held], now_ms: i64) -> Result<(), StoreError> {
        let tried = || format!("write down what order {id} holds");
        let known: Vec<(String, Share)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT sku, hub_id, hub_since_ms, units, open, left_at_ms FROM stock_order WHERE order_id = ?1",
                )
                .tried(tried)?;
            let rows = statement
                .query_map([id.0], |row| {
                    let share = Share {
                        hub: row.get(1)?,
                        hub_since_ms: row.get(2)?,
                        units: row.get(3)?,
                        open: row.get(4)?,
                        left_at_ms: row.get(5)?,
                    };
                    Ok((row.get(0)?, share))
                })
                .tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        for (sku, _) in known.iter().filter(|(sku, _)| !held.iter().any(|held| held.sku == *sku)) {
            self.conn
                .prepare_cached("DELETE FROM stock_order WHERE order_id = ?1 AND sku = ?2")
                .tried(tried)?
                .execute(params![id.0, sku])
                .tried(tried)?;
            self.mark_shelf(sku, now_ms)?;
        }
        let mut of: Option<(String, i64)> = None;
        for held in held {
            let before = known.iter().find(|(sku, _)| *sku == held.sku).map(|(_, share)| share);
            let now = Share::now(held, before, now_ms);
            if before == Some(&now) {
                continue;
            }
            if before.is_some() {
                self.conn
                    .prepare_cached(
                        "UPDATE stock_order SET hub_id = ?3, hub_since_ms = ?4, units = ?5, open = ?6, left_at_ms = ?7
                         WHERE order_id = ?1 AND sku = ?2",
                    )
                    .tried(tried)?
                    .execute(params![id.0, held.sku, now.hub, now.hub_since_ms, now.units, now.open, now.left_at_ms])
                    .tried(tried)?;
            } else {
                let (connection, placed_at_ms) = match of.take() {
                    Some(known) => known,
                    None => self
                        .conn
                        .prepare_cached("SELECT connection_id, placed_at_ms FROM orders WHERE id = ?1")
                        .tried(tried)?
                        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                        .tried(tried)?,
                };
                self.conn
                    .prepare_cached(
                        "INSERT INTO stock_order (order_id, sku, connection_id, placed_at_ms, hub_id, hub_since_ms, units,
                                                  open, left_at_ms)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )
                    .tried(tried)?
                    .execute(params![
                        id.0,
                        held.sku,
                        connection,
                        placed_at_ms,
                        now.hub,
                        now.hub_since_ms,
                        now.units,
                        now.open,
                        now.left_at_ms
                    ])
                    .tried(tried)?;
                of = Some((connection, placed_at_ms));
            }
            self.mark_shelf(&held.sku, now_ms)?;
        }
        Ok(())
    }

    /// Writes what was decided about a SKU.
    pub fn put_shelf(&mut self, sku: &str, decision: &ShelfDecision, now_ms: i64) -> Result<Shelved, StoreError> {
        let tried = || format!("write down what was decided about {sku}");
        let mut done = Shelved::default();
        for (effect, why) in &decision.overtaken {
            self.skip(*effect, &format!("{OVERTAKEN}{why}"), now_ms, "quayside", "Overtaken")?;
        }
        for write in &decision.writes {
            done.planned += usize::from(self.plan_write(write, now_ms)?);
        }
        for (connection, remote_id) in &decision.read {
            done.reads = true;
            self.conn
                .prepare_cached(
                    "UPDATE stock_count SET look_at_ms = ?3
                     WHERE connection_id = ?1 AND remote_id = ?2 AND look_at_ms IS NULL",
                )
                .tried(tried)?
                .execute(params![connection.as_str(), remote_id, now_ms])
                .tried(tried)?;
        }
        for (connection, remote_id, units) in &decision.agreed {
            self.conn
                .prepare_cached(
                    "UPDATE stock_count SET agreed = ?3, agreed_at_ms = ?4 WHERE connection_id = ?1 AND remote_id = ?2",
                )
                .tried(tried)?
                .execute(params![connection.as_str(), remote_id, units, now_ms])
                .tried(tried)?;
        }
        self.reconcile_counts(sku, &decision.findings, now_ms)?;
        let before: Option<(Option<String>, Option<String>)> = self
            .conn
            .prepare_cached("SELECT says, warning FROM stock WHERE sku = ?1")
            .tried(tried)?
            .query_row([sku], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .tried(tried)?;
        let says = json_text(&decision.says)?;
        let warning = decision.says.warning.as_ref().map(|warning| warning.code.as_str());
        // What nobody counts any more is no row of the screen.
        if decision.says.truth.is_none() && decision.says.sides.is_empty() {
            self.conn.prepare_cached("DELETE FROM stock WHERE sku = ?1").tried(tried)?.execute([sku]).tried(tried)?;
            self.touch(Topic::Stock);
            return Ok(done);
        }
        let known = before.is_some();
        let moved = before.as_ref().is_none_or(|(known, _)| known.as_deref() != Some(says.as_str()));
        done.warned = warning.is_some() && before.is_none_or(|(_, known)| known.as_deref() != warning);
        let differs = decision
            .says
            .sides
            .iter()
            .any(|side| side.wanted.is_some_and(|wanted| wanted != side.units) || side.state == SideState::Refused);
        let sql = if known {
            "UPDATE stock SET says = ?2, differs = ?3, warning = ?4, look_at_ms = ?5 WHERE sku = ?1"
        } else {
            "INSERT INTO stock (sku, says, differs, warning, look_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)"
        };
        self.conn
            .prepare_cached(sql)
            .tried(tried)?
            .execute(params![sku, says, differs, warning, decision.look_again_at_ms])
            .tried(tried)?;
        if moved {
            self.touch(Topic::Stock);
        }
        Ok(done)
    }

    /// A change of a count, to the outbox: Ask waits for a click, Auto goes. Off and Watch write nothing, and a key that
    /// exists stays as it is.
    pub(crate) fn plan_write(&mut self, write: &PlannedWrite, now_ms: i64) -> Result<bool, StoreError> {
        let state = match write.mode {
            Mode::Off | Mode::Watch => return Ok(false),
            Mode::Ask => EffectState::Asked,
            Mode::Auto => EffectState::Pending,
        };
        let tried = || format!("plan \"{}\"", write.sentence);
        let made = self
            .conn
            .prepare_cached(
                "INSERT INTO effect (key, subject, subject_name, connection_id, kind, automation, sentence, intent, state,
                                     created_at_ms, not_before_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) ON CONFLICT (key) DO NOTHING",
            )
            .tried(tried)?
            .execute(params![
                write.key,
                write.subject,
                write.name,
                write.connection.as_str(),
                write.intent.kind().code(),
                write.automation,
                write.sentence,
                self.pack.zip_json(&write.intent)?,
                state.code(),
                now_ms
            ])
            .tried(tried)?;
        self.touch(Topic::Effects);
        Ok(made > 0)
    }

    /// A person's own change of a count: it goes, and before what programs planned. `None`: it is there already.
    pub fn adjust_count(&mut self, write: &PlannedWrite, now_ms: i64) -> Result<Option<EffectId>, StoreError> {
        let tried = || format!("plan \"{}\"", write.sentence);
        if !self.plan_write(write, now_ms)? {
            return Ok(None);
        }
        self.conn
            .prepare_cached("UPDATE effect SET urgent = 1 WHERE key = ?1")
            .tried(tried)?
            .execute([&write.key])
            .tried(tried)?;
        self.mark_subject(&write.connection, &write.subject, now_ms)?;
        self.conn
            .prepare_cached("SELECT id FROM effect WHERE key = ?1")
            .tried(tried)?
            .query_row([&write.key], |row| row.get(0).map(EffectId))
            .optional()
            .tried(tried)
    }

    /// A count that could not be read by name is tried again at `at_ms`; `None`: not before somebody asks anew.
    pub fn count_not_read(
        &mut self,
        connection: &ConnectionId,
        remote_id: &str,
        at_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "put off the reading of a count";
        self.conn
            .prepare_cached("UPDATE stock_count SET look_at_ms = ?3 WHERE connection_id = ?1 AND remote_id = ?2")
            .tried(TRIED)?
            .execute(params![connection.as_str(), remote_id, at_ms])
            .tried(TRIED)?;
        Ok(())
    }
}
