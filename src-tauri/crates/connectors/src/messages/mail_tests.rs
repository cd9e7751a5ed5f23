//! Letters to a server that listens on this computer, and to one that does not.
#![allow(clippy::unwrap_used)]

use super::*;
use quayside_sandbox::post_office::{PostOffice, Temper};

const PASSWORD: &str = "canary-0123456789";

fn server(port: u16) -> MailServer {
    MailServer {
        host: "127.0.0.1".into(),
        port,
        encryption: MailEncryption::None,
        user: "desk".into(),
        password: SecretString::from(PASSWORD),
    }
}

fn letter() -> Letter {
    Letter {
        from: "Harbour Desk <desk@harbour.example>".into(),
        to: vec!["ann@harbour.example".into(), "Ben <ben@harbour.example>".into()],
        subject: "Grüße: 3 waiting\r\nBcc: evil@example.org".into(),
        message_id: "unfulfilled.2026-11-21.1@harbour.example".into(),
        date_ms: 1_795_165_200_000,
        text: "Orders: 3\n.\nnot the end".into(),
        html: "<p>Orders: <b>3</b></p>".into(),
        files: vec![Enclosed { name: "orders.csv".into(), media: "text/csv", bytes: b"Order\r\n#1\r\n".to_vec() }],
    }
}

fn temper() -> Temper {
    Temper { user: Some(("desk".into(), PASSWORD.into())), ..Temper::default() }
}

#[tokio::test]
async fn a_letter_arrives_whole_once_for_everybody() {
    let office = PostOffice::open(temper()).await.unwrap();
    send(&server(office.port), &letter()).await.unwrap();
    let letters = office.letters();
    assert_eq!(letters.len(), 1);
    let got = &letters[0];
    assert_eq!(got.from, "desk@harbour.example");
    assert_eq!(got.to, ["ann@harbour.example", "ben@harbour.example"]);
    for part in [
        "Message-ID: <unfulfilled.2026-11-21.1@harbour.example>",
        "Date: Fri, 20 Nov 2026 09:00:00 +0000",
        "multipart/alternative",
        "filename=\"orders.csv\"",
        "not the end",
    ] {
        assert!(got.text.contains(part), "{part} is not in:\n{}", got.text);
    }
    // A line break in a subject begins no header of its own.
    assert!(!got.text.lines().any(|line| line.starts_with("Bcc:")), "{}", got.text);
}

#[tokio::test]
async fn what_a_server_refuses_is_a_sentence_without_the_password() {
    let wrong = MailServer { password: SecretString::from("canary-wrong-98765"), ..server(0) };
    let open = Temper::default();
    let refuses = |of, answer| Temper { refuses: Some((of, answer)), ..temper() };
    for (temper, server, cause, words) in [
        (temper(), wrong, Cause::SignInNeeded, "does not let desk in"),
        (open, server(0), Cause::SignInNeeded, "takes no sign-in with a password"),
        (temper(), MailServer { user: String::new(), ..server(0) }, Cause::SignInNeeded, "wants a sign-in"),
        (
            temper(),
            MailServer { encryption: MailEncryption::StartTls, ..server(0) },
            Cause::NotThePlatform,
            "offers no STARTTLS",
        ),
        (
            temper(),
            MailServer { encryption: MailEncryption::Tls, ..server(0) },
            Cause::NotThePlatform,
            "by TLS on port",
        ),
        (refuses("MAIL", "550 5.7.1 not yours"), server(0), Cause::ScopeMissing, "takes no letters from Harbour Desk"),
        (
            refuses("RCPT", "550 5.1.1 no such user"),
            server(0),
            Cause::ScopeMissing,
            "no letters for ann@harbour.example",
        ),
        (refuses("RCPT", "451 4.7.1 greylisted"), server(0), Cause::PlatformTrouble, "come again later"),
        (refuses(".", "552 5.3.4 too big"), server(0), Cause::ScopeMissing, "too large"),
        (refuses(".", "554 5.6.0 spam"), server(0), Cause::PlatformTrouble, "refused the letter"),
        (refuses("AUTH", "454 4.7.0 busy"), server(0), Cause::PlatformTrouble, "come again later"),
    ] {
        let office = PostOffice::open(temper).await.unwrap();
        let server = MailServer { port: office.port, ..server };
        let undelivered = send(&server, &letter()).await.unwrap_err();
        assert!(matches!(undelivered, Undelivered::NotThere(_)), "{words}: {undelivered:?}");
        let refusal = undelivered.refusal();
        assert!(refusal.cause == cause && refusal.sentence.contains(words), "{words}: {refusal:?}");
        let all = format!("{undelivered:?} {refusal} {server:?}");
        // Nor as it went over the wire.
        for secret in ["canary", "Y2FuYXJ5", "AGRlc2sAY2FuYXJ5"] {
            assert!(!all.contains(secret), "{words}: {all}");
        }
        assert_eq!(office.letters(), [], "{words}");
    }
}

#[tokio::test]
async fn nobody_there_and_an_answer_that_never_came_are_told_apart() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let undelivered = send(&server(nobody), &letter()).await.unwrap_err();
    assert!(
        matches!(&undelivered, Undelivered::NotThere(refusal) if refusal.sentence.contains("does not answer on port")),
        "{undelivered:?}"
    );
    let office = PostOffice::open(Temper { hangs_up: true, ..temper() }).await.unwrap();
    let undelivered = send(&server(office.port), &letter()).await.unwrap_err();
    assert!(
        matches!(&undelivered, Undelivered::Unsure(refusal) if refusal.sentence.contains("same Message-ID")),
        "{undelivered:?}"
    );
    assert_eq!(office.letters().len(), 1);
}

#[tokio::test]
async fn only_this_computer_is_spoken_to_in_the_open() {
    let outside = MailServer { host: "mail.harbour.example".into(), ..server(25) };
    let undelivered = send(&outside, &letter()).await.unwrap_err();
    assert!(undelivered.refusal().sentence.contains("without encryption"), "{undelivered:?}");
    for (host, here) in
        [("localhost", true), ("127.0.0.1", true), ("::1", true), ("127.0.0.1.example", false), ("10.0.0.1", false)]
    {
        assert_eq!(is_here(host), here, "{host}");
    }
}

#[test]
fn addresses_are_looked_at_before_they_are_kept() {
    for (address, fine) in [
        ("ann@harbour.example", true),
        (" Ann Larsen <ann@harbour.example> ", true),
        ("ann", false),
        ("ann@", false),
        ("ann@harbour.example, ben@harbour.example", false),
        ("jürgen@harbour.example", false),
        ("\"Ann\r\n Bcc: evil@example.org\" <ann@harbour.example>", false),
        ("", false),
    ] {
        assert_eq!(address_trouble(address).is_none(), fine, "{address}");
    }
}
