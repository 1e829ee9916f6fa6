//! HTTP archives: out of captures, and in again.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Stage, conversation, monitor, pcap, text};

const USERS: &[u8] = b"GET /users/42?page=1&api_key=5ecret5ecret HTTP/1.1\r\nHost: cart\r\nAuthorization: Bearer secret-of-ann\r\n\r\n";
const ORDER: &[u8] = b"POST /orders HTTP/1.1\r\nHost: cart\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"sku\": \"A1\", \"password\": \"hunter2hunter\"}";
const MADE: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"token\": \"0123456\"}";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n\xffok";

fn replay(args: &[&str], file: &Path) -> Output {
    monitor([&["replay"], args].concat().iter().map(Path::new).chain([file]))
}

#[track_caller]
fn document(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is known of the endpoints in a file, but where their server stood.
fn endpoints(file: &Path) -> Value {
    let mut rows = document(&replay(&["--format", "json"], file));
    for row in rows.as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("server");
    }
    rows
}

#[test]
fn what_was_captured_comes_back_from_an_archive() {
    let stage = Stage::new();
    let capture = stage.write("a.pcap", pcap(&conversation(40_000, &[(USERS, OK), (ORDER, MADE)])));
    let raw = replay(&["--output", "har", "--raw"], &capture);
    let entries = &document(&raw)["log"]["entries"];
    assert_eq!(entries[0]["request"]["url"], "http://cart/users/42?page=1&api_key=5ecret5ecret");
    assert_eq!(entries[0]["response"]["content"]["encoding"], "base64", "not UTF-8");
    assert_eq!(entries[1]["request"]["postData"]["mimeType"], "application/json");
    assert_eq!(entries[1]["response"]["status"], 201);
    let archive = stage.write("a.har", [b"\xef\xbb\xbf \n", raw.stdout.as_slice()].concat());
    assert_eq!(endpoints(&archive), endpoints(&capture));
    let again = replay(&["--output", "har", "--raw"], &archive);
    let urls = |document: &Value| document["log"]["entries"][1]["request"]["url"].clone();
    assert_eq!(urls(&document(&again)), urls(&document(&raw)));
}

#[test]
fn an_archive_has_no_secrets_unless_it_is_raw() {
    let stage = Stage::new();
    let capture = stage.write("a.pcap", pcap(&conversation(40_000, &[(USERS, OK), (ORDER, MADE)])));
    let output = replay(&["--output", "har"], &capture);
    let shown = text(&output.stdout);
    for secret in ["5ecret5ecret", "secret-of-ann", "hunter2hunter", "0123456"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
        assert!(text(&replay(&["--output", "har", "--raw"], &capture).stdout).contains(secret));
    }
    let entries = &document(&output)["log"]["entries"];
    assert_eq!(entries[1]["response"]["content"], json!({"size": 20, "mimeType": "application/json"}));
}

#[test]
fn an_archive_that_is_damaged_is_an_error_behind_what_is_whole() {
    let stage = Stage::new();
    let capture = stage.write("a.pcap", pcap(&conversation(40_000, &[(USERS, OK), (ORDER, MADE)])));
    let whole = replay(&["--output", "har", "--raw"], &capture).stdout;
    for (bytes, says) in [
        (&whole[..whole.len() / 2], "is no HTTP archive behind its entry"),
        (&b"{}"[..], "missing field `log`"),
        (&b"{\"log\": 7}"[..], "an object with `entries`"),
        (&b"{\"log\": {\"entries\": [{\"request\": {\"method\": 7}}]}}"[..], "behind its entry 0"),
    ] {
        let output = replay(&[], &stage.write("cut.har", bytes));
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
    // What is no request on a network, or has no answer.
    let odd = json!({"log": {"entries": [
        {"request": {"method": "GET", "url": "data:text/plain,a"}},
        {"request": {"method": "GET", "url": "http://cart/held", "headers": [{"name": "X\r\nY", "value": "1"}]}},
        {"request": {"method": "GET", "url": "https://[::1]:8443/v1?a=b#c"}, "response": {"status": 200}},
    ]}});
    let rows = endpoints(&stage.write("odd.har", odd.to_string()));
    let paths: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["path"].clone()).collect();
    assert_eq!(paths, ["/held", "/v1"]);
}
