//! The Model Context Protocol: JSON-RPC whose tools, prompts and resources are what is asked for.

use serde_json::Value;

use super::found::Found;
use super::given_up::GivenUp;
use super::jsonrpc::{Answers, Call, Calls, body_of, calls};
use super::names::{MAX_NAME, named};
use super::operation::{Operation, OperationKind, OperationOutcome, OperationProtocol};
use super::seen::Seen;

/// Methods that no other protocol over JSON-RPC has.
const METHODS: [&str; 8] = [
    "tools/call",
    "tools/list",
    "prompts/get",
    "prompts/list",
    "resources/read",
    "resources/list",
    "resources/templates/list",
    "notifications/initialized",
];

/// Header fields of its transport (streamable HTTP).
const FIELDS: [&str; 3] = ["mcp-session-id", "mcp-protocol-version", "mcp-method"];

pub(super) fn read(seen: &Seen<'_>) -> Option<Found> {
    let body = body_of(seen)?;
    let by_header = FIELDS.iter().any(|name| seen.header(name).is_some());
    let Some(message) = body.json() else { return by_header.then(|| of_header(seen)) };
    let Calls { calls, left_out } = calls(&message)?;
    if !by_header && !calls.iter().any(is_known) {
        return None;
    }
    let answers = Answers::of(seen);
    let mut found = Found::default();
    for call in calls {
        found.add(operation(call.method, subject(&call), call.kind(), answers.outcome(&call)));
    }
    found.given_up.extend(left_out.then_some(GivenUp::TooMany));
    Some(found)
}

/// What the header says, where the body is cut.
fn of_header(seen: &Seen<'_>) -> Found {
    let Some(method) = seen.header("mcp-method") else { return Found::given_up(GivenUp::Cut) };
    let kind = match method.starts_with("notifications/") {
        true => OperationKind::Notification,
        false => OperationKind::Call,
    };
    let subject = seen.header("mcp-name").and_then(|name| subject_of(method, name));
    let mut found = Found::default();
    found.add(operation(method, subject, kind, seen.outcome()));
    found
}

fn is_known(call: &Call<'_>) -> bool {
    let text = |path: &str| call.params.pointer(path).is_some_and(Value::is_string);
    METHODS.contains(&call.method) || call.method == "initialize" && text("/protocolVersion")
}

/// The name of the tool or prompt, or of the kind of resource, that a call is about.
fn subject(call: &Call<'_>) -> Option<String> {
    let member = if call.method == "resources/read" { "uri" } else { "name" };
    subject_of(call.method, call.params.get(member)?.as_str()?)
}

/// The same of the name as it was written. Of the URI of a resource only the scheme is kept: the rest says which one it is.
fn subject_of(method: &str, name: &str) -> Option<String> {
    let (name, end) = match method {
        "tools/call" | "prompts/get" => (name, ""),
        "resources/read" => (name.split_once(':')?.0, ":"),
        _ => return None,
    };
    Some(format!("{}{end}", named(name).ok()?))
}

fn operation(
    method: &str,
    subject: Option<String>,
    kind: OperationKind,
    outcome: OperationOutcome,
) -> Result<Operation, GivenUp> {
    let method = named(method)?;
    let name = subject.map(|subject| format!("{method} {subject}")).filter(|name| name.len() <= MAX_NAME);
    let name = name.unwrap_or_else(|| method.to_owned());
    Ok(Operation { protocol: OperationProtocol::Mcp, kind, name, fields: Vec::new(), outcome })
}
