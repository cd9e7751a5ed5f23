//! One cause, explained: what it means, why it happens, how it is mended, and how the last days were.
//! The orders themselves are the exceptions list asked for this cause.

use crate::console::{Mute, muted};
use crate::desk::Desk;
use crate::exceptions::needs_person;
use crate::home::zone_of;
use crate::trouble::Answer;
use crate::zone;
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{Cause, Fixer, Tone};
use quayside_store::Episode;
use serde::Serialize;
use specta::Type;
use std::collections::BTreeMap;

/// Days the page looks back, today included.
const DAYS: i64 = 30;

/// One day of a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CauseDay {
    /// `YYYY-MM-DD`.
    pub day: String,
    /// Began on it.
    pub opened: i64,
    /// Ended on it.
    pub over: i64,
}

/// One cause, explained.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct CauseView {
    /// Which.
    pub cause: Cause,
    /// Its title.
    pub title: String,
    /// Icon.
    pub icon: String,
    /// Tone.
    pub tone: Tone,
    /// What it means.
    pub means: String,
    /// Why it happens, the most frequent reason first.
    pub why: Vec<String>,
    /// How to mend it, step by step.
    pub mend: Vec<String>,
    /// Who can mend it, in words.
    pub who: String,
    /// Somebody has to do something; else it passes.
    pub needs_person: bool,
    /// It is kept quiet.
    pub muted: Option<Mute>,
    /// Per day, oldest first.
    pub days: Vec<CauseDay>,
    /// Ended by themselves in these days.
    pub by_itself: i64,
    /// Settled by a person in these days.
    pub by_person: i64,
    /// Median minutes from beginning to end.
    pub median_min: Option<f64>,
}

impl Desk {
    /// What a cause means, why it happens, how it is mended.
    pub fn cause(&self, cause: Cause) -> Answer<CauseView> {
        let room = self.room()?;
        let (now_ms, zone) = (room.now_ms(), zone_of(&room)?);
        let from_ms = zone::day_start(now_ms - (DAYS - 1) * DAY_MS, zone);
        let (episodes, mute) = room
            .store
            .read(|r| Ok((r.findings_since(Some(cause), from_ms)?, muted(r, now_ms)?.get(&cause).copied())))?;
        let mut days: BTreeMap<String, (i64, i64)> =
            (0..DAYS).map(|back| (zone::day_name(now_ms - back * DAY_MS, zone), (0, 0))).collect();
        for episode in &episodes {
            if let Some(day) = days.get_mut(&zone::day_name(episode.opened_at_ms, zone)) {
                day.0 += 1;
            }
            if let Some(day) = episode.over_at_ms.and_then(|at_ms| days.get_mut(&zone::day_name(at_ms, zone))) {
                day.1 += 1;
            }
        }
        let over = |by_itself: bool| {
            episodes.iter().filter(|one| one.over_at_ms.is_some() && one.by_itself == by_itself).count() as i64
        };
        let (why, mend) = explained(cause);
        Ok(CauseView {
            cause,
            title: cause.title().to_owned(),
            icon: cause.icon().to_owned(),
            tone: cause.tone(),
            means: cause.help().to_owned(),
            why: why.iter().map(|line| (*line).to_owned()).collect(),
            mend: mend.iter().map(|line| (*line).to_owned()).collect(),
            who: who(cause.fixer()).to_owned(),
            needs_person: needs_person(cause),
            muted: mute,
            days: days.into_iter().map(|(day, (opened, over))| CauseDay { day, opened, over }).collect(),
            by_itself: over(true),
            by_person: over(false),
            median_min: median(&episodes),
        })
    }
}

fn median(episodes: &[Episode]) -> Option<f64> {
    let mut lengths: Vec<i64> =
        episodes.iter().filter_map(|one| Some((one.over_at_ms? - one.opened_at_ms).max(0))).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).map(|length| *length as f64 / MINUTE_MS as f64)
}

fn who(fixer: Fixer) -> &'static str {
    match fixer {
        Fixer::Merchant => "You, here or in the store",
        Fixer::Warehouse => "The warehouse",
        Fixer::Buyer => "The buyer",
        Fixer::Platform => "The platform; Quayside waits and looks again",
        Fixer::Time => "Nobody needs to: it passes",
    }
}

/// Why it happens, and how to mend it. What it means is with the cause itself.
#[allow(clippy::too_many_lines)] // one table
fn explained(cause: Cause) -> (&'static [&'static str], &'static [&'static str]) {
    match cause {
        Cause::SignInNeeded => (
            &[
                "The key or token expired, or somebody made a new one.",
                "The app was removed from the account, or its owner left the team.",
                "The password of the account was changed and all tokens ended with it.",
            ],
            &[
                "Press \"Sign in\" and enter new credentials; they are tested before the old ones go.",
                "Everything that waits goes on by itself, in the order of its deadlines.",
            ],
        ),
        Cause::ScopeMissing => (
            &[
                "The app was installed before this permission was asked for.",
                "Whoever installed it left a box unticked, or is not allowed to grant it.",
            ],
            &[
                "Open the app at the platform and grant the permission the sentence names.",
                "Test the connection here; the checklist shows what works now.",
            ],
        ),
        Cause::AccountBlocked => (
            &[
                "An invoice of the platform is unpaid.",
                "The plan does not include what is asked for.",
                "The platform locked or froze the account.",
            ],
            &[
                "Sign in at the platform in a browser; it says there what it wants.",
                "Come back and retry; nothing has to be entered here.",
            ],
        ),
        Cause::FieldsChanged => (
            &[
                "An admin removed or renamed a field, or took it from the user Quayside signs in as.",
                "A field became required, and nothing is written into it.",
            ],
            &[
                "Mend what the sentence names at the platform, or choose another field in the connection's settings.",
                "It is looked at every hour and when the account is opened; the entry goes by itself.",
            ],
        ),
        Cause::MappingDrift => (
            &[
                "Somebody renamed the field, the attribute or the question at the checkout, or took it out.",
                "An app or a theme that filled it was updated, or is gone.",
                "The platform fills it with something else now.",
            ],
            &[
                "Open the newest order in the store and see what the field is called there now.",
                "Open \"Field mapping\" under Automations and let the mappings that the entry names read that; the preview shows what they give.",
                "Is it left empty on purpose? Mark the entry settled, or switch the mapping off.",
                "It is looked at once a day; the entry goes by itself when the field is back.",
            ],
        ),
        Cause::VersionEnds => (
            &[
                "A platform changes its API every few months and serves each version for a year or so; this Quayside was made for one that is old by now.",
                "The platform has ended the version that is asked for, and answers by a later one without refusing anything.",
                "Somebody chose another version in the account's settings.",
            ],
            &[
                "Install the newest Quayside. Everything stays as it is: accounts, orders, what waits to be sent.",
                "Is it the newest one already? Then go on working: what the later version answers otherwise is told where it matters, record by record.",
                "It is looked at with every reading; the entry goes by itself once the right version answers.",
            ],
        ),
        Cause::QuietChannel => (
            &[
                "The checkout or a way to pay is broken, or the shop is closed by a password or a setting.",
                "A sales channel or an advertisement was switched off, or the goods that sell are out of stock.",
                "The app lost the permission to read orders, or the new credentials are for another store.",
                "Nobody wants anything just now: a holiday, the end of a campaign.",
            ],
            &[
                "Open the store and look: buy something yourself as far as the payment.",
                "Compare the newest order there with the newest one here. If there are newer ones there, look at the app's permissions, then press \"Sync now\".",
                "Is all well there? Mark it settled, or put it away until the morning; it comes back with the next silence.",
                "To hear of it later, sooner or not at all: Automations, \"Quiet channels\".",
            ],
        ),
        Cause::ProductsDiffer => (
            &[
                "Two of your stores list the same SKU and say different things of it: a weight was corrected in one of them, or prices differ on purpose.",
                "Two different things have one SKU.",
                "The shipping account has two products of this SKU that are in use.",
            ],
            &[
                "Look at both stores and make them say the same; the entry goes with the next reading.",
                "Should one store's word always hold? Automations, \"Products to the hub\", \"Whose word holds\".",
                "Do prices differ on purpose? Switch \"Price\" off there: then nobody compares them.",
                "Are they two things? Give one of them another SKU, or name it in the table of SKU aliases.",
            ],
        ),
        Cause::NotThePlatform => (
            &[
                "A proxy or a hotel network answers with its own page.",
                "The address of the account is wrong.",
                "The platform retired the version that was asked.",
            ],
            &[
                "Open any page in a browser on this computer: a network sign-in shows up there.",
                "Compare the address of the account under Connections.",
            ],
        ),
        Cause::KeychainClosed => (
            &[
                "The computer was unlocked without the keychain's password.",
                "No keychain service runs in this session.",
            ],
            &["Unlock the keychain; usually signing out and in again is enough."],
        ),
        Cause::ClockWrong => (
            &[
                "The clock of this computer is not set automatically.",
                "The computer slept long or its battery is empty.",
            ],
            &["Switch the automatic time of the system on.", "Deadlines are right again at the next look."],
        ),
        Cause::Offline => (
            &["This computer has no network.", "The platform is down, or its name does not resolve."],
            &["Nothing, usually: Quayside tries again with growing pauses and catches up in one go."],
        ),
        Cause::RateLimited => (
            &["Many changes at once: a sale, a first import.", "Another program uses the same key."],
            &[
                "Nothing: what has a deadline goes first.",
                "If it happens each day, give each program a key of its own.",
            ],
        ),
        Cause::PlatformTrouble => (
            &["The platform answers with errors of its own."],
            &["Nothing: Quayside tries again. The platform's status page usually says more."],
        ),
        Cause::SeenTwice => (
            &[
                "The shipping account has a link of its own to this store and imports its orders.",
                "Somebody typed the order in, or another program sends it.",
                "Another of your accounts sold it, and this store only carries a copy (a marketplace's channel).",
                "Two stores use the same number, and the same person bought the same twice.",
            ],
            &[
                "Use the copy that is there: Quayside follows it and reports its parcels, and sends nothing of its own.",
                "If it happens with every order of a store: Connections, the store, \"Who writes its orders to the shipping account\".",
                "If another account sold it: say that they are one sale, and that account sends it. Connections, the store, \"Orders sold by another account\" says who sends all of them.",
                "If they are two sales, send ours too.",
            ],
        ),
        Cause::WhoWrites => (
            &[
                "The shipping account is linked to this store itself, as its list of stores shows.",
                "The account's API does not show its links, and nobody has said whether there is one.",
                "The link was made after you had said that Quayside writes.",
            ],
            &[
                "If Quayside is to send the orders: switch the import off at the shipping account (or remove the link), then Connections, the store, \"Who writes its orders to the shipping account\": Quayside.",
                "If the shipping account is to go on importing: choose it there. Quayside then sends nothing, takes the copies that arrive and reports their parcels.",
                "In a terminal: quayside-cli connection-settings STORE hub_imports=false (Quayside) or hub_imports=true (the shipping account).",
            ],
        ),
        Cause::EnterByHand => (
            &[
                "The account's API has no way to take orders, or its profile does not say how.",
                "The ability was switched off in the account's profile.",
            ],
            &[
                "Copy the order (the button puts it on the clipboard), paste it into the account and quote the reference, then settle the entry here.",
                "When the order changes later, the entry comes back with another edition: bring the account up to date.",
                "For many at once: \"Copy all\" or \"Export CSV\" above (in a terminal: quayside-cli profile by-hand --csv), and import the file there.",
                "If the account can take orders, say so in its profile and test the connection.",
            ],
        ),
        Cause::ChangeByHand => (
            &[
                "The profile of the account has no way for this change, or says that the account cannot do it.",
                "The order was entered at the account by hand, so nothing of it can be changed from here.",
                "The account takes no further lines or units on an order it has.",
                "An automation that keeps counts, products or customers there asks or acts, and the account takes none of them from outside.",
            ],
            &[
                "Copy the change (the button puts it on the clipboard), find the order there by its number or our reference (a count or a product by its SKU), enter it, then settle the entry here.",
                "For many at once: \"Copy all\" or \"Export CSV\" above (in a terminal: quayside-cli profile by-hand --changes --csv).",
                "If the account can do it, say so in its profile and test the connection.",
            ],
        ),
        Cause::AddressMissing => (
            &[
                "The buyer left a field out; express checkouts often lack the name or the telephone.",
                "The channel hides the address until the order is paid.",
            ],
            &[
                "Press \"Edit address\"; what is missing is marked.",
                "The order goes on with the corrected address. The store keeps the buyer's own.",
            ],
        ),
        Cause::AddressRefused => (
            &[
                "Postcode and town do not belong together.",
                "The street is too long for a label, or holds the number in the wrong field.",
                "The carrier does not serve the place.",
            ],
            &[
                "Press \"Edit address\" and correct what the platform named.",
                "Retry; what was sent before is updated, not doubled.",
            ],
        ),
        Cause::UnknownSku => (
            &[
                "The product is new and nobody has made it at the hub yet.",
                "The SKU was renamed in the store.",
                "The line was typed in by hand and has no SKU.",
            ],
            &[
                "Press \"Map SKU\" and enter the one the warehouse knows; it is shown exactly what would be sent.",
                "Or make the product at the hub, then retry all of this cause.",
            ],
        ),
        Cause::ServiceRefused => (
            &[
                "The buyer chose a service the hub has under another name.",
                "The service does not exist for this country or weight.",
            ],
            &["Press \"Choose service\" and pick one.", "For good: set the mapping under Automations."],
        ),
        Cause::ContentRefused => (
            &[
                "A note or a name is longer than the platform takes.",
                "A value has a form the platform does not expect.",
            ],
            &[
                "Press \"Edit and retry\"; the field the platform named is marked.",
                "Giving up leaves both sides as they are.",
            ],
        ),
        Cause::MappingFailed => (
            &[
                "The buyer or the store left the field out that a required mapping reads.",
                "The store renamed an attribute.",
                "The template meets a value it cannot work with.",
            ],
            &[
                "Open \"Field mapping\" under Automations: the preview shows what each template gives on real orders.",
                "Mend it, or let it be empty; every order that waits goes on by itself.",
            ],
        ),
        Cause::MappingCut => (
            &[
                "A buyer wrote more than usual, or an order has more lines than the mapping was made for.",
                "The field at the shipping account is shorter than the one the text comes from.",
            ],
            &[
                "Look at the order at the shipping account: is what is left of the text enough? Then mark it settled.",
                "For good: open \"Field mapping\" under Automations and shorten the text with |cut, or fill a note instead.",
            ],
        ),
        Cause::RuleAlert => (
            &["A rule of yours has the action \"Tell me\", and the order fits it."],
            &["Read it and mark it settled. To hear less often, narrow the rule's conditions."],
        ),
        Cause::LinesDoNotBalance => (
            &[
                "The warehouse closed the order although a unit is missing.",
                "A parcel was made known without its contents.",
                "The store removed units in a way it does not tell.",
            ],
            &[
                "Compare the sum in the sentence with both sides.",
                "Ship or refund the difference, then mark it settled.",
            ],
        ),
        Cause::Unreadable => (
            &["The platform sent something new, or cut its answer short."],
            &[
                "Retry: it is read again, alone.",
                "If it stays, copy the details and report them; the raw answer is kept.",
            ],
        ),
        Cause::HubLocked => (
            &["The warehouse was faster: the order was shipped or cancelled there first."],
            &[
                "Open the order at the hub and see what it did.",
                "Mark it settled when both sides are as you want them.",
            ],
        ),
        Cause::EditedTooLate => (
            &["The buyer or your team changed the order after its label was bought."],
            &[
                "Stop the parcel at the hub if it has not left, else send the difference.",
                "Mark it settled; both contents stand in the order's story.",
            ],
        ),
        Cause::AnotherAddress => (
            &[
                "Somebody at the warehouse changed the address and bought the label a moment later.",
                "The buyer wrote to the warehouse instead of the store.",
            ],
            &[
                "Compare both addresses in the sentence; ask whoever changed it.",
                "If it is wrong, void the label while the parcel is here.",
                "If it is right, mark it settled.",
            ],
        ),
        Cause::CancelledAfterLabel => (
            &[
                "The buyer cancelled between packing and leaving.",
                "The refund was made in the store without looking at the hub.",
            ],
            &[
                "Void the label while the parcel is here: the postage comes back, and the order is cancelled at the hub.",
                "Ship anyway if it has left; the store is told then.",
                "What is still open at the hub is held until you decide, where the hub takes holds.",
            ],
        ),
        Cause::CancelledAtHub => (
            &["Somebody cancelled it at the hub for want of stock.", "Orders were merged or cleaned up there."],
            &["Cancel it in the store; the buyer is told there.", "Or retry: it is sent to the hub again."],
        ),
        Cause::SidesDiffer => (
            &[
                "The address or the lines were changed at the hub by hand.",
                "The store was edited and the hub did not take the edit.",
            ],
            &[
                "Compare both sides in the order; differences are marked.",
                "Retry sends the store's version; \"Ship anyway\" accepts the hub's.",
            ],
        ),
        Cause::ParcelDoesNotFit => (
            &["The warehouse added a replacement or a free sample.", "Two orders went out in one parcel."],
            &["Look at the parcel at the hub.", "Tell the store by hand what belongs to it, then mark this settled."],
        ),
        Cause::FulfillmentRefused => (
            &[
                "The store holds the order, for fraud or by hand.",
                "It was fulfilled by hand already.",
                "The lines belong to another location.",
            ],
            &[
                "Open the order in the store and release it.",
                "Retry; a fulfillment made by hand is recognised and not doubled.",
            ],
        ),
        Cause::HeldInChannel => (
            &["The store's fraud check or a person put it on hold."],
            &["Release it in the store; Quayside notices at its next look and goes on."],
        ),
        Cause::HubNotifyFailed => {
            (&["The hub's own link to the store is broken."], &["Nothing: Quayside reports the parcel instead."])
        }
        Cause::LabelVoided => (
            &["The parcel was repacked, or the address was corrected after the label."],
            &["Usually nothing: with a new label the store is corrected.", "Without one the report is taken back."],
        ),
        Cause::LabelNotBought => (
            &[
                "No carrier arrives by the promised day, or for the price that may be paid.",
                "The offer that was chosen got dearer, or is gone.",
                "The limit for the day is reached.",
            ],
            &[
                "Look at the order's offers and choose one by hand.",
                "Or raise the price or the day's limit in the settings of \"Labels\", then retry.",
                "Or give it up and ship as before. Nothing was bought.",
            ],
        ),
        Cause::WhichCustomer => (
            &[
                "Somebody wrote the customer down twice, with one e-mail.",
                "A family, or an office, shares a telephone number or an address.",
                "The customer was written down by telephone, and buys now with an e-mail nobody knew.",
            ],
            &[
                "Compare both sides here and press \"Link this one\", or \"Always link\" where it is to hold for all of the buyer's orders.",
                "Or press \"Make a new one\".",
                "Two that are one: merge them at the account first, then retry.",
            ],
        ),
        Cause::BuyerNotTold => (
            &[
                "The address does not exist any more, or its mailbox is full.",
                "The buyer's or your own mail server takes the message for spam.",
                "The connection broke after the message was handed over: then it may have arrived.",
            ],
            &[
                "Look into the sent mail of the account it left by.",
                "Tell the buyer in another way, and give the message up.",
                "Or try it again from the order: it has the same name, so that a mailbox may know a second copy.",
            ],
        ),
        Cause::LabelElsewhere => (
            &[
                "The store has terms for orders of this kind, and the shipping account bought its label with an account of its own.",
            ],
            &[
                "While the parcel is here: void the label, and buy one where the sentence says.",
                "If it has left, nothing can be mended: mark it settled. A day after the label was bought the entry goes by itself.",
                "For good: let a rule hold such orders, or connect the store's own labels at the shipping account.",
            ],
        ),
        Cause::CarrierTrouble => (
            &[
                "The address is wrong or incomplete, or nobody was there often enough.",
                "Customs wants papers or a fee.",
                "The buyer refused the parcel, or did not fetch it.",
                "The carrier lost or damaged it.",
            ],
            &[
                "Open its tracking page: it says what the carrier waits for, and until when.",
                "Tell the buyer before they ask; a wrong address can often be corrected at the carrier.",
                "Is it lost or on its way back? Claim its price at the carrier, and send again or give the money back in the store.",
                "It goes by itself when the parcel moves on or arrives. One that comes back stays until you mark it settled.",
            ],
        ),
        Cause::Returned => (
            &[
                "The buyer asked the store for a return: it does not fit, is broken, or is not wanted any more.",
                "The carrier could not deliver the parcel and brings it back.",
            ],
            &[
                "When the goods are there, press \"Give money back\": what comes back is filled in, and what it comes to is shown before anything is given.",
                "Was it dealt with in the store? The entry goes when the store says so; else mark it settled.",
                "In a terminal: quayside-cli refund ORDER --quote, and what it answers.",
            ],
        ),
        Cause::OutcomeUnknown => (
            &["The connection broke after a change was sent and before its answer came."],
            &["Nothing: the platform is asked before anything is sent again.", "\"Look now\" asks at once."],
        ),
        Cause::NotUnderstood => (
            &["The platform answered in a way nobody has seen yet."],
            &["Look at the order on both sides.", "Retry or give up; it is never repeated by itself."],
        ),
        Cause::Forgotten => (
            &[
                "The platform took a change, said that it was done, and lost it: an update of its own, a rollback, a part of it that was down.",
                "Somebody there undid it right after.",
            ],
            &[
                "Look at the order there first: what is only late may have come by now, and then mark it settled.",
                "If it is missing, do it again with the button; nothing a person decided is sent twice by itself.",
                "If it happens often, tell the platform's support: the timeline has its names for the requests.",
            ],
        ),
        Cause::Late => (
            &[
                "It was waiting for something else first; that stands beside it.",
                "More orders came than could be packed.",
            ],
            &[
                "Mend what it waits on; the queue sorts late orders first.",
                "If the promise is wrong, change it under Settings.",
            ],
        ),
        Cause::AtRisk => (
            &["Its ship-by is near and no parcel has left."],
            &["Pack it next: the hub has it in its list unless it waits on something else."],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_says_why_and_what_to_do_in_whole_sentences() {
        for cause in Cause::ALL {
            let (why, mend) = explained(*cause);
            for line in why.iter().chain(mend) {
                assert!(line.ends_with('.') && line.len() > 20, "{cause}: {line}");
                assert!(!line.contains('!'), "{cause}: {line}");
            }
            assert!(!why.is_empty() && !mend.is_empty(), "{cause}");
        }
    }

    #[test]
    fn the_usual_length_is_the_median_of_what_ended() {
        let one = |minutes: i64| Episode { opened_at_ms: 0, over_at_ms: Some(minutes * MINUTE_MS), by_itself: true };
        let lasting = Episode { opened_at_ms: 0, over_at_ms: None, by_itself: false };
        assert_eq!(median(&[lasting]), None);
        assert_eq!(median(&[one(9), lasting, one(1), one(4)]), Some(4.0));
    }
}
