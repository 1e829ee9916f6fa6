//! TLS that is opened: what is inside is read as if it were not sealed, and each connection is accounted for.

extern crate tls as traffic_monitor_tls;

#[path = "../../tls/tests/support/mod.rs"]
mod spoken;
mod support;

use flow::{Direction, End};
use proptest::prelude::*;
use spoken::{Pair, Say, Spoken, suites};
use support::frames::{data, get as get2, ok as ok2, post as post2, preface, settings};
use support::{Tested, get, ok, post};
use tls::{Sender, Store};
use traffic_monitor_http::TlsOutcome;

const FORWARD: Direction = Direction::Forward;

fn direction(from: Sender) -> Direction {
    if from == Sender::Client { Direction::Forward } else { Direction::Backward }
}

/// A conversation in these pieces.
fn talk(suite: usize, says: &[(Sender, Vec<u8>)]) -> Spoken {
    let say = |(from, bytes): &(Sender, Vec<u8>)| match from {
        Sender::Client => Say::Client(bytes.clone()),
        Sender::Server => Say::Server(bytes.clone()),
    };
    Pair::new(suites()[suite], false).talk(&says.iter().map(say).collect::<Vec<_>>())
}

fn client(bytes: impl AsRef<[u8]>) -> (Sender, Vec<u8>) {
    (Sender::Client, bytes.as_ref().to_vec())
}

fn server(bytes: impl AsRef<[u8]>) -> (Sender, Vec<u8>) {
    (Sender::Server, bytes.as_ref().to_vec())
}

/// The same in plain text.
fn plain(says: &[(Sender, Vec<u8>)]) -> Tested {
    let mut tested = Tested::opened();
    for (from, bytes) in says {
        tested.event(direction(*from), support::Event::Data(bytes));
    }
    tested
}

fn sealed(spoken: &Spoken, store: Option<Store>) -> Tested {
    let mut tested = Tested::opened();
    tested.secrets = store;
    for (from, bytes) in &spoken.sent {
        tested.event(direction(*from), support::Event::Data(bytes));
    }
    tested
}

fn outcome(tested: &Tested, outcome: TlsOutcome) -> (u64, u64) {
    (tested.counters.tls.seen, tested.counters.tls.outcomes[outcome])
}

/// HTTP/1 with a body in chunks, pipelining, and one that ends with the connection.
fn http1() -> Vec<(Sender, Vec<u8>)> {
    vec![
        client(get("/a")),
        server(ok("a")),
        client([post("/b", "body"), get("/c")].concat()),
        server(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n{}",
            ok("c")
        )),
        client(get("/d")),
        server("HTTP/1.1 200 OK\r\n\r\nuntil the end"),
    ]
}

fn http2() -> Vec<(Sender, Vec<u8>)> {
    vec![
        client(preface()),
        server(settings()),
        client([get2(1, "/a"), post2(3, "/b", &[("content-type", "text/plain")])].concat()),
        client(data(3, "body", true)),
        server([ok2(3, "three"), ok2(1, "one")].concat()),
    ]
}

#[test]
fn what_is_inside_is_read_as_in_plain_text() {
    for says in [http1(), http2()] {
        for suite in 0..suites().len() {
            let spoken = talk(suite, &says);
            let (mut plain, mut sealed) = (plain(&says), sealed(&spoken, Some(spoken.store(&[]))));
            plain.client_fin().server_fin();
            sealed.client_fin().server_fin();
            assert_eq!(sealed.lines(), plain.lines());
            assert!(plain.lines().len() >= 2 && !sealed.lines().concat().contains("incomplete"));
            assert_eq!(outcome(&sealed, TlsOutcome::Opened), (1, 1));
            assert_eq!((&sealed.tls[..], sealed.unreadable.len()), (&[(FORWARD, TlsOutcome::Opened)][..], 0));
            assert_eq!(sealed.counters.head_bytes, plain.counters.head_bytes);
            assert_eq!(sealed.counters.body_bytes, plain.counters.body_bytes);
            assert!(sealed.counters.tls_bytes > 500 && sealed.counters.waiting_bytes == 0);
        }
    }
}

#[test]
fn every_byte_is_accounted_for_in_any_cut() {
    for suite in [0, 3] {
        let spoken = talk(suite, &http1());
        for step in [1, 7, 100, 5000] {
            let mut tested = Tested::opened();
            tested.secrets = Some(spoken.store(&[]));
            for (from, bytes) in &spoken.sent {
                for piece in bytes.chunks(step) {
                    tested.event(direction(*from), support::Event::Data(piece));
                }
            }
            let idle = tested.verdict.held;
            tested.end(End::Stopped);
            assert_eq!(
                tested.lines()[..3],
                ["GET /a 200 complete 0 1", "POST /b 200 complete 4 3", "GET /c 200 complete 0 1"]
            );
            assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
            // Its box, two contexts of ciphers, two small buffers, and what HTTP holds.
            assert!(idle < 3500 && tested.most_held < 5000, "{idle} {}", tested.most_held);
        }
    }
}

#[test]
fn an_answer_may_come_before_its_hello() {
    for suite in [0, 3] {
        let mut spoken = talk(suite, &http1());
        spoken.sent.swap(0, 1);
        let mut tested = sealed(&spoken, Some(spoken.store(&[])));
        tested.end(End::Stopped);
        assert_eq!(tested.lines().len(), 4, "{:?}", tested.counters.tls);
        assert_eq!(outcome(&tested, TlsOutcome::Opened), (1, 1));
        // Where nobody has secrets it is older, as before.
        assert_eq!(outcome(&sealed(&spoken, None), TlsOutcome::Older), (1, 1));
    }
}

#[test]
fn an_upgrade_inside_ends_the_reading_as_in_plain_text() {
    let says = [
        client("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        server([0x81, 2, b'h', b'i']),
    ];
    let spoken = talk(0, &says);
    let tested = sealed(&spoken, Some(spoken.store(&[])));
    assert_eq!(tested.lines(), ["GET /ws 101 complete 0 0"]);
    assert_eq!(tested.unreadable, [(FORWARD, "websocket".to_owned())]);
    assert!(tested.verdict.ignore && outcome(&tested, TlsOutcome::Opened) == (1, 1));
}

#[test]
fn what_is_no_http_inside_is_named() {
    let spoken = talk(0, &[client("SSH-2.0-OpenSSH_9.2p1\r\n")]);
    let tested = sealed(&spoken, Some(spoken.store(&[])));
    assert_eq!(tested.unreadable, [(FORWARD, "ssh".to_owned())]);
    assert!(tested.verdict.ignore && outcome(&tested, TlsOutcome::NotHttp) == (1, 1));
    // TLS in TLS is not opened, whatever secrets there are.
    let (inner, mut keys) = (talk(0, &http1()), String::new());
    let outer = talk(0, &[client(&inner.sent[0].1), server(&inner.sent[1].1)]);
    [&inner, &outer].iter().for_each(|one| keys.push_str(&one.keys));
    let tested = sealed(&outer, Some(Spoken { keys, ..Spoken::default() }.store(&[])));
    assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
    assert_eq!(outcome(&tested, TlsOutcome::NotHttp), (1, 1));
}

#[test]
fn without_a_secret_it_is_counted_by_its_names() {
    let spoken = talk(0, &http1());
    for store in [None, Some(Store::default())] {
        let asked = store.is_some();
        let mut tested = sealed(&spoken, store);
        assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
        assert_eq!(tested.names, ("cart".to_owned(), b"\x08http/1.1".to_vec()));
        assert_eq!(outcome(&tested, TlsOutcome::NoKey), (1, 1));
        assert!(tested.verdict.ignore && tested.verdict.held == 0 && tested.lines().is_empty());
        assert_eq!(tested.counters.tls_bytes > 0, asked, "nothing is looked at that nobody asked for");
        tested.end(End::Fin);
    }
}

#[test]
fn a_connection_that_cannot_be_opened_has_its_reason() {
    let spoken = talk(0, &http1());
    let (hello, answer) = (&spoken.sent[0].1, &spoken.sent[1].1);
    let begun = || {
        let mut tested = Tested::opened();
        tested.secrets = Some(spoken.store(&[]));
        tested
    };
    let is = |tested: &Tested, expected: TlsOutcome| {
        assert_eq!(outcome(tested, expected), (1, 1), "{expected:?}: {:?}", tested.counters.tls);
        assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())], "{expected:?}");
        assert_eq!(tested.counters.waiting_bytes, 0);
    };
    is(begun().client(hello).server(answer).end(End::Reset), TlsOutcome::Ended);
    is(begun().client(hello).client_fin().server_fin(), TlsOutcome::Ended);
    is(begun().client(&hello[..40]).end(End::Idle), TlsOutcome::Ended);
    is(begun().client(&hello[..40]).client_gap(9), TlsOutcome::Gap);
    is(begun().client(hello).server_gap(9), TlsOutcome::Gap);
    is(begun().client(hello).server(answer).server_gap(9000).end(End::Stopped), TlsOutcome::Gap);
    is(begun().client(hello).server(b"\x17\x03\x03\0\x02ab"), TlsOutcome::Refused);
    is(
        begun().client(b"\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00/0123456789abcdef"),
        TlsOutcome::Suite,
    );
    let mut joined = Tested::joined();
    joined.server(b"\x17\x03\x03\0\x20").server([9; 32]).client(b"\x17\x03\x03\0\x03abc");
    is(&joined, TlsOutcome::Older);
}

#[test]
fn a_connection_that_was_opened_stays_so_when_its_rest_is_lost() {
    let spoken = talk(0, &http1());
    let mut tested = sealed(&spoken, Some(spoken.store(&[])));
    tested.client(b"\x17\x03\x03\0\x20").client([9; 32]);
    assert_eq!((outcome(&tested, TlsOutcome::Opened), tested.counters.tls_in_part), ((1, 1), 1));
    assert_eq!(tested.unreadable, [(FORWARD, "tls".to_owned())]);
    // Its last answer would have gone on.
    assert_eq!(tested.lines()[3], "GET /d 200 incomplete 0 13");
}

#[test]
fn a_gap_in_a_body_cuts_it_and_what_follows_is_found() {
    let body = |letter: &str| ok(&letter.repeat(60_000));
    let says = [client(get("/a")), server(body("a")), client(get("/b")), server(ok("b"))];
    for suite in [0, 3] {
        let spoken = talk(suite, &says);
        let mut tested = Tested::opened();
        tested.secrets = Some(spoken.store(&[]));
        let mut lost = 0;
        for (from, bytes) in &spoken.sent {
            for piece in bytes.chunks(1400) {
                let long = bytes.len() > 50_000 && tested.requests.is_empty() && tested.responses == [200];
                if long && lost == 0 {
                    lost = piece.len();
                    tested.server_gap(lost as u64);
                } else {
                    tested.event(direction(*from), support::Event::Data(piece));
                }
            }
        }
        tested.end(End::Stopped);
        let lines = tested.lines();
        assert!(lost > 0 && lines[0].starts_with("GET /a 200 incomplete"), "{lines:?}");
        assert_eq!(lines[1], "GET /b 200 complete 0 1");
    }
}

/// Requests that say their number, and answers that say it too.
fn numbered(count: usize) -> Vec<(Sender, Vec<u8>)> {
    let request = |n: usize| client(post(&format!("/{n}"), &"r".repeat(n * 37 % 900)));
    let answer = |n: usize| {
        server(format!(
            "HTTP/1.1 200 OK\r\nX-Number: {n}\r\nContent-Length: 1000\r\n\r\n{}",
            format!("{n:04}").repeat(250)
        ))
    };
    (0..count).flat_map(|n| [request(n), answer(n)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any split and any loss: an exchange that is complete is the one that was sent, and none is invented.
    #[test]
    fn no_loss_makes_a_wrong_exchange(
        suite in 0_usize..6,
        size in 50_usize..3000,
        lost in prop::collection::vec(0_usize..60, 0..6),
    ) {
        let says = numbered(8);
        let spoken = talk(suite, &says);
        let whole = plain(&says).lines();
        let mut tested = Tested::opened();
        tested.secrets = Some(spoken.store(&[]));
        let pieces = spoken.sent.iter().flat_map(|(from, bytes)| bytes.chunks(size).map(move |piece| (*from, piece)));
        let mut losses = 0;
        for (at, (from, piece)) in pieces.enumerate() {
            if lost.contains(&at) {
                losses += 1;
                tested.event(direction(from), support::Event::Skip(piece.len() as u64, flow::Missing::Gap));
            } else {
                tested.event(direction(from), support::Event::Data(piece));
            }
            if tested.verdict.ignore {
                break;
            }
        }
        tested.end(End::Stopped);
        if losses == 0 {
            prop_assert_eq!(tested.lines(), whole.clone());
        }
        for got in &tested.got {
            if got.complete {
                prop_assert!(whole.contains(&got.line()), "{}", got.line());
            }
            let number = got.request.strip_prefix("POST /").expect("a request that was sent");
            if let Some((_, answered)) = got.response_fields.iter().find(|field| field.0 == "X-Number") {
                prop_assert_eq!(answered, number);
            }
        }
        prop_assert_eq!(tested.counters.waiting_bytes + tested.counters.waiting_requests, 0);
    }
}
