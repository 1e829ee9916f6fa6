//! Operations inside of one URL: what `replay` finds in captures of real servers, against what those say that they ran.
//! `tests/operations/run --keep` made them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Agent, Server, Stage, exchange, monitor, request, text};

/// Method and path, operation.
type Name = (String, String);

/// What was asked for and never run: the tables of exchanges show it, those of endpoints do not.
const GUESSES: [&str; 2] = ["graphql query Unknown", "jsonrpc call drop_tables"];

macro_rules! captures {
    ($($name:ident: $file:literal;)*) => {
        $(#[test]
        fn $name() {
            check($file);
        })*
    };
}

captures! {
    graphql: "graphql";
    json_rpc: "jsonrpc";
    mcp_with_sessions: "mcp-2025";
    mcp_without_sessions: "mcp-2026";
    soap_1_1: "soap-1.1";
    soap_1_2: "soap-1.2";
}

#[track_caller]
fn check(file: &str) {
    let truth = known(file);
    assert_eq!(of_endpoints(file), truth);
    let counts: BTreeMap<_, _> = truth.into_iter().map(|(name, (count, _))| (name, count)).collect();
    assert_eq!(of_exchanges(file), counts);
}

fn data(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/operations").join(file)
}

/// How often each was run, and how often it failed, as the server says.
fn known(file: &str) -> BTreeMap<Name, (u64, u64)> {
    let truth = std::fs::read_to_string(data(&format!("{file}.truth.tsv"))).unwrap();
    let rows = truth.lines().map(|line| match line.split('\t').collect::<Vec<_>>().as_slice() {
        [endpoint, operation, ran, failed] => {
            ((endpoint.to_string(), operation.to_string()), (ran.parse().unwrap(), failed.parse().unwrap()))
        }
        _ => panic!("{line}"),
    });
    let known: BTreeMap<_, _> = rows.collect();
    assert!(known.len() > 2, "{file} says nothing");
    known
}

fn replayed(file: &str, output: &str) -> Vec<Value> {
    let args = ["replay", "--format", "jsonl", "--output", output].map(Path::new);
    let output = monitor(args.into_iter().chain([&*data(&format!("{file}.pcap"))]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_endpoints(file: &str) -> BTreeMap<Name, (u64, u64)> {
    let mut found = BTreeMap::new();
    for row in replayed(file, "endpoints") {
        for one in row["operations"].as_array().into_iter().flatten() {
            let [protocol, kind, name] = ["protocol", "kind", "name"].map(|name| word_of(one, name));
            let operation = format!("{protocol} {kind} {name}");
            let counts = (one["requests"].as_u64().unwrap(), one["errors"].as_u64().unwrap());
            found.insert((endpoint(word_of(&row, "method"), word_of(&row, "path")), operation), counts);
        }
    }
    found
}

fn of_exchanges(file: &str) -> BTreeMap<Name, u64> {
    let mut found = BTreeMap::new();
    for line in replayed(file, "exchanges") {
        let Some(operations) = line["operation"].as_str() else { continue };
        let path = word_of(&line, "target").split('?').next().unwrap();
        for operation in operations.split(", ").filter(|one| !GUESSES.contains(one)) {
            *found.entry((endpoint(word_of(&line, "method"), path), operation.to_owned())).or_default() += 1;
        }
    }
    found
}

fn word_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn endpoint(method: &str, path: &str) -> String {
    format!("{method} {path}")
}

#[test]
fn they_stand_under_their_endpoint_and_are_no_endpoints_of_the_platform() {
    let capture = data("jsonrpc.pcap");
    let shown = |output: &str| {
        let args = ["replay", "--output", output].map(Path::new);
        let output = monitor(args.into_iter().chain([&*capture]));
        text(&output.stdout).to_owned()
    };
    let table = shown("endpoints");
    let line = |text: &str| table.lines().position(|line| line.contains(text)).expect(&table);
    let (endpoint, operation) = (line(" /rpc "), line("  orders.find "));
    assert!(operation > endpoint && table.contains("failed:2"), "{table}");
    assert_eq!(table.lines().filter(|line| line.contains("POST")).count(), 1, "{table}");
    let document = shown("openapi");
    assert!(document.contains("x-operations:") && document.contains("name: orders.find"), "{document}");
}

#[test]
fn every_call_of_a_live_endpoint_is_counted_once_it_is_known_to_have_operations() {
    let stage = Stage::live();
    let api = Server::start();
    stage.write_services(&[("api", api.address)]);
    stage.write("config.json", stage.config(&["api"]).to_string());
    let agent = Agent::start(&stage, &[]);
    let call = |method: &str| {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
        exchange(
            api.address,
            &request("POST", "/rpc", "Content-Type: application/json\r\n", body.as_bytes()),
        );
    };
    let row = || {
        let explained = agent.ask(&["explain", "/rpc", "--format", "json"]);
        serde_json::from_str::<Value>(&explained).unwrap()["endpoints"][0].clone()
    };
    let counted = |method: &str| {
        let row = row();
        let all = row["operations"].as_array().into_iter().flatten();
        all.filter(|one| one["name"] == method).find_map(|one| one["requests"].as_u64()).unwrap_or(0)
    };
    (0..5).for_each(|_| call("orders.add"));
    agent.until("the first calls are counted", || counted("orders.add") == 5);
    // The first 200 bodies of any endpoint are looked at, so beyond them each is only where capture was told to.
    (0..200).for_each(|_| call("orders.add"));
    let mut tries = 0;
    agent.until("capture follows the endpoint", || {
        call("orders.probe");
        tries += 1;
        // The 256th is looked at whatever it is.
        counted("orders.probe") > 1
    });
    (0..100).for_each(|_| call("orders.find"));
    (0..50).for_each(|_| call("orders.list"));
    agent.until("all of them are counted", || (counted("orders.find"), counted("orders.list")) == (100, 50));
    assert_eq!(agent.metric("operations_unread_total"), Some(0));
    let row = row();
    assert_eq!(row["requests"].as_u64(), Some(355 + tries));
    let text = agent.ask(&["explain", "/rpc"]);
    assert!(text.contains("operation jsonrpc call orders.find: 100 times"), "{text}");
    let before = row["operations"].clone();
    agent.stop();

    let agent = Agent::start(&stage, &[]);
    let explained = agent.ask(&["explain", "/rpc", "--format", "json"]);
    let explained: Value = serde_json::from_str(&explained).unwrap();
    assert_eq!(explained["endpoints"][0]["operations"], before, "they outlive a restart");
    agent.stop();
}
