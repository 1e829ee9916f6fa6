//! Servers whose Service nobody can name, or of which two have a claim: what log, `status` and `explain` say, on a node of a cluster.

use serde_json::{Value, json};

use crate::node::{Cluster, Node, curl, nginx, pod, requests, service};
use crate::support::{Agent, Stage};

/// Curl with this `Host`.
fn ask(node: &Node, server: &str, host: &str) {
    let url = format!("http://{server}/api/v1/things/1");
    let mut command = node.net.command("curl");
    let header = format!("Host: {host}");
    let status = command.args(["-sS", "--fail", "-o", "/dev/null", "-H", &header, &url]).status().unwrap();
    assert!(status.success(), "{url}");
}

fn lines(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

#[test]
fn servers_without_a_name_and_with_two_are_said() {
    let stage = Stage::live();
    let mut node = Node::new(7);
    let (cart, cart_ip) = node.pod();
    let (worker, worker_ip) = node.pod();
    let _cart = nginx(&cart, &stage.path("cart"), "8080");
    let _worker = nginx(&worker, &stage.path("worker"), "8080");
    let _kubelet = nginx(&node.net, &stage.path("host"), "10250");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let api = Cluster::start(&runtime, &[&node]);
    let twin = |name: &str, cluster_ip: &str, node_port| {
        let mut twin = service(name, cluster_ip, 80, &json!(8080), node_port);
        twin["spec"]["selector"] = json!({"app": "cart"});
        twin
    };
    for object in [
        twin("cart", "10.96.0.10", None),
        twin("stable", "10.96.0.11", Some(30080)),
        service("away", "10.96.0.12", 80, &json!(8080), None),
        pod("cart-a", "cart", "n7", &cart_ip, false),
        pod("worker-a", "worker", "n7", &worker_ip, false),
    ] {
        api.server.put(object);
    }
    stage.write("kubeconfig", api.kubeconfig());
    let mapped = json!({"appId": "a", "instanceId": "i"});
    let mappings = json!({"shop/cart": mapped, "shop/away": mapped, "shop/gone": mapped});
    stage.write("config.json", json!({"serviceMappings": mappings}).to_string());
    let agent = Agent::start_on_node(&stage, "n7", node.net.holder_id(), &stage.path("kubeconfig"));
    agent.wait_for("3 Services");
    agent.settle();

    curl(&node.net, &format!("{worker_ip}:8080"), 3);
    curl(&node.net, "10.0.7.1:10250", 2);
    ask(&node, &format!("{cart_ip}:8080"), "stable");
    ask(&node, &format!("{cart_ip}:8080"), "10.96.0.11");
    ask(&node, &format!("{cart_ip}:8080"), "node-7:30080");
    agent.until("what `Host` names counted", || requests(&agent, "shop/stable") == 3);
    ask(&node, &format!("{cart_ip}:8080"), "www.example.com");
    agent
        .wait_for("requests since last said; it is pod shop/worker-a on this node, which no Service selects");
    agent.wait_for(
        "Ambiguous: 1 requests since last said; shop/cart and shop/stable have the same pods and port",
    );
    agent.until("the ambiguous one counted for the mapped one", || requests(&agent, "shop/cart") == 1);

    let status = agent.status();
    assert_eq!(status["unselected_pods"], json!(["shop/worker-a"]));
    assert_eq!(
        status["unknown_servers"],
        json!([[format!("{worker_ip}:8080"), 3]]),
        "the node's own are none"
    );
    assert!(agent.ask(&["status"]).contains("pods on this node that no Service selects: 1 (shop/worker-a)"));
    let why = |name: &str| agent.service(name)["why"].as_str().unwrap_or_default().to_owned();
    assert_eq!(why("shop/away"), "mapped, and its selector matches no pod on this node");
    assert_eq!(why("shop/gone"), "mapped, and the cluster has no such Service");
    let explain = |subject: &str| -> String {
        let answer: Value =
            serde_json::from_str(&agent.ask(&["explain", subject, "--format", "json"])).unwrap();
        lines(&answer["notes"])
    };
    for subject in [worker_ip.as_str(), "shop/worker-a", "worker-a"] {
        let notes = explain(subject);
        assert!(
            notes.contains("pod shop/worker-a is on this node, and no Service selects it"),
            "{subject}: {notes}"
        );
    }
    assert!(explain("stable").contains("1 requests are ambiguous: shop/cart and shop/stable"));
    let log = agent.stop();
    assert!(!log.contains(":10250"), "{log}");
}
