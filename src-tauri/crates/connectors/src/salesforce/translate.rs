//! A won opportunity into the model's order, pure.
//!
//! What an order cannot do without (ids, times, whole quantities, amounts) is demanded
//! with the path of the field; everything else is taken as it is. Times come as
//! `2024-09-24T03:26:07.000+0000`, which is not RFC 3339; numbers come as doubles.

use super::mapping::{Mapping, Usable};
use super::parcels::{Note, Parcel};
use quayside_model::{
    Address, Currency, Customer, Delivery, FulfillmentOrder, FulfillmentOrderLine, Hold, Incoming, Money, Order,
    OrderLine, Payment, Record, ShippingChoice, Unreadable,
};
use serde_json::Value;

/// `field: what is wrong`.
type Bad = String;

/// What translating needs besides the row.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The settings.
    pub mapping: &'a Mapping,
    /// As far as this org allows.
    pub usable: &'a Usable,
    /// Where the org's pages are, without trailing slash.
    pub instance: &'a str,
    /// The org's zone.
    pub zone: chrono_tz::Tz,
}

/// A row as it was read, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// In our words.
    pub order: Order,
    /// Its parcels, oldest first.
    pub parcels: Vec<Parcel>,
}

/// An order with its answer, or what was wrong with it.
pub fn incoming(row: &Value, words: Words<'_>) -> Result<Incoming, Unreadable> {
    read(row, words)
        .map(|read| Incoming { record: Record::Order(read.order), raw: row.to_string() })
        .map_err(|why| unreadable(row, why))
}

/// What is set aside.
pub fn unreadable(row: &Value, why: String) -> Unreadable {
    let raw = row.to_string();
    let text = |name: &str| row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    // Without an id, the text itself is the only name it has; the same text gives the same name.
    let remote_id =
        text("Id").unwrap_or_else(|| uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string());
    Unreadable { remote_id, number: text("Name"), why, raw }
}

/// The order and its parcels.
pub fn read(row: &Value, words: Words<'_>) -> Result<Read, Bad> {
    let usable = words.usable;
    let id = demand(row, "Id")?;
    let name = demand(row, "Name")?;
    let currency = match text(row, "CurrencyIsoCode") {
        "" => Currency::new(&words.mapping.currency),
        code => Currency::new(code),
    };
    let updated_at_ms = time(row, "SystemModstamp")?
        .or(time(row, "LastModifiedDate")?)
        .or(time(row, "CreatedDate")?)
        .ok_or("SystemModstamp: missing")?;
    let changed_ms = time(row, "LastStageChangeDate")?;
    let placed_at_ms = match (changed_ms, time(row, "CreatedDate")?) {
        (Some(at_ms), _) | (None, Some(at_ms)) => at_ms,
        (None, None) => day(text(row, "CloseDate"), words.zone).unwrap_or(updated_at_ms),
    };
    let mut lines = Vec::new();
    for (i, line) in children(row, "OpportunityLineItems")?.iter().enumerate() {
        lines.push((
            number(line, "SortOrder").unwrap_or(0.0),
            order_line(line, &currency, words.mapping, &format!("OpportunityLineItems[{i}]"))?,
        ));
    }
    lines.sort_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| x.remote_id.cmp(&y.remote_id)));
    let mut lines: Vec<OrderLine> = lines.into_iter().map(|(_, line)| line).collect();
    if lines.is_empty() && words.mapping.products_needed {
        return Err(format!(
            "OpportunityLineItems: \"{name}\" is won and has no products, so nobody knows what to ship. Add the products in Salesforce, then retry"
        ));
    }
    let mut parcels = parcels(row, usable)?;
    parcels.sort_by(|a, b| (a.created_at_ms, &a.id).cmp(&(b.created_at_ms, &b.id)));
    // A stage that was moved on once it had left is not when it was won.
    let placed_at_ms = parcels.iter().filter_map(|parcel| parcel.note.placed_ms).fold(placed_at_ms, i64::min);
    for line in &mut lines {
        let told: i64 =
            parcels.iter().filter(|parcel| parcel.note.live).map(|parcel| parcel.note.units(&line.remote_id)).sum();
        line.unfulfilled_quantity = (line.current_quantity - told).max(0);
    }
    if !row.get("IsWon").is_some_and(Value::is_boolean) {
        return Err("IsWon: neither yes nor no, so nobody knows whether it may ship".into());
    }
    let (won, closed, deleted) = (flag(row, "IsWon"), flag(row, "IsClosed"), flag(row, "IsDeleted"));
    // Lost or deleted after it was won: it must not ship. Merely open again: somebody is still thinking.
    let gone = deleted || (closed && !won);
    let stage = text(row, "StageName");
    let subtotal_minor: i64 = lines
        .iter()
        .map(|line| line.discounted_unit_price_minor.saturating_mul(line.quantity))
        .fold(0, i64::saturating_add);
    let list_minor: i64 =
        lines.iter().map(|line| line.unit_price_minor.saturating_mul(line.quantity)).fold(0, i64::saturating_add);
    let total_minor = amount(row, "Amount", &currency)?.unwrap_or(subtotal_minor);
    let contact = contact(row);
    let own = |setting: &str| usable.reads(setting).map_or("", |field| text(row, field)).trim().to_owned();
    let order_number = match own("number_field") {
        number if number.is_empty() => name.to_owned(),
        number => number,
    };
    let ship_by_ms = usable
        .reads("ship_by_field")
        .map(|field| text(row, field))
        .and_then(|text| moment(text).or_else(|| end_of_day(text, words.zone)));
    let payment = match usable.reads("paid_field").and_then(|field| row.get(field)) {
        Some(Value::Bool(false) | Value::Null) => Payment::Pending,
        Some(Value::String(word)) if !matches!(word.to_lowercase().as_str(), "paid" | "yes" | "true" | "bezahlt") => {
            Payment::Unknown(word.to_lowercase())
        }
        _ => Payment::Paid,
    };
    let service = own("service_field");
    let order = Order {
        fulfillment_orders: vec![work(id, &lines, won, stage)],
        number: order_number,
        placed_at_ms,
        updated_at_ms,
        cancelled_at_ms: gone.then(|| if deleted { updated_at_ms } else { changed_ms.unwrap_or(updated_at_ms) }),
        cancel_reason: gone.then(|| if deleted { "deleted".to_owned() } else { stage.to_lowercase() }),
        closed_at_ms: None,
        test: false,
        payment,
        delivery: if lines.iter().any(|line| line.requires_shipping) || lines.is_empty() {
            Delivery::Shipping
        } else {
            Delivery::None
        },
        risk: None,
        subtotal_minor,
        discount_minor: list_minor.saturating_sub(subtotal_minor).max(0),
        shipping_minor: 0,
        tax_minor: 0,
        total_minor,
        current_total_minor: total_minor,
        refunded_minor: None,
        taxes_included: false,
        customer: customer(row, contact),
        ship_to: ship_to(row, contact, words),
        bill_to: address(
            row.get("Account"),
            "Billing",
            &account_name(row),
            &account_name(row),
            account_text(row, "Phone"),
        ),
        shipping: (!service.is_empty()).then(|| ShippingChoice { title: service.clone(), code: service }),
        note: own("note_field"),
        gift_message: own("gift_field"),
        tags: Vec::new(),
        attributes: vec![("opportunity".into(), name.to_owned()), ("stage".into(), stage.to_owned())],
        ship_by_ms,
        deliver_by_ms: None,
        sold_on: None,
        admin_url: (!words.instance.is_empty()).then(|| format!("{}/{id}", words.instance)),
        fulfillments: parcels.iter().map(Parcel::fulfillment).collect(),
        remote_id: id.to_owned(),
        currency,
        lines,
    };
    Ok(Read { order, parcels })
}

/// The one piece of work an opportunity is: everything left of it, held while it is open again.
fn work(id: &str, lines: &[OrderLine], won: bool, stage: &str) -> FulfillmentOrder {
    let holds = if won {
        Vec::new()
    } else {
        vec![Hold {
            remote_id: format!("{id}:stage"),
            reason: format!("the opportunity was opened again (stage {stage})"),
            notes: String::new(),
            ours: false,
        }]
    };
    let open = lines.iter().any(|line| line.unfulfilled_quantity > 0 && line.requires_shipping);
    FulfillmentOrder {
        remote_id: format!("{id}:work"),
        status: match (holds.is_empty(), open) {
            (false, _) => "on_hold",
            (true, true) => "open",
            (true, false) => "closed",
        }
        .into(),
        can_fulfill: holds.is_empty() && open,
        location_id: None,
        location_name: String::new(),
        third_party: false,
        fulfill_at_ms: None,
        fulfill_by_ms: None,
        holds,
        delivery: Delivery::Shipping,
        lines: lines
            .iter()
            .filter(|line| line.requires_shipping)
            .map(|line| FulfillmentOrderLine {
                remote_id: format!("{}:work", line.remote_id),
                order_line_id: line.remote_id.clone(),
                total_quantity: line.quantity,
                remaining_quantity: line.unfulfilled_quantity,
            })
            .collect(),
    }
}

fn order_line(line: &Value, currency: &Currency, mapping: &Mapping, path: &str) -> Result<OrderLine, Bad> {
    let at = |field: &str| format!("{path}.{field}");
    let quantity = number(line, "Quantity").ok_or_else(|| at("Quantity: missing"))?;
    if quantity.fract() != 0.0 || !(0.0..=1e9).contains(&quantity) {
        return Err(format!("{} is {quantity}; only whole units can be shipped", at("Quantity")));
    }
    let quantity = quantity as i64;
    let product = line.get("Product2").unwrap_or(&Value::Null);
    let (keeping, code) = (text(product, "StockKeepingUnit").trim(), text(product, "ProductCode").trim());
    let sku = match (mapping.sku_first, keeping, code) {
        (true, "", code) | (false, _, code) if !code.is_empty() => code,
        (_, keeping, _) => keeping,
    };
    let line_total = amount(line, "TotalPrice", currency).map_err(|bad| format!("{path}.{bad}"))?;
    let unit = amount(line, "UnitPrice", currency).map_err(|bad| format!("{path}.{bad}"))?;
    // The total already has the discount in it; the price of one unit does not.
    let each = line_total.filter(|_| quantity > 0).map(|total| (total + quantity / 2).div_euclid(quantity));
    let unit_price_minor = unit.or(each).ok_or_else(|| at("UnitPrice: missing"))?;
    let family = text(product, "Family").trim().to_lowercase();
    let name = [text(product, "Name"), text(line, "Name")].into_iter().find(|name| !name.trim().is_empty());
    let description = text(line, "Description").trim();
    Ok(OrderLine {
        remote_id: demand(line, "Id").map_err(|bad| format!("{path}.{bad}"))?.to_owned(),
        sku: sku.to_owned(),
        name: name.unwrap_or("(unnamed)").to_owned(),
        variant: String::new(),
        quantity,
        current_quantity: quantity,
        unfulfilled_quantity: quantity,
        requires_shipping: !mapping.service_families.contains(&family) || family.is_empty(),
        gift_card: false,
        unit_price_minor,
        discounted_unit_price_minor: each.unwrap_or(unit_price_minor),
        tax_minor: 0,
        weight_g: None,
        options: if description.is_empty() { Vec::new() } else { vec![("Description".into(), description.to_owned())] },
        barcode: None,
        variant_id: Some(text(line, "Product2Id").to_owned()).filter(|id| !id.is_empty()),
        product_type: text(product, "Family").trim().to_owned(),
    })
}

fn parcels(row: &Value, usable: &Usable) -> Result<Vec<Parcel>, Bad> {
    let (Some(relationship), Some(contents)) = (&usable.parcel_children, usable.parcel("contents")) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (i, record) in children(row, relationship)?.iter().enumerate() {
        let note = Note::read(text(record, &contents.name)).map_err(|why| {
            format!("{relationship}[{i}].{}: {why}. Undo the edit, or delete the record", contents.name)
        })?;
        let Some(note) = note else { continue };
        found.push(Parcel {
            id: demand(record, "Id").map_err(|bad| format!("{relationship}[{i}].{bad}"))?.to_owned(),
            created_at_ms: time(record, "CreatedDate")
                .map_err(|bad| format!("{relationship}[{i}].{bad}"))?
                .unwrap_or(0),
            note,
        });
    }
    Ok(found)
}

/// The contact: the primary role's, else the first role's, else the opportunity's own.
fn contact(row: &Value) -> Option<&Value> {
    let roles = row.pointer("/OpportunityContactRoles/records").and_then(Value::as_array);
    let roles: Vec<&Value> = roles.into_iter().flatten().collect();
    let of = |role: &&Value| role.get("Contact").is_some_and(Value::is_object);
    let role =
        roles.iter().find(|role| of(role) && flag(role, "IsPrimary")).or_else(|| roles.iter().find(|role| of(role)));
    role.and_then(|role| role.get("Contact")).or_else(|| row.get("Contact").filter(|contact| contact.is_object()))
}

/// Neither a role nor a looked-up contact tells who it is, and there is one to look up.
pub fn contact_to_look_up(row: &Value) -> Option<&str> {
    contact(row).is_none().then(|| text(row, "ContactId")).filter(|id| !id.is_empty())
}

fn customer(row: &Value, contact: Option<&Value>) -> Option<Customer> {
    let first = |texts: [&str; 3]| {
        texts.into_iter().map(str::trim).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    let none = &Value::Null;
    let contact = contact.unwrap_or(none);
    let customer = Customer {
        remote_id: [text(contact, "Id"), text(row, "AccountId")]
            .into_iter()
            .find(|id| !id.is_empty())
            .map(str::to_owned),
        name: first([text(contact, "Name"), account_text(row, "Name"), ""]),
        email: first([text(contact, "Email"), account_text(row, "PersonEmail"), ""]),
        phone: first([text(contact, "Phone"), text(contact, "MobilePhone"), account_text(row, "Phone")]),
    };
    (!customer.name.is_empty() || customer.remote_id.is_some()).then_some(customer)
}

fn account_text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get("Account").map_or("", |account| text(account, name))
}

fn account_name(row: &Value) -> String {
    account_text(row, "Name").trim().to_owned()
}

/// The opportunity's own address if one is mapped and filled, else by the chosen ladder; the first with a street.
fn ship_to(row: &Value, contact: Option<&Value>, words: Words<'_>) -> Option<Address> {
    let company = account_name(row);
    let person = contact.map_or("", |contact| text(contact, "Name")).trim().to_owned();
    let name = if person.is_empty() { company.clone() } else { person };
    let phone = [contact.map_or("", |contact| text(contact, "Phone")), account_text(row, "Phone")]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or("");
    let own = |part: &str| words.usable.address(part).map_or("", |field| text(row, field)).trim();
    if !own("street").is_empty() {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        return Some(assembled(
            &or(own("name"), &name),
            &or(own("company"), &company),
            own("street"),
            own("city"),
            own("state"),
            own("postcode"),
            own("country"),
            &or(own("phone"), phone),
        ));
    }
    let account = || address(row.get("Account"), "Shipping", &name, &company, phone);
    let mailing = || address(contact, "Mailing", &name, &company, phone);
    let billing = || address(row.get("Account"), "Billing", &name, &company, phone);
    match words.mapping.ship_to.as_str() {
        "contact" => mailing().or_else(account).or_else(billing),
        "billing" => billing().or_else(account).or_else(mailing),
        _ => account().or_else(mailing).or_else(billing),
    }
}

fn address(of: Option<&Value>, kind: &str, name: &str, company: &str, phone: &str) -> Option<Address> {
    let of = of?;
    let part = |field: &str| text(of, &format!("{kind}{field}")).trim();
    let code = |code: &'static str, plain: &'static str| if part(code).is_empty() { part(plain) } else { part(code) };
    let (street, city, country) = (part("Street"), part("City"), code("CountryCode", "Country"));
    if street.is_empty() && city.is_empty() {
        return None;
    }
    Some(assembled(name, company, street, city, code("StateCode", "State"), part("PostalCode"), country, phone))
}

/// A street is one text of several lines here; a country may be a code or a name in any spelling.
#[allow(clippy::too_many_arguments)] // the parts of an address
fn assembled(
    name: &str,
    company: &str,
    street: &str,
    city: &str,
    state: &str,
    postcode: &str,
    country: &str,
    phone: &str,
) -> Address {
    let mut lines = street.lines().map(str::trim).filter(|line| !line.is_empty());
    let (line1, line2) = (lines.next().unwrap_or_default().to_owned(), lines.next().unwrap_or_default().to_owned());
    Address {
        name: name.to_owned(),
        company: if company == name { String::new() } else { company.to_owned() },
        line1,
        line2,
        line3: lines.collect::<Vec<_>>().join(", "),
        city: city.to_owned(),
        region: state.to_owned(),
        postcode: postcode.to_owned(),
        country: country_code(country).unwrap_or_default(),
        phone: phone.to_owned(),
    }
}

/// Spellings people use that no list of names has.
const COUNTRIES: &[(&str, &str)] = &[
    ("usa", "US"),
    ("u.s.a.", "US"),
    ("u.s.", "US"),
    ("united states", "US"),
    ("united states of america", "US"),
    ("america", "US"),
    ("uk", "GB"),
    ("great britain", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("united kingdom", "GB"),
    ("deutschland", "DE"),
    ("österreich", "AT"),
    ("schweiz", "CH"),
    ("suisse", "CH"),
    ("svizzera", "CH"),
    ("italia", "IT"),
    ("españa", "ES"),
    ("nederland", "NL"),
    ("holland", "NL"),
    ("the netherlands", "NL"),
    ("belgië", "BE"),
    ("belgique", "BE"),
    ("sverige", "SE"),
    ("norge", "NO"),
    ("danmark", "DK"),
    ("suomi", "FI"),
    ("polska", "PL"),
    ("brasil", "BR"),
    ("méxico", "MX"),
    ("czech republic", "CZ"),
    ("russia", "RU"),
    ("south korea", "KR"),
    ("korea", "KR"),
    ("vietnam", "VN"),
    ("taiwan", "TW"),
    ("turkey", "TR"),
    ("ireland", "IE"),
    ("republic of ireland", "IE"),
    ("hong kong", "HK"),
    ("uae", "AE"),
];

/// ISO 3166 two letters, from a code or a name; `None`: nobody knows it, and a person must say.
pub fn country_code(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_lowercase();
    if let Some((_, code)) = COUNTRIES.iter().find(|(name, _)| *name == lower) {
        return Some((*code).to_owned());
    }
    let country = match text.len() {
        2 => celes::Country::from_alpha2(text).ok(),
        3 => celes::Country::from_alpha3(text).ok(),
        _ => celes::Country::get_countries()
            .iter()
            .find(|country| {
                country.long_name.eq_ignore_ascii_case(text)
                    || country.long_name.split(" (").next().is_some_and(|name| name.eq_ignore_ascii_case(text))
            })
            .copied()
            .or_else(|| celes::Country::from_alias(text).ok()),
    };
    country.map(|country| country.alpha2.to_owned())
}

/// `2024-09-24T03:26:07.000+0000`, `…Z`, `…+02:00`; ms UTC.
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z")
        .or_else(|_| chrono::DateTime::parse_from_rfc3339(text))
        .ok()
        .map(|at| at.timestamp_millis())
}

/// Noon of a plain day in the org's zone, ms UTC.
fn day(text: &str, zone: chrono_tz::Tz) -> Option<i64> {
    at_hour(text, 12, 0, zone)
}

/// The last minute of a plain day in the org's zone, ms UTC.
fn end_of_day(text: &str, zone: chrono_tz::Tz) -> Option<i64> {
    at_hour(text, 23, 59, zone)
}

fn at_hour(text: &str, hour: u32, minute: u32, zone: chrono_tz::Tz) -> Option<i64> {
    use chrono::TimeZone as _;
    let day = chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()?;
    zone.from_local_datetime(&day.and_hms_opt(hour, minute, 0)?).latest().map(|at| at.timestamp_millis())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn number(value: &Value, name: &str) -> Option<f64> {
    match value.get(name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

fn demand<'a>(value: &'a Value, name: &str) -> Result<&'a str, Bad> {
    match value.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::Null | Value::String(_)) => Err(format!("{name}: missing")),
        Some(other) => Err(format!("{name}: {} instead of a text", kind(other))),
    }
}

fn time(value: &Value, name: &str) -> Result<Option<i64>, Bad> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => moment(text).map(Some).ok_or_else(|| format!("{name}: \"{text}\" is no time")),
        Some(other) => Err(format!("{name}: {} instead of a time", kind(other))),
    }
}

/// Minor units of a decimal that came as a JSON number: its digits are read, never its binary value.
fn amount(value: &Value, name: &str, currency: &Currency) -> Result<Option<i64>, Bad> {
    let text = match value.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => return Err(format!("{name}: {} instead of an amount", kind(other))),
    };
    Money::parse(&text, currency).map(|money| Some(money.minor)).map_err(|error| format!("{name}: {error}"))
}

/// Rows of a child list; `null` means none.
fn children<'a>(row: &'a Value, name: &str) -> Result<&'a [Value], Bad> {
    match row.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(list) => match list.get("records") {
            Some(Value::Array(records)) => Ok(records),
            _ => Err(format!("{name}: {} instead of a list", kind(list))),
        },
    }
}

/// The kind of a value, not the value: it may be somebody's name.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
