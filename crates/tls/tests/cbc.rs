//! TLS 1.2 with suites of CBC. rustls has none, so these are conversations of OpenSSL, by Python's `ssl` over memory, in
//! `fuzz/corpus/sealed`: GET /0 and GET /1, each answered.

mod support;

use support::Opened;
use traffic_monitor_tls::{KeyLog, Sender, Store};

/// The pieces of a file in the form of the fuzz target: whose they are, and their bytes.
fn conversation(name: &str) -> (Store, Vec<(Sender, Vec<u8>)>) {
    let path = format!("{}/../../fuzz/corpus/sealed/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let split = |bytes: &[u8]| {
        let len = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        (bytes[2..2 + len].to_vec(), bytes[2 + len..].to_vec())
    };
    let (key_log, mut rest) = split(&bytes);
    let (mut store, mut log, mut pieces) = (Store::default(), KeyLog::default(), Vec::new());
    log.read(&key_log, &mut store);
    while !rest.is_empty() {
        let from = if rest[0] == 0 { Sender::Client } else { Sender::Server };
        let (piece, after) = split(&rest[1..]);
        pieces.push((from, piece));
        rest = after;
    }
    (store, pieces)
}

const NAMES: [&str; 7] = [
    "cbc-AES128-SHA",
    "cbc-AES256-SHA",
    "cbc-AES128-SHA256",
    "cbc-AES256-SHA256",
    "cbc-ECDHE-RSA-AES128-SHA256",
    "cbc-ECDHE-RSA-AES256-SHA384",
    "cbc-ECDHE-RSA-AES256-SHA-before",
];

#[test]
fn every_suite_is_opened_in_any_cut() {
    for name in NAMES {
        for size in [1, 16, 10_000] {
            let (store, pieces) = conversation(name);
            let mut opened = Opened::new(store);
            for (from, bytes) in &pieces {
                for piece in bytes.chunks(size) {
                    opened.bytes(*from, piece);
                }
            }
            assert_eq!(opened.given_up, None, "{name}");
            let asked = "GET /0 HTTP/1.1\r\nHost: a\r\n\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
            assert_eq!(String::from_utf8_lossy(opened.client.whole()), asked, "{name}");
            let answered = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".repeat(2);
            assert_eq!(String::from_utf8_lossy(opened.server.whole()), answered, "{name}");
        }
    }
}

#[test]
fn a_bit_that_is_other_is_refused() {
    for name in NAMES {
        let (_, pieces) = conversation(name);
        let (last, before) = pieces.split_last().unwrap();
        for at in (5..last.1.len()).step_by(7) {
            let mut opened = Opened::new(conversation(name).0);
            for (from, bytes) in before {
                opened.bytes(*from, bytes);
            }
            let mut bytes = last.1.clone();
            bytes[at] ^= 1;
            let given = opened.server.pieces.concat().len();
            opened.bytes(last.0, &bytes);
            assert!(opened.given_up.is_some(), "{name} {at}");
            assert_eq!(opened.server.pieces.concat().len(), given, "{name} {at}");
        }
    }
}

#[test]
fn behind_a_loss_the_mac_says_which_record_it_is() {
    for name in NAMES {
        let (store, pieces) = conversation(name);
        let mut opened = Opened::new(store);
        for (at, (from, bytes)) in pieces.iter().enumerate() {
            if at == pieces.len() - 4 || at == pieces.len() - 3 {
                opened.lose(*from, bytes.len());
            } else {
                opened.bytes(*from, bytes);
            }
        }
        assert_eq!(opened.given_up, None, "{name}");
        assert!(
            opened.client.pieces.concat().starts_with(b"GET /1 ") && !opened.server.pieces.is_empty(),
            "{name}"
        );
    }
}
