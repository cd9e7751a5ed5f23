//! Keys are in request headers and nowhere else, whatever the platform repeats.

use super::{KEY, KEY_V2, Rig, SECRET, cancel, draft, hold, put, release, rig, void};
use crate::Priority;
use crate::testing::answer;
use base64::Engine as _;
use quayside_model::RecordKind;

async fn everything_said(rig: &Rig) -> String {
    let mut said = vec![format!("{:?}", rig.connector.preflight().await)];
    for stream in ["orders", "shipments", "voids", "fulfillments"] {
        said.push(format!("{:?}", rig.read(stream, None, None).await));
    }
    said.push(format!("{:?}", rig.connector.read_one(RecordKind::HubOrder, "1", Priority::Person).await));
    let intents = [
        put(draft(), None),
        put(draft(), Some("1")),
        cancel("1"),
        hold("1", "2026-03-09"),
        release("1"),
        void("label:1"),
    ];
    for intent in intents {
        said.push(format!("{:?}", rig.perform(&intent).await));
        said.push(format!("{:?}", rig.confirm(&intent).await));
    }
    said.push(format!("{:?}", rig.connector.budget().snapshot()));
    said.join("\n")
}

#[tokio::test]
async fn no_sentence_repeats_a_key() {
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:{SECRET}"));
    for way in ["v1", "v2", "both"] {
        for status in [200, 400, 401, 403, 404, 405, 500] {
            let echo = format!(
                r#"{{"Message":"no access for {KEY} {SECRET} {KEY_V2} {basic}","ModelState":{{"apiOrder.orderNumber":["{SECRET}"]}},"errors":[{{"message":"{KEY_V2}","error_code":"unspecified"}}],"success":false,"approved":false,"message":"{KEY_V2}","results":[{{"success":false,"errorMessage":"{SECRET}"}}]}}"#
            );
            let rig = rig(way, move |_| answer(status, &[("content-type", "application/json")], echo.clone()));
            let said = everything_said(&rig).await;
            // Without V1 the pair is never put together, so there is nothing to hide.
            let pair = if way == "v2" { KEY } else { basic.as_str() };
            for secret in [KEY, SECRET, KEY_V2, pair] {
                let place = said.find(secret).map(|at| said[at.saturating_sub(200)..at].to_owned());
                assert_eq!(place, None, "{way} {status}: a key was repeated after this");
            }
            assert!(!rig.wire.sent().is_empty());
            for sent in rig.wire.sent() {
                assert!(!sent.url.contains(KEY) && !sent.body.contains(SECRET), "{}", sent.url);
            }
        }
    }
}
