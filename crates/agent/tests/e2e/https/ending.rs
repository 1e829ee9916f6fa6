//! How it ends: nothing stays attached, and no request fails.

use std::fs;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::server::{Server, finders, is_read};
use crate::support::{Agent, Stage, eventually};

/// Returns the numbers of the links by which a process has files probed (bpf_link_show_fdinfo).
fn links(process: u32) -> Vec<String> {
    let all = fs::read_dir(format!("/proc/{process}/fdinfo")).unwrap();
    let texts = all.filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok());
    let probes = texts.filter(|text| text.contains("link_type:\tuprobe_multi"));
    probes
        .map(|text| text.lines().find_map(|line| line.strip_prefix("link_id:\t")).unwrap().to_owned())
        .collect()
}

/// Returns whether a link is there, whoever has it.
fn is_there(link: &str) -> bool {
    Command::new("bpftool").args(["link", "show", "id", link]).output().unwrap().status.success()
}

#[test]
fn killed_under_load_it_leaves_no_probe_and_no_request_fails() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    let links = links(agent.number());
    assert!(!links.is_empty() && links.iter().all(|link| is_there(link)), "{links:?}");
    let mut load = Command::new("h2load");
    load.args(["--h1", "-c", "8", "-n", "20000"]).arg(server.url());
    let load = load.stdout(Stdio::piped()).spawn().expect("this test needs h2load");
    agent.until("requests are read", || agent.service("shop/cart")["requests"].as_u64() > Some(100));
    let finder = finders(agent.number());
    assert_eq!(finder.len(), 1);
    agent.kill();
    eventually("nothing stays attached", || !links.iter().any(|link| is_there(link)), String::new);
    let gone = || finder.iter().all(|finder| !fs::exists(format!("/proc/{finder}")).unwrap());
    eventually("the process that finds libraries has ended", gone, String::new);
    let output = load.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("20000 succeeded, 0 failed, 0 errored, 0 timeout"), "{said}");
}

#[test]
fn without_the_finder_what_is_probed_is_read_on_and_it_is_said() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    let [finder] = finders(agent.number())[..] else { panic!("one process finds libraries") };
    kill_process(Pid::from_raw(finder.cast_signed()).unwrap(), Signal::KILL).unwrap();
    agent.wait_for("ERROR TLS: the process that finds libraries has ended");
    server.ask(&[], &["/api/v1/orders"]);
    agent.until("it is read on", || agent.service("shop/cart")["requests"] == 1);
    let errors = agent.status()["errors"].to_string();
    assert!(errors.contains("not read until the agent starts again"), "{errors}");
    let links = links(agent.number());
    assert!(!links.is_empty());
    agent.stop();
    assert!(!links.iter().any(|link| is_there(link)), "they are closed with the agent");
}
