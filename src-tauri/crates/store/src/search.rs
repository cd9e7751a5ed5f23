//! Full-text search over orders: what is indexed, and how a person's words become
//! a query. No syntax of the index can be typed: words are taken apart here and
//! come back as quoted terms.

use crate::error::{StoreError, Tried};
use crate::pack::hash8;
use crate::store::{Reader, Tx};
use quayside_model::{Order, OrderId, Record};
use rusqlite::params_from_iter;

/// More words than anybody types; the rest is not looked at.
const WORDS_MAX: usize = 12;
/// Longer pieces are cut: no number, SKU or name is longer.
const PIECE_CHARS_MAX: usize = 64;

/// The columns of the index, in its order.
pub(crate) struct Doc([String; 9]);

impl Doc {
    pub fn of(order: &Order, linked: &[Record]) -> Self {
        let mut number = order.number.clone();
        let mut customer = String::new();
        let mut email = String::new();
        let mut place = String::new();
        let mut country = String::new();
        let mut sku = String::new();
        let mut tracking = String::new();
        let mut remote = last_part(&order.remote_id).to_owned();
        if let Some(buyer) = &order.customer {
            add(&mut customer, &buyer.name);
            add(&mut email, &buyer.email);
        }
        for address in [&order.ship_to, &order.bill_to].into_iter().flatten() {
            add(&mut customer, &address.name);
            add(&mut customer, &address.company);
        }
        if let Some(address) = &order.ship_to {
            add(&mut place, &address.city);
            add(&mut place, &address.postcode);
            add(&mut country, &address.country);
        }
        for line in &order.lines {
            add(&mut sku, &line.sku);
        }
        for fulfillment in &order.fulfillments {
            for tracking_number in &fulfillment.tracking_numbers {
                add(&mut tracking, tracking_number);
            }
        }
        for record in linked {
            match record {
                Record::HubOrder(hub) => {
                    add(&mut number, &hub.number);
                    add(&mut remote, last_part(&hub.remote_id));
                }
                Record::Parcel(parcel) => {
                    add(&mut tracking, &parcel.tracking_number);
                    add(&mut remote, last_part(&parcel.remote_id));
                }
                Record::Order(_) => {}
            }
        }
        let tag = order.tags.join(" ");
        Self([number, customer, email, sku, tracking, place, remote, tag, country])
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

/// The telling end of a platform's id: `gid://shop/Order/123` is known as `123`.
fn last_part(remote_id: &str) -> &str {
    remote_id.rsplit(['/', ':']).next().unwrap_or(remote_id)
}

/// A query from what a person typed; `None` if there is nothing to look for.
///
/// Every word must be found somewhere in the order. A word with punctuation in it
/// (`HG-LAMP-S`, `anna@example.com`) is looked for as its parts in a row; the last
/// part may be the beginning of what is indexed.
pub(crate) fn query(text: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().filter_map(term).take(WORDS_MAX).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The same for one column and whole words, for tags and countries.
pub(crate) fn exact(column: &'static str, text: &str) -> Option<String> {
    let pieces = pieces(text);
    (!pieces.is_empty()).then(|| format!("{column} : \"{}\"", pieces.join(" ")))
}

/// The same for the beginning of a word: the last piece may go on.
pub(crate) fn beginning(column: &'static str, text: &str) -> Option<String> {
    let pieces = pieces(text);
    (!pieces.is_empty()).then(|| format!("{column} : \"{}\" *", pieces.join(" ")))
}

fn term(word: &str) -> Option<String> {
    let pieces = pieces(word);
    let last = pieces.last()?;
    // One Latin letter begins half the index; one ideograph is a word.
    let prefix = last.chars().nth(1).is_some() || !last.is_ascii();
    Some(format!("\"{}\"{}", pieces.join(" "), if prefix { "*" } else { "" }))
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
    /// Records linked to an order, for its index entry.
    pub(crate) fn linked_records(&self, order: OrderId) -> Result<Vec<Record>, StoreError> {
        let mut records = Vec::new();
        for (connection, kind, remote_id) in self.links_of(order)? {
            records.extend(self.record(&connection, kind, &remote_id)?);
        }
        Ok(records)
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
    /// Brings the order's entry in the index up to date. `Some` with the entry's hash, to be
    /// kept in the row, if it changed.
    pub(crate) fn index(
        &mut self,
        id: OrderId,
        order: &Order,
        known_hash: Option<i64>,
    ) -> Result<Option<i64>, StoreError> {
        let doc = Doc::of(order, &self.linked_records(id)?);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_quoted_terms() {
        for (typed, query_text) in [
            ("anna berg", Some("\"anna\"* \"berg\"*")),
            ("HG-LAMP-S", Some("\"HG LAMP S\"")),
            ("#1001", Some("\"1001\"*")),
            ("anna@example.com", Some("\"anna example com\"*")),
            ("a", Some("\"a\"")),
            ("東", Some("\"東\"*")),
            ("NOT (a OR \"b\"*) : {c d}", Some("\"NOT\"* \"a\" \"OR\"* \"b\" \"c\" \"d\"")),
            ("", None),
            ("\" ' * ( ) : ^ - + NEAR(", Some("\"NEAR\"*")),
            ("\u{0}\u{1F600}", None),
        ] {
            assert_eq!(query(typed).as_deref(), query_text, "{typed}");
        }
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
            let Some(query) = query(&text) else { return Ok(()) };
            // Outside quotes stand only blanks and the prefix mark right behind a quote.
            let outside: String = query.split('"').step_by(2).collect();
            proptest::prop_assert!(outside.chars().all(|c| c == ' ' || c == '*'), "{query}");
            let inside: Vec<&str> = query.split('"').skip(1).step_by(2).collect();
            proptest::prop_assert!(inside.len() <= WORDS_MAX);
            for term in inside {
                proptest::prop_assert!(term.chars().all(|c| c.is_alphanumeric() || c == ' '), "{query}");
                proptest::prop_assert!(!term.trim().is_empty());
            }
        }
    }
}
