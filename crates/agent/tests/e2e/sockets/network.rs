//! Whatever the network does with a request: it is counted once, complete.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::json;

use super::server::{Nginx, curl, every_request_is_there, note, run};
use crate::node::{Net, Node, join};
use crate::support::{Agent, Cgroup, Stage, eventually};

/// How long the large response is.
const LARGE: usize = 30_000_000;

#[test]
fn a_server_on_loopback_in_another_network_is_seen() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080; listen [::1]:8080;", "");
    let pay = Nginx::start(&net, &stage.path("pay"), "listen 127.0.0.1:8081 deferred; listen [::]:8082;", "");
    stage.write_config(&["cart"]);
    fs::write(cart.folder().join("large"), vec![b'x'; LARGE]).unwrap();
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart"), &pay.target("pay")]);
    for _ in 0..50 {
        let url = |number: u32| format!("http://127.0.0.1:8080/api/v1/users/{number}?page=1");
        curl(&net, &[&url(1), &url(22)]);
    }
    curl(
        &net,
        &[
            "-d",
            r#"{"sku": "A-1"}"#,
            "-H",
            "Content-Type: application/json",
            "http://[::1]:8080/api/v1/orders",
        ],
    );
    curl(&net, &["http://127.0.0.1:8080/large", "http://127.0.0.1:8080/api/v1/after"]);
    curl(&net, &["http://127.0.0.1:8081/api/v1/deferred"]);
    curl(&net, &["http://127.0.0.1:8082/api/v1/mapped", "http://[::1]:8082/api/v1/native"]);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/users/{userId}");
    agent.wait_for_push(&stage, "cart", "POST /api/v1/orders");
    agent.wait_for("No mapping found for service 'pay' in namespace 'shop'");
    let log = every_request_is_there(agent, &[("shop/cart", &cart), ("shop/pay", &pay)]);
    assert!(log.contains(" recorded"), "{log}");
}

#[test]
fn every_request_is_there_once_whatever_the_network_does() {
    let stage = Stage::live();
    let (mut one, mut two) = (Node::new(1), Node::new(2));
    join(&one, &two);
    let (client, _) = one.pod();
    let (cart, cart_ip) = one.pod();
    let (pay, pay_ip) = two.pod();
    one.proxy("-d 10.96.0.10 --dport 80", &[format!("{cart_ip}:8080"), format!("{pay_ip}:8080")]);
    one.proxy("-m addrtype --dst-type LOCAL --dport 30080", &[format!("{cart_ip}:8080")]);
    let cart = Nginx::start(&cart, &stage.path("cart"), "listen 8080;", "");
    let pay = Nginx::start(&pay, &stage.path("pay"), "listen 8080;", "");
    let host = Nginx::start(&one.net, &stage.path("host"), "listen 9100; listen [::1]:9100;", "");
    stage.write_config(&[]);
    let agent =
        Agent::start_at_sockets(&stage, &[&cart.target("cart"), &pay.target("pay"), &host.target("host")]);
    let ask = |net: &Net, server: &str, times: usize| {
        let urls: Vec<_> = (0..times).map(|n| format!("http://{server}/api/v1/things/{n}")).collect();
        let each = urls.iter().flat_map(|url| [url.as_str(), "-o", "/dev/null"]).collect::<Vec<_>>();
        curl(net, &[&["-H", "Connection: close"][..], &each].concat());
    };
    ask(&client, "10.96.0.10", 20); // through the ClusterIP: DNAT, and half of it through the tunnel
    ask(&two.net, "192.168.50.1:30080", 10); // through a NodePort, behind a masquerade
    ask(&client, &format!("{pay_ip}:8080"), 10); // through VXLAN
    ask(&client, "192.168.50.1:9100", 10); // the node's own network
    ask(&one.net, "[::1]:9100", 10);
    assert_eq!((cart.asked() + pay.asked(), host.asked()), (40, 20));
    every_request_is_there(agent, &[("shop/cart", &cart), ("shop/pay", &pay), ("shop/host", &host)]);
}

#[test]
fn a_server_in_go_is_seen() {
    let (stage, net) = (Stage::live(), Net::new());
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/sockets/server.go");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(stage.path("server")).arg(source);
    build.env("GOCACHE", stage.path("cache")).env("GO111MODULE", "off");
    run(build);
    let (cgroup, inner) = (Cgroup::new("go"), net.command(stage.path("server").to_str().unwrap()));
    let mut server = cgroup.command(&inner).arg("127.0.0.1:8080").spawn().unwrap();
    let listens = || {
        let mut sockets = net.command("ss");
        sockets.args(["-Hltn", "sport = 8080"]);
        !run(sockets).is_empty()
    };
    eventually("the server listens", listens, String::new);
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&format!("{}=shop/cart", cgroup.path().display())]);
    let url = |path: &str| format!("http://127.0.0.1:8080/api/v1/{path}");
    for n in 0..20 {
        curl(&net, &[&url(&format!("users/{n}")), &url("events?stream=1")]);
        curl(&net, &["-d", r#"{"sku": "A-1"}"#, "-H", "Content-Type: application/json", &url("orders")]);
    }
    agent.until("60 requests", || agent.service("shop/cart")["requests"] == 60);
    for endpoint in ["GET /api/v1/users/{userId}", "GET /api/v1/events", "POST /api/v1/orders"] {
        agent.wait_for_push(&stage, "cart", endpoint);
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let log = agent.stop();
    assert!(log.contains("60 seen = 60 answered"), "{log}");
    assert_eq!(note(&log, "incomplete"), 0, "{log}");
}

#[test]
fn packets_of_a_connection_may_run_on_any_cpu() {
    let (stage, net) = (Stage::live(), Net::new());
    let cpus = std::thread::available_parallelism().unwrap().get().min(32);
    let steer = format!(
        "mount -t sysfs none /sys; echo {:x} > /sys/class/net/lo/queues/rx-0/rps_cpus",
        (1_u64 << cpus) - 1
    );
    // In a mount namespace of its own, for a sysfs of that network.
    let mut command = net.command("unshare");
    command.args(["--mount", "sh", "-euc", &steer]);
    run(command);
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    fs::write(cart.folder().join("large"), vec![b'x'; LARGE / 10]).unwrap();
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    // The large ones, of 3 MB, no faster than the agent gets a CPU beside other tests.
    for (requests, path, pace) in [("5000", "api/v1/users", "--rps=1000"), ("100", "large", "--rps=5")] {
        let mut command = net.command("h2load");
        command.args(["--h1", "-c8", "-n", requests, pace, &format!("http://127.0.0.1:8080/{path}")]);
        let answer = run(command);
        assert!(answer.contains(&format!("{requests} succeeded, 0 failed")), "{answer}");
    }
    assert_eq!(cart.asked(), 5100);
    every_request_is_there(agent, &[("shop/cart", &cart)]);
}

#[test]
fn both_ways_find_the_same_endpoints() {
    let (stage, other) = (Stage::live(), Stage::new());
    // In the network of the test, where packets can be captured too.
    let here = Net::here();
    let cart = Nginx::start(&here, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    stage.write_config(&["cart"]);
    let mut config = other.config(&["cart"]);
    config["monitor"]["port"] = json!(9809);
    other.write("config.json", config.to_string());
    other.write_services(&[("cart", "127.0.0.1:8080".parse().unwrap())]);
    let agents = [
        (&stage, Agent::start_at_sockets(&stage, &[&cart.target("cart")])),
        (&other, Agent::start(&other, &[])),
    ];
    for n in 0..20 {
        let url = |path: &str| format!("http://127.0.0.1:8080/api/v1/{path}");
        curl(
            &here,
            &[&url(&format!("users/{n}?page={n}")), &url("orders"), &url(&format!("orders/{n}/items"))],
        );
        curl(&here, &["-d", r#"{"sku": "A-1"}"#, "-H", "Content-Type: application/json", &url("orders")]);
    }
    let asked = cart.asked();
    let endpoints = agents.map(|(stage, agent)| {
        agent.until("all requests", || agent.service("shop/cart")["requests"] == asked);
        for endpoint in ["GET /api/v1/orders/{orderId}/items", "POST /api/v1/orders"] {
            agent.wait_for_push(stage, "cart", endpoint);
        }
        agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);
        agent.stop();
        stage.listed("cart")
    });
    assert_eq!(endpoints[0], endpoints[1]);
    assert_eq!(endpoints[0].len(), 4, "{endpoints:?}");
}

/// Asks once, then waits until its standard input ends, and asks three times more on the same connection.
const OLD_CLIENT: &str = "
import http.client, sys
port, ready = sys.argv[1:]
connection = http.client.HTTPConnection('127.0.0.1', int(port), timeout=20)
def ask(path):
    connection.request('GET', path)
    assert connection.getresponse().read()
ask('/api/v1/before')
open(ready, 'w').close()
sys.stdin.read()
for n in range(3): ask('/api/v1/after/%d' % n)
";

#[test]
fn connections_that_were_there_are_picked_up_and_those_of_clients_are_not() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    // What cart itself asks for: over a connection that is there, and over new ones.
    let stock = Nginx::start(&net, &stage.path("stock"), "listen 127.0.0.1:8090;", "");
    let ready = |name: &str| stage.path(&format!("{name}-ready"));
    let client = |name: &str, port: &str| {
        let mut command = net.command("python3");
        command.args(["-c", OLD_CLIENT, port]).arg(ready(name)).stdin(Stdio::piped());
        command
    };
    let mut clients = [
        client("outside", "8080").spawn().unwrap(),
        cart.cgroup.command(&client("inside", "8090")).stdin(Stdio::piped()).spawn().unwrap(),
    ];
    for name in ["outside", "inside"] {
        eventually("the first request is answered", || ready(name).exists(), String::new);
    }
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    for client in &mut clients {
        // Ends its standard input.
        assert!(client.wait().unwrap().success());
    }
    let mut new = net.command("curl");
    new.args(["-sS", "--noproxy", "*", "--max-time", "10", "http://127.0.0.1:8090/api/v1/new"]);
    run(cart.cgroup.command(&new));
    curl(&net, &["http://127.0.0.1:8080/api/v1/last"]);
    assert_eq!((cart.asked(), stock.asked()), (5, 5));
    agent.until("4 requests of cart", || agent.service("shop/cart")["requests"] == 4);
    let log = agent.stop();
    let line =
        |name: &str| log.lines().rfind(|line| line.contains(&format!("INFO {name}"))).unwrap().to_owned();
    assert!(!log.contains("GET /api/v1/new"), "{log}");
    assert!(line("sockets ").contains(" outbound"), "{log}");
    // One was needed to see that it is a client's; the kernel was told, and showed no more, or few.
    assert!(line("exchanges ").contains(" other_node"), "{log}");
}

/// Reads a request, and resets the connection.
const RESETTING: &str = "
import socket, struct
server = socket.create_server(('127.0.0.1', 8080))
while True:
    one, _ = server.accept()
    one.recv(65536)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    one.close()
";

#[test]
fn a_server_that_resets_is_seen_to() {
    let (stage, net, cgroup) = (Stage::live(), Net::new(), Cgroup::new("resetting"));
    let mut inner = net.command("python3");
    inner.args(["-c", RESETTING]);
    let mut server = cgroup.command(&inner).spawn().unwrap();
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&format!("{}=shop/cart", cgroup.path().display())]);
    let ask = || {
        let mut client = net.command("curl");
        client.args(["-s", "--noproxy", "*", "--max-time", "10", "http://127.0.0.1:8080/api/v1/reset"]);
        client.status().unwrap().code()
    };
    // Until it listens they are refused (7); then they are reset (52 or 56).
    eventually("it listens", || ask() != Some(7), String::new);
    agent.until("the request is given up", || agent.service("shop/cart")["requests"] == 1);
    server.kill().unwrap();
    server.wait().unwrap();
    let log = agent.stop();
    assert!(log.contains("1 seen = 1 unanswered_reset"), "{log}");
}
