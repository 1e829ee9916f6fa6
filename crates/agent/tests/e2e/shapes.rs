//! What goes in and out of an endpoint, by a live agent and over restarts.

use serde_json::{Value, json};

use crate::support::{Agent, Server, Stage, exchange, request};

const BODY: &[u8] = br#"{"email": "ann.planted@shop.test", "size": 3, "planted-token-ghp_16C7e42F292c6912E7710c838347Ae178B4a": 1}"#;

/// The shapes of the endpoint.
fn shapes(agent: &Agent) -> Value {
    let explained = agent.ask(&["explain", "/accounts", "--format", "json"]);
    let explained: Value = serde_json::from_str(&explained).unwrap();
    explained["endpoints"][0]["shapes"].clone()
}

#[test]
fn shapes_are_explained_and_outlive_a_restart() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write("config.json", stage.config(&["cart"]).to_string());
    let agent = Agent::start(&stage, &[]);
    let ask = || {
        exchange(
            cart.address,
            &request("POST", "/accounts?page=2", "Content-Type: application/json\r\n", BODY),
        )
    };
    ask();
    agent.until("the answer taught something", || !shapes(&agent)["responses"]["200"].is_null());
    let before = shapes(&agent);
    let request = &before["request"]["application/json"]["schema"];
    assert_eq!(request["properties"]["email"]["x-sensitive"], json!(["email"]));
    assert_eq!(request["required"], json!(["email", "size"]));
    let answer = &before["responses"]["200"]["application/json"]["schema"];
    assert_eq!(answer["properties"]["accessToken"]["x-sensitive"], json!(["credential"]));
    assert_eq!(
        (&before["parameters"][0]["name"], &before["parameters"][0]["in"]),
        (&json!("page"), &json!("query"))
    );
    let text = agent.ask(&["explain", "/accounts"]);
    assert!(text.contains("query: page integer") && text.contains("email: string(email) <email>"), "{text}");
    let mut log = text + &agent.stop();

    let agent = Agent::start(&stage, &[]);
    assert_eq!(shapes(&agent), before);
    ask();
    agent.until("it goes on", || shapes(&agent)["request"]["application/json"]["samples"] == 2);
    log += &(shapes(&agent).to_string() + &agent.stop());
    for file in std::fs::read_dir(stage.path("state")).unwrap() {
        log += &String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap_or_default());
    }
    assert!(!log.contains("planted"), "a value came out");
}
