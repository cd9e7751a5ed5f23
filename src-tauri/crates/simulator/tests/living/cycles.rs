//! What went over the wire is read again without it: by the same connectors, with the same outcome. What is asked otherwise, or
//! made otherwise of the answers, is told with its place.

use crate::shop::{GOODS, buys, minutes, open_all};
use quayside_connectors::cycle::{
    Answered, Body, Call, Cycle, Exchanged, Recorder, Rehearsal, Studio, Work, recorded, rehearse,
};
use quayside_connectors::{Ask, Priority, Secrets, Setup, platform};
use quayside_model::time::DAY_MS;
use quayside_model::{Clock as _, ExposeSecret as _};
use serde_json::Value;
use std::sync::Arc;

/// Every stream of an account, read once from a week ago.
async fn read_once(setup: Setup) -> (Cycle, Secrets) {
    let known = platform(&setup.config.platform).unwrap();
    let (config, secrets) = (setup.config.clone(), setup.secrets.clone());
    let recorder = Recorder::new(setup.wire.clone(), setup.clock.clone(), config.base_url.as_deref());
    let opened_ms = recorder.step();
    let connector = (known.open)(Setup { wire: recorder.clone(), clock: recorder.clone(), ..setup }).unwrap();
    let mut calls: Vec<Call> = Vec::new();
    for decl in known.declaration.streams.iter().filter(|decl| !decl.backfill && config.reads(decl.name)) {
        let begun_ms = recorder.step();
        let since_ms = begun_ms - 7 * DAY_MS;
        let ask = Ask { stream: decl.name, cursor: None, next: None, since_ms, priority: Priority::Person };
        let answer = connector.read(&ask).await;
        calls.push(recorder.call(&ask, begun_ms, &answer));
    }
    (recorded(&recorder, config, &secrets, (opened_ms, Vec::new()), calls).unwrap(), secrets)
}

async fn again(cycle: &Cycle) -> Rehearsal {
    rehearse(cycle).await.unwrap()
}

/// The first exchange that does not sign in.
fn first(cycle: &mut Cycle) -> &mut Exchanged {
    let mut all = cycle.calls.iter_mut().flat_map(|call| &mut call.exchanges);
    all.find(|one| !one.asks.headers.is_empty()).expect("an exchange")
}

#[test]
// `store.read(Reader::connections)` does not compile: a method of a type with a lifetime is not general over it.
#[allow(clippy::redundant_closure_for_method_calls)]
fn what_went_over_the_wire_is_read_again_on_every_platform() {
    let house = open_all();
    let configs = house.store().read(|r| r.connections()).unwrap();
    let work = house.work_while(|_| async {
        buys(&house, GOODS);
        minutes(30).await;
        let mut all = Vec::new();
        for config in
            configs.iter().filter(|config| !platform(&config.platform).unwrap().declaration.streams.is_empty())
        {
            all.push(read_once(house.setup_of(config)).await);
        }
        all
    });
    let all = work.unwrap();
    assert!(all.len() >= 6, "{} accounts", all.len());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (cycle, secrets) in all {
        let name = cycle.config.platform.clone();
        let text = serde_json::to_string(&cycle).unwrap();
        for secret in secrets.values().map(|secret| secret.expose_secret()).filter(|secret| secret.len() >= 8) {
            assert!(!text.contains(secret), "{name}: a key is in it");
        }
        let kept: Cycle = serde_json::from_str(&text).unwrap();
        let same = runtime.block_on(again(&kept));
        assert!(same.differs.is_empty(), "{name}: {:#?}", same.differs);
        assert!(same.exchanges > 0 && same.calls == cycle.calls.len(), "{name}: {same:?}");

        let mut asked = cycle.clone();
        first(&mut asked).asks.path.push_str("-then");
        let told = runtime.block_on(again(&asked)).differs;
        let place = told.iter().find(|one| one.what == "request").map(|one| one.at.as_str());
        assert_eq!(place, Some("/path"), "{name}: {told:#?}");

        let mut made = cycle.clone();
        made.calls.last_mut().unwrap().outcome["asked"] = Value::String("then".into());
        let told = runtime.block_on(again(&made)).differs;
        assert_eq!(
            told.iter().map(|one| (one.what, one.at.as_str())).collect::<Vec<_>>(),
            [("outcome", "/asked")],
            "{name}"
        );

        let mut answered = cycle;
        first(&mut answered).answer =
            Answered::Came { status: 200, headers: Vec::new(), body: Body::Text("<html>".into()) };
        assert!(
            !runtime.block_on(again(&answered)).differs.is_empty(),
            "{name}: another answer, and nothing else of it"
        );
    }
}

/// A call that made an order at a hub, and went over the wire for it.
fn made_an_order(call: &Call) -> bool {
    let Some(Work::Perform { tasks }) = &call.work else { return false };
    !call.exchanges.is_empty() && tasks.iter().any(|one| one.intent.kind().code() == "put_hub_order")
}

/// Live work with its writes: it is done again against the recorded answers, and sends nothing. What is sent otherwise, or made
/// otherwise of an answer to a write, is told with its place.
#[test]
fn live_work_is_done_again_with_its_writes() {
    let house = open_all();
    let studio = Arc::new(Studio::default());
    let work = house.work_while(|engine| {
        let (house, studio) = (&house, studio.clone());
        async move {
            minutes(10).await;
            engine.record_wire(Some(studio)).unwrap();
            buys(house, GOODS);
            minutes(40).await;
            engine.record_wire(None).unwrap();
            let ended_ms = house.clock().now_ms();
            minutes(20).await;
            ended_ms
        }
    });
    let ended_ms = work.unwrap();
    let cycles = studio.cycles().unwrap();
    let last_ms = cycles.iter().flat_map(|cycle| &cycle.calls).map(|call| call.begun_ms).max();
    assert!(last_ms.is_some_and(|last_ms| last_ms <= ended_ms + 60_000), "{last_ms:?}, and it ended at {ended_ms}");
    let made = house.ledger().of("order_created").count();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for cycle in &cycles {
        let name = &cycle.config.platform;
        let text = serde_json::to_string(cycle).unwrap();
        let kept: Cycle = serde_json::from_str(&text).unwrap();
        let same = runtime.block_on(again(&kept));
        assert!(same.differs.is_empty(), "{name}: {:#?}", same.differs);
        assert_eq!(same.calls, cycle.calls.len(), "{name}");
    }
    assert_eq!(house.ledger().of("order_created").count(), made, "a replay sends nothing");

    let hub = cycles.iter().find(|cycle| cycle.calls.iter().any(made_an_order)).expect("a write");
    let stream = hub.calls.iter().find(|call| made_an_order(call)).map(|call| call.stream.clone()).unwrap();
    let changed = |change: fn(&mut Call)| {
        let mut other = hub.clone();
        change(other.calls.iter_mut().find(|call| made_an_order(call)).unwrap());
        let told = runtime.block_on(again(&other)).differs;
        told.into_iter().map(|one| (one.stream, one.what, one.at)).collect::<Vec<_>>()
    };
    let told = changed(|call| call.exchanges.last_mut().unwrap().asks.path.push_str("-then"));
    assert_eq!(told.first(), Some(&(stream.clone(), "request", "/path".to_owned())), "{told:#?}");
    let told = changed(|call| call.exchanges.last_mut().unwrap().answer = Answered::Lost("cut".into()));
    assert_eq!(told.first().map(|(of, ..)| of), Some(&stream), "{told:#?}");
    let told = changed(|call| call.outcome[0]["verdict"] = Value::String("needs_person".into()));
    assert_eq!(told, [(stream, "outcome", "/0/verdict".to_owned())]);

    // Letters go another way: whoever makes a file up cannot have them sent.
    let mut letters = hub.clone();
    letters.config.platform = "smtp_mail".into();
    assert!(runtime.block_on(rehearse(&letters)).is_err());
}
