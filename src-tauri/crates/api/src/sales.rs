//! Two stores' orders as one sale: shown, tied and untied by hand, after saying what comes of it.
//!
//! Of two orders that are one sale exactly one is sent. Which one is not chosen here: `flows` says it from what both
//! show, and the check asks the same question before anything is kept, so that what it foretells is what happens.

use crate::act::{Done, Ground};
use crate::tying::{ANYWAY, is_sent, set_apart};
use crate::verbs::{person, redecide};
use crate::view::{TwinSaid, TwinView};
use quayside_flows::{Policy, SALE_ELSEWHERE, Standing, is_one_sale, sale_doubts, standing};
use quayside_model::{Choices, ConnectionId, OrderId, Story, Twin, TwinSide, fold_number, named_order};
use quayside_store::{Reader, StoreError, Tx};

/// Field of the act: another account's order, by its number, its id or the name a [`TwinView`] has.
pub(crate) const ORDER: &str = "order";
/// How a check ends: the second click says it.
const SAY: &str = "Say \"anyway\" to do it.";

fn place(policy: &Policy, id: &ConnectionId) -> String {
    policy.peers.get(id).map_or_else(|| "a removed account".to_owned(), |peer| peer.name.clone())
}

fn told(policy: &Policy, story: &Story) -> String {
    format!("{} at {}", story.order.number, place(policy, &story.channel))
}

fn anyway(ground: &Ground<'_>) -> bool {
    ground.act.fields.get(ANYWAY).is_some_and(|word| word == "yes")
}

/// The orders of other accounts that are this sale, may be it, or were said not to be.
pub(crate) fn twins(r: &Reader<'_>, story: &Story, policy: &Policy, now_ms: i64) -> Result<Vec<TwinView>, StoreError> {
    let sent = is_sent(story);
    let now = standing(story, policy, sent, now_ms);
    let mut out: Vec<TwinView> = Vec::new();
    for twin in story.twins.iter().filter(|twin| is_one_sale(story, policy, twin)) {
        let (said, sentence) = match (&now, sent, twin.sent) {
            (Standing::Doubtful(other), ..) if other.order_id == twin.order_id && twin.order.is_cancelled() => (
                TwinSaid::Doubtful,
                "Tied to it as one sale, and that one was cancelled before it was sent. Say what it is.",
            ),
            (Standing::Doubtful(other), ..) if other.order_id == twin.order_id => (
                TwinSaid::Doubtful,
                "Only a number says that it is the same sale. Nothing is sent until you say what it is.",
            ),
            (_, true, true) => (TwinSaid::Same, "The same sale, and both were sent. Cancel one of them at the hub."),
            (_, true, false) => (TwinSaid::Same, "The same sale. This order was sent; that one is not."),
            (_, false, true) => (TwinSaid::Same, "The same sale. It was sent there; this order is not."),
            (Standing::Elsewhere(other), ..) if other.order_id == twin.order_id => {
                (TwinSaid::Same, "The same sale. It is to be sent from there; this order waits.")
            }
            _ => (TwinSaid::Same, "The same sale. This order is the one to be sent; that one waits."),
        };
        out.push(view(policy, twin, said, sentence));
    }
    for name in &story.choices.not_this {
        if name == SALE_ELSEWHERE {
            let on = story.order.sold_on.as_ref();
            out.push(TwinView {
                name: name.clone(),
                order_id: None,
                number: on.map(|on| on.number.clone()).unwrap_or_default(),
                connection: None,
                account: on.map(|on| on.source.clone()).unwrap_or_default(),
                remote_id: String::new(),
                said: TwinSaid::Another,
                sentence: "You said that no other account will show this sale.".into(),
            });
            continue;
        }
        let Some((connection, remote_id)) = named_order(name) else { continue };
        let Some(id) = r.order_id(&connection, remote_id)? else { continue };
        if let Some(twin) = r.as_twin(id, TwinSide::Sibling)? {
            out.push(view(policy, &twin, TwinSaid::Another, "You said that it is another sale."));
        }
    }
    Ok(out)
}

fn view(policy: &Policy, twin: &Twin, said: TwinSaid, sentence: &str) -> TwinView {
    TwinView {
        name: twin.name(),
        order_id: Some(twin.order_id),
        number: twin.order.number.clone(),
        connection: Some(twin.connection.clone()),
        account: place(policy, &twin.connection),
        remote_id: twin.order.remote_id.clone(),
        said,
        sentence: sentence.to_owned(),
    }
}

/// Takes another account's order for the same sale; also what takes "it is another sale" back.
pub(crate) fn tie(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story, wanted: &str) -> Result<Done, StoreError> {
    if wanted == SALE_ELSEWHERE {
        return wait_again(tx, ground, story);
    }
    let other = match the_other(tx, ground.policy, story, wanted)? {
        Ok(id) => id,
        Err(why) => return Ok(Done::No(why)),
    };
    let (Some(theirs), Some(twin)) = (tx.story(other)?, tx.as_twin(other, TwinSide::Sibling)?) else {
        return Ok(Done::No("That order is not there any more.".into()));
    };
    let Some(own) = tx.as_twin(story.order_id, TwinSide::Sibling)? else {
        return Ok(Done::No("There is no such order any more.".into()));
    };
    if let Some(why) = in_the_way(ground.policy, story, &theirs) {
        return Ok(Done::No(why));
    }
    let sends = match foretell(ground.policy, (story, &own), (&theirs, &twin), ground.now_ms) {
        Ok(sends) => sends,
        Err(why) => return Ok(Done::No(why)),
    };
    if !anyway(ground) {
        let words = foretold(ground.policy, story, &theirs, sends);
        return Ok(Done::No(format!("{words} {SAY}")));
    }
    let mut order = Vec::new();
    for (this, that, yields) in [(story, &theirs, sends == Sends::Other), (&theirs, story, sends == Sends::This)] {
        let mut choices = as_one(&this.choices, &that.name());
        if yields {
            // What was said about sending it was said before it was one sale with another that is sent.
            choices.push_anyway = false;
            choices.over = None;
            order.insert(0, this.order_id);
        } else {
            order.push(this.order_id);
        }
        tx.put_choices(this.order_id, &choices)?;
        let words = format!("{} is the same sale", told(ground.policy, that));
        person(tx, Some(this.order_id), Some(&that.channel), ground.now_ms, words)?;
    }
    // First the one that stays: what waited to be sent for it is given up before the other is looked at, so that at no
    // moment both go. Then it once more, with what the other one came to.
    for id in order.iter().chain(order.first()) {
        redecide(tx, ground.policy, *id, ground.now_ms)?;
    }
    Ok(Done::yes())
}

/// Says that another account's order is another sale.
pub(crate) fn untie(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story, wanted: &str) -> Result<Done, StoreError> {
    let is_named = |twin: &&Twin| {
        twin.name() == wanted
            || twin.order.remote_id == wanted
            || fold_number(&twin.order.number) == fold_number(wanted)
    };
    let mut tied = story.twins.iter().filter(|twin| is_one_sale(story, ground.policy, twin)).filter(is_named);
    let twin = match (tied.next(), tied.next()) {
        (Some(twin), None) => twin,
        (None, _) => {
            return Ok(Done::No(format!("{} is one sale with no order \"{wanted}\".", story.order.number)));
        }
        (Some(_), Some(_)) => {
            return Ok(Done::No(format!("Several orders are called \"{wanted}\". Name one by its id.")));
        }
    };
    if !anyway(ground) {
        let words = parted(ground.policy, story, twin);
        return Ok(Done::No(format!("{words} {SAY}")));
    }
    set_apart(tx, ground, story, Some(twin))?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::yes())
}

/// What comes of saying that two are two sales.
fn parted(policy: &Policy, story: &Story, twin: &Twin) -> String {
    let (this, that) = (told(policy, story), format!("{} at {}", twin.order.number, place(policy, &twin.connection)));
    let mut words = match (is_sent(story), twin.sent) {
        (true, true) => format!("Both were sent. {this} and {that} count as two sales then, and both are packed."),
        (true, false) => format!("{this} was sent. {that} is sent, too, as soon as its own rules let it."),
        (false, true) => format!("{that} was sent. {this} is sent, too, as soon as its own rules let it."),
        (false, false) => format!("Both are sent, {this} and {that}, each as soon as its own rules let it."),
    };
    words.push_str(" Two parcels leave if it is one sale after all.");
    if sale_doubts(&story.order, &twin.order).is_empty() {
        words.push_str(" Goods and recipient of both are the same.");
    }
    words
}

/// The account that sold it is waited for after all.
fn wait_again(tx: &mut Tx<'_>, ground: &Ground<'_>, story: &Story) -> Result<Done, StoreError> {
    if !story.choices.not_this.iter().any(|name| name == SALE_ELSEWHERE) {
        return Ok(Done::No("Nobody said that no other account will show this sale.".into()));
    }
    if is_sent(story) {
        return Ok(Done::No(format!(
            "{} was sent already, so there is nothing to wait for. Cancel it at the hub first.",
            story.order.number
        )));
    }
    let mut choices = story.choices.clone();
    choices.not_this.retain(|name| name != SALE_ELSEWHERE);
    choices.push_anyway = false;
    choices.over = None;
    tx.put_choices(story.order_id, &choices)?;
    person(tx, Some(story.order_id), None, ground.now_ms, "The account that sold it may show it after all".into())?;
    redecide(tx, ground.policy, story.order_id, ground.now_ms)?;
    Ok(Done::yes())
}

/// Which of two is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sends {
    This,
    Other,
    /// Both were, before anybody said that they are one.
    Both,
}

fn as_one(choices: &Choices, other: &str) -> Choices {
    let mut choices = choices.clone();
    choices.not_this.retain(|name| name != other);
    if !choices.same_as.iter().any(|name| name == other) {
        choices.same_as.push(other.to_owned());
    }
    choices
}

/// Why the two cannot be one sale, whatever a person says.
fn in_the_way(policy: &Policy, story: &Story, theirs: &Story) -> Option<String> {
    if story.channel == theirs.channel {
        return Some(format!(
            "{} and {} are both orders of {}. Two orders of one store are two sales; join them in the store or at the hub.",
            story.order.number,
            theirs.order.number,
            place(policy, &story.channel)
        ));
    }
    let (this, that) = (story.name(), theirs.name());
    if story.choices.same_as.contains(&that) && theirs.choices.same_as.contains(&this) {
        return Some(format!("{} is tied to it already.", theirs.order.number));
    }
    // Numbers relate them: saying so by hand only confirms or takes back. Strangers are tied two and two, since of three
    // that know of each other only in pairs two could be sent.
    if story.twins.iter().any(|twin| twin.order_id == theirs.order_id) {
        return None;
    }
    for (one, other) in [(story, theirs), (theirs, story)] {
        let third = one.twins.iter().find(|twin| twin.order_id != other.order_id && is_one_sale(one, policy, twin));
        if let Some(third) = third {
            return Some(format!(
                "{} is one sale with {} at {} already. Untie these first.",
                told(policy, one),
                third.order.number,
                place(policy, &third.connection)
            ));
        }
    }
    None
}

/// Who sends, once both are one sale; or why it must not be said.
fn foretell(policy: &Policy, this: (&Story, &Twin), that: (&Story, &Twin), now_ms: i64) -> Result<Sends, String> {
    let side =
        this.0.twins.iter().find(|twin| twin.order_id == that.0.order_id).map_or(TwinSide::Sibling, |twin| twin.side);
    let back = match side {
        TwinSide::Original => TwinSide::Copy,
        TwinSide::Copy => TwinSide::Original,
        TwinSide::Sibling => TwinSide::Sibling,
    };
    // Only what was really sent counts here: what still waits in the outbox can be given up.
    let then = |one: &Story, other: (&Story, &Twin), side: TwinSide| {
        let mut choices = as_one(&one.choices, &other.0.name());
        choices.push_anyway = false;
        let mut twin = other.1.clone();
        twin.choices = as_one(&other.0.choices, &one.name());
        twin.side = side;
        twin.sent = is_sent(other.0);
        Story { choices, twins: vec![twin], ..one.clone() }
    };
    let (ours, theirs) = (then(this.0, that, side), then(that.0, this, back));
    // Doubtful, once both are one: the other one is to be sent and never will be, which is refused below.
    let stays = |story: &Story, original: &Story| {
        matches!(standing(story, policy, is_sent(original), now_ms), Standing::Elsewhere(_) | Standing::Doubtful(_))
    };
    let sends = match (stays(&ours, this.0), stays(&theirs, that.0)) {
        (true, _) => Sends::Other,
        (false, true) => Sends::This,
        (false, false) if is_sent(this.0) && is_sent(that.0) => Sends::Both,
        (false, false) => {
            let gone = if policy.peers.contains_key(&this.0.channel) { that.0 } else { this.0 };
            return Err(format!(
                "The account {} came from was removed, so nobody reads what becomes of it. Connect it again first.",
                gone.order.number
            ));
        }
    };
    let (sender, stayer) = match sends {
        Sends::Both => return Ok(sends),
        Sends::This => (this, that),
        Sends::Other => (that, this),
    };
    let over = sender.0.order.is_cancelled() || !sender.1.open;
    if over && stayer.1.open && !is_sent(sender.0) {
        let why = if sender.0.order.is_cancelled() { "was cancelled" } else { "is not in the queue" };
        return Err(format!(
            "{} {why} and was never sent, and as one sale {} would not be sent either: nobody would get the goods. Leave them as two sales.",
            told(policy, sender.0),
            told(policy, stayer.0)
        ));
    }
    Ok(sends)
}

/// The same in words, with what speaks against it.
fn foretold(policy: &Policy, story: &Story, theirs: &Story, sends: Sends) -> String {
    let mut words = match sends {
        Sends::Both => format!(
            "{} and {} were both sent. Tying them takes neither back: an entry will ask you to cancel one at the hub.",
            told(policy, story),
            told(policy, theirs)
        ),
        Sends::This | Sends::Other => {
            let (sender, stayer) = if sends == Sends::This { (story, theirs) } else { (theirs, story) };
            let is = if is_sent(sender) { "was sent" } else { "is the one to be sent" };
            format!(
                "{} {is} and is told of its parcels. {} is not sent, what waits to be sent for it is given up, and {} is told of no parcel.",
                told(policy, sender),
                told(policy, stayer),
                place(policy, &stayer.channel)
            )
        }
    };
    for doubt in sale_doubts(&story.order, &theirs.order) {
        words.push(' ');
        words.push_str(&doubt);
    }
    words
}

/// The order of another account that a person named; or why there is none that could be taken.
fn the_other(tx: &Tx<'_>, policy: &Policy, story: &Story, typed: &str) -> Result<Result<OrderId, String>, StoreError> {
    let mut found: Vec<OrderId> = if let Some((connection, remote_id)) = named_order(typed) {
        tx.order_id(&connection, remote_id)?.into_iter().collect()
    } else {
        let mut found = tx.orders_of_number(typed)?;
        found.extend(tx.orders_of_id(typed)?);
        found
    };
    found.retain(|id| *id != story.order_id);
    found.sort_unstable();
    found.dedup();
    Ok(match found.as_slice() {
        [] => Err(format!(
            "No other order \"{typed}\" is known. Name it by its number or its id; if its store has it, read that store again."
        )),
        [one] => Ok(*one),
        several => {
            let mut names = Vec::new();
            for id in several {
                if let Some(twin) = tx.as_twin(*id, TwinSide::Sibling)? {
                    names.push(format!("{} at {}", twin.order.remote_id, place(policy, &twin.connection)));
                }
            }
            Err(format!("{} orders are called \"{typed}\". Name one by its id: {}.", several.len(), names.join(", ")))
        }
    })
}
