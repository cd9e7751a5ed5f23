//! The question for opportunities: only fields this org has and this user may see, so that no hidden field
//! fails the whole of it. Pure.

use super::mapping::{Schema, Usable};

/// Fields of the opportunity that are asked for where they exist.
const OPPORTUNITY: &[&str] = &[
    "Id",
    "Name",
    "StageName",
    "IsWon",
    "IsClosed",
    "IsDeleted",
    "Amount",
    "CloseDate",
    "CreatedDate",
    "SystemModstamp",
    "LastStageChangeDate",
    "AccountId",
    "ContactId",
    "CurrencyIsoCode",
    "HasOpportunityLineItem",
];
/// Fields of the account.
const ACCOUNT: &[&str] = &[
    "Name",
    "Phone",
    "PersonEmail",
    "ShippingStreet",
    "ShippingCity",
    "ShippingState",
    "ShippingStateCode",
    "ShippingPostalCode",
    "ShippingCountry",
    "ShippingCountryCode",
    "BillingStreet",
    "BillingCity",
    "BillingState",
    "BillingStateCode",
    "BillingPostalCode",
    "BillingCountry",
    "BillingCountryCode",
];
/// Fields of a line.
const LINE: &[&str] =
    &["Id", "Product2Id", "Quantity", "UnitPrice", "TotalPrice", "Description", "ServiceDate", "SortOrder", "Name"];
/// Fields of a line's product.
const PRODUCT: &[&str] = &["Name", "ProductCode", "StockKeepingUnit", "Family"];
/// Fields of a contact.
const CONTACT: &[&str] = &[
    "Id",
    "Name",
    "Email",
    "Phone",
    "MobilePhone",
    "MailingStreet",
    "MailingCity",
    "MailingState",
    "MailingStateCode",
    "MailingPostalCode",
    "MailingCountry",
    "MailingCountryCode",
];

fn present<'a>(schema: &'a Schema, object: &'a str, names: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    names.iter().filter(move |name| schema.has(object, name)).map(|name| (*name).to_owned())
}

/// The same through a relationship, if `object.by` has one.
fn through<'a>(schema: &'a Schema, object: &str, by: &str, other: &'a str, names: &'a [&str]) -> Vec<String> {
    let Some(relationship) = schema.field(object, by).and_then(|field| field.relationship.as_deref()) else {
        return Vec::new();
    };
    present(schema, other, names).map(|name| format!("{relationship}.{name}")).collect()
}

/// Fields of a line, its product's among them.
pub fn line_fields(schema: &Schema) -> String {
    let mut fields: Vec<String> = present(schema, "OpportunityLineItem", LINE).collect();
    fields.extend(through(schema, "OpportunityLineItem", "Product2Id", "Product2", PRODUCT));
    fields.join(", ")
}

/// Fields of a contact, asked for by itself.
pub fn contact_fields(schema: &Schema) -> String {
    present(schema, "Contact", CONTACT).collect::<Vec<_>>().join(", ")
}

/// Fields of a record that stands for a parcel.
pub fn parcel_fields(schema: &Schema, usable: &Usable) -> Option<String> {
    let object = usable.parcel_object.as_deref()?;
    let mut fields: Vec<String> =
        present(schema, object, &["Id", "CreatedDate", "SystemModstamp", "IsDeleted"]).collect();
    for part in ["opportunity", "contents", "key", "name", "numbers", "carrier", "url", "shipped"] {
        if let Some(field) = usable.parcel(part).filter(|field| !fields.contains(&field.name)) {
            fields.push(field.name.clone());
        }
    }
    if let Some((mark, _)) = usable.parcel_mark.as_ref().filter(|(mark, _)| !fields.contains(mark)) {
        fields.push(mark.clone());
    }
    Some(fields.join(", "))
}

/// The condition that tells our parcels from other records of their object.
pub fn ours(usable: &Usable) -> Option<String> {
    let (field, begins) = usable.parcel_mark.as_ref()?;
    Some(if begins.is_empty() { format!("{field} != null") } else { format!("{field} LIKE '{begins}%'") })
}

/// `SELECT … FROM Opportunity`, children included.
pub fn opportunities(schema: &Schema, usable: &Usable) -> String {
    let mut fields: Vec<String> = present(schema, "Opportunity", OPPORTUNITY).collect();
    for name in usable.opportunity_fields() {
        if !fields.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            fields.push(name.to_owned());
        }
    }
    fields.extend(through(schema, "Opportunity", "AccountId", "Account", ACCOUNT));
    let not_deleted = |object: &str| if schema.has(object, "IsDeleted") { " WHERE IsDeleted = false" } else { "" };
    let opportunity = schema.object("Opportunity");
    let children = |object: &str, field: &str| opportunity.and_then(|opportunity| opportunity.children(object, field));
    if let (Some(name), true) =
        (children("OpportunityLineItem", "OpportunityId"), schema.object("OpportunityLineItem").is_some())
    {
        fields.push(format!("(SELECT {} FROM {name}{})", line_fields(schema), not_deleted("OpportunityLineItem")));
    }
    let mut role: Vec<String> =
        present(schema, "OpportunityContactRole", &["Role", "IsPrimary", "ContactId"]).collect();
    if let (Some(name), false) = (children("OpportunityContactRole", "OpportunityId"), role.is_empty()) {
        role.extend(through(schema, "OpportunityContactRole", "ContactId", "Contact", CONTACT));
        fields.push(format!("(SELECT {} FROM {name}{})", role.join(", "), not_deleted("OpportunityContactRole")));
    }
    if let (Some(name), Some(parcel)) = (&usable.parcel_children, parcel_fields(schema, usable)) {
        let mut conditions: Vec<String> = ours(usable).into_iter().collect();
        if usable.parcel_object.as_deref().is_some_and(|object| schema.has(object, "IsDeleted")) {
            conditions.push("IsDeleted = false".into());
        }
        let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        fields.push(format!("(SELECT {parcel} FROM {name}{filter})"));
    }
    format!("SELECT {} FROM Opportunity", fields.join(", "))
}

/// The field that tells when a record last changed: system updates touch `SystemModstamp` only, so it is the first choice.
pub fn stamp<'a>(schema: &'a Schema, object: &str) -> &'a str {
    ["SystemModstamp", "LastModifiedDate", "CreatedDate"]
        .into_iter()
        .find_map(|name| schema.field(object, name).filter(|field| field.filterable).map(|field| field.name.as_str()))
        .unwrap_or("SystemModstamp")
}
