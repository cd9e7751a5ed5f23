//! Our order as the canonical record a profile's templates are filled from. Pure.
//!
//! Amounts and times are written in the profile's format here, by the field's
//! kind, so that a template is only ever about names.

use super::profile::{MoneyFormat, Profile, TimeFormat};
use super::request::SYSTEM;
use quayside_model::{Address, Currency, HubOrderDraft, Money};
use serde_json::{Map, Value, json};

/// Longest note the contract takes, characters.
pub(super) const NOTE_MAX: usize = 2_000;

/// An amount in the profile's format.
pub(super) fn money(profile: &Profile, minor: i64, currency: &Currency) -> Value {
    let decimal = Money::new(minor, currency.clone()).decimal();
    match profile.money {
        MoneyFormat::DecimalString => Value::String(decimal.to_string()),
        MoneyFormat::MinorUnits => Value::from(minor),
        // Two decimals survive a float; nothing is computed with it here.
        MoneyFormat::Number => decimal.to_string().parse::<f64>().map_or(Value::Null, Value::from),
    }
}

/// A moment in the profile's format.
pub(super) fn moment(profile: &Profile, at_ms: i64) -> Value {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    match profile.time_format {
        TimeFormat::Rfc3339 => Value::String(at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        TimeFormat::UnixS => Value::from(at_ms.div_euclid(1000)),
        TimeFormat::UnixMs => Value::from(at_ms),
        TimeFormat::Date => Value::String(at.format("%Y-%m-%d").to_string()),
    }
}

/// Who writes, under which permanent name.
pub(super) fn source(write_id: &str) -> Value {
    json!({"system": SYSTEM, "id": write_id})
}

/// Empty text is "not given".
fn given(text: &str) -> Value {
    let text = text.trim();
    if text.is_empty() { Value::Null } else { Value::String(text.to_owned()) }
}

/// A canonical address. The contract has two lines for the street; a third one joins the second.
pub(super) fn address(address: &Address) -> Value {
    let second = [&address.line2, &address.line3];
    let second: Vec<&str> = second.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    json!({
        "name": given(if address.name.trim().is_empty() { &address.company } else { &address.name }),
        "company": given(&address.company),
        "line1": given(&address.line1),
        "line2": given(&second.join(", ")),
        "city": given(&address.city),
        "region": given(&address.region),
        "postal_code": given(&address.postcode),
        "country": given(&address.country),
        "phone": given(&address.phone),
    })
}

/// Everything the warehouse should read, in one text: the contract has one note and no other place for it.
pub(super) fn note(draft: &HubOrderDraft) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut say = |title: &str, text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            parts.push(if title.is_empty() { text } else { format!("{title}: {text}") });
        }
    };
    say("", &draft.customer_note);
    say("Gift message", &draft.gift_message);
    say("Team", &draft.internal_note);
    for line in draft.lines.iter().filter(|line| !line.options.is_empty()) {
        let options: Vec<String> = line.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let what = if line.sku.trim().is_empty() { &line.name } else { &line.sku };
        say(what, &options.join(", "));
    }
    for (at, field) in draft.custom_fields.iter().enumerate() {
        say(&format!("Field {}", at + 1), field);
    }
    say("Tags", &draft.tags.join(", "));
    let text = parts.join("\n");
    if text.chars().count() <= NOTE_MAX {
        return text;
    }
    text.chars().take(NOTE_MAX - 1).chain(['…']).collect()
}

/// The whole order.
pub(super) fn order(profile: &Profile, draft: &HubOrderDraft, write_id: &str) -> Value {
    let amount = |minor: i64| money(profile, minor, &draft.currency);
    let lines: Vec<Value> = draft
        .lines
        .iter()
        .map(|line| {
            json!({
                "key": line.line_key,
                "external_ref": {"system": SYSTEM, "id": line.line_key},
                "sku": given(&line.sku),
                "title": given(&line.name),
                "quantity": line.quantity,
                "unit_price": amount(line.unit_price_minor),
                "tax": amount(line.tax_minor),
                "weight_grams": line.weight_g.map(|grams| grams.round() as i64),
                "barcode": line.barcode,
                "options": line.options.iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
            })
        })
        .collect();
    let paid = if draft.paid_at_ms.is_some() { "paid" } else { "pending" };
    let buyer = if draft.customer_ref.trim().is_empty() { &draft.ship_to.name } else { &draft.customer_ref };
    json!({
        "key": draft.key,
        "number": draft.number,
        "external_refs": [{"system": SYSTEM, "id": draft.key, "number": draft.number}],
        "placed_at": moment(profile, draft.placed_at_ms),
        "paid_at": draft.paid_at_ms.map(|at_ms| moment(profile, at_ms)),
        "ship_by": draft.ship_by_ms.map(|at_ms| moment(profile, at_ms)),
        "payment_status": profile.word_out("payment_status", paid),
        "currency": draft.currency.0,
        "customer": {"name": given(buyer), "email": given(&draft.email), "phone": given(&draft.ship_to.phone)},
        "ship_to": address(&draft.ship_to),
        "bill_to": if draft.bill_to.line1.trim().is_empty() { Value::Null } else { address(&draft.bill_to) },
        "shipping_method": if draft.requested_service.trim().is_empty() { Value::Null } else { json!({"title": draft.requested_service}) },
        "requested_service": given(&draft.requested_service),
        "totals": {
            "grand_total": amount(draft.total_minor),
            "tax": amount(draft.tax_minor),
            "shipping": amount(draft.shipping_minor),
            "discount": amount(draft.discount_minor),
        },
        "lines": lines,
        "note": given(&note(draft)),
        "customer_note": given(&draft.customer_note),
        "internal_note": given(&draft.internal_note),
        "gift": draft.gift,
        "gift_message": given(&draft.gift_message),
        "custom_fields": draft.custom_fields.iter().map(|field| given(field)).collect::<Vec<_>>(),
        "tags": draft.tags,
        "channel": draft.source,
        "store_id": draft.store_id,
        "on_hold": !draft.ready,
        "source": source(write_id),
    })
}

/// A record with only these fields.
pub(super) fn only(record: &Value, fields: &[&str]) -> Value {
    let Some(all) = record.as_object() else { return Value::Null };
    Value::Object(
        fields.iter().filter_map(|name| Some(((*name).to_owned(), all.get(*name)?.clone()))).collect::<Map<_, _>>(),
    )
}
