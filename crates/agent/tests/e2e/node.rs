//! Two nodes of a cluster out of network namespaces: pods behind veth pairs, the rules of kube-proxy, a tunnel between the
//! nodes, an agent on each. Every request is counted once, on the node of its server, for the Service that was asked.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use apiserver::ApiServer;
use serde_json::{Value, json};

use crate::support::{Agent, Nginx, Stage};

/// A network namespace that lives as long as this does.
pub(crate) struct Net {
    holder: Child,
}

impl Net {
    pub(crate) fn new() -> Net {
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 300"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs unshare (Debian: util-linux)");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "up\n");
        Net { holder }
    }

    /// That of this thread.
    pub(crate) fn here() -> Net {
        let holder = Command::new("sleep").arg("300").spawn().unwrap();
        Net { holder }
    }

    pub(crate) fn id(&self) -> String {
        self.holder_id().to_string()
    }

    /// The process that keeps it.
    pub(crate) fn holder_id(&self) -> u32 {
        self.holder.id()
    }

    /// A command that runs inside.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.id(), "-n", program]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// Runs commands inside, one a line.
    pub(crate) fn run(&self, script: &str) {
        let output = self.command("sh").args(["-euxc", script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A node: its own network, and pods behind routes of their own.
pub(crate) struct Node {
    pub(crate) net: Net,
    number: u8,
    pods: u8,
}

impl Node {
    pub(crate) fn new(number: u8) -> Node {
        let net = Net::new();
        net.run(&format!("echo 1 > /proc/sys/net/ipv4/ip_forward; ip addr add 10.0.{number}.1/32 dev lo"));
        Node { net, number, pods: 1 }
    }

    /// A pod: its network and its address.
    pub(crate) fn pod(&mut self) -> (Net, String) {
        self.pods += 1;
        let (pod, number, n) = (Net::new(), self.number, self.pods);
        self.net.run(&format!(
            "ip link add pod{n} type veth peer name eth0 netns {id}
             ip link set pod{n} up
             ip route add 10.0.{number}.{n}/32 dev pod{n}
             echo 1 > /proc/sys/net/ipv4/conf/pod{n}/proxy_arp",
            id = pod.id()
        ));
        pod.run(&format!(
            "ip addr add 10.0.{number}.{n}/32 dev eth0
             ip link set eth0 up
             ip route add 10.0.{number}.1 dev eth0
             ip route add default via 10.0.{number}.1"
        ));
        (pod, format!("10.0.{number}.{n}"))
    }

    /// What kube-proxy does for a Service: DNAT to its servers in turn.
    pub(crate) fn proxy(&self, matching: &str, servers: &[String]) {
        for (at, server) in servers.iter().enumerate() {
            let every = servers.len() - at;
            self.net.run(&format!(
                "for chain in PREROUTING OUTPUT; do iptables-legacy -t nat -A $chain -p tcp {matching} -m statistic --mode nth --every {every} --packet 0 -j DNAT --to-destination {server}; done"
            ));
        }
    }
}

/// Joins two nodes by a wire and, over it, a VXLAN tunnel for their pods.
pub(crate) fn join(a: &Node, b: &Node) {
    a.net.run(&format!("ip link add wire type veth peer name wire netns {}", b.net.id()));
    for (node, other) in [(a, b), (b, a)] {
        let (own, peer) = (node.number, other.number);
        node.net.run(&format!(
            "ip addr add 192.168.50.{own}/24 dev wire
             ip link set wire up
             ip route add default via 192.168.50.{peer}
             ip link add vxlan0 type vxlan id 42 dstport 4789 local 192.168.50.{own} remote 192.168.50.{peer} dev wire
             ip addr add 10.99.0.{own}/24 dev vxlan0
             ip link set vxlan0 up
             ip route add 10.0.{peer}.0/24 via 10.99.0.{peer}
             iptables-legacy -t nat -A POSTROUTING -o wire -p tcp -m conntrack --ctstate DNAT -j MASQUERADE
             iptables-legacy -t nat -A POSTROUTING -o vxlan0 -s 192.168.50.0/24 -j MASQUERADE"
        ));
    }
}

/// nginx in a network.
pub(crate) fn nginx(net: &Net, folder: &Path, listen: &str) -> Nginx {
    let server = format!("listen {listen}; location / {{ return 200 'ok'; }}");
    Nginx::run(Nginx::serving(net.command("nginx"), folder, &server), folder)
}

/// So many requests, each on a connection of its own.
pub(crate) fn curl(net: &Net, server: &str, requests: usize) {
    let urls = (0..requests).map(|n| format!("http://{server}/api/v1/things/{n}"));
    let output = net
        .command("curl")
        .args([
            "-sS",
            "--fail",
            "--noproxy",
            "*",
            "--max-time",
            "10",
            "-o",
            "/dev/null",
            "-H",
            "Connection: close",
        ])
        .args(urls.flat_map(|url| [url, "-o".into(), "/dev/null".into()]))
        .output()
        .unwrap();
    assert!(output.status.success(), "{server}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn service(
    name: &str,
    cluster_ip: &str,
    port: u16,
    target: &Value,
    node_port: Option<u16>,
) -> Value {
    json!({"kind": "Service", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "clusterIP": cluster_ip, "clusterIPs": [cluster_ip],
            "ports": [{"port": port, "targetPort": target, "nodePort": node_port, "protocol": "TCP"}]}})
}

pub(crate) fn pod(name: &str, app: &str, node: &str, ip: &str, host_network: bool) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": {"app": app}},
        "spec": {"nodeName": node, "hostNetwork": host_network,
            "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]},
        "status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]}})
}

pub(crate) fn requests(agent: &Agent, service: &str) -> u64 {
    agent.service(service)["requests"].as_u64().unwrap_or(0)
}

#[test]
fn every_request_is_counted_once_on_the_node_of_its_server() {
    let stage = Stage::live();
    let (mut one, mut two) = (Node::new(1), Node::new(2));
    join(&one, &two);
    let (client, client_ip) = one.pod();
    let (cart_a, ip_a) = one.pod();
    let (cart_b, ip_b) = one.pod();
    let (cart_c, ip_c) = two.pod();
    let servers = [&ip_a, &ip_b, &ip_c].map(|ip| format!("{ip}:8080"));
    for node in [&one, &two] {
        node.proxy("-d 10.96.0.10 --dport 80", &servers);
        node.proxy("-m addrtype --dst-type LOCAL --dport 30080", &servers);
    }
    let nginx_a = nginx(&cart_a, &stage.path("a"), "8080");
    let nginx_b = nginx(&cart_b, &stage.path("b"), "8080");
    let nginx_c = nginx(&cart_c, &stage.path("c"), "8080");
    let nginx_host = nginx(&one.net, &stage.path("host"), "9100");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let api = Cluster::start(&runtime, &[&one, &two]);
    for object in [
        service("cart", "10.96.0.10", 80, &json!("http"), Some(30080)),
        service("host-api", "10.96.0.11", 9100, &json!(9100), None),
        pod("cart-a", "cart", "n1", &ip_a, false),
        pod("cart-b", "cart", "n1", &ip_b, false),
        pod("cart-c", "cart", "n2", &ip_c, false),
        pod("client", "client", "n1", &client_ip, false),
        pod("host-api-x", "host-api", "n1", "192.168.50.1", true),
    ] {
        api.server.put(object);
    }
    stage.write("kubeconfig", api.kubeconfig());
    stage.write("config.json", json!({"serviceMappings": {}}).to_string());
    let agents = [(&one, "n1"), (&two, "n2")].map(|(node, name)| {
        Agent::start_on_node(&stage, name, node.net.holder_id(), &stage.path("kubeconfig"))
    });
    let [on_one, on_two] = &agents;
    for agent in &agents {
        agent.wait_for("2 Services");
        agent.settle();
    }

    curl(&client, "10.96.0.10", 30); // through the ClusterIP, from a pod
    curl(&one.net, "10.96.0.10", 12); // from the node itself
    curl(&two.net, "192.168.50.1:30080", 12); // through a NodePort of the other node
    curl(&client, &format!("{ip_c}:8080"), 5); // straight to a pod, through the tunnel
    curl(&client, "192.168.50.1:9100", 7); // a server on the node's own network
    curl(&two.net, "192.168.50.1:9100", 4);

    let (a, b, c, host) = (nginx_a.asked(), nginx_b.asked(), nginx_c.asked(), nginx_host.asked());
    assert_eq!((a + b + c, host), (59, 11));
    assert!(a > 0 && b > 0 && c > 5, "{a} {b} {c}");
    on_one.until("all of its requests counted", || {
        (requests(on_one, "shop/cart"), requests(on_one, "shop/host-api")) == (a + b, host)
    });
    on_two.until("all of its requests counted", || requests(on_two, "shop/cart") == c);
    // What comes later is counted, and no more of what came before. (Twice: requests are counted in groups, so only the
    // second is surely behind all that came before the first.)
    for more in 1..=2 {
        curl(&client, "192.168.50.1:9100", 1);
        curl(&client, &format!("{ip_c}:8080"), 1);
        on_one.until("one more request", || requests(on_one, "shop/host-api") == host + more);
        on_two.until("one more request", || requests(on_two, "shop/cart") == c + more);
    }
    assert_eq!((requests(on_one, "shop/cart"), requests(on_two, "shop/cart")), (a + b, c + 2));
    assert_eq!((requests(on_one, "shop/host-api"), requests(on_two, "shop/host-api")), (host + 2, 0));
    for agent in agents {
        let log = agent.stop();
        assert!(log.contains("from here on"), "{log}");
        assert!(!log.contains("Skipping unknown service at 10."), "{log}");
    }
}

/// The API server, in the network of the test, to which each node has a wire.
pub(crate) struct Cluster {
    pub(crate) server: ApiServer,
}

impl Cluster {
    /// Its address, as the nodes know it.
    const ADDRESS: &str = "172.31.0.1";

    pub(crate) fn start(runtime: &tokio::runtime::Runtime, nodes: &[&Node]) -> Cluster {
        let run = |args: &str| {
            let status = Command::new("ip").args(args.split(' ')).status().unwrap();
            assert!(status.success(), "ip {args}");
        };
        run(&format!("addr add {}/32 dev lo", Cluster::ADDRESS));
        for node in nodes {
            let n = node.number;
            run(&format!("link add node{n} type veth peer name api netns {}", node.net.id()));
            run(&format!("addr add 172.31.{n}.1/30 dev node{n}"));
            run(&format!("link set node{n} up"));
            node.net.run(&format!(
                "ip addr add 172.31.{n}.2/30 dev api
                 ip link set api up
                 ip route add {} via 172.31.{n}.1",
                Cluster::ADDRESS
            ));
        }
        let server = runtime.block_on(ApiServer::start("0.0.0.0:0".parse().unwrap())).unwrap();
        Cluster { server }
    }

    pub(crate) fn kubeconfig(&self) -> String {
        self.server.kubeconfig().replace("0.0.0.0", Cluster::ADDRESS)
    }
}
