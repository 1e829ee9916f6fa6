//! Pods of a node, captured from their start to their end.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Nginx, curl};
use crate::node::{Net, service};
use crate::support::{Agent, Cgroup, Cluster, Stage, eventually};

/// A node's tree of cgroups, as the kubelet makes it with systemd.
pub(crate) struct Kubelet {
    // Dropped in this order.
    class: Cgroup,
    _kubepods: Cgroup,
    _node: Cgroup,
}

impl Kubelet {
    pub(crate) fn new() -> Kubelet {
        let node = Cgroup::new("node");
        let kubepods = Cgroup::at(&node.path().join("kubepods.slice"));
        let class = Cgroup::at(&kubepods.path().join("kubepods-burstable.slice"));
        Kubelet { class, _kubepods: kubepods, _node: node }
    }

    /// The cgroup of a pod, and of a container in it.
    pub(crate) fn pod(&self, uid: &str) -> (Cgroup, Cgroup) {
        let name = format!("kubepods-burstable-pod{}.slice", uid.replace('-', "_"));
        let pod = Cgroup::at(&self.class.path().join(name));
        let container = Cgroup::at(&pod.path().join("cri-containerd-0123456789abcdef.scope"));
        (container, pod)
    }
}

/// The whole tree of cgroups is looked through every ten seconds; a pod must be noticed by its own event.
const NOTICED: Duration = Duration::from_secs(5);

/// A UID that no other test has.
pub(crate) fn uid(n: u8) -> String {
    format!("{:08x}-7ab1-4f0e-9d4b-2b6f5c1d8e{n:02x}", std::process::id())
}

pub(crate) fn pod(name: &str, app: &str, uid: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": uid, "labels": {"app": app}},
        "spec": {"nodeName": "n1", "containers": [{"name": "c"}]}, "status": {"phase": "Running"}})
}

#[test]
fn pods_are_captured_from_their_start_to_their_end() {
    let (stage, kubelet) = (Stage::live(), Kubelet::new());
    let cluster = Cluster::start(&stage);
    let api = &cluster.server;
    let (net_cart, net_pay, net_late) = (Net::new(), Net::new(), Net::new());
    let ((inside, cart_pod), (inside_pay, pay_pod)) = (kubelet.pod(&uid(1)), kubelet.pod(&uid(2)));
    // A side-car proxy takes what comes for port 80, and hands it on to the application.
    let listen =
        "listen 15006; location / { proxy_pass http://127.0.0.1:80; } } server { listen 127.0.0.1:80;";
    let cart = Nginx::start_in(inside, &net_cart, &stage.path("cart"), listen, "");
    let pay = Nginx::start_in(inside_pay, &net_pay, &stage.path("pay"), "listen 127.0.0.1:80;", "");
    for name in ["cart", "pay"] {
        api.put(service(name, "10.96.0.10", 80, &json!(80), None));
    }
    api.put(pod("cart-1", "cart", &uid(1)));
    api.put(pod("pay-1", "pay", &uid(2)));
    stage.write_config(&["cart"]);
    let agent = Agent::start_for_pods(&stage);
    agent.wait_for("captures at the sockets of mapped pods");
    agent.wait_for("No mapping found for service 'pay' in namespace 'shop'");
    agent.until("the pod of cart is captured", || cart_pod.programs() == 2);
    assert_eq!(pay_pod.programs(), 0, "nothing runs for a Service that is not mapped");

    net_cart.run(
        "ip addr add 10.9.0.1/32 dev lo
         iptables-legacy -t nat -A OUTPUT -p tcp -d 10.9.0.1 --dport 80 -j REDIRECT --to-ports 15006",
    );
    let before = cart.asked();
    for n in 0..10 {
        curl(&net_cart, &[&format!("http://127.0.0.1:80/api/v1/users/{n}")]);
        curl(&net_cart, &[&format!("http://10.9.0.1:80/api/v1/orders/{n}")]);
        curl(&net_pay, &["http://127.0.0.1:80/api/v1/invoices"]);
    }
    assert_eq!((before, cart.asked(), pay.asked()), (0, 30, 10), "the proxy logs its leg too");
    agent.until("20 requests, each once", || agent.service("shop/cart")["requests"] == 20);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/orders/{orderId}");

    // The API server tells of a pod before it starts.
    api.put(pod("cart-2", "cart", &uid(3)));
    agent.until("it is known", || agent.status()["names"].as_str().unwrap().contains(" 3 pods"));
    agent.settle();
    let start = Instant::now();
    let (inside, late_pod) = kubelet.pod(&uid(3));
    eventually("the new pod is captured", || late_pod.programs() == 2, || agent.log());
    assert!(start.elapsed() < NOTICED, "it took {:?}", start.elapsed());
    let late = Nginx::start_in(inside, &net_late, &stage.path("late"), "listen 127.0.0.1:80;", "");
    curl(&net_late, &["http://127.0.0.1:80/api/v1/late"]);
    agent.until("its request is there", || agent.service("shop/cart")["requests"] == 21);

    // It is deleted, and one that stays loses its Service.
    drop(late);
    drop(late_pod);
    stage.write_config(&[]);
    agent.until("nothing is captured any more", || cart_pod.programs() == 0);
    stage.write_config(&["cart"]);
    agent.until("it is captured again", || cart_pod.programs() == 2);
    assert_eq!(agent.service("shop/pay"), Value::Null, "nothing is known of it");
    agent.kill();
    eventually("the kernel detaches what a killed agent has left", || cart_pod.programs() == 0, String::new);
    curl(&net_cart, &["http://127.0.0.1:80/api/v1/users/1"]);
    drop((cart, pay));
}

#[test]
fn pods_come_and_go_twenty_a_second() {
    let (stage, kubelet, net) = (Stage::live(), Kubelet::new(), Net::new());
    let cluster = Cluster::start(&stage);
    let api = &cluster.server;
    let (inside, cart_pod) = kubelet.pod(&uid(100));
    let cart = Nginx::start_in(inside, &net, &stage.path("cart"), "listen 127.0.0.1:80;", "");
    api.put(service("cart", "10.96.0.10", 80, &json!(80), None));
    api.put(pod("cart-1", "cart", &uid(100)));
    stage.write_config(&["cart"]);
    let agent = Agent::start_for_pods(&stage);
    agent.until("the pod of cart is captured", || cart_pod.programs() == 2);
    for n in 0..40 {
        api.put(pod(&format!("short-{n}"), "cart", &uid(n)));
        let short = kubelet.pod(&uid(n));
        curl(&net, &[&format!("http://127.0.0.1:80/api/v1/users/{n}")]);
        // Most end before they can be captured, some while they are.
        if n % 8 == 0 {
            eventually("the short pod is captured", || short.1.programs() == 2, || agent.log());
        }
    }
    agent.until("all requests", || agent.service("shop/cart")["requests"] == 40);
    assert_eq!((cart.asked(), cart_pod.programs()), (40, 2));
    let log = agent.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

/// As with each restart of a systemd service.
#[test]
fn a_named_cgroup_that_comes_back_is_captured_again() {
    let (stage, net) = (Stage::live(), Net::new());
    let listen = "listen 127.0.0.1:80;";
    let first = Nginx::start(&net, &stage.path("first"), listen, "");
    let path = first.cgroup.path().to_path_buf();
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&first.target("cart")]);
    curl(&net, &["http://127.0.0.1:80/api/v1/before"]);
    agent.until("one request", || agent.service("shop/cart")["requests"] == 1);
    drop(first);
    agent.wait_for("of service 'shop/cart' is gone");
    let again = Nginx::start_in(Cgroup::at(&path), &net, &stage.path("again"), listen, "");
    agent.wait_for("of service 'shop/cart' is back, and captured");
    curl(&net, &["http://127.0.0.1:80/api/v1/after"]);
    agent.until("two requests", || agent.service("shop/cart")["requests"] == 2);
    agent.stop();
    drop(again);
}
