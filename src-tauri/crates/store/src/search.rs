//! Full-text search over orders: what is indexed, and how a person's words become
//! a query. No syntax of the index can be typed: words are taken apart here and
//! come back as quoted terms.

use crate::error::{StoreError, Tried};
use crate::pack::hash8;
use crate::sql::Sql;
use crate::store::{Reader, Store, Topic, Tx};
use quayside_model::{ConnectionId, Intent, Order, OrderId, PlannedEffect, Record, RecordKind, fold_number};
use rusqlite::{params, params_from_iter};
use std::collections::BTreeSet;

/// More words than anybody types; the rest is not looked at.
const WORDS_MAX: usize = 12;
/// Longer pieces are cut: no number, SKU or name is longer.
const PIECE_CHARS_MAX: usize = 64;
/// In front of ids, so that their beginnings are nobody's.
const ID_MARK: &str = "id";

/// The columns of the index, in its order.
#[derive(Debug)]
pub(crate) struct Doc([String; 9]);

impl Doc {
    pub fn of(order: &Order, linked: &[Record]) -> Self {
        let [mut number, mut customer, mut email, mut sku, mut tracking, mut place, mut remote, mut tag, mut country] =
            [const { String::new() }; 9];
        add_code(&mut number, &order.number);
        add_id(&mut remote, &order.remote_id);
        if let Some(on) = &order.sold_on {
            add_code(&mut number, &on.number);
        }
        if let Some(buyer) = &order.customer {
            add(&mut customer, &buyer.name);
            add_email(&mut email, &buyer.email);
        }
        for address in [&order.ship_to, &order.bill_to].into_iter().flatten() {
            add(&mut customer, &address.name);
            add(&mut customer, &address.company);
        }
        if let Some(address) = &order.ship_to {
            add(&mut place, &address.city);
            add_code(&mut place, &address.postcode);
            add(&mut country, &address.country);
        }
        for line in &order.lines {
            add_code(&mut sku, &line.sku);
        }
        for place in places_asked(order) {
            add_mark(&mut tag, PLACE_MARK, place);
        }
        for fulfillment in &order.fulfillments {
            add_id(&mut remote, &fulfillment.remote_id);
            for tracking_number in &fulfillment.tracking_numbers {
                add_code(&mut tracking, tracking_number);
            }
        }
        for record in linked {
            match record {
                Record::HubOrder(hub) => {
                    add_code(&mut number, &hub.number);
                    add_id(&mut remote, &hub.remote_id);
                    add_key(&mut remote, &hub.key);
                    // Several in a row, as the model has them.
                    for warehouse in hub.warehouse.iter().flat_map(|places| places.split(", ")) {
                        add_mark(&mut tag, PLACE_MARK, warehouse);
                    }
                }
                Record::Parcel(parcel) => {
                    if parcel.is_live() {
                        for carrier in std::iter::once(&parcel.carrier_code).chain(&parcel.carrier_name) {
                            add_mark(&mut tag, CARRIER_MARK, carrier);
                        }
                    }
                    add_code(&mut tracking, &parcel.tracking_number);
                    add_id(&mut remote, &parcel.remote_id);
                }
                Record::Return(back) => {
                    add_code(&mut number, &back.number);
                    add_code(&mut tracking, &back.tracking_number);
                    add_id(&mut remote, &back.remote_id);
                }
                Record::Order(_) | Record::Stock(_) | Record::Product(_) | Record::Track(_) => {}
            }
        }
        for one in &order.tags {
            add(&mut tag, one);
            add(&mut tag, &tag_token(one));
        }
        Self([number, customer, email, sku, tracking, place, remote, tag, country])
    }

    /// The same of an order that a hub is told to pack at these places.
    #[must_use]
    pub fn packed_at(mut self, places: &[String]) -> Self {
        let [.., tag, _] = &mut self.0;
        for place in places {
            add_mark(tag, PLACE_MARK, place);
        }
        self
    }

    /// The same of an order of which an account keeps these records: a customer, a case, a task.
    #[must_use]
    pub fn kept_as(mut self, record_ids: &[String]) -> Self {
        let [.., remote, _, _] = &mut self.0;
        for id in record_ids {
            add_id(remote, id);
        }
        self
    }

    fn hash(&self) -> i64 {
        hash8(self.0.join("\0").as_bytes())
    }
}

/// Adds words unless the very same are there.
fn add(text: &mut String, words: &str) {
    let words = words.trim();
    if words.is_empty() || text.split('\n').any(|known| known == words) {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(words);
}

/// A number, SKU or code: its parts, and all of it as one word, which is how it is found
/// fast when it is typed from its beginning (`HG-LAMP-S` is `hg`, `lamp`, `s`, `hglamps`).
fn add_code(text: &mut String, code: &str) {
    add(text, code);
    let pieces = pieces(code);
    if pieces.len() > 1 {
        add(text, &pieces.concat());
    }
}

/// The parts of the name before the at sign, the whole address as one word, and its domain as
/// one word. Not the domain's parts: half of all orders come from one mail provider.
fn add_email(text: &mut String, email: &str) {
    let Some((name, domain)) = email.split_once('@') else { return add(text, email) };
    add(text, name);
    add(text, &pieces(email).concat());
    add(text, &pieces(domain).concat());
}

/// The telling end of a platform's id: `gid://shop/Order/123` is known as `123`.
fn last_part(remote_id: &str) -> &str {
    remote_id.rsplit(['/', ':']).next().unwrap_or(remote_id)
}

/// A platform's id, as one word that is found when all of it is typed. Not from its beginning: that is the same for
/// every order of the platform, so whoever typed four digits would wait for all of them to be collected.
fn add_id(text: &mut String, remote_id: &str) {
    add_key(text, last_part(remote_id));
}

/// The same for a name of which all is telling: our key at a hub begins with the store.
fn add_key(text: &mut String, key: &str) {
    let word = pieces(key).concat();
    if !word.is_empty() {
        add(text, &format!("{ID_MARK}{word}"));
    }
}

/// A word as it was typed: whole, or all of a platform's id.
fn whole_or_id(word: &Word) -> String {
    let typed = word.pieces.concat();
    word.or_id(&typed, &format!("\"{typed}\""))
}

/// A tag to the letter, as one word that nobody types.
fn tag_token(tag: &str) -> String {
    format!("tag{:016x}", hash8(tag.as_bytes()))
}

/// Marks of a warehouse's and of a carrier's name: no word that anybody types begins so.
const PLACE_MARK: &str = "zqwh";
const CARRIER_MARK: &str = "zqca";

/// A name in either case, as one word that nobody types: a warehouse is found when it is asked for, never by typing its
/// name among other words. Whole names only: each further word of every order makes taking orders in dearer.
fn add_mark(text: &mut String, mark: &str, name: &str) {
    if let Some(token) = mark_token(mark, name) {
        add(text, &token);
    }
}

fn mark_token(mark: &str, name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    (!name.is_empty()).then(|| format!("{mark}{:016x}", hash8(name.as_bytes())))
}

fn marked(mark: &str, name: &str) -> Option<String> {
    Some(format!("tag : \"{}\"", mark_token(mark, name)?))
}

/// Orders that are packed at a warehouse, by its id or name, whatever the case; `None` if that is no name.
pub(crate) fn place(name: &str) -> Option<String> {
    marked(PLACE_MARK, if name.contains("://") { last_part(name) } else { name })
}

/// Orders of which a parcel goes with a carrier, named the same way.
pub(crate) fn carrier(name: &str) -> Option<String> {
    marked(CARRIER_MARK, name)
}

/// Orders that carry a tag, to the letter.
pub(crate) fn tag(tag: &str) -> String {
    format!("tag : \"{}\"", tag_token(tag))
}

/// Orders that go to a country; `None` if that is no country.
pub(crate) fn country(country: &str) -> Option<String> {
    exact("country", country)
}

/// One word of what a person typed.
struct Word {
    pieces: Vec<String>,
    /// Its telling end, if it was pasted as a platform writes its ids (`gid://shop/Order/123`, `label:456`).
    tail: Option<String>,
}

impl Word {
    fn of(word: &str) -> Self {
        let tail = word.contains(':').then(|| pieces(last_part(word)).concat());
        Self { pieces: pieces(word), tail }
    }

    fn or_id(&self, typed: &str, term: &str) -> String {
        // Ids have digits.
        let is_id = |word: &&str| word.bytes().any(|byte| byte.is_ascii_digit());
        let mut ids: Vec<&str> = [Some(typed), self.tail.as_deref()].into_iter().flatten().filter(is_id).collect();
        ids.dedup();
        if ids.is_empty() {
            return term.to_owned();
        }
        let ids = ids.iter().map(|id| format!("\"{ID_MARK}{id}\""));
        format!("({})", std::iter::once(term.to_owned()).chain(ids).collect::<Vec<_>>().join(" OR "))
    }
}

/// What a person typed, taken apart.
pub(crate) struct Typed(Vec<Word>);

impl Typed {
    /// `None` if there is nothing to look for: punctuation alone is nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> =
            text.split_whitespace().map(Word::of).filter(|word| !word.pieces.is_empty()).take(WORDS_MAX).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    fn each(&self, term: impl Fn(&Word) -> String) -> String {
        self.0.iter().map(term).collect::<Vec<_>>().join(" AND ")
    }

    /// Every word whole.
    fn whole(&self) -> String {
        self.each(whole_or_id)
    }

    /// The word that is still being typed from its beginning, those before it whole.
    fn typing(&self) -> String {
        let last = self.0.len() - 1;
        let terms = self.0.iter().enumerate().map(|(i, word)| if i == last { prefix(word) } else { whole_or_id(word) });
        terms.collect::<Vec<_>>().join(" AND ")
    }

    /// Every word from its beginning.
    fn beginning(&self) -> String {
        self.each(prefix)
    }

    /// A word with punctuation also from its middle: its parts in a row.
    fn inside(&self) -> Option<String> {
        let several = self.0.iter().any(|word| word.pieces.len() > 1);
        several.then(|| self.each(|word| if word.pieces.len() > 1 { row(&word.pieces) } else { prefix(word) }))
    }

    /// The same with every part whole.
    fn inside_whole(&self) -> Option<String> {
        let several = self.0.iter().any(|word| word.pieces.len() > 1);
        several.then(|| self.each(|word| format!("\"{}\"", word.pieces.join(" "))))
    }
}

/// A word that may go on, or all of a platform's id.
fn prefix(word: &Word) -> String {
    let typed = word.pieces.concat();
    // One Latin letter begins half the index; one ideograph is a word.
    let long = typed.chars().nth(1).is_some() || !typed.is_ascii();
    word.or_id(&typed, &format!("\"{typed}\"{}", if long { "*" } else { "" }))
}

fn row(pieces: &[String]) -> String {
    let long = pieces.last().is_some_and(|last| last.chars().nth(1).is_some() || !last.is_ascii());
    format!("\"{}\"{}", pieces.join(" "), if long { "*" } else { "" })
}

/// A query from what a person typed; `None` if there is nothing to look for. Every word must be
/// found somewhere in the order. For conditions; a search proper goes through [`Reader::find`].
pub(crate) fn query(text: &str) -> Option<String> {
    let typed = Typed::parse(text)?;
    Some(typed.each(|word| match word.pieces.as_slice() {
        [_] => prefix(word),
        several => format!("({} OR {})", prefix(word), row(several)),
    }))
}

/// Whole words of one column, in a row.
pub(crate) fn exact(column: &'static str, text: &str) -> Option<String> {
    let pieces = pieces(text);
    (!pieces.is_empty()).then(|| format!("{column} : \"{}\"", pieces.join(" ")))
}

/// The same for the beginning of a word: the last piece may go on.
pub(crate) fn beginning(column: &'static str, text: &str) -> Option<String> {
    let pieces = pieces(text);
    (!pieces.is_empty()).then(|| format!("{column} : \"{}\" *", pieces.join(" ")))
}

/// What a query said.
pub(crate) trait Hits {
    /// It found something.
    fn any(&self) -> bool;
    /// It found more orders than the caller wants to handle.
    fn more(&self) -> bool;
}

/// What a query found, newest first.
pub(crate) struct Found {
    /// All of it, or as many as the caller wants to handle.
    pub newest: Vec<i64>,
    /// More orders match than that.
    pub more: bool,
}

impl Found {
    /// As a JSON list, which SQL reads.
    pub fn list(&self) -> String {
        format!("[{}]", self.newest.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
    }
}

impl Hits for Found {
    fn any(&self) -> bool {
        !self.newest.is_empty()
    }

    fn more(&self) -> bool {
        self.more
    }
}

/// How many orders a query found.
pub(crate) struct Counted {
    /// Orders that have the words.
    found: u64,
    /// Those of them that are wanted.
    pub n: u64,
    max: u64,
}

impl Hits for Counted {
    fn any(&self) -> bool {
        self.found > 0
    }

    fn more(&self) -> bool {
        self.found > self.max
    }
}

/// Where the channel wants an order shipped from: names, and the telling ends of ids.
fn places_asked(order: &Order) -> impl Iterator<Item = &str> {
    let work = order.fulfillment_orders.iter().filter(|work| work.status != "cancelled");
    work.flat_map(|work| std::iter::once(work.location_name.as_str()).chain(work.location_id.as_deref().map(last_part)))
}

/// So many of an order's changes at hubs, newest first, are looked at for where it is packed.
const SENT_LOOKED_AT: i64 = 8;
/// Records kept of an order whose ids are looked at: a handful, whatever became of it.
const RECORDS_LOOKED_AT: i64 = 64;

/// Adds the place of a hub order, if it names one and its part was not seen before.
fn add_place(intent: &Intent, parts: &mut BTreeSet<String>, places: &mut Vec<String>) {
    let Intent::PutHubOrder { order, .. } = intent else { return };
    if parts.insert(order.key.clone()) && !order.ship.warehouse.is_empty() {
        places.push(order.ship.warehouse.clone());
    }
}

/// Where new orders are told to be packed, by what is decided of them.
pub(crate) fn places_planned(planned: &[PlannedEffect]) -> Vec<String> {
    let (mut parts, mut places) = (BTreeSet::new(), Vec::new());
    for effect in planned {
        add_place(&effect.intent, &mut parts, &mut places);
    }
    places
}

/// Runs of letters and digits. What the index's own tokeniser splits further stays a
/// phrase, because it stands between quotes.
fn pieces(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.chars().take(PIECE_CHARS_MAX).collect())
        .collect()
}

impl Reader<'_> {
    /// Orders of this number, however it is written, of whatever store, newest first.
    pub fn orders_of_number(&self, number: &str) -> Result<Vec<OrderId>, StoreError> {
        let folded = fold_number(number);
        let query = exact("number", &folded);
        self.orders_called(query, "number", number, |known| fold_number(known) == folded)
    }

    /// Orders that their platform calls by this id, whole or by its telling end, newest first.
    pub fn orders_of_id(&self, typed: &str) -> Result<Vec<OrderId>, StoreError> {
        let tail = |id: &str| pieces(last_part(id)).concat().to_lowercase();
        let wanted = tail(typed);
        let query = exact("remote", &format!("{ID_MARK}{wanted}")).filter(|_| !wanted.is_empty());
        self.orders_called(query, "remote_id", typed, |known| tail(known) == wanted)
    }

    /// What a query finds, of which only orders whose own column is the very thing are meant: the index knows the names
    /// of linked records, too.
    fn orders_called(
        &self,
        query: Option<String>,
        column: &'static str,
        name: &str,
        is: impl Fn(&str) -> bool,
    ) -> Result<Vec<OrderId>, StoreError> {
        let Some(query) = query else { return Ok(Vec::new()) };
        let tried = || format!("find the orders called {name}");
        self.write_index()?;
        let mut statement = self
            .conn
            .prepare_cached(&format!(
                "SELECT o.id, o.{column} FROM order_search s JOIN orders o ON o.id = s.rowid
                 WHERE order_search MATCH ?1 ORDER BY s.rowid DESC LIMIT 500"
            ))
            .tried(tried)?;
        let rows =
            statement.query_map([query], |row| Ok((OrderId(row.get(0)?), row.get::<_, String>(1)?))).tried(tried)?;
        let found: Vec<(OrderId, String)> = rows.collect::<Result<_, _>>().tried(tried)?;
        Ok(found.into_iter().filter(|(_, known)| is(known)).map(|(id, _)| id).collect())
    }
}

impl Reader<'_> {
    /// Where hubs are told to pack an order, of each of its parts what was said last; `planned` is about to be said.
    pub(crate) fn places_told(&self, order: OrderId, planned: &[PlannedEffect]) -> Result<Vec<String>, StoreError> {
        let tried = || format!("read where order {order} is to be packed");
        let mut places = Vec::new();
        let mut parts = BTreeSet::new();
        for effect in planned {
            add_place(&effect.intent, &mut parts, &mut places);
        }
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT intent FROM effect INDEXED BY effect_order WHERE order_id = ?1 AND kind = 'put_hub_order' AND state <> 'skipped'
                 ORDER BY id DESC LIMIT ?2",
            )
            .tried(tried)?;
        let mut rows = statement.query(params![order.0, SENT_LOOKED_AT]).tried(tried)?;
        while let Some(row) = rows.next().tried(tried)? {
            let intent = row.get_ref(0).and_then(|intent| Ok(intent.as_blob()?)).tried(tried)?;
            add_place(&self.pack.unzip_intent(intent)?, &mut parts, &mut places);
        }
        Ok(places)
    }

    /// Ids under which accounts keep records of an order (its customer, cases, tasks), for its index entry.
    fn records_kept(&self, order: OrderId) -> Result<Vec<String>, StoreError> {
        let tried = || format!("read which records are kept of order {order}");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT json_extract(receipt, '$.remote_id') FROM effect INDEXED BY effect_order
                 WHERE order_id = ?1 AND kind = 'put_record' AND state = 'done' AND receipt IS NOT NULL
                 ORDER BY id DESC LIMIT ?2",
            )
            .tried(tried)?;
        let rows = statement
            .query_map(params![order.0, RECORDS_LOOKED_AT], |row| row.get::<_, Option<String>>(0))
            .tried(tried)?;
        let mut ids: Vec<String> = Vec::new();
        for row in rows {
            ids.extend(row.tried(tried)?.filter(|id| !id.trim().is_empty()));
        }
        // Whichever was written last: the same records make the same entry.
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Records linked to an order, for its index entry.
    pub(crate) fn linked_records(&self, order: OrderId) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        for (connection, kind, remote_id) in self.links_of(order)? {
            records.extend(self.record(&connection, kind, &remote_id)?);
        }
        Ok(records)
    }
}

impl Reader<'_> {
    /// The newest `enough` orders that fit what a person typed, and what must hold `also`.
    pub(crate) fn find(&self, text: &str, also: &[String], enough: u64) -> Result<Option<Found>, StoreError> {
        self.best(text, also, |query| self.newest(query, enough))
    }

    /// What the best query says about what a person typed, and about what must hold `also`. Whole words are enough if
    /// they find more than the caller wants to handle: only then are they asked alone, because the index walks them
    /// lazily, while words that may go on are collected first. Then the first that finds anything: the last word open,
    /// all words open, parts in a row (again whole if that is enough). `None` if there is nothing to look for.
    pub(crate) fn best<T: Hits>(
        &self,
        text: &str,
        also: &[String],
        ask: impl Fn(&str) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.write_index()?;
        let Some(typed) = Typed::parse(text) else { return Ok(None) };
        let with = |query: String| std::iter::once(query).chain(also.iter().cloned()).collect::<Vec<_>>().join(" AND ");
        let tries = [
            (Some(typed.whole()), true),
            (Some(typed.typing()), false),
            (Some(typed.beginning()), false),
            (typed.inside_whole(), true),
            (typed.inside(), false),
        ];
        let mut asked: Vec<(String, T)> = Vec::new();
        for (query, only_if_enough) in tries {
            let Some(query) = query.map(with) else { continue };
            // One word is the same from its beginning and while it is typed, a letter also whole.
            let hits = match asked.iter().position(|(known, _)| *known == query) {
                Some(at) => asked.swap_remove(at).1,
                None => ask(&query)?,
            };
            if hits.more() || (!only_if_enough && hits.any()) {
                return Ok(Some(hits));
            }
            asked.push((query, hits));
        }
        // Each that was asked found too little, and the last of them nothing.
        Ok(asked.pop().map(|(_, none)| none))
    }

    /// The newest `max` orders a query finds.
    pub(crate) fn newest(&self, query: &str, max: u64) -> Result<Found, StoreError> {
        const TRIED: &str = "search the orders";
        let mut statement = self
            .conn
            .prepare_cached("SELECT rowid FROM order_search WHERE order_search MATCH ?1 ORDER BY rowid DESC LIMIT ?2")
            .tried(TRIED)?;
        let rows = statement.query_map(rusqlite::params![query, max as i64 + 1], |row| row.get(0)).tried(TRIED)?;
        let mut newest: Vec<i64> = rows.collect::<Result<_, _>>().tried(TRIED)?;
        let more = newest.len() as u64 > max;
        newest.truncate(max as usize);
        Ok(Found { newest, more })
    }

    /// How many orders a query finds of which `sql` is true (one column, a row for each order found), up to one more
    /// than `max`. In one pass, because words that may go on are collected anew by each.
    pub(crate) fn hits(&self, sql: &Sql, max: u64) -> Result<Counted, StoreError> {
        const TRIED: &str = "count what a search finds";
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let mut rows = statement.query(params_from_iter(&sql.values)).tried(TRIED)?;
        let mut counted = Counted { found: 0, n: 0, max };
        while let Some(row) = rows.next().tried(TRIED)? {
            counted.found += 1;
            counted.n += u64::from(row.get::<_, bool>(0).tried(TRIED)?);
            if counted.n > max {
                break;
            }
        }
        Ok(counted)
    }
}

/// An index entry to be written.
pub(crate) struct Entry {
    doc: Doc,
    /// An older one stands in the index.
    replaces: bool,
}

impl Reader<'_> {
    /// Writes what waits to be indexed. Every search begins with it, so that a transaction
    /// finds what it wrote itself.
    pub(crate) fn write_index(&self) -> Result<(), StoreError> {
        if self.unindexed.borrow().is_empty() {
            return Ok(());
        }
        for (id, entry) in self.unindexed.take() {
            let tried = || format!("index order {}", entry.doc.0[0]);
            if entry.replaces {
                self.conn
                    .prepare_cached("DELETE FROM order_search WHERE rowid = ?1")
                    .tried(tried)?
                    .execute([id.0])
                    .tried(tried)?;
            }
            self.conn
                .prepare_cached(
                    "INSERT INTO order_search (number, customer, email, sku, tracking, place, remote, tag, country, rowid)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )
                .tried(tried)?
                .execute(params_from_iter(
                    entry.doc.0.iter().map(|text| text as &dyn rusqlite::ToSql).chain([&id.0 as &dyn rusqlite::ToSql]),
                ))
                .tried(tried)?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Brings the order's entry in the index up to date; `planned` is what is about to be planned for it. `Some` with the entry's hash, to be
    /// kept in the row, if it changed.
    pub(crate) fn index(
        &mut self,
        id: OrderId,
        order: &Order,
        planned: &[PlannedEffect],
        known_hash: Option<i64>,
    ) -> Result<Option<i64>, StoreError> {
        let places = self.places_told(id, planned)?;
        let doc = Doc::of(order, &self.linked_records(id)?).packed_at(&places).kept_as(&self.records_kept(id)?);
        let hash = doc.hash();
        if known_hash == Some(hash) {
            return Ok(None);
        }
        let mut unindexed = self.unindexed.borrow_mut();
        // Written twice in one transaction: what stands in the index is what stood there before both.
        let replaces = unindexed.get(&id).map_or(known_hash.is_some(), |waiting| waiting.replaces);
        unindexed.insert(id, Entry { doc, replaces });
        Ok(Some(hash))
    }

    /// The same for an order that has no row yet, and nothing linked to it. The entry's hash.
    pub(crate) fn index_new(&mut self, id: OrderId, doc: Doc) -> i64 {
        let hash = doc.hash();
        self.unindexed.borrow_mut().insert(id, Entry { doc, replaces: false });
        hash
    }
}

/// Which words the index holds. A build that puts others in goes over all entries once, piece by piece.
const WORDS: &str = "4";
/// Where the store notes how far that is: the words, and the last row that has them; `all` once every row has.
const INDEXED: &str = "search.indexed";
/// The note when it is over.
const ALL: &str = "all";

impl Reader<'_> {
    /// The last row that has the index's present words; `None` if all have.
    fn indexed_to(&self) -> Result<Option<OrderId>, StoreError> {
        let note = self.meta(INDEXED)?;
        Ok(match note.as_deref().and_then(|note| note.split_once('/')) {
            Some((WORDS, ALL)) => None,
            Some((WORDS, row)) => Some(OrderId(row.parse().unwrap_or(0))),
            // Never noted, or by a build with other words.
            _ => Some(OrderId(0)),
        })
    }
}

impl Reader<'_> {
    /// Entries of older orders still lack words that this build puts into the index, as the marks of warehouses and carriers.
    /// A store that was never gone over is one that this build began.
    pub fn is_still_indexing(&self) -> Result<bool, StoreError> {
        Ok(self.meta(INDEXED)?.is_some() && self.indexed_to()?.is_some())
    }
}

impl Store {
    /// Brings so many entries of the search index up to date with what this build puts into them. `false` once there is
    /// nothing to do: all but the first time at once.
    pub fn reindex(&self, orders: usize) -> Result<bool, StoreError> {
        if self.read(|reader| reader.indexed_to())?.is_none() {
            return Ok(false);
        }
        self.write(|tx| tx.reindex(orders))
    }
}

impl Tx<'_> {
    fn reindex(&mut self, limit: usize) -> Result<bool, StoreError> {
        const TRIED: &str = "bring the search index up to date";
        let Some(after) = self.indexed_to()? else { return Ok(false) };
        let rows: Vec<(OrderId, ConnectionId, String, i64)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id, connection_id, remote_id, search_hash FROM orders
                     WHERE id > ?1 AND search_hash IS NOT NULL ORDER BY id LIMIT ?2",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map(params![after.0, limit as i64], |row| {
                    Ok((OrderId(row.get(0)?), ConnectionId(row.get(1)?), row.get(2)?, row.get(3)?))
                })
                .tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        for (id, connection, remote_id, known_hash) in &rows {
            let Some(Record::Order(order)) = self.record(connection, RecordKind::Order, remote_id)? else { continue };
            if let Some(hash) = self.index(*id, &order, &[], Some(*known_hash))? {
                self.conn
                    .prepare_cached("UPDATE orders SET search_hash = ?2 WHERE id = ?1")
                    .tried(TRIED)?
                    .execute([id.0, hash])
                    .tried(TRIED)?;
            }
        }
        // New rows have the new words from the start.
        let more = rows.len() == limit;
        let to = rows.last().filter(|_| more).map_or_else(|| ALL.to_owned(), |(id, ..)| id.to_string());
        self.put_meta(INDEXED, &format!("{WORDS}/{to}"))?;
        if !more && !rows.is_empty() {
            // Lists that said that more would be found look once more.
            self.touch(Topic::Orders);
        }
        Ok(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_quoted_terms() {
        for (typed, query_text) in [
            ("anna berg", Some("\"anna\"* AND \"berg\"*")),
            ("HG-LAMP-S", Some("(\"HGLAMPS\"* OR \"HG LAMP S\")")),
            ("#1001", Some("(\"1001\"* OR \"id1001\")")),
            (
                "gid://shop/Order/77",
                Some("((\"gidshopOrder77\"* OR \"idgidshopOrder77\" OR \"id77\") OR \"gid shop Order 77\"*)"),
            ),
            ("label:456", Some("((\"label456\"* OR \"idlabel456\" OR \"id456\") OR \"label 456\"*)")),
            ("anna@example.com", Some("(\"annaexamplecom\"* OR \"anna example com\"*)")),
            ("a", Some("\"a\"")),
            ("東", Some("\"東\"*")),
            ("NOT (a OR \"b\"*) : {c", Some("\"NOT\"* AND \"a\" AND \"OR\"* AND \"b\" AND \"c\"")),
            ("", None),
            ("\" ' * ( ) : ^ - + NEAR(", Some("\"NEAR\"*")),
            ("\u{0}\u{1F600}", None),
        ] {
            assert_eq!(query(typed).as_deref(), query_text, "{typed}");
        }
    }

    #[test]
    fn a_name_is_marked_and_looked_for_the_same_way() {
        for (name, typed, found) in [
            ("Leipzig North", "leipzig north", true),
            ("Leipzig North", " LEIPZIG North ", true),
            ("Leipzig North", "leipzig", false),
            ("se-123", "SE-123", true),
            ("7", "gid://shop/Location/7", true),
            ("Quay: 3", "quay: 3", true),
            ("", "", false),
            (" ", "leipzig", false),
        ] {
            let mut text = String::new();
            add_mark(&mut text, PLACE_MARK, name);
            let holds =
                place(typed).is_some_and(|query| text.lines().any(|token| query == format!("tag : \"{token}\"")));
            assert_eq!(holds, found, "{typed} of {name}");
            // A carrier of the same name is another thing.
            assert!(!carrier(typed).is_some_and(|query| text.lines().any(|token| query.contains(token))), "{typed}");
        }
    }

    #[test]
    fn a_code_is_indexed_in_parts_and_whole() {
        let mut text = String::new();
        add_code(&mut text, "HG-LAMP-S");
        add_code(&mut text, "MUG");
        add_code(&mut text, "MUG");
        assert_eq!(text, "HG-LAMP-S\nHGLAMPS\nMUG");
        let mut text = String::new();
        add_email(&mut text, "anna.berg@example.com");
        add_email(&mut text, "not an address");
        assert_eq!(text, "anna.berg\nannabergexamplecom\nexamplecom\nnot an address");
    }

    #[test]
    fn ids_are_known_by_their_end() {
        assert_eq!(last_part("gid://shop/Order/123"), "123");
        assert_eq!(last_part("label:456"), "456");
        assert_eq!(last_part("789"), "789");
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_leaves_the_quotes(text in "\\PC{0,80}") {
            let Some(typed) = Typed::parse(&text) else { return Ok(()) };
            let all = [query(&text), Some(typed.whole()), Some(typed.typing()), Some(typed.beginning()), typed.inside(), typed.inside_whole()];
            for query in all.into_iter().flatten() {
                // Outside quotes stand only our own words.
                let outside: String = query.split('"').step_by(2).collect();
                let ours = outside.replace("AND", "").replace("OR", "");
                proptest::prop_assert!(ours.chars().all(|c| " *()".contains(c)), "{query}");
                let inside: Vec<&str> = query.split('"').skip(1).step_by(2).collect();
                proptest::prop_assert!(inside.len() <= 4 * WORDS_MAX);
                for term in inside {
                    proptest::prop_assert!(term.chars().all(|c| c.is_alphanumeric() || c == ' '), "{query}");
                    proptest::prop_assert!(!term.trim().is_empty());
                }
            }
        }
    }
}
