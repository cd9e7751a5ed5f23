//! Tags and metafields.

use super::{Args, Hand, Json, Written, at, id_of, json, list, reference, refuse_as, text_of};
use crate::shopify::state::{Metafield, gid};

/// Metafields in one call.
const METAFIELDS_MAX: usize = 25;

/// Tags as the platform keeps them: trimmed, each once whatever the case, in order.
pub fn clean_tags(tags: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags {
        for tag in tag.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            if !clean.iter().any(|have| have.eq_ignore_ascii_case(tag)) {
                clean.push(tag.to_owned());
            }
        }
    }
    clean.sort_by_key(|tag| tag.to_lowercase());
    clean
}

/// `tagsAdd` and `tagsRemove`, on orders.
pub fn tags(hand: &mut Hand<'_>, args: &Args, add: bool) -> Written {
    let id = id_of(at(args, "id"), "Order")?;
    let asked = clean_tags(list(at(args, "tags")).iter().filter_map(text_of));
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    if hand.seen_order(id).is_none() {
        return Ok(json!({ "node": null, "userErrors": [{ "field": ["id"], "message": "Order does not exist" }] }));
    }
    if let Some(order) = hand.state.order_mut(id) {
        order.tags = if add {
            clean_tags(order.tags.iter().cloned().chain(asked.iter().cloned()))
        } else {
            order.tags.iter().filter(|have| !asked.iter().any(|tag| tag.eq_ignore_ascii_case(have))).cloned().collect()
        };
    }
    hand.state.touch(id, now_ms);
    hand.note(if add { "tags_added" } else { "tags_removed" }, gid("Order", id), None, json!({ "tags": asked }));
    Ok(json!({ "node": reference("Order", id), "userErrors": [] }))
}

/// `metafieldsSet`: all or nothing. A changed metafield does not move the order's `updatedAt`.
pub fn metafields(hand: &mut Hand<'_>, args: &Args) -> Written {
    let wanted = list(at(args, "metafields")).to_vec();
    let refuse = |index: usize, code: &str, field: &str, message: &str| {
        let field = json!(["metafields", index.to_string(), field]);
        Ok(
            json!({ "metafields": null, "userErrors": [{ "code": code, "field": field, "message": message, "elementIndex": index }] }),
        )
    };
    if wanted.len() > METAFIELDS_MAX {
        return Ok(refuse_as(
            "metafields",
            "LESS_THAN_OR_EQUAL_TO",
            &["metafields"],
            "Exceeded the maximum metafields input limit of 25.",
        ));
    }
    let now_ms = crate::shopify::state::seconds(hand.now_ms);
    let namespace = |one: &Json| text_of(&one["namespace"]).unwrap_or_else(|| format!("app--{}", hand.plan.shop_id()));
    for (index, one) in wanted.iter().enumerate() {
        let id = id_of(&one["ownerId"], "Order")?;
        let Some(order) = hand.seen_order(id) else {
            return refuse(index, "INVALID", "ownerId", "Owner does not exist.");
        };
        let key = one["key"].as_str().unwrap_or_default();
        let have = order.metafields.iter().find(|field| field.namespace == namespace(one) && field.key == key);
        if key.len() < 2 {
            return refuse(index, "TOO_SHORT", "key", "Key is too short (minimum is 2 characters)");
        }
        if key.len() > 64 {
            return refuse(index, "TOO_LONG", "key", "Key is too long (maximum is 64 characters)");
        }
        if !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return refuse(index, "INVALID", "key", "Key can only contain letters, digits, hyphens and underscores");
        }
        let one_line = one["type"].as_str().or(have.map(|have| have.kind.as_str())) == Some("single_line_text_field");
        if one_line && one["value"].as_str().is_some_and(|value| value.contains('\n')) {
            return refuse(index, "INVALID_VALUE", "value", "Value can't contain line breaks");
        }
        if one["value"].as_str().is_none_or(str::is_empty) {
            return refuse(index, "BLANK", "value", "Value can't be blank");
        }
        if have.is_none() && one["type"].as_str().is_none_or(str::is_empty) {
            return refuse(index, "BLANK", "type", "Type can't be blank");
        }
        // Present and `null`: it must not exist yet. Present: it must be the version the client knows.
        if let Some(digest) = one.get("compareDigest")
            && digest.as_str().map(str::to_owned) != have.map(Metafield::digest)
        {
            return refuse(
                index,
                "STALE_OBJECT",
                "compareDigest",
                "The resource has been updated since it was loaded.",
            );
        }
    }
    let mut made = Vec::new();
    for one in &wanted {
        let id = id_of(&one["ownerId"], "Order")?;
        let (space, key) = (namespace(one), text_of(&one["key"]).unwrap_or_default());
        let (kind, value) = (text_of(&one["type"]), text_of(&one["value"]).unwrap_or_default());
        let new_id = hand.state.id();
        hand.state.own(new_id, id);
        let Some(order) = hand.state.order_mut(id) else { continue };
        if let Some(have) = order.metafields.iter_mut().find(|field| field.namespace == space && field.key == key) {
            have.value = value;
            have.kind = kind.unwrap_or_else(|| have.kind.clone());
            have.updated_ms = now_ms;
            made.push(have.id);
        } else {
            let kind = kind.unwrap_or_default();
            order.metafields.push(Metafield {
                id: new_id,
                namespace: space,
                key,
                kind,
                value,
                created_ms: now_ms,
                updated_ms: now_ms,
            });
            made.push(new_id);
        }
    }
    hand.note("metafields_set", String::new(), None, json!({ "metafields": wanted }));
    let made: Vec<Json> = made.into_iter().map(|id| reference("Metafield", id)).collect();
    Ok(json!({ "metafields": made, "userErrors": [] }))
}
