//! `--cluster`: several agents, asked through an API server as `kubectl exec` asks them, as one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use apiserver::Faults;
use serde_json::{Value, json};

use crate::support::{Agent, Cluster, Server, Stage, exchange, monitor, program, request, text, word};
use crate::view::{Viewer, names};

/// A pod of the agent, as a DaemonSet makes it.
fn pod(name: &str, node: &str, phase: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "kube-system", "labels": {"app": "traffic-monitor"}},
        "spec": {"nodeName": node, "containers": [{"name": "traffic-monitor"}]}, "status": {"phase": phase}})
}

/// A node with an agent that saw these requests to `shop/cart`.
fn node(paths: &[&str]) -> (Stage, Agent) {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    for path in paths {
        exchange(cart.address, &request("GET", path, "", b""));
    }
    agent.wait_for_rest("shop/cart", paths.len() as u64);
    (stage, agent)
}

/// Runs what a client starts in a pod: the program, which asks the agent with this state folder.
fn run_in(state: &Path, command: &[String]) -> Result<Output, String> {
    assert_eq!(command.first().map(String::as_str), Some("traffic-monitor"));
    let mut program = program();
    program.args(&command[1..]).arg("--state").arg(state);
    program.output().map_err(|error| error.to_string())
}

struct Asker {
    kubeconfig: PathBuf,
}

impl Asker {
    fn ask(&self, args: &[&str]) -> Output {
        let kubeconfig = self.kubeconfig.to_str().unwrap();
        monitor(args.iter().copied().chain(["--cluster", "--kubeconfig", kubeconfig]))
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let output = self.ask(&[args, &["--format", "json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
    }
}

#[test]
fn agents_of_a_cluster_are_asked_and_their_answers_united() {
    let (one, _first) = node(&["/items", "/items", "/only-here?page=1"]);
    let (two, _second) = node(&["/items", "/orders"]);
    let cluster = Cluster::start(&two);
    let states = [one.path("state"), two.path("state")];
    cluster.server.set_programs(move |exec| match (exec.pod.as_str(), exec.container.as_str()) {
        ("agent-a", "traffic-monitor") => run_in(&states[0], &exec.command),
        ("agent-b", "traffic-monitor") => run_in(&states[1], &exec.command),
        _ => Err("container not found".into()),
    });
    for (name, node, phase) in [
        ("agent-a", "node-1", "Running"),
        ("agent-b", "node-2", "Running"),
        ("agent-c", "node-3", "Pending"),
        ("agent-d", "node-4", "Running"),
    ] {
        cluster.server.put(pod(name, node, phase));
    }
    let mut stranger = pod("other", "node-1", "Running");
    stranger["metadata"]["labels"]["app"] = json!("shop");
    cluster.server.put(stranger);
    let asker = Asker { kubeconfig: two.path("kubeconfig") };

    let status = asker.json(&["status"]);
    let cart = &status["services"][0];
    assert_eq!(
        (&cart["service"], &cart["requests"], &cart["endpoints"]),
        (&json!("shop/cart"), &json!(5), &json!(3))
    );
    assert_eq!(cart["pushed"], 3, "{cart}");
    let of_nodes = |list: &Value, key: &str| -> Vec<String> {
        let field = |line: &Value| format!("{} {}", line["node"].as_str().unwrap(), line[key]);
        list.as_array().unwrap().iter().map(field).collect()
    };
    assert_eq!(of_nodes(&status["agents"], "requests"), ["node-1 3", "node-2 2"]);
    let silent = of_nodes(&status["silent"], "why");
    assert_eq!(silent, ["node-3 \"its pod is Pending\"", "node-4 \"container not found\""]);

    let table = text(&asker.ask(&["status"]).stdout).to_owned();
    assert!(table.contains("2 of 4 agents answered"), "{table}");
    assert!(table.contains("ERROR: no answer of node-4: container not found"), "{table}");

    let explained = asker.ask(&["explain", "/orders"]);
    let words = text(&explained.stdout);
    assert!(
        explained.status.success() && words.contains("on node node-2:\nGET /orders of shop/cart"),
        "{words}"
    );
    assert!(words.contains("Nothing is known of it on 1 other node"), "{words}");
    let unknown = asker.ask(&["explain", "/nowhere"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", text(&unknown.stdout));

    let exported = asker.json(&["export"]);
    let paths: Vec<&str> = exported["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, ["/items", "/only-here", "/orders"]);
    assert_eq!(exported["paths"]["/items"]["get"]["x-requests"], 3);

    let page = Viewer::start(&[Path::new("--cluster"), Path::new("--kubeconfig"), &asker.kubeconfig]);
    let state = page.json("api/state?epoch=0&since=0");
    assert_eq!((&state["kind"], names(&state).len()), (&json!("cluster"), 3), "{state}");
    assert_eq!(of_nodes(&state["nodes"], "version").len(), 2);
    assert!(
        state["unseen"]["remarks"].to_string().contains("The agent of node-4 does not answer"),
        "{state}"
    );
    let items = state["endpoints"].as_array().unwrap().iter().find(|one| one["path"] == "/items").unwrap();
    assert_eq!(items["requests"], 3);
    let endpoint = page.json(&format!("api/endpoint?id={}", items["id"].as_str().unwrap()));
    assert_eq!(endpoint["requests"], 2, "as the agent has it that saw most of it");
    assert!(page.text("api/openapi?service=shop/cart").contains("/orders"));
    assert!(page.text("api/explain?subject=/orders").contains("GET"));
}

/// Paths of the agent that all pods are.
const PATHS: usize = 300;
const PODS: usize = 500;
/// The most writable memory that asking may take, in KiB.
const LIMIT_KIB: usize = 256 << 10;

#[test]
#[ignore = "long"]
fn five_hundred_agents_are_asked_within_256_mib() {
    let paths: Vec<String> = (0..PATHS).map(|number| format!("/{}/items", word(number))).collect();
    let (stage, _agent) = node(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let cluster = Cluster::start(&stage);
    // It is one agent that all are: it answers no more than eight at a time.
    let state = Mutex::new(stage.path("state"));
    cluster.server.set_programs(move |exec| run_in(&state.lock().unwrap(), &exec.command));
    for number in 0..PODS {
        cluster.server.put(pod(&format!("agent-{number}"), &format!("node-{number}"), "Running"));
    }
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -d {LIMIT_KIB} && exec \"$0\" \"$@\"")])
        .args([
            env!("CARGO_BIN_EXE_traffic-monitor"),
            "status",
            "--cluster",
            "--format",
            "json",
            "--kubeconfig",
        ])
        .arg(stage.path("kubeconfig"))
        .output()
        .unwrap();
    let status: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    assert_eq!(status["agents"].as_array().unwrap().len(), PODS, "{}", status["silent"]);
    assert_eq!(
        (&status["services"][0]["endpoints"], &status["services"][0]["requests"]),
        (&json!(PATHS), &json!(PATHS * PODS))
    );
}

#[test]
fn mappings_that_differ_and_missing_rights_are_said() {
    let (one, first) = node(&["/items"]);
    let (two, _second) = node(&["/items"]);
    one.write_config(&["cart", "basket"]);
    first.reconfigure(&one, &one.config(&["cart", "basket"]));
    let cluster = Cluster::start(&two);
    let states = [one.path("state"), two.path("state"), two.path("state")];
    cluster
        .server
        .set_programs(move |exec| run_in(&states[usize::from(exec.pod.as_bytes()[6] - b'a')], &exec.command));
    let asker = Asker { kubeconfig: two.path("kubeconfig") };
    let nobody = asker.ask(&["status"]);
    assert!(
        text(&nobody.stderr).contains("no pod in namespace kube-system has the labels app=traffic-monitor")
    );
    for (name, node) in [("agent-a", "node-1"), ("agent-b", "node-2"), ("agent-c", "node-3")] {
        cluster.server.put(pod(name, node, "Running"));
    }
    let table = text(&asker.ask(&["status"]).stdout).to_owned();
    let said = table.lines().find(|line| line.starts_with("WARN: ")).unwrap_or_else(|| panic!("{table}"));
    assert!(said.starts_with("WARN: node-1 has mappings ") && said.contains("basket"), "{said}");

    cluster.server.set_faults(Faults { forbidden: Some("pods/exec".into()), ..Faults::default() });
    let refused = asker.ask(&["status"]);
    assert!(!refused.status.success());
    let why = text(&refused.stderr);
    assert!(why.contains("none of 3 agents answered") && why.contains("create pods/exec"), "{why}");
    cluster.server.set_faults(Faults { forbidden: Some("pods".into()), ..Faults::default() });
    let refused = asker.ask(&["status"]);
    assert!(text(&refused.stderr).contains("the right to list pods"), "{}", text(&refused.stderr));
}
