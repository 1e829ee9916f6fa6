//! Every request is an exchange of its Service, whatever runtime serves it; and who is not monitored gives nothing.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use super::server::{Server, is_read, lines, run, tls};
use crate::support::{Agent, Stage, eventually};

const VERSIONS: [[&str; 3]; 2] = [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]];
const PATHS: [&str; 3] = ["/api/v1/orders", "/api/v1/items", "/api/v1/orders"];

#[test]
fn every_request_over_tls_is_an_exchange_of_its_service() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    for version in VERSIONS {
        for protocol in ["--http1.1", "--http2"] {
            server.ask(&[&version[..], &[protocol]].concat(), &PATHS);
        }
    }
    assert_eq!(server.asked(), 12);
    agent.until("all requests", || agent.service("shop/cart")["requests"] == 12);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/orders");
    agent.until("all connections", || lines(&agent).contains(&"shop/cart: connections: 4 opened".into()));
    assert_eq!(agent.metric("tls_connections_total{service=\"shop/cart\",outcome=\"opened\"}"), Some(4));
    assert!(agent.ask(&["explain", "shop/cart"]).contains("TLS: shop/cart: nginx: libssl"));
    let log = agent.stop();
    assert!(log.contains("12 seen = 12 answered"), "{log}");
    assert_eq!([tls(&log, "opened"), tls(&log, "no_key"), tls(&log, "refused")], [4, 0, 0], "{log}");
}

#[test]
fn a_thousand_new_connections_and_many_streams_on_a_few_are_read_to_the_last_request() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    // As many at once as nginx takes.
    let new = ["--h1", "-n", "250", "-c", "250"];
    for load in [&new[..], &new, &new, &new, &["-n", "2000", "-c", "10", "-m", "10"]] {
        run(Command::new("h2load").args(load).arg(server.url()));
    }
    assert_eq!(server.asked(), 3000);
    let all = || agent.service("shop/cart")["requests"] == 3000;
    eventually("all requests", all, || agent.ask(&["status"]));
    let log = agent.stop();
    assert!(log.contains("3000 seen = 3000 answered"), "{log}");
    assert_eq!([tls(&log, "opened"), tls(&log, "no_key"), tls(&log, "refused")], [1010, 0, 0], "{log}");
}

/// Its secrets are known by the hash of each handshake. One of the loads has a key share that the server does not take.
#[test]
fn a_thousand_connections_of_rustls_are_read_to_the_last_request() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::rustls(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    for protocol in ["--http1.1", "--http2"] {
        for suite in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] {
            server.ask(&[protocol, "--tls13-ciphers", suite], &PATHS);
        }
    }
    // The first group is one that it does not know.
    server.ask(&["--curves", "X448:X25519"], &PATHS);
    agent.until("all requests", || agent.service("shop/cart")["requests"] == 21);
    agent.wait_for_push(&stage, "cart", "GET /api/v1/orders");
    let new = ["--h1", "-n", "250", "-c", "250"];
    for load in [&new[..], &new, &new, &new, &["-n", "2000", "-c", "10", "-m", "10"]] {
        run(Command::new("h2load").args(load).arg(server.url()));
    }
    let all = || agent.service("shop/cart")["requests"] == 3021;
    eventually("all requests", all, || agent.ask(&["status"]));
    let log = agent.stop();
    assert!(log.contains("3021 seen = 3021 answered"), "{log}");
    assert_eq!([tls(&log, "opened"), tls(&log, "no_key"), tls(&log, "refused")], [1017, 0, 0], "{log}");
}

#[test]
fn servers_of_all_runtimes_are_read() {
    let stage = Stage::live();
    let names = ["python", "node", "go"];
    stage.write_config(&[]);
    let servers = [Server::python(&stage, 8443), Server::node(&stage, 8444), Server::go(&stage, 8445)];
    let targets: Vec<_> = names.iter().zip(&servers).map(|(name, server)| server.target(name)).collect();
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    let agent = Agent::start_at_sockets_with(&stage, &targets, &["--tls"]);
    for (name, server) in names.iter().zip(&servers) {
        is_read(&agent, name);
        for version in VERSIONS {
            server.ask(&version, &PATHS);
            server.ask(&version, &PATHS[..1]);
        }
    }
    for name in names {
        let service = format!("shop/{name}");
        let all = || agent.service(&service)["requests"] == 8;
        eventually(&format!("all requests of {name}"), all, || agent.ask(&["status"]));
    }
    let log = agent.stop();
    assert_eq!([tls(&log, "opened"), tls(&log, "no_key"), tls(&log, "refused")], [12, 0, 0], "{log}");
    assert!(log.contains("24 seen = 24 answered"), "{log}");
}

/// The library is the same file: its probe is reached by both.
#[test]
fn who_is_not_monitored_gives_no_secret() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let (server, other) = (Server::nginx(&stage, 8443), Server::nginx(&stage, 8444));
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    for _ in 0..5 {
        other.ask(&VERSIONS[1], &PATHS);
    }
    server.ask(&VERSIONS[1], &PATHS);
    agent.until("all requests", || agent.service("shop/cart")["requests"] == 3);
    let mut taken = 0;
    agent.until("secrets are counted", || {
        let said = lines(&agent);
        let words: Vec<_> = said[0].split(' ').filter_map(|word| word.parse::<u64>().ok()).collect();
        taken = words[0];
        taken >= 5 && words[1] >= 25
    });
    assert_eq!(taken, 5, "one handshake of TLS 1.3");
}

#[test]
fn a_connection_older_than_the_agent_is_counted_and_the_next_one_is_read() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let mut old = Command::new("openssl");
    old.args(["s_client", "-quiet", "-connect", "127.0.0.1:8443"]);
    let mut old = old.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut to, mut from) = (old.stdin.take().unwrap(), old.stdout.take().unwrap());
    let mut ask = || {
        to.write_all(b"GET /api/v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let (mut answer, mut some) = (Vec::new(), [0; 1024]);
        while !answer.ends_with(b"[]}") {
            let len = from.read(&mut some).unwrap();
            answer.extend_from_slice(&some[..len]);
        }
    };
    ask();
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    ask();
    server.ask(&[], &PATHS);
    agent.until("the new connection", || agent.service("shop/cart")["requests"] == 3);
    agent.until("the old one", || {
        lines(&agent)
            .iter()
            .any(|line| line.contains("1 older, 1 opened") || line.contains("1 opened, 1 older"))
    });
    old.kill().unwrap();
    old.wait().unwrap();
}

#[test]
fn a_configuration_switches_it_off_and_on_and_never_turns_it_on_by_itself() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    let mut config = stage.config(&["cart"]);
    config["monitor"]["tls"] = false.into();
    agent.reconfigure(&stage, &config);
    agent.wait_for("TLS: nothing is probed any more (monitor.tls)");
    server.ask(&VERSIONS[1], &PATHS);
    agent.until("it is not read", || lines(&agent).contains(&"shop/cart: connections: 1 no_key".into()));
    config["monitor"]["tls"] = true.into();
    agent.reconfigure(&stage, &config);
    is_read(&agent, "cart");
    server.ask(&VERSIONS[1], &PATHS);
    agent.until("it is read", || agent.service("shop/cart")["requests"] == 3);
    agent.stop();
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &[]);
    agent.settle();
    server.ask(&VERSIONS[1], &PATHS);
    agent.until("nobody asked for it", || {
        agent.service("shop/cart")["unreadable"].as_str().unwrap_or_default().starts_with("tls")
    });
    assert!(lines(&agent).is_empty());
    assert!(!agent.ask(&["status"]).contains("TLS: "), "{}", agent.log());
}
