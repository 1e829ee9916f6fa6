//! `autoOnboardNewServices`: Services without a mapping get an application, once, and the configuration always wins.

use std::process::Command;

use serde_json::{Value, json};
use stand_in::Call;

use crate::support::{Agent, Cluster, KEY, Server, Stage, exchange, request};

fn ask(server: &Server, path: &str) {
    exchange(server.address, &request("GET", path, "", b""));
}

fn config(stage: &Stage, mapped: &[&str], onboard: bool) -> Value {
    let mut config = stage.config(mapped);
    config["autoOnboardNewServices"] = onboard.into();
    config
}

/// `METHOD path` of what an application has, by its name.
fn listed(stage: &Stage, name: &str) -> Vec<String> {
    let found = stage.platform.applications().into_iter().find(|(_, known, _)| known == name);
    let Some((app, _, instances)) = found else { return Vec::new() };
    let listing = instances.iter().flat_map(|instance| stage.platform.listing(&app, instance));
    let mut all: Vec<_> = listing.map(|e| format!("{} {}", e.method.to_uppercase(), e.path)).collect();
    all.sort();
    all
}

/// The state of the mapping of a Service from this source, as `status` shows it.
fn mapping(agent: &Agent, name: &str, source: &str) -> String {
    let status = agent.status();
    let lines = status["mappings"].as_array().unwrap();
    let line = lines.iter().find(|line| line["name"] == name && line["source"] == source);
    line.and_then(|line| line["state"].as_str()).unwrap_or("-").to_owned()
}

#[test]
fn new_services_get_an_application_once_and_the_configuration_wins() {
    let stage = Stage::live();
    let (cart, fresh, probed, stranger) =
        (Server::start(), Server::start(), Server::start(), Server::start());
    stage.write_services(&[("cart", cart.address), ("fresh", fresh.address), ("probed", probed.address)]);
    stage.write("config.json", config(&stage, &[], true).to_string());
    let agent = Agent::start_with(&stage, &[], &[("TRAFFIC_MONITOR_LOG", "trace")]);
    ask(&cart, "/a");
    ask(&fresh, "/b");
    ask(&probed, "/missing/x");
    exchange(stranger.address, &request("GET", "/c", "Host: made-up\r\n", b""));
    agent.wait_for(
        "Service 'cart' in namespace 'shop' is onboarded: application app-cart, instance inst-cart was there",
    );
    agent.wait_for("Service 'fresh' in namespace 'shop' is onboarded");
    agent.until("both are pushed", || {
        !listed(&stage, "cart").is_empty() && !listed(&stage, "fresh").is_empty()
    });
    assert_eq!(mapping(&agent, "shop/fresh", "learned"), "in force");
    assert!(agent.ask(&["status"]).contains("mapping      shop/fresh -> "), "{}", agent.ask(&["status"]));
    let names = || stage.platform.applications().into_iter().map(|(_, name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(), ["cart", "pay", "fresh"], "nothing for what only was probed, or only has a Host");

    // What was learned is known after a kill.
    agent.wait_for_disk();
    let log = agent.log();
    assert!(!log.contains(KEY), "{log}");
    agent.kill();
    stage.platform.clear_recorded();
    let agent = Agent::start(&stage, &[]);
    ask(&fresh, "/later");
    agent.until("pushed", || listed(&stage, "fresh") == ["GET /b", "GET /later"]);
    assert!(stage.calls(Call::Create).is_empty() && stage.calls(Call::Applications).is_empty());

    // A mapping in the configuration wins, and what is known goes there.
    let mut written = config(&stage, &["pay"], true);
    written["serviceMappings"] = json!({"fresh": written["serviceMappings"]["pay"]});
    stage.write("config.json", written.to_string());
    agent.until("pushed", || listed(&stage, "pay") == ["GET /b", "GET /later"]);
    assert_eq!(mapping(&agent, "shop/fresh", "learned"), "not in force: serviceMappings has \"fresh\"");
    // Switched off: nothing that was only learned is pushed to.
    agent.reconfigure(&stage, &config(&stage, &[], false));
    assert!(mapping(&agent, "shop/fresh", "learned").contains("is false"), "{}", agent.log());
    ask(&fresh, "/unmapped");
    agent.until("kept", || agent.service("shop/fresh")["endpoints"] == 3);
    assert_eq!(agent.service("shop/fresh")["mapped"], false, "there is nowhere to push it to");
    assert_eq!(listed(&stage, "fresh").len(), 2);
    stage.assert_contract();
    agent.stop();
}

fn pod(name: &str, node: &str, ip: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": "twins"}},
        "spec": {"nodeName": node, "containers": [{"name": "c"}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]}})
}

fn ready(name: &str, node: &str, ip: &str) -> Value {
    json!({"addresses": [ip], "nodeName": node, "conditions": {"ready": true},
        "targetRef": {"kind": "Pod", "name": name, "namespace": "shop"}})
}

#[test]
fn of_two_nodes_the_one_with_the_first_ready_pod_onboards_and_adds() {
    let stage = Stage::live();
    for ip in ["10.9.0.1", "10.9.0.2"] {
        let status =
            Command::new("ip").args(["addr", "add", &format!("{ip}/32"), "dev", "lo"]).status().unwrap();
        assert!(status.success());
    }
    let servers = ["10.9.0.1:0", "10.9.0.2:0"].map(Server::start_at);
    let [port_one, port_two] = [&servers[0], &servers[1]].map(|server| server.address.port());
    let cluster = Cluster::start(&stage);
    let api = &cluster.server;
    api.put(json!({"kind": "Service", "metadata": {"name": "twins", "namespace": "shop"},
        "spec": {"selector": {"app": "twins"}, "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"],
            "ports": [{"port": 80, "targetPort": port_one, "protocol": "TCP"},
                {"port": 81, "targetPort": port_two, "protocol": "TCP"}]}}));
    api.put(pod("twins-b", "n1", "10.9.0.1"));
    api.put(pod("twins-a", "n2", "10.9.0.2"));
    api.put(json!({"kind": "EndpointSlice", "metadata": {"name": "twins-1", "namespace": "shop",
            "labels": {"kubernetes.io/service-name": "twins",
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}},
        "addressType": "IPv4", "ports": [{"port": port_one, "protocol": "TCP", "name": ""}],
        "endpoints": [ready("twins-b", "n1", "10.9.0.1"), ready("twins-a", "n2", "10.9.0.2")]}));
    let mut config = config(&stage, &[], true);
    config["monitor"]["port"] = 0.into();
    stage.write("config.json", config.to_string());
    let [one, two] = ["n1", "n2"].map(|node| Agent::start_as(&stage, node));
    for agent in [&one, &two] {
        agent.wait_for("1 Service, 1 pod on this node");
        agent.settle();
    }

    // The second in the order sees it first.
    ask(&servers[0], "/twin?page=1");
    one.until("it leaves it to the first", || {
        mapping(&one, "shop/twins", "onboarding").contains("first ready endpoint")
    });
    ask(&servers[1], "/twin?page=1");
    two.wait_for("Service 'twins' in namespace 'shop' is onboarded");
    two.wait_for("Pushed endpoint to dev website: GET /twin ");
    assert!(mapping(&one, "shop/twins", "onboarding").contains("first ready endpoint"), "{}", one.log());
    one.wait_for("Service 'twins' in namespace 'shop' is onboarded");
    assert!(one.log().contains("was there") && two.log().contains("was made for it"));
    one.until("known to be there", || one.service("shop/twins")["verified"] == 1);
    assert_eq!(stage.platform.applications().len(), 3);
    let calls = [Call::Create, Call::Instances, Call::Add, Call::Commit].map(|call| stage.calls(call).len());
    assert_eq!(calls, [1, 1, 1, 1], "each once, by one of the two");
    let order = api.asked().into_iter().filter(|asked| asked.selectors.ends_with("service-name=twins"));
    assert!((2..=6).contains(&order.count()), "the order is asked for when something waits, and kept");
    stage.assert_contract();
    one.stop();
    two.stop();
}

#[test]
fn a_dry_run_says_what_would_be_onboarded_and_asks_nothing() {
    let stage = Stage::live();
    let (cart, pay) = (Server::start(), Server::start());
    stage.write_services(&[("cart", cart.address), ("pay", pay.address)]);
    stage.write("config.json", config(&stage, &[], true).to_string());
    let agent = Agent::start(&stage, &["--dry-run"]);
    // Each is found at a look of its own.
    for (name, server) in [("cart", &cart), ("pay", &pay)] {
        ask(server, "/a");
        agent.wait_for(&format!("Service '{name}' in namespace 'shop' would be onboarded"));
    }
    let log = agent.stop();
    assert_eq!(log.matches("would be onboarded").count(), 2, "{log}");
    assert!(stage.platform.recorded().is_empty());
}
