//! `replay` of captures of HTTPS with their keys. `tests/oracle/tls/make-captures tiny` made them, of OpenSSL, nginx, curl,
//! Python, Go and Node; what tshark shows of each stands beside it. The keys open nothing but these captures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Stage, monitor, text};

const NAMES: [&str; 7] = ["early", "go", "nginx", "node", "openssl", "python", "refused"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn replay(args: &[&str], capture: &Path) -> Output {
    monitor([&["replay"], args].concat().iter().map(Path::new).chain([capture]))
}

/// The exchanges as tshark's are written down.
#[track_caller]
fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("does not add up"), "{}", text(&output.stderr));
    let exchange = |line: &str| {
        let one: Value = serde_json::from_str(line).unwrap();
        let words = ["source", "method", "target"].map(|key| one[key].as_str().unwrap().to_owned());
        format!("{} {}", words.join(" "), one["status"])
    };
    let mut lines: Vec<_> = text(&output.stdout).lines().map(exchange).collect();
    lines.sort_unstable();
    lines
}

const RAW: [&str; 3] = ["--output", "exchanges", "--raw"];

fn with_keys<'a>(keys: &'a Path, args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--keylog", keys.to_str().unwrap()]].concat()
}

fn opened(output: &Output) -> &str {
    text(&output.stderr).lines().find(|line| line.starts_with("TLS: ")).unwrap_or_default()
}

#[test]
fn every_exchange_is_what_tshark_shows_with_the_same_keys() {
    for name in NAMES {
        let (capture, keys) = (file(&format!("{name}.pcap")), file(&format!("{name}.keys")));
        let found = lines(&replay(&with_keys(&keys, &RAW), &capture));
        let expected = std::fs::read_to_string(file(&format!("{name}.expected"))).unwrap();
        let expected: Vec<_> = expected.lines().collect();
        // Of an answer that ends with its connection tshark shows no status.
        let same = |(found, expected): (&String, &&str)| match expected.strip_suffix(" None") {
            Some(request) => *found == format!("{request} 200"),
            None => found == expected,
        };
        assert!(!expected.is_empty() && expected.len() == found.len(), "{name}: {found:#?}");
        assert!(found.iter().zip(&expected).all(same), "{name}: {found:#?} {expected:#?}");
    }
}

#[test]
fn keys_inside_of_a_capture_do_the_same() {
    let stage = Stage::new();
    for name in ["nginx", "early"] {
        let (capture, keys) = (file(&format!("{name}.pcap")), file(&format!("{name}.keys")));
        let inside = stage.path(&format!("{name}.pcapng"));
        let secrets = format!("tls,{}", keys.display());
        let arguments = ["--inject-secrets", &secrets].map(Path::new);
        let made = Command::new("editcap").args(arguments).args([&capture, &inside]).status();
        assert!(made.expect("this test needs editcap (Debian: tshark)").success());
        let (there, beside) = (replay(&RAW, &inside), replay(&with_keys(&keys, &RAW), &capture));
        assert_eq!(lines(&there), lines(&beside));
        assert_eq!(opened(&there), opened(&beside));
    }
}

#[test]
fn without_keys_a_connection_is_counted_by_its_name_and_the_way_is_said() {
    let output = replay(&["--format", "json"], &file("nginx.pcap"));
    let said = text(&output.stderr);
    assert!(opened(&output).ends_with("without a secret. A key log (--keylog) opens them"), "{said}");
    assert!(said.contains("localhost"), "{said}");
    assert_eq!(text(&output.stdout).trim(), "[]");
    let tls = said.lines().find(|line| line.starts_with("tls ")).unwrap_or_default();
    assert!(tls.contains("no_key") && !tls.contains("opened"), "{tls}");
}

#[test]
fn a_connection_of_which_a_part_is_missing_has_its_reason() {
    let keys = file("nginx.keys");
    let stage = Stage::new();
    // Without the secrets of TLS 1.3, those of TLS 1.2 are opened.
    let text_of_keys = std::fs::read_to_string(&keys).unwrap();
    let old: Vec<_> = text_of_keys.lines().filter(|line| line.starts_with("CLIENT_RANDOM")).collect();
    let some = stage.write("some.keys", old.join("\n"));
    let output = replay(&with_keys(&some, &RAW), &file("nginx.pcap"));
    assert!(
        opened(&output).contains("4 of 8 connections were opened; 4 without a secret"),
        "{}",
        opened(&output)
    );
    // From its middle on, a capture has no handshakes.
    let late = stage.path("late.pcap");
    let cut = Command::new("editcap").args([&file("go.pcap"), &late]).arg("1-20").status().unwrap();
    assert!(cut.success());
    let output = replay(&with_keys(&file("go.keys"), &RAW), &late);
    assert!(opened(&output).contains("1 whose handshake is not there"), "{}", text(&output.stderr));
}

#[test]
fn a_bad_key_log_is_said_by_its_lines_and_shows_nothing_of_itself() {
    let stage = Stage::new();
    let secret = "c0ffee".repeat(16);
    let bad = format!("CLIENT_RANDOM {} {secret}\nwhat is this {secret}\n# a comment\n", "0".repeat(63));
    let keys = stage.write("bad.keys", bad);
    let output = replay(&with_keys(&keys, &RAW), &file("early.pcap"));
    let said = text(&output.stderr);
    assert!(output.status.success() && output.stdout.is_empty(), "{said}");
    for line in [
        "line 1 has a client random that is not 64 hexadecimal digits",
        "line 2 begins with no known label",
        "no secret is in it",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("c0ffee"), "{said}");
    let output = replay(&["--keylog", "/nothing/here"], &file("early.pcap"));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("/nothing/here: cannot be read"), "{}", text(&output.stderr));
}

#[test]
fn what_is_opened_is_redacted_as_everything_is_and_known_to_be_sealed() {
    let keys = file("nginx.keys");
    let har = replay(&with_keys(&keys, &["--output", "har"]), &file("nginx.pcap"));
    let document: Value = serde_json::from_slice(&har.stdout).unwrap();
    let entries = document["log"]["entries"].as_array().unwrap();
    assert!(
        entries
            .iter()
            .all(|entry| entry["request"]["url"].as_str().unwrap().starts_with("https://localhost"))
    );
    let endpoints = replay(&with_keys(&keys, &["--format", "json"]), &file("nginx.pcap"));
    let endpoints: Value = serde_json::from_slice(&endpoints.stdout).unwrap();
    let paths: Vec<_> =
        endpoints.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"/echo") && paths.contains(&"/echo/post"), "{paths:?}");
}
