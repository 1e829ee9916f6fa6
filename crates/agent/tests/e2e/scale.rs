//! A large cluster: how soon the first request has a name, and what the names cost.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Agent, Cluster, Server, Stage, exchange, request, within};

const SERVICES: usize = 5_000;
const PODS: usize = 250;
/// From the start of the agent to the first named request.
const FIRST: Duration = Duration::from_secs(3);
/// The agent at its peak, in MiB, without its program: its budget is 160.
const MEMORY: u64 = 85;

#[test]
fn five_thousand_services_are_known_at_once() {
    let stage = Stage::live();
    let cluster = Cluster::start(&stage);
    let server = &cluster.server;
    let cart = Server::start();
    let fields: Vec<_> = (0..20).map(|n| format!("f:field{n}")).collect();
    let managed =
        json!([{"manager": "kubectl", "operation": "Update", "apiVersion": "v1", "fieldsV1": fields}]);
    for n in 0..SERVICES {
        let app = format!("app{n}");
        server.put(json!({"kind": "Service",
            "metadata": {"name": app, "namespace": format!("team{}", n % 50), "managedFields": managed},
            "spec": {"selector": {"app": app}, "clusterIP": format!("10.96.{}.{}", n / 250, n % 250 + 1),
                "ports": [{"port": 80, "targetPort": cart.address.port()}]}}));
    }
    for n in 0..PODS {
        let address = if n == 7 { "127.0.0.1".to_owned() } else { format!("10.0.0.{n}") };
        server.put(json!({"kind": "Pod",
            "metadata": {"name": format!("pod{n}"), "namespace": format!("team{}", n % 50),
                "labels": {"app": format!("app{n}")}, "managedFields": managed},
            "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "x".repeat(200)}]},
            "status": {"phase": "Running", "podIPs": [{"ip": address}]}}));
    }
    std::fs::create_dir(stage.path("configmaps")).unwrap();
    stage.write("configmaps/service_config.json", json!({"serviceMappings": {}}).to_string());
    let start = Instant::now();
    let agent = Agent::start_in_pod(&stage);
    let named = within(FIRST, || {
        exchange(cart.address, &request("GET", "/api/v1/users", "", b""));
        agent.log().contains("(service=app7)")
    });
    assert!(named, "{}", agent.log());
    let (first, peak) = (start.elapsed(), agent.peak_of_its_own_mib());
    assert!(peak < MEMORY, "{peak} MiB, and the first named request after {first:.1?}");
    agent.stop();
}
