//! An order as a person types it into an account that takes none from outside: a text to copy, a row to import. Pure.

use crate::draft::address_line;
use quayside_model::{HubOrderDraft, Money};

/// Everything to type, one thing per line, our reference first: it is how the order is recognised when it is read back.
pub fn text(draft: &HubOrderDraft) -> String {
    let mut lines = vec![format!("Reference: {}", draft.key), format!("Order: {}", draft.number)];
    lines.push(format!("Ship to: {}", address_line(&draft.ship_to)));
    for (label, value) in [("Telephone", &draft.ship_to.phone), ("Service", &draft.requested_service)] {
        if !value.trim().is_empty() {
            lines.push(format!("{label}: {}", value.trim()));
        }
    }
    for line in &draft.lines {
        let options: Vec<String> = line.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
        lines.push(format!("{} × {} {}{options}", line.quantity, line.sku, line.name));
    }
    for (label, value) in [("Note", &draft.customer_note), ("Gift message", &draft.gift_message)] {
        if !value.trim().is_empty() {
            lines.push(format!("{label}: {}", value.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    lines.join("\n")
}

/// The same as a CSV file, one row per order line.
pub fn csv(drafts: &[HubOrderDraft]) -> String {
    let mut out = String::from(
        "Reference,Order Number,Order Date,Recipient,Company,Address 1,Address 2,City,Region,Postcode,Country,Phone,Service,SKU,Product,Quantity,Unit Price,Currency,Note\r\n",
    );
    for draft in drafts {
        let to = &draft.ship_to;
        let day = chrono::DateTime::from_timestamp_millis(draft.placed_at_ms).unwrap_or_default().format("%Y-%m-%d");
        let second = [to.line2.trim(), to.line3.trim()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        for line in &draft.lines {
            let price = Money::new(line.unit_price_minor, draft.currency.clone()).decimal().to_string();
            let cells = [
                draft.key.clone(),
                draft.number.clone(),
                day.to_string(),
                to.name.clone(),
                to.company.clone(),
                to.line1.clone(),
                second.clone(),
                to.city.clone(),
                to.region.clone(),
                to.postcode.clone(),
                to.country.clone(),
                to.phone.clone(),
                draft.requested_service.clone(),
                line.sku.clone(),
                line.name.clone(),
                line.quantity.to_string(),
                price,
                draft.currency.0.clone(),
                draft.customer_note.clone(),
            ];
            out.push_str(&cells.map(|cell| quoted(&cell)).join(","));
            out.push_str("\r\n");
        }
    }
    out
}

/// A cell. One that a spreadsheet would take for a formula gets an apostrophe in front: buyers type notes.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_survive_spreadsheets() {
        for (cell, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+49 40", "'+49 40"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
