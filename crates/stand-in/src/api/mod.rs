//! The calls of the platform, a file for each group.

mod applications;
mod bolt;
mod endpoints;
mod gate;
mod multipart;
mod ticket;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::refusal::Refusal;
use crate::shared::Shared;

/// Returns the routes of the API.
pub(super) fn routes(shared: Arc<Shared>) -> Router {
    let instance = Router::new()
        .route("/endpoints", get(endpoints::listing))
        .route("/add-endpoints", post(endpoints::add))
        .route("/reload-spec", post(endpoints::reload))
        .route("/bolt/preview", post(bolt::preview))
        .route("/bolt/commit", post(bolt::commit));
    Router::new()
        .route("/v1/applications", get(applications::list))
        .route("/v1/applications/oas", post(applications::create))
        .route("/v1/applications/{app}", get(applications::one))
        .route("/v1/applications/{app}/instances/batch", post(applications::create_instances))
        .nest("/v1/applications/{app}/instances/{instance}", instance)
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "no such resource".to_owned()))
        // The gate reads the whole body first, with a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&shared), gate::gate))
        .with_state(shared)
}
