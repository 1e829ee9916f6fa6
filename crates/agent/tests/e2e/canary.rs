//! Requests of the agent's own, by which it notices that it does not see any more.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use serde_json::Value;

use crate::support::{Agent, Cgroup, HEALTH, Server, Stage, exchange, request, text};

/// So that nobody waits.
const OFTEN: [&str; 2] = ["--canary-seconds", "1"];

/// Returns how many requests were sent to be seen, how many were, and how many exchanges were counted as such.
fn counts(agent: &Agent) -> [u64; 3] {
    let names = ["canary_sent_total", "canary_seen_total", "exchanges_by_way_total{way=\"canary\"}"];
    names.map(|name| agent.metric(name).unwrap_or_default())
}

/// Waits until it sees its requests, and sees to it that nothing else comes of them.
#[track_caller]
fn sees(agent: &Agent) {
    let before = counts(agent)[1];
    agent.until("it sees its own requests", || counts(agent)[1] > before + 1);
    assert_eq!(agent.health("/readyz"), (200, "ok\n".into()));
    let status = agent.status();
    assert!(status["canary"].as_str().unwrap().contains("requests of the agent's own were seen"), "{status}");
    let own = |server: &&Value| **server != HEALTH.to_string();
    let servers: Vec<_> =
        status["unknown_servers"].as_array().unwrap().iter().map(|entry| &entry[0]).collect();
    assert_eq!(servers.iter().filter(|server| own(server)).count(), 0, "{servers:?}");
    assert!(!agent.log().contains("traffic-monitor-canary"), "{}", agent.log());
}

/// Waits until it says that it does not see.
#[track_caller]
fn says_that_it_is_blind(agent: &Agent) {
    agent.wait_for("ERROR capture is blind: 2 requests of the agent's own in a row were not seen (");
    let (status, why) = agent.health("/readyz");
    assert!(status == 503 && why.starts_with("capture is blind: "), "{status} {why}");
    let table = agent.ask(&["status"]);
    assert!(table.contains("ERROR: capture is blind: "), "{table}");
    assert_eq!(agent.metric("canary_blind"), Some(1));
    assert_eq!(agent.health("/healthz").0, 200, "a restart is not forced");
    let [sent, seen, _] = counts(agent);
    assert!(sent >= seen + 2, "{sent} {seen}");
}

/// Gives loopback another name: what is captured by its name is not there then, and traffic goes on.
#[track_caller]
fn rename(from: &str, to: &str) {
    for step in
        [&["link", "set", from, "down"][..], &["link", "set", from, "name", to], &["link", "set", to, "up"]]
    {
        let output = Command::new("ip").args(step).output().unwrap();
        assert!(output.status.success(), "{step:?}: {}", text(&output.stderr));
    }
}

#[test]
fn packets_that_are_not_seen_any_more_are_said_and_so_is_that_they_are_again() {
    let stage = Stage::live();
    stage.write_services(&[]);
    stage.write_config(&[]);
    let agent = Agent::start(&stage, &OFTEN);
    sees(&agent);
    rename("lo", "other");
    says_that_it_is_blind(&agent);
    rename("other", "lo");
    agent.wait_for("Capture sees again");
    sees(&agent);
    let [_, seen, counted] = counts(&agent);
    assert!(counted >= seen, "{seen} {counted}");
    assert_eq!(agent.status()["services"], Value::Array(Vec::new()));
    agent.stop();
    assert_eq!(stage.pushes(), Vec::<String>::new());
}

/// Takes the programs of a cgroup away, as another program of the node could.
#[track_caller]
fn detach(cgroup: &Cgroup) {
    let id = cgroup.path().metadata().unwrap().ino();
    let bpftool = |args: &[&str]| {
        let output = Command::new("bpftool").args(["--json", "link"]).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()
    };
    let links = bpftool(&["list"]);
    let ours: Vec<_> = links.as_array().unwrap().iter().filter(|link| link["cgroup_id"] == id).collect();
    assert_eq!(ours.len(), 2, "{links}");
    ours.iter().for_each(|link| drop(bpftool(&["detach", "id", &link["id"].to_string()])));
}

#[test]
fn sockets_that_are_not_seen_any_more_are_said() {
    let stage = Stage::live();
    let (shop, own) = (Cgroup::new("shop"), Cgroup::new("agent"));
    stage.write_config(&[]);
    let service = format!("{}=shop/cart", shop.path().display());
    let agent = Agent::start_at_sockets_in(&stage, &own, &service, &OFTEN);
    sees(&agent);
    assert_eq!(own.programs(), 2);
    // What others ask the agent is no traffic of a Service, and no unknown server.
    agent.until("the questions for its health are its own", || {
        agent.metric("exchanges_by_way_total{way=\"own_calls\"}").is_some_and(|count| count > 0)
    });
    assert_eq!(agent.status()["unknown_servers"], Value::Array(Vec::new()));
    detach(&own);
    says_that_it_is_blind(&agent);
    agent.stop();
}

#[test]
fn where_it_cannot_test_itself_it_says_so_and_is_ready() {
    let stage = Stage::live();
    let (shop, outer) = (Cgroup::new("shop"), Cgroup::new("outer"));
    let inner = Cgroup::at(&outer.path().join("inner"));
    stage.write_config(&[]);
    let service = format!("{}=shop/cart", shop.path().display());
    let agent = Agent::start_at_sockets_in(&stage, &outer, &service, &OFTEN);
    agent.until("the configuration is read", || agent.health("/readyz").0 == 200);
    let said = agent.status()["canary"].as_str().unwrap().to_owned();
    assert!(
        said.starts_with("none: the agent runs in the cgroup ") && said.contains("which holds others"),
        "{said}"
    );
    assert_eq!((outer.programs(), counts(&agent)), (0, [0, 0, 0]));
    agent.stop();
    drop(inner);
}

#[test]
fn its_requests_are_none_of_those_of_a_service() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &OFTEN);
    sees(&agent);
    exchange(cart.address, &request("GET", "/traffic-monitor-canary", "", b""));
    // By anybody else the same request is one.
    agent.wait_for_push(&stage, "cart", "GET /traffic-monitor-canary");
    assert_eq!(agent.service("shop/cart")["requests"], 1);
    agent.stop();
}
