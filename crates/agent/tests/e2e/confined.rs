//! What the agent and the child that walks its store have given up, as the kernel shows it (proc_pid_status(5)).

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Agent, Server, Stage, exchange, request, text};

/// Returns what `/proc/PID/status` says of this.
fn field(pid: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// Returns the child that walks the store, if there is one now.
fn walker(agent: &Agent) -> Option<u32> {
    let tasks = fs::read_dir(format!("/proc/{}/task", agent.number())).ok()?;
    let children = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|all| all.split(' ').filter_map(|one| one.parse().ok()).collect::<Vec<_>>())
        .collect();
    children.into_iter().find(|child| {
        fs::read(format!("/proc/{child}/cmdline")).is_ok_and(|words| words.ends_with(b"\0walk-store\0"))
    })
}

#[test]
fn the_child_that_walks_the_store_has_no_rights_and_cannot_get_any() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    exchange(cart.address, &request("GET", "/first", "", b""));
    agent.wait_for_push(&stage, "cart", "GET /first");
    agent.wait_for_disk();
    agent.stop();

    // The first look into the file takes longer than the test.
    let file = stage.path("state/inventory.redb");
    let inject = "inject=pread64:delay_enter=60000000";
    let of_the_file = ["-P", file.to_str().unwrap(), "-e", "trace=pread64", "-e", inject];
    let strace = [&["strace", "-D", "-f", "-o", "/dev/null"][..], &of_the_file].concat();
    let agent = Agent::start_under(&stage, &strace);
    agent.until("a child walks the store", || walker(&agent).is_some());
    let child = walker(&agent).unwrap();
    agent.until("it reads under a filter", || field(child, "Seccomp") == "2");
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(field(child, set), "0000000000000000", "{set}");
    }
    assert_eq!(field(child, "NoNewPrivs"), "1");
    no_dump(child);
    agent.kill();
}

/// It writes no file of its memory.
#[track_caller]
fn no_dump(pid: u32) {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

#[test]
fn the_agent_leaves_no_memory_dump_and_nobody_without_the_right_looks_into_it() {
    let stage = Stage::live();
    stage.write_services(&[]);
    stage.write_config(&[]);
    let agent = Agent::start(&stage, &[]);
    let pid = agent.number();
    assert_eq!((field(pid, "NoNewPrivs"), field(pid, "CapBnd")), ("1".into(), "0000000000000000".into()));
    no_dump(pid);
    // The same user, with as few rights as the agent has.
    let memory = format!("/proc/{pid}/environ");
    let mut other = Command::new("setpriv");
    other.args(["--bounding-set=-all", "--inh-caps=-all", "cat"]).arg(Path::new(&memory));
    let output = other.output().unwrap();
    assert!(text(&output.stderr).contains("Permission denied"), "{output:?}");
    agent.stop();
}
