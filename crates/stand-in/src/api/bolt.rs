//! Preview and commit: the platform's own matcher.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::multipart::parts;
use super::ticket::Ticket;
use crate::contract::{self, Commit, Observed, Preview};
use crate::faults::Action;
use crate::matching::{generality, matches, query_parameters};
use crate::refusal::Refusal;
use crate::shared::{Shared, lock};
use crate::shown::brief;
use crate::state::{Details, Endpoint, Instance};

/// Requests in one preview, so that a call stays short. The platform's limit is not known.
const REQUESTS: usize = 1000;

/// Says which endpoints the observed requests belong to: all that match, the most literal first.
pub(super) async fn preview(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
    Path((app, instance)): Path<(String, String)>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Refusal> {
    let parts = parts(multipart).await?;
    let file = match parts.as_slice() {
        [file] if file.name == "file" => file,
        _ => {
            return Err(Refusal(
                StatusCode::BAD_REQUEST,
                "one part with the name 'file' is expected".to_owned(),
            ));
        }
    };
    if file.filename.as_deref() != Some("bolt.json") {
        shared.violation(&ticket, "the file is not named bolt.json");
    }
    if file.content_type.as_deref() != Some("application/json") {
        shared.violation(&ticket, "the part's type is not application/json");
    }
    let preview: Preview = contract::parse(&file.content)?;
    if preview.requests.is_empty() {
        shared.violation(&ticket, "requests is empty");
    }
    if preview.requests.len() > REQUESTS {
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, format!("more than {REQUESTS} requests")));
    }
    for what in preview.requests.iter().flat_map(Observed::violations) {
        shared.violation(&ticket, what);
    }
    let state = lock(&shared.state);
    let instance = state.instance(&app, &instance).ok_or_else(|| Refusal::unknown("instance"))?;
    Ok(Json(match ticket.quirk {
        Some(Action::EmptyObject) => json!({}),
        quirk => answer(&preview, instance, quirk != Some(Action::OmitPath)),
    }))
}

fn answer(preview: &Preview, instance: &Instance, with_path: bool) -> Value {
    let (mut all, mut unmatched) = (Vec::new(), Vec::new());
    for request in &preview.requests {
        let found = suggestions(request, &instance.endpoints, with_path);
        if found.is_empty() {
            unmatched.push(json!({"method": request.method, "url": request.url}));
        }
        all.extend(found);
    }
    json!({
        "matchedRequests": preview.requests.len() - unmatched.len(),
        "unmatchedRequests": unmatched.len(),
        "unmatched": unmatched,
        "endpointSuggestions": all,
    })
}

/// An endpoint that matches a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Suggestion<'a> {
    endpoint_id: &'a str,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a String>,
    path_params: Map<String, Value>,
    query_params: Map<String, Value>,
}

fn suggestions(request: &Observed, endpoints: &[Endpoint], with_path: bool) -> Vec<Value> {
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let same_method =
        endpoints.iter().filter(|endpoint| endpoint.method.eq_ignore_ascii_case(&request.method));
    let mut found: Vec<_> =
        same_method.filter_map(|endpoint| Some((endpoint, matches(&endpoint.path, path)?))).collect();
    found.sort_by_cached_key(|(endpoint, _)| generality(&endpoint.path));
    let object = |pairs: Vec<(String, String)>| -> Map<String, Value> {
        pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
    };
    let suggestion = |(endpoint, values): (&Endpoint, _)| {
        let suggestion = Suggestion {
            endpoint_id: &endpoint.id,
            method: &endpoint.method,
            path: with_path.then_some(&endpoint.path),
            path_params: object(values),
            query_params: object(query_parameters(query)),
        };
        json!(suggestion)
    };
    found.into_iter().map(suggestion).collect()
}

/// Gives details to endpoints.
pub(super) async fn commit(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
    Path((app, instance)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let commit: Commit = contract::parse(&body)?;
    let mut state = lock(&shared.state);
    let known = state.instance(&app, &instance).ok_or_else(|| Refusal::unknown("instance"))?;
    for what in commit.violations(|id| known.endpoint(id).map(|endpoint| endpoint.path.as_str())) {
        shared.violation(&ticket, what);
    }
    let mut updated = 0;
    for endpoint in commit.endpoints.into_iter().filter(|endpoint| endpoint.include) {
        let details = Details {
            path_params: endpoint.path_params,
            query_params: endpoint.query_params,
            headers: endpoint.headers,
            body: endpoint.body.filter(|_| commit.apply_bodies),
        };
        match state.commit(&app, &instance, &endpoint.endpoint_id, details) {
            Some(true) => updated += 1,
            Some(false) => return Err(Refusal::full()),
            None => {
                shared.violation(&ticket, format!("unknown endpointId {}", brief(&endpoint.endpoint_id)));
            }
        }
    }
    Ok(Json(json!({"endpointsUpdated": updated, "endpointsAdded": 0})))
}
