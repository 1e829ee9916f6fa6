//! What the agent has learned outlives it, and the platform's absence.

use stand_in::{Action, Call, Fault};

use crate::support::{Agent, Server, Stage, exchange, request};

#[test]
fn after_a_kill_what_waited_arrives_and_what_was_pushed_is_not_pushed_again() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    let ask = |path: &str| exchange(cart.address, &request("GET", path, "", b""));
    ask("/first?page=1");
    agent.wait_for_push(&stage, "cart", "GET /first");
    agent.until("verified", || agent.service("shop/cart")["verified"] == 1);

    stage.platform.set_faults(vec![Fault::always(Call::Any, Action::ResetBefore)], 0);
    ask("/second?page=1");
    agent.until("it waits", || agent.service("shop/cart")["waiting"] == 1);
    agent.until("the platform is away", || agent.ask(&["status"]).contains("last error"));
    agent.wait_for_disk();
    agent.kill();

    stage.platform.set_faults(vec![], 0);
    stage.platform.clear_recorded();
    let agent = Agent::start(&stage, &[]);
    agent.wait_for("2 endpoints are known from before");
    agent.wait_for_push(&stage, "cart", "GET /second");
    let before = agent.service("shop/cart")["requests"].as_u64().unwrap();
    ask("/first?page=1");
    ask("/second?page=1");
    agent.wait_for_rest("shop/cart", before + 2);
    assert_eq!(stage.listed("cart"), ["GET /first", "GET /second"]);
    let again: Vec<_> = stage.pushes().into_iter().filter(|push| push.contains("first")).collect();
    assert!(again.is_empty(), "{again:#?}");
    assert_eq!(stage.calls(Call::Add).len(), 1);
    stage.assert_contract();
    agent.stop();
}

#[test]
fn what_waits_arrives_when_the_platform_comes_back() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let away = Action::Status { status: 503, body: Default::default(), retry_after: None, processed: false };
    stage.platform.set_faults(vec![Fault::times(Call::Any, away, 2)], 0);
    let agent = Agent::start(&stage, &[]);
    for number in 0..5 {
        let body = format!(r#"{{"number": {number}}}"#);
        let fields = "Content-Type: application/json\r\n";
        let path = ["/a", "/b", "/c", "/d", "/e"][number];
        exchange(cart.address, &request("PUT", path, fields, body.as_bytes()));
    }
    agent.until("all arrived", || stage.listed("cart").len() == 5);
    agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);
    assert!(stage.listing("cart").iter().all(|endpoint| endpoint.body.is_some()));
    stage.assert_contract();
    agent.stop();
}

/// As the first process of a container it would not hear a signal for which it is not ready.
#[test]
fn asked_to_end_while_it_starts_it_ends_in_order() {
    let stage = Stage::live();
    stage.write_services(&[("cart", Server::start().address)]);
    stage.write_config(&["cart"]);
    for _ in 0..5 {
        let agent = Agent::spawn(&stage);
        agent.wait_for("Capture: packets: CAP_NET_RAW");
        agent.stop();
    }
}
