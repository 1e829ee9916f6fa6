//! The demo and the stand-in platform as commands: they show what they say, end by themselves, and leave nothing behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Stage, get, program, text};

/// # Panics
/// The demo did not end well, or did not show what it is there for.
#[track_caller]
fn shows_all(output: &Output) {
    let out = text(&output.stdout);
    assert!(output.status.success(), "{out}\n{}", text(&output.stderr));
    for part in [
        "  the page: http://127.0.0.1:",
        "first endpoint after ",
        "Successfully parsed HTTP REQUEST: ",
        "Pushed endpoint to ",
    ] {
        assert!(out.contains(part), "{part:?} is not in\n{out}");
    }
    let (_, listing) = out.split_once("What the platform lists now:").unwrap_or_else(|| panic!("{out}"));
    assert!(listing.contains("/users/{userId}") && listing.contains("/api/v1/orders/{orderId}"), "{listing}");
    for method in ["GetCart", "AddItem", "WatchPrices"] {
        assert!(listing.contains(&format!("/shop.Carts/{method}")), "{method} is not in\n{listing}");
    }
    assert!(!listing.contains("NoSuchMethod") && !listing.contains("grpc.health"), "{listing}");
    let tls = listing.lines().find(|line| line.starts_with("demo/payments")).unwrap_or_default();
    assert!(tls.contains("tls 1"), "a service that cannot be read is reported:\n{listing}");
    assert!(!out.contains("ERROR") && !out.contains("does not add up"), "{out}");
}

#[test]
fn the_demo_works_with_and_without_the_right_to_capture() {
    let stage = Stage::live();
    let folder = stage.path("temporary");
    std::fs::create_dir(&folder).unwrap();
    let binary = env!("CARGO_BIN_EXE_traffic-monitor");
    let start = |program: &str, before: &[&str]| {
        let mut command = Command::new(program);
        command.args(before).args(["demo", "--seconds", "6"]).env("TMPDIR", &folder);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let with = start(binary, &[]);
    let without = start("setpriv", &["--bounding-set", "-net_raw", "--inh-caps", "-all", binary]);
    shows_all(&with.wait_with_output().unwrap());
    let without = without.wait_with_output().unwrap();
    shows_all(&without);
    assert!(
        text(&without.stdout).contains("all but the page runs in a network namespace of its own"),
        "{}",
        text(&without.stdout)
    );
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_platform_alone_serves_its_page_until_sigterm() {
    let mut child = program()
        .args(["platform", "--port", "0", "--application", "cart:a:i"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let address = address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
    let (status, page) = get(address, "/");
    assert!(status == 200 && page.contains("<html"), "{page}");
    let (status, state) = get(address, "/control/state");
    assert!(status == 200 && state.contains("\"cart\""), "{state}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
