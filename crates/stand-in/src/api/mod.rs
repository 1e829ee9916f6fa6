//! The calls of the platform, a file for each group.

mod applications;
mod bolt;
mod endpoints;
mod gate;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::faults::Action;
use super::shown::shown;
use super::{Shared, lock};

/// Parts of a multipart body; no call has more than three.
const PARTS: usize = 16;

/// Characters kept of what a violation says: it may quote what was sent.
const VIOLATION: usize = 1024;

/// A kind of call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Every call: for faults only.
    #[default]
    Any,
    /// `GET I/endpoints`.
    Listing,
    /// `POST I/bolt/preview`.
    Preview,
    /// `POST I/bolt/commit`.
    Commit,
    /// `POST I/add-endpoints`.
    Add,
    /// `GET /v1/applications`.
    Applications,
    /// `GET /v1/applications/{appId}`.
    Application,
    /// `POST /v1/applications/oas`.
    Create,
    /// `POST /v1/applications/{appId}/instances/batch`.
    Instances,
    /// `POST I/reload-spec`, which the monitor never makes.
    Reload,
    /// No call of the platform.
    Other,
}

impl Call {
    fn of(method: &Method, path: &str) -> Call {
        let segments: Vec<&str> = path.split('/').collect();
        let (method, rest) = match segments.as_slice() {
            ["", "v1", "applications", rest @ ..] => (method.as_str(), rest),
            _ => return Call::Other,
        };
        match (method, rest) {
            ("GET", []) => Call::Applications,
            ("POST", ["oas"]) => Call::Create,
            ("GET", [_]) => Call::Application,
            ("POST", [_, "instances", "batch"]) => Call::Instances,
            ("GET", [_, "instances", _, "endpoints"]) => Call::Listing,
            ("POST", [_, "instances", _, "bolt", "preview"]) => Call::Preview,
            ("POST", [_, "instances", _, "bolt", "commit"]) => Call::Commit,
            ("POST", [_, "instances", _, "add-endpoints"]) => Call::Add,
            ("POST", [_, "instances", _, "reload-spec"]) => Call::Reload,
            _ => Call::Other,
        }
    }
}

/// The request that is being answered, for the handlers.
#[derive(Clone)]
struct Ticket {
    number: u64,
    call: Call,
    /// The fault that the handler itself has to show, if any.
    quirk: Option<Action>,
}

impl Shared {
    fn violation(&self, ticket: &Ticket, what: impl Into<String>) {
        lock(&self.journal).violation(ticket.number, ticket.call, shown(&what.into(), VIOLATION));
    }
}

/// The API.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let instance = Router::new()
        .route("/endpoints", get(endpoints::listing))
        .route("/add-endpoints", post(endpoints::add))
        .route("/reload-spec", post(endpoints::reload))
        .route("/bolt/preview", post(bolt::preview))
        .route("/bolt/commit", post(bolt::commit));
    Router::new()
        .route("/v1/applications", get(applications::list))
        .route("/v1/applications/oas", post(applications::create))
        .route("/v1/applications/{app}", get(applications::one))
        .route("/v1/applications/{app}/instances/batch", post(applications::create_instances))
        .nest("/v1/applications/{app}/instances/{instance}", instance)
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "no such resource".to_owned()))
        // The gate reads the whole body first, with a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&shared), gate::gate))
        .with_state(shared)
}

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) String);

impl Refusal {
    fn unknown(what: &str) -> Self {
        Refusal(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    fn full() -> Self {
        Refusal(StatusCode::INSUFFICIENT_STORAGE, "the stand-in platform is full".to_owned())
    }
}

impl IntoResponse for Refusal {
    /// The shape of the body differs by status: clients must not depend on one.
    fn into_response(self) -> Response<Body> {
        let Refusal(status, what) = &self;
        let body = match status.as_u16() {
            401 | 403 => json!({"error": what}),
            404 | 405 => json!({"title": what, "status": status.as_u16(), "type": "about:blank"}),
            422 => json!({"detail": what, "status": status.as_u16()}),
            _ => json!({"message": what, "timestamp": "2026-01-01T00:00:00Z"}),
        };
        let mut response = (*status, axum::Json(body)).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A part of a multipart body.
struct Part {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    content: axum::body::Bytes,
}

/// The parts of a multipart body in their order.
async fn parts(multipart: Result<Multipart, MultipartRejection>) -> Result<Vec<Part>, Refusal> {
    let refusal = |error: &dyn std::fmt::Display| Refusal(StatusCode::BAD_REQUEST, error.to_string());
    let mut multipart = multipart.map_err(|error| refusal(&error.body_text()))?;
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| refusal(&error.body_text()))? {
        if parts.len() == PARTS {
            return Err(refusal(&"too many parts"));
        }
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            content: field.bytes().await.map_err(|error| refusal(&error.body_text()))?,
        });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_apart() {
        let of = |method: &str, path: &str| {
            Call::of(&Method::from_bytes(method.as_bytes()).expect("method"), path)
        };
        assert_eq!(of("GET", "/v1/applications"), Call::Applications);
        assert_eq!(of("POST", "/v1/applications/oas"), Call::Create);
        assert_eq!(of("GET", "/v1/applications/a"), Call::Application);
        assert_eq!(of("POST", "/v1/applications/a/instances/batch"), Call::Instances);
        assert_eq!(of("GET", "/v1/applications/a/instances/i/endpoints"), Call::Listing);
        assert_eq!(of("POST", "/v1/applications/a/instances/i/bolt/preview"), Call::Preview);
        assert_eq!(of("POST", "/v1/applications/a/instances/i/bolt/commit"), Call::Commit);
        assert_eq!(of("POST", "/v1/applications/a/instances/i/add-endpoints"), Call::Add);
        assert_eq!(of("POST", "/v1/applications/a/instances/i/reload-spec"), Call::Reload);
        assert_eq!(of("GET", "/v1/applications/a/instances/i/add-endpoints"), Call::Other);
        assert_eq!(of("GET", "/v2/applications"), Call::Other);
    }
}
