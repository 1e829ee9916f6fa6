//! The deployment guide by its own commands: `setup`, `kubectl apply`, an agent on what a kubelet would mount, log lines,
//! endpoints on the platform, and 'Updating Configuration' without a restart.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Agent, Cluster, KEY, Server, Stage, exchange, program, request, text};

/// The volumes that a kubelet mounts, and how often they were swapped.
#[derive(Default)]
struct Volumes {
    swaps: u32,
}

impl Volumes {
    /// Puts what the objects hold into the volumes, as a kubelet does: a new folder, and a link that is swapped.
    fn mount(&mut self, cluster: &Cluster, stage: &Stage) {
        self.swaps += 1;
        for (resource, name) in
            [("configmaps", "traffic-monitor-config"), ("secrets", "traffic-monitor-api-key")]
        {
            let volume = stage.path(resource);
            let new = volume.join(format!("..{}", self.swaps));
            fs::create_dir_all(&new).unwrap();
            let object = cluster.server.get(resource, "kube-system", name).unwrap_or_default();
            for (key, value) in object["data"].as_object().into_iter().flatten() {
                fs::write(new.join(key), value.as_str().unwrap()).unwrap();
                let link = volume.join(key);
                if !link.exists() {
                    symlink(Path::new("..data").join(key), &link).unwrap();
                }
            }
            symlink(format!("..{}", self.swaps), volume.join("..tmp")).unwrap();
            fs::rename(volume.join("..tmp"), volume.join("..data")).unwrap();
        }
    }
}

/// `kubectl` as the guide has it, in the stage's folder.
#[track_caller]
fn kubectl(stage: &Stage, args: &[&str]) -> String {
    let output = Command::new("kubectl")
        .args(args)
        .current_dir(stage.folder.path())
        .env("KUBECONFIG", stage.path("kubeconfig"))
        .env("HOME", stage.folder.path())
        .output()
        .expect("this test needs kubectl");
    assert!(output.status.success(), "kubectl {args:?}: {}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

/// `setup` in a pipe, in the stage's folder.
#[track_caller]
fn setup(stage: &Stage, lines: &[&str]) {
    stage.write("answers", lines.join("\n") + "\n");
    let output = program()
        .args(["setup", "--allow-http", "--url", &stage.platform.url()])
        .env("KUBECONFIG", stage.path("kubeconfig"))
        .current_dir(stage.folder.path())
        .stdin(fs::File::open(stage.path("answers")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = [text(&output.stdout), text(&output.stderr)].concat();
    assert!(!shown.contains(KEY), "{shown}");
}

fn service(name: &str, port: u16) -> Value {
    json!({"kind": "Service", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "clusterIP": "10.96.0.10",
            "ports": [{"port": 80, "targetPort": port, "protocol": "TCP"}]}})
}

fn pod(name: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": format!("{name}-1"), "namespace": "shop", "labels": {"app": name}},
        "spec": {"nodeName": "n1", "hostNetwork": true, "containers": [{"name": "c"}]},
        "status": {"phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}]}})
}

fn get(server: SocketAddr, path: &str) {
    exchange(server, &request("GET", path, "", b""));
}

#[test]
fn the_guide_from_setup_to_updating_configuration() {
    let stage = Stage::live();
    let (cluster, mut volumes) = (Cluster::start(&stage), Volumes::default());
    let (cart, pay) = (Server::start(), Server::start());
    for (name, server) in [("cart", &cart), ("pay", &pay)] {
        cluster.server.put(service(name, server.address.port()));
        cluster.server.put(pod(name));
    }
    assert!(kubectl(&stage, &["get", "services", "--all-namespaces"]).contains("cart"));

    // Steps 2 and 3.
    setup(&stage, &[KEY, "cart", "app-cart", "inst-cart", "", "y"]);
    kubectl(&stage, &["apply", "-f", "configmap.yaml"]);
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../daemonset.yaml");
    kubectl(&stage, &["apply", "-f", manifest.to_str().unwrap()]);
    assert!(
        kubectl(&stage, &["get", "daemonset", "-n", "kube-system", "traffic-monitor"])
            .contains("traffic-monitor")
    );
    volumes.mount(&cluster, &stage);

    // Step 4: what the DaemonSet starts, on what it mounts.
    let daemonset = cluster.server.get("daemonsets", "kube-system", "traffic-monitor").unwrap();
    let container = &daemonset["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["args"], json!(["run"]));
    let agent = Agent::start_in_pod(&stage);
    agent.wait_for("2 Services");
    agent.settle();
    get(cart.address, "/api/v1/users");
    agent.wait_for_push(&stage, "cart", "GET /api/v1/users");
    agent.wait_for("\u{2713} Successfully parsed HTTP REQUEST: GET /api/v1/users (service=cart)");
    let done =
        "\u{2713} Done! Pushed endpoint to dev website: GET /api/v1/users (service=cart) namespace=shop";
    assert!(agent.messages().iter().any(|line| line == done), "{}", agent.log());
    get(pay.address, "/api/v1/payments");
    agent.wait_for("No mapping found for service 'pay' in namespace 'shop'");
    agent.wait_for("but the platform has an application of this name");
    agent.wait_for(r#""shop/pay": {"appId":"app-pay","instanceId":"inst-pay"}"#);

    // 'Add/Remove Service Mappings', taken in without a restart.
    setup(&stage, &["", "pay", "app-pay", "inst-pay", "", "y"]);
    kubectl(&stage, &["apply", "-f", "configmap.yaml"]);
    volumes.mount(&cluster, &stage);
    agent.wait_for_push(&stage, "pay", "GET /api/v1/payments");

    // A mapping by annotations: the config wins, what it does not name follows them.
    let mut annotated = service("cart", cart.address.port());
    annotated["metadata"]["annotations"] =
        json!({"apisec.ai/application-id": "app-other", "apisec.ai/instance-id": "inst-other"});
    cluster.server.put(annotated);

    // A broken version is refused, the last good one stays.
    let good = cluster.server.get("configmaps", "kube-system", "traffic-monitor-config").unwrap();
    let mut broken = good.clone();
    broken["data"]["service_config.json"] = json!("{\"serviceMappings\": {,}}");
    cluster.server.put(broken);
    volumes.mount(&cluster, &stage);
    agent.wait_for("The last good configuration stays in force");
    get(cart.address, "/api/v1/orders");
    agent.wait_for_push(&stage, "cart", "GET /api/v1/orders");
    cluster.server.put(good);

    // 'Update API Key': a wrong one stops the push, the right one goes on with it.
    let set_key = |key: &str| {
        let mut secret = cluster.server.get("secrets", "kube-system", "traffic-monitor-api-key").unwrap();
        secret["data"]["apiKey"] = json!(key);
        cluster.server.put(secret);
    };
    set_key("wrong-key");
    volumes.mount(&cluster, &stage);
    let changes = || agent.log().matches("Configuration changed").count();
    agent.until("the new key is read", || changes() == 2);
    get(cart.address, "/api/v1/baskets");
    agent.wait_for("does not accept the API key");
    let mut secret = cluster.server.get("secrets", "kube-system", "traffic-monitor-api-key").unwrap();
    secret["data"]["apiKey"] = json!(KEY);
    cluster.server.put(secret);
    volumes.mount(&cluster, &stage);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/baskets");
    stage.assert_contract();
    let log = agent.stop();
    assert!(!log.contains(KEY) && !log.contains("wrong-key"), "{log}");
}

#[test]
fn until_the_cluster_is_known_a_host_names_nothing() {
    let stage = Stage::live();
    let cluster = Cluster::start(&stage);
    let faults = apiserver::Faults { forbidden: Some("pods".into()), ..apiserver::Faults::default() };
    cluster.server.set_faults(faults);
    let cart = Server::start();
    cluster.server.put(service("cart", cart.address.port()));
    cluster.server.put(pod("cart"));
    fs::create_dir(stage.path("configmaps")).unwrap();
    stage.write("configmaps/service_config.json", stage.config(&["cart"]).to_string());
    let agent = Agent::start_in_pod(&stage);
    agent.wait_for("pods is forbidden");
    let ask =
        || exchange(cart.address, b"GET /api/v1/users HTTP/1.1\r\nHost: cart\r\nConnection: close\r\n\r\n");
    ask();
    agent.wait_for("Skipping unknown service at");
    assert!(agent.ask(&["status"]).contains("no Service can be named yet"), "{}", agent.ask(&["status"]));
    assert_eq!(stage.pushes(), Vec::<String>::new());
    assert_eq!(agent.service("cart")["requests"].as_u64().unwrap_or(0), 0);
    let (status, says) = agent.health("/readyz");
    assert!(status == 503 && says.contains("no view of Kubernetes"), "{status} {says}");

    // One kind that is refused is enough to be said, not to stop the names of the others.
    let faults =
        apiserver::Faults { forbidden: Some("endpointslices".into()), ..apiserver::Faults::default() };
    cluster.server.set_faults(faults);
    cluster.server.disconnect();
    agent.wait_for("1 Service, 1 pod on this node");
    agent.settle();
    ask();
    agent.wait_for("GET /api/v1/users (service=cart)");
    assert_eq!(agent.health("/readyz").0, 200);
    agent.until("the view kept", || stage.path("state/names.json").exists());
    let log = agent.stop();
    assert!(!log.contains("Status {"), "an answer in the words of a debugger: {log}");
    assert!(!log.contains("client error"), "a library's words: {log}");

    // Started while the API server refuses, the agent names servers as they were, and pushes nothing.
    let faults = apiserver::Faults { forbidden: Some("pods".into()), ..apiserver::Faults::default() };
    cluster.server.set_faults(faults);
    cluster.server.disconnect();
    let before = stage.pushes();
    let agent = Agent::start_in_pod(&stage);
    agent.wait_for("1 Service, 1 pod on this node, as they were");
    agent.wait_for("pods is forbidden");
    assert_eq!(agent.health("/readyz").0, 200);
    agent.settle();
    exchange(cart.address, b"GET /api/v1/later HTTP/1.1\r\nHost: cart\r\nConnection: close\r\n\r\n");
    agent.wait_for("GET /api/v1/later (service=cart)");
    let status = agent.ask(&["status"]);
    assert!(status.contains("nothing is pushed until that is confirmed"), "{status}");
    assert_eq!(stage.pushes(), before);
    cluster.server.set_faults(apiserver::Faults::default());
    cluster.server.disconnect();
    agent.wait_for_push(&stage, "cart", "GET /api/v1/later");
    agent.stop();
}
