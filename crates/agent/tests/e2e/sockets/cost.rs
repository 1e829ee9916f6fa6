//! What is not wanted costs nothing, or little: sockets that are not captured, and what is encrypted.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::server::{Nginx, curl, run};
use crate::node::Net;
use crate::support::{Agent, Cgroup, Stage};

/// Where the kernel is told to count how often programs run.
const STATISTICS: &str = "/proc/sys/kernel/bpf_stats_enabled";

/// The kernel's statistics of programs, as long as this lives.
struct Statistics(String);

impl Statistics {
    fn on() -> Statistics {
        let before = fs::read_to_string(STATISTICS).unwrap();
        fs::write(STATISTICS, "1").expect("this test needs root");
        Statistics(before)
    }
}

impl Drop for Statistics {
    fn drop(&mut self) {
        let _ = fs::write(STATISTICS, &self.0);
    }
}

fn bpftool(arguments: &[&str]) -> Value {
    let mut command = Command::new("bpftool");
    command.arg("-j").args(arguments);
    serde_json::from_str(&run(command)).unwrap()
}

/// Returns how often the programs of a cgroup ran.
fn runs(cgroup: &Path) -> u64 {
    let attached = bpftool(&["cgroup", "show", cgroup.to_str().unwrap()]);
    let ids: Vec<_> = attached.as_array().unwrap().iter().map(|program| program["id"].to_string()).collect();
    assert_eq!(ids.len(), 2, "{attached}");
    // A program that never ran has no count.
    ids.iter().map(|id| bpftool(&["prog", "show", "id", id])["run_cnt"].as_u64().unwrap_or(0)).sum()
}

#[test]
fn for_sockets_of_other_cgroups_nothing_runs() {
    let (stage, net) = (Stage::live(), Net::new());
    let captured = Nginx::start(&net, &stage.path("captured"), "listen 127.0.0.1:8080;", "");
    let other = Nginx::start(&net, &stage.path("other"), "listen 127.0.0.1:8081;", "");
    let child = Cgroup::at(&captured.cgroup.path().join("child"));
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&captured.target("cart")]);
    let _statistics = Statistics::on();
    for _ in 0..20 {
        curl(&net, &["http://127.0.0.1:8081/api/v1/users", "http://127.0.0.1:8081/api/v1/orders"]);
    }
    assert_eq!((other.asked(), runs(captured.cgroup.path())), (40, 0));
    // That they are counted at all: two packets of a request and its answer are the least.
    curl(&net, &["http://127.0.0.1:8080/api/v1/users"]);
    assert!(runs(captured.cgroup.path()) >= 2);
    drop(child);
    agent.stop();
}

#[test]
fn encrypted_traffic_is_not_copied_and_counted_apart() {
    let (stage, net) = (Stage::live(), Net::new());
    let [key, certificate] = ["key.pem", "cert.pem"].map(|name| stage.path(name));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout"]);
    run({
        openssl.arg(&key).arg("-out").arg(&certificate);
        openssl
    });
    let files = format!("ssl_certificate {}; ssl_certificate_key {};", certificate.display(), key.display());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8443 ssl;", &files);
    fs::write(cart.folder().join("large"), vec![b'x'; 30_000_000]).unwrap();
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    curl(&net, &["-k", "https://localhost:8443/api/v1/users"]);
    let large = "https://localhost:8443/large";
    // Once it is known, nothing of it is copied.
    curl(&net, &["-k", "--limit-rate", "30M", large]);
    agent.until("two connections are counted", || {
        agent.service("shop/cart")["unreadable"].as_str().is_some_and(|text| text.starts_with("tls 2 "))
    });
    let log = agent.stop();
    let line = |name: &str| log.lines().rfind(|line| line.contains(&format!("INFO {name}"))).unwrap();
    let count = |way: &str| {
        let ways = line("sockets ").split(" = ").nth(1).unwrap().split(" + ");
        let of = ways.filter_map(|part| part.split_once(' ')).find(|(_, label)| *label == way);
        of.map_or(0, |(count, _)| count.parse::<u64>().unwrap())
    };
    assert!(count("tls") > 0, "{log}");
    assert_eq!(count("unwanted"), 0, "{log}");
    let copied: u64 =
        line("bytes ").split(" seen").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(copied < 10_000_000, "{copied} bytes of 30 MB were copied\n{log}");
}
