//! What is missing is named, with what it costs, and the rest works.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::server::{Server, finders, is_read};
use crate::support::{Agent, Stage, program, text};

/// Starts an agent for a cgroup with these capabilities only.
fn start(stage: &Stage, capabilities: &str, target: &str, extra: &[&str]) -> Agent {
    let mut outer = Command::new("setpriv");
    let bounding = format!("--bounding-set=-all{capabilities}");
    outer.args([&bounding, "--inh-caps=-all", "--no-new-privs"]);
    Agent::start_at_best_with(stage, &outer, target, extra)
}

#[test]
fn without_the_rights_the_reason_is_said_by_name_and_the_rest_works() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    stage.write("services.json", "{\"services\": []}");
    let server = Server::nginx(&stage, 8443);
    let agent = start(&stage, ",+net_raw,+net_admin,+bpf", &server.target("cart"), &["--tls"]);
    for missing in [
        "Rights: https: CAP_PERFMON (Linux 5.8): missing; HTTPS is not read",
        "Rights: https: CAP_SYS_PTRACE (Linux 2.2): missing; HTTPS is read only of programs whose files can be opened without it",
    ] {
        agent.wait_for(missing);
    }
    let errors = agent.status()["errors"].to_string();
    assert!(errors.contains("HTTPS is not read, though --tls asks for it"), "{errors}");
    assert!(errors.contains("CAP_BPF and CAP_PERFMON"), "{errors}");
    server.ask(&[], &["/api/v1/orders"]);
    agent.until("the connection is counted", || {
        agent.service("shop/cart")["unreadable"].as_str().unwrap_or_default().starts_with("tls 1")
    });
    agent.stop();
}

#[test]
fn with_exactly_the_rights_of_the_component_it_is_read() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    stage.write("services.json", "{\"services\": []}");
    let server = Server::nginx(&stage, 8443);
    let rights = ",+net_raw,+net_admin,+bpf,+perfmon,+sys_ptrace";
    let agent = start(&stage, rights, &server.target("cart"), &["--tls"]);
    is_read(&agent, "cart");
    server.ask(&[], &["/api/v1/orders"]);
    agent.until("it is read", || agent.service("shop/cart")["requests"] == 1);
    agent.stop();
}

#[test]
fn packets_and_tls_do_not_go_together_and_check_says_what_is_missing() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    stage.write("services.json", "{\"services\": []}");
    let agent = Agent::start(&stage, &["--tls"]);
    agent.wait_for("captures packets");
    let errors = agent.status()["errors"].to_string();
    assert!(errors.contains("it takes capture at the sockets of cgroups"), "{errors}");
    agent.stop();
    let mut check = Command::new("setpriv");
    check.args(["--bounding-set=-all,+net_admin,+bpf,+perfmon", "--inh-caps=-all", "--no-new-privs"]);
    check
        .arg(program().get_program())
        .env_clear()
        .env("HOME", stage.path("none"))
        .env("TRAFFIC_MONITOR_TLS", "true");
    check.args(["check", "--format", "json", "--config"]).arg(stage.path("config.json"));
    let output = check.arg("--state").arg(stage.path("none")).output().unwrap();
    let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let rows = answer["checks"].as_array().unwrap().iter().filter(|row| row["subject"] == "https");
    let rows: Vec<_> = rows.map(|row| format!("{} {}", row["state"], row["finding"])).collect();
    assert_eq!(rows[0], "\"ok\" \"CAP_PERFMON (Linux 5.8)\"");
    assert_eq!(rows[1], "\"error\" \"CAP_SYS_PTRACE (Linux 2.2): missing\"");
    assert_eq!(rows[3], "\"ok\" \"the programs (Linux 6.6)\"");
}

#[test]
fn who_finds_libraries_has_the_rights_for_it_and_no_others_and_the_agent_has_none_of_them() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let server = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    let field = |file: String, name: &str| {
        let status = fs::read_to_string(file).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(":\t"));
        line.unwrap().to_owned()
    };
    let [finder] = finders(agent.number())[..] else { panic!("one process finds libraries") };
    let status = |name: &str| field(format!("/proc/{finder}/status"), name);
    // SYS_PTRACE, PERFMON, BPF and CHECKPOINT_RESTORE (capabilities(7)).
    let rights = 1_u64 << 19 | 1 << 38 | 1 << 39 | 1 << 40;
    for set in ["CapEff", "CapPrm", "CapBnd"] {
        let expected = if set == "CapBnd" { 0 } else { rights };
        assert_eq!(u64::from_str_radix(&status(set), 16).unwrap(), expected, "{set}");
    }
    assert_eq!((status("NoNewPrivs").as_str(), status("Seccomp").as_str()), ("1", "2"));
    // BPF and NET_ADMIN stay with those that attach and read.
    for task in fs::read_dir(format!("/proc/{}/task", agent.number())).unwrap() {
        let file = task.unwrap().path().join("status").display().to_string();
        let kept = u64::from_str_radix(&field(file, "CapPrm"), 16).unwrap();
        assert_eq!(kept & !(1 << 12 | 1 << 39), 0, "{kept:x}");
    }
    agent.stop();
}
