//! The canary: a request of the agent's own, once in a while, through the way that captures. So that 'ready' means 'sees'
//! all day: a silent failure of the kernel, a driver or a policy shows by it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::shared::{News, Outcome, Shared};
use crate::pipeline::own::OwnConnections;

/// The longest time for a request to be made, and then to show; it takes a quarter of a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two looks whether it shows.
const LOOK: Duration = Duration::from_millis(50);
/// After one that was missed, or not made, the next comes so many times sooner.
const SOONER: u32 = 4;

const REQUEST: &[u8] = b"GET /traffic-monitor-canary HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// Asks at this address until the agent stops.
#[expect(clippy::disallowed_methods, reason = "waits between two requests")]
pub(super) async fn keep(shared: Arc<Shared>, address: IpAddr, every: Duration) {
    let mut wait = every;
    while !shared.ending.has_begun() {
        sleep(wait).await;
        let outcome = send(&shared, address).await;
        wait = if outcome == Outcome::Seen { every } else { every / SOONER };
        match shared.canary.note(outcome) {
            Some(News::Blind(trouble) | News::NotMade(trouble)) => tracing::error!("{trouble}"),
            Some(News::Sees) => tracing::info!("Capture sees again: a request of the agent's own was seen"),
            None => {}
        }
    }
}

/// Makes a request and waits until it shows.
#[expect(clippy::disallowed_methods, reason = "polls what the worker has seen")]
async fn send(shared: &Shared, address: IpAddr) -> Outcome {
    let seen = || shared.capture.report().canaries;
    let before = seen();
    let asked = timeout(PATIENCE, ask(&shared.own, address)).await;
    if let Err(error) = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        return Outcome::NotMade(format!("at {address}: {error}"));
    }
    let start = Instant::now();
    while seen() == before {
        if start.elapsed() >= PATIENCE {
            return Outcome::Unseen(format!("it was answered at {address} and did not show"));
        }
        sleep(LOOK).await;
    }
    Outcome::Seen
}

/// Asks this process itself.
async fn ask(own: &OwnConnections, address: IpAddr) -> io::Result<()> {
    let listener = TcpListener::bind((address, 0)).await?;
    let to = listener.local_addr()?;
    let mut client = TcpStream::connect(to).await?;
    let from = client.local_addr()?;
    // Before the first byte, so that it is known for what it is.
    own.expect_canary(from, to);
    let mut server = accept(&listener, from).await?;
    client.write_all(REQUEST).await?;
    server.read_exact(&mut [0; REQUEST.len()]).await?;
    server.write_all(ANSWER).await?;
    client.read_exact(&mut [0; ANSWER.len()]).await.map(drop)
}

/// Takes the connection from there; others of the node may try, too.
async fn accept(listener: &TcpListener, from: SocketAddr) -> io::Result<TcpStream> {
    loop {
        let (stream, peer) = listener.accept().await?;
        if peer == from {
            return Ok(stream);
        }
    }
}
