//! A channel order as the hub should have it, and how two such shapes differ.

use crate::policy::{Peer, Policy};
use crate::shape::{Shape, shape};
use crate::sku_aliases::expand;
use crate::split::Part;
use quayside_model::{
    Address, Currency, HubLine, HubLineDraft, HubOrder, HubOrderDraft, Money, Order, ShipChoice, Story,
};
use std::collections::BTreeMap;

/// Longest text a hub takes for keys and numbers. The strictest hub cuts silently there.
const KEY_MAX: usize = 50;

/// Our permanent key of an order at a hub.
///
/// Made from the *account* and the channel's order id, not from anything local, so
/// that a second computer, or the same one after a new sign-in, arrives at the same
/// key and meets the existing hub order instead of making another. `copy` counts
/// orders sent again on purpose after the hub cancelled the one before.
pub fn hub_key(channel: &Peer, order: &Order, copy: usize) -> String {
    let tail = order.remote_id.rsplit('/').next().unwrap_or(&order.remote_id);
    let key =
        if copy == 0 { format!("{}-{tail}", channel.code) } else { format!("{}-{tail}-{}", channel.code, copy + 1) };
    if key.len() <= KEY_MAX {
        return key;
    }
    let hash = blake3::hash(key.as_bytes()).to_hex();
    format!("{}-{}", channel.code, &hash[..32])
}

/// Hub orders that one order may become.
pub const PARTS_MAX: usize = 6;
/// How often one part may be made anew.
pub(crate) const COPIES_MAX: usize = 8;

/// The same for one part of an order that is split. The first part keeps the order's own key, so that an order can be
/// split and put together again without its hub order being made anew; further parts are `…-p2`, `…-p3`.
pub fn part_key(channel: &Peer, order: &Order, part: usize, copy: usize) -> String {
    if part == 0 {
        return hub_key(channel, order, copy);
    }
    let tail = order.remote_id.rsplit('/').next().unwrap_or(&order.remote_id);
    let suffix = if copy == 0 { format!("-p{}", part + 1) } else { format!("-p{}-{}", part + 1, copy + 1) };
    let key = format!("{}-{tail}{suffix}", channel.code);
    if key.len() <= KEY_MAX {
        return key;
    }
    // The suffix stays readable: by it parts are told apart wherever only the key is known.
    let hash = blake3::hash(format!("{}-{tail}", channel.code).as_bytes()).to_hex();
    format!("{}-{}{suffix}", channel.code, &hash[..32])
}

/// Which part one of our keys names, from 0.
pub fn part_of(key: &str) -> usize {
    let Some((_, tail)) = key.rsplit_once("-p") else { return 0 };
    let n = tail.split_once('-').map_or(tail, |(n, _)| n);
    n.parse::<usize>().ok().filter(|n| (2..=PARTS_MAX).contains(n)).map_or(0, |n| n - 1)
}

/// The key of the first part, by that of any: what is read of a part before its order waits under it.
pub fn first_key(key: &str) -> &str {
    if part_of(key) == 0 { key } else { key.rsplit_once("-p").map_or(key, |(first, _)| first) }
}

/// Which part of this order a hub's key names; `None`: it is no key of ours.
pub fn own_part(channel: &Peer, order: &Order, key: &str) -> Option<usize> {
    let part = part_of(key);
    (0..COPIES_MAX).any(|copy| part_key(channel, order, part, copy) == key).then_some(part)
}

/// The number people will see at the hub.
fn number(story: &Story, policy: &Policy, channel: &Peer, hub: &Peer, part: usize) -> String {
    let several = policy.peers.values().filter(|p| p.roles.contains(&quayside_model::Role::Channel)).count() > 1;
    let prefix = match policy.setting("orders_to_hub", "number_prefix").as_str() {
        "always" => true,
        "never" => false,
        _ => hub.numbers_unique && several,
    };
    let number =
        if prefix { format!("{}-{}", initials(&channel.name), story.order.number) } else { story.order.number.clone() };
    // Further parts are told apart at a glance: 1001, 1001-2.
    let suffix = if part == 0 { String::new() } else { format!("-{}", part + 1) };
    number.chars().take(KEY_MAX - suffix.len()).chain(suffix.chars()).collect()
}

/// "Harbour Goods" → "HG".
fn initials(name: &str) -> String {
    let initials: String =
        name.split_whitespace().filter_map(|word| word.chars().next()).filter(|c| c.is_alphanumeric()).collect();
    if initials.is_empty() { "Q".to_owned() } else { initials.to_uppercase() }
}

/// The whole order for the hub, shaped by aliases, mappings and rules.
pub fn hub_draft(
    story: &Story,
    policy: &Policy,
    channel: &Peer,
    hub: &Peer,
    key: String,
    ready: bool,
    ship_by_ms: Option<i64>,
) -> HubOrderDraft {
    draft(story, policy, &shape(story, policy), channel, hub, key, ready, ship_by_ms)
}

/// The same with a shape that was worked out before. Pure; called for the plan, the outbox and every comparison.
#[allow(clippy::too_many_arguments)] // all of it decides what the hub gets; a struct would only move the list
pub(crate) fn draft(
    story: &Story,
    policy: &Policy,
    shape: &Shape,
    channel: &Peer,
    hub: &Peer,
    key: String,
    ready: bool,
    ship_by_ms: Option<i64>,
) -> HubOrderDraft {
    draft_of_part(story, policy, shape, channel, hub, key, ready, ship_by_ms, &Part::whole())
}

/// The same for one part of the order, with its share of the amounts.
#[allow(clippy::too_many_arguments)] // as above
pub(crate) fn draft_of_part(
    story: &Story,
    policy: &Policy,
    shape: &Shape,
    channel: &Peer,
    hub: &Peer,
    key: String,
    ready: bool,
    ship_by_ms: Option<i64>,
    part: &Part,
) -> HubOrderDraft {
    let order = &story.order;
    let lines: Vec<HubLineDraft> = order
        .lines_ours()
        .filter_map(|(line, ours)| {
            let wanted = units_for_hub(story, &line.remote_id, ours);
            let quantity = part.units_of(&line.remote_id, wanted);
            if quantity <= 0 {
                return None;
            }
            // Of a line that lies in several parts each bears its share.
            let tax_minor = if quantity < wanted { line.tax_minor * quantity / wanted.max(1) } else { line.tax_minor };
            let whole = HubLineDraft {
                line_key: line.remote_id.clone(),
                sku: story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku).clone(),
                name: if line.name.trim().is_empty() { "Item without a name".to_owned() } else { line.name.clone() },
                quantity,
                unit_price_minor: line.unit_price_minor,
                tax_minor,
                weight_g: line.weight_g,
                options: options(line, shape.line_options.get(&line.remote_id)),
                barcode: line.barcode.clone(),
            };
            Some(expand(whole, shape.parts.get(&line.remote_id).map(Vec::as_slice)))
        })
        .flatten()
        .collect();
    let mut ship_to = story.choices.address.clone().or_else(|| order.ship_to.clone()).unwrap_or_default();
    if let Some(company) = &shape.company {
        ship_to.company.clone_from(company);
    }
    // What a person wrote for this one order is meant as it stands.
    if let (Some(line2), None) = (&shape.address_line2, &story.choices.address) {
        ship_to.line2.clone_from(line2);
    }
    if let Some(phone) = &shape.phone {
        ship_to.phone.clone_from(phone);
    }
    let bill_to = order.bill_to.clone().unwrap_or_else(|| ship_to.clone());
    let customer = order.customer.clone().unwrap_or_default();
    let gift_message = shape.gift_message.as_ref().unwrap_or(&order.gift_message).clone();
    HubOrderDraft {
        key,
        number: number(story, policy, channel, hub, part.n),
        placed_at_ms: order.placed_at_ms,
        paid_at_ms: order.payment.is_paid().then_some(order.placed_at_ms),
        ship_by_ms: shape.ship_by_ms.or(ship_by_ms),
        ready,
        ship_to,
        bill_to,
        email: customer.email,
        customer_ref: customer.name,
        requested_service: story
            .choices
            .service
            .clone()
            .or_else(|| shape.requested_service.clone())
            .or_else(|| order.shipping.as_ref().map(|s| s.title.clone()))
            .unwrap_or_default(),
        lines,
        currency: order.currency.clone(),
        total_minor: part.share_of(order.current_total_minor),
        tax_minor: part.share_of(order.tax_minor),
        shipping_minor: part.share_of(order.shipping_minor),
        discount_minor: part.share_of(order.discount_minor),
        customer_note: shape.buyers_note.as_ref().unwrap_or(&order.note).clone(),
        internal_note: internal_note(order, policy, channel, shape),
        gift: !gift_message.is_empty(),
        gift_message,
        custom_fields: [1, 2, 3]
            .map(|n| shape.custom_fields[n - 1].clone().unwrap_or_else(|| custom_field(order, policy, n))),
        source: channel.name.clone(),
        tags: tags(order, policy, channel, shape),
        store_id: None,
        ship: part.ship(&shape.ship),
    }
}

/// Units of a line the hub should have on its order: what is ours to ship, minus what left
/// without the hub (told to the channel by hand or by another service).
pub(crate) fn units_for_hub(story: &Story, line_id: &str, wanted: i64) -> i64 {
    let hub_parcels: std::collections::BTreeSet<&str> =
        story.parcels.iter().map(|p| p.value.tracking_number.as_str()).filter(|n| !n.is_empty()).collect();
    let told_by_us: std::collections::BTreeSet<&str> = story
        .effects
        .iter()
        .filter_map(|effect| effect.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_deref()))
        .collect();
    let by_others = story.order.units_gone_elsewhere(line_id);
    let elsewhere: i64 = story
        .order
        .fulfillments
        .iter()
        .filter(|f| f.live && !told_by_us.contains(f.remote_id.as_str()))
        .filter(|f| !f.tracking_numbers.iter().any(|n| hub_parcels.contains(n.as_str())))
        .flat_map(|f| &f.lines)
        .filter(|line| line.order_line_id == line_id)
        .map(|line| line.quantity)
        .sum();
    // A fulfillment of unknown origin while the hub has parcels of this order is the hub's own report, or
    // one made by hand for the same parcel: it does not shrink the order.
    if story.parcels.iter().any(|p| p.value.is_live()) {
        return wanted;
    }
    // What others shipped of their own part was never in `wanted`.
    (wanted - (elsewhere - by_others).max(0)).max(0)
}

fn options(line: &quayside_model::OrderLine, further: Option<&Vec<(String, String)>>) -> Vec<(String, String)> {
    let mut options = Vec::new();
    if !line.variant.is_empty() {
        options.push(("Variant".to_owned(), line.variant.clone()));
    }
    options.extend(line.options.iter().cloned());
    options.extend(further.into_iter().flatten().cloned());
    options
}

fn internal_note(order: &Order, policy: &Policy, channel: &Peer, shape: &Shape) -> String {
    let mut parts = Vec::new();
    // Hubs show bare numbers; beside orders of another currency they would be misread.
    if policy.several_currencies() || channel.currency.as_ref().is_some_and(|usual| *usual != order.currency.0) {
        parts.push(format!("Amounts are in {}.", order.currency.0));
    }
    if order.test {
        parts.push("Test order.".to_owned());
    }
    if let Some(risk) = &order.risk {
        parts.push(format!("{} rates the fraud risk: {risk}.", channel.title));
    }
    parts.extend(shape.notes.iter().cloned());
    parts.join(" ")
}

/// One of the hub's three custom fields: the attribute chosen for it, by name, or the channel's tags.
fn custom_field(order: &Order, policy: &Policy, n: usize) -> String {
    let source = policy.setting("orders_to_hub", ["custom_field_1", "custom_field_2", "custom_field_3"][n - 1]);
    match source.as_str() {
        "" => String::new(),
        "tags" => order.tags.join(", "),
        "note" => order.note.clone(),
        name => order
            .attributes
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .unwrap_or_default(),
    }
}

fn tags(order: &Order, policy: &Policy, channel: &Peer, shape: &Shape) -> Vec<String> {
    let mut tags = Vec::new();
    if policy.toggle("orders_to_hub", "tag_store") {
        tags.push(channel.name.clone());
    }
    if policy.toggle("orders_to_hub", "send_tags") {
        tags.extend(order.tags.iter().cloned());
    }
    for tag in &shape.tags {
        if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// A field of the shipping choice and how it is read.
type Choice = (&'static str, fn(&ShipChoice) -> &String);

/// One difference a person can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Field in words.
    pub field: String,
    /// As it is.
    pub before: String,
    /// As it would be.
    pub after: String,
}

/// An address on one line.
pub fn address_line(a: &Address) -> String {
    [&a.name, &a.company, &a.line1, &a.line2, &a.line3, &a.postcode, &a.city, &a.region, &a.country]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What changes from `before` (nothing, for a new order) to `after`, for the plan.
/// Leaves out moments, which a reader wants in a time zone (`quayside-api` adds them), and totals of unchanged lines.
pub fn differences(before: Option<&HubOrderDraft>, after: &HubOrderDraft) -> Vec<Difference> {
    let mut out = Vec::new();
    let mut note = |field: &str, before: String, after: String| {
        if before != after {
            out.push(Difference { field: field.to_owned(), before, after });
        }
    };
    let money = |minor: i64| Money::new(minor, after.currency.clone()).to_string();
    // What costs nothing is not worth a line of the plan.
    let cost = |minor: i64| if minor == 0 { String::new() } else { money(minor) };
    let old = |f: &dyn Fn(&HubOrderDraft) -> String| before.map(f).unwrap_or_default();
    // The price of one is said where it is news.
    let goods = |line: &HubLineDraft, other: Option<&HubLineDraft>| {
        let is_news = other.is_none_or(|other| other.unit_price_minor != line.unit_price_minor);
        goods_words(line, is_news.then_some(&after.currency))
    };
    note("Number", old(&|d| d.number.clone()), after.number.clone());
    note("State", old(&|d| ready_words(d.ready)), ready_words(after.ready));
    note("Ship to", old(&|d| address_line(&d.ship_to)), address_line(&after.ship_to));
    // Not a part of the address line; an edit of it alone would else be sent without a word.
    note("Telephone", old(&|d| d.ship_to.phone.clone()), after.ship_to.phone.clone());
    note("Service", old(&|d| d.requested_service.clone()), after.requested_service.clone());
    for line in &after.lines {
        let was = before.and_then(|b| b.lines.iter().find(|l| l.line_key == line.line_key));
        note(
            &format!("Line {}", label(line)),
            was.map(|was| goods(was, Some(line))).unwrap_or_default(),
            goods(line, was),
        );
        // The words of a line are its name: another SKU under the same name would be sent without a word.
        if let Some(was) = was.filter(|was| was.sku != line.sku) {
            note(&format!("SKU of {}", line.name), was.sku.clone(), line.sku.clone());
        }
    }
    for gone in before.iter().flat_map(|b| &b.lines).filter(|l| !after.lines.iter().any(|a| a.line_key == l.line_key)) {
        note(&format!("Line {}", label(gone)), goods(gone, None), String::new());
    }
    note("Weight", old(&weight_words), weight_words(after));
    note("Total", old(&|d| money(d.total_minor)), money(after.total_minor));
    note("Tax in it", old(&|d| cost(d.tax_minor)), cost(after.tax_minor));
    note("Shipping paid", old(&|d| cost(d.shipping_minor)), cost(after.shipping_minor));
    note("Discount", old(&|d| cost(d.discount_minor)), cost(after.discount_minor));
    note("E-mail", old(&|d| d.email.clone()), after.email.clone());
    // The one at the buyer's own address says nothing new.
    let bill_to = |d: &HubOrderDraft| if d.bill_to == d.ship_to { String::new() } else { address_line(&d.bill_to) };
    note("Bill to", old(&bill_to), bill_to(after));
    note("Buyer's note", old(&|d| d.customer_note.clone()), after.customer_note.clone());
    note("Gift message", old(&|d| d.gift_message.clone()), after.gift_message.clone());
    for n in 0..3 {
        note(&format!("Custom field {}", n + 1), old(&|d| d.custom_fields[n].clone()), after.custom_fields[n].clone());
    }
    note("Tags", old(&|d| d.tags.join(", ")), after.tags.join(", "));
    note("Note for the team", old(&|d| d.internal_note.clone()), after.internal_note.clone());
    let choices: [Choice; 5] = [
        ("Carrier", |ship| &ship.carrier),
        ("Service code", |ship| &ship.service),
        ("Package", |ship| &ship.package),
        ("Confirmation", |ship| &ship.confirmation),
        ("Ships from", |ship| &ship.warehouse),
    ];
    for (field, pick) in choices {
        note(field, old(&|d| pick(&d.ship).clone()), pick(&after.ship).clone());
    }
    let line = |ship: &ShipChoice| if ship.priority { "to the front".to_owned() } else { String::new() };
    note("Priority", old(&|d| line(&d.ship)), line(&after.ship));
    out
}

fn ready_words(ready: bool) -> String {
    if ready { "ready to pack".to_owned() } else { "on hold".to_owned() }
}

/// All lines together; what has no weight is named.
fn weight_words(draft: &HubOrderDraft) -> String {
    let grams = |line: &HubLineDraft| Some(line.weight_g? * line.quantity as f64);
    let known: f64 = draft.lines.iter().filter_map(grams).sum();
    let unknown = draft.lines.iter().filter(|line| line.weight_g.is_none()).count();
    match (known > 0.0, unknown) {
        (false, _) => String::new(),
        (true, 0) => format!("{known:.0} g"),
        (true, n) => format!("{known:.0} g, and {} without a weight", count(n as i64, "line")),
    }
}

fn label(line: &HubLineDraft) -> &str {
    if line.sku.is_empty() { &line.name } else { &line.sku }
}

/// "2 × Mug (Colour: blue), EUR 12.50 each".
fn goods_words(line: &HubLineDraft, price_in: Option<&Currency>) -> String {
    let options = line.options.iter().map(|(k, v)| format!("{k}: {v}")).collect::<Vec<_>>().join(", ");
    let options = if options.is_empty() { options } else { format!(" ({options})") };
    // What costs nothing is not worth a word.
    let price = match price_in {
        Some(currency) if line.unit_price_minor != 0 => {
            format!(", {} each", Money::new(line.unit_price_minor, currency.clone()))
        }
        _ => String::new(),
    };
    format!("{} × {}{options}{price}", line.quantity, line.name)
}

/// "1 line", "3 lines".
pub fn count(n: i64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// The two shapes say the same: nothing to send. Whether it is held is not part of it, since holds travel by
/// effects of their own; nor is the time to ship by, which moves with the settings and would send every open order.
pub fn same_order(a: &HubOrderDraft, b: &HubOrderDraft) -> bool {
    a.key == b.key
        && a.ship_to == b.ship_to
        && a.bill_to == b.bill_to
        && a.email == b.email
        && money(a) == money(b)
        && a.tags == b.tags
        && a.internal_note == b.internal_note
        && a.requested_service == b.requested_service
        && a.customer_note == b.customer_note
        && a.gift_message == b.gift_message
        && a.custom_fields == b.custom_fields
        && a.ship == b.ship
        && same_lines(a, b)
}

fn money(draft: &HubOrderDraft) -> [i64; 4] {
    [draft.total_minor, draft.tax_minor, draft.shipping_minor, draft.discount_minor]
}

/// Same lines, SKUs, units and options.
pub fn same_lines(a: &HubOrderDraft, b: &HubOrderDraft) -> bool {
    a.lines.len() == b.lines.len()
        && a.lines.iter().zip(&b.lines).all(|(x, y)| {
            x.line_key == y.line_key && x.sku == y.sku && x.quantity == y.quantity && x.options == y.options
        })
}

/// Where the hub's order(s) differ from what we want there, in words that finish "…": only what
/// changes the parcel (address, units). `orders` are the hub order and its live split children.
pub fn hub_differences(want: &HubOrderDraft, orders: &[&HubOrder]) -> Vec<Difference> {
    let mut out = Vec::new();
    for order in orders {
        if let Some(ship_to) = &order.ship_to
            && !same_destination(ship_to, &want.ship_to)
        {
            out.push(Difference {
                field: "Ship to".into(),
                before: address_line(ship_to),
                after: address_line(&want.ship_to),
            });
        }
    }
    for line in &want.lines {
        let same_sku = |sku: &str| !sku.is_empty() && sku == line.sku;
        let theirs = || orders.iter().flat_map(|order| &order.lines);
        // Without our keys only the sum of a SKU says anything: a part of a bundle may stand on two lines.
        let keyless = theirs().any(|l| l.line_key.is_none() && same_sku(&l.sku));
        let is_meant = |l: &&HubLine| match &l.line_key {
            Some(key) => *key == line.line_key,
            None => same_sku(&l.sku),
        };
        let of_sku = |key: &String| want.lines.iter().any(|other| other.line_key == *key && same_sku(&other.sku));
        let alike = |l: &&HubLine| l.line_key.as_ref().map_or_else(|| same_sku(&l.sku), of_sku);
        let at_hub: i64 = if keyless {
            theirs().filter(alike).map(|l| l.quantity).sum()
        } else {
            theirs().filter(is_meant).map(|l| l.quantity).sum()
        };
        let wanted: i64 = if keyless {
            want.lines.iter().filter(|other| same_sku(&other.sku)).map(|other| other.quantity).sum()
        } else {
            line.quantity
        };
        let field = format!("Units of {}", label(line));
        let is_told = keyless && out.iter().any(|told| told.field == field);
        if at_hub != wanted && !is_told {
            out.push(Difference { field, before: at_hub.to_string(), after: wanted.to_string() });
        }
    }
    // Nothing wanted at all is no difference of contents: the order is taken off the hub as a whole.
    if !want.lines.is_empty() {
        out.extend(unwanted(want, orders));
    }
    out
}

/// Lines of the hub's open orders that nothing wanted accounts for: added there, or taken off the order since.
/// What has left already and was given back later is no reason to hold the rest.
fn unwanted(want: &HubOrderDraft, orders: &[&HubOrder]) -> Vec<Difference> {
    let wanted = |line: &HubLine| match &line.line_key {
        Some(key) => want.lines.iter().any(|w| w.line_key == *key),
        None => !line.sku.is_empty() && want.lines.iter().any(|w| w.sku == line.sku),
    };
    let mut units: BTreeMap<&str, i64> = BTreeMap::new();
    let open = orders.iter().filter(|order| order.status.is_open());
    for line in open.flat_map(|order| &order.lines).filter(|line| line.quantity > 0 && !wanted(line)) {
        *units.entry(if line.sku.is_empty() { &line.name } else { &line.sku }).or_default() += line.quantity;
    }
    let difference = |(what, units): (&str, i64)| Difference {
        field: format!("Units of {what}"),
        before: units.to_string(),
        after: "0".to_owned(),
    };
    units.into_iter().map(difference).collect()
}

/// Same street, town, postcode and country. Names, firms and telephones may be written
/// differently at the hub without the parcel going elsewhere; regions come as codes or names. One whose buyer was taken
/// out is no other place than any.
pub fn same_destination(a: &Address, b: &Address) -> bool {
    if a.is_forgotten() || b.is_forgotten() {
        return true;
    }
    let fold =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let street = |a: &Address| fold(&format!("{}{}{}", a.line1, a.line2, a.line3));
    street(a) == street(b)
        && fold(&a.city) == fold(&b.city)
        && fold(&a.postcode) == fold(&b.postcode)
        && fold(&a.country) == fold(&b.country)
}
