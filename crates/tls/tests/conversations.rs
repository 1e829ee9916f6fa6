//! What rustls says is opened, whole and in any cut, with all that TLS may do meanwhile.

mod support;

use rustls::crypto::aws_lc_rs::cipher_suite::{
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 as OLD, TLS13_AES_128_GCM_SHA256 as NEW,
};
use support::{Opened, Pair, Say, Spoken, exchange, suites};
use traffic_monitor_tls::{GivenUp, KeyLog, Sender, Store};

#[track_caller]
fn is_whole(opened: &Opened, spoken: &Spoken) {
    assert_eq!(opened.given_up, None);
    assert_eq!(String::from_utf8_lossy(opened.client.whole()), String::from_utf8_lossy(&spoken.client));
    assert_eq!(String::from_utf8_lossy(opened.server.whole()), String::from_utf8_lossy(&spoken.server));
}

#[test]
fn every_suite_is_opened_new_and_resumed() {
    for suite in suites() {
        let mut pair = Pair::new(suite, false);
        for _ in 0..3 {
            let spoken = pair.talk(&exchange());
            let opened = Opened::all(&spoken, spoken.store(&[]));
            is_whole(&opened, &spoken);
            assert!(opened.client.closed && opened.server.closed);
            assert!(spoken.client.len() > 60 && spoken.server.len() > 60);
        }
    }
}

#[test]
fn every_cut_gives_the_same() {
    for suite in suites() {
        let spoken = Pair::new(suite, false).talk(&exchange());
        let total: usize = spoken.sent.iter().map(|one| one.1.len()).sum();
        for cut in 1..total {
            let (mut opened, mut left) = (Opened::new(spoken.store(&[])), cut);
            for (from, bytes) in &spoken.sent {
                let (one, two) = bytes.split_at(left.min(bytes.len()));
                left -= one.len();
                opened.bytes(*from, one).bytes(*from, two);
            }
            is_whole(&opened, &spoken);
        }
        let mut opened = Opened::new(spoken.store(&[]));
        for (from, bytes) in &spoken.sent {
            for byte in bytes {
                opened.bytes(*from, &[*byte]);
            }
        }
        is_whole(&opened, &spoken);
        assert!(opened.most_held < 4096, "{}", opened.most_held);
    }
}

#[test]
fn one_direction_may_come_long_before_the_other() {
    for suite in suites() {
        let spoken = Pair::new(suite, false).talk(&exchange());
        for first in [Sender::Client, Sender::Server] {
            let mut opened = Opened::new(spoken.store(&[]));
            opened
                .bytes(first, &spoken.bytes_of(first))
                .bytes(first.other(), &spoken.bytes_of(first.other()));
            is_whole(&opened, &spoken);
        }
    }
}

#[test]
fn a_client_that_has_to_say_hello_twice() {
    let spoken = Pair::new(NEW, true).talk(&exchange());
    // Behind a record that says nothing, as middleboxes expect it.
    assert_eq!(
        (spoken.sent[2].0, spoken.sent[2].1[6], spoken.sent[2].1[11]),
        (Sender::Client, 22, 1),
        "a retry"
    );
    is_whole(&Opened::all(&spoken, spoken.store(&[])), &spoken);
}

#[test]
fn new_keys_of_either_side_and_of_both() {
    let mut says = exchange();
    says.insert(2, Say::ClientUpdate);
    says.insert(4, Say::ServerUpdate);
    says.insert(5, Say::ServerUpdate);
    says.insert(5, Say::ClientUpdate);
    for suite in suites().into_iter().take(3) {
        let spoken = Pair::new(suite, false).talk(&says);
        is_whole(&Opened::all(&spoken, spoken.store(&[])), &spoken);
    }
}

/// A conversation that begins with early data.
fn early(refuse: bool) -> Spoken {
    let mut pair = Pair::new(NEW, false);
    pair.talk(&exchange());
    if refuse {
        pair.refuse_early();
    }
    pair.early = Some(b"GET /early HTTP/1.1\r\n\r\n".to_vec());
    let spoken = pair.talk(&exchange());
    assert!(spoken.keys.contains("CLIENT_EARLY_TRAFFIC_SECRET"));
    assert_eq!(spoken.client.starts_with(b"GET /early"), !refuse);
    spoken
}

#[test]
fn early_data_counts_when_the_server_takes_it() {
    for refuse in [false, true] {
        let spoken = early(refuse);
        is_whole(&Opened::all(&spoken, spoken.store(&[])), &spoken);
    }
}

#[test]
fn early_data_without_its_secret_is_said_to_be_missing() {
    let spoken = early(false);
    let opened = Opened::all(&spoken, spoken.store(&["CLIENT_EARLY"]));
    assert_eq!(opened.given_up, None);
    assert_eq!(opened.client.whole(), &spoken.client[23..]);
    assert_eq!(opened.server.whole(), spoken.server);
}

#[test]
fn secrets_of_the_application_are_enough() {
    for retry in [false, true] {
        let spoken = Pair::new(NEW, retry).talk(&exchange());
        let store = spoken.store(&["CLIENT_HANDSHAKE", "SERVER_HANDSHAKE"]);
        is_whole(&Opened::all(&spoken, store), &spoken);
    }
    let spoken = early(true);
    let without = ["CLIENT_HANDSHAKE", "SERVER_HANDSHAKE", "CLIENT_EARLY"];
    let opened = Opened::all(&spoken, spoken.store(&without));
    assert_eq!((opened.given_up, opened.client.whole()), (None, &spoken.client[..]));
}

#[test]
fn without_the_secret_there_is_no_key() {
    for (suite, label) in [(NEW, "SERVER_TRAFFIC"), (NEW, "CLIENT_TRAFFIC"), (OLD, "CLIENT_RANDOM")] {
        let spoken = Pair::new(suite, false).talk(&exchange());
        let opened = Opened::all(&spoken, spoken.store(&[label]));
        assert_eq!(opened.given_up, Some(GivenUp::NoKey), "{label}");
    }
    let spoken = Pair::new(NEW, false).talk(&exchange());
    assert_eq!(Opened::all(&spoken, Store::default()).given_up, Some(GivenUp::NoKey));
}

#[test]
fn secrets_of_another_connection_are_refused() {
    for suite in suites() {
        let talk = || Pair::new(suite, false).talk(&exchange());
        let (spoken, other) = (talk(), talk());
        let random = |keys: &str| keys.split(' ').nth(1).unwrap().to_owned();
        let keys = other.keys.replace(&random(&other.keys), &random(&spoken.keys));
        let store = Spoken { keys, ..Spoken::default() }.store(&[]);
        let opened = Opened::all(&spoken, store);
        assert_eq!(opened.given_up, Some(GivenUp::Refused));
        assert!(opened.client.pieces.is_empty() && opened.server.pieces.is_empty());
    }
}

#[test]
fn a_byte_that_is_other_is_refused_and_gives_nothing() {
    for suite in suites() {
        let spoken = Pair::new(suite, false).talk(&exchange());
        for (at, (from, bytes)) in spoken.sent.iter().enumerate().filter(|(at, _)| *at > 3) {
            let mut opened = Opened::new(spoken.store(&[]));
            for (from, bytes) in &spoken.sent[..at] {
                opened.bytes(*from, bytes);
            }
            let mut other = bytes.clone();
            *other.last_mut().unwrap() ^= 1;
            let before = opened.client.pieces.concat().len() + opened.server.pieces.concat().len();
            opened.bytes(*from, &other);
            assert_eq!(opened.given_up, Some(GivenUp::Refused), "{at}");
            assert_eq!(opened.client.pieces.concat().len() + opened.server.pieces.concat().len(), before);
        }
    }
}

#[test]
fn a_version_or_a_suite_that_is_not_read_is_said() {
    let spoken = Pair::new(OLD, false).talk(&exchange());
    let hello = &spoken.sent[1].1;
    // Version and session stand before the suite: a suite of 3DES, and TLS 1.1.
    let suite = 5 + 4 + 2 + 32 + 1 + usize::from(hello[5 + 4 + 2 + 32]);
    for (at, with) in [(suite, [0xc0, 0x12]), (5 + 4, [3, 2])] {
        let mut opened = Opened::new(spoken.store(&[]));
        let mut hello = hello.clone();
        hello[at..at + 2].copy_from_slice(&with);
        opened.bytes(Sender::Client, &spoken.sent[0].1).bytes(Sender::Server, &hello);
        assert_eq!(opened.given_up, Some(GivenUp::Suite));
    }
}

#[test]
fn what_waits_is_bounded() {
    let spoken = Pair::new(NEW, false).talk(&exchange());
    let mut opened = Opened::new(spoken.store(&[]));
    opened.bytes(Sender::Client, &spoken.sent[0].1);
    let record = [&[23, 3, 3, 0x40, 0][..], &[7; 1 << 14]].concat();
    for _ in 0..5 {
        opened.bytes(Sender::Client, &record);
    }
    assert_eq!(opened.given_up, Some(GivenUp::Gap));
    assert!(opened.most_held < 200_000);
}

/// RFC 8448, section 3.
#[test]
fn the_trace_of_the_rfc() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let (mut store, mut log) = (Store::default(), KeyLog::default());
    log.read(include_bytes!("rfc8448/keys.log"), &mut store);
    let mut opened = Opened::new(store);
    for line in include_str!("rfc8448/records").lines().filter(|line| !line.starts_with('#')) {
        let (who, record) = line.split_once(' ').unwrap();
        let from = if who == "client" { Sender::Client } else { Sender::Server };
        opened.bytes(from, &hex(record));
    }
    let payload: Vec<u8> = (0..50).collect();
    assert_eq!((opened.client.whole(), opened.server.whole()), (&payload[..], &payload[..]));
    assert!(opened.given_up.is_none() && opened.client.closed && opened.server.closed);
}
