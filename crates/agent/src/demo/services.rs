//! The sample services: real HTTP servers with a little of what services do.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Json, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Router, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::grpc;
use super::tls::{self, Certificate, TlsListener};
use crate::failure::Failure;

/// A sample service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// The name of its Service.
    pub(super) name: &'static str,
    pub(super) speaks: Speaks,
}

/// What a sample service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    Http,
    /// TLS, which the agent says it cannot read.
    Https,
    Grpc,
}

/// The sample services.
pub(super) const SAMPLES: [Sample; 4] = [
    Sample { name: "orders", speaks: Speaks::Http },
    Sample { name: "users", speaks: Speaks::Http },
    Sample { name: "carts", speaks: Speaks::Grpc },
    Sample { name: "payments", speaks: Speaks::Https },
];

impl Sample {
    /// Returns its application on the stand-in platform.
    pub(super) fn app(&self) -> String {
        format!("app-{}", self.name)
    }

    /// Returns its instance there.
    pub(super) fn instance(&self) -> String {
        format!("instance-{}", self.name)
    }

    /// Returns what it speaks, for people.
    pub(super) fn speaks(&self) -> &'static str {
        match self.speaks {
            Speaks::Http => "HTTP",
            Speaks::Https => "HTTPS (cannot be read, and is reported)",
            Speaks::Grpc => "gRPC",
        }
    }
}

/// The running services.
pub(super) struct Services {
    addresses: Vec<(Sample, SocketAddr)>,
    certificate: Certificate,
}

/// How to reach the services.
#[derive(Clone)]
pub(super) struct Clients {
    /// Address by service.
    pub(super) addresses: Vec<(Sample, SocketAddr)>,
    /// The certificate to trust.
    pub(super) trust: Vec<u8>,
}

impl Services {
    pub(super) fn addresses(&self) -> &[(Sample, SocketAddr)] {
        &self.addresses
    }

    pub(super) fn clients(&self) -> Clients {
        Clients { addresses: self.addresses.clone(), trust: self.certificate.pem().into_bytes() }
    }
}

/// Starts the services on free ports of loopback.
pub(super) async fn start() -> Result<Services, Failure> {
    let certificate = tls::certificate()?;
    let mut addresses = Vec::new();
    for sample in SAMPLES {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        addresses.push((sample, listener.local_addr()?));
        match sample.speaks {
            Speaks::Https => {
                let listener = TlsListener::new(listener, &certificate)?;
                tokio::spawn(async move { serve(listener, payments()).await });
            }
            Speaks::Grpc => drop(tokio::spawn(grpc::serve(listener))),
            Speaks::Http => {
                let router = if sample.name == "orders" { orders() } else { users() };
                tokio::spawn(async move { serve(listener, router).await });
            }
        }
    }
    Ok(Services { addresses, certificate })
}

fn orders() -> Router {
    let page =
        Arc::new(json!({"orders": [{"id": 1, "state": "paid"}, {"id": 2, "state": "open"}], "next": null}));
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/api/v1/orders", get(list_orders).post(create_order))
        .route("/api/v1/orders/{id}", get(one).put(replace).delete(remove))
        .route("/api/v1/orders/{id}/items/{sku}", get(one))
        .route("/api/v1/reports/{day}", get(one))
        .fallback(any(missing))
        .with_state(page)
}

fn users() -> Router {
    Router::new()
        .route("/users/{id}", get(one).patch(replace))
        .route("/users/{id}/sessions", post(login))
        .route("/search", get(search))
        .route("/login", post(login_form))
        .fallback(any(missing))
}

fn payments() -> Router {
    Router::new().fallback(any(|| async { Json(json!({"paid": true})) }))
}

async fn list_orders(State(page): State<Arc<Value>>) -> Json<Value> {
    Json((*page).clone())
}

async fn create_order(Json(order): Json<Value>) -> Response {
    (StatusCode::CREATED, Json(json!({"id": 4711, "order": order}))).into_response()
}

async fn one(Path(parameters): Path<Vec<(String, String)>>) -> Json<Value> {
    Json(json!({ "found": parameters.len() }))
}

async fn replace(Json(_): Json<Value>) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn remove() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn login(Json(_): Json<Value>) -> Response {
    (StatusCode::CREATED, Json(json!({"session": "s"}))).into_response()
}

async fn login_form(_: String) -> StatusCode {
    StatusCode::SEE_OTHER
}

async fn search(Query(query): Query<Vec<(String, String)>>) -> Json<Value> {
    Json(json!({ "terms": query.len() }))
}

async fn missing() -> StatusCode {
    StatusCode::NOT_FOUND
}
