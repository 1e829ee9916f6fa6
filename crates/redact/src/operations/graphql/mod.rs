//! GraphQL over HTTP: POST and GET, batches, persisted queries by their hash.
//!
//! A `query` is no proof: it must be a document of GraphQL, and the answer, where it is at hand, one of GraphQL.

mod text;

use serde_json::Value;

use super::body::Text;
use super::found::Found;
use super::given_up::GivenUp;
use super::known_texts::Asked;
use super::operation::{Operation, OperationOutcome, OperationProtocol};
use super::seen::{MAX_CALLS, Seen};
use crate::says::Says;
use crate::sealed::{MAX_FIELDS, SealedFields};

/// The most of a query that crosses the queue, in bytes.
const MAX_QUERY: usize = MAX_FIELDS / 2;

/// Returns whether a request without a body may be GraphQL.
pub(super) fn may_be_asked_by(method: &str, fields: &SealedFields) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(&fields.query, name).is_some();
    method == "GET" && (has(b"query=") || has(b"persistedQuery"))
}

/// What one request asks for.
#[derive(Default)]
struct Request {
    query: Option<String>,
    name: Option<String>,
    hash: Option<String>,
}

pub(super) fn read(seen: &Seen<'_>) -> Option<Found> {
    let requests = match (seen.method, seen.body) {
        ("GET", None) => vec![of_query(&seen.fields.query)?],
        ("POST", Some(body)) if body.media == "application/graphql" => {
            if !body.whole {
                return Some(Found::given_up(GivenUp::Cut));
            }
            let query = std::str::from_utf8(body.bytes).ok()?;
            vec![Request { query: Some(query.to_owned()), ..Request::default() }]
        }
        ("POST", Some(body)) => of_body(body)?,
        _ => return None,
    };
    let answers = answers(seen, requests.len())?;
    let mut found = Found::default();
    for (number, request) in requests.iter().take(MAX_CALLS).enumerate() {
        let answer = answers.as_ref().and_then(|all| all.get(number));
        let asked = match asked(seen, request, answer) {
            Ok(asked) => asked?,
            Err(reason) => {
                found.given_up.push(reason);
                continue;
            }
        };
        let Asked { kind, name, fields } = asked;
        let outcome = outcome(seen, answer);
        found.operations.push(Operation {
            protocol: OperationProtocol::GraphQl,
            kind,
            name,
            fields,
            outcome,
        });
    }
    found.given_up.extend((requests.len() > MAX_CALLS).then_some(GivenUp::TooMany));
    Some(found)
}

/// What a request asks for; none where it is no GraphQL.
fn asked(seen: &Seen<'_>, request: &Request, answer: Option<&Value>) -> Result<Option<Asked>, GivenUp> {
    let Some(query) = &request.query else {
        let Some(hash) = &request.hash else { return Ok(None) };
        return seen.texts.get(seen.owner, hash).map(Some).ok_or(GivenUp::UnknownHash);
    };
    let asked = text::asked(query, request.name.as_deref())?;
    if let (Some(asked), Some(hash)) = (&asked, &request.hash)
        // The server compared hash and text: nobody else has to.
        && answer.and_then(|answer| answer.get("data")).is_some_and(|data| !data.is_null())
    {
        seen.texts.insert(seen.owner, hash, asked.clone());
    }
    Ok(asked)
}

/// The requests in a body of JSON.
fn of_body(body: Text<'_>) -> Option<Vec<Request>> {
    let may_be = body.may_be_json() && (body.holds("\"query\"") || body.holds("\"persistedQuery\""));
    if !may_be {
        return None;
    }
    match body.json()? {
        Value::Array(all) if !all.is_empty() => all.iter().map(request).collect(),
        one => Some(vec![request(&one)?]),
    }
}

fn request(value: &Value) -> Option<Request> {
    let members = value.as_object()?;
    let text = |name: &str| match members.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.clone())),
        Some(_) => None,
    };
    if !matches!(members.get("variables"), None | Some(Value::Null | Value::Object(_))) {
        return None;
    }
    let hash = value.pointer("/extensions/persistedQuery/sha256Hash").and_then(Value::as_str);
    let request =
        Request { query: text("query")?, name: text("operationName")?, hash: hash.map(str::to_owned) };
    (request.query.is_some() || request.hash.is_some()).then_some(request)
}

/// The request in the query of a URL.
fn of_query(query: &[u8]) -> Option<Request> {
    // What is cut is not named.
    if query.len() >= MAX_QUERY {
        return None;
    }
    let mut request = Request::default();
    for (name, value) in form_urlencoded::parse(query) {
        match name.as_ref() {
            "query" => request.query = Some(value.into_owned()),
            "operationName" => request.name = Some(value.into_owned()).filter(|name| !name.is_empty()),
            "extensions" => {
                let value = serde_json::from_str::<Value>(&value).ok()?;
                let hash = value.pointer("/persistedQuery/sha256Hash").and_then(Value::as_str);
                request.hash = hash.map(str::to_owned);
            }
            _ => {}
        }
    }
    (request.query.is_some() || request.hash.is_some()).then_some(request)
}

/// The answers to so many requests: the inner none where they are not at hand, the outer where they are none of GraphQL.
fn answers(seen: &Seen<'_>, requests: usize) -> Option<Option<Vec<Value>>> {
    let answer = seen.answer.filter(|answer| answer.whole && answer.may_be_json());
    let Some(answer) = answer.and_then(Text::json) else { return Some(None) };
    let is_error = seen.status.is_some_and(|status| status >= 400);
    let is_answer = |one: &Value| one.get("data").is_some() || one.get("errors").is_some();
    let all = match answer {
        Value::Array(all) => all,
        one => vec![one],
    };
    match all.len() == requests && all.iter().all(is_answer) {
        true => Some(Some(all)),
        // A gateway may have refused it in its own words.
        false if is_error => Some(None),
        false => None,
    }
}

fn outcome(seen: &Seen<'_>, answer: Option<&Value>) -> OperationOutcome {
    let Some(answer) = answer else { return seen.outcome() };
    let errors = answer.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if errors.is_empty() {
        return seen.outcome();
    }
    // Section 7.1.2 of the specification: an error of a field says its path, one before anything ran does not. Some servers write
    // `data` all the same.
    let has_data = answer.get("data").is_some_and(|data| !data.is_null());
    let of_a_field = errors.iter().any(|error| error.get("path").is_some_and(Value::is_array));
    if (has_data || of_a_field) && seen.status.map(Says::of) != Some(Says::Absent) {
        OperationOutcome::Failed
    } else {
        OperationOutcome::Doubtful
    }
}
