//! Products: what stores list is compared with what hubs have whenever either changed.
//!
//! All of them are gone through at once, outside any transaction, and what follows is written in small ones; how far that is
//! stands in a note, so that a program that ends half way goes through them again. What is planned already is known by its
//! product, so nothing is planned twice.

use crate::ingest::ingest;
use crate::policy::shapers_note;
use quayside_connectors::platform;
use quayside_flows::products::{self, Catalogue};
use quayside_flows::{Peer, Policy};
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{
    ConnectionId, EffectId, EffectState, Finding, Incoming, Page, PlannedWrite, Product, Record, RecordKind, Role,
};
use quayside_store::{Reader, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const NOTE: &str = "catalogue_looked_at";
/// A list that is being read changes page by page; it is not gone through for each.
const PAUSE_MS: i64 = 2 * MINUTE_MS;
/// Changes per transaction: few enough that a person's write never waits long.
const AT_ONCE: usize = 100;
/// Products of one account that are looked at. Of a longer list it would not be known what is not in it.
const PRODUCTS_MAX: usize = 50_000;
/// What a list does not name any more is looked for once a day.
const GONE_EVERY_MS: i64 = 20 * HOUR_MS;
/// So many that are gone at once are believed of any list; more only if no more are gone than it names.
const GONE_MOST: usize = 10;
/// More than can stand in an outbox.
const ALL: usize = usize::MAX >> 1;

/// What is to be done and said about products.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProductsDecided {
    /// New changes, at most one per product and account.
    pub writes: Vec<PlannedWrite>,
    /// Changes not sent yet that newer knowledge makes pointless.
    pub overtaken: Vec<(EffectId, String)>,
    /// What needs a person, with the account it is about.
    pub findings: Vec<(ConnectionId, Finding)>,
    /// Products that a hub does not have and makes none of, by hub: they reach it on the lines of orders.
    pub on_lines: BTreeMap<ConnectionId, usize>,
}

/// Everything a look depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    /// Settings, accounts and the table of aliases.
    word: String,
    /// What is known of products.
    stamp: String,
    /// When it was looked at, ms UTC.
    at_ms: i64,
}

impl Note {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let (word, stamp) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        Some(Self { word, stamp, at_ms: parts.next()?.parse().ok()? })
    }

    fn now(reader: &Reader<'_>, policy: &Policy, now_ms: i64) -> Result<Self, StoreError> {
        let short = |text: &str| blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        let automation = policy.automation(products::ID);
        let mut word = format!("{:?} {:?} {:?}", automation.mode, automation.settings, shapers_note(reader)?);
        let mut stamp = reader.catalogue_changes()?.to_string();
        for peer in products::concerned(policy) {
            // Writing to a text does not fail.
            let kept = (peer.products, products::is_written(peer));
            let _ = write!(word, "\n{} {} {:?} {kept:?}", peer.id, peer.name, peer.hub);
            let read_ms = read_ms(reader, peer)?;
            // What a store lists is known by its changes; that a hub was read again tells what it did not keep.
            let read_ms = if peer.roles.contains(&Role::Channel) { read_ms.map(|_| 0) } else { read_ms };
            let _ = write!(stamp, "\n{} {read_ms:?}", peer.id);
        }
        Ok(Self { word: short(&word), stamp: short(&stamp), at_ms: now_ms })
    }

    fn text(&self) -> String {
        format!("{} {} {}", self.word, self.stamp, self.at_ms)
    }
}

/// Looks at all products if anything about them changed; how many changes that planned. `None`: nothing is due.
pub(crate) fn look(store: &Store, policy: &Policy, now_ms: i64) -> Result<Option<usize>, StoreError> {
    let known = store.read(|r| r.meta(NOTE))?.unwrap_or_default();
    if !products::acts(policy) {
        if !known.is_empty() {
            store.write(|tx| {
                tx.put_product_findings(&[], now_ms)?;
                tx.put_meta(NOTE, "")
            })?;
        }
        return Ok(None);
    }
    let note = store.read(|r| Note::now(r, policy, now_ms))?;
    if let Some(known) = Note::parse(&known).filter(|known| known.word == note.word) {
        let lately = (0..PAUSE_MS).contains(&(now_ms - known.at_ms));
        if lately || known.stamp == note.stamp {
            return Ok(None);
        }
    }
    let decided = store.read(|r| decide_products(r, policy))?;
    for overtaken in decided.overtaken.chunks(AT_ONCE) {
        store.write(|tx| tx.put_products(&[], overtaken, now_ms))?;
    }
    store.write(|tx| tx.put_product_findings(&decided.findings, now_ms))?;
    let mut planned = 0;
    for writes in decided.writes.chunks(AT_ONCE) {
        planned += store.write(|tx| tx.put_products(writes, &[], now_ms))?;
    }
    store.write(|tx| tx.put_meta(NOTE, &note.text()))?;
    Ok(Some(planned))
}

/// What is to be done and said about all products now.
pub fn decide_products(reader: &Reader<'_>, policy: &Policy) -> Result<ProductsDecided, StoreError> {
    let catalogue = catalogue(reader, policy)?;
    let mut decided =
        ProductsDecided { on_lines: products::left_to_orders(&catalogue, policy), ..ProductsDecided::default() };
    let mut meant: BTreeSet<(ConnectionId, String)> = BTreeSet::new();
    for wanted in products::wanted(&catalogue, policy) {
        let (past, planned) = reader.product_changes(&wanted.hub, &wanted.subject)?;
        let read_ms = catalogue.read_ms.get(&wanted.hub).copied();
        let one = products::decide(&wanted, &past, planned, read_ms, policy);
        decided.writes.extend(one.write);
        decided.overtaken.extend(one.overtaken);
        decided.findings.extend(one.findings.into_iter().map(|finding| (wanted.hub.clone(), finding)));
        if wanted.draft.is_some() {
            meant.insert((wanted.hub, wanted.subject));
        }
    }
    for state in [EffectState::Asked, EffectState::Pending, EffectState::Refused] {
        for effect in reader.effects_standing(Some(products::ID), state, ALL)? {
            let Some(subject) = effect.subject else { continue };
            if !meant.contains(&(effect.connection, subject)) {
                decided.overtaken.push((effect.id, "nothing of it differs there".to_owned()));
            }
        }
    }
    Ok(decided)
}

/// All products of the accounts that matter.
pub(crate) fn catalogue(reader: &Reader<'_>, policy: &Policy) -> Result<Catalogue, StoreError> {
    let mut catalogue = Catalogue::default();
    for peer in products::concerned(policy) {
        let Some(read_ms) = read_ms(reader, peer)? else { continue };
        let all = products_of(reader, &peer.id)?;
        if all.len() > PRODUCTS_MAX {
            tracing::warn!(connection.id = %peer.id, products = all.len(), "the list of products is too long to be compared");
            continue;
        }
        catalogue.read_ms.insert(peer.id.clone(), read_ms);
        let all = all.into_iter().map(|product| (peer.id.clone(), product));
        if peer.roles.contains(&Role::Channel) {
            catalogue.listed.extend(all);
        } else {
            catalogue.held.extend(all);
        }
    }
    Ok(catalogue)
}

fn products_of(reader: &Reader<'_>, account: &ConnectionId) -> Result<Vec<Product>, StoreError> {
    let (mut all, mut after) = (Vec::new(), 0);
    while all.len() <= PRODUCTS_MAX {
        let piece = reader.records_of_kind(account, RecordKind::Product, after, 1_000)?;
        let Some((last, _)) = piece.last() else { break };
        after = *last;
        all.extend(piece.into_iter().filter_map(|(_, record)| match record {
            Record::Product(product) => Some(product),
            _ => None,
        }));
    }
    Ok(all)
}

/// Name of the note that says when a list of products was last read to its end, ms UTC. A stream's own time moves with
/// every page, and of a list that is read in part it is not known what is not in it.
pub(crate) fn read_note(account: &ConnectionId, stream: &str) -> String {
    format!("products_read:{account}/{stream}")
}

/// Name of the note that says when it was last looked for what a list does not name any more, ms UTC.
fn gone_note(account: &ConnectionId, stream: &str) -> String {
    format!("products_gone:{account}/{stream}")
}

/// A list of products came to its end and named `rows` of them since `begun_ms`: those it did not name were deleted there
/// and are sold no more. Once a day; how many that were. A list that named nothing is not believed, nor one of which most is
/// missing: that is another store, or a list that is made anew.
pub(crate) fn mark_gone(
    store: &Store,
    policy: &Policy,
    (account, stream): (&ConnectionId, &str),
    (begun_ms, rows): (i64, usize),
    now_ms: i64,
) -> Result<usize, StoreError> {
    let note = gone_note(account, stream);
    let last_ms = store.read(|r| r.meta(&note))?.and_then(|at_ms| at_ms.parse::<i64>().ok());
    if rows == 0 || last_ms.is_some_and(|last_ms| (0..GONE_EVERY_MS).contains(&(now_ms - last_ms))) {
        return Ok(0);
    }
    let unseen = store.read(|r| r.records_unseen(account, RecordKind::Product, begun_ms))?;
    let gone: Vec<Incoming> = unseen
        .into_iter()
        .filter_map(|record| match record {
            Record::Product(product) if product.active => Some(Product { active: false, ..product }),
            _ => None,
        })
        .map(|product| Incoming { record: Record::Product(product), raw: "{}".to_owned() })
        .collect();
    let count = gone.len();
    if count > rows.max(GONE_MOST) {
        tracing::warn!(connection.id = %account, count, "most products are not listed any more; they are left as they were");
        store.write(|tx| tx.put_meta(&note, &now_ms.to_string()))?;
        return Ok(0);
    }
    for some in gone.chunks(AT_ONCE) {
        let page = Page {
            records: some.to_vec(),
            unreadable: vec![],
            mended: vec![],
            cursor: serde_json::Value::Null,
            next: None,
            total: None,
            findings: None,
            asked: true,
        };
        ingest(store, policy, account, RecordKind::Product, &page, None, now_ms)?;
    }
    store.write(|tx| tx.put_meta(&note, &now_ms.to_string()))?;
    Ok(count)
}

/// When an account's products were last read to their end, ms UTC; `None`: they never were.
fn read_ms(reader: &Reader<'_>, peer: &Peer) -> Result<Option<i64>, StoreError> {
    let streams = platform(&peer.platform).map_or(&[][..], |platform| platform.declaration.streams);
    let mut lists = streams.iter().filter(|decl| decl.record == RecordKind::Product).peekable();
    if lists.peek().is_none() {
        // A store that lists none: there is nothing to be waited for.
        return Ok(peer.roles.contains(&Role::Channel).then_some(0));
    }
    let mut read = Vec::new();
    for decl in lists {
        let note = reader.meta(&read_note(&peer.id, decl.name))?;
        read.extend(note.and_then(|at_ms| at_ms.parse::<i64>().ok()));
    }
    Ok(read.into_iter().min())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::policy::load;
    use quayside_model::{
        Account, Cause, ConnectionConfig, Currency, ExceptionId, FACT_PRODUCTS, IntentKind, Mode, Refusal,
    };
    use quayside_store::{AutomationRow, ExceptionFilter, Settlement, StreamState};

    const NOW: i64 = 1_800_000_000_000;

    fn shop() -> ConnectionId {
        ConnectionId::new("shop")
    }

    fn hub() -> ConnectionId {
        ConnectionId::new("hub")
    }

    fn product(id: &str, weight_g: f64) -> Record {
        Record::Product(Product {
            remote_id: id.into(),
            item_id: None,
            sku: "MUG".into(),
            listing_code: None,
            name: "Mug".into(),
            variant: String::new(),
            barcode: None,
            weight_g: Some(weight_g),
            price_minor: None,
            currency: Some(Currency::new("EUR")),
            active: true,
            updated_at_ms: 1,
        })
    }

    /// A store and a hub, both read to the end; the store's mug weighs 350 g, the hub's 300 g.
    fn desk(mode: Mode) -> Store {
        let store = Store::in_memory();
        let account = |id: ConnectionId, platform: &str, facts: &[(&str, &str)]| ConnectionConfig {
            name: id.to_string(),
            id,
            platform: platform.into(),
            way: String::new(),
            fields: BTreeMap::new(),
            base_url: None,
            account: Account {
                facts: facts.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect(),
                ..Account::default()
            },
            settings: BTreeMap::new(),
            paused: false,
            created_at_ms: 0,
        };
        store
            .write(|tx| {
                tx.put_connection(&account(shop(), "shopify", &[]))?;
                tx.put_connection(&account(hub(), "shipstation", &[(FACT_PRODUCTS, "known")]))?;
                let settings = serde_json::json!({});
                tx.put_automation(&AutomationRow { id: products::ID.into(), mode, go_live_ms: None, settings })?;
                for (id, record) in [(shop(), product("7", 350.0)), (hub(), product("70", 300.0))] {
                    tx.put_meta(&read_note(&id, "products"), &NOW.to_string())?;
                    tx.put_record(&id, &Incoming { record, raw: "{}".into() }, NOW)?;
                }
                Ok(())
            })
            .unwrap();
        store
    }

    fn looks(store: &Store, now_ms: i64) -> Option<usize> {
        let policy = store.read(load).unwrap();
        look(store, &policy, now_ms).unwrap()
    }

    fn standing(store: &Store, state: EffectState) -> Vec<String> {
        let found = store.read(|r| r.effects_standing(None, state, 100)).unwrap();
        found.into_iter().map(|effect| effect.sentence).collect()
    }

    #[test]
    fn what_differs_is_planned_once_and_taken_back_when_it_is_settled_otherwise() {
        let store = desk(Mode::Ask);
        assert_eq!((looks(&store, NOW), looks(&store, NOW + 1)), (Some(1), None));
        let planned = ["Bring MUG up to date at hub: weight 350 g (12.35 oz)"];
        assert_eq!(standing(&store, EffectState::Asked), planned);
        let again = |weight_g: f64, now_ms: i64| {
            store
                .write(|tx| {
                    let incoming = Incoming { record: product("70", weight_g), raw: "{}".into() };
                    tx.put_record(&hub(), &incoming, now_ms)?;
                    tx.mark_catalogue()
                })
                .unwrap();
        };
        // Something else changed: the same change waits, and not a second one.
        again(310.0, NOW + 1);
        assert_eq!(looks(&store, NOW + 2), None, "a list that is being read is waited for");
        assert_eq!(looks(&store, NOW + PAUSE_MS + 1), Some(0));
        assert_eq!(standing(&store, EffectState::Asked), planned);
        // Somebody wrote it there by hand.
        again(350.0, NOW + PAUSE_MS + 2);
        assert_eq!(looks(&store, NOW + 3 * PAUSE_MS), Some(0));
        assert_eq!(standing(&store, EffectState::Asked), [""; 0]);
    }

    #[test]
    fn what_a_hub_takes_not_is_an_entry_until_it_does_or_somebody_entered_it() {
        let store = desk(Mode::Auto);
        let takes = |performs: Option<Vec<IntentKind>>| {
            let mut config = store.read(|r| r.connection(&hub())).unwrap().unwrap();
            config.account.performs = performs;
            store.write(|tx| tx.put_connection(&config)).unwrap();
        };
        let told = || -> Vec<(ExceptionId, String)> {
            let filter = ExceptionFilter { cause: Some(Cause::ChangeByHand), ..ExceptionFilter::default() };
            let page = store.read(|r| r.exception_page(&filter, None, 10)).unwrap();
            page.items.into_iter().map(|item| (item.finding.id, item.finding.sentence)).collect()
        };
        takes(Some(vec![]));
        assert_eq!(looks(&store, NOW), Some(0));
        let first = told();
        assert!(first.len() == 1 && first[0].1.contains("Change MUG there: weight 350 g"), "{first:?}");
        let things = BTreeSet::from([(hub(), "product:mug".to_owned()), (hub(), "70:1".to_owned())]);
        let policy = store.read(load).unwrap();
        let typed = store.read(|r| crate::things_by_hand(r, &policy, &things, NOW)).unwrap();
        assert_eq!(typed.into_keys().collect::<Vec<_>>(), [(hub(), "product:mug".to_owned())]);
        // Marked as done: nothing is asked for again until there is something else to enter.
        let changed = |weight_g: f64, now_ms: i64| {
            store
                .write(|tx| {
                    let incoming = Incoming { record: product("7", weight_g), raw: "{}".into() };
                    tx.put_record(&shop(), &incoming, now_ms)?;
                    tx.mark_catalogue()
                })
                .unwrap();
        };
        store.write(|tx| tx.resolve_finding(first[0].0, NOW + 1)).unwrap();
        changed(350.0, NOW + 1);
        assert_eq!((looks(&store, NOW + PAUSE_MS + 1), told().len()), (Some(0), 0));
        changed(400.0, NOW + PAUSE_MS + 2);
        assert_eq!((looks(&store, NOW + 3 * PAUSE_MS), told().len()), (Some(0), 1));
        assert!(told()[0].1.contains("weight 400 g"), "{:?}", told());
        // The account learns it: the entry ends, and the change is planned.
        takes(None);
        assert_eq!((looks(&store, NOW + 6 * PAUSE_MS), told().len()), (Some(1), 0));
    }

    #[test]
    fn what_is_refused_is_told_until_it_is_over() {
        let store = desk(Mode::Auto);
        assert_eq!(looks(&store, NOW), Some(1));
        let told = || -> Vec<Cause> {
            store.read(|r| r.exception_counts()).unwrap().into_iter().map(|group| group.cause).collect()
        };
        assert_eq!(told(), []);
        store
            .write(|tx| {
                let claimed = tx.claim(&hub(), NOW, &|_| 1)?;
                assert_eq!(claimed[0].intent.kind(), IntentKind::PutProduct);
                let refusal = Refusal::new(Cause::ContentRefused, "No.");
                tx.settle(claimed[0].id, &Settlement::Refused(refusal), NOW + 1, 5)?;
                tx.mark_subject(&hub(), claimed[0].subject.as_deref().unwrap(), NOW + 1)
            })
            .unwrap();
        assert_eq!(looks(&store, NOW + PAUSE_MS), Some(0));
        assert_eq!(told(), [Cause::ContentRefused]);
        let row = AutomationRow {
            id: products::ID.into(),
            mode: Mode::Off,
            go_live_ms: None,
            settings: serde_json::json!({}),
        };
        store.write(|tx| tx.put_automation(&row)).unwrap();
        assert_eq!((looks(&store, NOW + 3 * PAUSE_MS), told().len()), (None, 0));
    }

    #[test]
    fn a_list_that_was_not_read_to_its_end_says_nothing() {
        for account in [shop(), hub()] {
            let store = desk(Mode::Auto);
            store
                .write(|tx| {
                    tx.put_meta(&read_note(&account, "products"), "")?;
                    // Pages of it came, and more are to come.
                    tx.put_stream(&StreamState { last_ok_at_ms: Some(NOW), ..StreamState::new(&account, "products") })
                })
                .unwrap();
            assert_eq!(looks(&store, NOW), Some(0), "{account}");
        }
    }

    /// What a whole list does not name was deleted. Never after a list of nothing, and once a day.
    #[test]
    fn what_a_whole_list_does_not_name_is_sold_no_more() {
        let named = |id: &str| {
            let Record::Product(product) = product(id, 350.0) else { panic!() };
            Record::Product(Product { sku: format!("SKU-{id}"), ..product })
        };
        let active = |store: &Store| -> Vec<String> {
            let all = store.read(|r| products_of(r, &shop())).unwrap();
            all.into_iter().filter(|product| product.active).map(|product| product.remote_id).collect()
        };
        let (day_ms, listed) = (24 * HOUR_MS, ["1", "2", "3"]);
        let read = |store: &Store, ids: &[&str], at_ms: i64| {
            for id in ids {
                let incoming = Incoming { record: named(id), raw: "{}".into() };
                store.write(|tx| tx.put_record(&shop(), &incoming, at_ms)).unwrap();
            }
        };
        for (what, begun_ms, rows, expected) in [
            ("a whole list a day later", NOW + day_ms, 2, vec!["1", "2"]),
            ("a list of nothing", NOW + day_ms, 0, vec!["1", "2", "3"]),
            ("a list that began before it was last seen", NOW - 1, 2, vec!["1", "2", "3"]),
            ("seen so lately that it was not noted again", NOW + 10 * MINUTE_MS, 2, vec!["1", "2", "3"]),
        ] {
            let store = Store::in_memory();
            read(&store, &listed, NOW);
            read(&store, &listed[..2], NOW + day_ms);
            let policy = Policy::default();
            let sweep = |begun_ms: i64, now_ms: i64| {
                mark_gone(&store, &policy, (&shop(), "products"), (begun_ms, rows), now_ms).unwrap()
            };
            assert_eq!(sweep(begun_ms, NOW + day_ms), listed.len() - expected.len(), "{what}");
            assert_eq!(active(&store), expected, "{what}");
            if rows == 0 || expected.len() == listed.len() {
                continue;
            }
            // It is listed again: it is sold again, and looked for tomorrow.
            read(&store, &["3"], NOW + day_ms + 1);
            assert_eq!(active(&store).len(), 3, "{what}");
            let later_ms = NOW + day_ms + 2 * HOUR_MS;
            assert_eq!((sweep(later_ms, later_ms), active(&store).len()), (0, 3), "{what}: once a day");
        }
    }

    /// The app was put into another store: nothing of the first one is there.
    #[test]
    fn a_list_that_lacks_most_is_not_believed() {
        for (known, named, gone) in [(12, 1, 0), (11, 1, 10), (30, 15, 15), (31, 15, 0)] {
            let store = Store::in_memory();
            let at_ms = NOW + 24 * HOUR_MS;
            store
                .write(|tx| {
                    for n in 0..known {
                        let Record::Product(one) = product(&n.to_string(), 350.0) else { panic!() };
                        let record = Record::Product(Product { sku: format!("SKU-{n}"), ..one });
                        let seen_ms = if n < named { at_ms } else { NOW };
                        tx.put_record(&shop(), &Incoming { record, raw: "{}".into() }, seen_ms)?;
                    }
                    Ok(())
                })
                .unwrap();
            let said = mark_gone(&store, &Policy::default(), (&shop(), "products"), (at_ms, named), at_ms).unwrap();
            assert_eq!(said, gone, "{named} of {known}");
        }
    }

    #[test]
    fn while_it_is_watched_or_off_nothing_is_looked_at() {
        for mode in [Mode::Off, Mode::Watch] {
            let store = desk(mode);
            assert_eq!((looks(&store, NOW), standing(&store, EffectState::Asked).len()), (None, 0), "{mode:?}");
            // What would be done is told to whoever asks.
            let policy = store.read(load).unwrap();
            assert_eq!(store.read(|r| decide_products(r, &policy)).unwrap().writes.len(), 1, "{mode:?}");
        }
    }
}
