//! Signing in with the browser: the page opens, this computer listens where the browser comes
//! back to, and what it brought becomes the secrets of a form.
//!
//! The desk opens no browser itself; whoever opened the desk says how ([`crate::desk::OpenDesk::open_page`]).
//! What a sign-in gave is held in memory until the form is saved, so that testing and saving
//! are one sign-in, and so that a token that renewed itself while it was tested is not lost.

use crate::desk::Room;
use crate::form::Form;
use crate::view::{Trouble, TroubleCode};
use quayside_connectors::connector::{BrowserSignIn, Secrets, Setup};
use quayside_model::time::MINUTE_MS;
use quayside_model::{ConnectionConfig, ExposeSecret as _, FieldShape};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long a person has in the browser.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long what a sign-in gave waits for the form to be saved, ms.
const HELD_MS: i64 = 30 * MINUTE_MS;
/// Longest request the browser is heard out for, bytes.
const HEAD_MAX: usize = 16 * 1024;

/// What a form was given, and what it became.
struct Held {
    platform: &'static str,
    fields: BTreeMap<String, String>,
    given: BTreeMap<String, String>,
    secrets: Secrets,
    at_ms: i64,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

fn plain(secrets: &Secrets) -> BTreeMap<String, String> {
    secrets.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect()
}

/// Remembers that these secrets took the place of what the form was given.
pub(crate) fn hold(form: &Form, given: &Secrets, secrets: Secrets, now_ms: i64) {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let (platform, given) = (form.platform.declaration.platform, plain(given));
    held.retain(|one| {
        now_ms - one.at_ms < HELD_MS && !(one.platform == platform && one.fields == form.fields && one.given == given)
    });
    held.push(Held { platform, fields: form.fields.clone(), given, secrets, at_ms: now_ms });
}

/// What renewed itself while a form was tried takes the place of what it was tried with, in the form and in memory: the
/// sign-in before has ended, and the keychain may refuse now and take it at the next try.
pub(crate) fn renew(form: &mut Form, given: &Secrets, renewed: Option<Secrets>, now_ms: i64) {
    let Some(renewed) = renewed else { return };
    form.secrets.extend(renewed);
    hold(form, given, form.secrets.clone(), now_ms);
}

fn recall(form: &Form, now_ms: i64) -> Option<Secrets> {
    let given = plain(&form.secrets);
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let known = held.iter().rev().find(|one| {
        now_ms - one.at_ms < HELD_MS
            && one.platform == form.platform.declaration.platform
            && one.fields == form.fields
            && one.given == given
    });
    known.map(|one| one.secrets.clone())
}

/// Completes a form whose secrets come from the browser: by what was held, else by a visit. Other forms stay as they are.
pub(crate) async fn complete(room: &Room, form: &mut Form, config: &ConnectionConfig) -> Result<(), Trouble> {
    if let Some(secrets) = recall(form, room.now_ms()) {
        form.secrets = secrets;
        return Ok(());
    }
    let platform = form.platform.declaration.platform;
    let Some(sign_in) = quayside_connectors::browser_sign_in(platform).filter(|one| one.way == form.way.id) else {
        return Ok(());
    };
    let by_browser = form.way.fields.iter().filter(|field| field.shape == FieldShape::Browser);
    if by_browser.into_iter().any(|field| form.secrets.contains_key(field.name)) {
        return Ok(());
    }
    let secrets = visit(room, form, sign_in, config).await?;
    hold(form, &form.secrets.clone(), secrets.clone(), room.now_ms());
    form.secrets = secrets;
    Ok(())
}

async fn visit(
    room: &Room,
    form: &Form,
    sign_in: &BrowserSignIn,
    config: &ConnectionConfig,
) -> Result<Secrets, Trouble> {
    let title = form.platform.declaration.title;
    let trouble = |sentence: String| Trouble { code: TroubleCode::Platform, sentence, field: None };
    let Some(open_page) = room.setup.open_page.clone() else {
        return Err(trouble(format!(
            "Signing in to {title} needs a browser on this computer, and here is none to open."
        )));
    };
    let Some((listeners, port)) = listen(sign_in.ports).await else {
        let ports: Vec<String> = sign_in.ports.iter().map(u16::to_string).collect();
        return Err(trouble(format!(
            "None of the ports {} is free on this computer, so the browser could not come back. Close what uses them, then try again.",
            ports.join(", ")
        )));
    };
    let redirect = format!("http://localhost:{port}{}", sign_in.path);
    let mut random = Vec::with_capacity(64);
    for _ in 0..4 {
        random.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    let visit = (sign_in.begin)(&form.fields, form.base_url.as_deref(), &redirect, &random)
        .map_err(|why| trouble(format!("The sign-in page of {title} could not be made ({why}).")))?;
    open_page(&visit.url).map_err(|why| trouble(format!("The browser could not be opened ({why}).")))?;
    let query = tokio::time::timeout(PATIENCE, comes_back(&listeners, sign_in.path)).await.map_err(|_| {
        trouble(format!("Nobody came back from the sign-in page of {title} within five minutes. Try again."))
    })?;
    let setup = Setup {
        config: config.clone(),
        secrets: form.secrets.clone(),
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    (sign_in.finish)(setup, &visit, &query).await.map_err(Trouble::from)
}

/// The first port that is free, on both loopback addresses where there are two: `localhost` may mean either.
async fn listen(ports: &[u16]) -> Option<(Vec<TcpListener>, u16)> {
    for port in ports {
        let Ok(first) = TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).await else { continue };
        let mut listeners = vec![first];
        listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, *port)).await.ok());
        return Some((listeners, *port));
    }
    None
}

async fn next(listeners: &[TcpListener]) -> Option<TcpStream> {
    let accepted = match listeners {
        [] => return None,
        [one] => one.accept().await,
        [one, other, ..] => tokio::select! {
            accepted = one.accept() => accepted,
            accepted = other.accept() => accepted,
        },
    };
    accepted.ok().map(|(stream, _)| stream)
}

/// Waits until the browser asks for `path`; everything else it asks for is not there.
async fn comes_back(listeners: &[TcpListener], path: &str) -> String {
    loop {
        let Some(mut stream) = next(listeners).await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let heard = tokio::time::timeout(Duration::from_secs(5), hear(&mut stream, path)).await;
        if let Ok(Some(query)) = heard {
            return query;
        }
    }
}

/// One request of the browser; its query if it is the one that is waited for.
async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, path: &str) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") && head.len() < HEAD_MAX {
        let read = stream.read(&mut piece).await.ok()?;
        if read == 0 {
            break;
        }
        head.extend_from_slice(piece.get(..read)?);
    }
    let text = String::from_utf8_lossy(&head);
    let target = text.lines().next().and_then(|line| line.strip_prefix("GET ")).and_then(|rest| rest.split(' ').next());
    let (asked, query) = target.map(|target| target.split_once('?').unwrap_or((target, "")))?;
    let found = asked == path && !query.is_empty();
    let (status, page) = if found {
        (
            "200 OK",
            "<!doctype html><meta charset=utf-8><title>Quayside</title><body style=\"font:16px system-ui;margin:4em\"><p>Quayside has the answer. You can close this page and go back.</p>",
        )
    } else {
        ("404 Not Found", "<!doctype html><title>Quayside</title><p>Nothing is here.</p>")
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    // The answer counts even if the browser does not stay to read the page.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.flush().await;
    found.then(|| query.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    async fn asked(request: &str) -> (Option<String>, String) {
        let (mut browser, mut desk) = tokio::io::duplex(4096);
        browser.write_all(request.as_bytes()).await.unwrap();
        let query = hear(&mut desk, "/oauth/here").await;
        drop(desk);
        let mut answer = String::new();
        browser.read_to_string(&mut answer).await.unwrap();
        (query, answer)
    }

    #[tokio::test]
    async fn only_the_page_that_is_waited_for_counts() {
        for (request, query, status) in [
            (
                "GET /oauth/here?code=a%3D&state=b HTTP/1.1\r\nhost: localhost:1\r\n\r\n",
                Some("code=a%3D&state=b"),
                "200",
            ),
            ("GET /favicon.ico HTTP/1.1\r\n\r\n", None, "404"),
            ("GET /oauth/here HTTP/1.1\r\n\r\n", None, "404"),
            ("GET /oauth/herein?code=1 HTTP/1.1\r\n\r\n", None, "404"),
        ] {
            let (found, answer) = asked(request).await;
            assert_eq!(found.as_deref(), query, "{request}");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (used, other) = (taken.local_addr().unwrap().port(), free.local_addr().unwrap().port());
        drop(free);
        let (_listeners, port) = listen(&[used, other]).await.unwrap();
        assert_eq!(port, other);
        assert!(listen(&[used]).await.is_none());
    }
}
