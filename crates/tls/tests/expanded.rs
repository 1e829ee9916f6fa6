//! Connections whose secrets are known by the hash of the handshake: what a library hands to HKDF-Expand opens them.

mod support;

use rustls::SupportedCipherSuite;
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256 as NEW;
use support::expanded::{Expanded, listened_to};
use support::{Opened, Pair, Say, Spoken, exchange, suites};
use traffic_monitor_tls::{Ahead, GivenUp, Label, Secret, Sender, Store};

/// A pair whose derivations are listened to.
fn pair(suite: SupportedCipherSuite, retry: bool) -> (Pair, Expanded) {
    let (suite, expanded) = listened_to(suite);
    (Pair::new(suite, retry), expanded)
}

#[track_caller]
fn is_whole(opened: &Opened, spoken: &Spoken) {
    assert_eq!(opened.given_up, None);
    assert_eq!(String::from_utf8_lossy(opened.client.whole()), String::from_utf8_lossy(&spoken.client));
    assert_eq!(String::from_utf8_lossy(opened.server.whole()), String::from_utf8_lossy(&spoken.server));
    assert!(spoken.client.len() > 60 && spoken.server.len() > 60);
}

#[test]
fn every_suite_is_opened_new_and_resumed_and_when_asked_for_another_hello() {
    for suite in suites().into_iter().take(3) {
        for retry in [false, true] {
            let (mut pair, expanded) = pair(suite, retry);
            for _ in 0..3 {
                let spoken = pair.talk(&exchange());
                is_whole(&Opened::all(&spoken, expanded.store()), &spoken);
            }
        }
    }
}

#[test]
fn every_cut_gives_the_same_and_either_direction_may_come_first() {
    for retry in [false, true] {
        let (mut pair, expanded) = pair(NEW, retry);
        let mut says = exchange();
        says.insert(2, Say::ClientUpdate);
        says.insert(4, Say::ServerUpdate);
        let spoken = pair.talk(&says);
        let secrets = expanded.take();
        let total: usize = spoken.sent.iter().map(|one| one.1.len()).sum();
        for cut in 1..total {
            let (mut opened, mut left) = (Opened::new(Expanded::in_store(&secrets)), cut);
            for (from, bytes) in &spoken.sent {
                let (one, two) = bytes.split_at(left.min(bytes.len()));
                left -= one.len();
                opened.bytes(*from, one).bytes(*from, two);
            }
            is_whole(&opened, &spoken);
            assert!(opened.most_held < 8192, "{}", opened.most_held);
        }
        for first in [Sender::Client, Sender::Server] {
            let mut opened = Opened::new(Expanded::in_store(&secrets));
            opened
                .bytes(first, &spoken.bytes_of(first))
                .bytes(first.other(), &spoken.bytes_of(first.other()));
            // Each hello of one side waits for one of the other.
            opened.bytes(Sender::Client, &[]);
            is_whole(&opened, &spoken);
        }
    }
}

#[test]
fn early_data_is_opened_where_the_server_takes_it() {
    for refuse in [false, true] {
        let (mut pair, expanded) = pair(NEW, false);
        pair.talk(&exchange());
        if refuse {
            pair.refuse_early();
        }
        pair.early = Some(b"GET /early HTTP/1.1\r\n\r\n".to_vec());
        let spoken = pair.talk(&exchange());
        assert_eq!(spoken.client.starts_with(b"GET /early"), !refuse);
        is_whole(&Opened::all(&spoken, expanded.store()), &spoken);
    }
}

#[test]
fn secrets_of_another_handshake_and_half_of_them_open_nothing() {
    let (mut pair, expanded) = pair(NEW, false);
    let spoken = pair.talk(&exchange());
    let secrets = expanded.take();
    pair.talk(&exchange());
    assert_eq!(Opened::all(&spoken, expanded.store()).given_up, Some(GivenUp::NoKey));
    for without in [Label::HandshakeStage, Label::ApplicationStage] {
        let some: Vec<_> = secrets.iter().filter(|one| one.label() != Some(without)).cloned().collect();
        let opened = Opened::all(&spoken, Expanded::in_store(&some));
        assert_eq!(opened.given_up, Some(GivenUp::NoKey), "{without:?}");
    }
}

#[test]
fn a_loss_in_the_servers_handshake_leaves_no_key_and_one_behind_it_costs_a_record() {
    let (mut pair, expanded) = pair(NEW, false);
    let spoken = pair.talk(&exchange());
    let secrets = expanded.take();
    let behind = spoken.sent.len() - 3;
    // The server's hellos and what it says behind them are one piece.
    for (lost, part, is_read) in [(1, 300..400, false), (behind, 0..spoken.sent[behind].1.len(), true)] {
        let mut opened = Opened::new(Expanded::in_store(&secrets));
        for (number, (from, bytes)) in spoken.sent.iter().enumerate() {
            if number == lost {
                opened.bytes(*from, &bytes[..part.start]);
                opened.lose(*from, part.len()).bytes(*from, &bytes[part.end..]);
            } else {
                opened.bytes(*from, bytes);
            }
        }
        let bytes = opened.client.pieces.concat().len() + opened.server.pieces.concat().len();
        assert_eq!((bytes > 0, opened.given_up.is_none()), (is_read, is_read), "{lost}");
    }
}

#[test]
fn who_reads_ahead_says_the_name_when_the_hello_of_the_server_has_come() {
    for retry in [false, true] {
        let (mut pair, expanded) = pair(NEW, retry);
        let spoken = pair.talk(&exchange());
        let named = expanded.take();
        let mut session = Opened::new(Store::default());
        session.bytes(Sender::Client, &spoken.sent[0].1);
        let mut ahead = Ahead::of(&session.session);
        let names: Vec<_> =
            spoken.sent[1..].iter().filter_map(|(from, bytes)| ahead.read(*from, bytes)).collect();
        let handshake = named.iter().find(|one| one.label() == Some(Label::HandshakeStage)).unwrap();
        assert_eq!(names, [handshake.name()], "{retry}");
        assert!(ahead.is_over() && ahead.held() == 0);
    }
}

/// RFC 8448, section 3: the Handshake Secret and the Master Secret, by the hashes that are printed there.
#[test]
fn the_trace_of_the_rfc() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let mut store = Store::default();
    for (label, name, secret) in [
        (
            Label::HandshakeStage,
            "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8",
            "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac",
        ),
        (
            Label::ApplicationStage,
            "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13",
            "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919",
        ),
    ] {
        store.add(hex(name).try_into().unwrap(), label, Secret::new(&hex(secret)).unwrap());
    }
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
