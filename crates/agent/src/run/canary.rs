//! The canary: a request of the agent's own, once in a while, through the way that captures. So that 'ready' means 'sees'
//! all day: a silent failure of the kernel, a driver or a policy shows by it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::shared::{News, Shared};
use crate::pipeline::own::OwnConnections;

/// The longest time for a request to be made, and then to show; it takes a quarter of a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two looks whether it shows.
const LOOK: Duration = Duration::from_millis(50);
/// After one that was missed the next comes so many times sooner.
const SOONER: u32 = 4;

const REQUEST: &[u8] = b"GET /traffic-monitor-canary HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// Asks at this address until the agent stops.
#[expect(clippy::disallowed_methods, reason = "waits between two requests")]
pub(super) async fn keep(shared: Arc<Shared>, address: IpAddr, every: Duration) {
    let mut wait = every;
    while !shared.ending.has_begun() {
        sleep(wait).await;
        let result = send(&shared, address).await;
        wait = if result.is_ok() { every } else { every / SOONER };
        match shared.canary.note(result) {
            Some(News::Blind(trouble)) => tracing::error!("{trouble}"),
            Some(News::Sees) => tracing::info!("Capture sees again: a request of the agent's own was seen"),
            None => {}
        }
    }
}

/// Makes a request and waits until it shows.
///
/// # Errors
/// Why it does not, in words.
#[expect(clippy::disallowed_methods, reason = "polls what the worker has seen")]
async fn send(shared: &Shared, address: IpAddr) -> Result<(), String> {
    let seen = || shared.capture.report().canaries;
    let before = seen();
    timeout(PATIENCE, ask(&shared.own, address))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(|error| format!("it cannot be made at {address}: {error}"))?;
    let start = Instant::now();
    while seen() == before {
        if start.elapsed() >= PATIENCE {
            return Err(format!("it was answered at {address} and did not show"));
        }
        sleep(LOOK).await;
    }
    Ok(())
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
