//! The command line: help, exit statuses, and errors that say what to do.

use std::process::{Command, Output};

use crate::support::{Stage, monitor, program, text};

/// # Panics
/// It did not fail with exactly one line of this kind on standard error, and nothing on standard output.
#[track_caller]
fn fails(output: &Output, status: i32, says: &[&str]) {
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{err}");
    assert_eq!(text(&output.stdout), "", "{err}");
    for part in says {
        assert!(err.contains(part), "{part:?} is not in {err:?}");
    }
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn every_subcommand_has_help() {
    let top = monitor(["--help"]);
    assert!(top.status.success());
    let top = text(&top.stdout);
    for (name, option) in [
        ("run", "--config"),
        ("replay", "--output"),
        ("demo", "--seconds"),
        ("platform", "--port"),
        ("setup", "--one-document"),
        ("status", "--format"),
        ("explain", "PATH|ADDRESS"),
    ] {
        assert!(top.lines().any(|line| line.trim_start().starts_with(name)), "{name} is not in\n{top}");
        let output = monitor([name, "--help"]);
        let help = text(&output.stdout);
        assert!(output.status.success() && help.contains(option), "{name}: {help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{name} is wide:\n{help}");
    }
    let version = monitor(["--version"]);
    let commit = option_env!("TRAFFIC_MONITOR_COMMIT").filter(|commit| !commit.is_empty());
    let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
    assert_eq!(text(&version.stdout), format!("traffic-monitor {}{commit}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn shells_complete_the_command_line() {
    for shell in ["bash", "zsh", "fish"] {
        let script = monitor(["completions", shell]);
        let script = text(&script.stdout);
        assert!(script.contains("status") && script.contains("auto-onboard"), "{shell}: {script}");
        assert!(!script.contains("walk-store"), "{shell} offers what only the agent starts:\n{script}");
    }
    let ask = r#"eval "$("$0" completions bash)"; COMP_WORDS=(traffic-monitor stat); COMP_CWORD=1
        _traffic__monitor traffic-monitor stat traffic-monitor; echo "${COMPREPLY[@]}""#;
    let bash =
        Command::new("bash").args(["-c", ask, env!("CARGO_BIN_EXE_traffic-monitor")]).output().unwrap();
    assert_eq!(text(&bash.stdout), "status\n", "{}", text(&bash.stderr));
}

#[test]
fn a_wrong_command_line_is_status_2_with_usage() {
    for args in [
        &["nonsense"][..],
        &["run", "--capture", "nonsense"],
        &["replay"],
        &["replay", "--raw", "--push", "x.pcap"],
        &["replay", "--dry-run", "x.pcap"],
        &["demo", "--seconds", "86401"],
        &["explain"],
    ] {
        fails(&monitor(args), 2, &["error:", "--help"]);
    }
    fails(&monitor([] as [&str; 0]), 2, &["Usage:"]);
}

#[test]
fn asking_without_a_running_agent_says_so() {
    let stage = Stage::new();
    let state = stage.path("state");
    for args in [&["status"][..], &["explain", "/x"]] {
        let output = program().args(args).arg("--state").arg(&state).output().unwrap();
        fails(&output, 1, &["ERROR", "no agent listens", "--state"]);
    }
}

#[test]
fn run_with_a_services_file_that_is_wrong_says_where() {
    let stage = Stage::new();
    let run = |file: &str| {
        let mut command = program();
        command.arg("run").arg("--state").arg(stage.path("state")).arg("--services").arg(stage.path(file));
        command.output().unwrap()
    };
    stage.write(
        "wrong.json",
        r#"{"services": [{"name": "cart", "namespace": "shop", "addresses": ["10.0.0.300"]}]}"#,
    );
    fails(&run("wrong.json"), 1, &["ERROR", "wrong.json", "10.0.0.300"]);
    fails(&run("missing.json"), 1, &["ERROR", "missing.json"]);
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let stage = Stage::new();
    stage.fifo("pipe");
    let pipe = stage.path("pipe");
    let pipe = pipe.to_str().unwrap();
    for args in [
        &["run", "--services", pipe][..],
        &["replay", "--services", pipe, "x.pcap"],
        &["platform", "--key-file", pipe],
        &["setup", "--yes", "--offline", "--key-file", pipe],
        &["setup", "--yes", "--offline", "--output", pipe],
    ] {
        fails(&monitor(args), 1, &["ERROR", "pipe", "is not a regular file, but a pipe"]);
    }
    fails(&monitor(["platform", "--key-file", "/dev/zero"]), 1, &["/dev/zero", "not a regular file"]);
    for file in [pipe, "/dev/zero", "/"] {
        let output = monitor(["check", "--config", file, "--format", "json"]);
        assert!(text(&output.stdout).contains("is not a regular file, but a"), "{}", text(&output.stdout));
        let keyless = monitor(["check", "--config", "/none", "--key-file", file, "--format", "json"]);
        assert!(keyless.status.code() == Some(1), "{}", text(&keyless.stdout));
    }
}

#[test]
fn a_cgroup_that_is_not_there_is_said_with_where_to_look() {
    let stage = Stage::live();
    let run = |args: &[&str]| {
        let output = program().arg("run").args(args).arg("--state").arg(stage.path("state")).output();
        output.unwrap()
    };
    let absent = ["ERROR: --cgroup /nonexistent: there is no such cgroup", "/proc/PID/cgroup"];
    // Also where another way to capture would do: it is not what was asked for.
    fails(&run(&["--capture", "cgroup", "--cgroup", "/nonexistent=a/b"]), 1, &absent);
    fails(&run(&["--cgroup", "/nonexistent=a/b"]), 1, &absent);
    fails(&run(&["--cgroup", "/tmp=a/b"]), 1, &["ERROR: --cgroup /tmp: there is no such cgroup"]);
    let packets = run(&["--capture", "packet", "--cgroup", "/tmp=a/b"]);
    fails(&packets, 1, &["ERROR: --cgroup /tmp is for capture at sockets"]);
    fails(&run(&["--cgroup-root", "/tmp"]), 1, &["ERROR: --cgroup-root /tmp: no tree of cgroups"]);
}

#[test]
fn run_without_the_right_to_capture_says_which_and_how_to_give_it() {
    assert!(rustix::process::geteuid().is_root(), "this test drops a right of root: run it as root");
    let stage = Stage::new();
    let output = Command::new("setpriv")
        .args([
            "--bounding-set",
            "-net_raw",
            "--inh-caps",
            "-all",
            env!("CARGO_BIN_EXE_traffic-monitor"),
            "run",
        ])
        .arg("--state")
        .arg(stage.path("state"))
        .output()
        .expect("this test needs setpriv (Debian: util-linux)");
    fails(&output, 1, &["ERROR", "CAP_NET_RAW", "setcap", "NET_RAW"]);
}

#[test]
fn run_on_an_interface_that_does_not_exist_names_those_that_do() {
    let stage = Stage::live();
    let output = program()
        .args(["run", "--interface", "nowhere0", "--state"])
        .arg(stage.path("state"))
        .output()
        .unwrap();
    fails(&output, 1, &["ERROR", "nowhere0", "choose among lo"]);
}

#[test]
fn a_platform_whose_port_is_taken_says_so() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    fails(&monitor(["platform", "--port", &port]), 1, &["ERROR", &port]);
    fails(&monitor(["platform", "--application", "cart"]), 1, &["NAME:APP_ID:INSTANCE_ID"]);
}
