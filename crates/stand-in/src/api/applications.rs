//! Applications and their instances: the calls of onboarding.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::multipart::parts;
use super::ticket::Ticket;
use crate::contract::{self, NewInstances};
use crate::matching::query_parameters;
use crate::refusal::Refusal;
use crate::shared::{Shared, lock};
use crate::shown::brief;
use crate::state::Application;

/// Lists applications, in pages.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let query = query_parameters(query.as_deref().unwrap_or_default());
    let token = query.iter().find(|(name, _)| name == "nextToken").map(|(_, token)| token.as_str());
    let first = token.map_or(Some(0), place_of).ok_or_else(bad_token)?;
    let state = lock(&shared.state);
    let page: Vec<Value> =
        state.applications.iter().skip(first).take(state.limits.page).map(json_of).collect();
    let next = first.saturating_add(page.len());
    let next = (next < state.applications.len() && !page.is_empty()).then(|| token_of(next));
    Ok(Json(json!({"applications": page, "nextToken": next})))
}

fn bad_token() -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "nextToken is not one of ours".to_owned())
}

fn token_of(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("place:{place}"))
}

fn place_of(token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("place:")?.parse().ok()
}

fn json_of(app: &Application) -> Value {
    let instances: Vec<Value> = app
        .instances
        .iter()
        .map(|i| json!({"instanceId": i.id, "instanceName": i.name, "hostUrl": i.host_url}))
        .collect();
    json!({"applicationId": app.id, "applicationName": app.name, "instances": instances})
}

/// Shows one application.
pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(app): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let state = lock(&shared.state);
    state.application(&app).map(|app| Json(json_of(app))).ok_or_else(|| Refusal::unknown("application"))
}

/// Makes an application out of an OpenAPI document.
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let invalid = |what: &str| Refusal(StatusCode::UNPROCESSABLE_ENTITY, what.to_owned());
    let parts = parts(multipart).await?;
    let [name, origin, file] = parts.as_slice() else { return Err(invalid("three parts are expected")) };
    if [&name.name, &origin.name, &file.name] != ["applicationName", "origin", "fileUpload"] {
        return Err(invalid("the parts are to be applicationName, origin, fileUpload, in this order"));
    }
    let name = std::str::from_utf8(&name.content).map_err(|_| invalid("applicationName is not text"))?;
    if name.trim().is_empty() {
        return Err(invalid("applicationName is empty"));
    }
    if origin.content != "K8S_DAEMONSET" {
        shared.violation(&ticket, "origin is not K8S_DAEMONSET");
    }
    for what in
        contract::specification(name, file.filename.as_deref(), file.content_type.as_deref(), &file.content)
    {
        shared.violation(&ticket, what);
    }
    let mut state = lock(&shared.state);
    if state.applications.iter().any(|app| app.name == name) {
        shared.violation(&ticket, format!("a second application with the name {}", brief(name)));
    }
    let id = state.create(name).ok_or_else(Refusal::full)?;
    Ok((StatusCode::CREATED, Json(json!({"applicationId": id, "hostUrls": ["/"]}))))
}

/// Makes instances of an application.
pub(super) async fn create_instances(
    State(shared): State<Arc<Shared>>,
    Extension(ticket): Extension<Ticket>,
    Path(app): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let wanted: NewInstances = contract::parse(&body)?;
    if wanted.items.is_empty() {
        shared.violation(&ticket, "instanceRequestItems is empty");
    }
    let mut state = lock(&shared.state);
    let known = state.application(&app).ok_or_else(|| Refusal::unknown("application"))?;
    for item in wanted.items.iter().filter(|item| item.instance_name != format!("{}_instance", known.name)) {
        shared.violation(
            &ticket,
            format!("instanceName {} is not <service>_instance", brief(&item.instance_name)),
        );
    }
    let ids: Option<Vec<String>> = wanted
        .items
        .iter()
        .map(|item| state.create_instance(&app, &item.instance_name, &item.host_url))
        .collect();
    Ok((StatusCode::CREATED, Json(json!({"instanceIds": ids.ok_or_else(Refusal::full)?}))))
}
