//! Accounts whose API is described by a file: looking a profile through, and reading an export instead of an API.
//! What a person enters by hand is in `by_hand.rs`.

use crate::by_hand::draft_by_hand;
use crate::connections::{config_of, gone};
use crate::credentials::redraft;
use crate::desk::{Desk, Room};
use crate::form;
use crate::trouble::Answer;
use crate::view::{ConnectionDraft, Trouble};
use quayside_connectors::profiles::{
    CSV_COLUMNS, CsvMapping, CsvPreview, DryRun, Fault, ImportedProfile, Preview, ProfileKit, ProfileReport,
    ShippedProfile, as_last_time, profile_kit, profile_platforms,
};
use quayside_connectors::{ReadError, Setup};
use quayside_engine::ingest;
use quayside_model::{
    Address, ConnectionId, Currency, FieldShape, HubLineDraft, HubOrderDraft, Incoming, OrderId, Page, Record,
    RecordKind, ShipChoice,
};
use quayside_store::{Reader, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest file that is read, bytes.
const FILE_MAX: u64 = 64 * 1024 * 1024;
/// Newest orders that are looked through for one to try a profile on.
const LOOK_BACK: usize = 50;

/// A text a person hands over: pasted, or as a file they chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Type)]
pub struct HandedText {
    /// What was pasted.
    pub text: String,
    /// The file; wins over the text.
    pub path: Option<PathBuf>,
}

impl HandedText {
    /// The text, read from the file where there is one.
    pub(crate) fn read(self) -> Answer<String> {
        match self.path {
            Some(path) => read_file(&path),
            None if self.text.trim().is_empty() => Err(Trouble::field("text", "Paste something, or choose a file.")),
            None => Ok(self.text),
        }
    }
}

/// A request as it would be sent, and the order it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TriedRequest {
    /// The request.
    pub request: DryRun,
    /// The order; none: an example, because there is no order yet.
    pub order: Option<OrderId>,
    /// Its number.
    pub number: String,
}

/// What an import of an export brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CsvImported {
    /// Orders in the file.
    pub orders: usize,
    /// Of them, new or changed.
    pub changed: usize,
    /// Rows that were set aside, with the reason.
    pub set_aside: Vec<String>,
}

fn kit(platform: &str) -> Answer<&'static ProfileKit> {
    profile_kit(platform)
        .ok_or_else(|| Trouble::field("platform", format!("Accounts of \"{platform}\" are not described by profiles.")))
}

fn trouble(faults: Vec<Fault>) -> Trouble {
    let said: Vec<String> = faults
        .iter()
        .take(5)
        .map(|fault| {
            if fault.place.is_empty() { fault.sentence.clone() } else { format!("{}: {}", fault.place, fault.sentence) }
        })
        .collect();
    match faults.first() {
        Some(first) => Trouble::field(&first.place, said.join(" ")),
        None => Trouble::input("The profile cannot be used."),
    }
}

/// The platform that is meant where none is named; empty if none reads profiles.
pub fn usual_platform() -> &'static str {
    profile_platforms().next().unwrap_or_default()
}

/// Profiles that come with the program.
pub fn shipped(platform: &str) -> Answer<Vec<ShippedProfile>> {
    Ok((kit(platform)?.shipped)())
}

/// Looks a profile through: faults, and what it switches on.
pub fn check(platform: &str, profile: &str) -> Answer<ProfileReport> {
    Ok((kit(platform)?.check)(profile))
}

/// A sample answer read through a profile.
pub fn preview(platform: &str, profile: &str, entity: &str, sample: &str) -> Answer<Preview> {
    (kit(platform)?.preview)(profile, entity, sample).map_err(trouble)
}

/// A profile with one thing changed: `["operations", "listOrders", "path"]`. Nothing (`null`) takes it out.
pub fn edit(platform: &str, profile: &str, place: &[String], value: &Value) -> Answer<String> {
    (kit(platform)?.edit)(profile, place, value).map_err(trouble)
}

/// The exact request a profile makes of an order. Sends nothing.
pub fn dry_run(
    platform: &str,
    profile: &str,
    operation: &str,
    draft: &HubOrderDraft,
    fields: &BTreeMap<String, String>,
) -> Answer<DryRun> {
    (kit(platform)?.dry_run)(profile, operation, draft, fields).map_err(trouble)
}

/// A profile from a Postman collection or an OpenAPI file.
pub fn import(platform: &str, collection: &str) -> Answer<ImportedProfile> {
    (kit(platform)?.import)(collection).map_err(Trouble::input)
}

/// The same from what a person handed over.
pub fn import_handed(platform: &str, from: HandedText) -> Answer<ImportedProfile> {
    import(platform, &from.read()?)
}

/// An export's columns, and a guess at what they are.
pub fn csv_preview(platform: &str, csv: &str) -> Answer<CsvPreview> {
    (kit(platform)?.csv_preview)(csv).map_err(Trouble::input)
}

impl Desk {
    /// What an account answers when its `entity` is listed, to see where things are. `of`: the account is connected, and
    /// what the form leaves out (its key) is known; only a profile of the form counts then.
    pub async fn profile_sample(
        &self,
        draft: ConnectionDraft,
        of: Option<ConnectionId>,
        entity: String,
    ) -> Answer<String> {
        let room = self.room()?;
        let draft = match &of {
            None => draft,
            Some(id) => {
                let config = room.store.read(|r| r.connection(id))?.ok_or_else(|| gone(id))?;
                let profile_of = |name: &String| is_profile(&config.platform, name);
                let fields = draft.fields.into_iter().filter(|(name, _)| profile_of(name)).collect();
                redraft(&room, &config, draft.way, fields).await?
            }
        };
        let form = form::read(&draft).map_err(|problems| form::trouble(&problems))?;
        let id = of.unwrap_or_else(|| ConnectionId::new("test"));
        let setup = Setup {
            config: config_of(&form, id, &draft.name, room.now_ms()),
            secrets: form.secrets,
            wire: room.setup.wire.clone(),
            clock: room.setup.clock.clone(),
            buckets: Vec::new(),
        };
        let account = (form.platform.open)(setup).map_err(Trouble::from)?;
        account.sample(&entity).await.map_err(|error| match error {
            ReadError::WaitUntil { why, .. } => Trouble::input(format!("{why} Try again in a moment.")),
            ReadError::Refused(refusal) => Trouble::from(refusal),
        })
    }

    /// The exact request a profile makes of an order, or of the newest there is. Sends nothing. `hub`: the account it is
    /// for, where it is connected; `fields`: what its form holds.
    pub fn try_profile(
        &self,
        platform: &str,
        profile: &str,
        operation: &str,
        order: Option<OrderId>,
        hub: Option<ConnectionId>,
        fields: &BTreeMap<String, String>,
    ) -> Answer<TriedRequest> {
        let room = self.room()?;
        let (order, draft) = order_to_try(&room, order, hub.as_ref())?;
        let request = dry_run(platform, profile, operation, &draft, fields)?;
        Ok(TriedRequest { request, order, number: draft.number })
    }

    /// The columns of an account's export, and what they are: as they were chosen the last time, else a guess.
    pub fn csv_preview(&self, id: &ConnectionId, csv: &str) -> Answer<CsvPreview> {
        let room = self.room()?;
        let config = room.store.read(|r| r.connection(id))?.ok_or_else(|| gone(id))?;
        let preview = csv_preview(&config.platform, csv)?;
        let last = config.settings.get(CSV_COLUMNS).cloned().and_then(|last| serde_json::from_value(last).ok());
        Ok(match last {
            Some(columns) => as_last_time(preview, &CsvMapping { columns }),
            None => preview,
        })
    }

    /// The same from what a person handed over.
    pub fn csv_preview_handed(&self, id: &ConnectionId, from: HandedText) -> Answer<CsvPreview> {
        self.csv_preview(id, &from.read()?)
    }

    /// Takes the orders of an export in that a person handed over.
    pub fn import_csv_handed(&self, id: &ConnectionId, from: HandedText, mapping: &CsvMapping) -> Answer<CsvImported> {
        self.import_csv(id, &from.read()?, mapping)
    }

    /// Takes the orders of an export in, as if the account had been read.
    pub fn import_csv(&self, id: &ConnectionId, csv: &str, mapping: &CsvMapping) -> Answer<CsvImported> {
        let room = self.writable()?;
        let config = room
            .store
            .read(|r| r.connection(id))?
            .ok_or_else(|| Trouble::gone(format!("There is no connection \"{id}\" any more. Refresh the list.")))?;
        let now_ms = room.now_ms();
        let mut read = (kit(&config.platform)?.csv_read)(csv, mapping, now_ms).map_err(Trouble::input)?;
        room.store.read(|r| read.records.iter_mut().try_for_each(|one| as_known(r, id, one, now_ms)))?;
        let set_aside = read.unreadable.iter().map(|bad| bad.why.clone()).collect();
        let page = Page {
            records: read.records,
            unreadable: read.unreadable,
            cursor: Value::Null,
            next: None,
            mended: vec![],
            total: None,
            findings: None,
            asked: true,
        };
        let policy = room.store.read(quayside_engine::policy::load)?;
        let done = ingest(&room.store, &policy, id, RecordKind::HubOrder, &page, None, now_ms)?;
        // Chosen once: the next file of this account is read the same way.
        let columns = serde_json::json!(mapping.columns);
        if config.settings.get(CSV_COLUMNS) != Some(&columns) {
            room.store.write(|tx| match tx.connection(id)? {
                Some(mut config) => {
                    config.settings.insert(CSV_COLUMNS.to_owned(), columns);
                    tx.put_connection(&config)
                }
                None => Ok(()),
            })?;
        }
        Ok(CsvImported { orders: done.records, changed: done.changed, set_aside })
    }
}

/// The order a request is made of: the one that was named, else the newest that has something to send, else an example.
fn order_to_try(
    room: &Room,
    order: Option<OrderId>,
    hub: Option<&ConnectionId>,
) -> Answer<(Option<OrderId>, HubOrderDraft)> {
    let policy = room.store.read(quayside_engine::policy::load)?;
    let ids = match order {
        Some(id) => vec![id],
        None => room.store.read(|r| r.newest_orders(LOOK_BACK))?,
    };
    for id in ids {
        if let Some(draft) = room.store.read(|r| draft_by_hand(r, &policy, id, hub, true))?
            && !draft.lines.is_empty()
        {
            return Ok((Some(id), draft));
        }
    }
    match order {
        Some(_) => Err(Trouble::gone(
            "Nothing of this order is left to send, or its personal data was taken out on its day. Choose another.",
        )),
        None => Ok((None, example(room.now_ms()))),
    }
}

/// An export without times does not say when an order changed: one that stands as it is known has not changed now.
fn as_known(r: &Reader<'_>, id: &ConnectionId, read: &mut Incoming, now_ms: i64) -> Result<(), StoreError> {
    if let Record::HubOrder(order) = &mut read.record
        && order.modified_at_ms == now_ms
        && let Some(Record::HubOrder(known)) = r.record(id, RecordKind::HubOrder, &order.remote_id)?
    {
        let then_ms = std::mem::replace(&mut order.modified_at_ms, known.modified_at_ms);
        if *order != known {
            order.modified_at_ms = then_ms;
        }
    }
    Ok(())
}

/// A field of a platform's forms that holds a profile.
fn is_profile(platform: &str, name: &str) -> bool {
    let declared = quayside_connectors::platform(platform).map(|platform| platform.declaration.ways);
    let mut fields = declared.into_iter().flatten().flat_map(|way| way.fields);
    fields.any(|field| field.name == name && field.shape == FieldShape::Profile)
}

/// A file's text, in the encodings spreadsheets write.
fn read_file(path: &Path) -> Answer<String> {
    let refuse = |why: String| Trouble::field("path", format!("{} cannot be read: {why}.", path.display()));
    let about = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
    if !about.is_file() {
        return Err(refuse("it is not a file".into()));
    }
    if about.len() > FILE_MAX {
        return Err(refuse(format!("it is {} MB large", about.len() >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    String::from_utf8(bytes)
        .map_err(|_| refuse("it is not UTF-8 text. Save it as \"CSV UTF-8\" in the spreadsheet".into()))
}

/// An order to look at a request with, where there is none yet.
fn example(now_ms: i64) -> HubOrderDraft {
    let ship_to = Address {
        name: "Erika Example".into(),
        line1: "1 Example Quay".into(),
        city: "Hamburg".into(),
        postcode: "20457".into(),
        country: "DE".into(),
        phone: "+49 40 0000".into(),
        ..Address::default()
    };
    HubOrderDraft {
        key: "example-1001".into(),
        number: "#1001".into(),
        placed_at_ms: now_ms,
        paid_at_ms: Some(now_ms),
        ship_by_ms: None,
        ready: true,
        bill_to: ship_to.clone(),
        ship_to,
        email: "erika@example.org".into(),
        customer_ref: "Erika Example".into(),
        requested_service: "Standard".into(),
        lines: vec![HubLineDraft {
            line_key: "1".into(),
            sku: "EXAMPLE-1".into(),
            name: "An example".into(),
            quantity: 2,
            unit_price_minor: 1_850,
            tax_minor: 295,
            weight_g: Some(400.0),
            options: vec![],
            barcode: None,
        }],
        currency: Currency::new("EUR"),
        total_minor: 4_190,
        tax_minor: 590,
        shipping_minor: 490,
        discount_minor: 0,
        customer_note: "Ring twice".into(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: [String::new(), String::new(), String::new()],
        source: "Example store".into(),
        tags: vec![],
        store_id: None,
        ship: ShipChoice::default(),
    }
}
