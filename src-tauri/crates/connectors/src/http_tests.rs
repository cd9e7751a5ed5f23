//! The real client against a real socket on this computer.
#![allow(clippy::unwrap_used)]

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers every connection with these bytes, then hangs up. Gives the address and the number of requests seen.
async fn server(answer: &'static [u8], pause: Duration) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0_u8; 4096];
            if socket.read(&mut request).await.unwrap_or(0) > 0 {
                count.fetch_add(1, Ordering::SeqCst);
            }
            tokio::time::sleep(pause).await;
            let _ = socket.write_all(answer).await;
        }
    });
    (address, seen)
}

async fn post(address: &str, timeout: Duration) -> Result<http::Response<Vec<u8>>, WireError> {
    let request = http::Request::post(format!("{address}/x?q=1")).header("x-key", "k").body(b"{}".to_vec()).unwrap();
    ReqwestWire::new().unwrap().send(request, timeout).await
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_never_left_is_told_apart_from_what_was_lost() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    assert!(matches!(post(&nobody, SECOND).await, Err(WireError::NotSent(_))));

    for (what, answer, pause) in [
        ("hung up without a word", &b""[..], Duration::ZERO),
        ("half a head", b"HTTP/1.1 200 OK\r\ncontent-le", Duration::ZERO),
        ("half a body", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"a\"", Duration::ZERO),
        ("too late", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", Duration::from_secs(3)),
    ] {
        let (address, seen) = server(answer, pause).await;
        let outcome = post(&address, SECOND).await;
        assert!(matches!(&outcome, Err(WireError::Lost(why)) if !why.contains("q=1")), "{what}: {outcome:?}");
        assert_eq!(seen.load(Ordering::SeqCst), 1, "{what}: sent once");
    }
}

#[tokio::test]
async fn redirects_are_answers_not_orders() {
    let (address, seen) = server(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n",
        Duration::ZERO,
    )
    .await;
    let answer = post(&address, SECOND).await.unwrap();
    assert_eq!((answer.status().as_u16(), seen.load(Ordering::SeqCst)), (302, 1));
}

#[tokio::test]
async fn packed_answers_are_unpacked() {
    // "{}" packed by gzip.
    const PACKED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 22\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    let (address, _) = server(PACKED, Duration::ZERO).await;
    assert_eq!(post(&address, SECOND).await.unwrap().into_body(), b"{}");
}
