//! Live: nginx, curl, the agent on loopback, and what stands on the platform afterwards.

use std::net::SocketAddr;
use std::process::Command;

use stand_in::Endpoint;

use crate::support::{Agent, Nginx, Stage, monitor, text};

/// Where nginx serves, in a network of the test's own.
const CART: &str = "127.0.0.1:8081";
const BILLING: &str = "127.0.0.1:8082";
const STRANGER: &str = "127.0.0.1:8083";

const NGINX: &str = r#"
daemon off; master_process off; user root; pid nginx.pid; error_log error.log;
events {}
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    default_type application/json;
    server {
        listen 127.0.0.1:8081; listen 127.0.0.1:8082; listen 127.0.0.1:8083;
        location /api/ { return 200 '{"items": []}'; }
        location = /healthz { return 200 'ok'; }
        location = /status { return 200 'ok'; }
        location / { return 404; }
    }
}
"#;

#[track_caller]
fn curl(args: &[&str]) {
    let output = Command::new("curl").args(["-sS", "--noproxy", "*", "--max-time", "10"]).args(args).output();
    let output = output.expect("this test needs curl");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// One round of the same requests.
fn traffic() {
    let url = |server: &str, target: &str| format!("http://{server}{target}");
    curl(&[
        &url(CART, "/api/v1/users?page=1&sort=name"),
        &url(CART, "/api/v1/users/42"),
        &url(CART, "/api//v1/users/77/"),
        &url(CART, "/api/v1/users/42/orders/0b0c9fa2-7ab1-4f0e-9d4b-2b6f5c1d8e11"),
    ]);
    let json = ["-H", "Content-Type: application/json", "-d", r#"{"sku": "A-1", "quantity": 2}"#];
    curl(&[&json[..], &[&url(CART, "/api/v1/orders?notify=1")]].concat());
    curl(&["-X", "DELETE", &url(CART, "/api/v1/orders/5")]);
    // Noise, and what only gets 404.
    curl(&[&url(CART, "/healthz")]);
    curl(&["-A", "kube-probe/1.31", &url(CART, "/status")]);
    curl(&[&url(CART, "/wp-login.php"), &url(CART, "/admin/setup.cgi?x=1")]);
    // A Service without a mapping, and a server that nobody knows.
    curl(&[&url(BILLING, "/api/v1/invoices")]);
    curl(&[&url(STRANGER, "/api/v1/strange")]);
}

fn keys(map: &std::collections::BTreeMap<String, String>) -> Vec<&str> {
    map.keys().map(String::as_str).collect()
}

#[test]
fn requests_on_the_wire_become_endpoints_on_the_platform() {
    let stage = Stage::live();
    let _nginx = Nginx::start(&stage.path("nginx"), NGINX, CART);
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    stage.write_services(&[("cart", address(CART)), ("billing", address(BILLING))]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    traffic();

    let expected = [
        "DELETE /api/v1/orders/{orderId}",
        "GET /api/v1/users",
        "GET /api/v1/users/{userId}",
        "GET /api/v1/users/{userId}/orders/{orderId}",
        "POST /api/v1/orders",
    ];
    expected.iter().for_each(|endpoint| agent.wait_for_push(&stage, "cart", endpoint));
    agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);

    // Nothing new: nothing is said to the platform, however often, and nothing waits to be said.
    let before = stage.pushes();
    for _ in 0..3 {
        traffic();
    }
    agent.wait_for_rest("shop/cart", 4 * 10);
    assert_eq!(stage.pushes(), before, "pushed again");

    // All of it, and nothing else: no noise, nothing that only got 404, nothing of others.
    assert_eq!(stage.listed("cart"), expected);
    assert_eq!(stage.listed("pay"), Vec::<String>::new());
    assert_eq!(keys(&stage.endpoint("cart", "get", "/api/v1/users").query_params), ["page", "sort"]);
    let order: Endpoint = stage.endpoint("cart", "post", "/api/v1/orders");
    assert_eq!(keys(&order.query_params), ["notify"]);
    let body = order.body.expect("a body example");
    assert_eq!(body.content_type, "application/json");
    let body: serde_json::Value = serde_json::from_str(&body.content).unwrap();
    assert_eq!(body["quantity"], 2, "{body}");
    assert!(body["sku"].is_string(), "{body}");
    let user = stage.endpoint("cart", "get", "/api/v1/users/{userId}");
    assert_eq!(keys(&user.path_params), ["userId"]);
    assert!(user.headers.keys().any(|name| name.eq_ignore_ascii_case("user-agent")), "{:?}", user.headers);
    stage.assert_contract();

    let messages = agent.messages();
    let begins = |start: &str| {
        assert!(messages.iter().any(|message| message.starts_with(start)), "{start:?} not in {messages:#?}");
    };
    begins("\u{2713} Successfully parsed HTTP REQUEST: GET /api/v1/users (service=cart)");
    begins("\u{2713} Successfully parsed HTTP REQUEST: POST /api/v1/orders (service=cart)");
    begins("\u{2713} Successfully parsed HTTP REQUEST: GET /api/v1/invoices (service=billing)");
    begins("\u{2713} Done! Pushed endpoint to dev website: GET /api/v1/users");
    begins("\u{2713} Done! Pushed endpoint to dev website: GET /api/v1/users/{userId}");
    begins("No mapping found for service 'billing'");
    begins("Skipping unknown service");
    let of = |path: &str| messages.iter().find(|m| m.contains("HTTP REQUEST") && m.contains(path)).unwrap();
    assert!(of(".php").contains("not pushed"), "an unconfirmed sighting says why: {messages:#?}");
    assert!(!agent.log().contains("wp-login"), "what is guessed is not shown");
    assert!(!messages.iter().any(|message| message.contains("?page=")), "a path has no query");

    let explained = |path: &str| agent.ask(&["explain", path]);
    assert!(explained("/wp-login.php").contains("404"), "{}", explained("/wp-login.php"));
    assert!(explained("/healthz").contains("noise"), "{}", explained("/healthz"));
    assert!(explained("/api/v1/invoices").contains("no mapping"), "{}", explained("/api/v1/invoices"));
    assert!(explained(STRANGER).contains("no known Service"), "{}", explained(STRANGER));
    let cart = explained(CART);
    assert!(cart.contains("GET /api/v1/users of shop/cart"), "{cart}");
    assert!(
        cart.contains(
            "note: 127.0.0.1:8081 is an address of shop/cart, which is mapped to application app-cart"
        ),
        "{cart}"
    );
    assert!(explained(BILLING).contains("shop/billing, which has no mapping"), "{}", explained(BILLING));
    let state = stage.path("state");
    for (subject, says) in [
        ("/never/asked/by/anyone", "No endpoint"),
        ("PUT /api/v1/orders", "note: other methods that were seen at this path: POST"),
    ] {
        let never = monitor(["explain", subject, "--state", state.to_str().unwrap()]);
        assert_eq!(never.status.code(), Some(1), "{subject}: {never:?}");
        assert!(text(&never.stdout).contains(says), "{never:?}");
    }
    let log = agent.stop();
    assert!(!log.contains("ERROR"), "{log}");
}
