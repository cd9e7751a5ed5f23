//! Personal data of one order goes from everywhere, and nothing is left behind in the file.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

#[path = "support/past_the_store.rs"]
mod past_the_store;
mod support;

use past_the_store::past_the_store;
use quayside_model::*;
use quayside_store::*;
use std::path::Path;
use support::*;

#[test]
fn personal_data_is_taken_out_everywhere_and_stays_out() {
    let store = store();
    let mut original = order(3);
    original.note = "Ring at Evans".into();
    original.attributes =
        vec![("customer_group".into(), "Wholesale".into()), ("customer_notes".into(), "Knows the pilot".into())];
    let id = store
        .write(|tx| {
            let id = enter(tx, &original);
            let effects = vec![put_hub_order(&original, id, Mode::Auto)];
            tx.put_decision(id, &original, &Decision { effects, ..decision(Stage::Shipped) }, NOW)?;
            let record = Record::HubOrder(hub_order(3, "k"));
            tx.put_record(&hub(), &Incoming { record, raw: "{\"name\":\"Dai Evans3\"}".into() }, NOW)?;
            tx.link(id, &hub(), RecordKind::HubOrder, "900003")?;
            tx.put_choices(id, &Choices { address: Some(address(3)), ..Choices::default() })?;
            let effect = tx.claim(&hub(), NOW, &|_| 1)?[0].id;
            let refusal =
                Refusal::new(Cause::AddressRefused, "Not valid.").said("No such street: Kaistraße 4, Dai Evans3");
            tx.settle(
                effect,
                &Settlement::Waits { until_ms: NOW, refusal: Some(refusal), spends_attempt: true },
                NOW,
                1,
            )?;
            tx.keep_answer(&[effect], r#"{"error":"No such street: Kaistraße 4, Dai Evans3"}"#, NOW)?;
            tx.claim(&hub(), NOW, &|_| 1)?;
            tx.settle(effect, &Settlement::Done { receipt: Receipt::default(), already: false }, NOW, 1)?;
            Ok(id)
        })
        .unwrap();
    let due = |before_ms| store.read(|r| r.orders_to_blank(&shop(), before_ms, OrderId(0), 9)).unwrap();
    assert_eq!(due(original.updated_at_ms), []);
    assert_eq!(due(original.updated_at_ms + 1), [id]);
    assert!(store.write(|tx| tx.blank_personal(id, NOW + DAY)).unwrap());
    assert!(!store.write(|tx| tx.blank_personal(OrderId(99), NOW)).unwrap());
    assert_eq!(due(original.updated_at_ms + 1), []);

    let detail = store.read(|r| r.order_detail(id)).unwrap().unwrap();
    let attempts = store.read(|r| r.attempts_of(EffectId(1))).unwrap();
    assert_eq!(attempts[0].refusal.as_ref().map(|refusal| refusal.said.clone()), Some(None));
    assert!(!attempts[0].has_answer && store.read(|r| r.answer(EffectId(1), 1)).unwrap().is_none());
    let told = serde_json::to_string(&(&detail, attempts)).unwrap();
    assert!(told.contains("Not valid."));
    for personal in ["Evans", "Dai", "buyer3", "Kaistra", "captain", "+49", "Ring at"] {
        assert!(!told.contains(personal), "{personal} in {told}");
    }
    assert_eq!(detail.row.country, "PL");
    assert_eq!(detail.row.blanked_at_ms, Some(NOW + DAY));
    assert!(detail.records.iter().all(|record| !record.has_raw));
    let find = |text: &str| {
        let filter = QueueFilter { text: text.into(), scope: Scope::All, ..QueueFilter::default() };
        store.read(|r| r.queue_count(&filter)).unwrap().n
    };
    assert_eq!((find("evans"), find("buyer3"), find("#1003"), find("HG-SAIL")), (0, 0, 1, 1));
    // The same order read again brings nothing back.
    assert_eq!(store.write(|tx| tx.put_record(&shop(), &incoming(&original), NOW + DAY)).unwrap(), Put::Unchanged);
    let blanked = store.read(|r| r.story(id)).unwrap().unwrap().order;
    assert_eq!((blanked.note.as_str(), blanked.attributes), ("", vec![]));
    // A changed one does, and is one of those again that lose it in time.
    let changed = Order { tags: vec!["late".into()], ..original.clone() };
    store.write(|tx| tx.put_record(&shop(), &incoming(&changed), NOW + DAY)).unwrap();
    assert_eq!(due(original.updated_at_ms + 1), [id]);
}

/// Whoever may still have to ship it needs the address; of what is told or held, its lines say whether anybody has to.
/// (Stage, whether it is looked at.)
#[test]
fn open_orders_of_which_nothing_may_be_left_to_ship_are_in_the_line_too() {
    let store = store();
    let ids: Vec<(Stage, OrderId)> = (1..)
        .zip(Stage::ALL)
        .map(|(n, stage)| {
            let sold_on = SoldOn {
                source: "market".into(),
                number: format!("7-{n}"),
                platform: None,
                personal_data_days: Some(30),
            };
            let order = Order { sold_on: Some(sold_on), ..order(n) };
            let id = store
                .write(|tx| {
                    let id = enter(tx, &order);
                    tx.put_decision(id, &order, &decision(stage), NOW)?;
                    Ok(id)
                })
                .unwrap();
            (stage, id)
        })
        .collect();
    let expected: Vec<OrderId> = ids
        .iter()
        .filter(|(stage, _)| {
            !matches!(stage, Stage::Unpaid | Stage::ToSend | Stage::Sending | Stage::Packing | Stage::PartlyShipped)
        })
        .map(|(_, id)| *id)
        .collect();
    let of_account = store.read(|r| r.orders_to_blank(&shop(), i64::MAX, OrderId(0), 99)).unwrap();
    let of_sales = store.read(|r| r.sales_to_blank(OrderId(0), 99)).unwrap();
    assert_eq!((&of_account, &of_sales), (&expected, &expected));
    // What it waits on went with the sentences: an open one is looked at anew, a closed one rests.
    for (stage, looked_at) in
        [(Stage::Telling, Some(NOW + DAY)), (Stage::Held, Some(NOW + DAY)), (Stage::Shipped, None)]
    {
        let id = ids.iter().find(|(known, _)| *known == stage).unwrap().1;
        store.write(|tx| tx.blank_personal(id, NOW + DAY)).unwrap();
        let row = store.read(|r| r.queue_row(id)).unwrap().unwrap();
        assert_eq!((row.blanked_at_ms, row.look_again_at_ms), (Some(NOW + DAY), looked_at), "{stage:?}");
    }
}

/// What a hub imports by itself belongs to no order here, and goes all the same, once it is not open any more. Reading it
/// unchanged does not bring it back.
#[test]
fn records_that_belong_to_no_order_lose_the_buyer_too() {
    let store = store();
    let kept = |status: HubStatus, n: i64| HubOrder { status, ..hub_order(n, "k") };
    let raw = |n: i64| format!("{{\"name\":\"{}\"}}", address(n).name);
    let (open, shipped, tied) =
        (kept(HubStatus::AwaitingShipment, 3), kept(HubStatus::Shipped, 4), kept(HubStatus::Shipped, 5));
    let incoming = |record: &HubOrder, n: i64| Incoming { record: Record::HubOrder(record.clone()), raw: raw(n) };
    store
        .write(|tx| {
            let id = enter(tx, &order(5));
            tx.put_record(&hub(), &incoming(&open, 3), NOW)?;
            tx.put_record(&hub(), &incoming(&shipped, 4), NOW)?;
            tx.put_record(&hub(), &incoming(&tied, 5), NOW)?;
            tx.put_record(&hub(), &Incoming { record: Record::Parcel(parcel(4, "1Z9")), raw: raw(4) }, NOW)?;
            tx.link(id, &hub(), RecordKind::HubOrder, &tied.remote_id)
        })
        .unwrap();
    let blank = |before_ms: i64| {
        let mut after = Some(0);
        let mut removed = 0;
        while let Some(from) = after {
            let piece = store.write(|tx| tx.blank_untied(before_ms, from, 1)).unwrap();
            (after, removed) = (piece.next, removed + piece.removed);
        }
        removed
    };
    let raw_of = |kind, id: &str| store.read(|r| r.raw(&hub(), kind, id)).unwrap();
    assert_eq!(blank(NOW - DAY), 0, "too early");
    assert_eq!(blank(NOW + HOUR), 2, "the shipped one and the parcel");
    assert_eq!(blank(NOW + HOUR), 0, "once");
    let ship_to = |id: &str| match store.read(|r| r.record(&hub(), RecordKind::HubOrder, id)).unwrap() {
        Some(Record::HubOrder(order)) => order.ship_to.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ship_to(&shipped.remote_id), Address { country: address(4).country, ..Address::default() });
    assert_eq!((raw_of(RecordKind::HubOrder, &shipped.remote_id), raw_of(RecordKind::Parcel, "label:4")), (None, None));
    for whole in [&open, &tied] {
        assert_eq!(Some(ship_to(&whole.remote_id)), whole.ship_to);
        assert!(raw_of(RecordKind::HubOrder, &whole.remote_id).is_some());
    }
    assert_eq!(store.write(|tx| tx.put_record(&hub(), &incoming(&shipped, 4), NOW)).unwrap(), Put::Unchanged);
    assert!(raw_of(RecordKind::HubOrder, &shipped.remote_id).is_none());
}

/// A parcel that changes after its order was blanked brings its raw answer back: the order is in the line again.
#[test]
fn a_parcel_that_changes_puts_its_order_back_in_the_line() {
    let store = store();
    let original = order(3);
    let id = store
        .write(|tx| {
            let id = enter(tx, &original);
            tx.put_decision(id, &original, &decision(Stage::Shipped), NOW)?;
            tx.put_record(&hub(), &Incoming { record: Record::Parcel(parcel(3, "1Z9")), raw: "{}".into() }, NOW)?;
            tx.link(id, &hub(), RecordKind::Parcel, "label:3")?;
            tx.blank_personal(id, NOW)?;
            Ok(id)
        })
        .unwrap();
    let due = || store.read(|r| r.orders_to_blank(&shop(), i64::MAX, OrderId(0), 9)).unwrap();
    assert_eq!(due(), []);
    let changed = Parcel { service: "express".into(), ..parcel(3, "1Z9") };
    let incoming = Incoming { record: Record::Parcel(changed), raw: "{\"name\":\"Dai\"}".into() };
    store.write(|tx| tx.put_record(&hub(), &incoming, NOW + DAY)).unwrap();
    assert_eq!(due(), [id]);
}

/// Words of a buyer that occur in nothing else, so that their roots are whole in the index, too.
const BUYER: [&str; 6] = ["zyxquill", "qwortham", "xylostra", "+4900112233", "jubelwort", "vogelfrei"];

fn told_buyer() -> Order {
    let mut order = order(7);
    let home = Address {
        name: "Zyxquill Qwortham".into(),
        line1: "Xylostraße 9".into(),
        city: "Hamburg".into(),
        postcode: "20457".into(),
        country: "DE".into(),
        phone: "+4900112233".into(),
        ..Address::default()
    };
    order.customer = Some(Customer {
        remote_id: Some("c7".into()),
        name: home.name.clone(),
        email: "zyxquill@qwortham.example".into(),
        phone: home.phone.clone(),
    });
    order.ship_to = Some(home.clone());
    order.bill_to = Some(home);
    order.gift_message = "Jubelwort, dear Zyxquill".into();
    order.fulfillment_orders[0].location_name = "20457 Hamburg".into();
    order.fulfillment_orders[0].holds = vec![Hold {
        remote_id: "h".into(),
        reason: "the buyer asks to cancel: vogelfrei, says Qwortham".into(),
        notes: "Zyxquill called".into(),
        ours: false,
    }];
    order
}

/// Every text and blob of every table, unpacked where packed, small letters: table and what it says.
fn everything(file: &Path) -> Vec<(String, String)> {
    let conn = past_the_store(file);
    // What is packed shares a dictionary: read without it, it would be letters nobody finds.
    let mut unzip = zstd::bulk::Decompressor::with_dictionary(include_bytes!("../src/payload.dict")).unwrap();
    let tables: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'order_search'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let bytes = match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(text) => text.to_vec(),
                    rusqlite::types::ValueRef::Blob(blob) => {
                        unzip.decompress(blob, 1 << 20).unwrap_or_else(|_| blob.to_vec())
                    }
                    _ => continue,
                };
                all.push((table.clone(), String::from_utf8_lossy(&bytes).to_lowercase()));
            }
        }
    }
    all
}

/// The tables in which a word of the buyer stands.
fn where_told(file: &Path) -> Vec<String> {
    let mut tables: Vec<String> = everything(file)
        .into_iter()
        .filter(|(_, text)| BUYER.iter().any(|word| text.contains(word)))
        .map(|(table, _)| table)
        .collect();
    tables.sort();
    tables.dedup();
    tables
}

#[test]
fn no_table_and_no_index_keeps_a_word_of_the_buyer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quayside.db");
    let store = Store::open(&file, &key(7)).unwrap();
    connect(&store);
    let original = told_buyer();
    // As the automations write them: what somebody has to type, both addresses, the change that came too late.
    let sentences = [
        (
            Cause::EnterByHand,
            "Has to be entered by hand. Ship to: Zyxquill Qwortham, Xylostraße 9; Gift message: Jubelwort",
        ),
        (Cause::SidesDiffer, "Ship to: the hub has \"Zyxquill Qwortham\", the store \"Z. Qwortham\"."),
        (Cause::EditedTooLate, "Ship to: \"Xylostraße 9\" became \"Xylostraße 10\"."),
        (Cause::RuleAlert, "Call +4900112233"),
        (Cause::MappingFailed, "No value in Jubelwort"),
        (Cause::AddressRefused, "The address was refused."),
    ];
    let id = store
        .write(|tx| {
            let id = enter(tx, &original);
            let mut findings: Vec<Finding> =
                sentences.iter().map(|(cause, sentence)| finding(*cause, "a", sentence)).collect();
            findings[5].said = Some("Xylostraße is unknown".into());
            let put = PlannedEffect {
                sentence: "Send Zyxquill's order".into(),
                ..put_hub_order(&original, id, Mode::Ask)
            };
            let hold = PlannedEffect {
                key: "hold".into(),
                intent: Intent::AnnotateOrder {
                    order_remote_id: original.remote_id.clone(),
                    fields: vec![("for".into(), "Zyxquill Qwortham".into())],
                    note: "vogelfrei, says Qwortham".into(),
                    tags: vec![],
                },
                connection: shop(),
                sentence: "Hold it: the buyer asks to cancel: vogelfrei, says Qwortham".into(),
                ..put_hub_order(&original, id, Mode::Ask)
            };
            let letter = PlannedEffect {
                key: "letter".into(),
                intent: Intent::TellBuyer {
                    message: BuyerMessage {
                        to: "zyxquill@qwortham.example".into(),
                        subject: "Zyxquill, your parcel".into(),
                        body: "Hello Zyxquill Qwortham".into(),
                        about: "lost".into(),
                        words: "parcel 1Z1 is lost".into(),
                        quiet: None,
                    },
                },
                connection: ConnectionId::new("mail"),
                sentence: "Write to the buyer: parcel 1Z1 is lost".into(),
                ..put_hub_order(&original, id, Mode::Ask)
            };
            let told = Decision {
                findings,
                effects: vec![put, hold, letter],
                waits_on: WaitsOn { code: "cause:enter_by_hand".into(), sentence: sentences[0].1.into(), ..waits("x") },
                trace: vec![RuleTrace {
                    rule: "r".into(),
                    name: "Rule".into(),
                    fired: true,
                    why: "name is Zyxquill".into(),
                    did: vec![],
                }],
                ..decision(Stage::Cancelled)
            };
            tx.put_decision(id, &original, &told, NOW)?;
            // One of them a person settled.
            let by_hand = tx.findings_of(id)?.iter().find(|f| f.cause == Cause::EnterByHand).unwrap().id;
            tx.resolve_finding(by_hand, NOW)?;
            let stray = HubOrder { ship_to: original.ship_to.clone(), ..hub_order(7, "k") };
            tx.put_record(&hub(), &Incoming { record: Record::HubOrder(stray), raw: "Zyxquill".into() }, NOW)?;
            tx.link(id, &hub(), RecordKind::HubOrder, "900007")?;
            let back = Return {
                remote_id: "r7".into(),
                order_remote_id: original.remote_id.clone(),
                number: "R7".into(),
                status: ReturnStatus::Closed,
                lines: vec![ReturnLine { order_line_id: None, sku: "S".into(), quantity: 1, reason: "Vogelfrei broke".into(), received: None, shelved: None }],
                tracking_number: String::new(),
                requested_at_ms: NOW,
                received_at_ms: None,
                resolution: String::new(),
                refunded: None,
                updated_at_ms: NOW,
            };
            tx.put_record(&shop(), &Incoming { record: Record::Return(back), raw: "Qwortham".into() }, NOW)?;
            tx.link(id, &shop(), RecordKind::Return, "r7")?;
            tx.put_choices(
                id,
                &Choices {
                    address: original.ship_to.clone(),
                    hold: Some(PersonHold { reason: "Zyxquill rang".into(), until_ms: None, since_ms: NOW }),
                    ..tx.choices(id)?
                },
            )?;
            tx.note(&NewEvent {
                order_id: Some(id),
                connection: None,
                at_ms: NOW,
                author: "person".into(),
                kind: "person".into(),
                sentence: "Held: Zyxquill rang".into(),
                detail: Some(serde_json::json!({ "effect": 1, "refusal": { "sentence": "No Xylostraße.", "said": "Qwortham?" } })),
            })?;
            tx.note(&NewEvent {
                order_id: Some(id),
                connection: Some(shop()),
                at_ms: NOW,
                author: "quayside".into(),
                kind: "changed".into(),
                sentence: "The buyer sends back 1 × S (Vogelfrei broke) (return R7)".into(),
                detail: None,
            })?;
            tx.note(&NewEvent {
                order_id: Some(id),
                connection: None,
                at_ms: NOW,
                author: "quayside".into(),
                kind: "received".into(),
                sentence: "Placed; paid, 138.20 EUR".into(),
                detail: None,
            })
            .map(|()| id)
        })
        .unwrap();
    // Answered beside another order in one call, and again in a look of its own.
    let beside = sending(&store, 8, None);
    let answered = r#"{"results":[{"orderNumber":"1008"},{"email":"zyxquill@qwortham.example"}]}"#;
    store
        .write(|tx| {
            let remark = tx.effects_of(id)?.iter().find(|effect| effect.connection == shop()).unwrap().id;
            tx.approve(remark, NOW)?;
            let mut sent: Vec<EffectId> = tx.claim(&hub(), NOW, &|_| 9)?.iter().map(|effect| effect.id).collect();
            sent.extend(tx.claim(&shop(), NOW, &|_| 9)?.iter().map(|effect| effect.id));
            assert_eq!((sent.len(), sent[1]), (2, remark));
            for effect in &sent {
                let refusal = Refusal::new(Cause::OutcomeUnknown, "No answer came.");
                tx.settle(*effect, &Settlement::Unknown { refusal, look_at_ms: NOW + DAY }, NOW, 1)?;
            }
            tx.keep_answer(&sent, answered, NOW)
        })
        .unwrap();
    let before = where_told(&file);
    for table in
        ["answer", "record", "finding", "effect", "event", "orders", "choice", "rule_trace", "order_search_data"]
    {
        assert!(before.iter().any(|told| told == table), "{table} says nothing of the buyer: {before:?}");
    }

    assert!(store.write(|tx| tx.blank_personal(id, NOW + DAY)).unwrap());
    let mut pieces = 0;
    while store.write(|tx| tx.forget_searched(pieces == 0)).unwrap() {
        pieces += 1;
        assert!(pieces < 100, "the index is never through");
    }
    assert_eq!(where_told(&file), Vec::<String>::new());

    let findings = store.read(|r| r.findings_of(id)).unwrap();
    assert_eq!(findings.len(), sentences.len(), "what happened stays counted");
    for finding in &findings {
        assert_eq!(finding.sentence, "Personal data was removed on 2023-11-15; what stood here went with it.");
    }
    let events = store.read(|r| r.events_of(id)).unwrap();
    assert!(events.iter().any(|event| event.sentence == "Placed; paid, 138.20 EUR"), "{events:?}");
    // What never left is not sent without its recipient.
    let put = store.read(|r| r.effect(EffectId(1))).unwrap().unwrap();
    assert_eq!(put.state, EffectState::Skipped);
    let all = store.read(|r| r.effects_of(id)).unwrap();
    let letter = all.iter().find(|effect| effect.intent.kind() == IntentKind::TellBuyer).unwrap();
    assert_eq!(
        (letter.state, letter.sentence.as_str()),
        (EffectState::Skipped, "Write to the buyer: parcel 1Z1 is lost")
    );
    // The other order of that call lost the answer, and keeps its try.
    let other = store.read(|r| r.effects_of(beside)).unwrap()[0].id;
    let tries = store.read(|r| r.attempts_of(other)).unwrap();
    assert_eq!((tries.len(), tries[0].has_answer), (1, false));
    // A look at the remark that is still open brings nothing back, for whomever else it is about.
    let remark =
        store.read(|r| r.effects_of(id)).unwrap().iter().find(|effect| effect.connection == shop()).unwrap().id;
    store.write(|tx| tx.keep_answer(&[other, remark], answered, NOW + DAY)).unwrap();
    assert_eq!(where_told(&file), Vec::<String>::new());
    // The settled one stays settled: nothing new is known about it.
    let same = finding(Cause::EnterByHand, "a", "Has to be entered by hand. Ship to: , DE");
    let story = store.read(|r| r.story(id)).unwrap().unwrap();
    let again = Decision { findings: vec![same], ..decision(Stage::Cancelled) };
    let decided = store.write(|tx| tx.put_decision(id, &story.order, &again, NOW + DAY)).unwrap();
    assert_eq!(decided.opened, vec![]);
}

#[test]
fn a_sale_from_elsewhere_is_known_by_its_rule() {
    let store = store();
    let sold_on =
        |days| Some(SoldOn { source: "market".into(), number: "7-1".into(), platform: None, personal_data_days: days });
    let ids: Vec<OrderId> = [(1, None), (2, sold_on(None)), (3, sold_on(Some(30))), (4, sold_on(Some(30)))]
        .into_iter()
        .map(|(n, sold_on)| {
            let order = Order { sold_on, ..order(n) };
            let stage = if n == 4 { Stage::Packing } else { Stage::Shipped };
            store
                .write(|tx| {
                    let id = enter(tx, &order);
                    tx.put_decision(id, &order, &decision(stage), NOW)?;
                    Ok(id)
                })
                .unwrap()
        })
        .collect();
    let due = || store.read(|r| r.sales_to_blank(OrderId(0), 9)).unwrap();
    assert_eq!(due(), [ids[2]], "with a rule, and nothing to pack");
    assert_eq!(store.read(|r| r.accounts_with_such_sales()).unwrap(), [(shop(), 30)]);
    store.write(|tx| tx.blank_personal(ids[2], NOW)).unwrap();
    assert_eq!(due(), []);
}
