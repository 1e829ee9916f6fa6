//! HTTP/2 in packets longer than a record: no byte may be missing, or the frames after it are lost.

use std::fs;
use std::process::{Child, Stdio};

use super::server::run;
use crate::node::Net;
use crate::support::{Agent, Cgroup, Stage, eventually};

/// A body, longer than any packet.
const BODY: usize = 200_000;
const REQUESTS: u64 = 400;

/// nghttpd in a network and a cgroup.
struct Nghttpd {
    child: Child,
    cgroup: Cgroup,
}

impl Nghttpd {
    fn start(net: &Net, stage: &Stage) -> Nghttpd {
        let (cgroup, root) = (Cgroup::new("nghttpd"), stage.path("root"));
        fs::create_dir(&root).unwrap();
        fs::write(root.join("orders"), vec![b'x'; BODY]).unwrap();
        let mut inner = net.command("nghttpd");
        inner.args(["--no-tls", "--address=127.0.0.1", "-d"]).arg(&root).arg("8080");
        let child = cgroup.command(&inner).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.expect("this test needs nghttpd (Debian: nghttp2-server)");
        let listens = || {
            let mut sockets = net.command("ss");
            run({
                sockets.args(["-Hltn", "sport = 8080"]);
                sockets
            })
            .contains("8080")
        };
        eventually("nghttpd listens", listens, String::new);
        Nghttpd { child, cgroup }
    }
}

impl Drop for Nghttpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn large_answers_of_http2_are_read_to_the_end() {
    let (stage, net) = (Stage::live(), Net::new());
    let server = Nghttpd::start(&net, &stage);
    stage.write_config(&["cart"]);
    let target = format!("{}=shop/cart", server.cgroup.path().display());
    let agent = Agent::start_at_sockets(&stage, &[&target]);
    // Large windows, so that the server fills its packets.
    let mut command = net.command("h2load");
    command.args(["-n", &REQUESTS.to_string(), "-c4", "-m8", "-w24", "-W26", "http://127.0.0.1:8080/orders"]);
    let answer = run(command);
    assert!(answer.contains(&format!("{REQUESTS} succeeded, 0 failed")), "{answer}");
    agent.until("all requests", || agent.service("shop/cart")["requests"] == REQUESTS);
    let log = agent.stop();
    let line =
        |name: &str| log.lines().rfind(|line| line.contains(&format!("INFO {name}"))).unwrap().to_owned();
    assert!(line("requests ").ends_with(&format!("{REQUESTS} seen = {REQUESTS} answered")), "{log}");
    let (bytes, also) = (line("http_bytes "), line("also:"));
    assert!(!bytes.contains("skipped_"), "{log}");
    assert!(!also.contains("incomplete") && !also.contains("not_copied"), "{log}");
}
