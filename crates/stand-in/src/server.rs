//! The accept loop. It is our own so that a fault can break a connection off with a reset.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::connection::Connection;
use super::shared::Shared;
use super::{api, control};

/// Connections at once; more are closed as they come. Far more than agents and tests open, far less than the usual
/// limit on open files.
const CONNECTIONS: usize = 512;

/// How long a client may take to send its headers.
const HEADER_TIME: Duration = Duration::from_secs(30);

/// How long to wait when no connection can be accepted (no file descriptor left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers until the task is aborted, which ends every connection too.
#[expect(clippy::disallowed_methods, reason = "tries again to accept")]
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = api::routes(Arc::clone(&shared)).merge(control::routes(shared));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) if connections.len() < CONNECTIONS => {
                connections.spawn(answer(stream, peer, router.clone()));
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn answer(stream: TcpStream, peer: SocketAddr, router: axum::Router) {
    let reset = Arc::new(Notify::new());
    let router = router.layer(Extension(Connection { peer, reset: Arc::clone(&reset) }));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let broken_off = tokio::select! {
        _ = &mut connection => false,
        () = reset.notified() => true,
    };
    if broken_off {
        // With this a close sends RST. Should it fail, the client sees an early end instead: as good a fault.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}
