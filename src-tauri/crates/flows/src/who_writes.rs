//! Who writes a store's orders to its hub: the desk, or the hub by a link of its own to the store.
//!
//! Both would make two of each, and whoever comes first decides nothing: the other one comes all the same. So the
//! question is asked before anything is sent, wherever the hub shows such a link, and wherever it cannot show any (its test
//! says so): not seeing a link is not knowing that there is none. Going live answers nothing: until somebody has said it,
//! orders wait, with the question and its two buttons. What going live was taken to say in versions of before stays said:
//! the desk writes, as long as no link is seen. An answer holds over the links that were there when it was given; one that
//! is made later asks again.

use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::{Cause, ConnectionConfig, ConnectionId, IntentKind, Mode, OwnLink, Role};
use serde_json::Value;
use std::collections::BTreeMap;

/// Setting of a store: the hub imports it by itself (`true`), or the desk writes (`false`). Unset: nobody has said.
pub const HUB_IMPORTS: &str = "hub_imports";
/// Kept beside "the desk writes": the links that were known then, `hub/id` each. Unset: it was said before any were known.
pub const SAID_OVER: &str = "hub_imports_over";
/// Kept while nobody has said, by versions that took going live for an answer: ids of hubs that show no links. The desk
/// writes to them.
pub const UNSEEN: &str = "hub_imports_unseen";

/// Who writes a store's orders to its hub, as somebody said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Writes {
    /// Nobody has said.
    #[default]
    Unsaid,
    /// Nobody has said in words; orders went to these hubs, which show no links, before that was asked: the desk writes there
    /// until one is seen.
    Unseen(Vec<String>),
    /// The hub, by a link of its own: nothing is sent, and its copies are taken.
    Hub,
    /// The desk, whatever links of these names there are; `None`: whatever links there were when they were first seen.
    Desk(Option<Vec<String>>),
}

impl Writes {
    /// From the settings of a store.
    pub fn of(settings: &BTreeMap<String, Value>) -> Self {
        let names = |kept: &str| {
            let names = settings.get(kept)?.as_array()?;
            Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
        };
        match settings.get(HUB_IMPORTS).and_then(Value::as_bool) {
            None => names(UNSEEN).map_or(Self::Unsaid, Self::Unseen),
            Some(true) => Self::Hub,
            Some(false) => Self::Desk(names(SAID_OVER)),
        }
    }
}

/// Every link that is known, as answers remember them; `None`: no hub can tell.
pub fn known_links(configs: &[ConnectionConfig]) -> Option<Vec<String>> {
    let links = configs.iter().filter_map(|hub| Some((hub, hub.account.own_links()?)));
    let names = links.map(|(hub, links)| links.iter().map(|link| name_of(&hub.id, link)).collect::<Vec<_>>());
    names.reduce(|mut all, more| {
        all.extend(more);
        all
    })
}

/// Answers that were given before any link was known hold over those that are seen first. The accounts that changed.
pub fn settle_answers(configs: &[ConnectionConfig]) -> Vec<ConnectionConfig> {
    let Some(known) = known_links(configs) else { return Vec::new() };
    let unsettled = configs.iter().filter(|config| Writes::of(&config.settings) == Writes::Desk(None));
    let settled = unsettled.map(|config| {
        let mut config = config.clone();
        config.settings.insert(SAID_OVER.to_owned(), known.clone().into());
        config
    });
    settled.collect()
}

/// Stores whose hub shows no links and of which nobody has said who writes, as they are to be kept where going live said it
/// before anybody was asked; each with its hub. Nothing answers so any more.
pub fn by_going_live<'a>(policy: &'a Policy, configs: &[ConnectionConfig]) -> Vec<(ConnectionConfig, &'a Peer)> {
    let unseen = open_questions(policy).into_iter().filter(|(.., links)| links.is_empty());
    let said = unseen.filter_map(|(store, hub, _)| {
        let mut config = configs.iter().find(|config| config.id == store.id)?.clone();
        let mut hubs = match &store.writes {
            Writes::Unseen(hubs) => hubs.clone(),
            _ => Vec::new(),
        };
        hubs.push(hub.id.to_string());
        config.settings.insert(UNSEEN.to_owned(), hubs.into());
        Some((config, hub))
    });
    said.collect()
}

/// Stores whose orders the desk writes because somebody went live, with their hubs: nobody has said it in words.
pub fn said_by_going_live(policy: &Policy) -> Vec<(&Peer, &Peer)> {
    let stores = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
    let said = stores.filter_map(|store| {
        let hub = policy.hub_of_store(store)?;
        let Writes::Unseen(hubs) = &store.writes else { return None };
        (hub.own_links.is_none() && hubs.iter().any(|id| id == hub.id.as_str())).then_some((store, hub))
    });
    said.collect()
}

/// What going live said of a store, in a sentence.
pub fn live_sentence(store: &Peer, hub: &Peer) -> String {
    format!(
        "Quayside writes the orders of {} to {} from now on: going live says so, since nobody has said otherwise and {} shows no links of its own.",
        store.name, hub.name, hub.title
    )
}

/// Accounts of before the question was asked: what a store's orders were sent by so far goes on sending them.
pub fn as_it_was(configs: &[ConnectionConfig], sent: &[ConnectionId]) -> Vec<ConnectionConfig> {
    let live = |config: &&ConnectionConfig| Writes::of(&config.settings) == Writes::Unsaid && sent.contains(&config.id);
    let kept = configs.iter().filter(live).map(|config| {
        let mut config = config.clone();
        config.settings.insert(HUB_IMPORTS.to_owned(), false.into());
        config
    });
    kept.collect()
}

/// What is open between a store and its hub: links of the hub's own to the store, or to one that may be it; none where the
/// hub cannot show any. `None`: it is known who writes.
pub fn question<'a>(policy: &Policy, store: &Peer, hub: &'a Peer) -> Option<Vec<&'a OwnLink>> {
    // What a person types in there, that person sees.
    if !hub.performs.contains(&IntentKind::PutHubOrder) {
        return None;
    }
    let over = match &store.writes {
        Writes::Hub | Writes::Desk(None) => return None,
        Writes::Unsaid | Writes::Unseen(_) => &[][..],
        Writes::Desk(Some(over)) => over,
    };
    let Some(links) = &hub.own_links else {
        let asks = match &store.writes {
            Writes::Unsaid => true,
            Writes::Unseen(hubs) => !hubs.iter().any(|id| id == hub.id.as_str()),
            Writes::Hub | Writes::Desk(_) => false,
        };
        return asks.then(Vec::new);
    };
    let new = |link: &&OwnLink| !over.contains(&name_of(&hub.id, link)) && may_be(policy, store, link);
    let links: Vec<&OwnLink> = links.iter().filter(new).collect();
    (!links.is_empty()).then_some(links)
}

/// Links of a hub's own that may lead to a store, whoever was said to write it.
pub fn links_to<'a>(policy: &Policy, store: &Peer, hub: &'a Peer) -> Vec<&'a OwnLink> {
    hub.own_links.iter().flatten().filter(|link| may_be(policy, store, link)).collect()
}

/// Every store whose orders wait for the answer, with its hub and the links of that.
pub fn open_questions(policy: &Policy) -> Vec<(&Peer, &Peer, Vec<&OwnLink>)> {
    let stores = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
    let asked = stores.filter_map(|store| {
        let hub = policy.hub_of_store(store)?;
        Some((store, hub, question(policy, store, hub)?))
    });
    asked.collect()
}

/// The name an answer remembers a link by.
pub fn name_of(hub: &ConnectionId, link: &OwnLink) -> String {
    format!("{hub}/{}", link.id)
}

/// Links as a list for people.
pub fn names(links: &[&OwnLink]) -> String {
    let words: Vec<String> = links.iter().map(|link| link.words()).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The question in a sentence.
pub fn sentence(store: &Peer, hub: &Peer, links: &[&OwnLink]) -> String {
    if links.is_empty() {
        return format!(
            "Does {} already import the orders of {} by itself? {} cannot show that to Quayside. If both write, each order is there twice: say whether Quayside or {} writes.",
            hub.name, store.name, hub.title, hub.title
        );
    }
    let known = format!("{} imports {} by itself", hub.name, names(links));
    format!(
        "Who writes the orders of {} to {}? {known}. If both do, each order is there twice: say whether Quayside or {} writes.",
        store.name, hub.name, hub.title
    )
}

/// The link may lead to the store: by its platform or by its name.
fn may_be(policy: &Policy, store: &Peer, link: &OwnLink) -> bool {
    let (marketplace, name) = (fold(&link.marketplace), fold(&link.name));
    let platform = fold(&store.title);
    let bears = |peer: &Peer| !name.is_empty() && fold(&peer.name) == name;
    if bears(store) {
        return true;
    }
    // Several of our stores are of one platform: a link that bears another's name leads there.
    let leads_elsewhere = policy.peers.values().any(|peer| {
        peer.id != store.id && peer.platform == store.platform && peer.roles.contains(&Role::Channel) && bears(peer)
    });
    !platform.is_empty() && marketplace.contains(&platform) && !leads_elsewhere
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Tells that nobody has said who writes: `true` keeps the order here. What is only watched is sent by nobody.
pub(crate) fn keeps_here(look: &mut Look<'_>, store: &Peer, hub: &Peer) -> bool {
    if matches!(look.mode(crate::orders_to_hub::ID), Mode::Off | Mode::Watch) {
        return false;
    }
    let Some(question) = question(look.policy, store, hub) else { return false };
    let asked = sentence(store, hub, &question);
    let number = &look.story.order.number;
    look.wait(
        "who_writes",
        look.story.received_at_ms,
        format!("Nobody has said whether Quayside or {} writes it", hub.title),
    );
    look.find(
        Cause::WhoWrites,
        hub.id.as_str(),
        format!("{number} was not sent, so that nothing is packed twice. {asked}"),
    );
    true
}
