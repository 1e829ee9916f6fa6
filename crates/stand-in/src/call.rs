//! The calls of the platform's API.

use axum::http::Method;
use serde::{Deserialize, Serialize};

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
    /// Returns the call that a request makes.
    pub(super) fn of(method: &Method, path: &str) -> Call {
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
