//! `drift`: captures against a team's document.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Stage, conversation, monitor, pcap, text};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"id\": 7, \"vat\": 1.5}";

fn capture(stage: &Stage) -> std::path::PathBuf {
    let requests: Vec<Vec<u8>> = (1..30)
        .map(|n| {
            format!("GET /v1/users/{n}?page={n} HTTP/1.1\r\nHost: cart\r\nAuthorization: Bearer k{n}\r\n\r\n")
        })
        .chain(["DELETE /v1/carts/77 HTTP/1.1\r\nHost: cart\r\n\r\n".to_owned()])
        .map(String::into_bytes)
        .collect();
    let exchanges: Vec<(&[u8], &[u8])> = requests.iter().map(|request| (request.as_slice(), OK)).collect();
    stage.write("a.pcap", pcap(&conversation(40_000, &exchanges)))
}

fn drift(args: &[&str], spec: &Path, capture: &Path) -> Output {
    let files = [Path::new("--spec"), spec, capture];
    monitor([&["drift"], args].concat().iter().map(Path::new).chain(files))
}

#[test]
fn a_document_made_from_traffic_agrees_with_it() {
    let stage = Stage::new();
    let capture = capture(&stage);
    for form in ["yaml", "json"] {
        let args = ["replay", "--output", "openapi", "--format", form];
        let made = monitor(args.iter().map(Path::new).chain([capture.as_path()]));
        assert!(made.status.success(), "{}", text(&made.stderr));
        let output = drift(&[], &stage.write("own", &made.stdout), &capture);
        assert_eq!(text(&output.stdout), "No drift found.\n", "{}", text(&output.stderr));
        assert!(output.status.success());
    }
}

#[test]
fn differences_are_told_and_end_with_status_3() {
    let stage = Stage::new();
    let capture = capture(&stage);
    let spec = json!({"openapi": "3.0.3", "servers": [{"url": "https://shop.test/v1"}], "security": [{"key": []}], "paths": {
        "/users/{user_id}": {"get": {
            "parameters": [{"in": "query", "name": "page", "schema": {"type": "boolean"}}],
            "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "integer"}}}}}}}}},
        "/reports": {"get": {"responses": {"200": {"description": ""}}}},
    }});
    let spec = stage.write("spec.json", spec.to_string());
    let output = drift(&["--format", "json"], &spec, &capture);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let found: Vec<String> = found
        .iter()
        .map(|one| format!("{} {} {}: {}", one["kind"], one["method"], one["path"], one["what"]))
        .collect();
    let expected = [
        r#""shadow" "DELETE" "/v1/carts/{cartId}": "is asked for, and not documented""#,
        r#""parameter" "GET" "/v1/users/{userId}": "query parameter page is integer, documented as boolean""#,
        r#""response" "GET" "/v1/users/{userId}": "200: vat is not documented""#,
        r#""orphan" "GET" "/v1/reports": "is documented, and not in these captures""#,
    ];
    assert_eq!(found, expected);
    let table = drift(&[], &spec, &capture);
    assert!(text(&table.stdout).starts_with("SERVICE"), "{}", text(&table.stdout));
    assert_eq!(table.status.code(), Some(3));
}

#[test]
fn documents_of_the_configuration_are_compared_by_their_service() {
    let stage = Stage::new();
    let capture = capture(&stage);
    let spec = json!({"openapi": "3.0.3", "paths": {"/v1/reports": {"get": {"responses": {}}}}});
    let spec = stage.write("spec.json", spec.to_string());
    let config = |specs: Value| stage.write("config.json", json!({"monitor": {"specs": specs}}).to_string());
    let run = |config: &Path| monitor([Path::new("drift"), Path::new("--config"), config, &capture]);
    let output = run(&config(json!({"cart": spec})));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    let row = |word: &str| {
        table.lines().any(|line| line.split_whitespace().any(|one| one == word) && line.starts_with("cart"))
    };
    assert!(row("shadow") && row("orphan"), "{table}");
    for (specs, says) in [
        (json!({}), "no document to compare with"),
        (json!({"orders": spec}), "the captures show no endpoint of service 'orders'"),
        (json!(["a"]), "monitor.specs must be an object"),
        (json!({"cart": "/no/such/file"}), "/no/such/file"),
    ] {
        let output = run(&config(specs));
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains(says), "{} in {}", says, text(&output.stderr));
    }
}

#[test]
fn what_is_no_document_is_an_error() {
    let stage = Stage::new();
    let capture = capture(&stage);
    for (bytes, says) in [
        (&b"{}"[..], "no `swagger: 2.0` or `openapi: 3.x`"),
        (b"a: [", "is no YAML or JSON"),
        (b"\xff\xfe", "is not UTF-8"),
    ] {
        let output = drift(&[], &stage.write("spec", bytes), &capture);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
}
