//! Paging, limits and words as a form.

use super::super::KIT;
use super::super::profile::{SHIPPED, read_text};
use crate::profiles::{ProfileField, ProfileReport};
use serde_json::{Value, json};

fn edit(profile: &str, place: &[String], value: &Value) -> String {
    (KIT.edit)(profile, place, value).unwrap_or_else(|faults| panic!("{place:?}: {faults:?}"))
}

fn place(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

fn field(report: &ProfileReport, at: &str) -> ProfileField {
    let all = report.settings.iter().flat_map(|section| &section.fields);
    all.clone().find(|field| field.place == place(at)).cloned().unwrap_or_else(|| panic!("{at} is not asked for"))
}

#[test]
fn every_field_of_the_form_writes_where_it_reads() {
    for (name, shipped) in SHIPPED {
        let report = (KIT.check)(shipped);
        assert!(report.ok, "{name}");
        for field in report.settings.iter().flat_map(|section| &section.fields) {
            let value = match field.kind.as_str() {
                "number" => json!(7),
                "choice" => json!(field.options.last().unwrap().0),
                _ => json!("other"),
            };
            let edited = edit(shipped, &field.place, &value);
            let found = field.place.iter().fold(&read_text(&edited).unwrap(), |tree, name| &tree[name]).clone();
            assert_eq!(found, value, "{name}: {:?}", field.place);
            if field.kind == "choice" {
                continue; // another style asks for other fields
            }
            let again = (KIT.check)(&edited);
            let shown = again.settings.iter().flat_map(|section| &section.fields).find(|f| f.place == field.place);
            assert_eq!(shown.unwrap().value, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
}

#[test]
fn a_style_of_paging_asks_for_what_it_needs_and_says_so_at_the_field() {
    let mut text = SHIPPED[0].1.to_owned();
    for (style, needs) in
        [("page", "page_param"), ("offset", "offset_param"), ("cursor", "cursor_param"), ("link", ""), ("none", "")]
    {
        if style == "cursor" {
            text = edit(&text, &place("paging/cursor_param"), &Value::Null);
        }
        text = edit(&text, &place("paging/style"), &json!(style));
        let report = (KIT.check)(&text);
        if needs.is_empty() {
            assert!(report.ok, "{style}: {:?}", report.faults);
            continue;
        }
        let at = format!("paging.{needs}");
        assert!(report.faults.iter().any(|fault| fault.place == at), "{style}: {:?}", report.faults);
        // What is wrong can be mended where it is said.
        let mended = edit(&text, &field(&report, &at.replace('.', "/")).place, &json!("p"));
        assert!((KIT.check)(&mended).ok, "{style}: {:?}", (KIT.check)(&mended).faults);
    }
    // A limit that cannot be is said at its field, by the schema.
    for (at, wrong) in [("paging/limit", 0), ("limits/requests_per_minute", 0), ("limits/concurrency", 65)] {
        let report = (KIT.check)(&edit(SHIPPED[0].1, &place(at), &json!(wrong)));
        assert!(report.faults.iter().any(|fault| fault.place == at.replace('/', ".")), "{at}: {:?}", report.faults);
        assert_eq!(field(&report, at).value, wrong.to_string(), "what is wrong is still shown");
    }
}

#[test]
fn words_are_added_taken_out_and_shown_as_the_file_has_them() {
    let contract = SHIPPED[0].1;
    let rows = |text: &str, name: &str| {
        let tables = (KIT.check)(text).tables;
        tables.into_iter().find(|table| table.place == ["enums", name]).unwrap()
    };
    let status = rows(contract, "order_status");
    assert!(!status.writes && status.rows.contains(&("declined".into(), "cancelled".into())), "{status:?}");
    assert!(
        status.rows.iter().all(|(_, ours)| status.words.contains(ours)),
        "every word of ours is offered: {status:?}"
    );
    let added = edit(contract, &place("enums/order_status/sent out"), &json!("shipped"));
    assert!(rows(&added, "order_status").rows.contains(&("sent out".into(), "shipped".into())));
    assert!(added.contains("# A version travels"), "comments stay");
    let gone = edit(&added, &place("enums/order_status/declined"), &Value::Null);
    assert_eq!(rows(&gone, "order_status").rows.len(), status.rows.len());
    assert!((KIT.check)(&gone).ok);
    // A table for writing is ours to theirs, and its name holds a dot.
    let reason = rows(contract, "cancel_reason.write");
    assert!(reason.writes && reason.words.contains(&"customer".to_owned()), "{reason:?}");
    let other = edit(contract, &place("enums/cancel_reason.write/customer"), &json!("BUYER"));
    assert!(rows(&other, "cancel_reason.write").rows.contains(&("customer".into(), "BUYER".into())));
    // A file without tables has places for them.
    let bare = edit(contract, &place("enums"), &Value::Null);
    assert!((KIT.check)(&bare).tables.iter().all(|table| table.rows.is_empty()));
    let own = edit(contract, &place("enums/colour"), &json!({"rot": "red"}));
    assert_eq!(rows(&own, "colour").title, "colour");
}
