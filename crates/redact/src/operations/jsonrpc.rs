//! JSON-RPC 2.0: requests, notifications and batches, by their `method`.

use serde_json::Value;

use super::body::Text;
use super::found::Found;
use super::given_up::GivenUp;
use super::names::named;
use super::operation::{Operation, OperationKind, OperationOutcome, OperationProtocol};
use super::seen::{MAX_CALLS, Seen};

/// The codes of errors that do not say that there is such a method: not JSON, no request, no such method, bad parameters (section
/// 5.1). MCP answers an unknown tool with the last.
const DOUBTFUL: [i64; 4] = [-32700, -32600, -32601, -32602];

/// A request object.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) params: &'a Value,
    id: Option<&'a Value>,
}

impl Call<'_> {
    pub(super) fn kind(&self) -> OperationKind {
        if self.id.is_some() { OperationKind::Call } else { OperationKind::Notification }
    }
}

pub(super) fn read(seen: &Seen<'_>) -> Option<Found> {
    let body = body_of(seen)?;
    if !body.whole {
        return Some(Found::given_up(GivenUp::Cut));
    }
    let message = body.json()?;
    let Calls { calls, left_out } = calls(&message)?;
    let answers = Answers::of(seen);
    let mut found = Found::default();
    for call in calls {
        let name = named(call.method).map(str::to_owned);
        found.add(name.map(|name| Operation {
            protocol: OperationProtocol::JsonRpc,
            kind: call.kind(),
            name,
            fields: Vec::new(),
            outcome: answers.outcome(&call),
        }));
    }
    found.given_up.extend(left_out.then_some(GivenUp::TooMany));
    Some(found)
}

/// The body of a request that may be JSON-RPC.
pub(super) fn body_of<'a>(seen: &Seen<'a>) -> Option<Text<'a>> {
    let body = seen.body.filter(|body| body.may_be_json() && body.holds("\"jsonrpc\""))?;
    (seen.method == "POST").then_some(body)
}

/// The calls of a message.
pub(super) struct Calls<'a> {
    pub(super) calls: Vec<Call<'a>>,
    /// Whether there were more than are read.
    pub(super) left_out: bool,
}

/// Returns the calls of a message; none where it is no JSON-RPC. A client's answers to a server are no calls.
pub(super) fn calls(message: &Value) -> Option<Calls<'_>> {
    let all = match message {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_message = |one: &Value| one.get("jsonrpc").and_then(Value::as_str) == Some("2.0");
    if all.is_empty() || !all.iter().all(is_message) {
        return None;
    }
    let calls = all.iter().filter_map(|one| {
        let method = one.get("method")?.as_str()?;
        Some(Call { method, params: one.get("params").unwrap_or(&Value::Null), id: one.get("id") })
    });
    let mut calls: Vec<_> = calls.take(MAX_CALLS + 1).collect();
    let left_out = calls.len() > MAX_CALLS;
    calls.truncate(MAX_CALLS);
    Some(Calls { calls, left_out })
}

/// The response objects of an answer.
pub(super) struct Answers {
    all: Vec<Value>,
    by_status: OperationOutcome,
}

impl Answers {
    pub(super) fn of(seen: &Seen<'_>) -> Answers {
        let messages = seen.answer.map(Text::messages).unwrap_or_default();
        let all = messages.into_iter().flat_map(|message| match message {
            Value::Array(all) => all,
            one => vec![one],
        });
        Answers { all: all.collect(), by_status: seen.outcome() }
    }

    /// Returns what became of a call.
    pub(super) fn outcome(&self, call: &Call<'_>) -> OperationOutcome {
        let answers_it = |answer: &&Value| {
            call.id.is_some() && answer.get("id") == call.id && answer.get("method").is_none()
        };
        let Some(answer) = self.all.iter().find(answers_it) else { return self.by_status };
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let code = error.get("code").and_then(Value::as_i64);
            let doubtful = code.is_none_or(|code| DOUBTFUL.contains(&code));
            return if doubtful { OperationOutcome::Doubtful } else { OperationOutcome::Failed };
        }
        match answer.pointer("/result/isError") {
            Some(Value::Bool(true)) => OperationOutcome::Failed,
            _ => self.by_status,
        }
    }
}
