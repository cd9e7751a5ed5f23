//! One ShipStation account at work: what reading, performing and confirming share.

use super::choose::{Abilities, Need, Route, choose};
use super::client::{Api, Call, Client, Failure, Reply};
use super::compose_v2::Fillers;
use super::tracks::Answers;
use super::verdicts::{self, Means, Speaker};
use super::wire::{self, Listing};
use super::wire_v1::{OrderV1, ShipmentV1, TagV1};
use super::wire_v2::{LabelV2, ShipmentV2};
use super::{ids, pacific, translate};
use crate::{Priority, ReadError};
use quayside_model::memo::Memo;
use quayside_model::time::HOUR_MS;
use quayside_model::{Currency, HubOrder, Parcel, Record};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Tags are read again after this long, ms; sooner if a name is unknown.
const TAGS_KEEP_MS: i64 = HOUR_MS;
/// An unknown name makes the list be read again at most this often, ms.
const TAGS_AGAIN_MS: i64 = 10 * quayside_model::time::MINUTE_MS;

/// Translated rows kept: the labels of two busy days, which are read again every hour. About 1 kB each.
const TRANSLATED_MAX: usize = 4_000;

/// The account.
pub(super) struct Hub {
    pub client: Client,
    pub has: Abilities,
    pub speaker: Speaker,
    /// Currency of the account: V1 names none.
    pub currency: Currency,
    /// IANA zone of the account, if known, for sentences.
    pub zone: Option<String>,
    /// The connection's store for new orders.
    pub store_id: Option<String>,
    pub fillers: Fillers,
    /// Take tags off that the order no longer has.
    pub removes_tags: bool,
    /// Orders whose answer was lost, by our key: when, ms UTC. A list read before that proves nothing about them.
    lost: Mutex<BTreeMap<String, i64>>,
    /// Lately changed orders, read for confirming many at once.
    pub recent: Mutex<Option<Recent>>,
    /// Rows that were translated lately, by their text.
    pub translated: Memo<Record>,
    /// Parcels that were asked about by themselves.
    pub tracks: Answers,
    /// A label was bought since somebody last asked: its list has news.
    pub bought: AtomicBool,
    /// Ids of the account's carriers, and when they were read, ms UTC.
    pub carriers: Mutex<Option<(i64, Vec<String>)>>,
    tags: Mutex<Option<TagBook>>,
    /// Tags that were made in this run, or refused, by folded name.
    tags_made: Mutex<BTreeSet<String>>,
}

/// The account's tags by folded name, as of a moment.
#[derive(Debug, Clone, Default)]
struct TagBook {
    read_at_ms: i64,
    ids: BTreeMap<String, i64>,
}

/// Orders that changed since a moment, as of another.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent {
    /// Everything changed after this is in it, ms UTC.
    pub since_ms: i64,
    /// When it was read, ms UTC.
    pub read_at_ms: i64,
    /// The orders by our key.
    pub orders: BTreeMap<String, Value>,
}

/// An order read from V1 or V2, as it came and in our words.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub raw: Value,
    pub order: HubOrder,
}

/// Why an order could not be looked at.
#[derive(Debug, Clone)]
pub(super) enum NotFound {
    /// It is not there.
    Gone,
    /// It was answered with a refusal.
    Answered(Box<Reply>),
    /// It was there and could not be read.
    Unreadable(String),
    /// No answer.
    Failed(Failure),
}

impl From<Failure> for NotFound {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Hub {
    /// An empty one.
    pub(super) fn new(client: Client, has: Abilities, speaker: Speaker) -> Self {
        Self {
            client,
            has,
            speaker,
            currency: Currency::new("USD"),
            zone: None,
            store_id: None,
            fillers: Fillers::default(),
            removes_tags: false,
            lost: Mutex::default(),
            recent: Mutex::default(),
            translated: Memo::new(TRANSLATED_MAX),
            tracks: Answers::default(),
            bought: AtomicBool::new(false),
            carriers: Mutex::default(),
            tags: Mutex::default(),
            tags_made: Mutex::default(),
        }
    }

    /// Now by the platform's clock, ms UTC, as far as an answer told it.
    pub(super) fn their_now_ms(&self) -> i64 {
        self.client.now_ms() + self.client.skew_ms().unwrap_or(0)
    }

    /// The earlier and the later of the two clocks, ms UTC. What was read is saved up to
    /// the earlier, what is asked for reaches to the later: a wrong clock reads twice, never not at all.
    pub(super) fn both_nows_ms(&self) -> (i64, i64) {
        let (ours, theirs) = (self.client.now_ms(), self.their_now_ms());
        (ours.min(theirs), ours.max(theirs))
    }

    /// The answer to writing this order was lost just now.
    pub(super) fn note_lost(&self, key: &str) {
        let now_ms = self.client.now_ms();
        self.lost.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(key.to_owned(), now_ms);
    }

    /// When the answer to writing this order was lost, ms UTC, if it was lost in this run.
    pub(super) fn lost_at_ms(&self, key: &str) -> Option<i64> {
        self.lost.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(key).copied()
    }

    /// It is known what became of this order.
    pub(super) fn forget_lost(&self, key: &str) {
        self.lost.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(key);
    }

    /// One order by our id.
    pub(super) async fn order(&self, api: Api, id: &str, priority: Priority) -> Result<Found, NotFound> {
        let path = match api {
            Api::V1 => {
                let Some(number) = ids::to_v1(id) else { return Err(NotFound::Gone) };
                format!("/orders/{number}")
            }
            Api::V2 => format!("/v2/shipments/{}", super::client::segment(&ids::to_v2(id))),
        };
        self.order_at(Call::get(api, path, priority)).await
    }

    /// One order by our key; V2 only.
    pub(super) async fn order_by_key(&self, key: &str, priority: Priority) -> Result<Found, NotFound> {
        let path = format!("/v2/shipments/external_shipment_id/{}", super::client::segment(key));
        self.order_at(Call::get(Api::V2, path, priority)).await
    }

    async fn order_at(&self, call: Call) -> Result<Found, NotFound> {
        let api = call.api;
        let reply = self.client.call(call).await?;
        match verdicts::means(&reply) {
            Means::Fine => {
                let raw = reply.json.unwrap_or(Value::Null);
                let order = self.hub_order(api, &raw).map_err(NotFound::Unreadable)?;
                Ok(Found { raw, order })
            }
            Means::Missing => Err(NotFound::Gone),
            _ => Err(NotFound::Answered(Box::new(reply))),
        }
    }

    /// An order's JSON in our words.
    pub(super) fn hub_order(&self, api: Api, raw: &Value) -> Result<HubOrder, String> {
        match api {
            Api::V1 => translate::order_v1(&wire::record::<OrderV1>(raw)?),
            Api::V2 => translate::order_v2(&wire::record::<ShipmentV2>(raw)?, self.their_now_ms()),
        }
    }

    /// Labels of one order, newest knowledge.
    pub(super) async fn labels_of(&self, order_id: &str, priority: Priority) -> Result<Vec<Parcel>, ReadError> {
        let (call, key) = if self.has.v1 {
            let Some(id) = ids::to_v1(order_id) else { return Ok(Vec::new()) };
            (
                Call::get(Api::V1, "/shipments", priority).with("orderId", id).with("page", 1).with("pageSize", 100),
                "shipments",
            )
        } else {
            (
                Call::get(Api::V2, "/v2/labels", priority)
                    .with("shipment_id", ids::to_v2(order_id))
                    .with("page", 1)
                    .with("page_size", 100),
                "labels",
            )
        };
        let api = call.api;
        let reply = self.client.call(call).await.map_err(Failure::into_read_error)?;
        let listing = self.listing(&reply, key, "the labels of an order")?;
        let parcels = listing.rows.iter().filter(|row| !row.is_null()).filter_map(|row| match api {
            Api::V1 => translate::label_v1(&wire::record::<ShipmentV1>(row).ok()?, &self.currency).ok(),
            Api::V2 => translate::label_v2(&wire::record::<LabelV2>(row).ok()?).ok(),
        });
        // A server that ignores the filter must not lend us strangers' labels.
        Ok(parcels.filter(|parcel| parcel.hub_order_id.as_deref() == Some(order_id)).collect())
    }

    /// "label bought at 14:02 on 2 March", if it can be found out; a courtesy, so failures are silent.
    pub(super) async fn label_story(&self, order_id: &str, priority: Priority) -> Option<String> {
        let labels = self.labels_of(order_id, priority).await.ok()?;
        let first = labels.iter().filter(|label| label.is_live()).min_by_key(|label| label.created_at_ms)?;
        Some(format!("label bought at {}", pacific::for_people(first.created_at_ms, self.zone.as_deref())))
    }

    /// The list in a successful answer; anything else is an error that says what was read.
    pub(super) fn listing(&self, reply: &Reply, key: &str, what: &str) -> Result<Listing, ReadError> {
        if !reply.is_success() {
            return Err(verdicts::read_error(&self.speaker, reply, what));
        }
        if let Some(rows) = &reply.rows {
            return Ok(rows.listing());
        }
        reply
            .json
            .as_ref()
            .and_then(|body| Listing::of(body, key))
            .ok_or_else(|| verdicts::read_error(&self.speaker, reply, what))
    }

    /// Ids of tags by name, and the names nobody knows. Reads the account's list
    /// when it must; a list that cannot be read leaves the tags out, never the order.
    pub(super) async fn tag_ids(
        &self,
        names: &[String],
        priority: Priority,
    ) -> Result<(Vec<i64>, Vec<String>), Failure> {
        let names: Vec<&String> = names.iter().filter(|name| !name.trim().is_empty()).collect();
        if names.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let now_ms = self.client.now_ms();
        let book = self.tag_book();
        let unknown = |book: &TagBook| names.iter().any(|name| !book.ids.contains_key(&fold(name)));
        let stale = book.as_ref().is_none_or(|book| {
            let age_ms = now_ms - book.read_at_ms;
            age_ms >= TAGS_KEEP_MS || (unknown(book) && age_ms >= TAGS_AGAIN_MS)
        });
        let book = if stale { self.read_tags(priority).await? } else { book.unwrap_or_default() };
        let (mut ids, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            match book.ids.get(&fold(name)) {
                Some(id) => ids.push(*id),
                None => missing.push(name.trim().to_owned()),
            }
        }
        Ok((ids, missing))
    }

    /// The same, with tags that nobody knows made first where the account's APIs can. Each is tried once: a refused one
    /// stays unknown and is written into the notes.
    pub(super) async fn tag_ids_made(
        &self,
        names: &[String],
        priority: Priority,
    ) -> Result<(Vec<i64>, Vec<String>), Failure> {
        let (ids, missing) = self.tag_ids(names, priority).await?;
        if missing.is_empty() || choose(Need::MakeTags, self.has) != Route::V2 {
            return Ok((ids, missing));
        }
        let mut made = false;
        for name in &missing {
            let fresh = self.tags_made.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(fold(name));
            if !fresh {
                continue;
            }
            let path = format!("/v2/tags/{}", super::client::segment(name));
            let call = Call { method: http::Method::POST, ..Call::get(Api::V2, path, priority) };
            // A tag is not worth an order: what goes wrong here ends in the notes.
            made |= matches!(self.client.call(call).await, Ok(reply) if reply.is_success());
        }
        if !made {
            return Ok((ids, missing));
        }
        // V1 has its own numbers for them.
        self.read_tags(priority).await?;
        self.tag_ids(names, priority).await
    }

    async fn read_tags(&self, priority: Priority) -> Result<TagBook, Failure> {
        let reply = self.client.call(Call::get(Api::V1, "/accounts/listtags", priority)).await?;
        let mut book = TagBook { read_at_ms: self.client.now_ms(), ids: BTreeMap::new() };
        match self.listing(&reply, "tags", "the list of tags") {
            Ok(listing) => {
                for tag in listing.rows.iter().filter_map(|row| wire::record::<TagV1>(row).ok()) {
                    if let Some(id) = tag.tag_id.as_deref().and_then(ids::to_v1) {
                        book.ids.entry(fold(&tag.name)).or_insert(id);
                    }
                }
            }
            Err(_) => {
                // Keep what was known; look again soon.
                book.ids = self.tag_book().unwrap_or_default().ids;
            }
        }
        *self.tags.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(book.clone());
        Ok(book)
    }

    fn tag_book(&self) -> Option<TagBook> {
        self.tags.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Tags the last preflight saw; saves the first call. As JSON text `{"name": id}`.
    pub(super) fn remember_tags(&self, json: &str, read_at_ms: i64) {
        let known: BTreeMap<String, i64> = serde_json::from_str(json).unwrap_or_default();
        let ids = known.into_iter().map(|(name, id)| (fold(&name), id)).collect();
        *self.tags.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(TagBook { read_at_ms, ids });
    }
}

/// Tag names are compared as people read them.
pub(super) fn fold(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
