//! Requests: which resource, which objects, which verb.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Value, json};

use crate::answer::{answer, failure};
use crate::selection::Selection;
use crate::shared::{Asked, Shared, lock};
use crate::{discovery, exec, watch};

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/v1/namespaces/{namespace}/pods/{pod}/exec", any(exec::serve))
        .fallback(serve)
        .with_state(shared)
}

#[expect(clippy::disallowed_methods, reason = "delays as asked")]
async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let faults = lock(&shared.faults).clone();
    if !faults.delay.is_zero() {
        tokio::time::sleep(faults.delay).await;
    }
    if let Some(code) = faults.status {
        return failure(code, "switched on by the test");
    }
    let selection = match Selection::of(uri.path(), &query) {
        Some(selection) if !(faults.no_slices && selection.resource.plural == "endpointslices") => selection,
        _ => {
            return discovery::answer(uri.path(), faults.no_slices)
                .unwrap_or_else(|| failure(404, "no such path"));
        }
    };
    let verb = verb(&method, &selection, &query);
    lock(&shared.asked).push(Asked {
        verb: verb.into(),
        group: selection.resource.group.into(),
        resource: selection.resource.plural.into(),
        selectors: [&*selection.fields, &*selection.labels].join(";").trim_matches(';').into(),
    });
    if faults.forbidden.as_deref() == Some(selection.resource.plural) {
        return failure(403, &format!("{} is forbidden", selection.resource.plural));
    }
    let answer = match verb {
        "watch" => return watching(&shared, selection, &query),
        "list" => list(&shared, &selection, &query),
        "get" => get(&shared, &selection),
        "create" => create(&shared, &selection, &body),
        "update" | "patch" => change(&shared, &selection, verb, &body),
        _ => delete(&shared, &selection),
    };
    shared.changed.notify_waiters();
    answer
}

fn verb(method: &Method, selection: &Selection, query: &HashMap<String, String>) -> &'static str {
    let watches = query.get("watch").is_some_and(|watch| watch == "true" || watch == "1");
    match (method.as_str(), &selection.name) {
        ("GET", None) if watches => "watch",
        ("GET", None) => "list",
        ("GET", Some(_)) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        _ => "delete",
    }
}

fn watching(shared: &Arc<Shared>, selection: Selection, query: &HashMap<String, String>) -> Response {
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<u64>().ok());
    let version = number("resourceVersion").unwrap_or_else(|| lock(&shared.store).version);
    let bookmarks = query.get("allowWatchBookmarks").is_some_and(|wanted| wanted == "true");
    let body = watch::body(
        Arc::clone(shared),
        selection,
        version,
        number("timeoutSeconds").unwrap_or(300),
        bookmarks,
    );
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A page of a list; the token is the version and the place where the next one begins.
fn list(shared: &Shared, selection: &Selection, query: &HashMap<String, String>) -> Response {
    let store = lock(&shared.store);
    let token = query.get("continue").and_then(|token| token.split_once(':'));
    let (version, start) = match token {
        Some((version, start)) => (version.parse().unwrap_or(0), start.parse().unwrap_or(0)),
        None => (store.version, 0),
    };
    if version < store.compacted {
        return failure(410, "the continue token has expired");
    }
    let limit = query.get("limit").and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
    let all: Vec<_> = store.list(selection.resource).filter(|object| selection.has(object)).collect();
    let end = limit.map_or(all.len(), |limit: usize| all.len().min(start + limit));
    let mut meta = json!({"resourceVersion": version.to_string()});
    if end < all.len() {
        meta["continue"] = json!(format!("{version}:{end}"));
    }
    let resource = selection.resource;
    let items = all.get(start..end).unwrap_or_default();
    answer(
        200,
        &json!({"kind": format!("{}List", resource.kind), "apiVersion": resource.api_version(),
        "metadata": meta, "items": items}),
    )
}

fn get(shared: &Shared, selection: &Selection) -> Response {
    match lock(&shared.store).get(selection.resource, &namespace(selection), &name(selection)) {
        Some(object) => answer(200, object),
        None => not_found(selection),
    }
}

fn create(shared: &Shared, selection: &Selection, body: &Bytes) -> Response {
    let Ok(mut object) = serde_json::from_slice::<Value>(body) else { return failure(400, "not JSON") };
    if selection.resource.kind == "SelfSubjectAccessReview" {
        let resource = object["spec"]["resourceAttributes"]["resource"].clone();
        let forbidden = lock(&shared.faults).forbidden.clone();
        object["status"] = json!({"allowed": resource.as_str() != forbidden.as_deref()});
        return answer(201, &object);
    }
    if let Some(namespace) = &selection.namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    // What the API server does with a Secret's stringData.
    if let (Some(texts), "Secret") = (object["stringData"].as_object().cloned(), selection.resource.kind) {
        for (key, text) in texts {
            object["data"][key] = text;
        }
        object.as_object_mut().map(|object| object.remove("stringData"));
    }
    answer(201, &lock(&shared.store).put(selection.resource, object))
}

fn change(shared: &Shared, selection: &Selection, verb: &str, body: &Bytes) -> Response {
    let Ok(new) = serde_json::from_slice::<Value>(body) else { return failure(400, "not JSON") };
    let mut store = lock(&shared.store);
    let Some(old) = store.get(selection.resource, &namespace(selection), &name(selection)).cloned() else {
        return not_found(selection);
    };
    let mut object = old;
    if verb == "patch" {
        merge(&mut object, &new);
    } else {
        object = new;
    }
    answer(200, &store.put(selection.resource, object))
}

/// A merge patch (RFC 7396). Directives of strategic merge patches (`$...`) are passed over.
fn merge(object: &mut Value, patch: &Value) {
    let (Some(object), Some(patch)) = (object.as_object_mut(), patch.as_object()) else { return };
    for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
        match value {
            Value::Null => drop(object.remove(key)),
            Value::Object(_) if object.get(key).is_some_and(Value::is_object) => {
                merge(&mut object[key], value);
            }
            _ => drop(object.insert(key.clone(), value.clone())),
        }
    }
}

fn delete(shared: &Shared, selection: &Selection) -> Response {
    match lock(&shared.store).delete(selection.resource, &namespace(selection), &name(selection)) {
        Some(object) => answer(200, &object),
        None => not_found(selection),
    }
}

fn namespace(selection: &Selection) -> String {
    selection.namespace.clone().unwrap_or_default()
}

fn name(selection: &Selection) -> String {
    selection.name.clone().unwrap_or_default()
}

fn not_found(selection: &Selection) -> Response {
    failure(404, &format!("{} \"{}\" not found", selection.resource.plural, name(selection)))
}
