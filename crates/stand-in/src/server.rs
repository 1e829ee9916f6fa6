//! Connections. A fault can break one off with a reset.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use listener::{Limits, Visit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::connection::Connection;
use super::shared::Shared;
use super::{api, control};

/// Far more connections than agents and tests open, far less than the usual limit on open files. Clients keep theirs for
/// later requests, and faults make answers wait.
const LIMITS: Limits = Limits {
    connections: 512,
    head: Duration::from_secs(2),
    idle: Duration::from_mins(2),
    answer: Duration::from_mins(5),
};

/// Answers until the task is aborted, which ends every connection too.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = api::routes(Arc::clone(&shared)).merge(control::routes(shared));
    listener::serve(listener, LIMITS, |stream, peer, visit| answer(stream, peer, visit, router.clone()))
        .await;
}

async fn answer(stream: TcpStream, peer: SocketAddr, visit: Visit, router: axum::Router) {
    let reset = Arc::new(Notify::new());
    let router = router.layer(Extension(Connection { peer, reset: Arc::clone(&reset) }));
    let mut connection = listener::connection(stream, visit, router);
    let broken_off = tokio::select! {
        _ = &mut connection => false,
        () = reset.notified() => true,
    };
    if broken_off {
        // With this a close sends RST. Should it fail, the client sees an early end instead: as good a fault.
        let _ = connection.into_parts().io.inner().stream().set_zero_linger();
    }
}
