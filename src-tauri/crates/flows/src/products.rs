//! Products from the stores to the hub that packs them: what is new is made there, what changed is brought up to date.
//!
//! Every store that lists a SKU says what it knows of it; what they agree on is compared with what the hub shows, and only
//! what differs is written. What no store knows is never written, and what they say differently is not either: it is an
//! exception that shows each one's word, unless somebody chose whose word holds. The table of SKU aliases holds here as it
//! does for orders; a bundle is no product of the hub's, its parts are.
//!
//! What was written once is not written again because the hub shows something else later: then somebody changed it there.
//! So nothing circles, and a hub's own correction stays. A hub that makes no products gets the facts of new ones on the
//! lines of the orders.
//!
//! Left out: dimensions. No hub says in which unit it keeps them, and a guess would be printed on labels.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::alias::fold;
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Cause, ConnectionId, EffectId, EffectState, Finding, Intent, IntentKind, Mode, Money, PRODUCT_SUBJECT, PastEffect,
    PlannedWrite, Product, ProductDraft, ProductFacts, ProductKeeping, RecordKind, Role, SettingDecl, SettingKind,
    same_weight,
};
use std::collections::{BTreeMap, BTreeSet};

/// Stable word.
pub const ID: &str = "products";
/// Setting: the store whose word holds where stores differ.
pub const TRUTH: &str = "product_truth";
const NAME: &str = "product_name";
const BARCODE: &str = "product_barcode";
const WEIGHT: &str = "product_weight";
const PRICE: &str = "product_price";
const ACTIVE: &str = "product_active";

/// A list that was read so long after a write would show it.
const SHOWN_WITHIN_MS: i64 = 30 * MINUTE_MS;
/// Answered so often and not there, it is no accident any more.
const OFTEN: usize = 3;
/// Grams of an ounce.
const OUNCE_G: f64 = 28.349_523_125;

const fn toggle(name: &'static str, label: &'static str, help: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Toggle, default: "true" }
}

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Products to the hub",
    summary: "Makes products of your stores at the shipping account and keeps name, barcode, weight, price and whether they are sold up to date there. Off until you switch it on; writes only what differs and what it knows. Where the account makes no new products, their facts travel on the lines of orders as before, and only those it has are changed. It looks at all products, whatever the go-live line.",
    examples: &[
        ("A product is new in the store.", "It is made at the hub with its SKU, name, barcode, weight and price."),
        (
            "The hub makes no products of its own accord.",
            "Nothing is planned for a new one: its facts travel on the order's lines, and the hub makes it of the first.",
        ),
        (
            "Its weight becomes 350 g in the store; the hub shows 300 g.",
            "350 g (12.35 oz) is written there; nothing else of the product is touched.",
        ),
        (
            "The hub is of a kind that takes products, and this account takes none from outside.",
            "An exception per product says what to enter there, once; it ends when the account's list shows it.",
        ),
        ("The store does not know its weight.", "The weight the hub has stays."),
        (
            "Two stores sell one SKU with two weights.",
            "Neither is written; an exception shows both, unless you chose whose word holds.",
        ),
        ("Your table of aliases calls it by another SKU at the hub.", "The hub's product of that SKU is meant."),
        ("Every store has switched it off.", "It is switched off at the hub."),
        ("Somebody corrects the weight at the hub.", "That stays until the store says something new."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Product), Need::Performs(Role::Hub, IntentKind::PutProduct)],
    undo: "The activity shows what stood there before; write it back at the hub. A product that was made there can only be switched off there.",
    settings: &[
        SettingDecl {
            name: TRUTH,
            label: "Whose word holds",
            help: "The store whose facts are taken where stores differ. Without a choice they have to agree, else it is an exception.",
            kind: SettingKind::Text,
            default: "",
        },
        toggle(NAME, "Name", "Two stores may call it differently: then the hub keeps the one of the two it has."),
        toggle(BARCODE, "Barcode", "Scanners at the packing table go by it."),
        toggle(WEIGHT, "Weight", "Shown in grams and in ounces, whichever the account counts in."),
        toggle(PRICE, "Price", "Only where the account takes it with its currency."),
        toggle(ACTIVE, "Whether it is sold", "It is switched off at the hub once no store sells it any more."),
    ],
    look,
};

// Its work is done SKU by SKU, in `wanted` and `decide`.
fn look(_: &mut Look<'_>) {}

/// What is known of products.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// What stores list.
    pub listed: Vec<(ConnectionId, Product)>,
    /// What hubs have.
    pub held: Vec<(ConnectionId, Product)>,
    /// When an account's list was last read to its end, ms UTC. One that never was says nothing.
    pub read_ms: BTreeMap<ConnectionId, i64>,
}

/// What a hub is to know of one SKU.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The hub.
    pub hub: ConnectionId,
    /// What a change of it is about: one at a time.
    pub subject: String,
    /// The SKU, as it is written there.
    pub sku: String,
    /// What is to be written; `None`: nothing.
    pub draft: Option<ProductDraft>,
    /// What stores do not agree on, each a part of a sentence.
    pub differ: Vec<String>,
}

/// What one listing says.
struct Says<'a> {
    store: &'a Peer,
    sku: String,
    facts: ProductFacts,
}

/// It may write, after a click or by itself.
#[must_use]
pub fn acts(policy: &Policy) -> bool {
    matches!(policy.automation(ID).mode, Mode::Ask | Mode::Auto)
}

/// Accounts whose lists of products decide something.
pub fn concerned(policy: &Policy) -> impl Iterator<Item = &Peer> {
    policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel) || is_kept(peer))
}

/// Its products are changed from outside, or by somebody who is told what to enter there.
#[must_use]
pub fn is_kept(peer: &Peer) -> bool {
    is_written(peer) || is_by_hand(peer)
}

/// Accounts of its platform take products, and this one does not: somebody enters them there.
fn is_by_hand(peer: &Peer) -> bool {
    peer.takes_by_hand(IntentKind::PutProduct)
}

/// What may be written there. Of what a person enters, a price only where the account shows one: else nobody could tell that
/// it is there.
fn keeping(hub: &Peer, there: &[&Product]) -> ProductKeeping {
    let shows_price = there.is_empty() || there.iter().any(|product| product.price_minor.is_some());
    match hub.products {
        _ if is_by_hand(hub) => ProductKeeping { makes: true, changes: true, price: shows_price },
        known => known.unwrap_or_default(),
    }
}

/// Its products are changed from outside.
#[must_use]
pub fn is_written(peer: &Peer) -> bool {
    peer.roles.contains(&Role::Hub) && peer.performs.contains(&IntentKind::PutProduct) && peer.products.is_some()
}

/// The SKU a listing has at the hub; `None`: it has none, or it is a bundle.
fn sku_at_hub(policy: &Policy, store: &ConnectionId, product: &Product) -> Option<String> {
    let aliased = policy
        .automations
        .get(crate::sku_aliases::ID)
        .is_some_and(|aliases| matches!(aliases.mode, Mode::Ask | Mode::Auto));
    let parts = policy.shapers.aliases.parts_by_name(store, &product.sku, Some(&product.remote_id));
    let sku = match parts.filter(|_| aliased) {
        Some([one]) if one.quantity == 1 => one.sku.trim(),
        Some(_) => return None,
        None => product.sku.trim(),
    };
    (!sku.is_empty()).then(|| sku.to_owned())
}

/// What every hub is to know, SKU by SKU; only those of which something is to be written or said.
#[must_use]
pub fn wanted(catalogue: &Catalogue, policy: &Policy) -> Vec<Wanted> {
    let hub_of: BTreeMap<&ConnectionId, &Peer> = policy
        .peers
        .values()
        .filter(|peer| peer.roles.contains(&Role::Channel) && catalogue.read_ms.contains_key(&peer.id))
        .filter_map(|store| Some((&store.id, policy.hub_of_store(store)?)))
        .filter(|(_, hub)| is_kept(hub) && catalogue.read_ms.contains_key(&hub.id))
        .collect();
    let mut said: BTreeMap<(ConnectionId, String), Vec<Says<'_>>> = BTreeMap::new();
    for (id, product) in &catalogue.listed {
        let (Some(store), Some(hub)) = (policy.peers.get(id), hub_of.get(id)) else { continue };
        let Some(sku) = sku_at_hub(policy, id, product) else { continue };
        let says = Says { store, facts: product.facts(), sku };
        said.entry((hub.id.clone(), fold(&says.sku))).or_default().push(says);
    }
    let mut held: BTreeMap<(&ConnectionId, String), Vec<&Product>> = BTreeMap::new();
    for (id, product) in &catalogue.held {
        held.entry((id, fold(&product.sku))).or_default().push(product);
    }
    // A store whose list is not known yet may sell what all others have switched off.
    let unread: BTreeSet<&ConnectionId> = policy
        .peers
        .values()
        .filter(|peer| peer.roles.contains(&Role::Channel) && !catalogue.read_ms.contains_key(&peer.id))
        .filter_map(|store| Some(&policy.hub_of_store(store)?.id))
        .collect();
    let truth = truth(policy);
    let mut all = Vec::new();
    for ((hub, sku), says) in &said {
        let Some(peer) = policy.peers.get(hub) else { continue };
        let there = held.get(&(hub, sku.clone())).map_or(&[][..], Vec::as_slice);
        let is_whole = !unread.contains(hub);
        let wanted = of_one(policy, peer, (sku.as_str(), says.as_slice(), is_whole), there, truth);
        if wanted.draft.is_some() || !wanted.differ.is_empty() {
            all.push(wanted);
        }
    }
    all
}

/// How many products a hub does not have and makes none of: their facts travel on the lines of orders.
#[must_use]
pub fn left_to_orders(catalogue: &Catalogue, policy: &Policy) -> BTreeMap<ConnectionId, usize> {
    let held: BTreeSet<(&ConnectionId, String)> =
        catalogue.held.iter().map(|(id, product)| (id, fold(&product.sku))).collect();
    let mut lacking: BTreeMap<ConnectionId, BTreeSet<String>> = BTreeMap::new();
    for (id, product) in catalogue.listed.iter().filter(|(_, product)| product.active) {
        let hub = policy.peers.get(id).and_then(|store| policy.hub_of_store(store));
        let makes_none = |hub: &&Peer| hub.products.is_some_and(|keeping| !keeping.makes) && is_written(hub);
        let Some(hub) = hub.filter(makes_none).filter(|hub| catalogue.read_ms.contains_key(&hub.id)) else { continue };
        let Some(sku) = sku_at_hub(policy, id, product) else { continue };
        if !held.contains(&(&hub.id, fold(&sku))) {
            lacking.entry(hub.id.clone()).or_default().insert(fold(&sku));
        }
    }
    lacking.into_iter().map(|(hub, skus)| (hub, skus.len())).collect()
}

/// The store whose word holds.
fn truth(policy: &Policy) -> Option<&Peer> {
    let chosen = policy.setting(ID, TRUTH);
    let named = fold(&chosen);
    policy.peers.values().find(|peer| !named.is_empty() && (peer.id.as_str() == chosen || fold(&peer.name) == named))
}

fn of_one(
    policy: &Policy,
    hub: &Peer,
    (sku, says, is_whole): (&str, &[Says<'_>], bool),
    there: &[&Product],
    truth: Option<&Peer>,
) -> Wanted {
    let written = there.first().map(|product| product.sku.trim()).or(says.first().map(|one| one.sku.as_str()));
    let mut wanted = Wanted {
        hub: hub.id.clone(),
        subject: format!("{PRODUCT_SUBJECT}{sku}"),
        sku: written.unwrap_or(sku).to_owned(),
        draft: None,
        differ: Vec::new(),
    };
    let used: Vec<&&Product> = there.iter().filter(|product| product.active).collect();
    let known = match (there, used.as_slice()) {
        ([], _) => None,
        ([only], _) => Some(*only),
        (_, [only]) => Some(**only),
        _ => {
            wanted.differ.push(format!("{} has {} products of this SKU", hub.name, there.len()));
            return wanted;
        }
    };
    let sold = says.iter().any(|one| one.facts.active == Some(true));
    let keeping = keeping(hub, there);
    if known.is_none() && !(keeping.makes && sold) {
        return wanted;
    }
    let before = known.map(Product::facts).unwrap_or_default();
    let facts = merged(policy, says, truth, known.map(|_| &before), keeping.price, &mut wanted.differ);
    let is_meant = known.is_none() || policy.toggle(ID, ACTIVE) && (sold || is_whole);
    let facts = ProductFacts { active: Some(sold).filter(|_| is_meant), ..facts };
    let facts = if known.is_some() { news(facts, &before) } else { facts };
    let enough = if known.is_some() { !facts.is_empty() } else { facts.name.is_some() };
    wanted.draft = enough.then(|| ProductDraft {
        sku: wanted.sku.clone(),
        product_id: known.map(|product| product.remote_id.clone()),
        before: shown_of(&facts, before),
        facts,
    });
    wanted
}

/// What the listings agree on; what they do not is told. `there`: what the hub shows, if it has the product.
fn merged(
    policy: &Policy,
    says: &[Says<'_>],
    truth: Option<&Peer>,
    there: Option<&ProductFacts>,
    takes_price: bool,
    differ: &mut Vec<String>,
) -> ProductFacts {
    // What is not sold any more says nothing while another listing of it is.
    let live: Vec<&Says<'_>> = says.iter().filter(|one| one.facts.active == Some(true)).collect();
    let live = if live.is_empty() { says.iter().collect() } else { live };
    let carries = |name: &str| policy.toggle(ID, name);
    let mut facts = ProductFacts::default();
    // Nothing is made without a name.
    if carries(NAME) || there.is_none() {
        match one_word(&live, truth, |facts| facts.name.clone(), |one, other| one == other) {
            Ok(word) => facts.name = word,
            Err(words) => {
                let has = there.and_then(|there| there.name.as_ref());
                // The hub's is one of them, and no better one is known.
                if !words.iter().any(|(_, word)| Some(word) == has) {
                    differ.push(each("name", words, |word| format!("\"{word}\"")));
                }
            }
        }
    }
    if carries(BARCODE) {
        match one_word(&live, truth, |facts| facts.barcode.clone(), |one, other| one == other) {
            Ok(word) => facts.barcode = word,
            Err(words) => differ.push(each("barcode", words, Clone::clone)),
        }
    }
    if carries(WEIGHT) {
        match one_word(&live, truth, |facts| facts.weight_g, |one, other| same_weight(*one, *other)) {
            Ok(word) => facts.weight_g = word,
            Err(words) => differ.push(each("weight", words, |grams| weight_words(*grams))),
        }
    }
    if carries(PRICE) && takes_price {
        match one_word(&live, truth, |facts| facts.price.clone(), |one, other| one == other) {
            Ok(word) => facts.price = word,
            Err(words) => differ.push(each("price", words, ToString::to_string)),
        }
    }
    facts
}

/// The one thing that is said, if it is one; else who says what. The word of `truth` goes before all others.
fn one_word<T: Clone>(
    says: &[&Says<'_>],
    truth: Option<&Peer>,
    of: impl Fn(&ProductFacts) -> Option<T>,
    same: impl Fn(&T, &T) -> bool,
) -> Result<Option<T>, Vec<(String, T)>> {
    let all: Vec<(&Peer, T)> = says.iter().filter_map(|one| Some((one.store, of(&one.facts)?))).collect();
    let holds = |peer: &Peer| truth.is_some_and(|truth| truth.id == peer.id);
    let of_truth: Vec<(&Peer, T)> = all.iter().filter(|(peer, _)| holds(peer)).cloned().collect();
    let chosen = if of_truth.is_empty() { all } else { of_truth };
    let Some((_, first)) = chosen.first() else { return Ok(None) };
    if chosen.iter().all(|(_, word)| same(first, word)) {
        return Ok(Some(first.clone()));
    }
    Err(chosen.iter().map(|(peer, word)| (peer.name.clone(), word.clone())).collect())
}

/// "weight: 300 g at Harbour Goods, 350 g at Harbour Outlet".
fn each<T>(what: &str, words: Vec<(String, T)>, say: impl Fn(&T) -> String) -> String {
    let words: Vec<String> = words.into_iter().map(|(store, word)| format!("{} at {store}", say(&word))).collect();
    format!("{what}: {}", words.join(", "))
}

/// Of what is meant, that which the hub does not show.
fn news(facts: ProductFacts, before: &ProductFacts) -> ProductFacts {
    // Two currencies are not compared, and nothing is converted.
    let other_money = |price: &Money| before.price.as_ref().is_some_and(|known| known.currency != price.currency);
    ProductFacts {
        name: facts.name.filter(|name| before.name.as_ref() != Some(name)),
        barcode: facts.barcode.filter(|code| before.barcode.as_ref() != Some(code)),
        weight_g: facts.weight_g.filter(|grams| !before.weight_g.is_some_and(|known| same_weight(known, *grams))),
        price: facts.price.filter(|price| before.price.as_ref() != Some(price) && !other_money(price)),
        active: facts.active.filter(|active| before.active != Some(*active)),
    }
}

/// What the hub shows of what is written.
fn shown_of(facts: &ProductFacts, before: ProductFacts) -> ProductFacts {
    ProductFacts {
        name: before.name.filter(|_| facts.name.is_some()),
        barcode: before.barcode.filter(|_| facts.barcode.is_some()),
        weight_g: before.weight_g.filter(|_| facts.weight_g.is_some()),
        price: before.price.filter(|_| facts.price.is_some()),
        active: before.active.filter(|_| facts.active.is_some()),
    }
}

/// Grams, and the same in ounces.
#[must_use]
pub fn weight_words(grams: f64) -> String {
    let whole = grams.round();
    let shown = if (grams - whole).abs() < 0.05 { format!("{whole:.0}") } else { format!("{grams:.1}") };
    format!("{shown} g ({:.2} oz)", grams / OUNCE_G)
}

/// Facts in words, those that are meant: what it is, and what it says.
#[must_use]
pub fn fact_words(facts: &ProductFacts) -> Vec<(&'static str, String)> {
    let active = facts.active.map(|active| String::from(if active { "yes" } else { "no" }));
    [
        ("Name", facts.name.clone()),
        ("Barcode", facts.barcode.clone()),
        ("Weight", facts.weight_g.map(weight_words)),
        ("Price", facts.price.as_ref().map(ToString::to_string)),
        ("Sold", active),
    ]
    .into_iter()
    .filter_map(|(what, word)| Some((what, word?)))
    .collect()
}

/// What is to be done about one SKU at one hub.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProductDecision {
    /// The change, if one is due.
    pub write: Option<PlannedWrite>,
    /// Changes not sent yet that newer knowledge makes pointless.
    pub overtaken: Vec<(EffectId, String)>,
    /// What needs a person.
    pub findings: Vec<Finding>,
}

/// Decides one SKU. `past`: changes of it at this hub, oldest first, without those the program took back itself; `planned`:
/// how many there ever were; `read_ms`: when the hub's list was last read to its end.
#[must_use]
pub fn decide(
    wanted: &Wanted,
    past: &[PastEffect],
    planned: usize,
    read_ms: Option<i64>,
    policy: &Policy,
) -> ProductDecision {
    let mut decision = ProductDecision::default();
    let Some(hub) = policy.peers.get(&wanted.hub) else { return decision };
    if !wanted.differ.is_empty() {
        let sentence = format!(
            "{} is not one thing everywhere, so this is not written at {}: {}. Make them agree, or choose under Automations, \"{}\", whose word holds.",
            wanted.sku,
            hub.name,
            wanted.differ.join("; "),
            AUTOMATION.title,
        );
        decision.findings.push(finding(Cause::ProductsDiffer, wanted, sentence));
    }
    let Some(draft) = &wanted.draft else { return decision };
    let draft = &without_corrected(draft, past);
    if draft.facts.is_empty() {
        match past.last() {
            Some(last) if matches!(last.state, EffectState::Running | EffectState::Unknown) => {
                return lost(decision, wanted, last);
            }
            Some(last) if matches!(last.state, EffectState::Asked | EffectState::Pending | EffectState::Refused) => {
                decision.overtaken.push((last.id, "what was written stays as it was corrected there".to_owned()));
            }
            _ => {}
        }
        return decision;
    }
    if is_by_hand(hub) {
        return enter(decision, wanted, draft, past.last(), hub);
    }
    if let Some(last) = past.last() {
        let same =
            draft_of(last).is_some_and(|known| known.facts == draft.facts && known.product_id == draft.product_id);
        match last.state {
            EffectState::Running | EffectState::Unknown => return lost(decision, wanted, last),
            EffectState::Asked | EffectState::Pending if same => return decision,
            EffectState::Refused if same => {
                if let Some(refusal) = &last.refusal {
                    let mut told = finding(refusal.cause, wanted, refusal.sentence.clone());
                    told.said.clone_from(&refusal.said);
                    told.effect = Some(last.id);
                    told.since_ms = last.refused_at_ms;
                    decision.findings.push(told);
                }
                return decision;
            }
            EffectState::Asked | EffectState::Pending | EffectState::Refused => {
                decision.overtaken.push((last.id, "the product changed".to_owned()));
            }
            EffectState::Done if same => match forgotten(draft, past, read_ms) {
                None => return decision,
                Some(times) if times >= OFTEN => {
                    let sentence = format!(
                        "{}: {} answered {times} times that its product is written, and shows it as before. Look at it there.",
                        wanted.sku, hub.title
                    );
                    decision.findings.push(finding(Cause::Forgotten, wanted, sentence));
                    return decision;
                }
                Some(_) => {}
            },
            // Given up by a person: offered again when something else is to be written.
            EffectState::Skipped if same && !last.is_missing() => return decision,
            EffectState::Done | EffectState::Skipped => {}
        }
    }
    let facts: Vec<String> =
        fact_words(&draft.facts).into_iter().map(|(what, word)| format!("{} {word}", what.to_lowercase())).collect();
    let sentence = match draft.product_id {
        None => format!("Make {} at {}: {}", draft.sku, hub.name, facts.join(", ")),
        Some(_) => format!("Bring {} up to date at {}: {}", draft.sku, hub.name, facts.join(", ")),
    };
    decision.write = Some(PlannedWrite {
        key: format!("{}-{}:{}:{planned}", hub.code, wanted.subject, IntentKind::PutProduct.code()),
        automation: ID.to_owned(),
        connection: hub.id.clone(),
        subject: wanted.subject.clone(),
        name: draft.sku.clone(),
        intent: Intent::PutProduct { product: draft.clone() },
        mode: policy.automation(ID).mode,
        sentence,
    });
    decision
}

/// What a person enters at a hub that takes no products from outside. `last`: what was planned while it did.
fn enter(
    mut decision: ProductDecision,
    wanted: &Wanted,
    draft: &ProductDraft,
    last: Option<&PastEffect>,
    hub: &Peer,
) -> ProductDecision {
    match last.map(|last| (last, last.state)) {
        Some((last, EffectState::Running | EffectState::Unknown)) => return lost(decision, wanted, last),
        Some((last, EffectState::Asked | EffectState::Pending | EffectState::Refused)) => {
            decision.overtaken.push((last.id, format!("{} takes no products from outside", hub.name)));
        }
        Some((_, EffectState::Done | EffectState::Skipped)) | None => {}
    }
    let facts: Vec<String> =
        fact_words(&draft.facts).into_iter().map(|(what, word)| format!("{} {word}", what.to_lowercase())).collect();
    let (verb, facts) = (if draft.product_id.is_some() { "Change" } else { "Make" }, facts.join(", "));
    let sentence = format!("{} takes no products from outside. {verb} {} there: {facts}.", hub.name, draft.sku);
    decision.findings.push(finding(Cause::ChangeByHand, wanted, sentence));
    decision
}

/// Without what was written once and shows something else again than before that: somebody corrected it there, and that
/// stays until the store says something new.
fn without_corrected(draft: &ProductDraft, past: &[PastEffect]) -> ProductDraft {
    let last = past.last().and_then(draft_of);
    if last.is_some_and(|last| last.facts == draft.facts && last.product_id == draft.product_id) {
        return draft.clone(); // decided as a whole
    }
    let of_it = |known: &&ProductDraft| known.product_id.is_none() || known.product_id == draft.product_id;
    let done: Vec<&ProductDraft> =
        past.iter().rev().filter(|e| e.state == EffectState::Done).filter_map(draft_of).filter(of_it).collect();
    let facts = ProductFacts {
        name: uncorrected(draft, &done, |facts| facts.name.as_ref()),
        barcode: uncorrected(draft, &done, |facts| facts.barcode.as_ref()),
        weight_g: uncorrected(draft, &done, |facts| facts.weight_g.as_ref()),
        price: uncorrected(draft, &done, |facts| facts.price.as_ref()),
        active: uncorrected(draft, &done, |facts| facts.active.as_ref()),
    };
    ProductDraft { before: shown_of(&facts, draft.before.clone()), facts, ..draft.clone() }
}

/// One fact, unless it was corrected there. `done`: what was written, newest first.
fn uncorrected<T: PartialEq + Clone>(
    draft: &ProductDraft,
    done: &[&ProductDraft],
    of: fn(&ProductFacts) -> Option<&T>,
) -> Option<T> {
    let shown = of(&draft.before);
    let written = done.iter().find(|known| of(&known.facts).is_some());
    let is_corrected = written
        .is_some_and(|known| of(&known.facts) == of(&draft.facts) && shown.is_some() && of(&known.before) != shown);
    of(&draft.facts).filter(|_| !is_corrected).cloned()
}

fn draft_of(past: &PastEffect) -> Option<&ProductDraft> {
    match &past.intent {
        Intent::PutProduct { product } => Some(product),
        _ => None,
    }
}

fn finding(cause: Cause, wanted: &Wanted, sentence: String) -> Finding {
    Finding { cause, about: wanted.subject.clone(), sentence, said: None, effect: None, since_ms: None }
}

/// What is on its way is waited for; that an answer was lost is told.
fn lost(mut decision: ProductDecision, wanted: &Wanted, last: &PastEffect) -> ProductDecision {
    if let Some(refusal) = last.refusal.as_ref().filter(|_| last.state == EffectState::Unknown) {
        let mut told = finding(Cause::OutcomeUnknown, wanted, refusal.sentence.clone());
        told.said.clone_from(&refusal.said);
        told.effect = Some(last.id);
        told.since_ms = last.first_sent_at_ms;
        decision.findings.push(told);
    }
    decision
}

/// It was answered as done, and a list read well after that shows it exactly as before: how often in a row that was so.
/// What shows something else was changed by somebody there, and stays.
fn forgotten(draft: &ProductDraft, past: &[PastEffect], read_ms: Option<i64>) -> Option<usize> {
    let last = past.last()?;
    let settled_ms = last.settled_at_ms?;
    let as_before = draft_of(last).is_some_and(|known| known.before == draft.before);
    if !as_before || read_ms.is_none_or(|read_ms| read_ms < settled_ms + SHOWN_WITHIN_MS) {
        return None;
    }
    let same = |one: &&PastEffect| {
        one.state == EffectState::Done && draft_of(one).is_some_and(|known| known.facts == draft.facts)
    };
    Some(past.iter().rev().take_while(same).count())
}
