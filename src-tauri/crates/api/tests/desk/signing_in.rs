//! Signing in with the browser, from the form to the keychain: the page of the stand-in is opened, it sends the browser
//! back to this computer, and what came back is what is kept.
//!
//! The three ports are the program's own: whoever runs a case has them to itself ([`Turn`]).

use crate::connections::Stage;
use crate::house::{House, NOW};
use quayside_api::desk::PageOpener;
use quayside_api::view::{ConnectionDraft, TroubleCode};
use quayside_engine::SecretStore as _;
use quayside_model::ExposeSecret as _;
use quayside_sandbox::{Extra, Fault, SandboxPlan};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ORG: &str = "harbour-trade";
const PORTS: [u16; 3] = [17_817, 27_817, 37_817];

/// One case at a time on this computer, whatever runs the tests: the ports are fixed.
struct Turn(#[allow(dead_code)] TcpListener);

impl Turn {
    fn take() -> Self {
        loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, 17_816)) {
                Ok(held) => return Self(held),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

fn stage() -> Arc<Stage> {
    let mut plan = SandboxPlan::quiet(7, NOW);
    plan.extras = vec![Extra::Shop(quayside_sandbox::salesforce::shop)];
    Stage::of(plan)
}

/// What the person at the browser does with the address the page sends them back to; nothing: closes the page.
type Person = fn(&str) -> Option<String>;

/// Lets the page send the browser back. As a [`Person`] who never closes it.
#[allow(clippy::unnecessary_wraps)]
fn follows(back: &str) -> Option<String> {
    Some(back.to_owned())
}

/// A browser: asks for the page, follows it back to this computer, and keeps what it was shown there.
fn browser(stage: &Arc<Stage>, person: Person) -> (PageOpener, Arc<Mutex<Vec<String>>>) {
    let shown: Arc<Mutex<Vec<String>>> = Arc::default();
    let (stage, pages) = (stage.clone(), shown.clone());
    let open = move |url: &str| {
        let answer = stage.visit(url);
        let Some(back) = answer.headers().get("location").and_then(|to| to.to_str().ok()) else {
            pages.lock().unwrap().push(String::from_utf8_lossy(answer.body()).into_owned());
            return Ok(());
        };
        let Some(back) = person(back) else { return Ok(()) };
        let back: http::Uri = back.parse().unwrap();
        let pages = pages.clone();
        std::thread::spawn(move || {
            let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, back.port_u16().unwrap())).unwrap();
            let target = back.path_and_query().unwrap();
            write!(line, "GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
            let mut page = String::new();
            line.read_to_string(&mut page).unwrap();
            pages.lock().unwrap().push(page);
        });
        Ok(())
    };
    (Arc::new(open), shown)
}

/// The form as somebody fills it in: no secret in it. `host` tells the cases of one process apart.
fn draft(stage: &Stage, host: &str) -> ConnectionDraft {
    let card = stage.draft(ORG);
    let fields = [("client_id", card.fields["client_id"].as_str()), ("login_host", host)];
    ConnectionDraft {
        way: "browser".into(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..card
    }
}

fn tokens_asked(stage: &Stage) -> usize {
    stage.sent().iter().filter(|request| request.uri().path() == "/services/oauth2/token").count()
}

#[tokio::test]
async fn one_visit_tests_and_connects_and_a_second_renews_the_credentials() {
    let _turn = Turn::take();
    let stage = stage();
    let (open, shown) = browser(&stage, follows);
    let house = House::at_a_browser(stage.clone(), Some(open));
    let draft = draft(&stage, "connects.my.salesforce.com");
    let tested = house.desk.test_connection(draft.clone()).await.unwrap();
    assert!(tested.ok, "{tested:?}");
    let view = house.desk.connect(draft).await.unwrap();
    assert_eq!((view.platform.as_str(), view.way.as_str()), ("salesforce", "browser"));
    assert_eq!(tokens_asked(&stage), 1, "testing and saving are one sign-in");
    let kept = house.keychain.secrets(&view.id).unwrap();
    assert!(["refresh_token", "access_token", "instance_url"].iter().all(|name| kept.contains_key(*name)), "{kept:?}");
    let stored = house.store.read(|r| r.connection(&view.id)).unwrap().unwrap();
    assert_eq!(stored.fields.keys().collect::<Vec<_>>(), ["client_id", "login_host"], "no secret beside the keychain");
    let page = shown.lock().unwrap().concat();
    assert!(page.contains("200 OK") && page.contains("You can close this page"), "{page}");
    assert!(house.desk.test_saved(view.id.clone()).await.unwrap().ok);

    // New credentials are a new sign-in, and the new ones are what is kept. (What the first one gave is not used again.)
    house.clock.set(NOW + 3_600_000);
    let result = house.desk.rotate(view.id.clone(), String::new(), BTreeMap::new()).await.unwrap();
    assert!(result.ok, "{result:?}");
    let renewed = house.keychain.secrets(&view.id).unwrap();
    assert_eq!(tokens_asked(&stage), 2);
    assert_ne!(renewed["refresh_token"].expose_secret(), kept["refresh_token"].expose_secret());
    assert!(house.desk.test_saved(view.id.clone()).await.unwrap().ok);

    // Removing the account ends the sign-in there, too.
    assert_eq!(house.desk.disconnect(view.id.clone()).await.unwrap(), None);
    let last = stage.sent().pop().unwrap();
    let token = url::form_urlencoded::byte_serialize(renewed["refresh_token"].expose_secret().as_bytes());
    assert_eq!(last.uri().path(), "/services/oauth2/revoke");
    assert_eq!(String::from_utf8_lossy(last.body()), format!("token={}", token.collect::<String>()));
    assert!(house.keychain.secrets(&view.id).is_err());
}

/// The org hears nothing of the removal: the account is removed all the same, and it is said what stays there.
#[tokio::test]
async fn a_sign_in_that_could_not_be_taken_back_is_told() {
    let _turn = Turn::take();
    let stage = stage();
    let (open, _) = browser(&stage, follows);
    let house = House::at_a_browser(stage.clone(), Some(open));
    let view = house.desk.connect(draft(&stage, "stays.my.salesforce.com")).await.unwrap();
    stage.goes_wrong(Fault::LostBeforeCommit);
    let left = house.desk.disconnect(view.id.clone()).await.unwrap().unwrap();
    assert!(left.contains("could not be taken back at Salesforce"), "{left}");
    assert_eq!(house.desk.connections().unwrap(), vec![]);
    assert!(house.keychain.secrets(&view.id).is_err());
    let history = house.desk.history(quayside_api::view::ActivityAsk::default()).unwrap();
    assert!(serde_json::to_string(&history).unwrap().contains("could not be taken back"), "{history:?}");
}

#[tokio::test]
async fn what_goes_wrong_in_the_browser_is_a_sentence_and_keeps_nothing() {
    fn declined(back: &str) -> Option<String> {
        let (address, query) = back.split_once('?')?;
        let state = query.split('&').find(|part| part.starts_with("state="))?;
        Some(format!("{address}?error=access_denied&error_description=end-user+denied+authorization&{state}"))
    }
    fn foreign(back: &str) -> Option<String> {
        let (head, _) = back.split_once("state=")?;
        Some(format!("{head}state=somebody-elses"))
    }
    fn codeless(back: &str) -> Option<String> {
        let (address, query) = back.split_once('?')?;
        let state = query.split('&').find(|part| part.starts_with("state="))?;
        Some(format!("{address}?{state}"))
    }
    fn made_up(back: &str) -> Option<String> {
        let (address, query) = back.split_once('?')?;
        let state = query.split('&').find(|part| part.starts_with("state="))?;
        Some(format!("{address}?code=aPrxMadeUp&{state}"))
    }
    let _turn = Turn::take();
    let cases: [(&str, Person, &str, usize); 4] = [
        ("declined", declined, "declined in the browser", 0),
        ("foreign", foreign, "another sign-in than the one that was begun", 0),
        ("codeless", codeless, "without an answer", 0),
        ("made-up", made_up, "took too long", 1),
    ];
    for (name, person, words, asked) in cases {
        let stage = stage();
        let (open, _) = browser(&stage, person);
        let house = House::at_a_browser(stage.clone(), Some(open));
        let draft = draft(&stage, &format!("{name}.my.salesforce.com"));
        let tested = house.desk.test_connection(draft.clone()).await.unwrap();
        assert!(!tested.ok && tested.problems[0].1.contains(words), "{name}: {tested:?}");
        let trouble = house.desk.connect(draft).await.unwrap_err();
        assert!(trouble.sentence.contains(words), "{name}: {trouble}");
        assert_eq!(tokens_asked(&stage), asked * 2, "{name}: no code is exchanged that was not given to us");
        assert_eq!(house.desk.connections().unwrap(), vec![], "{name}");
    }
}

/// A person who declines while new credentials are made keeps the old ones.
#[tokio::test]
async fn declining_new_credentials_leaves_the_old_ones() {
    fn second_time_no(back: &str) -> Option<String> {
        static VISITS: Mutex<u32> = Mutex::new(0);
        let mut visits = VISITS.lock().unwrap();
        *visits += 1;
        if *visits == 1 {
            Some(back.to_owned())
        } else {
            Some(format!("{}?error=access_denied", back.split_once('?')?.0))
        }
    }
    let _turn = Turn::take();
    let stage = stage();
    let (open, _) = browser(&stage, second_time_no);
    let house = House::at_a_browser(stage.clone(), Some(open));
    let view = house.desk.connect(draft(&stage, "keeps.my.salesforce.com")).await.unwrap();
    let before = house.keychain.secrets(&view.id).unwrap();
    house.clock.set(NOW + 3_600_000);
    // It came back without the state, so it counts as somebody else's.
    let trouble = house.desk.rotate(view.id.clone(), String::new(), BTreeMap::new()).await.unwrap_err();
    assert!(trouble.code == TroubleCode::Platform && trouble.sentence.contains("another sign-in"), "{trouble}");
    let after = house.keychain.secrets(&view.id).unwrap();
    assert_eq!(after["refresh_token"].expose_secret(), before["refresh_token"].expose_secret());
    assert!(house.desk.test_saved(view.id).await.unwrap().ok);
}

#[tokio::test]
async fn without_a_port_or_a_browser_nothing_is_opened() {
    let _turn = Turn::take();
    let stage = stage();
    let (open, _) = browser(&stage, follows);
    let house = House::at_a_browser(stage.clone(), Some(open));
    let taken = PORTS.map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
    let all_taken = taken.iter().all(Result::is_ok);
    let draft_of = |name: &str| draft(&stage, &format!("{name}.my.salesforce.com"));
    let trouble = house.desk.connect(draft_of("ports")).await.unwrap_err();
    assert!(all_taken && trouble.sentence.contains("None of the ports 17817, 27817, 37817 is free"), "{trouble}");
    assert!(stage.sent().is_empty(), "no page was opened: nobody could have come back");
    // One of the registered ones is enough.
    let [first, second, third] = taken;
    drop(third);
    assert!(house.desk.test_connection(draft_of("ports")).await.unwrap().ok);
    drop((first, second));

    let house = House::at_a_browser(stage.clone(), None);
    let trouble = house.desk.connect(draft_of("blind")).await.unwrap_err();
    assert!(trouble.sentence.contains("needs a browser on this computer"), "{trouble}");
    let house = House::at_a_browser(stage.clone(), Some(Arc::new(|_: &str| Err("no display".to_owned()))));
    let trouble = house.desk.connect(draft_of("blind")).await.unwrap_err();
    assert!(trouble.sentence.contains("could not be opened (no display)"), "{trouble}");
}

/// The page refuses before it sends anybody back (a wrong consumer key): the person closes it and nobody comes.
#[tokio::test(start_paused = true)]
async fn whoever_never_comes_back_is_waited_for_five_minutes() {
    let _turn = Turn::take();
    let stage = stage();
    let (open, shown) = browser(&stage, follows);
    let house = House::at_a_browser(stage.clone(), Some(open));
    let mut draft = draft(&stage, "waits.my.salesforce.com");
    draft.fields.insert("client_id".into(), "3MVG9SomeOtherKeyThatNobodyKnowsHere00000000".into());
    let trouble = house.desk.connect(draft).await.unwrap_err();
    assert!(trouble.sentence.contains("Nobody came back"), "{trouble}");
    assert!(shown.lock().unwrap().concat().contains("invalid_client_id"));
}
