//! Whoever gets the goods is a contact with an account, created or brought up to date.

use super::{draft, keep, keeper};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use quayside_model::{
    Address, ConnectionId, Intent, IntentKind, Meant, ORDER_FACT, RecordKind, RecordNoun, Role, SettingDecl,
    SettingKind,
};
use serde_json::{Value, json};

pub(crate) const ID: &str = "customers_to_records";
const ABOUT: &str = "customer";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Customers to the records",
    summary: "Keeps a contact and its account for everybody a paid order goes to: found by our id, else by e-mail, telephone number, order number, or name and postcode, as far as the account can be asked; created where there is none. What several people may share links nobody before you said so.",
    examples: &[
        (
            "Somebody buys for the first time.",
            "A contact and an account are made, with name, address, e-mail and telephone.",
        ),
        ("The same person buys again.", "The same contact is brought up to date; there is no second one."),
        (
            "A contact with that e-mail is there already.",
            "It gets our id and what it lacks; what your people wrote stays.",
        ),
        (
            "Two contacts have that e-mail, or one has only the telephone number or the name and postcode.",
            "Nothing is written. Both sides are shown, and you say who is meant: this once, or always.",
        ),
        (
            "The shipping account found the address among those carriers know, and a field is chosen for that.",
            "The contact says so.",
        ),
        ("A present goes to somebody else.", "The contact is who gets it, without the buyer's e-mail and telephone."),
        ("The marketplace wants its buyers' data forgotten.", "Nothing is written."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "Delete the contact and the account there. Switched off, nothing more is written.",
    settings: &[SettingDecl {
        name: super::RECORDS_SETTING,
        label: "Kept in",
        help: "The account that keeps customers, shipments, tasks and cases. Only needed with several. Orders that come from such an account are kept in it.",
        kind: SettingKind::Text,
        default: "",
    }],
    look,
};

/// The person goods go to.
pub(crate) struct Who<'a> {
    address: &'a Address,
    email: &'a str,
    phone: &'a str,
}

impl<'a> Who<'a> {
    /// What they are called.
    pub(crate) fn name(&self) -> &'a str {
        let a = self.address;
        if a.name.trim().is_empty() { a.company.trim() } else { a.name.trim() }
    }

    /// Our id: by e-mail, so that all orders of one person are one; else by name and door.
    pub(crate) fn key(&self) -> String {
        if !self.email.is_empty() {
            return key_of_mail(self.email);
        }
        let a = self.address;
        named(&[&a.name, &a.company, &a.line1, &a.postcode, &a.country].map(|part| fold(part)).join("\n"))
    }
}

/// Our id of whoever has this e-mail.
pub(crate) fn key_of_mail(email: &str) -> String {
    named(&format!("mail\n{}", fold(email)))
}

fn named(identity: &str) -> String {
    format!("customer-{}", &blake3::hash(identity.as_bytes()).to_hex()[..20])
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whom this order goes to; `None` where nobody is named, or where the person's data must not leave the desk.
pub(crate) fn who<'a>(look: &Look<'a>) -> Option<Who<'a>> {
    let (order, story) = (&look.story.order, look.story);
    let forgets = look.channel.is_some_and(|channel| channel.forgets_buyers)
        || order.sold_on.as_ref().is_some_and(|on| on.personal_data_days.is_some());
    let address = story.choices.address.as_ref().or(order.ship_to.as_ref())?;
    let named = !address.name.trim().is_empty() || !address.company.trim().is_empty();
    if forgets || !named {
        return None;
    }
    // The e-mail is the buyer's; whoever only gets a present is another person.
    let buyer = order.customer.as_ref().filter(|buyer| {
        let name = fold(&buyer.name);
        name.is_empty() || name == fold(&address.name) || name == fold(&address.company)
    });
    let own_phone = address.phone.trim();
    Some(Who {
        address,
        email: buyer.map_or("", |buyer| buyer.email.trim()),
        phone: if own_phone.is_empty() { buyer.map_or("", |buyer| buyer.phone.trim()) } else { own_phone },
    })
}

fn look(look: &mut Look<'_>) {
    let Some((keeper, mode)) = keeper(look, ID) else { return };
    let order = &look.story.order;
    // What came from there has its customer there.
    let theirs = keeper.id == look.story.channel;
    if theirs || order.is_cancelled() || !order.payment.is_paid() || look.lines.rows.is_empty() {
        return;
    }
    let Some(who) = who(look) else { return };
    let mut facts = facts_of(&who).to_vec();
    if keeper.keeps_verified {
        facts.push(("verified", verified(look, &who).map_or(Value::Null, Value::from)));
    }
    let record = draft(RecordNoun::Customer, who.key(), &facts, found_by(look, &keeper.id, &who));
    let known =
        look.last(IntentKind::PutRecord, ABOUT).is_some_and(|last| matches!(&last.intent, Intent::PutRecord { .. }));
    let verb = if known { "Bring up to date" } else { "Keep" };
    let sentence = format!("{verb} {}, who gets {}, in {}", who.name(), order.number, keeper.name);
    keep(look, ID, (keeper, mode), ABOUT, record, sentence);
}

/// By what somebody is found at an account, besides what is known of them: the number of their order, and whom a person
/// said is meant. None of it is written.
pub(crate) fn found_by(look: &Look<'_>, account: &ConnectionId, who: &Who<'_>) -> Vec<(String, String)> {
    let number = json!(look.story.order.number).to_string();
    let meant = look.policy.meant(account, &who.key()).map(Meant::fact);
    [(ORDER_FACT.to_owned(), number)].into_iter().chain(meant).collect()
}

/// Whether the hub found the address among those carriers know; it may have put it into a carrier's spelling since.
fn verified(look: &Look<'_>, who: &Who<'_>) -> Option<bool> {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let (country, postcode) = (bare(&who.address.country), bare(&who.address.postcode));
    let same = |there: &Address| {
        let code = bare(&there.postcode);
        bare(&there.country) == country && (code.starts_with(&postcode) || postcode.starts_with(&code))
    };
    let ours = look.story.hub_orders.iter().map(|seen| &seen.value);
    let ours = ours.filter(|order| order.ship_to.as_ref().is_some_and(same));
    ours.filter_map(|order| order.address_verified).max()
}

/// What is known of somebody, by the words of the noun.
pub(crate) fn facts_of(who: &Who<'_>) -> [(&'static str, Value); 9] {
    let a = who.address;
    let street = [&a.line1, &a.line2, &a.line3]
        .map(|line| line.trim())
        .iter()
        .filter(|line| !line.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    [
        ("name", json!(a.name.trim())),
        ("company", json!(a.company.trim())),
        ("email", json!(who.email)),
        ("phone", json!(who.phone)),
        ("street", json!(street)),
        ("city", json!(a.city.trim())),
        ("region", json!(a.region.trim())),
        ("postcode", json!(a.postcode.trim())),
        ("country", json!(a.country.trim())),
    ]
}
