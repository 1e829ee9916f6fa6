//! Listing and adding endpoints.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Value, json};

use super::ticket::Ticket;
use crate::contract::{self, NewEndpoint};
use crate::faults::Action;
use crate::matching::{query_parameters, variables};
use crate::refusal::Refusal;
use crate::shared::{Shared, lock};
use crate::shown::brief;
use crate::state::{Added, BodyExample, Endpoint};

/// Parts of parameter names that mark a parameter as sensitive.
const SENSITIVE: [&str; 8] = ["pass", "token", "secret", "key", "email", "phone", "card", "auth"];

/// Lists all endpoints of an instance; 404 while there are none.
pub(super) async fn listing(
    State(shared): State<Arc<Shared>>,
    Path((app, instance)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let query = query_parameters(query.as_deref().unwrap_or_default());
    let asks = |name: &str, value: &str| query.iter().any(|(n, v)| n == name && v == value);
    let (metadata, slim) = (asks("include", "metadata"), asks("slim", "true"));
    let state = lock(&shared.state);
    let instance = state.instance(&app, &instance).ok_or_else(|| Refusal::unknown("instance"))?;
    if instance.endpoints.is_empty() {
        return Err(Refusal::unknown("a specification of this instance"));
    }
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for endpoint in &instance.endpoints {
        let group = endpoint.path.split('/').nth(1).unwrap_or_default();
        groups.entry(group).or_default().push(json_of(endpoint, metadata, slim));
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(name, endpoints)| json!({"groupId": format!("group-{name}"), "name": name, "endpoints": endpoints}))
        .collect();
    Ok(Json(json!({"endpointGroups": groups})))
}

/// An endpoint as it is listed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    id: &'a str,
    path: &'a str,
    method: &'a str,
    requires_authorization: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(flatten)]
    details: Option<Details<'a>>,
}

/// What a slim listing leaves out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    path_params: &'a BTreeMap<String, String>,
    query_params: &'a BTreeMap<String, String>,
    headers: &'a BTreeMap<String, String>,
    request_body_example: Option<&'a BodyExample>,
}

fn json_of(endpoint: &Endpoint, metadata: bool, slim: bool) -> Value {
    let details = Details {
        path_params: &endpoint.path_params,
        query_params: &endpoint.query_params,
        headers: &endpoint.headers,
        request_body_example: endpoint.body.as_ref(),
    };
    let authorization = |name: &String| name.eq_ignore_ascii_case("authorization");
    json!(Listed {
        id: &endpoint.id,
        path: &endpoint.path,
        method: &endpoint.method,
        requires_authorization: endpoint.headers.keys().any(authorization),
        metadata: metadata.then(|| metadata_of(endpoint)),
        details: (!slim).then_some(details),
    })
}

/// Returns the parameters that the platform knows: the path's variables, and what commits brought.
fn metadata_of(endpoint: &Endpoint) -> Value {
    let committed = endpoint.query_params.keys().chain(endpoint.headers.keys()).map(String::as_str);
    let mut names: Vec<&str> = variables(&endpoint.path).chain(committed).collect();
    names.sort_unstable();
    names.dedup();
    let sensitive = |name: &&str| SENSITIVE.iter().any(|part| name.to_lowercase().contains(part));
    let (sensitive, others): (Vec<&str>, Vec<&str>) = names.iter().copied().partition(sensitive);
    json!({"numParams": names.len(), "sensitiveParams": sensitive, "nonSensitiveParams": others})
}

/// Adds endpoints; those that exist are skipped without a word.
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
    Path((app, instance)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let items: Vec<NewEndpoint> = contract::parse(&body)?;
    let mut state = lock(&shared.state);
    if state.instance(&app, &instance).is_none() {
        return Err(Refusal::unknown("instance"));
    }
    if items.is_empty() {
        shared.violation(&ticket, "an empty array");
    }
    for item in &items {
        for what in item.violations() {
            shared.violation(&ticket, what);
        }
        let twin = state.instance(&app, &instance).and_then(|known| known.twin(&item.method, &item.endpoint));
        if let Some(twin) = twin {
            let what = format!("{} has the shape of {}", brief(&item.endpoint), brief(&twin.path));
            shared.violation(&ticket, what);
        }
        if ticket.quirk == Some(Action::Forget) {
            continue;
        }
        if state.add(&app, &instance, &item.method, &item.endpoint, &item.payload) == Added::Full {
            return Err(Refusal::full());
        }
    }
    Ok(Json(json!({"message": "endpoints added"})))
}

/// Answers, and changes nothing: on the platform it would wipe what was discovered.
pub(super) async fn reload(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
) -> Json<Value> {
    shared.violation(&ticket, "reload-spec is never to be called");
    Json(json!({"message": "specification reloaded"}))
}
