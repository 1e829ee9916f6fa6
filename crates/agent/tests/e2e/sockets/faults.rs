//! What capture at sockets must never do to traffic, whatever happens to the agent.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::{Nginx, curl, note, run};
use crate::node::Net;
use crate::support::{Agent, Stage, eventually};

/// How long the large response is.
const LARGE: usize = 30_000_000;

#[test]
fn traffic_goes_on_when_nobody_reads_and_new_connections_are_refused() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    fs::write(cart.folder().join("large"), vec![b'x'; LARGE]).unwrap();
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
    command.arg(cart.folder().join("large"));
    let expected = run(command);
    assert!(sums.iter().all(|sum| sum[..64] == expected[..64]), "{sums:?}");
    let mut command = net.command("wrk");
    command.args(["-t1", "-c8", "-d2", "-H", "Connection: close", "http://127.0.0.1:8080/api/v1/short"]);
    let answer = run(command);
    assert!(!answer.contains("Socket errors") && !answer.contains("Non-2xx"), "{answer}");
    agent.signal(Signal::CONT);
    // It takes up again: the first new connections may still be refused.
    agent.until("new connections are followed again", || {
        curl(&net, &["http://127.0.0.1:8080/api/v1/afterwards"]);
        agent.log().contains("GET /api/v1/afterwards")
    });
    let log = agent.stop();
    let sockets = log.lines().rfind(|line| line.contains("INFO sockets ")).unwrap();
    assert!(sockets.contains(" refused"), "{log}");
    assert_eq!(cart.cgroup.programs(), 0);
}

/// Asks on one connection after the other until it is time. Gives how often.
fn ask_on_new_connections(until: Instant) -> usize {
    let mut asked = 0;
    while Instant::now() < until {
        let mut stream = TcpStream::connect("127.0.0.1:8080").unwrap();
        let request = b"GET /api/v1/short HTTP/1.1\r\nHost: cart\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        asked += 1;
    }
    asked
}

#[test]
fn of_short_connections_as_fast_as_they_come_none_is_missed() {
    let stage = Stage::live();
    // In the network of the test: the clients are its threads.
    let cart = Nginx::start(&Net::here(), &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    let (start, length) = (Instant::now(), Duration::from_millis(2500));
    let asked: usize = thread::scope(|scope| {
        let clients: Vec<_> =
            (0..4).map(|_| scope.spawn(|| ask_on_new_connections(start + length))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    let asked = asked as u64;
    assert!(asked > 5_000, "{asked} connections in {length:?} are no load");
    eventually("nginx has logged all", || cart.asked() == asked, String::new);
    // What was refused is said: connections of one request each.
    let found = |agent: &Agent| agent.service("shop/cart")["requests"].as_u64().unwrap_or_default();
    let refused = |agent: &Agent| agent.metric("notes_total{what=\"refused_connections\"}").unwrap();
    agent.until("every request is found, or its connection was refused", || {
        found(&agent) + refused(&agent) >= asked
    });
    let (found, refused) = (found(&agent), refused(&agent));
    let log = agent.stop();
    assert!(found <= asked, "{found} of {asked}: {log}");
    assert!(found >= asked / 2, "{found} of {asked}, {refused} refused: {log}");
    assert_eq!(note(&log, "lost_bytes"), 0, "{log}");
}

/// Asks so often on one connection that stays, with a body of this length.
fn ask_on_one_connection(times: usize, body: usize) {
    let mut stream = TcpStream::connect("127.0.0.1:8080").unwrap();
    stream.set_nodelay(true).unwrap();
    let request =
        format!("POST /api/v1/a HTTP/1.1\r\nHost: c\r\nContent-Length: {body}\r\n\r\n{}", "b".repeat(body));
    let mut answer = [0; 4096];
    for _ in 0..times {
        stream.write_all(request.as_bytes()).unwrap();
        let mut whole = 0;
        while whole < 4 || !answer[..whole].ends_with(b"\r\n\r\n") {
            whole += stream.read(&mut answer[whole..]).unwrap();
        }
    }
}

/// The agent does not run for as long as it takes to send these: a second or more of such traffic.
#[test]
fn a_stall_loses_nothing_while_the_ring_has_room() {
    for (times, body) in [(10_000, 30), (3_000, 1_000)] {
        let stage = Stage::live();
        let cart = Nginx::start(
            &Net::here(),
            &stage.path("cart"),
            "listen 127.0.0.1:8080;",
            "location = /api/v1/a { return 204; }",
        );
        stage.write_config(&[]);
        let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
        agent.until("connections are followed", || {
            ask_on_one_connection(1, 0);
            agent.service("shop/cart")["requests"].as_u64() > Some(0)
        });
        agent.settle();
        let before = agent.service("shop/cart")["requests"].as_u64().unwrap();
        agent.signal(Signal::STOP);
        ask_on_one_connection(times, body);
        agent.signal(Signal::CONT);
        let mut found = 0;
        let is_whole = crate::support::within(Duration::from_secs(5), || {
            found = agent.service("shop/cart")["requests"].as_u64().unwrap() - before;
            found == times as u64
        });
        let log = agent.stop();
        assert!(is_whole, "{found} of {times}: {log}");
        assert_eq!(note(&log, "lost_bytes"), 0, "{log}");
    }
}

#[test]
fn an_agent_that_is_killed_leaves_nothing_behind_and_no_traffic_notices() {
    let (stage, net) = (Stage::live(), Net::new());
    let cart = Nginx::start(&net, &stage.path("cart"), "listen 127.0.0.1:8080;", "");
    stage.write_config(&[]);
    let agent = Agent::start_at_sockets(&stage, &[&cart.target("cart")]);
    let mut command = net.command("wrk");
    command.args(["-t1", "-c8", "-d2", "http://127.0.0.1:8080/api/v1/users"]).stdout(Stdio::piped());
    let wrk = command.spawn().unwrap();
    agent.until("wrk is at work and seen", || agent.service("shop/cart")["requests"].as_u64() > Some(100));
    assert_eq!(cart.cgroup.programs(), 2);
    agent.kill();
    eventually("nothing is attached", || cart.cgroup.programs() == 0, String::new);
    let output = wrk.wait_with_output().unwrap();
    let answer = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && answer.contains("requests in"), "{answer}");
    assert!(!answer.contains("Socket errors") && !answer.contains("Non-2xx"), "{answer}");
}
