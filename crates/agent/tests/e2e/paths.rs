//! What of a path is a variable, by a live agent and over restarts.

use crate::support::{Agent, Server, Stage, exchange, request};

/// Names of people, which must not leave the agent.
const NAMES: [&str; 12] = [
    "annika",
    "bogdan",
    "carlotta",
    "dorothee",
    "emilio",
    "franziska",
    "gustavo",
    "hannelore",
    "ivanka",
    "jillian",
    "konrad",
    "leopold",
];

#[test]
fn names_of_users_are_one_endpoint_and_stay_here() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    let mut config = stage.config(&["cart"]);
    config["monitor"]["pathRules"] = serde_json::json!([]);
    stage.write("config.json", config.to_string());
    let agent = Agent::start(&stage, &[]);
    let (early, late) = NAMES.split_at(8);
    for name in early {
        exchange(cart.address, &request("GET", format!("/api/v1/users/{name}/repos"), "", b""));
    }
    exchange(cart.address, &request("GET", "/api/v1/orders/SHOP-12", "", b""));
    exchange(cart.address, &request("GET", "/api/v1/orders/SHOP-13", "", b""));
    let all = ["GET /api/v1/orders/{orderId}", "GET /api/v1/users/{userId}/repos"];
    agent.until("both are there", || stage.listed("cart") == all);
    let explained = agent.ask(&["explain", "/api/v1/users/annika/repos"]);
    assert!(explained.contains("path: {userId}: a variable"), "{explained}");
    assert!(explained.contains("path: users: a word, as public APIs have it"), "{explained}");
    let log = agent.stop();

    let agent = Agent::start(&stage, &[]);
    for name in late {
        exchange(cart.address, &request("GET", format!("/api/v1/users/{name}/repos"), "", b""));
    }
    exchange(cart.address, &request("GET", "/api/v1/status", "", b""));
    agent.wait_for_push(&stage, "cart", "GET /api/v1/status");
    assert_eq!(stage.listed("cart").len(), 3, "{:?}", stage.listed("cart"));
    let log = log + &agent.ask(&["explain", "/"]) + &agent.ask(&["status"]) + &agent.stop();
    let sent: String = stage.platform.recorded().iter().map(|call| format!("{call:?}")).collect();
    let mut kept = Vec::new();
    for file in std::fs::read_dir(stage.path("state")).unwrap() {
        kept.extend(std::fs::read(file.unwrap().path()).unwrap_or_default());
    }
    for name in NAMES {
        assert!(!log.contains(name), "{name} is in\n{log}");
        assert!(!sent.contains(name), "{name} was sent");
        assert!(!kept.windows(name.len()).any(|window| window == name.as_bytes()), "{name} was kept");
    }
}
