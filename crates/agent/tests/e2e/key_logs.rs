//! HTTPS, read with the key logs that servers write themselves: real servers, real clients, on loopback.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Agent, Stage};

/// Where the server listens, in a network of the test's own.
const ADDRESS: &str = "127.0.0.1:8443";

/// A server of Python's ssl, which writes a key log.
const SERVER: &str = r#"
import http.server, os, ssl, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"items": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

os.umask(0o077)
certificate, key, log = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.keylog_filename = log
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"#;

/// A program that serves, until this is dropped.
struct Server(Child);

impl Server {
    fn start(stage: &Stage, log: &Path) -> Server {
        let [key, certificate] = ["key.pem", "cert.pem"].map(|name| stage.path(name));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout"]);
        run(openssl.arg(&key).arg("-out").arg(&certificate));
        let mut python = Command::new("python3");
        python.args(["-c", SERVER]).args([&certificate, &key]).arg(log).stdout(Stdio::piped());
        let mut child = python.spawn().expect("this test needs python3");
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "ready\n");
        Server(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An agent that follows a folder, and a server that writes into it.
struct Scene {
    stage: Stage,
    config: Value,
    agent: Agent,
    server: Server,
    log: PathBuf,
    asked: u64,
}

impl Scene {
    fn new() -> Scene {
        let stage = Stage::live();
        stage.write_services(&[("cart", ADDRESS.parse().unwrap())]);
        let folder = stage.path("keys");
        fs::create_dir(&folder).unwrap();
        let mut config = stage.config(&["cart"]);
        config["monitor"]["keyLogs"] = json!([folder]);
        stage.write("config.json", config.to_string());
        let log = folder.join("cart.log");
        let server = Server::start(&stage, &log);
        let agent = Agent::start(&stage, &[]);
        agent.wait_for("Key logs: those in ");
        Scene { stage, config, agent, server, log, asked: 0 }
    }

    /// Asks so many times on a connection for each, and once more on the last.
    fn ask(&mut self, times: usize, version: &[&str]) {
        for _ in 0..times {
            curl(version, 1);
        }
        curl(version, 3);
        self.asked += times as u64 + 3;
    }

    /// Waits until so many connections were found to have no secret.
    #[track_caller]
    fn have_no_key(&self, count: u64) {
        let name = "unreadable_connections_total{reason=\"tls\"}";
        self.agent.until("a connection without a secret", || self.agent.metric(name) == Some(count));
    }

    #[track_caller]
    fn all_are_read(&self) {
        self.agent.until("all requests", || self.agent.service("shop/cart")["requests"] == self.asked);
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Asks so many times on one connection.
fn curl(arguments: &[&str], times: usize) {
    let mut command = Command::new("curl");
    command.args(["-sS", "-k", "--noproxy", "*", "--max-time", "10"]).args(arguments);
    for _ in 0..times {
        command.arg(format!("https://{ADDRESS}/api/v1/orders")).args(["-o", "/dev/null"]);
    }
    run(&mut command);
}

const TLS_1_2: [&str; 2] = ["--tls-max", "1.2"];
const TLS_1_3: [&str; 1] = ["--tlsv1.3"];

#[test]
fn every_request_of_a_server_that_writes_a_key_log_is_an_exchange() {
    let mut scene = Scene::new();
    scene.ask(20, &TLS_1_2);
    scene.ask(20, &TLS_1_3);
    scene.all_are_read();
    // Rotated under the server, which goes on with what it has open.
    fs::rename(&scene.log, scene.log.with_extension("1")).unwrap();
    scene.ask(10, &TLS_1_3);
    scene.all_are_read();
    // A new server writes a new one.
    drop(scene.server);
    scene.server = Server::start(&scene.stage, &scene.log);
    scene.ask(10, &TLS_1_2);
    scene.all_are_read();
    assert_eq!(scene.agent.status()["errors"], json!([]), "{}", scene.agent.log());
    let log = scene.agent.stop();
    assert!(!log.contains(" no_key"), "{log}");
}

#[test]
fn a_key_log_that_others_can_read_is_refused_and_said() {
    let mut scene = Scene::new();
    scene.ask(1, &TLS_1_3);
    scene.all_are_read();
    fs::set_permissions(&scene.log, Permissions::from_mode(0o644)).unwrap();
    scene.agent.wait_for("refused: its mode is 0644");
    let errors = || scene.agent.status()["errors"].to_string();
    assert!(errors().contains("chmod o= the file"), "{}", errors());
    curl(&TLS_1_3, 1);
    scene.have_no_key(1);
    fs::set_permissions(&scene.log, Permissions::from_mode(0o600)).unwrap();
    scene.agent.until("nothing is wrong any more", || errors() == "[]");
    scene.ask(1, &TLS_1_2);
    scene.all_are_read();
    // Switched off live.
    scene.config["monitor"]["keyLogs"] = json!([]);
    scene.agent.reconfigure(&scene.stage, &scene.config);
    scene.agent.wait_for("Key logs: none is followed any more");
    curl(&TLS_1_3, 1);
    scene.have_no_key(2);
    let asked = scene.asked;
    assert_eq!(scene.agent.service("shop/cart")["requests"], asked);
    let log = scene.agent.stop();
    // The one that was refused, and the one of which nobody was told.
    assert!(log.contains("6 seen = 4 opened + 2 no_key"), "{log}");
}
