//! Bulk operations: a query over everything, answered later as lines of JSON.

use super::{Args, Hand, Json, Written, at, done, id_of, json, refuse_as, text_of};
use crate::shopify::state::{Bulk, Work, gid};
use rand::Rng;

const PAYLOAD: &str = "bulkOperation";
/// Running at once.
const SLOTS: usize = 5;

/// `bulkOperationRunQuery`.
pub fn start(hand: &mut Hand<'_>, args: &Args) -> Json {
    let query = text_of(at(args, "query")).unwrap_or_default();
    if let Err(why) = crate::shopify::bulk::check(&query) {
        return refuse_as(PAYLOAD, "INVALID", &["query"], why);
    }
    let running = hand.state.bulk.iter().filter(|bulk| matches!(bulk.status, "CREATED" | "RUNNING" | "CANCELING"));
    if running.count() >= SLOTS {
        return refuse_as(PAYLOAD, "LIMIT_REACHED", &[], "The maximum number of bulk operations is running.");
    }
    let id = hand.state.id();
    hand.state.bulk.push(Bulk {
        id,
        status: "CREATED",
        query,
        created_ms: hand.now_ms,
        completed_ms: None,
        result: String::new(),
        objects: 0,
        roots: 0,
    });
    let due_ms = hand.now_ms + hand.rng.random_range(2_000..20_000);
    hand.state.later(due_ms, Work::Bulk(id));
    hand.note("bulk_started", gid("BulkOperation", id), None, Json::Null);
    done(PAYLOAD, "BulkOperation", id)
}

/// `bulkOperationCancel`.
pub fn cancel(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(at(args, "id"), "BulkOperation")?;
    let Some(bulk) = hand.state.bulk.iter_mut().find(|bulk| bulk.id == id) else {
        return Ok(
            json!({ PAYLOAD: null, "userErrors": [{ "field": ["id"], "message": "Bulk operation does not exist" }] }),
        );
    };
    if !matches!(bulk.status, "CREATED" | "RUNNING") {
        let message = format!("A bulk operation cannot be canceled when it is {}", bulk.status.to_lowercase());
        return Ok(
            json!({ PAYLOAD: super::reference("BulkOperation", id), "userErrors": [{ "field": null, "message": message }] }),
        );
    }
    bulk.status = "CANCELING";
    Ok(done(PAYLOAD, "BulkOperation", id))
}
