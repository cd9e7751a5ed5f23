//! The org's objects and fields, as an admin set them up.
//!
//! Field flags follow recorded descriptions of a developer org where there are any
//! (Account, Contact, Opportunity, OpportunityContactRole, Case), and the object
//! reference elsewhere.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// API name.
    pub name: String,
    /// `string`, `picklist`, …
    pub kind: &'static str,
    /// Longest text, characters.
    pub length: usize,
    /// Written on creation.
    pub createable: bool,
    /// Written later.
    pub updateable: bool,
    /// May be empty.
    pub nillable: bool,
    /// Filled in by the platform when left out.
    pub defaulted: bool,
    /// Can stand in a condition.
    pub filterable: bool,
    /// External id, unique.
    pub external_id: bool,
    /// Only listed values.
    pub restricted: bool,
    /// Values of a picklist.
    pub values: Vec<String>,
    /// (relationship name, object).
    pub refers: Option<(String, String)>,
    /// The list this one depends on.
    pub controller: Option<String>,
    /// Value → values of the controlling list it goes with.
    pub valid_for: BTreeMap<String, Vec<String>>,
}

impl Field {
    /// The value goes with this one of the controlling list.
    pub fn goes_with(&self, value: &str, controlling: &str) -> bool {
        self.valid_for.get(value).is_some_and(|all| all.iter().any(|one| one == controlling))
    }
}

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// API name.
    pub name: String,
    /// First three characters of its ids.
    pub prefix: &'static str,
    /// The API may make records.
    pub createable: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// (relationship name, child object, its field).
    pub children: Vec<(&'static str, &'static str, &'static str)>,
}

impl Object {
    /// A field, whatever the case of its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The same to change it.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Its describe answer.
    pub fn describe(&self, version: &str) -> Json {
        let fields: Vec<Json> = self.fields.iter().map(|field| self.describe_field(field)).collect();
        let children: Vec<Json> = self
            .children
            .iter()
            .map(|(name, child, field)| {
                json!({ "relationshipName": name, "childSObject": child, "field": field, "cascadeDelete": false,
                    "deprecatedAndHidden": false, "restrictedDelete": false, "junctionIdListNames": [], "junctionReferenceTo": [] })
            })
            .collect();
        let mut answer = json!({
            "name": self.name, "label": self.name.trim_end_matches("__c"), "keyPrefix": self.prefix,
            "custom": self.name.ends_with("__c"), "createable": self.createable, "updateable": self.createable,
            "deletable": self.createable, "queryable": true, "retrieveable": true,
            "childRelationships": children, "recordTypeInfos": [],
            "urls": { "sobject": format!("/services/data/v{version}/sobjects/{}", self.name) },
        });
        answer["fields"] = Json::Array(fields);
        answer
    }

    /// A bit for each value of the controlling list, the first the highest of its byte.
    fn bitmap(&self, field: &Field, value: &str) -> Option<String> {
        let controlling = &self.field(field.controller.as_deref()?)?.values;
        let mut bytes = vec![0_u8; controlling.len().div_ceil(8)];
        for (n, _) in controlling.iter().enumerate().filter(|(_, one)| field.goes_with(value, one)) {
            if let Some(byte) = bytes.get_mut(n / 8) {
                *byte |= 0x80 >> (n % 8);
            }
        }
        Some(BASE64_STANDARD.encode(bytes))
    }

    fn describe_field(&self, field: &Field) -> Json {
        let values: Vec<Json> = field
            .values
            .iter()
            .map(|value| json!({ "value": value, "label": value, "active": true, "defaultValue": false, "validFor": self.bitmap(field, value) }))
            .collect();
        described(field, &values)
    }
}

fn described(field: &Field, values: &[Json]) -> Json {
    json!({
        "name": field.name, "label": field.name.trim_end_matches("__c").replace('_', " "), "type": field.kind,
        "length": field.length, "byteLength": field.length * 3,
        "precision": if matches!(field.kind, "currency" | "double") { 18 } else { 0 },
        "scale": if matches!(field.kind, "currency" | "double") { 2 } else { 0 },
        "custom": field.name.ends_with("__c"), "nillable": field.nillable, "createable": field.createable,
        "updateable": field.updateable, "defaultedOnCreate": field.defaulted, "calculated": false, "autoNumber": false,
        "filterable": field.filterable, "sortable": field.filterable, "groupable": field.filterable,
        "externalId": field.external_id, "unique": field.external_id, "idLookup": field.external_id || field.kind == "id",
        "restrictedPicklist": field.restricted, "picklistValues": values,
        "dependentPicklist": field.controller.is_some(), "controllerName": field.controller,
        "relationshipName": field.refers.as_ref().map(|(name, _)| name).filter(|name| !name.is_empty()),
        "referenceTo": field.refers.iter().map(|(_, object)| object).collect::<Vec<_>>(),
    })
}

/// `name kind length flags`; flags: `c` createable, `u` updateable, `r` required, `d` defaulted, `F` not filterable,
/// `x` external id, `R` restricted. A reference gives `Relationship>Object` as its length.
fn field(line: &str) -> Field {
    let mut words = line.split_whitespace();
    let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or("string"));
    let size = words.next().unwrap_or("0");
    let flags = words.next().unwrap_or("");
    let kind = KINDS.iter().find(|known| **known == kind).copied().unwrap_or("string");
    let has = |flag: char| flags.contains(flag);
    Field {
        name: name.to_owned(),
        kind,
        length: if size.contains('>') { 18 } else { size.parse().unwrap_or(0) },
        createable: has('c'),
        updateable: has('u'),
        nillable: !has('r'),
        defaulted: has('d') || kind == "boolean",
        filterable: !has('F'),
        external_id: has('x'),
        restricted: has('R'),
        values: Vec::new(),
        refers: size.split_once('>').map(|(name, object)| (name.to_owned(), object.to_owned())),
        controller: None,
        valid_for: BTreeMap::new(),
    }
}

const KINDS: &[&str] = &[
    "string",
    "boolean",
    "int",
    "double",
    "date",
    "datetime",
    "id",
    "reference",
    "currency",
    "textarea",
    "percent",
    "phone",
    "url",
    "email",
    "picklist",
    "combobox",
    "address",
];

fn object(
    name: &str,
    prefix: &'static str,
    createable: bool,
    lines: &[&str],
    children: &[(&'static str, &'static str, &'static str)],
) -> Object {
    const SYSTEM: &[&str] = &[
        "Id id 18 r",
        "IsDeleted boolean 0 r",
        "CreatedDate datetime 0 rd",
        "LastModifiedDate datetime 0 rd",
        "SystemModstamp datetime 0 rd",
    ];
    let system = if matches!(name, "Organization" | "OpportunityStage") { &SYSTEM[..1] } else { SYSTEM };
    Object {
        name: name.to_owned(),
        prefix,
        createable,
        fields: system.iter().chain(lines).map(|line| field(line)).collect(),
        children: children.to_vec(),
    }
}

/// What an account has besides once person accounts are on. (A name is made of its parts then, so none is required.)
pub fn person_fields() -> Vec<Field> {
    const FIELDS: &[&str] = &[
        "IsPersonAccount boolean 0",
        "FirstName string 40 cu",
        "LastName string 80 cu",
        "PersonEmail email 80 cu",
        "PersonMobilePhone phone 40 cu",
        "PersonMailingStreet textarea 255 cu",
        "PersonMailingCity string 40 cu",
        "PersonMailingState string 80 cu",
        "PersonMailingPostalCode string 20 cu",
        "PersonMailingCountry string 80 cu",
        "PersonContactId reference PersonContact>Contact",
        "Quayside_Contact_Id__pc string 80 cu",
    ];
    FIELDS.iter().map(|line| field(line)).collect()
}

/// What a contact has besides once person accounts are on: whether it is the other side of one.
pub fn twin_field() -> Field {
    field("IsPersonAccount boolean 0")
}

/// Which record type a record is of.
pub fn record_type_field() -> Field {
    field("RecordTypeId reference RecordType>RecordType cu")
}

/// Record types, once an admin has made some.
pub fn record_types() -> Object {
    let lines = [
        "Name string 80 r",
        "DeveloperName string 80 r",
        "SobjectType picklist 40 r",
        "IsActive boolean 0 r",
        "IsPersonType boolean 0 r",
    ];
    object("RecordType", "012", false, &lines, &[])
}

/// Stages an org begins with: name, closed, won.
pub const STAGES: &[(&str, bool, bool)] = &[
    ("Prospecting", false, false),
    ("Negotiation", false, false),
    ("Closed Won", true, true),
    ("Delivered", true, true),
    ("Closed Lost", true, false),
];

/// The org's objects.
pub fn objects() -> Vec<Object> {
    let mut all = vec![
        object(
            "Organization",
            "00D",
            false,
            &[
                "Name string 80 r",
                "OrganizationType picklist 40",
                "IsSandbox boolean 0 r",
                "TimeZoneSidKey picklist 40 r",
                "InstanceName string 5",
            ],
            &[],
        ),
        object(
            "Account",
            "001",
            true,
            &[
                "Name string 255 cur",
                "Phone phone 40 cu",
                "ShippingStreet textarea 255 cu",
                "ShippingCity string 40 cu",
                "ShippingState string 80 cu",
                "ShippingPostalCode string 20 cu",
                "ShippingCountry string 80 cu",
                "ShippingAddress address 0",
                "BillingStreet textarea 255 cu",
                "BillingCity string 40 cu",
                "BillingState string 80 cu",
                "BillingPostalCode string 20 cu",
                "BillingCountry string 80 cu",
                "Description textarea 32000 cuF",
                "Quayside_Customer_Id__c string 80 cux",
                "Orders_30d__c double 0 cu",
                "OwnerId reference Owner>User curd",
            ],
            &[("Contacts", "Contact", "AccountId"), ("Opportunities", "Opportunity", "AccountId")],
        ),
        object(
            "Contact",
            "003",
            true,
            &[
                "AccountId reference Account>Account cu",
                "Name string 121",
                "FirstName string 40 cu",
                "LastName string 80 cur",
                "Email email 80 cu",
                "Phone phone 40 cu",
                "MobilePhone phone 40 cu",
                "MailingStreet textarea 255 cu",
                "MailingCity string 40 cu",
                "MailingState string 80 cu",
                "MailingPostalCode string 20 cu",
                "MailingCountry string 80 cu",
                "Quayside_Contact_Id__c string 80 cux",
                "Orders__c double 0 cu",
                "Spent__c currency 0 cu",
                "Last_Order_On__c date 0 cu",
            ],
            &[],
        ),
        object(
            "Opportunity",
            "006",
            true,
            &[
                "AccountId reference Account>Account cu",
                "OwnerId reference Owner>User curd",
                "Name string 120 cur",
                "Description textarea 32000 cuF",
                "StageName picklist 255 cur",
                "Amount currency 0 cu",
                "CloseDate date 0 cur",
                "Type picklist 255 cu",
                "NextStep string 255 cu",
                "IsClosed boolean 0 r",
                "IsWon boolean 0 r",
                "HasOpportunityLineItem boolean 0 r",
                "LastStageChangeDate datetime 0",
                "ContactId reference >Contact c",
                "Tracking_Number__c string 255 cu",
                "Carrier__c string 80 cu",
                "Tracking_Link__c url 255 cu",
                "Shipped_On__c date 0 cu",
                "Expected_On__c date 0 cu",
                "Expected_By__c string 40 cu",
                "Shipping_Status__c picklist 255 cuR",
                "Delivery_Notes__c textarea 1000 cuF",
                "Gift_Message__c string 255 cu",
                "Ship_By__c date 0 cu",
                "Paid__c boolean 0 cu",
                "Lost_Reason__c string 100 cu",
                "Quayside_Order_Id__c string 80 cux",
            ],
            &[
                ("OpportunityLineItems", "OpportunityLineItem", "OpportunityId"),
                ("OpportunityContactRoles", "OpportunityContactRole", "OpportunityId"),
                ("Tasks", "Task", "WhatId"),
                ("Sendungen__r", "Shipment__c", "Opportunity__c"),
            ],
        ),
        object(
            "OpportunityLineItem",
            "00k",
            true,
            &[
                "OpportunityId reference Opportunity>Opportunity cr",
                "SortOrder int 0 cu",
                "Product2Id reference Product2>Product2 c",
                "ProductCode string 255",
                "Name string 376",
                "Quantity double 0 cur",
                "TotalPrice currency 0 cu",
                "UnitPrice currency 0 cu",
                "Description string 255 cu",
                "ServiceDate date 0 cu",
            ],
            &[],
        ),
        object(
            "OpportunityContactRole",
            "00K",
            true,
            &[
                "OpportunityId reference Opportunity>Opportunity cr",
                "ContactId reference Contact>Contact cur",
                "Role picklist 40 cu",
                "IsPrimary boolean 0 cu",
            ],
            &[],
        ),
        object(
            "OpportunityStage",
            "01J",
            false,
            &[
                "MasterLabel string 255",
                "ApiName string 255",
                "IsActive boolean 0",
                "SortOrder int 0",
                "IsClosed boolean 0",
                "IsWon boolean 0",
            ],
            &[],
        ),
        object(
            "Product2",
            "01t",
            true,
            &[
                "Name string 255 cur",
                "ProductCode string 255 cu",
                "StockKeepingUnit string 180 cu",
                "Family picklist 255 cu",
                "IsActive boolean 0 cu",
                "Description textarea 4000 cuF",
            ],
            &[],
        ),
        object(
            "Task",
            "00T",
            true,
            &[
                "WhoId reference Who>Contact cu",
                "WhatId reference What>Opportunity cu",
                "Subject combobox 255 cu",
                "ActivityDate date 0 cu",
                "Status picklist 255 curd",
                "Priority picklist 255 curd",
                "OwnerId reference Owner>User curd",
                "Description textarea 32000 cuF",
                "CallObject string 255 cu",
                "Quayside_Event_Id__c string 80 cux",
            ],
            &[],
        ),
        object(
            "Case",
            "500",
            true,
            &[
                "Subject string 255 cu",
                "Description textarea 32000 cuF",
                "Origin picklist 255 cu",
                "Priority picklist 255 cud",
                "Status picklist 255 cud",
                "AccountId reference Account>Account cu",
                "ContactId reference Contact>Contact cu",
                "Quayside_Exception_Id__c string 80 cux",
                "OwnerId reference Owner>User curd",
                "Carrier__c string 80 cu",
                "Value__c currency 0 cu",
                "Problem__c picklist 255 cuR",
                "Handling__c picklist 255 cuR",
            ],
            &[],
        ),
        object(
            "Shipment__c",
            "a01",
            true,
            &[
                "Name string 80 cu",
                "Opportunity__c reference Deal>Opportunity cr",
                "Quayside_Id__c string 80 cux",
                "Contents__c textarea 32000 cuF",
                "Numbers__c string 255 cu",
                "Carrier__c string 80 cu",
                "Link__c url 255 cu",
                "Shipped_On__c date 0 cu",
            ],
            &[],
        ),
        object(
            "Buyer__c",
            "a02",
            true,
            &[
                "Name string 80 cu",
                "Contact__c reference Contact__r>Contact cu",
                "Quayside_Customer_Id__c string 80 cux",
                "Orders__c double 0 cu",
                "Last_Order_On__c date 0 cu",
            ],
            &[],
        ),
    ];
    let mut values = |object: &str, field: &str, list: &[&str]| {
        let found = all.iter_mut().find(|one| one.name == object).and_then(|one| one.field_mut(field));
        if let Some(field) = found {
            field.values = list.iter().map(|value| (*value).to_owned()).collect();
        }
    };
    values("Opportunity", "StageName", &STAGES.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
    values("Opportunity", "Shipping_Status__c", &["Partially Shipped", "Shipped"]);
    values("Task", "Status", &["Not Started", "In Progress", "Completed"]);
    values("Task", "Priority", &["High", "Normal", "Low"]);
    values("Case", "Status", &["New", "Working", "Closed"]);
    values("Product2", "Family", &["Goods", "Services"]);
    values("Case", "Problem__c", &["Late", "Damaged", "Lost"]);
    values("Case", "Handling__c", &["Wait", "Send again", "Refund"]);
    if let Some(field) = all.iter_mut().find(|one| one.name == "Case").and_then(|one| one.field_mut("Handling__c")) {
        field.controller = Some("Problem__c".to_owned());
        let goes =
            [("Wait", &["Late"][..]), ("Send again", &["Damaged", "Lost"]), ("Refund", &["Damaged", "Lost", "Late"])];
        field.valid_for =
            goes.map(|(value, with)| (value.to_owned(), with.iter().map(|one| (*one).to_owned()).collect())).into();
    }
    all
}
