//! The limits of a listener, in time that the tests set.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{advance, timeout};
use traffic_monitor_listener::{Limits, MAX_HEAD, Peer, serve_http};

const LIMITS: Limits = Limits {
    connections: 4,
    head: Duration::from_secs(2),
    idle: Duration::from_secs(5),
    answer: Duration::from_secs(10),
};
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: node\r\n\r\n";
const ENDLESS: &[u8] = b"GET / HTTP/1.1\r\nX-Long: aaaa";

/// The other end of a connection of these tests.
struct End {
    local: bool,
}

impl Peer for End {
    fn is_local(&self) -> bool {
        self.local
    }
}

/// Accepts what the test connects.
struct Net(Receiver<(DuplexStream, End)>);

impl Listener for Net {
    type Io = DuplexStream;
    type Addr = End;

    async fn accept(&mut self) -> (DuplexStream, End) {
        match self.0.recv().await {
            Some(came) => came,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<End> {
        Ok(End { local: true })
    }
}

/// Serves on a network of its own: `/` answers, `/never` does not, `/large` has more than a pipe holds.
fn start() -> Sender<(DuplexStream, End)> {
    let (connect, net) = channel(1);
    let router = Router::new()
        .route("/", get(async || "ok\n"))
        .route("/never", get(std::future::pending::<&str>))
        .route("/large", get(async || "x".repeat(1 << 20)));
    tokio::spawn(serve_http(Net(net), LIMITS, router));
    connect
}

/// Connects, and sends this.
async fn send(to: &Sender<(DuplexStream, End)>, local: bool, bytes: &[u8]) -> DuplexStream {
    let (mut client, server) = duplex(64 << 10);
    assert!(to.send((server, End { local })).await.is_ok(), "it serves");
    client.write_all(bytes).await.unwrap();
    settle().await;
    client
}

/// Lets every task do what it can do now.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Returns the first line of the answer; empty when the connection was closed without one.
async fn status(client: &mut DuplexStream) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.contains(&b'\n') {
        match timeout(Duration::from_mins(1), client.read(&mut piece)).await.expect("an answer, or the end") {
            Ok(0) | Err(_) => return String::new(),
            Ok(len) => text.extend_from_slice(&piece[..len]),
        }
    }
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}

/// Returns whether the connection was closed.
async fn is_closed(client: &mut DuplexStream) -> bool {
    settle().await;
    let mut byte = [0];
    matches!(timeout(Duration::ZERO, client.read(&mut byte)).await, Ok(Ok(0) | Err(_)))
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_is_answered_among_endless_heads() {
    let net = start();
    let mut endless = Vec::new();
    for _ in 0..50 {
        endless.push(send(&net, true, ENDLESS).await);
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(status(&mut send(&net, true, REQUEST).await).await, "HTTP/1.1 200 OK");
    let mut open = Vec::new();
    for (at, client) in endless.iter_mut().enumerate() {
        if !is_closed(client).await {
            open.push(at);
        }
    }
    assert_eq!(open, [47, 48, 49], "the ones that waited longest went");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_late_ends_its_connection() {
    let net = start();
    let mut late = send(&net, true, ENDLESS).await;
    advance(Duration::from_millis(1_900)).await;
    assert!(!is_closed(&mut late).await);
    late.write_all(b"aaaa").await.unwrap();
    advance(Duration::from_millis(400)).await;
    assert!(is_closed(&mut late).await, "bytes that trickle give no more time");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_and_a_used_one_does_not() {
    let net = start();
    let mut client = send(&net, true, REQUEST).await;
    for _ in 0..5 {
        assert_eq!(status(&mut client).await, "HTTP/1.1 200 OK");
        advance(Duration::from_millis(4_500)).await;
        settle().await;
        client.write_all(REQUEST).await.unwrap();
        settle().await;
    }
    assert_eq!(status(&mut client).await, "HTTP/1.1 200 OK");
    let mut begun = send(&net, true, REQUEST).await;
    assert_eq!(status(&mut begun).await, "HTTP/1.1 200 OK");
    begun.write_all(ENDLESS).await.unwrap();
    settle().await;
    advance(Duration::from_millis(2_300)).await;
    assert!(is_closed(&mut begun).await, "the head of a later request is late");
    assert!(!is_closed(&mut client).await);
    advance(Duration::from_millis(3_000)).await;
    assert!(is_closed(&mut client).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_ends_its_connection() {
    for path in ["/never", "/large"] {
        let net = start();
        let mut client = send(&net, true, format!("GET {path} HTTP/1.1\r\nHost: n\r\n\r\n").as_bytes()).await;
        advance(Duration::from_millis(9_900)).await;
        settle().await;
        client.write_all(b"more").await.expect("it is open");
        advance(Duration::from_millis(400)).await;
        settle().await;
        client.write_all(b"more").await.expect_err(path);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_nobody_takes_make_way_too() {
    let net = start();
    let mut stuck = Vec::new();
    for _ in 0..LIMITS.connections {
        stuck.push(send(&net, true, b"GET /never HTTP/1.1\r\nHost: n\r\n\r\n").await);
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(status(&mut send(&net, true, REQUEST).await).await, "HTTP/1.1 200 OK");
    assert!(is_closed(&mut stuck[0]).await);
    assert!(!is_closed(&mut stuck[1]).await);
}

#[tokio::test(start_paused = true)]
async fn what_comes_by_the_network_takes_no_place_of_loopback() {
    let net = start();
    let mut probe = send(&net, true, ENDLESS).await;
    for _ in 0..50 {
        drop(send(&net, false, ENDLESS).await);
    }
    probe.write_all(b"\r\n\r\n").await.unwrap();
    assert_eq!(status(&mut probe).await, "HTTP/1.1 200 OK");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_too_large_is_refused() {
    let net = start();
    let head =
        |len: usize| [b"GET / HTTP/1.1\r\nHost: n\r\nX: ", vec![b'a'; len].as_slice(), b"\r\n\r\n"].concat();
    assert_eq!(status(&mut send(&net, true, &head(MAX_HEAD - 200)).await).await, "HTTP/1.1 200 OK");
    let refused = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(status(&mut send(&net, true, &head(MAX_HEAD)).await).await, refused);
}
