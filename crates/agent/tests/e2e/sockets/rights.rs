//! The ladder of rights.

use std::process::Command;

use serde_json::Value;

use crate::support::{Stage, program, text};

#[test]
fn check_shows_what_each_set_of_capabilities_allows() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let states = |capabilities: &str| {
        let mut command = Command::new("setpriv");
        let bounding = format!("--bounding-set=-all{capabilities}");
        command.args([&bounding, "--inh-caps=-all", "--no-new-privs"]).arg(program().get_program());
        command.args(["check", "--format", "json", "--config"]).arg(stage.path("config.json"));
        command.env("XDG_CONFIG_HOME", stage.path("none")).env("HOME", stage.path("none"));
        let output = command.output().unwrap();
        let answer: Value = serde_json::from_str(text(&output.stdout)).unwrap();
        let rows = answer["checks"].as_array().unwrap().clone();
        let of =
            |subject: &str| rows.iter().filter(|row| row["subject"] == subject).cloned().collect::<Vec<_>>();
        let states = |rows: &[Value]| {
            rows.iter().map(|row| row["state"].as_str().unwrap() == "ok").collect::<Vec<_>>()
        };
        (states(&of("capture")), states(&of("sockets")), of("sockets"))
    };
    // In this order: CAP_BPF, CAP_NET_ADMIN, the tree of cgroups, the program.
    let (packets, sockets, rows) = states(",+net_raw,+net_admin,+bpf");
    assert_eq!((packets, sockets), (vec![true], vec![true; 4]), "{rows:#?}");
    let (packets, sockets, rows) = states(",+net_raw");
    assert_eq!((packets, sockets), (vec![true], vec![false, false, true, false]), "{rows:#?}");
    let (packets, sockets, rows) = states("");
    assert_eq!((packets, sockets), (vec![false], vec![false, false, true, false]), "{rows:#?}");
    let (_, sockets, rows) = states(",+net_raw,+bpf");
    assert_eq!(sockets, vec![true, false, true, false], "{rows:#?}");
}
