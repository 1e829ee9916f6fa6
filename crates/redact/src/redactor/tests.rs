//! What is shown of texts with several things in them.

use std::time::Duration;

use super::*;
use crate::spent::spent;

fn shown(text: &str) -> String {
    Redactor::new(Examples::Redacted).text(text).into_owned()
}

#[track_caller]
fn gone(text: &str, secret: &str) {
    let shown = shown(text);
    assert!(!shown.contains(secret), "{secret} is in {shown}");
}

/// Rules that read so many bytes at most end inside of a character.
#[test]
fn behind_a_hit_that_ends_inside_of_a_character() {
    for long in [50, 51, 52, 100] {
        let long = "漢".repeat(long);
        gone(&format!("Then he sent us the city={long} password=hunter2"), "hunter2");
        gone(&format!("x a@b.{long} password=hunter2"), "hunter2");
        gone(&format!("x a@b.a{long} password=hunter2"), "hunter2");
    }
}

#[test]
fn keys_behind_other_blocks() {
    let block = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let (parameters, key) =
        (block("EC PARAMETERS", "BggqhkjOPQMBBw=="), block("EC PRIVATE KEY", "hunter2/x+a"));
    gone(&format!("{parameters}{key}"), "hunter2");
    gone(&format!("a: 1\n{parameters}{key}b: 2\n"), "hunter2");
    gone(&format!("{}PuTTY-User-Key-File-3: x\nhunter2", block("X", "y")), "hunter2");
    gone(&format!("PuTTY-User-Key-File-3: x\nhunter2\n{key}"), "hunter2");
}

/// Text is read alike behind any number of blocks.
#[test]
fn behind_many_blocks() {
    let block = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    gone(&format!("{}auth:\n  inner: hunter2\n", block.repeat(9)), "hunter2");
}

#[test]
fn json_behind_many_brackets_that_begin_none() {
    let false_starts = "[1] [\"a\" [-x [0x ".repeat(20);
    let json = r#"[{"value":"hunter2","name":"password"}]"#;
    gone(&format!("{false_starts}{} {json} .", "word ".repeat(400)), "hunter2");
}

/// The name of a section covers what stands below it.
#[test]
fn below_a_header() {
    for header in ["[credentials]", "[token]", "[[auth.tokens]]", "[api-keys \"https://a.test\"]"] {
        gone(&format!("a = 1\n{header}\n; note\nbare\nuser = hunter2\n"), "hunter2");
        gone(&format!("{header}\nbare\n  user = \"hunter2\"\n"), "hunter2");
        gone(&format!("{header}\nhunter2\n"), "hunter2");
        assert!(shown(&format!("{header}\na = x\n[other]\nb = kept\n")).contains("kept"), "{header}");
    }
}

/// Brackets inside of each other cost no more than so many in a row.
#[test]
fn work_does_not_multiply_with_nesting() {
    let time = |text: &str| spent(|| drop(shown(text)));
    let inner = |depth: usize| {
        (0..depth).fold("x ".repeat(500), |text, _| format!("[[[[{} x", serde_json::Value::from(text)))
    };
    shown(&inner(1));
    let (one, four) = (time(&inner(1)), time(&inner(4)));
    assert!(four < 20 * one + Duration::from_millis(10), "{one:?}, then {four:?}");
}

/// Four times as much takes four times as long, and not sixteen.
#[test]
fn long_hostile_text_takes_linear_time() {
    let key = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
    for unit in [
        "[\"",
        "{\"a\":[",
        "[1,",
        "[\"a\",{\"b\":\"c\"}] x ",
        key,
        "-----BEGIN X-----\n",
        "[a]\n",
        "[a]\nb\n c=1\n",
        "pin,b\n",
        "\"pin\",\n",
        "%25",
        "&amp;",
        "a: [b: c]\n",
        "<a>",
        "x7Kq2LmN9pRs4TvW8yZa1Bc3/",
        "eyJhIjoi",
        "a=b&",
        "city=漢",
    ] {
        let time = |length: usize| {
            let text = format!("x {}", unit.repeat(length / unit.len()));
            spent(|| drop(shown(&text)))
        };
        let (short, long) = (time(16 << 10), time(64 << 10));
        assert!(long < 8 * short + Duration::from_millis(60), "{unit}: {short:?}, then {long:?}");
    }
}

#[test]
fn documents_stay_such() {
    assert_eq!(shown("a: \"pin=1\\nb\"\nc: 2\n"), "a: \"pin=2\\nb\"\nc: 2\n");
    assert_eq!(shown("a: {b: \"pin=7\\nb\"}\n"), "a: {b: \"pin=1\\nb\"}\n");
    assert_eq!(shown("<u pin=\"3\">{\"lat\": 1.25e10}</u>"), "<u pin=\"1\">{&quot;lat&quot;: 1.11e11}</u>");
    gone("a: [password: hunter2, x]\n", "hunter2");
}
