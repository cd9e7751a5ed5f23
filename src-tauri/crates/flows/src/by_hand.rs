//! An order as a person types it into an account that takes none from outside: a text to copy, a row to import. Pure.

use crate::draft::address_line;
use crate::sku_csv::safe;
use quayside_model::{HubOrderDraft, Money};

/// Everything to type, one thing per line, our reference first: it is how the order is recognised when it is read back.
pub fn text(draft: &HubOrderDraft) -> String {
    let mut lines = vec![format!("Reference: {}", draft.key), format!("Order: {}", draft.number)];
    lines.push(format!("Ship to: {}", address_line(&draft.ship_to)));
    for (label, value) in [
        ("Telephone", &draft.ship_to.phone),
        ("Service", &draft.requested_service),
        ("Ships from", &draft.ship.warehouse),
    ] {
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

/// Tells one state of an order from the next without repeating any of it: four digits that change when anything to type does.
pub fn edition(draft: &HubOrderDraft) -> String {
    edition_of(&text(draft))
}

/// The same of any text.
pub(crate) fn edition_of(text: &str) -> String {
    // FNV-1a, folded: stable from build to build, and too short to be turned back into an address.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:04x}", (hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48)) & 0xffff)
}

/// The same as a CSV file, one row per order line. Who gets it and where is left out unless asked for: the file leaves
/// this program's encryption.
pub fn csv(drafts: &[HubOrderDraft], with_addresses: bool) -> String {
    let recipient = |names: &'static [&'static str]| if with_addresses { names } else { &[][..] };
    let head = [
        &["Reference", "Order Number", "Order Date"],
        recipient(&["Recipient", "Company", "Address 1", "Address 2", "City", "Region", "Postcode"]),
        &["Country"],
        recipient(&["Phone"]),
        &["Service", "SKU", "Product", "Quantity", "Unit Price", "Currency"],
        recipient(&["Note"]),
    ]
    .concat();
    let mut out = head.join(",");
    out.push_str("\r\n");
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
            let mut cells = vec![draft.key.clone(), draft.number.clone(), day.to_string()];
            if with_addresses {
                cells.extend(
                    [&to.name, &to.company, &to.line1, &second, &to.city, &to.region, &to.postcode].map(String::clone),
                );
            }
            cells.push(to.country.clone());
            if with_addresses {
                cells.push(to.phone.clone());
            }
            cells.extend([
                draft.requested_service.clone(),
                line.sku.clone(),
                line.name.clone(),
                line.quantity.to_string(),
                price,
                draft.currency.0.clone(),
            ]);
            if with_addresses {
                cells.push(draft.customer_note.clone());
            }
            out.push_str(&cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
            out.push_str("\r\n");
        }
    }
    out
}

/// A cell. One that a spreadsheet would take for a formula gets an apostrophe in front: buyers type notes.
pub(crate) fn quoted(cell: &str) -> String {
    let cell = safe(cell);
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Address, Currency, HubLineDraft, ShipChoice};

    #[test]
    fn recipients_are_in_the_file_only_if_asked_for() {
        let draft = HubOrderDraft {
            key: "hg:1".into(),
            number: "#1".into(),
            placed_at_ms: 1_700_000_000_000,
            paid_at_ms: None,
            ship_by_ms: None,
            ready: true,
            ship_to: Address {
                name: "Anna Berg".into(),
                company: "Berg & Co".into(),
                line1: "Kai 1".into(),
                line2: "Hof".into(),
                city: "Hamburg".into(),
                region: "HH".into(),
                postcode: "20457".into(),
                country: "DE".into(),
                phone: "040".into(),
                ..Address::default()
            },
            bill_to: Address::default(),
            email: String::new(),
            customer_ref: String::new(),
            requested_service: "Express".into(),
            lines: vec![HubLineDraft {
                line_key: "1".into(),
                sku: "MUG".into(),
                name: "Mug".into(),
                quantity: 2,
                unit_price_minor: 1250,
                tax_minor: 0,
                weight_g: None,
                options: vec![],
                barcode: None,
            }],
            currency: Currency::new("EUR"),
            total_minor: 2500,
            tax_minor: 0,
            shipping_minor: 0,
            discount_minor: 0,
            customer_note: "for Anna".into(),
            internal_note: String::new(),
            gift: false,
            gift_message: String::new(),
            custom_fields: Default::default(),
            source: String::new(),
            tags: vec![],
            store_id: None,
            ship: ShipChoice::default(),
        };
        assert_eq!(
            csv(std::slice::from_ref(&draft), false),
            "Reference,Order Number,Order Date,Country,Service,SKU,Product,Quantity,Unit Price,Currency\r\n\
             hg:1,#1,2023-11-14,DE,Express,MUG,Mug,2,12.50,EUR\r\n"
        );
        assert_eq!(
            csv(&[draft], true),
            "Reference,Order Number,Order Date,Recipient,Company,Address 1,Address 2,City,Region,Postcode,Country,Phone,Service,SKU,Product,Quantity,Unit Price,Currency,Note\r\n\
             hg:1,#1,2023-11-14,Anna Berg,Berg & Co,Kai 1,Hof,Hamburg,HH,20457,DE,040,Express,MUG,Mug,2,12.50,EUR,for Anna\r\n"
        );
    }

    #[test]
    fn cells_survive_spreadsheets() {
        for (cell, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("+49 40", "'+49 40"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1+1", "'＝1+1"),
            ("=1,\"2\"", "\"'=1,\"\"2\"\"\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
