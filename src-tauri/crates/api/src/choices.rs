//! What can be chosen beside a cancellation or a refund: the store's declaration is asked, never the platform's name.
//!
//! A choice the store does not honour is not shown, and refused where it is made all the same, with what happens
//! instead. Over several stores at once a choice holds where it is honoured, and what the others do stands beside it.

use crate::aim;
use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::{Act, ChoiceOffer, Targets, Trouble, Verb};
use quayside_flows::Policy;
use quayside_model::{Choice, ConnectionId, Declaration, IntentKind, Role};
use std::collections::BTreeSet;

/// Orders whose stores are looked up one by one; of more, every store counts.
const LOOKED_UP_MAX: usize = 200;

/// What an account's platform says about itself.
pub(crate) fn declaration_of(policy: &Policy, account: &ConnectionId) -> Option<&'static Declaration> {
    let peer = policy.peers.get(account)?;
    quayside_connectors::platform(&peer.platform).map(|platform| platform.declaration)
}

/// Why what was chosen cannot be: the first choice that the account does not honour.
pub(crate) fn refused(policy: &Policy, account: &ConnectionId, kind: IntentKind, chosen: &[Choice]) -> Option<String> {
    let declaration = declaration_of(policy, account)?;
    let (choice, instead) = chosen.iter().find_map(|choice| Some((*choice, declaration.instead(kind, *choice)?)))?;
    let what = match choice {
        Choice::Refund => "Giving the money back",
        Choice::Restock => "Putting units back on the shelf",
        Choice::Notify => "Telling the buyer",
    };
    Some(format!("{what} cannot be chosen at {}. {instead}", declaration.title))
}

/// Whether a choice that was made holds at an account.
pub(crate) fn holds(policy: &Policy, account: &ConnectionId, kind: IntentKind, choice: Choice) -> bool {
    declaration_of(policy, account).is_none_or(|declaration| declaration.instead(kind, choice).is_none())
}

/// The choices of an act.
pub(crate) fn chosen(act: &Act) -> Vec<Choice> {
    let made = [(Choice::Refund, act.refund), (Choice::Restock, act.restock), (Choice::Notify, act.notify)];
    made.into_iter().filter(|(_, chosen)| *chosen).map(|(choice, _)| choice).collect()
}

/// What can be chosen beside a change in these stores.
pub(crate) fn offers(policy: &Policy, stores: &BTreeSet<ConnectionId>, kind: IntentKind) -> Vec<ChoiceOffer> {
    let stores: Vec<&Declaration> = stores
        .iter()
        .filter_map(|store| declaration_of(policy, store))
        .filter(|declaration| declaration.performs.contains(&kind))
        .collect();
    Choice::beside(kind)
        .iter()
        .map(|choice| {
            let mut instead: Vec<String> = Vec::new();
            for sentence in stores.iter().filter_map(|declaration| declaration.instead(kind, *choice)) {
                if !instead.iter().any(|known| known == sentence) {
                    instead.push(sentence.to_owned());
                }
            }
            let honoured = stores.iter().any(|declaration| declaration.instead(kind, *choice).is_none());
            ChoiceOffer { choice: *choice, honoured, instead }
        })
        .collect()
}

impl Desk {
    /// What can be chosen beside a cancellation (or a refund) of these, and what happens where it cannot.
    pub fn choices(&self, verb: Verb, targets: Targets) -> Answer<Vec<ChoiceOffer>> {
        let kind = match verb {
            Verb::Cancel => IntentKind::CancelChannelOrder,
            Verb::Refund => IntentKind::Refund,
            _ => return Err(Trouble::input("Only beside a cancellation or a refund is there something to choose.")),
        };
        let room = self.room()?;
        let policy = room.policy()?;
        let act = Act::on(verb, targets);
        let aims = aim::resolve(&room, &act)?;
        let stores: BTreeSet<ConnectionId> = if aims.len() > LOOKED_UP_MAX {
            let channels = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
            channels.map(|peer| peer.id.clone()).collect()
        } else {
            room.store.read(|r| {
                let stories = aims.iter().filter_map(aim::Aim::order).map(|id| Ok(r.story(id)?.map(|it| it.channel)));
                stories.filter_map(Result::transpose).collect()
            })?
        };
        Ok(offers(&policy, &stores, kind))
    }
}
