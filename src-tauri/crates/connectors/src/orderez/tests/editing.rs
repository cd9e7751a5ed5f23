//! One thing of a profile changed.

use super::super::KIT;
use super::super::profile::{Profile, SHIPPED, read_text};
use serde_json::{Value, json};

fn place(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

fn edit(profile: &str, at: &str, value: &Value) -> String {
    (KIT.edit)(profile, &place(at), value).unwrap_or_else(|faults| panic!("{at}: {faults:?}"))
}

#[test]
fn only_what_was_meant_changes_and_comments_stay() {
    let supplier = Profile::shipped("orderez-co-supplier").unwrap();
    let contract = Profile::shipped("assumed-contract").unwrap();
    for (file, at, value, holds) in [
        (supplier, "operations/listOrders/path", json!("/distributor/orders"), "# What is known in public"),
        (supplier, "capabilities/orders.write", json!(true), "# No limit is published"),
        (supplier, "entities/order/read/lines", json!("items[].{sku: sku, quantity: qty}"), "# Only \"data\""),
        (contract, "entities/order/read/number", json!("order_number || number"), "# A version travels as If-Match"),
        (contract, "operations/createOrder/path", json!("/v2/orders"), "# The contract Quayside assumes"),
        (contract, "operations/createOrder/body", json!({"ref": "=key", "lines": "=lines"}), "# A version travels"),
        (contract, "operations/shipOrder/path", json!("/ship"), "# A version travels"),
        (contract, "entities/order/read/note", Value::Null, "# A version travels"),
    ] {
        let edited = edit(file, at, &value);
        assert!(edited.contains(holds), "{at}: the comment is gone\n{edited}");
        let (before, after) = (read_text(file).unwrap(), read_text(&edited).unwrap());
        let names = place(at);
        let found = names.iter().try_fold(&after, |tree, name| tree.get(name)).cloned();
        assert_eq!(found, Some(value).filter(|value| !value.is_null()), "{at}");
        // Everything else is as it was.
        let (mut before, mut after) = (before, after);
        for tree in [&mut before, &mut after] {
            let holder = names[..2].iter().try_fold(tree, |tree, name| tree.get_mut(name));
            if let Some(holder) = holder {
                *holder = Value::Null;
            }
        }
        if at != "operations/shipOrder/path" {
            assert_eq!(before, after, "{at}");
        }
    }
}

#[test]
fn a_field_that_has_a_table_keeps_it_and_a_status_gets_one() {
    for (_, shipped) in SHIPPED {
        let edited = edit(shipped, "entities/order/read/status", &json!("state.word"));
        let status = &read_text(&edited).unwrap()["entities"]["order"]["read"]["status"];
        assert_eq!(*status, json!({"path": "state.word", "enum": "order_status", "default": "unknown"}));
        let without = edit(&edited, "entities/order/read/status", &Value::Null);
        assert!(read_text(&without).unwrap()["entities"]["order"]["read"].get("status").is_none());
        let again = edit(&without, "entities/order/read/status", &json!("status"));
        assert_eq!(read_text(&again).unwrap()["entities"]["order"]["read"]["status"]["enum"], "order_status");
    }
}

#[test]
fn a_json_file_stays_json_and_nonsense_is_said() {
    let json = serde_json::to_string(&read_text(SHIPPED[0].1).unwrap()).unwrap();
    let edited = edit(&json, "base_url", &json!("https://{host}/v9"));
    assert!(edited.starts_with('{') && Profile::parse(&edited).unwrap().base_url == "https://{host}/v9");
    // Unknown is said of a path, not left out.
    let edited = edit(&json, "operations/getOrder/path", &Value::Null);
    assert!(Profile::parse(&edited).unwrap().operation("getOrder").is_none());
    for (file, at, expected) in [
        ("- a\n- b\n", "base_url", "holds no names"),
        (&json, "name/deeper", "holds no names"),
        (": : :", "name", "not readable as YAML"),
    ] {
        let faults = (KIT.edit)(file, &place(at), &json!("x")).unwrap_err();
        assert!(faults[0].sentence.contains(expected), "{faults:?}");
    }
}
