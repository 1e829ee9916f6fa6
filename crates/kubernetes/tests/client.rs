//! The real client against the test API server: what is watched, decoded, survived.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use apiserver::{ApiServer, Faults};
use decode::Timestamp;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use identify::cluster::Cluster;
use identify::{Answer, Directory, ServiceName};
use serde_json::{Value, json};
use tokio::time::timeout;
use traffic_monitor_kubernetes as kubernetes;
use traffic_monitor_kubernetes::{Kind, News, VERBS};

/// How long anything may take here; the client's longest pause between tries is shorter.
const PATIENCE: Duration = Duration::from_secs(30);

struct Node {
    server: ApiServer,
    news: BoxStream<'static, News>,
    cluster: Cluster,
    errors: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Node {
    /// A client of a server that has these objects, for node `n1`.
    async fn start(objects: &[Value], faults: Faults) -> Node {
        let server = ApiServer::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
        objects.iter().for_each(|object| server.put(object.clone()));
        server.set_faults(faults);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, server.kubeconfig()).unwrap();
        let client = kubernetes::ApiServer::from_kubeconfig(&path).await.unwrap();
        let news = client.watch("n1").boxed();
        Node { server, news, cluster: Cluster::default(), errors: Vec::new(), _folder: folder }
    }

    fn directory(&self) -> Directory {
        self.cluster.directory(&HashSet::new())
    }

    fn ask(&self, server: &str) -> String {
        match self.directory().identify(server.parse().unwrap(), Timestamp::EPOCH, || None) {
            Answer::Service(service, _) => service.to_string(),
            Answer::Ambiguous(all) => format!("{} of them", all.len()),
            Answer::Unknown => "-".into(),
        }
    }

    async fn next(&mut self) {
        let news = timeout(PATIENCE, self.news.next()).await;
        let news = news.unwrap_or_else(|_| panic!("no news in time, after {:?}", self.errors));
        let news = news.expect("watches never end");
        match news.what {
            Ok(change) => {
                self.cluster.apply(change);
            }
            Err(error) => self.errors.push(format!("{}: {error}", news.kind)),
        }
    }

    /// Takes news until a request to this address is named so.
    async fn until(&mut self, server: &str, name: &str) {
        while self.ask(server) != name {
            self.next().await;
        }
    }

    async fn until_error(&mut self, words: &str) {
        while !self.errors.iter().any(|error| error.contains(words)) {
            self.next().await;
        }
    }
}

/// The API group and the resource of a kind.
fn right(kind: Kind) -> (String, String) {
    (kind.group().to_owned(), kind.resource().to_owned())
}

fn service(name: &str, target: &Value) -> Value {
    json!({"kind": "Service", "metadata": {"name": name, "namespace": "shop",
            "annotations": {"apisec.ai/application-id": format!("app-{name}"), "apisec.ai/instance-id": " i1 "}},
        "spec": {"selector": {"app": name}, "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1", "fd00:96::1"],
            "externalIPs": ["203.0.113.9"], "type": "NodePort",
            "ports": [{"name": "web", "port": 80, "targetPort": target, "nodePort": 30080, "protocol": "TCP"},
                {"name": "quic", "port": 443, "protocol": "UDP"}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.7"}, {"hostname": "lb.example.com"}]}}})
}

fn pod(name: &str, app: &str, node: &str, ips: &[&str]) -> Value {
    let ips: Vec<_> = ips.iter().map(|ip| json!({"ip": ip})).collect();
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": app},
            "creationTimestamp": "2026-01-06T10:00:00Z",
            "managedFields": [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1"}]},
        "spec": {"nodeName": node, "containers": [{"name": "c",
            "ports": [{"name": "http", "containerPort": 8080}, {"name": "http", "containerPort": 53, "protocol": "UDP"}]}]},
        "status": {"phase": "Running", "podIP": ips.first().map(|ip| ip["ip"].clone()), "podIPs": ips}})
}

fn slice(name: &str, service: &str, manager: &str, address: &str, node: Option<&str>) -> Value {
    json!({"kind": "EndpointSlice", "metadata": {"name": name, "namespace": "shop",
            "labels": {"kubernetes.io/service-name": service, "endpointslice.kubernetes.io/managed-by": manager}},
        "addressType": "IPv4", "ports": [{"port": 9000, "protocol": "TCP", "name": ""}],
        "endpoints": [{"addresses": [address], "nodeName": node, "conditions": {"ready": true}}]})
}

#[tokio::test]
async fn services_pods_and_slices_become_names() {
    let mut node = Node::start(
        &[
            service("cart", &json!("http")),
            pod("cart-1", "cart", "n1", &["10.0.0.2", "fd00::2"]),
            pod("cart-2", "cart", "n2", &["10.0.1.2"]),
            json!({"kind": "Service", "metadata": {"name": "legacy", "namespace": "shop"},
                "spec": {"ports": [{"port": 80}], "clusterIP": "10.96.0.2"}}),
            json!({"kind": "Service", "metadata": {"name": "elsewhere", "namespace": "shop"},
                "spec": {"type": "ExternalName", "externalName": "api.example.com"}}),
            slice("a", "legacy", "people", "203.0.113.5", None),
            slice("b", "legacy", "people", "10.0.1.77", Some("n2")),
            slice("c", "cart", "endpointslice-controller.k8s.io", "10.0.0.99", Some("n1")),
        ],
        Faults::default(),
    )
    .await;
    node.until("10.0.0.2:8080", "shop/cart").await;
    node.until("203.0.113.5:9000", "shop/legacy").await;
    for (server, name) in [
        ("[fd00::2]:8080", "shop/cart"),
        ("10.96.0.1:80", "shop/cart"),
        ("[fd00:96::1]:80", "shop/cart"),
        ("203.0.113.9:80", "shop/cart"),
        ("198.51.100.7:80", "shop/cart"),
        ("10.96.0.1:443", "-"),
        ("10.0.0.2:53", "-"),
        ("10.0.1.2:8080", "-"),
        ("10.0.1.77:9000", "-"),
        ("10.0.0.99:9000", "-"),
    ] {
        assert_eq!(node.ask(server), name, "{server}");
    }
    let directory = node.directory();
    let cart = directory.services().iter().find(|service| service.name == "cart").unwrap();
    let annotation = directory.annotation(cart).unwrap();
    assert_eq!((&*annotation.application, &*annotation.instance), ("app-cart", "i1"));
    assert_eq!(directory.services().len(), 3);
    assert!(directory.forwards("192.0.2.1:30080".parse().unwrap(), true));
    assert_eq!(node.errors, Vec::<String>::new());
}

#[tokio::test]
async fn changes_are_followed_through_breaks_and_lost_history() {
    let mut node = Node::start(
        &[service("cart", &json!(8080)), pod("cart-1", "cart", "n1", &["10.0.0.2"])],
        Faults::default(),
    )
    .await;
    node.until("10.0.0.2:8080", "shop/cart").await;
    node.server.put(pod("cart-2", "cart", "n1", &["10.0.0.3"]));
    node.until("10.0.0.3:8080", "shop/cart").await;
    node.server.disconnect();
    node.server.put(pod("cart-1", "other", "n1", &["10.0.0.2"]));
    node.until("10.0.0.2:8080", "-").await;
    // A watch that breaks off and may not go on from where it was: everything is listed anew.
    node.server.put(pod("cart-3", "cart", "n1", &["10.0.0.4"]));
    node.server.delete("pods", "shop", "cart-2");
    node.server.compact();
    node.server.disconnect();
    node.until("10.0.0.4:8080", "shop/cart").await;
    node.until("10.0.0.3:8080", "-").await;
    let mut done = pod("cart-3", "cart", "n1", &["10.0.0.4"]);
    done["status"]["phase"] = json!("Succeeded");
    node.server.put(done);
    node.until("10.0.0.4:8080", "-").await;
}

#[tokio::test]
async fn a_server_that_refuses_or_is_slow_is_asked_again() {
    for (code, words) in
        [(401, "the token of the service account is refused"), (403, "ClusterRole"), (503, "503")]
    {
        let faults = Faults { status: Some(code), ..Faults::default() };
        let objects = [service("cart", &json!(8080)), pod("cart-1", "cart", "n1", &["10.0.0.2"])];
        let mut node = Node::start(&objects, faults).await;
        node.until_error(words).await;
        assert!(node.cluster.is_empty());
        node.server.set_faults(Faults { delay: Duration::from_millis(500), ..Faults::default() });
        node.until("10.0.0.2:8080", "shop/cart").await;
    }
}

#[tokio::test]
async fn one_forbidden_kind_does_not_stop_the_others() {
    let faults = Faults { forbidden: Some("endpointslices".into()), ..Faults::default() };
    let objects = [service("cart", &json!(8080)), pod("cart-1", "cart", "n1", &["10.0.0.2"])];
    let mut node = Node::start(&objects, faults).await;
    node.until("10.0.0.2:8080", "shop/cart").await;
    node.until_error("endpointslices is forbidden").await;
}

#[tokio::test]
async fn kubernetes_1_20_has_endpoints_only() {
    let objects: Vec<Value> = include_str!("objects-1.20.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let mut node = Node::start(&objects, Faults { no_slices: true, ..Faults::default() }).await;
    node.until("10.244.0.5:8080", "shop/cart").await;
    node.until("203.0.113.5:9000", "shop/legacy").await;
    assert_eq!(node.ask("10.244.0.5:9999"), "-", "Endpoints that a selector made do not count");
}

#[tokio::test]
async fn what_is_asked_is_what_the_rights_say() {
    let mut asked = BTreeSet::new();
    for no_slices in [false, true] {
        let objects = [service("cart", &json!(8080)), pod("cart-1", "cart", "n1", &["10.0.0.2"])];
        let mut node = Node::start(&objects, Faults { no_slices, ..Faults::default() }).await;
        node.until("10.0.0.2:8080", "shop/cart").await;
        let kinds = ["services", "pods", if no_slices { "endpoints" } else { "endpointslices" }];
        let watched = |node: &Node| {
            kinds
                .iter()
                .all(|kind| node.server.asked().iter().any(|a| a.resource == *kind && a.verb == "watch"))
        };
        while !watched(&node) {
            // The streams move only while they are asked.
            let _ = timeout(Duration::from_millis(50), node.news.next()).await;
        }
        for record in node.server.asked() {
            if record.resource == "pods" {
                assert_eq!(record.selectors, "spec.nodeName=n1", "only the pods of this node");
            }
            asked.insert((record.group, record.resource, record.verb));
        }
    }
    let rights = Kind::ALL.into_iter().flat_map(|kind| {
        let (group, resource) = right(kind);
        VERBS.map(|verb| (group.clone(), resource.clone(), verb.to_owned()))
    });
    assert_eq!(asked, rights.collect());
}

/// Ready pods of other nodes than their names suggest, one that is not ready, one of another Service, and a server that is no
/// pod.
fn backends() -> [Value; 4] {
    let pod = |name: &str, node: &str, ready: Option<bool>| {
        json!({"addresses": ["10.0.0.9"], "nodeName": node,
        "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}})
    };
    let slice = |name: &str, service: &str, endpoints: Value| {
        json!({"kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": name, "namespace": "shop", "labels": {"kubernetes.io/service-name": service}},
        "endpoints": endpoints})
    };
    let address = |name: &str, node: &str| {
        json!({"ip": "10.0.0.9", "nodeName": node,
        "targetRef": {"kind": "Pod", "name": name}})
    };
    [
        slice("one", "cart", json!([pod("cart-b", "n1", Some(true)), pod("cart-a", "n3", Some(false))])),
        slice(
            "two",
            "cart",
            json!([pod("cart-c", "n3", None), pod("cart-aa", "n2", Some(true)),
            pod("cart-d", "n2", Some(true)), {"addresses": ["10.0.0.1"], "nodeName": "n0", "conditions": {}}]),
        ),
        slice("other", "pay", json!([pod("a", "n9", Some(true))])),
        json!({"kind": "Endpoints", "metadata": {"name": "cart", "namespace": "shop"}, "subsets": [
            {"addresses": [address("cart-b", "n1"), address("cart-aa", "n2")],
                "notReadyAddresses": [address("a", "n3")]}]}),
    ]
}

#[tokio::test]
async fn nodes_of_a_service_are_in_the_order_of_their_first_ready_pods() {
    let cart = ServiceName { namespace: "shop".into(), name: "cart".into() };
    for (no_slices, expected) in [(false, &["n0", "n2", "n1", "n3"][..]), (true, &["n2", "n1"])] {
        let node = Node::start(&backends(), Faults { no_slices, ..Faults::default() }).await;
        let path = node._folder.path().join("kubeconfig");
        let client = kubernetes::ApiServer::from_kubeconfig(&path).await.unwrap();
        assert_eq!(client.nodes(&cart).await.unwrap(), expected);
        // It is asked for one Service, and for nothing that the role does not allow.
        for asked in node.server.asked() {
            assert_eq!(asked.verb, "list");
            assert!(
                Kind::ALL.map(right).contains(&(asked.group.clone(), asked.resource.clone())),
                "{asked:?}"
            );
            assert!(asked.selectors.ends_with("=cart"), "{asked:?}");
        }
        let missing = ServiceName { namespace: "shop".into(), name: "no".into() };
        assert!(client.nodes(&missing).await.unwrap().is_empty());
    }
    let refused = Node::start(&[], Faults { status: Some(403), ..Faults::default() }).await;
    let client =
        kubernetes::ApiServer::from_kubeconfig(&refused._folder.path().join("kubeconfig")).await.unwrap();
    assert!(client.nodes(&cart).await.unwrap_err().to_string().contains("daemonset.yaml"));
}

#[tokio::test]
async fn names_and_rights_for_setup_and_check() {
    let objects: Vec<_> = (0..1200).map(|n| service(&format!("s{n:04}"), &json!(80))).collect();
    let node = Node::start(&objects, Faults { forbidden: Some("pods".into()), ..Faults::default() }).await;
    let client =
        kubernetes::ApiServer::from_kubeconfig(&node._folder.path().join("kubeconfig")).await.unwrap();
    let names = client.services().await.unwrap();
    assert_eq!((names.len(), names[7].to_string()), (1200, "shop/s0007".to_owned()));
    assert_eq!(client.version().await.unwrap(), "1.33");
    assert!(client.may("list", Kind::Services).await.unwrap());
    assert!(!client.may("list", Kind::Pods).await.unwrap());
}

/// Churn: hundreds of changes, and in the end every address has the name that the server's objects give it.
#[tokio::test]
async fn churn_ends_in_the_right_names() {
    let mut node = Node::start(&[], Faults::default()).await;
    for app in 0..5 {
        node.server.put(service(&format!("app{app}"), &json!(8080)));
    }
    let mut owners = vec![None; 20];
    for step in 0..400_usize {
        let slot = step * 7 % 20;
        let address = format!("10.0.0.{}", 10 + slot);
        let name = format!("pod-{slot}");
        if step % 3 == 2 {
            node.server.delete("pods", "shop", &name);
            owners[slot] = None;
        } else {
            let app = step % 5;
            node.server.put(pod(&name, &format!("app{app}"), "n1", &[&address]));
            owners[slot] = Some(app);
        }
        if step % 50 == 49 {
            node.server.disconnect();
        }
        let _ = timeout(Duration::from_millis(2), node.next()).await;
    }
    for (slot, owner) in owners.iter().enumerate() {
        let name = owner.map_or("-".to_owned(), |app| format!("shop/app{app}"));
        node.until(&format!("10.0.0.{}:8080", 10 + slot), &name).await;
    }
}

#[test]
fn the_role_of_the_daemonset_is_what_the_rights_say() {
    let manifest = include_str!("../../../daemonset.yaml");
    let documents: Vec<Value> = serde_saphyr::from_multiple(manifest).unwrap();
    let role = documents.iter().find(|document| document["kind"] == "ClusterRole").unwrap();
    let mut granted = BTreeSet::new();
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    for rule in role["rules"].as_array().unwrap() {
        assert_eq!(texts(&rule["verbs"]), VERBS);
        for group in texts(&rule["apiGroups"]) {
            granted.extend(texts(&rule["resources"]).into_iter().map(|resource| (group.clone(), resource)));
        }
    }
    assert_eq!(granted, Kind::ALL.map(right).into());
}
