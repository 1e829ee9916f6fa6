//! Capture at sockets: real servers in cgroups and networks of their own. Every request is counted once, complete, for the
//! Service whose cgroup it is, whatever the network does with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::node::Net;
use crate::support::{Agent, Cgroup, Stage, eventually};

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
        let cgroup = Cgroup::new("nginx");
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
    assert!(
        agent.log().contains("No mapping found for service 'pay' in namespace 'shop'"),
        "{}",
        agent.log()
    );
    let log = every_request_is_there(agent, &[("shop/cart", &cart), ("shop/pay", &pay)]);
    assert!(log.contains(" recorded"), "{log}");
}
