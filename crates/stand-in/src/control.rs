//! The page, and its data and switches for programs. Only for this machine: the other end must be on loopback, and
//! the request must name a loopback host, so that no web page can reach it under a name of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::rejection::JsonRejection;
use axum::extract::{RawQuery, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, Response, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::Connection;
use super::faults::Fault;
use super::journal::Recorded;
use super::matching::query_parameters;
use super::shared::{Shared, lock};
use super::shown::{brief, shown};
use super::state::Endpoint;

/// Endpoints in one answer to the page; it asks again at once when there are more.
const ENDPOINTS: usize = 500;

/// Violations that the page shows, the newest.
const VIOLATIONS: usize = 50;

/// Requests in one answer, the newest, unless the query's `last` asks for fewer.
const REQUESTS: usize = 200;

/// Characters of a body that are shown.
const BODY: usize = 4096;

/// Parameters of one kind that are shown of an endpoint.
const PARAMETERS: usize = 100;

/// Faults in force at once.
const FAULTS: usize = 100;

/// Everything comes from here, only our own script runs, and no other page can frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns the routes of the page and of the control calls.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let file =
        |kind: &'static str, text: &'static str| get(async move || ([(header::CONTENT_TYPE, kind)], text));
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("page/index.html")))
        .route("/page.css", file("text/css; charset=utf-8", include_str!("page/page.css")))
        .route("/page.js", file("text/javascript; charset=utf-8", include_str!("page/page.js")))
        .route("/favicon.svg", file("image/svg+xml", include_str!("page/favicon.svg")))
        .route("/control/state", get(state))
        .route("/control/requests", get(requests))
        .route("/control/violations", get(violations))
        .route("/control/faults", get(faults).post(set_faults).delete(clear_faults))
        .layer(from_fn(local_only))
        .with_state(shared)
}

async fn local_only(
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !connection.peer.ip().to_canonical().is_loopback() || !is_loopback_name(host) {
        return (StatusCode::FORBIDDEN, "only for this machine, under a loopback name\n").into_response();
    }
    let mut response = next.run(request).await;
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

/// Returns whether a `Host` (RFC 9110, section 7.2) is `localhost` or a loopback address, with or without a port.
fn is_loopback_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}

/// Returns what changed since the revision `since` of the same `epoch`; everything if the epoch is another one.
async fn state(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Json<Value> {
    let query = query_parameters(query.as_deref().unwrap_or_default());
    let number =
        |name: &str| query.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.parse::<u64>().ok());
    let state = lock(&shared.state);
    let epoch = state.epoch >> 12; // JavaScript's numbers are exact up to 53 bits.
    let since = if number("epoch") == Some(epoch) { number("since").unwrap_or(0) } else { 0 };

    let (mut applications, mut changed) = (Vec::new(), Vec::new());
    for (place, app) in state.applications.iter().enumerate() {
        for (number, instance) in app.instances.iter().enumerate() {
            let instances = instance.endpoints.iter().filter(|e| e.revision > since);
            changed.extend(instances.map(|e| (e, (place, number))));
        }
        let instances: Vec<Value> = app
            .instances
            .iter()
            .map(|i| json!({"id": brief(&i.id), "name": brief(&i.name), "endpoints": i.endpoints.len()}))
            .collect();
        applications.push(json!({"id": brief(&app.id), "name": brief(&app.name), "instances": instances}));
    }
    changed.sort_by_key(|(endpoint, _)| endpoint.revision);
    let more = changed.len() > ENDPOINTS;
    changed.truncate(ENDPOINTS);
    let revision = match changed.last() {
        Some((last, _)) if more => last.revision,
        _ => state.revision,
    };
    let endpoints: Vec<Value> =
        changed.iter().map(|(endpoint, place)| endpoint_json(endpoint, *place)).collect();
    drop(state);

    let journal = lock(&shared.journal);
    let newest = journal.violations().into_iter().rev().take(VIOLATIONS);
    let newest: Vec<Value> =
        newest.map(|v| json!({"number": v.number, "call": v.call, "what": v.what})).collect();
    Json(json!({
        "epoch": epoch,
        "revision": revision,
        "more": more,
        "applications": applications,
        "endpoints": endpoints,
        "calls": journal.calls,
        "violations": {"count": journal.violation_count, "newest": newest},
        "faults": lock(&shared.faults).active().iter().map(fault_json).collect::<Vec<_>>(),
    }))
}

/// `place` and `number` name the instance: their place in the list of applications and of its instances.
fn endpoint_json(endpoint: &Endpoint, (place, number): (usize, usize)) -> Value {
    let pairs = |map: &std::collections::BTreeMap<String, String>| -> Vec<[String; 2]> {
        map.iter().take(PARAMETERS).map(|(name, value)| [brief(name), brief(value)]).collect()
    };
    let body = endpoint
        .body
        .as_ref()
        .map(|body| json!({"type": brief(&body.content_type), "content": shown(&body.content, BODY)}));
    json!({
        "instance": format!("{place}/{number}"),
        "number": endpoint.number,
        "method": brief(&endpoint.method.to_uppercase()),
        "path": shown(&endpoint.path, 2 * super::shown::BRIEF),
        "pathParams": pairs(&endpoint.path_params),
        "queryParams": pairs(&endpoint.query_params),
        "headers": pairs(&endpoint.headers),
        "body": body,
        "commits": endpoint.commits,
        "added": milliseconds(endpoint.added),
    })
}

/// Returns a fault with its texts escaped.
fn fault_json(fault: &Fault) -> Value {
    let mut value = json!(fault);
    for field in value.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Value::String(text) = field {
            *text = brief(text);
        }
    }
    value
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

async fn requests(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Json<Vec<Value>> {
    let query = query_parameters(query.as_deref().unwrap_or_default());
    let last = query.iter().find(|(name, _)| name == "last").and_then(|(_, value)| value.parse().ok());
    let last = last.unwrap_or(REQUESTS).min(REQUESTS);
    let recorded = lock(&shared.journal).recorded();
    Json(recorded.iter().skip(recorded.len().saturating_sub(last)).map(request_json).collect())
}

fn request_json(request: &Recorded) -> Value {
    json!({
        "number": request.number,
        "time": milliseconds(request.time),
        "call": request.call,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": shown(&String::from_utf8_lossy(&request.body), 16 * BODY),
        "bodyBytes": request.body.len(),
        "status": request.status,
    })
}

async fn violations(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let journal = lock(&shared.journal);
    Json(json!({"count": journal.violation_count, "violations": journal.violations()}))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"faults": lock(&shared.faults).active()}))
}

/// What `POST /control/faults` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFaults {
    faults: Vec<Fault>,
    #[serde(default)]
    seed: u64,
}

/// Only `application/json` is taken, which another site's page cannot send without asking first.
async fn set_faults(
    State(shared): State<Arc<Shared>>,
    wanted: Result<Json<NewFaults>, JsonRejection>,
) -> Result<Json<Value>, Response<Body>> {
    let refusal = |status, what: String| (status, Json(json!({"message": what}))).into_response();
    let Json(wanted) = wanted.map_err(|error| refusal(error.status(), error.body_text()))?;
    if wanted.faults.len() > FAULTS {
        return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, format!("more than {FAULTS} faults")));
    }
    lock(&shared.faults).set(wanted.faults, wanted.seed);
    Ok(faults(State(shared)).await)
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    lock(&shared.faults).set(Vec::new(), 0);
    faults(State(shared)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_let_in() {
        for name in
            ["localhost", "localhost:80", "LOCALHOST:9", "127.0.0.1:8080", "127.9.9.9", "[::1]:80", "[::1]"]
        {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in
            ["", "evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io", "10.0.0.1", "a@localhost"]
        {
            assert!(!is_loopback_name(name), "{name}");
        }
    }
}
