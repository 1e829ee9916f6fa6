//! Capture at sockets: real servers in cgroups and networks of their own. Every request is counted once, complete, for the
//! Service whose cgroup it is, whatever the network does with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use apiserver::ApiServer;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::node::{Net, Node, join, service};
use crate::support::{Agent, Cgroup, Stage, eventually, program, text};

/// How long the large response is.
const LARGE: usize = 30_000_000;

/// nginx in a network and a cgroup; counts what it is asked.
struct Nginx {
    child: Child,
    folder: PathBuf,
    /// Dropped last.
    cgroup: Cgroup,
}

impl Nginx {
    /// Serves `listen` (lines of the configuration), with more of a server's configuration in `more`.
    fn start(net: &Net, folder: &Path, listen: &str, more: &str) -> Nginx {
        Nginx::start_in(Cgroup::new("nginx"), net, folder, listen, more)
    }

    fn start_in(cgroup: Cgroup, net: &Net, folder: &Path, listen: &str, more: &str) -> Nginx {
        fs::create_dir(folder).unwrap();
        let config = format!(
            "daemon off; master_process off; user root; pid nginx.pid; error_log error.log; events {{}}
             http {{ access_log access.log; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
               uwsgi_temp_path t4; scgi_temp_path t5; keepalive_requests 100000; sendfile on;
               server {{ {listen} default_type application/json; {more}
                 location /api/ {{ return 200 '{{\"items\": []}}'; }}
                 location = /large {{ root {}; }} }} }}",
            folder.display()
        );
        fs::write(folder.join("nginx.conf"), config).unwrap();
        let mut inner = net.command("nginx");
        inner.arg("-p").arg(folder).arg("-e").arg(folder.join("error.log"));
        inner.arg("-c").arg(folder.join("nginx.conf"));
        let child = cgroup.command(&inner).stderr(Stdio::null()).spawn().expect("this test needs nginx");
        let nginx = Nginx { child, folder: folder.to_path_buf(), cgroup };
        let errors = || fs::read_to_string(nginx.folder.join("error.log")).unwrap_or_default();
        eventually("nginx listens", || nginx.folder.join("nginx.pid").exists(), errors);
        nginx
    }

    fn asked(&self) -> u64 {
        fs::read_to_string(self.folder.join("access.log")).unwrap().lines().count() as u64
    }

    fn target(&self, service: &str) -> String {
        format!("{}=shop/{service}", self.cgroup.path().display())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn run(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn curl(net: &Net, arguments: &[&str]) {
    let mut command = net.command("curl");
    command.args(["-sS", "--noproxy", "*", "--max-time", "10", "--output", "/dev/null"]).args(arguments);
    run(command);
}

/// Waits until the agent has counted what the server was asked, then ends it: nothing may be left over or incomplete.
#[track_caller]
fn every_request_is_there(agent: Agent, services: &[(&str, &Nginx)]) -> String {
    for (service, nginx) in services {
        let asked = nginx.asked();
        agent
            .until(&format!("{asked} requests of {service}"), || agent.service(service)["requests"] == asked);
    }
    let log = agent.stop();
    let line =
        |name: &str| log.lines().find(|line| line.contains(&format!("INFO {name}"))).unwrap().to_owned();
    let asked: u64 = services.iter().map(|(_, nginx)| nginx.asked()).sum();
    assert!(line("requests ").ends_with(&format!("{asked} seen = {asked} answered")), "{log}");
    assert!(line("exchanges ").contains(&format!("{asked} seen")), "{log}");
    assert!(!line("also:").contains("incomplete"), "{log}");
    log
}

#[test]
fn a_server_on_loopback_in_another_network_is_seen() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080; listen [::1]:8080;", "");
    let pay = Nginx::start(&net, &stage.path("pay"), "listen 127.0.0.1:8081 deferred; listen [::]:8082;", "");
    stage.write_config(&["cart"]);
    fs::write(cart.folder.join("large"), vec![b'x'; LARGE]).unwrap();
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

/// A node's tree of cgroups, as the kubelet makes it with systemd.
struct Kubelet {
    // Dropped in this order.
    class: Cgroup,
    _kubepods: Cgroup,
    _node: Cgroup,
}

impl Kubelet {
    fn new() -> Kubelet {
        let node = Cgroup::new("node");
        let kubepods = Cgroup::at(&node.path().join("kubepods.slice"));
        let class = Cgroup::at(&kubepods.path().join("kubepods-burstable.slice"));
        Kubelet { class, _kubepods: kubepods, _node: node }
    }

    /// The cgroup of a pod, and of a container in it.
    fn pod(&self, uid: &str) -> (Cgroup, Cgroup) {
        let name = format!("kubepods-burstable-pod{}.slice", uid.replace('-', "_"));
        let pod = Cgroup::at(&self.class.path().join(name));
        let container = Cgroup::at(&pod.path().join("cri-containerd-0123456789abcdef.scope"));
        (container, pod)
    }
}

/// A UID that no other test has.
fn uid(n: u8) -> String {
    format!("{:08x}-7ab1-4f0e-9d4b-2b6f5c1d8e{n:02x}", std::process::id())
}

fn pod(name: &str, app: &str, uid: &str) -> Value {
    json!({"kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": uid, "labels": {"app": app}},
        "spec": {"nodeName": "n1", "containers": [{"name": "c"}]}, "status": {"phase": "Running"}})
}

#[test]
fn pods_are_captured_from_their_start_to_their_end() {
    let (stage, kubelet) = (Stage::live(), Kubelet::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let api = runtime.block_on(ApiServer::start("127.0.0.1:0".parse().unwrap())).unwrap();
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
    stage.write("kubeconfig", api.kubeconfig());
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
    std::thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    let (inside, late_pod) = kubelet.pod(&uid(3));
    eventually("the new pod is captured", || late_pod.programs() == 2, || agent.log());
    assert!(start.elapsed() < Duration::from_secs(1), "it took {:?}", start.elapsed());
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
fn traffic_goes_on_when_nobody_reads_and_new_connections_are_refused() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    fs::write(cart.folder.join("large"), vec![b'x'; LARGE]).unwrap();
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    agent.signal(Signal::STOP);
    let mut sums = Vec::new();
    for _ in 0..3 {
        let mut command = net.command("sh");
        command.args(["-c", "curl -sS --noproxy '*' http://127.0.0.1:8080/large | sha256sum"]);
        sums.push(run(command));
    }
    let mut command = net.command("sha256sum");
    command.arg(cart.folder.join("large"));
    let expected = run(command);
    assert!(sums.iter().all(|sum| sum[..64] == expected[..64]), "{sums:?}");
    let mut command = net.command("wrk");
    command.args(["-t1", "-c8", "-d2", "-H", "Connection: close", "http://127.0.0.1:8080/api/v1/short"]);
    let answer = run(command);
    assert!(!answer.contains("Socket errors") && !answer.contains("Non-2xx"), "{answer}");
    agent.signal(Signal::CONT);
    // It takes up again.
    std::thread::sleep(Duration::from_secs(1));
    curl(&net, &["http://127.0.0.1:8080/api/v1/afterwards"]);
    agent.wait_for("GET /api/v1/afterwards");
    let log = agent.stop();
    let sockets = log.lines().rfind(|line| line.contains("INFO sockets ")).unwrap();
    assert!(sockets.contains(" refused"), "{log}");
    assert_eq!(cart.cgroup.programs(), 0);
}

#[test]
fn check_shows_what_each_set_of_capabilities_allows() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let states = |capabilities: &str| {
        let mut command = Command::new("setpriv");
        let bounding = format!("--bounding-set=-all{capabilities}");
        command.args([&bounding, "--inh-caps=-all", "--no-new-privs"]).arg(program().get_program());
        command.args(["check", "--format", "json", "--config"]).arg(stage.path("config.json"));
        command.env("XDG_CONFIG_HOME", stage.path("none")).env("HOME", stage.path("none"));
        let output = command.output().unwrap();
        let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
        let rows = answer["checks"].as_array().unwrap().clone();
        let of =
            |subject: &str| rows.iter().filter(|row| row["subject"] == subject).cloned().collect::<Vec<_>>();
        let states = |rows: &[Value]| {
            rows.iter().map(|row| row["state"].as_str().unwrap() == "ok").collect::<Vec<_>>()
        };
        (states(&of("capture")), states(&of("sockets")), of("sockets"))
    };
    // In this order: CAP_BPF, CAP_NET_ADMIN, the tree of cgroups, the program.
    let (packets, sockets, rows) = states(",+net_raw,+net_admin,+bpf");
    assert_eq!((packets, sockets), (vec![true], vec![true; 4]), "{rows:#?}");
    let (packets, sockets, rows) = states(",+net_raw");
    assert_eq!((packets, sockets), (vec![true], vec![false, false, true, false]), "{rows:#?}");
    let (packets, sockets, rows) = states("");
    assert_eq!((packets, sockets), (vec![false], vec![false, false, true, false]), "{rows:#?}");
    let (_, sockets, rows) = states(",+net_raw,+bpf");
    assert_eq!(sockets, vec![true, false, true, false], "{rows:#?}");
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

/// Asks once, then waits until it is told, and asks three times more on the same connection.
const OLD_CLIENT: &str = "
import http.client, os, sys, time
port, ready, go = sys.argv[1:]
connection = http.client.HTTPConnection('127.0.0.1', int(port), timeout=20)
def ask(path):
    connection.request('GET', path)
    assert connection.getresponse().read()
ask('/api/v1/before')
open(ready, 'w').close()
while not os.path.exists(go): time.sleep(0.02)
for n in range(3): ask('/api/v1/after/%d' % n)
";

#[test]
fn connections_that_were_there_are_picked_up_and_those_of_clients_are_not() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    // What cart itself asks for: over a connection that is there, and over new ones.
    let stock = Nginx::start(&net, &stage.path("stock"), "listen 127.0.0.1:8090;", "");
    let (ready, go) = (|name: &str| stage.path(&format!("{name}-ready")), stage.path("go"));
    let client = |name: &str, port: &str| {
        let mut command = net.command("python3");
        command.args(["-c", OLD_CLIENT, port]).arg(ready(name)).arg(&go);
        command
    };
    let mut clients = [
        client("outside", "8080").spawn().unwrap(),
        cart.cgroup.command(&client("inside", "8090")).spawn().unwrap(),
    ];
    for name in ["outside", "inside"] {
        eventually("the first request is answered", || ready(name).exists(), String::new);
    }
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    fs::write(&go, "").unwrap();
    for client in &mut clients {
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

#[test]
fn pods_come_and_go_twenty_a_second() {
    let (stage, kubelet, net) = (Stage::live(), Kubelet::new(), Net::new());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let api = runtime.block_on(ApiServer::start("127.0.0.1:0".parse().unwrap())).unwrap();
    let (inside, cart_pod) = kubelet.pod(&uid(100));
    let cart = Nginx::start_in(inside, &net, &stage.path("cart"), "listen 127.0.0.1:80;", "");
    api.put(service("cart", "10.96.0.10", 80, &json!(80), None));
    api.put(pod("cart-1", "cart", &uid(100)));
    stage.write("kubeconfig", api.kubeconfig());
    stage.write_config(&["cart"]);
    let agent = Agent::start_for_pods(&stage);
    agent.until("the pod of cart is captured", || cart_pod.programs() == 2);
    for n in 0..40 {
        api.put(pod(&format!("short-{n}"), "cart", &uid(n)));
        let short = kubelet.pod(&uid(n));
        curl(&net, &[&format!("http://127.0.0.1:80/api/v1/users/{n}")]);
        std::thread::sleep(Duration::from_millis(40));
        drop(short);
    }
    agent.until("all requests", || agent.service("shop/cart")["requests"] == 40);
    assert_eq!((cart.asked(), cart_pod.programs()), (40, 2));
    let log = agent.stop();
    assert!(!log.contains("ERROR"), "{log}");
}
