//! Whoever answers in a platform's place, on a real socket: with a certificate nobody vouches for, with the encryption of
//! yesterday, without an end.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::door::{Answer, Door, DoorError, DoorSetup, Exchange};
use crate::testing::StandingClock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quayside_model::SecretString;
use std::io::Write as _;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// For 127.0.0.1, until 2120. Made for this file; nobody vouches for it.
const CERTIFICATE: &str = "MIIBbzCCARagAwIBAgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9Ob2JvZHkgeW91IGtub3cwIBcNMjAwMTAxMDAwMDAw\
    WhgPMjEyMDAxMDEwMDAwMDBaMBoxGDAWBgNVBAMMD05vYm9keSB5b3Uga25vdzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\
    BAFzM6X+uPNV2GqOfhFyyPEJlBIYeZlnyPXSIlH66dCXQnCFcDMV19AZCaKZa77SP2hvY9vMLXfHMYUUapIXBuSjSzBJMBoG\
    A1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBRcJcTi1C/3U7yptuzFvLetCkS6FDAK\
    BggqhkjOPQQDAgNHADBEAiBqnAPgysGR9KL95BEtuIXlEV3ydygfltYlPWfx1+UsUgIgfX5/8T5t03n1yZW5bA98AZC97HCC\
    W+Sg+hpvfoCAHmQ=";
/// Its key, which opens nothing.
const ITS_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLmVLB2XUBldx4OPUZLEIu6qwpbkf8zKGwhVTQQBUgAqhRANC\
    AAQBczOl/rjzVdhqjn4RcsjxCZQSGHmZZ8j10iJR+unQl0JwhXAzFdfQGQmimWu+0j9ob2PbzC13xzGFFGqSFwbk";
const SECRET: &str = "canary-secret-1";

/// Sends a write with a secret to this address, as any connector would.
async fn send(base: &str) -> Result<Answer, DoorError> {
    let door = Door::new(DoorSetup {
        wire: Arc::new(ReqwestWire::new().unwrap()),
        clock: StandingClock::at(1_795_168_800_000),
        allowed_hosts: &[],
        base_url: Some(base.to_owned()),
        platform: "Example",
        connection: "Harbour".into(),
        secrets: vec![SecretString::from(SECRET)],
    })
    .unwrap();
    let url = door.url("https://api.example.com", "/orders").unwrap();
    let exchange = Exchange::new(http::Method::POST, url).secret_header("authorization", SecretString::from(SECRET));
    door.send(exchange.timeout(Duration::from_mins(1))).await
}

/// Waits for somebody, does `serve` with the connection, and gives what came of it.
async fn listen<T, F>(scheme: &str, serve: impl FnOnce(TcpStream) -> F + Send + 'static) -> (String, JoinHandle<T>)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("{scheme}://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    (base, served)
}

fn is_untrusted(outcome: &Result<Answer, DoorError>) -> bool {
    matches!(outcome, Err(DoorError::NotSent(refusal)) if refusal.cause == Cause::Offline
        && refusal.sentence.starts_with("Harbour (Example): Whoever answers at 127.0.0.1 does not prove to be it")
        && refusal.sentence.contains("Nothing was sent."))
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_hears_nothing() {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(STANDARD.decode(ITS_KEY).unwrap()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let (base, heard) = listen("https", |socket| async move {
        let mut heard = Vec::new();
        if let Ok(mut tls) = TlsAcceptor::from(Arc::new(config)).accept(socket).await {
            let _ = tls.read_to_end(&mut heard).await;
        }
        heard
    })
    .await;
    let outcome = send(&base).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    assert_eq!(heard.await.unwrap(), b"", "not a byte of the request");
}

/// What a server says that knows TLS 1.1 and nothing newer: it chooses that, RSA, and AES in blocks.
fn hello_of_yesterday() -> Vec<u8> {
    const RECORD: [u8; 5] = [0x16, 3, 2, 0, 42];
    const SERVER_HELLO: [u8; 6] = [2, 0, 0, 38, 3, 2];
    const CHOICE: [u8; 4] = [0, 0, 0x2f, 0];
    [&RECORD[..], &SERVER_HELLO[..], &[7; 32][..], &CHOICE[..]].concat()
}

#[tokio::test]
async fn encryption_of_yesterday_hears_nothing() {
    let (base, heard) = listen("https", |mut socket| async move {
        let mut head = [0; 5];
        socket.read_exact(&mut head).await.unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        socket.read_exact(&mut hello).await.unwrap();
        socket.write_all(&hello_of_yesterday()).await.unwrap();
        let mut heard = Vec::new();
        let _ = socket.read_to_end(&mut heard).await;
        heard
    })
    .await;
    let outcome = send(&base).await;
    assert!(is_untrusted(&outcome), "{outcome:?}");
    // An alert and its two bytes, if anything.
    let heard = heard.await.unwrap();
    assert!(heard.is_empty() || (heard[0] == 0x15 && heard.len() == 7), "{heard:?}");
}

/// Reads the head of a request, so that the answer answers something.
async fn asked(socket: &mut TcpStream) {
    let mut request = [0; 4096];
    let read = socket.read(&mut request).await.unwrap();
    assert!(read > 0);
}

/// Far too much, and no more of it than the door allows was kept.
fn is_too_much(outcome: &Result<Answer, DoorError>) -> bool {
    matches!(outcome, Err(DoorError::Lost(refusal)) if refusal.cause == Cause::NotThePlatform
        && refusal.sentence.contains("answered with 32 MB, more than any real answer has"))
}

#[tokio::test]
async fn a_small_answer_that_unpacks_without_end_is_cut_off() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..4 * (ANSWER_MAX_BYTES >> 20) {
        packer.write_all(&zeros).unwrap();
    }
    let packed = packer.finish().unwrap();
    assert!(packed.len() < ANSWER_MAX_BYTES / 20, "{} bytes say 128 MB", packed.len());
    let (base, _) = listen("http", |mut socket| async move {
        asked(&mut socket).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
        let _ = socket.write_all(head.as_bytes()).await;
        let _ = socket.write_all(&packed).await;
    })
    .await;
    let outcome = send(&base).await;
    assert!(is_too_much(&outcome), "{}", said(&outcome));
}

#[tokio::test]
async fn an_answer_without_an_end_is_hung_up_on() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    ] {
        let (base, told) = listen("http", move |mut socket| async move {
            asked(&mut socket).await;
            let piece = "x".repeat(65_536);
            let piece = if head.contains("chunked") { format!("10000\r\n{piece}\r\n") } else { piece };
            let mut told = socket.write_all(head.as_bytes()).await.map_or(0, |()| head.len());
            while socket.write_all(piece.as_bytes()).await.is_ok() {
                told += piece.len();
            }
            told
        })
        .await;
        let outcome = send(&base).await;
        assert!(is_too_much(&outcome), "{head}: {}", said(&outcome));
        // What is on its way when somebody hangs up fits into the sockets.
        let told = told.await.unwrap();
        assert!((ANSWER_MAX_BYTES..2 * ANSWER_MAX_BYTES).contains(&told), "{head}: {told}");
    }
}

/// For messages: an answer as long as these is not printed.
fn said(outcome: &Result<Answer, DoorError>) -> String {
    match outcome {
        Ok(answer) => format!("an answer of {} bytes", answer.body.len()),
        Err(error) => error.refusal().sentence.clone(),
    }
}
