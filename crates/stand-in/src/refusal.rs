//! Why the stand-in does not do what it is asked.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) String);

impl Refusal {
    /// Returns the refusal of a request for something that is not there.
    pub(super) fn unknown(what: &str) -> Self {
        Refusal(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    /// Returns the refusal of a request for which there is no room.
    pub(super) fn full() -> Self {
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
