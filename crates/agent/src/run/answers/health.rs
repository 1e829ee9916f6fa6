//! `/healthz`, `/readyz` and, when asked for, `/metrics` on the node.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use listener::{Limits, serve_http};
use tokio::net::TcpListener;

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

/// The time after which a port that was busy is tried again, and after which the configuration is looked at.
const AGAIN: Duration = Duration::from_secs(1);

/// Serves at this port until the agent stops: on loopback, where the kubelet asks, and on all addresses while metrics are
/// served. A port that is busy is tried again; `status` says so as long as it lasts.
#[expect(clippy::disallowed_methods, reason = "tries the port again")]
pub(in crate::run) async fn keep(port: u16, shared: Arc<Shared>) {
    loop {
        let address = address(&shared);
        match TcpListener::bind((address, port)).await {
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
fn address(shared: &Shared) -> Ipv4Addr {
    if shared.config.load().monitor.metrics { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST }
}

/// Waits until the configuration wants another address.
#[expect(clippy::disallowed_methods, reason = "polls the configuration")]
async fn moved(from: Ipv4Addr, shared: &Shared) {
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
    match shared.canary.trouble() {
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
