//! Everything besides the order itself that a decision depends on.

use crate::calendar;
use crate::draft::part_of;
use crate::levels::Levels;
use crate::shape::Shapers;
use crate::stock::StoreCounts;
use crate::store_clock::StoreClock;
use crate::who_writes::Writes;
use chrono_tz::Tz;
use quayside_model::settings::Settings;
use quayside_model::{
    Choice, Choosing, ConnectionConfig, ConnectionId, Declaration, EffectState, FACT_CUSTOMERS, FieldKept, HubField,
    Intent, IntentKind, Meant, Mode, OwnLink, PastEffect, ProductKeeping, Role, Story,
};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name of the choice, at a store, of the hub its orders go to. Every store has it, whatever its platform.
pub const HUB_OF_STORE: &str = "hub";
/// Setting of a store: who sends orders that it carries for another account that sold them (`origin`, `here`).
pub const COPIES: &str = "copies";
/// Setting of a store: minutes its copies wait for the account that sold them.
pub const COPIES_WAIT_MIN: &str = "copies_wait_min";
/// Setting of an account that keeps records: which of its fields get a customer's history. Without any, none is written.
pub const HISTORY_FIELDS: &str = "history_fields";
/// Setting of an account that keeps records: its field for whether an address was verified. Without one, it is not written.
pub const VERIFIED_FIELD: &str = "verified_field";
/// Usual value of [`COPIES_WAIT_MIN`].
pub const COPIES_WAIT_MIN_DEFAULT: i64 = 120;

/// The merchant's choices and the accounts there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// The program's settings.
    pub settings: Settings,
    /// How far each automation may go; missing means Watch.
    pub automations: BTreeMap<String, AutomationPolicy>,
    /// The accounts, by connection.
    pub peers: BTreeMap<ConnectionId, Peer>,
    /// Aliases, mappings and rules, read once and shared by every decision.
    pub shapers: Arc<Shapers>,
    /// What is in stock where, if a rule asks; `None`: nobody does.
    pub levels: Option<Arc<Levels>>,
    /// Whom people said is meant, by the account that keeps customers and our id of the customer.
    pub customers: Arc<BTreeMap<(ConnectionId, String), Meant>>,
}

/// How far one automation may go.
#[derive(Debug, Clone, PartialEq)]
pub struct AutomationPolicy {
    /// Off, Watch, Ask or Auto.
    pub mode: Mode,
    /// It applies to orders placed at or after this moment, ms UTC; `None` means all.
    pub go_live_ms: Option<i64>,
    /// Its settings by name.
    pub settings: BTreeMap<String, serde_json::Value>,
}

impl Default for AutomationPolicy {
    fn default() -> Self {
        Self { mode: Mode::Watch, go_live_ms: None, settings: BTreeMap::new() }
    }
}

/// One account as far as decisions care.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// The connection.
    pub id: ConnectionId,
    /// The name the person gave it ("Harbour Goods").
    pub name: String,
    /// What the platform is called ("Shopify").
    pub title: String,
    /// Parts it plays.
    pub roles: Vec<Role>,
    /// What it can perform.
    pub performs: Vec<IntentKind>,
    /// What accounts of its platform can perform, and this one cannot: a person does it there.
    pub lacks: Vec<IntentKind>,
    /// Short code of the *account* (not of our connection to it): the same on every
    /// computer and after every new sign-in, so that keys made from it are, too.
    pub code: String,
    /// IANA zone in which the account thinks.
    pub time_zone: Option<String>,
    /// Its currency.
    pub currency: Option<String>,
    /// Order numbers must be unique over the whole account.
    pub numbers_unique: bool,
    /// Paused by a person.
    pub paused: bool,
    /// The hub that this store's orders go to, if a person chose one for this store.
    pub hub: Option<ConnectionId>,
    /// Who writes this store's orders to its hub.
    pub writes: Writes,
    /// Stores this hub fills by links of its own; `None`: it cannot tell.
    pub own_links: Option<Vec<OwnLink>>,
    /// What this store has of its own about time.
    pub clock: StoreClock,
    /// Key of the registry.
    pub platform: String,
    /// Orders that another account sold and this store carries a copy of are sent by this store, not by that account.
    pub copies_here: bool,
    /// So long such a copy waits for the account that sold it, minutes.
    pub copies_wait_min: i64,
    /// Its buyers' data must be gone again some time after delivery: it is written into no other account.
    pub forgets_buyers: bool,
    /// Its buyers are not to be written to by mail of our own.
    pub no_buyer_mail: bool,
    /// It has fields for what customers bought so far.
    pub keeps_history: bool,
    /// It has a field for whether a customer's address was verified.
    pub keeps_verified: bool,
    /// What it says of parcels that arrived.
    pub deliveries: Deliveries,
    /// What this store has of its own about its counts.
    pub counts: StoreCounts,
    /// What this hub lets be written of products; `None`: nothing.
    pub products: Option<ProductKeeping>,
    /// This hub keeps customers, and lets them be written.
    pub keeps_customers: bool,
    /// How this store gives money back.
    pub refunds: Refunding,
    /// What this hub does with the fields of orders it is sent.
    pub keeps: &'static [FieldKept],
    /// Its clock minus this computer's, ms, where they are further apart than is tolerated; else 0.
    pub skew_ms: i64,
}

/// How a store gives money back, as its platform declares it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refunding {
    /// It says beforehand what would be given back.
    pub quoted: bool,
    /// Refunded units go back on its shelf where that is chosen.
    pub restocks: bool,
    /// It tells the buyer where that is chosen.
    pub notifies: bool,
}

impl Refunding {
    fn of(declaration: &Declaration) -> Self {
        let honoured = |choice: Choice| {
            let known = |one: &&Choosing| one.kind == IntentKind::Refund && one.choice == choice;
            declaration.choices.iter().find(known).is_some_and(|one| one.instead.is_none())
        };
        Self {
            quoted: declaration.refunds.is_some_and(|way| way.quoted),
            restocks: honoured(Choice::Restock),
            notifies: honoured(Choice::Notify),
        }
    }
}

/// What an account says of parcels that arrived: only where it told of one, its silence says something of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deliveries {
    /// Its platform does not tell them.
    #[default]
    Untold,
    /// Its platform tells them, and none was read of it so far.
    Unheard,
    /// At least one was read.
    Told,
}

impl Peer {
    /// From a stored connection and its platform's declaration.
    pub fn new(config: &ConnectionConfig, declaration: &Declaration) -> Self {
        let identity = if config.account.remote_id.is_empty() { config.id.as_str() } else { &config.account.remote_id };
        let hash = blake3::hash(format!("{}\n{identity}", config.platform).as_bytes());
        let performs = config.performs(declaration);
        Self {
            id: config.id.clone(),
            name: config.name.clone(),
            title: declaration.title.to_owned(),
            roles: declaration.roles.to_vec(),
            lacks: declaration.performs.iter().copied().filter(|kind| !performs.contains(kind)).collect(),
            performs,
            code: hash.to_hex()[..8].to_owned(),
            time_zone: config.account.time_zone.clone(),
            currency: config.account.currency.clone(),
            numbers_unique: config.account.facts.get("numbers_unique").is_some_and(|fact| fact == "true"),
            paused: config.paused,
            hub: config
                .settings
                .get(HUB_OF_STORE)
                .and_then(serde_json::Value::as_str)
                .filter(|id| !id.is_empty())
                .map(ConnectionId::new),
            clock: StoreClock::of(&config.settings),
            counts: StoreCounts::of(&config.settings),
            products: config.account.products(),
            keeps_customers: config.account.facts.get(FACT_CUSTOMERS).is_some_and(|fact| fact == "true"),
            refunds: Refunding::of(declaration),
            keeps: declaration.keeps,
            skew_ms: 0,
            writes: Writes::of(&config.settings),
            own_links: config.account.own_links(),
            platform: config.platform.clone(),
            forgets_buyers: declaration.personal_data_days.is_some(),
            no_buyer_mail: declaration.no_buyer_mail.is_some(),
            keeps_history: config
                .settings
                .get(HISTORY_FIELDS)
                .and_then(serde_json::Value::as_str)
                .is_some_and(|fields| !fields.trim().is_empty()),
            keeps_verified: config
                .settings
                .get(VERIFIED_FIELD)
                .and_then(serde_json::Value::as_str)
                .is_some_and(|field| !field.trim().is_empty()),
            deliveries: if declaration.tells_delivery { Deliveries::Unheard } else { Deliveries::Untold },
            copies_here: config.settings.get(COPIES).and_then(serde_json::Value::as_str) == Some("here"),
            copies_wait_min: config
                .settings
                .get(COPIES_WAIT_MIN)
                .and_then(serde_json::Value::as_i64)
                .unwrap_or(COPIES_WAIT_MIN_DEFAULT),
        }
    }
}

impl Peer {
    /// A hub whose platform takes such a change from outside, and this account does not: a person enters it there. A store
    /// that lacks a permission is to be granted it instead.
    #[must_use]
    pub fn takes_by_hand(&self, kind: IntentKind) -> bool {
        self.roles.contains(&Role::Hub) && self.lacks.contains(&kind) && !self.performs.contains(&kind)
    }

    /// Characters of a field that this hub keeps; `None`: it cuts nothing.
    pub fn keeps_most(&self, field: HubField) -> Option<usize> {
        let declared = self.keeps.iter().find(|kept| kept.field == field);
        declared.map_or_else(|| field.length_max(), |kept| kept.most)
    }

    /// Why this hub has no place for a field, in a sentence; `None`: it has.
    pub fn leaves_out(&self, field: HubField) -> Option<&'static str> {
        self.keeps.iter().find(|kept| kept.field == field)?.instead
    }
}

impl Policy {
    /// The desk's settings as they hold for a store.
    pub fn settings_of(&self, store: Option<&Peer>) -> Cow<'_, Settings> {
        store.map_or(Cow::Borrowed(&self.settings), |store| store.clock.apply(&self.settings))
    }

    /// The stores sell in several currencies.
    pub fn several_currencies(&self) -> bool {
        let stores = self.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
        let mut known = stores.filter_map(|peer| peer.currency.as_deref()).filter(|code| !code.is_empty());
        known.next().is_some_and(|first| known.any(|other| other != first))
    }

    /// The zone in which a store counts its days.
    pub fn zone_of(&self, store: Option<&Peer>) -> Tz {
        calendar::zone(&self.settings_of(store), store.and_then(|store| store.time_zone.as_deref()))
    }

    /// Settings of one automation; a missing row means Watch and defaults. One for which no account keeps records is off
    /// until there is one; counts are left alone until somebody asks for it.
    pub fn automation(&self, id: &str) -> AutomationPolicy {
        self.automations.get(id).cloned().unwrap_or_else(|| {
            let plays = |role: Role| self.peers.values().any(|peer| peer.roles.contains(&role));
            let needs = |role: Role| {
                crate::automation(id)
                    .is_some_and(|declared| declared.needs.iter().any(|need| need.role() == Some(role)))
            };
            let nobody = [Role::Records, Role::Messages].into_iter().any(|role| needs(role) && !plays(role));
            let rests = crate::rests_at_first(id) || nobody;
            let mode = match id {
                _ if rests => Mode::Off,
                // Nothing goes without a click, and the click is what whoever holds the goods waits for; and whoever
                // connects a mail server wants to read what would be said.
                crate::return_refunds::ID | crate::tell_buyer::ID => Mode::Ask,
                _ => Mode::Watch,
            };
            AutomationPolicy { mode, ..AutomationPolicy::default() }
        })
    }

    /// The account through which buyers are written to: the one chosen, else the first by name.
    pub fn messenger(&self) -> Option<&Peer> {
        let able =
            |peer: &&Peer| peer.roles.contains(&Role::Messages) && peer.performs.contains(&IntentKind::TellBuyer);
        let mut all: Vec<&Peer> = self.peers.values().filter(able).collect();
        // Asked for every order; mostly there is none.
        if all.len() < 2 {
            return all.first().copied();
        }
        let chosen = self.setting(crate::tell_buyer::ID, crate::tell_buyer::MESSAGES_SETTING);
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all.iter().find(|peer| peer.id.as_str() == chosen).or(all.first()).copied()
    }

    /// The account that keeps the records of an order: where it came from, if that keeps records; else the one chosen,
    /// else the first by name.
    pub fn records_of(&self, story: &Story) -> Option<&Peer> {
        self.peers.get(&story.channel).filter(|peer| keeps_records(peer)).or_else(|| self.keeper())
    }

    /// The account that keeps the records of stores that keep none: the one chosen, else the first by name.
    pub fn keeper(&self) -> Option<&Peer> {
        let chosen = self.setting(crate::records::customers::ID, crate::records::RECORDS_SETTING);
        let mut keepers: Vec<&Peer> = self.peers.values().filter(|peer| keeps_records(peer)).collect();
        keepers.sort_by(|a, b| a.name.cmp(&b.name));
        keepers.iter().find(|keeper| keeper.id.as_str() == chosen).or(keepers.first()).copied()
    }

    /// Whom a person said is meant by a customer at an account.
    pub fn meant(&self, account: &ConnectionId, customer: &str) -> Option<&Meant> {
        // Nearly always nobody was asked.
        if self.customers.is_empty() {
            return None;
        }
        self.customers.get(&(account.clone(), customer.to_owned()))
    }

    /// A setting of an automation as text, or its declared default.
    pub fn setting(&self, automation: &str, name: &str) -> String {
        let chosen = self.automations.get(automation).and_then(|policy| policy.settings.get(name));
        match chosen {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Null) | None => crate::automation(automation)
                .and_then(|decl| decl.settings.iter().find(|setting| setting.name == name))
                .map_or_else(String::new, |setting| setting.default.to_owned()),
            Some(other) => other.to_string(),
        }
    }

    /// A yes-or-no setting.
    pub fn toggle(&self, automation: &str, name: &str) -> bool {
        self.setting(automation, name) == "true"
    }

    /// A whole-number setting; what cannot be read counts as 0.
    pub fn number(&self, automation: &str, name: &str) -> i64 {
        self.setting(automation, name).parse().unwrap_or(0)
    }

    /// The hub that an order goes to. Where it was sent, it stays: a choice changed later must not send it twice.
    /// Else the one chosen for its store, then as in [`Self::hub`]. Of an order in several parts it is the first part's:
    /// further ones may be at another account.
    pub fn hub_of(&self, story: &Story) -> Option<&Peer> {
        let puts = || story.effects.iter().rev().filter(|effect| effect.intent.kind() == IntentKind::PutHubOrder);
        let counts = |effect: &&PastEffect| {
            effect.state != EffectState::Skipped
                && (effect.first_sent_at_ms.is_some() || effect.state != EffectState::Refused)
        };
        let part = |effect: &PastEffect| match &effect.intent {
            Intent::PutHubOrder { order, .. } => part_of(&order.key),
            _ => 0,
        };
        let is_first = |effect: &&PastEffect| part(effect) == 0;
        let sent = puts().filter(counts).find(is_first).or_else(|| {
            // Only further parts were sent: the first one goes where it was planned to.
            let further = puts().find(counts)?;
            puts().find(is_first).or(Some(further))
        });
        // One that was removed and is connected again is another account: what is read there has the word.
        let is_there = |id: &ConnectionId| self.peers.contains_key(id);
        let theirs = sent.map(|effect| &effect.connection).filter(|id| is_there(id));
        let there = || story.hub_orders.iter().filter(move |seen| is_there(&seen.connection));
        let first = there().find(|seen| part_of(&seen.value.key) == 0);
        let seen = first.or_else(|| there().next()).map(|seen| &seen.connection);
        let chosen = self.peers.get(&story.channel).and_then(|channel| channel.hub.as_ref());
        let named = theirs.or(seen).or(chosen).and_then(|id| self.peers.get(id));
        named.filter(|peer| peer.roles.contains(&Role::Hub)).or_else(|| self.hub())
    }

    /// The hub that a store's new orders go to.
    pub fn hub_of_store(&self, store: &Peer) -> Option<&Peer> {
        let chosen = store.hub.as_ref().and_then(|id| self.peers.get(id));
        chosen.filter(|peer| peer.roles.contains(&Role::Hub)).or_else(|| self.hub())
    }

    /// The hub that orders go to unless their store says otherwise: the one chosen, else the only one there is, else
    /// the first by name.
    pub fn hub(&self) -> Option<&Peer> {
        let chosen = self.setting("orders_to_hub", "hub");
        let mut hubs: Vec<&Peer> = self.peers.values().filter(|peer| peer.roles.contains(&Role::Hub)).collect();
        hubs.sort_by(|a, b| a.name.cmp(&b.name));
        hubs.iter().find(|hub| hub.id.as_str() == chosen).or(hubs.first()).copied()
    }
}

/// It keeps records, and this program may write them.
fn keeps_records(peer: &Peer) -> bool {
    peer.roles.contains(&Role::Records) && peer.performs.contains(&IntentKind::PutRecord)
}
