//! Two directions: what was sent after something is handed on after it, in whichever order it was captured.

mod support;

use support::*;

fn opened() -> (Monitor, Ends) {
    let mut ends = Ends::new("10.0.0.1:1000", u32::MAX - 5, 500);
    let mut monitor = Monitor::new();
    monitor.take_all(&ends.open());
    (monitor, ends)
}

#[test]
fn a_response_read_before_its_request_waits_for_it() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    let [again, more] = [ends.client("again"), ends.server("more")];
    monitor.take(&answer).take(&more);
    assert!(monitor.seen().is_empty());
    monitor.take(&ask);
    assert_eq!(monitor.story(), ">ask<answer");
    monitor.take(&again);
    assert_eq!(monitor.story(), ">ask<answer>again<more");
}

#[test]
fn a_request_read_before_the_last_response_waits_for_it() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer, again] = [ends.client("ask"), ends.server("answer"), ends.client_fin("again")];
    let last = ends.server_fin("more");
    monitor.take(&ask).take(&again).take(&last).take(&answer);
    assert_eq!(monitor.story(), ">ask<answer>again>.<more<.");
}

#[test]
fn requests_sent_at_once_need_not_wait() {
    let (mut monitor, mut ends) = opened();
    let [one, two] = [ends.client("one"), ends.client("two")];
    monitor.take(&one).take(&two).take(&ends.server("1")).take(&ends.server("2"));
    assert_eq!(monitor.story(), ">one>two<1<2");
}

#[test]
fn a_lost_request_is_told_before_its_response() {
    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("ask");
    monitor.take(&ends.server("answer")).wait(150 * MILLISECOND);
    assert!(monitor.seen().is_empty());
    monitor.wait(100 * MILLISECOND);
    assert_eq!(monitor.story(), ">[3]<answer");
}

#[test]
fn a_lost_response_is_told_before_the_next_request() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask"));
    let _lost = ends.server("answer");
    monitor.take(&ends.client("again")).take(&ends.server("more")).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), ">ask<[6]>again<more");

    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask"));
    let _lost = ends.server("answer");
    for _ in 0..10 {
        let [ask, answer] = [ends.client("?"), ends.server("!")];
        monitor.take(&ask).take(&answer);
    }
    assert_eq!(monitor.story(), format!(">ask<[6]{}", ">?<!".repeat(10)), "without any time");
}

#[test]
fn directions_that_wait_for_each_other_are_freed() {
    let (mut monitor, mut ends) = opened();
    let [_a, _b] = [ends.client("lost one"), ends.server("lost two")];
    let mut other = ends.clone();
    let [ask, answer] = [ends.client("ask"), other.server("answer")];
    let [late, later] = [ends.client("late"), other.server("later")];
    let crossed = |packet: &Packet, by| Packet {
        acknowledgment: packet.acknowledgment.wrapping_add(by),
        ..packet.clone()
    };
    monitor.take(&crossed(&ask, 6)).take(&crossed(&answer, 3));
    monitor.take(&crossed(&late, 11)).take(&crossed(&later, 7));
    assert!(monitor.seen().is_empty());
    for _ in 0..5 {
        monitor.wait(210 * MILLISECOND);
    }
    let seen = &monitor.seen()[0];
    assert_eq!((&seen.forward.bytes[..], &seen.backward.bytes[..]), (&b"asklate"[..], &b"answerlater"[..]));
    assert_eq!((seen.forward.gaps, seen.backward.gaps), (8, 8));
    assert_eq!(monitor.table.counters().bytes.waiting, 0);
}

#[test]
fn one_direction_alone_is_not_delayed_for_long() {
    for opened in [true, false] {
        let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
        let mut monitor = Monitor::new();
        let handshake = ends.open();
        if opened {
            monitor.take(&handshake[0]).take(&handshake[2]);
        }
        for _ in 0..3 {
            monitor.take(&ends.client("ask"));
            ends.server("answer");
        }
        monitor.wait(250 * MILLISECOND);
        assert_eq!(monitor.story(), ">ask<[6]>ask<[6]>ask");
        for count in 0..100 {
            ends.server("answer");
            monitor.take(&ends.client("ask"));
            let waiting = monitor.table.counters().bytes.waiting;
            assert!(waiting <= 17 * 3 && (waiting == 0 || count < 32), "{waiting} after {count}");
        }
        let answer = ends.server("answer");
        monitor.take(&answer).take(&ends.client("end"));
        assert!(monitor.story().ends_with(">ask<answer>end"), "the other one has come after all");
    }
}

#[test]
fn the_servers_direction_alone_is_not_delayed_for_long() {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    monitor.take(&ends.open()[1]);
    for _ in 0..40 {
        ends.client("ask");
        monitor.take(&ends.server("answer"));
        assert!(monitor.table.counters().bytes.waiting <= 17 * 6);
    }
    let seen = &monitor.seen()[0];
    assert!(seen.flow.opened && seen.flow.first == ends.client);
    assert_eq!(seen.backward.bytes, b"answer".repeat(40));
    assert_eq!(seen.forward.gaps, 120);
}

#[test]
fn a_known_skip_counts_as_there() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer] = [ends.client("ask me"), ends.server("answer")];
    monitor.take(&answer).take(&ask.cut(3));
    assert_eq!(monitor.story(), ">ask>{3}<answer");
}

#[test]
fn late_data_of_a_handshake_seen_backwards() {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    let [syn, accept, ack] = ends.open();
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    monitor.take(&accept).take(&answer).take(&ask).take(&ack).take(&syn);
    assert_eq!(monitor.story(), ">ask<answer");
    let flow = monitor.seen()[0].flow;
    assert!(flow.opened && flow.first == ends.client);
    assert_eq!(monitor.table.counters().connections.opened, 1);
}

#[test]
fn each_piece_says_where_it_stands_and_what_it_acknowledges() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer, again] = [ends.client("ask"), ends.server("answer"), ends.client("again")];
    let _lost = ends.server("more");
    let last = ends.server_fin("last").cut(2);
    monitor.take(&again).take(&last).take(&answer).take(&ask).wait(3 * SECOND);
    assert_eq!(monitor.story(), ">ask<answer>again<[4]<la<{2}<.");
    let (client, server) = (u32::MAX - 4, 501);
    let places = [
        (client, server),
        (server, client.wrapping_add(3)),
        (client.wrapping_add(3), server + 6),
        (server + 6, client.wrapping_add(8)),
        (server + 10, client.wrapping_add(8)),
        (server + 12, client.wrapping_add(8)),
        (server + 14, client.wrapping_add(8)),
    ];
    assert_eq!(monitor.seen()[0].places, places);
}
