//! Small words for people that several screens share. Pure.
//!
//! Clock times are not here: a screen writes them in the person's zone.

use quayside_model::{Address, HubStatus, Intent, Payment, Stage, Story, Tone};

/// Why money is given back: (the stores' word, ours for people). Anything else is a note for the team.
pub const REFUND_REASONS: [(&str, &str); 7] = [
    ("return", "It came back"),
    ("customer", "The buyer changed their mind"),
    ("inventory", "Sold out"),
    ("fraud", "Fraud"),
    ("declined", "Payment declined"),
    ("staff", "Our mistake"),
    ("other", "Something else"),
];

/// `1 order`, `3 orders`.
pub fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(n)) }
}

/// `12,345`.
pub fn thousands(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("-{out}") } else { out }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// How far payment is.
pub fn payment(payment: &Payment) -> String {
    match payment {
        Payment::Pending => "not paid".into(),
        Payment::Authorized => "authorised, not captured".into(),
        Payment::PartiallyPaid => "partly paid".into(),
        Payment::Paid => "paid".into(),
        Payment::PartiallyRefunded => "partly refunded".into(),
        Payment::Refunded => "refunded".into(),
        Payment::Voided => "voided".into(),
        Payment::Expired => "authorisation expired".into(),
        Payment::Unknown(word) => word.clone(),
    }
}

/// How far an order is.
pub fn stage(stage: Stage) -> String {
    match stage {
        Stage::Unpaid => "Unpaid",
        Stage::ToSend => "To send",
        Stage::Sending => "Sending",
        Stage::Packing => "Packing",
        Stage::Held => "On hold",
        Stage::PartlyShipped => "Partly shipped",
        Stage::Telling => "Telling the store",
        Stage::Shipped => "Shipped",
        Stage::Cancelled => "Cancelled",
        Stage::NothingToShip => "Nothing to ship",
        Stage::Ignored => "Left alone",
    }
    .to_owned()
}

/// The calls a rate bucket is for: connectors name buckets shortly (`graphql`, `v1`, `order_search`).
pub fn bucket(name: &str) -> String {
    match name {
        "graphql" => "GraphQL".to_owned(),
        version if version.len() == 2 && version.starts_with('v') => format!("API {}", version.to_uppercase()),
        other => {
            let spaced = other.replace(['_', '-', '.'], " ");
            let mut letters = spaced.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        }
    }
}

/// Where a hub order stands.
pub fn hub_status(status: &HubStatus) -> String {
    match status {
        HubStatus::AwaitingPayment => "waits for payment".into(),
        HubStatus::AwaitingShipment => "ready to pack".into(),
        HubStatus::OnHold => "on hold".into(),
        HubStatus::Shipped => "shipped".into(),
        HubStatus::Cancelled => "cancelled".into(),
        HubStatus::WithProvider => "with another provider".into(),
        HubStatus::Gone => "no longer there".into(),
        HubStatus::Unknown(word) => word.clone(),
    }
}

/// An address as lines to show; empty parts leave no line.
pub fn address_lines(address: &Address) -> Vec<String> {
    let town = [&address.postcode, &address.city, &address.region]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    [&address.name, &address.company, &address.line1, &address.line2, &address.line3, &town, &address.country]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Tone of an event's dot in the timeline.
pub fn event_tone(kind: &str) -> Tone {
    match kind {
        "answered" | "confirmed" | "mended" | "shipped" | "told" | "delivered" => Tone::Success,
        "exception" | "refused" => Tone::Warning,
        "lost" | "sent" | "planned" => Tone::Info,
        "held" | "hold" => Tone::Hold,
        _ => Tone::Neutral,
    }
}

/// What an effect does, for rows that have no sentence of their own.
pub fn intent_sentence(intent: &Intent, number: &str) -> String {
    let phrase = intent.kind().phrase();
    let mut letters = phrase.chars();
    let phrase = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    format!("{phrase} ({number})")
}

/// What a line is called in a sentence: its SKU, else its name.
pub fn line_label(story: &Story, line_id: &str) -> String {
    let Some(line) = story.order.lines.iter().find(|line| line.remote_id == line_id) else { return "a line".into() };
    let sku = story.choices.skus.get(line_id).unwrap_or(&line.sku);
    if sku.trim().is_empty() { line.name.clone() } else { sku.clone() }
}

/// Options and variant of a line, ready to show.
pub fn line_detail(variant: &str, options: &[(String, String)]) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !variant.trim().is_empty() {
        parts.push(variant.trim().to_owned());
    }
    parts.extend(options.iter().map(|(name, value)| format!("{name}: {value}")));
    parts.join(", ")
}

/// A length of time as people say it: `under a minute`, `12 min`, `3 h 20 min`, `2 days`.
pub fn duration(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    match minutes {
        0 => "under a minute".into(),
        1..=59 => format!("{minutes} min"),
        60..=1439 if minutes % 60 == 0 => format!("{} h", minutes / 60),
        60..=1439 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => count(minutes / 1440, "day", "days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_read_like_sentences() {
        assert_eq!(count(1, "order", "orders"), "1 order");
        assert_eq!(count(0, "order", "orders"), "0 orders");
        assert_eq!(count(1_234_567, "order", "orders"), "1,234,567 orders");
        assert_eq!(thousands(-1000), "-1,000");
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        for (ms, words) in [
            (-5, "under a minute"),
            (59_000, "under a minute"),
            (720_000, "12 min"),
            (7_200_000, "2 h"),
            (12_000_000, "3 h 20 min"),
            (90_000_000, "1 day"),
            (180_000_000, "2 days"),
        ] {
            assert_eq!(duration(ms), words);
        }
    }

    #[test]
    fn empty_parts_of_an_address_leave_no_line() {
        let address = Address {
            name: "Anna".into(),
            line1: "Kai 1".into(),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            ..Address::default()
        };
        assert_eq!(address_lines(&address), ["Anna", "Kai 1", "20457 Hamburg", "DE"]);
        assert_eq!(address_lines(&Address::default()), Vec::<String>::new());
    }
}
