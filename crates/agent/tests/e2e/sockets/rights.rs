//! The ladder of rights: what `check` and the agent say under several sets of capabilities.

use std::process::Command;

use serde_json::Value;

use crate::support::{Agent, Cgroup, Server, Stage, exchange, program, request, text};

/// Returns what the rows of `check` say: of packets, and of sockets.
fn checked(stage: &Stage, capabilities: &str) -> (String, [String; 4]) {
    let mut command = Command::new("setpriv");
    let bounding = format!("--bounding-set=-all{capabilities}");
    command.args([&bounding, "--inh-caps=-all", "--no-new-privs"]).arg(program().get_program());
    command.args(["check", "--format", "json", "--config"]).arg(stage.path("config.json"));
    command.env("XDG_CONFIG_HOME", stage.path("none")).env("HOME", stage.path("none"));
    let output = command.output().unwrap();
    let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let of = |subject: &str| {
        let rows = answer["checks"].as_array().unwrap().iter().filter(|row| row["subject"] == subject);
        rows.map(|row| format!("{}: {}", row["state"].as_str().unwrap(), row["finding"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    (of("capture").remove(0), of("sockets").try_into().unwrap())
}

#[test]
fn check_shows_what_each_set_of_capabilities_allows() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let packets = "ok: a packet socket with its ring can be opened (CAP_NET_RAW)";
    let cgroups = "ok: cgroup version 2 (Linux 4.10)";
    let no_bpf = "warning: CAP_BPF (Linux 5.8): missing";
    let no_admin = "warning: CAP_NET_ADMIN (Linux 2.2): missing";
    let not_loaded = "warning: the program (Linux 5.9): not loaded without CAP_BPF";
    let not_attached = "warning: the program (Linux 5.9): loaded, and not attached without CAP_NET_ADMIN";

    let (capture, sockets) = checked(&stage, ",+net_raw,+net_admin,+bpf");
    assert_eq!(capture, packets);
    let all = ["ok: CAP_BPF (Linux 5.8)", "ok: CAP_NET_ADMIN (Linux 2.2)", cgroups];
    assert_eq!(sockets, [all[0], all[1], all[2], "ok: the program (Linux 5.9)"]);

    let (capture, sockets) = checked(&stage, ",+net_raw");
    assert_eq!(capture, packets);
    assert_eq!(sockets, [no_bpf, no_admin, cgroups, not_loaded]);

    let (capture, sockets) = checked(&stage, "");
    assert_eq!(capture, "error: CAP_NET_RAW is missing: no packet socket can be opened");
    assert_eq!(sockets, [no_bpf, no_admin, cgroups, not_loaded]);

    // Those of deploy/sockets.
    let (capture, sockets) = checked(&stage, ",+net_admin,+bpf");
    assert_eq!(capture, "warning: CAP_NET_RAW is missing: no packet socket can be opened");
    assert_eq!(sockets, [all[0], all[1], all[2], "ok: the program (Linux 5.9)"]);

    let (_, sockets) = checked(&stage, ",+net_raw,+bpf");
    assert_eq!(sockets, [all[0], no_admin, cgroups, not_attached]);
}

#[test]
fn the_agent_says_the_same_at_its_start() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let table = |capabilities: &str| {
        let agent = Agent::spawn_with_rights(&stage, capabilities);
        agent.wait_for("Capture: sockets: the program");
        let rows: Vec<_> = agent
            .messages()
            .into_iter()
            .filter_map(|line| line.strip_prefix("Capture: ").map(str::to_owned))
            .collect();
        rows
    };
    let instead = "packets are captured instead: no loopback inside of pods, no port-forward";
    let both = [
        "packets: CAP_NET_RAW (Linux 3.2): yes",
        "packets: the network of the node (Linux 3.2): yes",
        "sockets: CAP_BPF (Linux 5.8): yes",
        "sockets: CAP_NET_ADMIN (Linux 2.2): yes",
        "sockets: cgroup version 2 (Linux 4.10): yes",
        "sockets: the program (Linux 5.9): yes",
    ];
    assert_eq!(table(",+net_raw,+net_admin,+bpf"), both);
    let no_sockets = [
        format!("sockets: CAP_BPF (Linux 5.8): missing; {instead}"),
        format!("sockets: CAP_NET_ADMIN (Linux 2.2): missing; {instead}"),
        both[4].to_owned(),
        format!("sockets: the program (Linux 5.9): not loaded without CAP_BPF; {instead}"),
    ];
    assert_eq!(table(",+net_raw"), [&both.map(str::to_owned)[..2], &no_sockets].concat());
    let nothing = table("");
    assert_eq!(nothing[0], "packets: CAP_NET_RAW (Linux 3.2): missing; no packets can be captured");
    assert_eq!(nothing[2..], no_sockets);
}

/// Has bpf(2) answered with an error, as a seccomp profile, a security module or an older kernel does, and runs a command
/// (seccomp(2): an instruction is a code, two jumps and a number).
const WITHOUT_BPF: &str = "
import ctypes, os, platform, struct, sys
number = {'x86_64': 321, 'aarch64': 280}[platform.machine()]
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
program = b''.join(struct.pack('HBBI', *each) for each in [
    (LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, 0x00050000 | int(sys.argv[1])), (RETURN, 0, 0, 0x7fff0000)])
buffer = ctypes.create_string_buffer(program)
filter = struct.pack('HxxxxxxP', 4, ctypes.addressof(buffer))
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, FILTER, filter, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[2], sys.argv[2:])
";

#[test]
fn where_bpf_is_refused_the_reason_is_named_and_packets_are_captured() {
    const EPERM: i32 = 1;
    const EINVAL: i32 = 22;
    const ENOSYS: i32 = 38;
    for (errno, reason) in [
        (
            EPERM,
            "it is the seccomp profile, the security module or the lockdown of the kernel that forbids bpf(2)",
        ),
        (ENOSYS, "this kernel cannot capture at sockets (Function not implemented"),
        (EINVAL, "the kernel refused the program: "),
    ] {
        let (stage, cart, cgroup) = (Stage::live(), Server::start(), Cgroup::new("sandboxed"));
        stage.write_services(&[("cart", cart.address)]);
        stage.write_config(&["cart"]);
        let mut outer = Command::new("python3");
        outer.args(["-c", WITHOUT_BPF, &errno.to_string()]);
        let agent = Agent::start_at_best(&stage, &outer, &format!("{}=shop/cart", cgroup.path().display()));
        let said = agent.log();
        let warning = said.lines().find(|line| line.contains("WARN Traffic cannot be captured at sockets"));
        assert!(warning.is_some_and(|line| line.contains(reason)), "{errno}: {said}");
        let rung = said.lines().find(|line| line.contains("Capture: sockets: the program"));
        assert!(rung.is_some_and(|line| line.contains(reason)), "{errno}: {said}");
        exchange(cart.address, &request("GET", "/api/v1/orders", "", b""));
        agent.wait_for_push(&stage, "cart", "GET /api/v1/orders");
        agent.stop();
    }
}
