//! What capture at sockets must never do to traffic, whatever happens to the agent.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use super::server::{Nginx, curl, run};
use crate::node::Net;
use crate::support::{Agent, Stage};

/// How long the large response is.
const LARGE: usize = 30_000_000;

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
