//! `/healthz`, `/readyz` and, when asked for, `/metrics` on the node.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use super::metrics;
use crate::run::shared::Shared;

/// The packet loop looks at its stop flag ten times a second; one that has not moved for this long hangs.
const STALLED: Duration = Duration::from_secs(15);

/// Serves until the agent stops.
///
/// # Errors
/// The port cannot be opened: the message names it.
pub(in crate::run) async fn listen(port: u16) -> Result<tokio::net::TcpListener, String> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
    tokio::net::TcpListener::bind(address).await.map_err(|error| {
        format!("health cannot be served on port {port} ({error}); set monitor.port in the configuration to a free port")
    })
}

/// Serves until the agent stops.
pub(in crate::run) async fn serve(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    let router = Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz));
    let router = router.route("/metrics", get(metrics));
    if let Err(error) = axum::serve(listener, router.with_state(shared)).await {
        tracing::error!("health is no longer served: {error}");
    }
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
    if shared.config.was_read() {
        return (StatusCode::OK, "ok\n".to_owned());
    }
    let problem = shared.config.problem().map(|problem| problem.to_string());
    (StatusCode::SERVICE_UNAVAILABLE, format!("no configuration: {}\n", problem.unwrap_or_default()))
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
