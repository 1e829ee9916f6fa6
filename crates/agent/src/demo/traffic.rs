//! Varied traffic for the sample services: ids of all kinds, queries, bodies, probes, a scanner, and secrets that must
//! not show up anywhere.

use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, Method, RequestBuilder};
use serde_json::json;

use super::grpc::MESSAGE;
use super::services::{Clients, Sample, Speaks};

/// The time between two rounds of requests.
const PAUSE: Duration = Duration::from_millis(50);
/// Looks like a session token; what the platform gets of it is a surrogate.
const TOKEN: &str = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJlLW9mLXRoZS1kZW1v";

/// Asks until `ends`, or is stopped.
#[expect(clippy::disallowed_methods, reason = "paces the clients")]
pub(super) async fn run(clients: Clients, ends: Instant) {
    let mut builder =
        Client::builder().no_proxy().user_agent("demo-shop/1.0").timeout(Duration::from_secs(5));
    if let Ok(certificate) = Certificate::from_pem(&clients.trust) {
        builder = builder.tls_certs_only([certificate]);
    }
    let grpc = Client::builder().no_proxy().user_agent("grpc-demo/1.0").timeout(Duration::from_secs(5));
    let (Ok(client), Ok(grpc)) = (builder.build(), grpc.http2_prior_knowledge().build()) else { return };
    let mut round = 0_u64;
    while Instant::now() < ends {
        for (sample, address) in &clients.addresses {
            let (client, base) = match sample.speaks {
                Speaks::Https => (&client, format!("https://localhost:{}", address.port())),
                Speaks::Http => (&client, format!("http://{address}")),
                Speaks::Grpc => (&grpc, format!("http://{address}")),
            };
            let Some((method, path, finish)) = request(sample, round) else { continue };
            // A failed request is traffic too.
            let _ = finish(client.request(method, format!("{base}{path}"))).send().await;
        }
        round += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

type Finish = Box<dyn FnOnce(RequestBuilder) -> RequestBuilder + Send>;

/// Returns the next request to a service.
fn request(sample: &Sample, round: u64) -> Option<(Method, String, Finish)> {
    let id = 1_000 + round;
    let plain: Finish = Box::new(|request| request);
    let signed: Finish = Box::new(|request| request.header("authorization", TOKEN));
    Some(match (sample.name, round % 8) {
        ("orders", 0) => (Method::GET, format!("/api/v1/orders?page={}&limit=20", round / 8), signed),
        ("orders", 1) => (
            Method::POST,
            "/api/v1/orders".into(),
            body(json!({
                "sku": "A1", "quantity": 2, "customer": {"email": format!("ann{id}@shop.test"), "card": "4111 1111 1111 1111"}
            })),
        ),
        ("orders", 2) => (Method::GET, format!("/api/v1/orders/{id}"), plain),
        ("orders", 3) => (Method::PUT, format!("/api/v1/orders/{id}"), body(json!({"state": "paid"}))),
        ("orders", 4) => (Method::GET, format!("/api/v1/orders/{id}/items/{id}"), plain),
        ("orders", 5) => (Method::GET, format!("/api/v1/reports/2026-11-{:02}", round % 28 + 1), plain),
        ("orders", 6) => {
            (Method::GET, "/healthz".into(), Box::new(|r| r.header("user-agent", "kube-probe/1.30")))
        }
        ("orders", _) => (Method::DELETE, format!("/api/v1/orders/{id}"), plain),
        ("users", 0) => (Method::GET, format!("/users/{round:08x}-1111-4222-8333-444455556666"), signed),
        ("users", 1) => (
            Method::PATCH,
            format!("/users/{round:08x}-1111-4222-8333-444455556666"),
            body(json!({
                "phone": "+49 30 1234567", "password": "correct horse"
            })),
        ),
        ("users", 2) => {
            (Method::GET, "/search?q=shoes&sort=price&api_key=sk_live_0123456789abcdef".into(), plain)
        }
        ("users", 3) => (Method::POST, format!("/users/{id}/sessions"), body(json!({"otp": "123456"}))),
        ("users", 4) => (
            Method::POST,
            "/login".into(),
            Box::new(|request| {
                request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body("user=ann&password=hunter2")
            }),
        ),
        ("users", 5) => (Method::GET, format!("/wp-admin/{}.php", round % 3), plain),
        ("carts", 0 | 4) => (Method::POST, "/shop.Carts/GetCart".into(), Box::new(message)),
        ("carts", 1) => (Method::POST, "/shop.Carts/AddItem".into(), Box::new(message)),
        ("carts", 2) => (Method::POST, "/shop.Carts/WatchPrices".into(), Box::new(message)),
        ("carts", 3) => (Method::POST, "/grpc.health.v1.Health/Check".into(), Box::new(message)),
        ("carts", 5) => (Method::POST, "/shop.Carts/NoSuchMethod".into(), Box::new(message)),
        ("payments", 0) => (Method::POST, "/pay".into(), body(json!({"amount": 12}))),
        _ => return None,
    })
}

/// Returns a request of gRPC with one message.
fn message(request: RequestBuilder) -> RequestBuilder {
    request.header("content-type", "application/grpc").header("te", "trailers").body(MESSAGE)
}

fn body(value: serde_json::Value) -> Finish {
    Box::new(move |request| request.json(&value))
}
