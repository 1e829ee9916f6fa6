//! Packets longer than a record: no byte may be missing, or the frames and chunks after it are lost.

use std::fs;
use std::process::{Child, Command, Stdio};

use super::server::{note, run};
use crate::node::Net;
use crate::support::{Agent, Cgroup, Stage, eventually};

/// A body, longer than any packet.
const BODY: usize = 200_000;
const REQUESTS: u64 = 400;
/// For each of four connections, 80 MB a second in all. As fast as loopback goes, client and server would leave no CPU for the
/// agent in the time in which they fill its ring.
const PACE: &str = "--rps=100";

/// A server in a network and a cgroup, at port 8080 of loopback.
struct Server {
    child: Child,
    cgroup: Cgroup,
}

impl Server {
    fn start(net: &Net, inner: &Command) -> Server {
        let cgroup = Cgroup::new("server");
        let child = cgroup.command(inner).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let listens = || {
            let mut sockets = net.command("ss");
            sockets.args(["-Hltn", "sport = 8080"]);
            run(sockets).contains("8080")
        };
        eventually("the server listens (this test needs nghttpd and python3)", listens, String::new);
        Server { child, cgroup }
    }

    fn target(&self) -> String {
        format!("{}=shop/cart", self.cgroup.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the agent has counted all, and ends it: each must be there, whole, without a byte that was not read.
#[track_caller]
fn all_is_read(agent: Agent) {
    agent.until("all requests", || agent.service("shop/cart")["requests"] == REQUESTS);
    let log = agent.stop();
    let line =
        |name: &str| log.lines().rfind(|line| line.contains(&format!("INFO {name}"))).unwrap().to_owned();
    assert!(line("requests ").ends_with(&format!("{REQUESTS} seen = {REQUESTS} answered")), "{log}");
    assert!(!line("http_bytes ").contains("skipped_"), "{log}");
    assert_eq!((note(&log, "incomplete"), note(&log, "not_copied")), (0, 0), "{log}");
}

#[test]
fn large_answers_of_http2_are_read_to_the_end() {
    let (stage, net, root) = (Stage::live(), Net::new(), tempfile::tempdir().unwrap());
    fs::write(root.path().join("orders"), vec![b'x'; BODY]).unwrap();
    let mut inner = net.command("nghttpd");
    inner.args(["--no-tls", "--address=127.0.0.1", "-d"]).arg(root.path()).arg("8080");
    let server = Server::start(&net, &inner);
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&server.target()]);
    // Large windows, so that the server fills its packets.
    let mut command = net.command("h2load");
    command.args([
        "-n",
        &REQUESTS.to_string(),
        "-c4",
        "-m8",
        "-w24",
        "-W26",
        PACE,
        "http://127.0.0.1:8080/orders",
    ]);
    let answer = run(command);
    assert!(answer.contains(&format!("{REQUESTS} succeeded, 0 failed")), "{answer}");
    all_is_read(agent);
}

/// Answers with chunks of 7,000 bytes, all of them in one call, so that they fill packets.
const CHUNKS: &str = "
import http.server, sys
body = b''.join(b'1b58\\r\\n' + b'x' * 7000 + b'\\r\\n' for _ in range(30)) + b'0\\r\\n\\r\\n'
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(('127.0.0.1', 8080), Handler).serve_forever()
";

#[test]
fn large_answers_in_chunks_are_read_to_the_end() {
    let (stage, net) = (Stage::live(), Net::new());
    let mut inner = net.command("python3");
    inner.args(["-c", CHUNKS]);
    let server = Server::start(&net, &inner);
    stage.write_config(&["cart"]);
    let agent = Agent::start_at_sockets(&stage, &[&server.target()]);
    let mut command = net.command("h2load");
    command.args(["--h1", "-n", &REQUESTS.to_string(), "-c4", PACE, "http://127.0.0.1:8080/orders"]);
    let answer = run(command);
    assert!(answer.contains(&format!("{REQUESTS} succeeded, 0 failed")), "{answer}");
    all_is_read(agent);
}
