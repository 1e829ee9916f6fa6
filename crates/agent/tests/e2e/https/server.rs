//! Servers of HTTPS, and who asks them.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Agent, Cgroup, Nginx, Stage, eventually, program};

/// A server in a cgroup. It answers each request with a short document.
pub(super) struct Server {
    port: u16,
    running: Running,
    /// Removed when nothing runs in it any more.
    pub(super) cgroup: Cgroup,
}

enum Running {
    Nginx(Nginx),
    Other { _process: Ended },
}

/// A process that is ended when this is dropped.
pub(super) struct Ended(pub(super) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PYTHON: &str = "
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', '13')
        self.end_headers()
        self.wfile.write(b'{\"items\": []}')
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
";

const NODE: &str = "
const [port, key, cert] = process.argv.slice(1), fs = require('fs');
require('https').createServer({key: fs.readFileSync(key), cert: fs.readFileSync(cert)}, (request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{\"items\": []}');
}).listen(+port, '127.0.0.1');
";

const GO: &str = "
package main

import (\"net/http\"; \"os\")

func main() {
	http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(\"Content-Type\", \"application/json\")
		w.Write([]byte(`{\"items\": []}`))
	})
	panic(http.ListenAndServeTLS(\"127.0.0.1:\"+os.Args[1], os.Args[3], os.Args[2], nil))
}
";

impl Server {
    /// nginx, with Debian's OpenSSL as a shared library.
    pub(super) fn nginx(stage: &Stage, port: u16) -> Server {
        Server::nginx_in(Cgroup::new("nginx"), stage, port)
    }

    /// The same in this cgroup.
    pub(super) fn nginx_in(cgroup: Cgroup, stage: &Stage, port: u16) -> Server {
        let [key, certificate] = certificate(stage);
        let server = format!(
            "listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};
             ssl_protocols TLSv1.2 TLSv1.3; default_type application/json;
             location / {{ return 200 '{{\"items\": []}}'; }}"
        );
        let mut command = Command::new("nginx");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let folder = stage.path(&format!("nginx-{port}"));
        let command = Nginx::serving(command, &folder, &server);
        let running = Running::Nginx(Nginx::run(cgroup.command(&command), &folder));
        Server { port, running, cgroup }
    }

    /// The same from an image, with that as its root.
    pub(super) fn in_root(stage: &Stage, image: &Path, port: u16) -> Server {
        let folder = Server::configure(stage, image, port);
        let mut command = Command::new("chroot");
        command.arg(image).args(["/usr/sbin/nginx", "-p", &folder, "-c", &format!("{folder}/nginx.conf")]);
        Server::started(stage, &command, port)
    }

    /// The same by a command that makes a container; what it needs is in this folder.
    pub(super) fn contained(stage: &Stage, folder: &Path, command: &[&str], port: u16) -> Server {
        configure(stage, folder, "/conf", port);
        let mut inner = Command::new(command[0]);
        inner.args(&command[1..]);
        Server::started(stage, &inner, port)
    }

    /// Writes what nginx needs into an image, and returns its folder there.
    pub(super) fn configure(stage: &Stage, image: &Path, port: u16) -> String {
        let folder = format!("/conf-{port}");
        let path = image.join(folder.trim_start_matches('/'));
        fs::create_dir(&path).unwrap();
        configure(stage, &path, &folder, port);
        folder
    }

    /// Python, with the same library.
    pub(super) fn python(stage: &Stage, port: u16) -> Server {
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", PYTHON]);
        Server::other(stage, command, port)
    }

    /// Node, with OpenSSL as its packager has it.
    pub(super) fn node(stage: &Stage, port: u16) -> Server {
        let mut command = Command::new("/usr/bin/node");
        command.args(["-e", NODE]);
        Server::other(stage, command, port)
    }

    /// A Go program without symbols.
    pub(super) fn go(stage: &Stage, port: u16) -> Server {
        let source = stage.write("server.go", GO);
        let program = stage.path("go-server");
        let mut go = Command::new("/usr/bin/go");
        go.env("GO111MODULE", "off").env("CGO_ENABLED", "0").args(["build", "-ldflags", "-s -w", "-o"]);
        run(go.arg(&program).arg(source));
        Server::other(stage, Command::new(program), port)
    }

    /// A program of rustls with aws-lc-rs and hyper, without symbols.
    pub(super) fn rustls(stage: &Stage, port: u16) -> Server {
        let built = Path::new(program().get_program()).with_file_name("examples/rustls-server");
        let stripped = stage.path("rustls-server");
        run(Command::new("strip").arg("-o").arg(&stripped).arg(built));
        Server::other(stage, Command::new(stripped), port)
    }

    /// A program that takes its port, key and certificate as its last arguments.
    fn other(stage: &Stage, mut command: Command, port: u16) -> Server {
        command.arg(port.to_string()).args(certificate(stage));
        Server::started(stage, &command, port)
    }

    fn started(stage: &Stage, command: &Command, port: u16) -> Server {
        let cgroup = Cgroup::new("server");
        let log: PathBuf = stage.path(&format!("server-{port}"));
        let mut command = cgroup.command(command);
        let running =
            Ended(command.stderr(fs::File::create(&log).unwrap()).stdout(Stdio::null()).spawn().unwrap());
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        eventually("the server listens", listens, || fs::read_to_string(&log).unwrap());
        Server { port, running: Running::Other { _process: running }, cgroup }
    }

    pub(super) fn target(&self, service: &str) -> String {
        format!("{}=shop/{service}", self.cgroup.path().display())
    }

    /// Asks for these paths on one connection.
    #[track_caller]
    pub(super) fn ask(&self, arguments: &[&str], paths: &[&str]) {
        let mut command = Command::new("curl");
        command.args(["-sS", "-k", "--noproxy", "*", "--max-time", "10"]).args(arguments);
        for path in paths {
            command.arg(format!("https://127.0.0.1:{}{path}", self.port)).args(["-o", "/dev/null"]);
        }
        run(&mut command);
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}/api/v1/orders", self.port)
    }

    /// Returns how often nginx was asked.
    pub(super) fn asked(&self) -> u64 {
        match &self.running {
            Running::Nginx(nginx) => nginx.asked(),
            Running::Other { .. } => panic!("only nginx counts"),
        }
    }
}

/// Writes a configuration of nginx with its key and certificate into a folder, which it sees as `seen`.
fn configure(stage: &Stage, folder: &Path, seen: &str, port: u16) {
    for path in certificate(stage) {
        fs::copy(&path, folder.join(Path::new(&path).file_name().unwrap())).unwrap();
    }
    let configuration = format!(
        "daemon off; master_process off; user root; pid {seen}/nginx.pid; error_log {seen}/error.log; events {{}}
         http {{ access_log off; client_body_temp_path {seen}/t1; proxy_temp_path {seen}/t2; fastcgi_temp_path {seen}/t3;
           uwsgi_temp_path {seen}/t4; scgi_temp_path {seen}/t5;
           server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {seen}/server.crt; ssl_certificate_key {seen}/server.key;
             default_type application/json; location / {{ return 200 '{{\"items\": []}}'; }} }} }}"
    );
    fs::write(folder.join("nginx.conf"), configuration).unwrap();
}

/// A key and a certificate for localhost: their paths.
fn certificate(stage: &Stage) -> [String; 2] {
    let [key, certificate] = ["server.key", "server.crt"].map(|name| stage.path(name));
    if !key.exists() {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
        run(openssl.args(["-subj", "/CN=localhost", "-keyout"]).arg(&key).arg("-out").arg(&certificate));
    }
    [key, certificate].map(|path| path.display().to_string())
}

#[track_caller]
pub(super) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What `status` says of HTTPS.
#[track_caller]
pub(super) fn lines(agent: &Agent) -> Vec<String> {
    let status = agent.status();
    let lines = status["tls"].as_array().unwrap();
    lines.iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

/// Waits until a process of this Service can be read.
#[track_caller]
pub(super) fn is_read(agent: &Agent, service: &str) {
    let begin = format!("shop/{service}: ");
    agent.until(&format!("the library of {service} is found"), || {
        lines(agent).iter().any(|line| line.starts_with(&begin) && line.ends_with(": can be read"))
    });
}

/// Returns a number of the account of TLS connections, as it is at the end.
pub(super) fn tls(log: &str, way: &str) -> u64 {
    let line = log.lines().rfind(|line| line.contains("INFO tls ")).unwrap_or_else(|| panic!("{log}"));
    let ways = line.split(['=', '+']).map(str::trim);
    let found = ways.filter_map(|part| part.split_once(' ')).find(|(_, name)| *name == way);
    found.map_or(0, |(count, _)| count.parse().unwrap())
}

/// Returns the processes of an agent that find libraries.
pub(super) fn finders(agent: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{agent}/task/{agent}/children")).unwrap();
    let children = children.split_whitespace().map(|child| child.parse().unwrap());
    let finds = |child: &u32| {
        fs::read(format!("/proc/{child}/cmdline")).is_ok_and(|words| words.ends_with(b"\0take-secrets\0"))
    };
    children.filter(finds).collect()
}
