//! What happens to every request of the API, whatever the call.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;

use super::ticket::Ticket;
use crate::call::Call;
use crate::connection::Connection;
use crate::contract;
use crate::faults::{self, Action};
use crate::journal::Recorded;
use crate::refusal::Refusal;
use crate::shared::{Shared, lock};

/// The largest body that is taken. The platform's limit is not known; this is far above what a monitor has to send.
const BODY_BYTES: usize = 16 << 20;

/// Records the request, checks what all requests have in common, applies faults, and lets it through to its call.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let call = Call::of(&parts.method, parts.uri.path());
    let body = to_bytes(body, BODY_BYTES).await;
    let known = body.as_ref().map_or_else(|_| Bytes::new(), Bytes::clone);
    let number = lock(&shared.journal).record(recorded(call, &parts, known));

    let actions = lock(&shared.faults).next(call);
    let fault = actions.iter().find(|action| !matches!(action, Action::Delay { .. })).cloned();
    let ticket = Ticket { number, call, quirk: fault.clone() };
    for what in contract::request(call, &parts) {
        shared.violation(&ticket, what);
    }
    pause(&actions, false).await;
    let response = match (before(fault.as_ref(), &connection).await, body) {
        (Some(response), _) => response,
        (None, Ok(body)) => {
            parts.extensions.insert(ticket.clone());
            process(&shared, Request::from_parts(parts, Body::from(body)), next).await
        }
        (None, Err(_)) => {
            Refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large".to_owned()).into_response()
        }
    };
    if let Some(Refusal(status, what)) = response.extensions().get()
        && blames_client(*status)
    {
        shared.violation(&ticket, format!("{}: {what}", status.as_u16()));
    }
    pause(&actions, true).await;
    let response = after(fault.as_ref(), response, &connection).await;
    lock(&shared.journal).answered(number, response.status().as_u16());
    response
}

/// Returns whether a refusal says that the client broke the contract. A wrong key or id is a matter of its configuration.
fn blames_client(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 405 | 413 | 415 | 422)
}

fn recorded(call: Call, parts: &Parts, body: Bytes) -> Recorded {
    let value = |name: &header::HeaderName, value: &header::HeaderValue| match *name {
        header::AUTHORIZATION => masked(&String::from_utf8_lossy(value.as_bytes())),
        _ => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    Recorded {
        number: 0,
        time: SystemTime::now(),
        call,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.iter().map(|(name, v)| (name.to_string(), value(name, v))).collect(),
        body,
        status: None,
    }
}

/// Returns `Bearer <16 bytes>`: enough to see the form, nothing of the key.
fn masked(authorization: &str) -> String {
    match authorization.strip_prefix("Bearer ") {
        Some(key) => format!("Bearer <{} bytes>", key.len()),
        None => format!("<{} bytes>", authorization.len()),
    }
}

#[expect(clippy::disallowed_methods, reason = "delays as asked")]
async fn pause(actions: &[Action], after: bool) {
    for action in actions {
        if let Action::Delay { milliseconds, processed } = action
            && *processed == after
        {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
        }
    }
}

/// Breaks the connection off; the server drops the request then.
async fn reset(connection: &Connection) {
    connection.reset.notify_one();
    std::future::pending::<()>().await;
}

/// Returns the answer of a fault that keeps the request from taking effect.
async fn before(fault: Option<&Action>, connection: &Connection) -> Option<Response<Body>> {
    match fault? {
        Action::Status { status, body, retry_after, processed: false } => {
            Some(faults::answer(*status, *body, retry_after.as_deref()))
        }
        Action::Redirect { location, status } => Some(faults::redirect(*status, location)),
        Action::Revoked => Some(unauthorized("the key was revoked")),
        Action::Huge => Some(Response::new(faults::huge())),
        Action::ResetBefore => {
            reset(connection).await;
            None
        }
        _ => None,
    }
}

/// Returns what a fault makes of the answer.
async fn after(fault: Option<&Action>, response: Response<Body>, connection: &Connection) -> Response<Body> {
    let change: fn(Bytes) -> Body = match fault {
        Some(Action::Status { status, body, retry_after, processed: true }) => {
            return faults::answer(*status, *body, retry_after.as_deref());
        }
        Some(Action::ResetAfter) => {
            reset(connection).await;
            return response;
        }
        Some(Action::Cut) => faults::cut,
        Some(Action::Trickle) => faults::trickle,
        _ => return response,
    };
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    // Our own answers come from memory and have no limit that could be passed.
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, change(whole))
}

async fn process(shared: &Shared, request: Request, next: Next) -> Response<Body> {
    match authorized(shared, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(why) => unauthorized(why),
    }
}

fn authorized(shared: &Shared, headers: &HeaderMap) -> Result<(), &'static str> {
    let value = headers.get(header::AUTHORIZATION).ok_or("no bearer token")?;
    let token = value.as_bytes().strip_prefix(b"Bearer ").ok_or("no bearer token")?;
    match &*lock(&shared.key) {
        Some(key) if key.as_bytes() != token => Err("the token is not valid"),
        None if token.trim_ascii().is_empty() => Err("the token is empty"),
        _ => Ok(()),
    }
}

fn unauthorized(why: &str) -> Response<Body> {
    let mut response = Refusal(StatusCode::UNAUTHORIZED, why.to_owned()).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    response
}
