//! Nodes whose pods have no cgroup of version 2: their sockets are told by their addresses, and those on loopback by the
//! network in which the addresses were seen.

use serde_json::{Value, json};

use super::server::{Nginx, curl, run};
use crate::node::{Cluster, Net, Node, join, pod, requests, service};
use crate::support::{Agent, Cgroup, Stage, eventually};

/// A node whose processes are all in one cgroup, as far as version 2 knows.
struct OldNode {
    // Dropped in this order.
    own: Cgroup,
    root: Cgroup,
}

impl OldNode {
    fn new() -> OldNode {
        let root = Cgroup::new("old-node");
        OldNode { own: Cgroup::at(&root.path().join("agent")), root }
    }

    fn nginx(&self, name: &str, stage: &Stage, net: &Net, listen: &str) -> Nginx {
        Nginx::start_in(Cgroup::at(&self.root.path().join(name)), net, &stage.path(name), listen, "")
    }

    fn agent(&self, stage: &Stage, name: &str, node: &Node) -> Agent {
        let agent = Agent::start_by_address(stage, name, &node.net, self.root.path(), &self.own);
        agent.wait_for("captures at the sockets of mapped pods, by their addresses");
        agent
    }
}

/// So many requests, each on a connection of its own.
fn ask(net: &Net, server: &str, times: usize) {
    let urls: Vec<_> = (0..times).map(|n| format!("http://{server}/api/v1/things/{n}")).collect();
    let each = urls.iter().flat_map(|url| [url.as_str(), "-o", "/dev/null"]).collect::<Vec<_>>();
    curl(net, &[&["-H", "Connection: close"][..], &each].concat());
}

#[test]
fn pods_without_a_cgroup_are_told_by_their_addresses() {
    let stage = Stage::live();
    let (mut one, mut two) = (Node::new(1), Node::new(2));
    join(&one, &two);
    let (old_one, old_two) = (OldNode::new(), OldNode::new());
    let (client, _) = one.pod();
    let ((net_cart, ip_cart), (net_pay, ip_pay), (net_misc, ip_misc)) = (one.pod(), one.pod(), one.pod());
    let (net_far, ip_far) = two.pod();
    one.proxy("-d 10.96.0.10 --dport 80", &[format!("{ip_cart}:80"), format!("{ip_far}:80")]);
    // A side-car proxy takes what comes from outside, and hands it on to the application over loopback.
    net_cart.run("iptables-legacy -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 15006");
    let sidecar =
        "listen 15006; location / { proxy_pass http://127.0.0.1:80; } } server { listen 127.0.0.1:80;";
    let cart = old_one.nginx("cart", &stage, &net_cart, sidecar);
    let pay = old_one.nginx("pay", &stage, &net_pay, "listen 80;");
    let misc = old_one.nginx("misc", &stage, &net_misc, "listen 80;");
    let host = old_one.nginx("host", &stage, &one.net, "listen 9100; listen [::1]:9100;");
    let far = old_two.nginx("far", &stage, &net_far, "listen 80 deferred;");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let api = Cluster::start(&runtime, &[&one, &two]);
    for object in [
        service("cart", "10.96.0.10", 80, &json!(80), None),
        service("pay", "10.96.0.11", 80, &json!(80), None),
        service("misc", "10.96.0.12", 80, &json!(80), None),
        service("host-api", "10.96.0.13", 9100, &json!(9100), None),
        pod("cart-1", "cart", "n1", &ip_cart, false),
        pod("cart-2", "cart", "n2", &ip_far, false),
        pod("pay-1", "pay", "n1", &ip_pay, false),
        pod("misc-1", "misc", "n1", &ip_misc, false),
        pod("host-api-1", "host-api", "n1", "192.168.50.1", true),
    ] {
        api.server.put(object);
    }
    stage.write("kubeconfig", api.kubeconfig());
    stage.write_config(&["cart", "pay", "host-api"]);
    let on_one = old_one.agent(&stage, "n1", &one);
    let on_two = old_two.agent(&stage, "n2", &two);
    assert_eq!(old_one.root.programs(), 2);
    on_one.wait_for("No mapping found for service 'misc' in namespace 'shop'");
    on_two.wait_for("4 Services");
    on_one.settle();
    on_two.settle();
    for agent in [&on_one, &on_two] {
        agent.until("it sees requests of its own", || {
            agent.status()["canary"].as_str().is_some_and(|said| said.contains("were seen, the last"))
        });
    }

    ask(&client, "10.96.0.10", 20); // through the ClusterIP: half of it through the tunnel
    ask(&net_cart, "127.0.0.1:80", 5); // on the loopback of the pod, as port-forward does
    ask(&client, &format!("{ip_pay}:80"), 4);
    ask(&net_pay, "127.0.0.1:80", 3);
    ask(&client, &format!("{ip_misc}:80"), 5); // a pod of a Service that is not mapped
    ask(&net_misc, "127.0.0.1:80", 5);
    ask(&two.net, "192.168.50.1:9100", 6); // a server on the node's own network
    ask(&one.net, "127.0.0.1:9100", 2);
    ask(&one.net, "[::1]:9100", 2);
    // What a monitored pod itself asks for counts where it is served.
    let mut inner = net_cart.command("curl");
    inner.args(["-sS", "--noproxy", "*", "--max-time", "10", &format!("http://{ip_far}/api/v1/from-cart")]);
    run(cart.cgroup.command(&inner));

    // nginx logs the proxy's leg and the application's own.
    let asked = [&cart, &pay, &misc, &host, &far].map(Nginx::asked);
    assert_eq!(asked, [25, 7, 10, 10, 11]);
    let counted = || ["shop/cart", "shop/pay", "shop/host-api"].map(|name| requests(&on_one, name));
    on_one.until("all of it", || counted() == [15, 7, 10]);
    on_two.until("11 requests of cart", || requests(&on_two, "shop/cart") == 11);

    // Two pods come back with each other's address.
    api.server.put(pod("cart-1", "cart", "n1", &ip_pay, false));
    api.server.put(pod("pay-1", "pay", "n1", &ip_cart, false));
    // One that is told after them, and of no Service: once it is known, so are the others.
    api.server.put(pod("marker", "none", "n1", "10.0.1.99", false));
    let pods = |count: usize| {
        on_one.until("its pods are known", || {
            on_one.status()["names"].as_str().unwrap().contains(&format!(" {count} pods"))
        });
        on_one.settle();
    };
    pods(5);
    ask(&client, &format!("{ip_pay}:80"), 3);
    ask(&net_pay, "127.0.0.1:80", 4);
    ask(&client, &format!("{ip_cart}:80"), 1);
    ask(&net_cart, "127.0.0.1:80", 1);
    on_one.until("the other's requests", || counted() == [22, 9, 10]);

    // One ends, and one is mapped no longer.
    api.server.delete("pods", "shop", "cart-1");
    stage.write_config(&["cart", "host-api"]);
    on_one.wait_for("No mapping found for service 'pay' in namespace 'shop': it has pods on this node");
    pods(4);
    for net in [&net_pay, &net_cart] {
        ask(net, "127.0.0.1:80", 2);
    }
    ask(&client, &format!("{ip_pay}:80"), 2);
    ask(&client, &format!("{ip_cart}:80"), 2);
    // Only what comes later is counted. (Twice: requests are counted in groups, so only the second is surely behind all
    // that came before the first.)
    for host in [11, 12] {
        ask(&one.net, "127.0.0.1:9100", 1);
        on_one.until("one more of the host's", || requests(&on_one, "shop/host-api") == host);
    }
    assert_eq!((counted(), requests(&on_two, "shop/cart")), ([22, 9, 12], 11));
    assert_eq!(on_one.service("shop/misc"), Value::Null, "nothing is known of it");

    on_two.kill();
    eventually("the kernel detaches what was left", || old_two.root.programs() == 0, String::new);
    let skipped = format!("Skipping unknown service at {ip_cart}:15006: ");
    on_one.until("the proxy's leg is explained", || {
        let mut lines = on_one.messages().into_iter().filter(|line| line.starts_with(&skipped));
        lines.any(|line| line.contains("; no Service stands for this port of its pod"))
    });
    let log = on_one.stop();
    assert_eq!(old_one.root.programs(), 0);
    assert!(log.contains("BPF for the threads that capture and tell addresses"), "{log}");
    drop((cart, pay, misc, host, far));
}
