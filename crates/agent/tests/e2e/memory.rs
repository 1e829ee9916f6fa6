//! The memory budget, held by the kernel: a program that takes more than it may is ended by its own allocator.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;

use crate::support::{Stage, conversation, pcap, text};

/// Connections whose request head does not end.
const ENDLESS: u16 = 3_000;
/// What is sent of each such head, in bytes: 90 MB in all.
const HEAD: usize = 30_000;
/// Good connections in between.
const GOOD: u16 = 30;
const BUDGET_MIB: usize = 32;
/// The most writable memory that the kernel gives (`RLIMIT_DATA`), in KiB: the budget, and the program itself.
const LIMIT_KIB: usize = 56 << 10;

fn replay(stage: &Stage, file: &Path, budget_mib: usize) -> Output {
    let config = stage.write("memory.json", json!({"monitor": {"memoryMiB": budget_mib}}).to_string());
    Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -d {LIMIT_KIB} && exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_traffic-monitor"),
        ])
        .args(["replay", "--output", "exchanges", "--format", "jsonl", "--config"])
        .args([&config, file])
        .output()
        .unwrap()
}

/// Connections of HTTP/2 that stay open, and the requests on each that do not end.
const OPEN: u16 = 800;
const STREAMS: u32 = 100;

/// The first bytes of a client of HTTP/2, and so many requests that are not answered.
fn streams() -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    for number in 0..STREAMS {
        // POST, http, then path, host and a field that are not put into the table (RFC 7541, section 6.2.2).
        let path = format!("/api/v1/orders/{number}");
        let note = [b"\x00\x06x-note\x7f\xad\x01".as_slice(), &[b'n'; 300]].concat();
        let block = [b"\x83\x86\x04", [path.len() as u8].as_slice(), path.as_bytes(), b"\x01\x04shop", &note]
            .concat();
        bytes.extend_from_slice(&(block.len() as u32).to_be_bytes()[1..]);
        bytes.extend_from_slice(&[1, 4]);
        bytes.extend_from_slice(&(2 * number + 1).to_be_bytes());
        bytes.extend_from_slice(&block);
    }
    bytes
}

#[test]
fn requests_that_do_not_end_on_many_connections_of_http2_stay_within_the_budget() {
    let stage = Stage::new();
    let requests = streams();
    let mut packets = Vec::new();
    for number in 0..OPEN {
        // The server takes them: what it sends, its settings, acknowledges them.
        let mut open = conversation(10_000 + number, &[(&requests, b"\0\0\0\x04\0\0\0\0\0")]);
        open.truncate(open.len() - 2);
        packets.extend(open);
    }
    let file = stage.write("streams.pcap", pcap(&packets));
    let bounded = replay(&stage, &file, BUDGET_MIB);
    assert!(bounded.status.success(), "{}", text(&bounded.stderr));
    let seen = text(&bounded.stdout).lines().filter(|line| line.contains("/api/v1/orders/")).count();
    assert_eq!(seen, usize::from(OPEN) * STREAMS as usize, "what makes way is handed on first");
    let unbounded = replay(&stage, &file, 1024);
    assert!(!unbounded.status.success(), "{}", text(&unbounded.stderr));
}

#[test]
fn heads_that_do_not_end_stay_within_the_budget_and_hide_nothing() {
    let stage = Stage::new();
    let endless = [b"GET / HTTP/1.1\r\nX-Long: ".as_slice(), &vec![b'x'; HEAD]].concat();
    let mut packets = Vec::new();
    for number in 0..ENDLESS {
        let mut open = conversation(10_000 + number, &[(&endless, b"")]);
        open.truncate(open.len() - 2);
        packets.extend(open);
        if number % (ENDLESS / GOOD) == 0 {
            let good = format!("GET /good/{number} HTTP/1.1\r\nHost: a\r\n\r\n");
            packets.extend(conversation(
                50_000 + number,
                &[(good.as_bytes(), b"HTTP/1.1 204 No Content\r\n\r\n")],
            ));
        }
    }
    let file = stage.write("endless.pcap", pcap(&packets));

    let bounded = replay(&stage, &file, BUDGET_MIB);
    assert!(bounded.status.success(), "{}", text(&bounded.stderr));
    let good = text(&bounded.stdout).lines().filter(|line| line.contains("/good/") && line.contains("204"));
    assert_eq!(good.count(), usize::from(GOOD));

    // With a budget beyond the limit it fails, so the limit is one.
    let unbounded = replay(&stage, &file, 1024);
    assert!(!unbounded.status.success(), "{}", text(&unbounded.stderr));
}
