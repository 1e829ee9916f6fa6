//! The ports and sockets of the agent under attack: who reaches them cannot make it grow, or silence its health.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Agent, HEALTH, Stage};

/// Connections that are open at once, each with a head that does not end. Those that the agent closes are opened again.
const ATTACKERS: usize = 510;
/// What they send in all, in bytes, at least.
const SENT: u64 = 190_000_000;
/// The most that the agent may take meanwhile. A debug build has some 20 MiB more of program than the image.
const PEAK_MIB: u64 = 120;
/// The longest that `/healthz` may take under attack. The kubelet waits 5 s.
const ANSWER: Duration = Duration::from_secs(2);

/// An address of this machine that is not the one that the kubelet asks.
const OTHER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 9808);
/// The same of IPv6.
const SIX: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 9808);

/// An agent on a stage of its own, with a configuration that is changed so.
fn start(change: impl FnOnce(&mut Value)) -> (Stage, Value, Agent) {
    let stage = Stage::live();
    stage.write_services(&[]);
    let mut config = stage.config(&["cart"]);
    change(&mut config);
    stage.write("config.json", config.to_string());
    let agent = Agent::start(&stage, &[]);
    (stage, config, agent)
}

/// Sends heads that do not end, on many connections in turn, until it is stopped.
fn attack(address: SocketAddr, sent: &AtomicU64, stop: &AtomicBool) {
    let piece = [b"X-Long: ".as_slice(), &[b'a'; 16_000]].concat();
    let open = || -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\n")?;
        Ok(stream)
    };
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    streams.resize_with(ATTACKERS, || None);
    while !stop.load(Ordering::Relaxed) {
        for stream in &mut streams {
            match stream.as_mut().map(|stream| stream.write(&piece)) {
                Some(Ok(len)) => drop(sent.fetch_add(len as u64, Ordering::Relaxed)),
                Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                Some(Err(_)) | None => *stream = open().ok(),
            }
        }
    }
}

/// Asks for `/healthz` once. Returns the status line.
fn healthz() -> io::Result<String> {
    let mut stream = TcpStream::connect(HEALTH)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn endless_heads_neither_fill_the_memory_nor_silence_health() {
    let (_stage, _, agent) = start(|config| config["monitor"]["metrics"] = json!(true));
    assert_eq!(agent.health("/healthz").0, 200);

    let (sent, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (mut asked, mut failed, mut in_a_row, mut most) = (0, Vec::new(), 0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| attack(OTHER, &sent, &stop));
        let begun = Instant::now();
        while sent.load(Ordering::Relaxed) < SENT && begun.elapsed() < Duration::from_secs(60) {
            asked += 1;
            match healthz() {
                Ok(line) if line == "HTTP/1.1 200 OK" => in_a_row = 0,
                other => {
                    failed.push(format!("{other:?}"));
                    in_a_row += 1;
                    most = most.max(in_a_row);
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let sent = sent.into_inner();
    assert!(sent >= SENT / 4, "the attack came through: {sent} bytes");
    // One that is slow to send its request after connecting may have to make way, here where the attack comes from
    // loopback too. The kubelet asks three times before it ends a pod.
    assert!(
        asked >= 20 && failed.len() <= 1 + asked / 1_000 && most <= 1,
        "{} of {asked} asked in vain, {most} in a row: {:?}",
        failed.len(),
        failed.first()
    );
    let peak = agent.peak_memory_mib();
    assert!(peak <= PEAK_MIB, "{peak} MiB");
    assert_eq!(agent.status()["errors"], json!([]), "{}", agent.log());
    agent.stop();
}

#[test]
fn health_is_on_loopback_until_metrics_are_asked_for() {
    let (stage, mut config, agent) = start(|config| config["monitor"]["metrics"] = json!(false));
    assert_eq!(agent.health("/healthz").0, 200);
    assert_eq!(agent.health("/metrics").0, 404);
    let refused = TcpStream::connect(OTHER).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused, "only loopback's own address listens");

    config["monitor"]["metrics"] = json!(true);
    agent.reconfigure(&stage, &config);
    agent.until("all addresses", || TcpStream::connect(OTHER).is_ok());
    agent.until("those of IPv6 too", || TcpStream::connect(SIX).is_ok());
    agent.until("metrics", || agent.health("/metrics").0 == 200);

    config["monitor"]["metrics"] = json!(false);
    agent.reconfigure(&stage, &config);
    agent.until("loopback alone", || TcpStream::connect(OTHER).is_err());
    assert!(TcpStream::connect(SIX).is_err());
    assert_eq!(agent.health("/metrics").0, 404);
    agent.stop();
}

#[test]
fn a_port_that_is_busy_is_tried_again_and_said_while_it_lasts() {
    let mut taken = None;
    let (_stage, _, agent) = start(|_| taken = Some(TcpListener::bind(HEALTH).unwrap()));
    agent.wait_for("ERROR health cannot be served on port 9808");
    let errors = agent.status()["errors"].to_string();
    assert!(errors.contains("health cannot be served on port 9808"), "{errors}");
    drop(taken);
    agent.wait_for("health is served on port 9808 now");
    assert_eq!(agent.health("/healthz").0, 200);
    assert_eq!(agent.status()["errors"], json!([]));
    agent.stop();
}

#[test]
fn who_sends_no_question_to_the_local_socket_makes_way() {
    let (stage, _, agent) = start(|_| {});
    let _ = agent.status();
    let silent: Vec<_> =
        (0..100).map(|_| UnixStream::connect(stage.path("state/agent.sock")).unwrap()).collect();
    assert!(agent.status()["version"].is_string());
    drop(silent);
    agent.stop();
}
