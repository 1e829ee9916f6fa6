//! Running it: health, metrics, who may look, the end, and the runs that send nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;
use stand_in::{Action, Call, Fault, Recorded};

use crate::support::{Agent, Server, Stage, exchange, request};

fn order() -> Vec<u8> {
    let body = br#"{"sku": "A-1", "password": "hunter2zz"}"#;
    request("POST", "/orders?notify=1", "Content-Type: application/json\r\n", body)
}

#[test]
fn health_metrics_and_files_are_as_documented() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &["--log-format", "json"]);
    exchange(cart.address, &order());
    agent.until("pushed", || agent.service("shop/cart")["pushed"] == 1);

    assert_eq!(agent.health("/healthz"), (200, "ok\n".into()));
    assert_eq!(agent.health("/readyz"), (200, "ok\n".into()));
    assert_eq!(agent.health("/else").0, 404);
    // The worker reports some times a second, and a push may be faster.
    let counted = "exchanges_by_way_total{way=\"new\"}";
    agent.until("the worker has reported", || agent.metric(counted) == Some(1));
    let (status, metrics) = agent.health("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    for line in [
        "traffic_monitor_service_pushed{service=\"shop/cart\"} 1",
        "traffic_monitor_service_requests{service=\"shop/cart\"} 1",
        "traffic_monitor_platform_calls_total{call=\"add\",result=\"success\"} 1",
        "traffic_monitor_capture_kernel_drops_total 0",
        "traffic_monitor_errors 0",
    ] {
        assert!(metrics.contains(line), "{line:?} is not in\n{metrics}");
    }

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let state = stage.path("state");
    assert_eq!(mode(&state), 0o700);
    for name in ["inventory.redb", "agent.sock"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    let log = agent.stop();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pushed = "\u{2713} Done! Pushed endpoint to dev website: POST /orders";
    assert!(lines.iter().any(|line| line["message"].as_str().unwrap().starts_with(pushed)), "{log}");
    assert!(!state.join("agent.sock").exists(), "nothing is left to listen on");
}

#[test]
fn it_ends_in_time_and_accounts_for_all_while_requests_come_and_the_platform_hangs() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    stage.platform.set_faults(
        vec![Fault::always(Call::Any, Action::Delay { milliseconds: 60_000, processed: false })],
        0,
    );
    let agent = Agent::start(&stage, &[]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                number += 1;
                exchange(cart.address, &request("GET", format!("/items/{number}"), "", b""));
            }
        });
        agent.wait_for("HTTP REQUEST: GET /items/");
        agent.until("a call hangs", || !stage.platform.recorded().is_empty());
        // Its end is checked in here: in time, status 0, all accounts even.
        agent.stop();
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_terminal_that_goes_away_ends_it_in_order_unless_nohup_says_otherwise() {
    let stage = Stage::live();
    stage.write_services(&[]);
    stage.write_config(&["cart"]);
    let log = Agent::start(&stage, &[]).stop_by(Signal::HUP);
    assert!(log.contains("SIGHUP: stopping"), "{log}");

    let agent = Agent::start_under(&stage, &["nohup"]);
    agent.until("alive", || agent.health("/healthz").0 == 200);
    assert!(agent.ignores(Signal::HUP), "nohup(1) has it ignored");
    agent.signal(Signal::HUP);
    assert_eq!(agent.health("/healthz").0, 200);
    assert!(!agent.stop().contains("SIGHUP"));
}

/// Returns whether the text shows a call in full: where it goes, and each line of what it carries.
fn shows(out: &str, url: &str, call: &Recorded) -> bool {
    let query = call.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let body = String::from_utf8(call.body.to_vec()).unwrap();
    out.contains(&format!("{} {url}{}{query}\n", call.method, call.path)) && out.contains(&body)
}

/// What is shown, with a key or without, is what a real run sends afterwards, from what the first one kept.
fn shown_then_sent(extra: &[&str], variables: &[(&str, &str)], has_key: bool) {
    let stage = Stage::live();
    let (cart, pay) = (Server::start(), Server::start());
    stage.write_services(&[("cart", cart.address), ("pay", pay.address)]);
    let mut config = stage.config(&["cart", "pay"]);
    config.as_object_mut().unwrap().retain(|name, _| has_key || name != "apiKey");
    stage.write("config.json", config.to_string());
    let agent = Agent::start_with(&stage, extra, variables);
    exchange(cart.address, &order());
    let commit =
        |app: &str| agent.out().lines().any(|line| line.contains(app) && line.ends_with("/bolt/commit"));
    agent.until("the commit is shown", || commit("/app-cart/"));
    // What is shown later comes of a later look, at which the first is not shown again.
    exchange(pay.address, &order());
    agent.until("the other's commit is shown", || commit("/app-pay/"));
    let out = agent.out();
    agent.stop();
    assert_eq!(stage.platform.recorded().len(), 0, "something was sent");
    assert!(!out.contains("hunter2zz"), "{out}");

    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    agent.wait_for_push(&stage, "cart", "POST /orders");
    let recorded = stage.platform.recorded();
    let kinds: Vec<_> = recorded.iter().map(|call| call.call).collect();
    assert_eq!(kinds, [Call::Listing, Call::Preview, Call::Add, Call::Listing, Call::Commit]);
    for call in &recorded {
        assert!(shows(&out, &stage.platform.url(), call), "{call:?} was not shown, but\n{out}");
    }
    let is_call = |line: &&str| line.starts_with("GET http") || line.starts_with("POST http");
    let shown = out.lines().filter(is_call).filter(|line| line.contains("/app-cart/")).count();
    assert_eq!(shown, recorded.len(), "{out}");
    stage.assert_contract();
    agent.stop();
}

#[test]
fn a_dry_run_shows_what_is_sent_later() {
    shown_then_sent(&["--dry-run"], &[], true);
}

#[test]
fn a_dry_run_needs_no_key() {
    shown_then_sent(&["--dry-run"], &[], false);
}

#[test]
fn so_does_the_variable_that_switches_the_integration_off() {
    shown_then_sent(&[], &[("ENABLE_APISEC_INTEGRATION", "false")], true);
}
