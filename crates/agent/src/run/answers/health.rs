//! `/healthz`, `/readyz` and, when asked for, `/metrics` on the node.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use listener::{Limits, serve_http};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};

use super::metrics;
use crate::run::shared::Shared;

/// The packet loop looks at its stop flag ten times a second; one that has not moved for this long hangs.
const STALLED: Duration = Duration::from_secs(15);

/// Limits for short questions. Memory: some 20 KiB a connection.
const LIMITS: Limits = Limits {
    connections: 64,
    head: Duration::from_secs(2),
    idle: Duration::from_secs(2),
    answer: Duration::from_secs(5),
};

/// Connections that wait to be taken, as the standard library has it.
const BACKLOG: u32 = 128;

/// The time after which a port that was busy is tried again, and after which the configuration is looked at.
const AGAIN: Duration = Duration::from_secs(1);

/// Serves at this port until the agent stops: on loopback, where the kubelet asks, and on all addresses while metrics are
/// served. A port that is busy is tried again; `status` says so as long as it lasts.
#[expect(clippy::disallowed_methods, reason = "tries the port again")]
pub(in crate::run) async fn keep(port: u16, shared: Arc<Shared>) {
    loop {
        let address = address(&shared);
        match bind(address, port).await {
            Ok(listener) => {
                if shared.health.set_trouble(None) {
                    tracing::info!("health is served on port {port} now");
                }
                tokio::select! {
                    () = serve_http(listener, LIMITS, router(&shared)) => {}
                    () = moved(address, &shared) => {}
                }
            }
            Err(error) => {
                let trouble = format!(
                    "health cannot be served on port {port} ({error}); it is tried again; set monitor.port in the \
                     configuration to a free port, and the same port in the probes"
                );
                if shared.health.set_trouble(Some(&trouble)) {
                    tracing::error!("{trouble}");
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// Returns the address that the configuration in force wants.
fn address(shared: &Shared) -> IpAddr {
    if shared.config.load().monitor.metrics {
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::LOCALHOST.into()
    }
}

/// Listens at this address; at all of them where it is none, those of IPv4 alone where there is no IPv6.
async fn bind(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    if !address.is_unspecified() {
        return TcpListener::bind((address, port)).await;
    }
    match bind_all(port) {
        Err(error) if error.kind() != ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await
        }
        listener => listener,
    }
}

/// Listens at all addresses, those of IPv4 too, whatever the node has for a default (`net.ipv6.bindv6only`).
fn bind_all(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v6()?;
    SockRef::from(&socket).set_only_v6(false)?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv6Addr::UNSPECIFIED, port).into())?;
    socket.listen(BACKLOG)
}

/// Waits until the configuration wants another address.
#[expect(clippy::disallowed_methods, reason = "polls the configuration")]
async fn moved(from: IpAddr, shared: &Shared) {
    while address(shared) == from {
        tokio::time::sleep(AGAIN).await;
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(shared))
}

async fn healthz(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    match shared.capture.since_beat() {
        stalled if stalled > STALLED => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the packet loop has not moved for {} ms\n", stalled.as_millis()),
        ),
        _ => (StatusCode::OK, "ok\n".into()),
    }
}

async fn readyz(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    // That capture is open goes without saying: the agent does not serve before.
    if !shared.config.was_read() {
        let problem = shared.config.problem().map(|problem| problem.to_string()).unwrap_or_default();
        return (StatusCode::SERVICE_UNAVAILABLE, format!("no configuration: {problem}\n"));
    }
    match shared.view.is_blind().or_else(|| shared.canary.trouble()) {
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
        None => (StatusCode::OK, "ok\n".to_owned()),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    if !shared.config.load().monitor.metrics {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match metrics::render(&shared) {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn all_addresses_are_those_of_both_families() {
        let listener = bind(Ipv6Addr::UNSPECIFIED.into(), 0).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for address in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
            assert!(TcpStream::connect((address, port)).is_ok(), "{address}");
        }
        let busy = bind(Ipv6Addr::UNSPECIFIED.into(), port).await.map(drop).map_err(|error| error.kind());
        assert_eq!(busy, Err(ErrorKind::AddrInUse));
    }
}
