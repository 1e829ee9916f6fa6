//! TLS whose secrets come later than what they open.

extern crate tls as traffic_monitor_tls;

#[path = "../../tls/tests/support/mod.rs"]
mod spoken;
mod support;

use std::time::Duration;

use flow::{Direction, End, Missing};
use spoken::expanded::listened_to;
use spoken::{Pair, Say, Spoken, suites};
use support::{Event, Tested, get, ok, post};
use tls::{Sender, Store};
use traffic_monitor_http::TlsOutcome;

fn talk(suite: usize) -> Spoken {
    Pair::new(suites()[suite], false).talk(&says())
}

fn says() -> Vec<Say> {
    let client = |bytes: String| Say::Client(bytes.into_bytes());
    let server = |bytes: String| Say::Server(bytes.into_bytes());
    vec![
        client(get("/a")),
        server(ok("a")),
        // Pipelined: which answer is whose follows from the numbers of TCP.
        client(post("/b", "body") + &get("/c")),
        server(ok("b") + &ok("c")),
        server("".into()),
        client(get("/d")),
        server("HTTP/1.1 200 OK\r\n\r\nuntil the end".into()),
    ]
}

/// A connection whose secrets come behind so many events, of which one may be a loss.
fn late(spoken: &Spoken, come: Option<usize>, lost: Option<usize>) -> Tested {
    let mut tested = Tested::opened();
    tested.secrets = Some(Store::default());
    tested.late = Some(spoken.store(&[]));
    for (number, (from, bytes)) in spoken.sent.iter().enumerate() {
        if come == Some(number) {
            tested.come();
        }
        let direction = if *from == Sender::Client { Direction::Forward } else { Direction::Backward };
        let lost = lost == Some(number);
        let missing = Event::Skip(bytes.len() as u64, Missing::Gap);
        tested.event(direction, if lost { missing } else { Event::Data(bytes) });
    }
    for (number, direction) in [Direction::Backward, Direction::Forward].into_iter().enumerate() {
        if come == Some(spoken.sent.len() + number) {
            tested.come();
        }
        tested.event(direction, Event::End(End::Fin));
    }
    if come == Some(spoken.sent.len() + 2) {
        tested.come();
    }
    tested.event(Direction::Forward, Event::End(End::Idle));
    tested
}

#[test]
fn whenever_they_come_the_exchanges_are_the_same() {
    for suite in 0..suites().len() {
        let spoken = talk(suite);
        let at_once = late(&spoken, Some(0), None);
        assert_eq!(at_once.got.len(), 4, "{:?}", at_once.got);
        for come in 1..=spoken.sent.len() + 2 {
            let tested = late(&spoken, Some(come), None);
            assert_eq!(tested.got, at_once.got, "{come}");
            assert_eq!(tested.counters.tls.outcomes[TlsOutcome::Opened], 1);
            assert_eq!(tested.counters.waiting_bytes, 0);
        }
    }
}

#[test]
fn a_loss_meanwhile_costs_what_it_costs_else() {
    for suite in [0, 3] {
        let spoken = talk(suite);
        for lost in 3..spoken.sent.len() {
            let at_once = late(&spoken, Some(0), Some(lost));
            for come in 1..=spoken.sent.len() + 2 {
                let tested = late(&spoken, Some(come), Some(lost));
                assert_eq!(tested.got, at_once.got, "{lost} {come}");
            }
        }
    }
}

#[test]
fn what_never_comes_is_no_key() {
    for suite in 0..suites().len() {
        let tested = late(&talk(suite), None, None);
        assert_eq!(tested.counters.tls.outcomes[TlsOutcome::NoKey], 1);
        assert_eq!((tested.got.len(), tested.counters.waiting_bytes), (0, 0));
    }
}

#[test]
fn nothing_waits_where_secrets_are_known_by_the_hash_of_the_handshake() {
    for suite in suites().into_iter().take(3) {
        for retry in [false, true] {
            let (suite, expanded) = listened_to(suite);
            let spoken = Pair::new(suite, retry).talk(&says());
            let mut tested = Tested::opened();
            (tested.secrets, tested.late) = (Some(expanded.store()), Some(Store::default()));
            let chosen = if retry { 3 } else { 1 };
            for (number, (from, bytes)) in spoken.sent.iter().enumerate() {
                let is_client = *from == Sender::Client;
                let direction = if is_client { Direction::Forward } else { Direction::Backward };
                tested.event(direction, Event::Data(bytes));
                assert!(number < chosen || tested.connection.waits_for_secrets().is_none(), "{number}");
            }
            for direction in [Direction::Backward, Direction::Forward] {
                tested.event(direction, Event::End(End::Fin));
            }
            assert_eq!(tested.got.len(), 4, "{:?}", tested.got);
            assert_eq!(tested.counters.waiting_bytes, 0);
        }
    }
}

#[test]
fn nothing_waits_for_longer_than_two_seconds_nor_in_more_than_64_kib() {
    let spoken = talk(0);
    let mut tested = Tested::opened();
    (tested.secrets, tested.late) = (Some(Store::default()), Some(spoken.store(&[])));
    let [hello, rest @ ..] = &spoken.sent[..] else { panic!() };
    tested.event(Direction::Forward, Event::Data(&hello.1));
    assert!(tested.connection.waits_for_secrets().is_none(), "the client's random was not there before");
    tested.event(Direction::Backward, Event::Data(&rest[0].1));
    assert!(tested.connection.waits_for_secrets().is_some());
    tested.pass(Duration::from_secs(2)).event(Direction::Forward, Event::Data(&rest[1].1));
    assert!(tested.connection.waits_for_secrets().is_none());

    let mut tested = Tested::opened();
    (tested.secrets, tested.late) = (Some(Store::default()), Some(spoken.store(&[])));
    tested.event(Direction::Forward, Event::Data(&hello.1));
    let mut most = 0;
    for _ in 0..70_000 {
        tested.event(Direction::Backward, Event::Data(&[0x16]));
        most = most.max(tested.connection.held());
    }
    assert!(most < 128 << 10, "{most}");
    assert!(tested.connection.waits_for_secrets().is_none());

    let mut tested = Tested::opened();
    (tested.secrets, tested.late) = (Some(Store::default()), Some(spoken.store(&[])));
    tested.event(Direction::Forward, Event::Data(&hello.1));
    for _ in 0..64 {
        tested.event(Direction::Backward, Event::Data(&[0x16; 1024]));
        assert!(tested.connection.waits_for_secrets().is_some());
    }
    tested.event(Direction::Backward, Event::Data(&[0x16; 1024]));
    assert!(tested.connection.waits_for_secrets().is_none(), "of more than 64 KiB nothing waits");
}
