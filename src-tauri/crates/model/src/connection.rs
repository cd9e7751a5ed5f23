//! What a connector declares about itself, and what we know of one account.
//! Screens and automations ask the declaration, never the platform's name.

use crate::{ConnectionId, FieldKept, IntentKind, MatchKey, RecordKind, Refusal};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// The part a platform plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Orders come from it.
    Channel,
    /// Orders go to it, parcels come back.
    Hub,
    /// Keeps customers and cases.
    Records,
    /// Takes alerts.
    Messages,
}

/// Everything the rest of the house may know about a platform before signing in.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct Declaration {
    /// Stable word (`shopify`); the registry's key.
    pub platform: &'static str,
    /// As people write it ("Shopify").
    pub title: &'static str,
    /// Parts it can play.
    pub roles: &'static [Role],
    /// One sentence for the picker.
    pub summary: &'static str,
    /// Ways to sign in; the first is the recommended one.
    pub ways: &'static [Way],
    /// What it can read.
    pub streams: &'static [StreamDecl],
    /// What it can perform.
    pub performs: &'static [IntentKind],
    /// Largest number of effects of one kind per call, where the platform has a batch call.
    pub batch_max: &'static [(IntentKind, usize)],
    /// What a change takes of the account's allowances. The first that is meant for it and whose allowances the account has
    /// counts: a platform with two APIs lists the one it prefers first.
    pub prices: &'static [Price],
    /// Choices beside a cancellation or a refund, and which of them the platform honours. All that could be chosen beside
    /// a change it performs ([`Choice::beside`]) is listed.
    pub choices: &'static [Choosing],
    /// How it gives money back; `None` where it performs no refunds.
    pub refunds: Option<RefundWay>,
    /// By what its accounts can be asked for a customer, the strongest first; empty where they keep none for the desk.
    pub customer_keys: &'static [MatchKey],
    /// Tags that the platform itself gives and that promise something: shown where the deadline stands.
    pub badges: &'static [&'static str],
    /// The platform's rule on buyers' personal data: so many days after delivery it must be gone, raw answers and
    /// search index included. `None`: it has no such rule.
    pub personal_data_days: Option<u32>,
    /// Its records say, as a rule, when a parcel arrived. Where they do not, silence says nothing about a parcel.
    pub tells_delivery: bool,
    /// Why buyers of its orders are not to be written to by mail of our own, a sentence: its rules forbid it, or the
    /// addresses it gives are not the buyers' own. `None`: they may be.
    pub no_buyer_mail: Option<&'static str>,
    /// What it does with the fields of orders it is sent, where it is a hub: all of [`crate::HubField::ALL`]. Screens
    /// are told with the mappings.
    #[serde(skip)]
    pub keeps: &'static [FieldKept],
    /// Versions of its APIs that Quayside is written for.
    pub api: &'static [ApiVersion],
    /// How long credentials are good for, by the id of the way they belong to.
    pub lasting: &'static [(&'static str, Lifetime)],
    /// Choices a person can make about a connection of this platform.
    pub settings: &'static [SettingDecl],
}

/// A version of an API that Quayside is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub struct ApiVersion {
    /// Which of the platform's APIs ("Orders").
    pub name: &'static str,
    /// As the platform writes it.
    pub version: &'static str,
    /// The first day on which the platform need not serve it any more, `YYYY-MM-DD`. `None`: it has named none.
    pub until: Option<&'static str>,
}

impl ApiVersion {
    /// One whose end the platform has not named.
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version, until: None }
    }
    /// One that is served until a day, `YYYY-MM-DD`.
    pub const fn ending(name: &'static str, version: &'static str, day: &'static str) -> Self {
        Self { name, version, until: Some(day) }
    }
    /// The day its end is on.
    pub fn last_day(&self) -> Option<chrono::NaiveDate> {
        chrono::NaiveDate::parse_from_str(self.until?, "%Y-%m-%d").ok()
    }
}

/// A version of an API as one account gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiInUse {
    /// [`ApiVersion::name`].
    pub name: &'static str,
    /// What it is asked for: the declared one, or one that was chosen for this account.
    pub asked: String,
    /// What the last answer was served by; `None` before the first, and where an answer does not say.
    pub served: Option<String>,
}

/// How long credentials are good for, where no day is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// Until somebody takes them back.
    Endless,
    /// They are renewed at work; after a long rest a person may have to sign in again.
    Renewed,
    /// They end on a day that a person enters.
    Dated,
    /// The platform does not say.
    Untold,
}

/// What one change takes of an account's allowances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
pub struct Price {
    /// Which change; `None`: any that has no price of its own.
    pub kind: Option<IntentKind>,
    /// Of what, and how much. What is not named is not spent by it.
    pub takes: &'static [Take],
}

/// Part of a [`Price`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
pub struct Take {
    /// The allowance by its name.
    pub bucket: &'static str,
    /// How much of it, in its own unit, with the looks before and after: a fraction where several changes go in a call.
    pub cost: f64,
}

impl Price {
    /// Of one allowance, for a kind of change.
    pub const fn new(kind: Option<IntentKind>, takes: &'static [Take]) -> Self {
        Self { kind, takes }
    }
}

/// Something a person may choose beside a change in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Give the money back.
    Refund,
    /// Put the units back on the shelf.
    Restock,
    /// Tell the buyer.
    Notify,
}

impl Choice {
    /// All that can be chosen beside a change of this kind.
    pub fn beside(kind: IntentKind) -> &'static [Self] {
        match kind {
            IntentKind::CancelChannelOrder => &[Self::Refund, Self::Restock, Self::Notify],
            IntentKind::Refund => &[Self::Restock, Self::Notify],
            IntentKind::Fulfill | IntentKind::ReplaceTracking => &[Self::Notify],
            _ => &[],
        }
    }
}

/// What comes of a choice at a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub struct Choosing {
    /// Beside which change.
    pub kind: IntentKind,
    /// What could be chosen.
    pub choice: Choice,
    /// What happens whatever is chosen, a sentence: the platform does not honour it. `None`: it does as it is told.
    pub instead: Option<&'static str>,
}

impl Choosing {
    /// The platform does as it is told.
    pub const fn honoured(kind: IntentKind, choice: Choice) -> Self {
        Self { kind, choice, instead: None }
    }
    /// The platform does this, whatever is chosen.
    pub const fn instead(kind: IntentKind, choice: Choice, sentence: &'static str) -> Self {
        Self { kind, choice, instead: Some(sentence) }
    }
}

impl Declaration {
    /// How long credentials of a way of signing in are good for.
    pub fn lifetime(&self, way: &str) -> Option<Lifetime> {
        self.lasting.iter().find(|(id, _)| *id == way).map(|(_, lifetime)| *lifetime)
    }
    /// What happens instead of what was chosen; `None` where the platform honours it, or nobody can choose it.
    pub fn instead(&self, kind: IntentKind, choice: Choice) -> Option<&'static str> {
        self.choices.iter().find(|one| one.kind == kind && one.choice == choice)?.instead
    }
}

/// How a platform gives money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub struct RefundWay {
    /// It says beforehand what would be given back, tax included.
    pub quoted: bool,
    /// Only for what was shipped; before that nothing was paid.
    pub after_shipping: bool,
}

/// One choice about a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct SettingDecl {
    /// Stable word, key in [`ConnectionConfig::settings`].
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Help under the field.
    pub help: &'static str,
    /// What kind of answer.
    pub kind: SettingKind,
    /// Value when nothing was chosen, as text (`"true"`, `"10"`, `""`).
    pub default: &'static str,
}

/// What kind of answer a setting takes.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "snake_case", tag = "type", content = "options")]
pub enum SettingKind {
    /// Yes or no.
    Toggle,
    /// A whole number.
    Number,
    /// Free text.
    Text,
    /// Names what the account has (a field, an object), or several as `part=NAME; part=NAME`: see [`crate::Described`].
    Described,
    /// One of these: (value, label).
    Choice(&'static [(&'static str, &'static str)]),
}

/// One way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Way {
    /// Stable word, stored with the connection (`client_credentials`).
    pub id: &'static str,
    /// Label of the tab.
    pub title: &'static str,
    /// Where to find each credential, step by step, plain words.
    pub steps: &'static [&'static str],
    /// What to fill in.
    pub fields: &'static [CredentialField],
}

/// One field of a connection form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CredentialField {
    /// Stable word; also the key in `--secrets-from` JSON (`client_secret`).
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Help under the field.
    pub help: &'static str,
    /// Example, shown greyed.
    pub placeholder: &'static str,
    /// Goes to the keychain and is never shown again. Others are plain account settings.
    pub secret: bool,
    /// May be left empty.
    pub optional: bool,
    /// How to read what was pasted.
    pub shape: FieldShape,
}

/// What kind of text a field takes; pasting is tolerant, saving is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FieldShape {
    /// A token: spaces, line breaks and quotes around it are dropped.
    Token,
    /// A host name; a pasted URL is reduced to its host.
    Host,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// The day on which the secret above it in the form was made, `YYYY-MM-DD`. A new secret needs a new one.
    MadeOn,
    /// Free text.
    Text,
    /// Comes from signing in with the browser; a screen shows a button, a terminal may take it as text.
    Browser,
    /// A file that says what the account's API is like. A screen shows what it switches on and opens the mapping; a terminal takes its text or path.
    Profile,
}

/// Something a connector can read again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct StreamDecl {
    /// Stable word (`orders`), unique in the connector; the cursor's key.
    pub name: &'static str,
    /// For people ("Orders").
    pub title: &'static str,
    /// What it yields.
    pub record: RecordKind,
    /// Usual pause between two reads, seconds. A setting may change it.
    pub interval_s: u32,
    /// Looks far back: runs when nothing else wants the budget.
    pub backfill: bool,
}

/// One signed-in account, as stored. Holds no secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ConnectionConfig {
    /// Its id.
    pub id: ConnectionId,
    /// The name the person gave it ("Harbour Goods").
    pub name: String,
    /// Key of the registry.
    pub platform: String,
    /// Which [`Way`] it signs in.
    pub way: String,
    /// Plain fields of the form (shop domain, expiry day).
    pub fields: BTreeMap<String, String>,
    /// Loopback only: where a stand-in of the platform listens. `None` is the platform itself.
    pub base_url: Option<String>,
    /// What the last preflight learned.
    pub account: Account,
    /// Choices a person made about this connection (notify customer, store id at the hub, …).
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Does nothing at all until resumed.
    pub paused: bool,
    /// When it was made, ms UTC.
    pub created_at_ms: i64,
}

/// What we learned about the account by asking it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct Account {
    /// The platform's own id of the account; two connections to one account are refused.
    pub remote_id: String,
    /// The account's own name.
    pub name: String,
    /// IANA zone in which the account thinks (`Europe/Berlin`).
    pub time_zone: Option<String>,
    /// Currency of the account.
    pub currency: Option<String>,
    /// Start of links into the account's admin, without trailing slash.
    pub admin_url: Option<String>,
    /// Granted permissions and probed abilities, in the connector's own words (`read_orders`, `v1`, `v2`).
    pub abilities: Vec<String>,
    /// Anything else the connector wants to remember about the account.
    pub facts: BTreeMap<String, String>,
    /// Credentials end on this day, ms UTC.
    pub expires_at_ms: Option<i64>,
    /// What *this* account performs, where accounts of one platform differ (by plan, by profile file).
    /// `None`: all the platform declares. Ask [`ConnectionConfig::performs`].
    #[serde(default)]
    pub performs: Option<Vec<IntentKind>>,
    /// Names of the streams *this* account has, where accounts of one platform differ.
    /// `None`: all the platform declares. Ask [`ConnectionConfig::reads`].
    #[serde(default)]
    pub streams: Option<Vec<String>>,
}

/// Fact: everything that names the account, strongest first, blanks between (`store:17 carrier:se-3 key:5f0c`). For platforms
/// that show no one name of an account to everybody who may sign in. Each is a kind, a colon and a value; `key:` names
/// the credential only, so that another one proves nothing.
pub const FACT_IDENTITIES: &str = "identities";

/// Fact of a hub: stores it fills by links of its own, as a JSON list of [`OwnLink`]. Not there: the account cannot tell.
pub const FACT_OWN_LINKS: &str = "own_links";

/// Fact of a hub: what it lets be written of products, as the words of [`ProductKeeping`] with spaces between. Not there:
/// its products are changed by people.
pub const FACT_PRODUCTS: &str = "products";

/// Fact of a hub: `true` where it keeps customers and lets them be written.
pub const FACT_CUSTOMERS: &str = "customers";

/// What an account lets be written of products.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProductKeeping {
    /// Makes those it does not have (`new`).
    pub makes: bool,
    /// Changes those it has (`known`).
    pub changes: bool,
    /// Takes their price, too, with its currency (`price`).
    pub price: bool,
}

impl ProductKeeping {
    /// As [`FACT_PRODUCTS`] has it.
    pub fn words(self) -> String {
        let all = [(self.makes, "new"), (self.changes, "known"), (self.price, "price")];
        all.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    }
}

/// A store that a hub fills by a link of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnLink {
    /// The hub's id of the store.
    pub id: String,
    /// What the store is called there.
    pub name: String,
    /// What the hub calls its platform; empty where it does not say.
    pub marketplace: String,
}

impl OwnLink {
    /// For people: `"Harbour Goods" (Shop)`.
    pub fn words(&self) -> String {
        match (self.name.trim(), self.marketplace.trim()) {
            (name, "") => format!("\"{name}\""),
            (name, marketplace) => format!("\"{name}\" ({marketplace})"),
        }
    }
}

/// The kind of an identity that goes with the credential, not with the account.
const CREDENTIAL_KIND: &str = "key";

fn kind_of(identity: &str) -> &str {
    identity.split_once(':').map_or("", |(kind, _)| kind)
}

impl Account {
    /// Stores this hub fills by links of its own; `None`: it cannot be known.
    pub fn own_links(&self) -> Option<Vec<OwnLink>> {
        serde_json::from_str(self.facts.get(FACT_OWN_LINKS)?).ok()
    }

    /// What it lets be written of products; `None`: nothing.
    pub fn products(&self) -> Option<ProductKeeping> {
        let words = self.facts.get(FACT_PRODUCTS).filter(|words| !words.is_empty())?;
        let has = |word: &str| words.split(' ').any(|known| known == word);
        Some(ProductKeeping { makes: has("new"), changes: has("known"), price: has("price") })
    }

    /// Takes down what was seen of them; whether that is news.
    pub fn learn_own_links(&mut self, mut links: Vec<OwnLink>) -> bool {
        links.sort();
        if self.own_links().as_ref() == Some(&links) {
            return false;
        }
        let text = serde_json::to_string(&links).unwrap_or_default();
        self.facts.insert(FACT_OWN_LINKS.into(), text);
        true
    }

    /// Everything that names the account, strongest first.
    pub fn identities(&self) -> Vec<&str> {
        let more = self.facts.get(FACT_IDENTITIES).map_or("", String::as_str);
        let mut out: Vec<&str> = Vec::new();
        for identity in std::iter::once(self.remote_id.as_str()).chain(more.split_whitespace()) {
            if !identity.is_empty() && !out.contains(&identity) {
                out.push(identity);
            }
        }
        out
    }

    /// Whether both are one account. `None`: it cannot be told, because one of them is known by its credential only.
    pub fn is_same(&self, other: &Self) -> Option<bool> {
        let (ours, theirs) = (self.identities(), other.identities());
        if ours.iter().any(|identity| theirs.contains(identity)) {
            return Some(true);
        }
        let weak = |all: &[&str]| all.iter().all(|identity| kind_of(identity) == CREDENTIAL_KIND);
        // Nothing at all beside something is no credential that changed: the platform stopped naming the account.
        let nameless = |all: &[&str], others: &[&str]| all.is_empty() && !weak(others);
        if nameless(&ours, &theirs) || nameless(&theirs, &ours) {
            return Some(false);
        }
        if weak(&ours) || weak(&theirs) { None } else { Some(false) }
    }

    /// This, learned just now, with the names `before` had that could not be seen this time. The strongest becomes its id.
    #[must_use]
    pub fn known_as(mut self, before: &Self) -> Self {
        if !self.facts.contains_key(FACT_IDENTITIES) {
            return self;
        }
        let (now, then) = (self.identities(), before.identities());
        let unseen = |identity: &&&str| !now.iter().any(|seen| kind_of(seen) == kind_of(identity));
        let is_key = |identity: &&str| kind_of(identity) == CREDENTIAL_KIND;
        // What was strongest once stays it while it cannot be asked for; credentials come last.
        let kept: Vec<&str> = then.iter().filter(unseen).copied().collect();
        let first_known = now.iter().all(|seen| then.iter().any(|known| kind_of(known) == kind_of(seen)));
        let mut all: Vec<&str> = Vec::new();
        if first_known {
            // Nothing new: the order of kinds stays as it was.
            let mut kinds: Vec<&str> = Vec::new();
            for identity in &then {
                if !kinds.contains(&kind_of(identity)) {
                    kinds.push(kind_of(identity));
                }
            }
            for kind in kinds {
                all.extend(now.iter().chain(&kept).filter(|identity| kind_of(identity) == kind));
            }
        } else {
            all.extend(now.iter().chain(&kept).filter(|identity| !is_key(identity)));
            all.extend(now.iter().chain(&kept).filter(|identity| is_key(identity)));
        }
        let (strongest, text) = (all.first().map(|id| (*id).to_owned()), all.join(" "));
        self.remote_id = strongest.unwrap_or_default();
        self.facts.insert(FACT_IDENTITIES.into(), text);
        self
    }
}

/// Result of **Test connection**.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Preflight {
    /// What we learned; `None` when signing in failed.
    pub account: Option<Account>,
    /// What was tried, in order.
    pub checks: Vec<PreflightCheck>,
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PreflightCheck {
    /// What was checked ("Read orders").
    pub title: String,
    /// How it went.
    pub state: CheckState,
    /// What that means, and what to do if it failed.
    pub detail: String,
    /// What will not work because of it; empty if everything does.
    pub disables: Vec<String>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Fine.
    Works,
    /// Works with a limit that is told.
    Limited,
    /// Does not work.
    Missing,
}

impl ConnectionConfig {
    /// A setting as text, or its declared default.
    pub fn setting<'a>(&'a self, declaration: &Declaration, name: &str) -> std::borrow::Cow<'a, str> {
        use std::borrow::Cow;
        match self.settings.get(name) {
            Some(serde_json::Value::String(text)) => Cow::Borrowed(text),
            Some(serde_json::Value::Null) | None => {
                Cow::Borrowed(declaration.settings.iter().find(|s| s.name == name).map_or("", |s| s.default))
            }
            Some(other) => Cow::Owned(other.to_string()),
        }
    }
    /// What this account can perform: what the platform declares, less what this account was found to lack.
    pub fn performs(&self, declaration: &Declaration) -> Vec<IntentKind> {
        let here = |kind: &IntentKind| self.account.performs.as_ref().is_none_or(|performs| performs.contains(kind));
        declaration.performs.iter().copied().filter(here).collect()
    }
    /// Whether this account has a stream the platform declares.
    pub fn reads(&self, stream: &str) -> bool {
        self.account.streams.as_ref().is_none_or(|streams| streams.iter().any(|name| name == stream))
    }
    /// A yes-or-no setting.
    pub fn toggle(&self, declaration: &Declaration, name: &str) -> bool {
        self.setting(declaration, name) == "true"
    }
}

impl Preflight {
    /// Good enough to save the connection: signed in, and no check that everything needs failed.
    pub fn can_connect(&self) -> bool {
        self.account.is_some()
    }
    /// Signing in failed.
    pub fn failed(refusal: &Refusal) -> Self {
        Self {
            account: None,
            checks: vec![PreflightCheck {
                title: "Sign in".into(),
                state: CheckState::Missing,
                detail: refusal.to_string(),
                disables: vec!["everything".into()],
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(identities: &str) -> Account {
        let mut account =
            Account { remote_id: identities.split(' ').next().unwrap_or_default().to_owned(), ..Account::default() };
        account.facts.insert(FACT_IDENTITIES.into(), identities.to_owned());
        account
    }

    #[test]
    fn one_common_name_makes_one_account_and_a_credential_alone_proves_nothing() {
        for (before, now, same) in [
            ("store:1", "store:1", Some(true)),
            ("store:1", "store:2", Some(false)),
            // A V2 key beside which V1 appears, or V1 that ended.
            ("carrier:3 key:a", "store:1 carrier:3 key:a", Some(true)),
            ("store:1 carrier:3 key:a", "carrier:3 key:b", Some(true)),
            // The oldest is gone.
            ("carrier:3 carrier:5 key:a", "carrier:5 key:b", Some(true)),
            ("carrier:3 key:a", "carrier:4 key:b", Some(false)),
            ("store:1 key:a", "carrier:3 key:b", Some(false)),
            ("key:a", "key:b", None),
            ("key:a", "store:1", None),
            ("store:1 key:a", "key:b", None),
            ("", "store:1", Some(false)),
            ("", "", None),
            ("key:a", "", None),
        ] {
            assert_eq!(account(now).is_same(&account(before)), same, "{before} / {now}");
            assert_eq!(account(before).is_same(&account(now)), same, "{now} / {before}");
        }
    }

    #[test]
    fn names_that_could_not_be_seen_are_kept_and_the_strongest_counts() {
        for (before, now, merged) in [
            ("store:1 carrier:3 key:a", "carrier:3 key:b", "store:1 carrier:3 key:b"),
            ("carrier:3 key:a", "store:1 carrier:3 key:a", "store:1 carrier:3 key:a"),
            ("key:a", "store:1", "store:1 key:a"),
            ("store:1", "store:1 store:2 key:a", "store:1 store:2 key:a"),
            ("carrier:3 carrier:5 key:a", "carrier:5 key:b", "carrier:5 key:b"),
        ] {
            let after = account(now).known_as(&account(before));
            assert_eq!(after.facts[FACT_IDENTITIES], merged, "{before} / {now}");
            assert_eq!(after.remote_id, merged.split(' ').next().unwrap_or_default(), "{before} / {now}");
        }
        // A platform that names its accounts is left alone.
        let plain = Account { remote_id: "shop/1".into(), ..Account::default() };
        assert_eq!(plain.clone().known_as(&account("key:a")), plain);
    }
}
