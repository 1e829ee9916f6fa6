//! What the agent asks is no traffic of the node, and nobody else can pass for it.

use crate::support::{Agent, Server, Stage, exchange, request};

/// How the agent names itself to the platform; anybody can.
const AGENT: &str = concat!("User-Agent: apisec-traffic-monitor/", env!("CARGO_PKG_VERSION"), "\r\n");

/// Returns how many of its exchanges went this way.
fn exchanges(agent: &Agent, way: &str) -> u64 {
    agent.metric(&format!("exchanges_by_way_total{{way=\"{way}\"}}")).unwrap()
}

#[test]
fn who_gives_our_user_agent_hides_nothing() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    exchange(cart.address, &request("GET", "/api/v1/hidden", AGENT, b""));
    agent.wait_for_push(&stage, "cart", "GET /api/v1/hidden");
    // Nor at a server that nobody knows.
    let stranger = Server::start();
    exchange(stranger.address, &request("GET", "/api/v1/strange", AGENT, b""));
    agent.wait_for(&format!("Skipping unknown service at {}", stranger.address));
    agent.stop();
}

#[test]
fn calls_to_a_platform_on_the_node_are_counted_apart() {
    let stage = Stage::live();
    let cart = Server::start();
    let platform = stage.platform.url().strip_prefix("http://").unwrap().parse().unwrap();
    stage.write_services(&[("cart", cart.address), ("pay", platform)]);
    stage.write_config(&["cart", "pay"]);
    let agent = Agent::start(&stage, &[]);
    for path in ["/api/v1/users", "/api/v1/orders"] {
        exchange(cart.address, &request("GET", path, "", b""));
        agent.wait_for_push(&stage, "cart", &format!("GET {path}"));
    }
    agent.until("each of its calls is known as such", || {
        let made = stage.platform.recorded().len() as u64;
        made > 4 && exchanges(&agent, "own_calls") == made
    });
    assert_eq!(agent.service("shop/pay")["requests"].as_u64().unwrap_or_default(), 0);
    assert_eq!(stage.listed("pay"), Vec::<String>::new());

    // The same call by somebody else is traffic.
    exchange(platform, &request("GET", "/v1/applications", AGENT, b""));
    agent.wait_for("HTTP REQUEST: GET /v1/applications (service=pay)");
    agent.stop();
}
