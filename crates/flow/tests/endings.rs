//! FIN, RST, port reuse, and what comes after the end.

mod support;

use support::*;
use traffic_monitor_flow::End;

fn opened() -> (Monitor, Ends) {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    monitor.take_all(&ends.open());
    (monitor, ends)
}

fn reset(ends: &mut Ends) -> Packet {
    ends.client("").with(RST)
}

#[test]
fn one_side_closes_and_the_other_goes_on() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client_fin("ask"));
    for _ in 0..3 {
        monitor.wait(20 * SECOND).take(&ends.server("part"));
    }
    monitor.take(&ends.server_fin(""));
    assert_eq!(monitor.story(), ">ask>.<part<part<part<.");
    assert!(monitor.table.is_empty());
}

#[test]
fn a_fin_waits_for_its_place_and_comes_once() {
    let (mut monitor, mut ends) = opened();
    let [ask, fin] = [ends.client("ask"), ends.client_fin("")];
    monitor.take(&fin).take(&fin).take(&ask).take(&fin).take(&ask.with(FIN));
    assert_eq!(monitor.story(), ">ask>.");
}

#[test]
fn data_behind_a_fin_is_counted_and_ignored() {
    let (mut monitor, mut ends) = opened();
    let [ask, fin, more] = [ends.client("ask"), ends.client_fin(""), ends.client("more")];
    monitor.take(&fin).take(&more).take(&ask).take(&more);
    assert_eq!(monitor.story(), ">ask>.");
    assert_eq!(monitor.table.counters().bytes.after_end, 8);
}

#[test]
fn a_reset_ends_both_directions() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    let late = ends.server("late");
    monitor.take(&ask).take(&answer).take(&reset(&mut ends.clone()));
    assert_eq!(
        (monitor.story(), monitor.table.len()),
        (">ask<answer", 1),
        "it acknowledges what was not seen"
    );
    monitor.wait(250 * MILLISECOND).take(&late).take(&reset(&mut ends));
    assert_eq!(monitor.story(), ">ask<answer<[4]Reset");
    assert_eq!(monitor.seen()[0].end, Some(End::Reset));
    let counters = monitor.table.counters();
    assert_eq!((counters.segments.after_end, counters.bytes.after_end), (2, 4));
}

#[test]
fn a_reset_lets_waiting_data_come_first() {
    let (mut monitor, mut ends) = opened();
    let [a, b] = [ends.client("a"), ends.client("b")];
    monitor.take(&b).take(&reset(&mut ends)).take(&a);
    assert_eq!(monitor.story(), ">a>bReset");

    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    monitor.take(&ends.client("b"));
    let other = Packet { acknowledgment: 0, ..ends.server("").with(RST) };
    monitor.take(&other);
    assert_eq!(monitor.story(), ">[4]>bReset");
}

#[test]
fn a_reset_elsewhere_in_sequence_space_is_refused() {
    let (mut monitor, mut ends) = opened();
    let right = reset(&mut ends.clone());
    for by in [1 << 30, 1 << 31, 3 << 30, 100 << 20] {
        monitor.take(&Packet { sequence: right.sequence.wrapping_add(by), ..right.clone() });
    }
    monitor.take(&ends.client("ask"));
    assert_eq!(monitor.story(), ">ask");
    assert_eq!(monitor.table.counters().segments.outside_window, 4);
}

#[test]
fn a_refused_connection_is_over() {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 0);
    let mut monitor = Monitor::new();
    monitor.take(&ends.open()[0]);
    let refusal = Packet { sequence: 0, ..ends.server("").with(RST) };
    monitor.take(&refusal);
    assert_eq!(monitor.story(), "Reset");
    assert!(monitor.table.is_empty());
}

#[test]
fn late_segments_do_not_make_a_new_connection() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer] = [ends.client_fin("ask"), ends.server_fin("answer")];
    let last = ends.client("");
    monitor.take(&ask).take(&answer).take(&last);
    for _ in 0..3 {
        monitor.wait(400 * MILLISECOND).take(&answer).take(&ask).take(&last);
    }
    assert_eq!((monitor.story(), monitor.table.len()), (">ask>.<answer<.", 0));
    let counters = monitor.table.counters();
    assert_eq!(
        (counters.connections.joined, counters.segments.after_end, counters.bytes.after_end),
        (0, 6, 27)
    );
}

#[test]
fn a_syn_may_come_after_all_the_rest() {
    let (mut ends, mut monitor) = (Ends::new("10.0.0.1:1000", 100, 500), Monitor::new());
    let [syn, accept, ack] = ends.open();
    monitor
        .take(&accept)
        .take(&ack)
        .take(&ends.client_fin("ask"))
        .take(&ends.server_fin("answer"))
        .take(&syn);
    assert_eq!((monitor.story(), monitor.table.len()), (">ask>.<answer<.", 0));
}

#[test]
fn a_port_is_used_again() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask"));
    let _lost = ends.server("answer");
    monitor.take(&ends.client("again"));
    let mut new = Ends::new("10.0.0.1:1000", 70_000, 90_000);
    monitor.take_all(&new.open()).take(&new.client("new"));
    let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
    assert_eq!(stories, [">ask<[6]>againReplaced", ">new"]);

    monitor.take(&new.client_fin("")).take(&new.server_fin(""));
    let mut third = Ends::new("10.0.0.1:1000", 80_000, 95_000);
    monitor.take_all(&third.open()).take(&third.client("third"));
    assert_eq!(monitor.seen()[2].story, ">third", "right after the end of the last one");
}

#[test]
fn a_connection_that_goes_on_after_its_end_was_missed_is_joined() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client_fin("ask")).take(&ends.server_fin(""));
    let mut new = Ends::new("10.0.0.1:1000", 1 << 31, 1 << 30);
    monitor.take(&new.client("new")).take(&new.server("answer")).wait(250 * MILLISECOND);
    assert_eq!(monitor.seen()[1].story, ">new<answer");
}

#[test]
fn the_end_of_an_unknown_connection_leaves_none() {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    monitor.take(&reset(&mut ends)).take(&ends.server("junk").with(RST));
    let counters = monitor.table.counters();
    assert_eq!((counters.segments.no_connection, counters.bytes.no_connection), (2, 4));
    monitor.take(&ends.client_fin("")).take(&ends.server_fin("")).wait(250 * MILLISECOND);
    assert_eq!((monitor.story(), monitor.table.len()), (">.<.", 0));
}

#[test]
fn idle_connections_are_forgotten_and_joined_again() {
    let (mut monitor, mut ends) = opened();
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    monitor.take(&ask).take(&answer);
    monitor.wait(3590 * SECOND);
    assert_eq!(monitor.table.len(), 1, "something may have begun");
    monitor.wait(20 * SECOND);
    assert_eq!((monitor.table.len(), monitor.story()), (0, ">ask<answerIdle"));
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    monitor.take(&ask).take(&answer).wait(250 * MILLISECOND);
    assert_eq!(monitor.seen()[1].story, ">ask<answer");
}

#[test]
fn time_may_go_backwards() {
    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    monitor.take(&ends.client("a"));
    monitor.now -= 1000 * SECOND;
    monitor.take(&ends.client("b")).wait(0);
    assert_eq!(monitor.table.len(), 1);
    monitor.wait(1003 * SECOND).finish();
    assert_eq!(monitor.seen()[0].forward.bytes, b"ab");
}

#[test]
fn nothing_is_given_up_behind_a_fin() {
    let (mut ends, mut monitor) = (Ends::new("10.0.0.1:1000", 100, 500), Monitor::new());
    monitor.take(&ends.open()[0]);
    ends.client("lost");
    monitor.take(&ends.client_fin("last"));
    let mut elsewhere = Ends { client_next: ends.client_next.wrapping_add(1 << 31), ..ends };
    for _ in 0..6 {
        monitor.take(&elsewhere.client("far away"));
    }
    assert_eq!(monitor.story(), ">[4]>last>.");
    assert_eq!(monitor.table.counters().missing.gap_bytes, 4);
}

#[test]
fn a_reset_counts_at_the_next_number_only() {
    for (client, by) in
        [(true, u32::MAX), (false, u32::MAX), (true, 1), (false, 1), (true, 2000), (false, u32::MAX - 9)]
    {
        let (mut monitor, mut ends) = opened();
        monitor.take(&ends.client("ask")).take(&ends.server("answer")).take(&ends.client(""));
        let right = if client { reset(&mut ends.clone()) } else { ends.clone().server("").with(RST) };
        let sequence = right.sequence.wrapping_add(by);
        monitor.take(&Packet { sequence, flags: RST, acknowledgment: 0, ..right });
        monitor.take(&ends.client("again")).take(&ends.server("more"));
        assert_eq!(monitor.story(), ">ask<answer>again<more", "{client} {by}");
        assert_eq!(monitor.table.counters().segments.outside_window, 1);
        monitor.take(&reset(&mut ends));
        assert_eq!(monitor.seen()[0].end, Some(End::Reset));
    }
}

#[test]
fn a_reset_counts_where_only_the_capture_lacks_what_came_before_it() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask"));
    let _lost = ends.server("answer");
    monitor.take(&ends.client("")).take(&ends.server("").with(RST));
    monitor.wait(250 * MILLISECOND);
    assert_eq!(monitor.seen()[0].end, Some(End::Reset));

    // Nobody acknowledged what came before it: the connection goes on, and is forgotten sooner.
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask"));
    let _lost = ends.server("answer");
    monitor.take(&ends.server("").with(RST)).wait(90 * SECOND).wait(SECOND);
    assert_eq!(monitor.seen()[0].end, Some(End::Idle));
}

#[test]
fn a_syn_inside_of_a_connection_counts_once_it_is_answered() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("ask")).take(&ends.server("answer"));
    let mut stray = Ends::new("10.0.0.1:1000", 77_000, 0);
    let [syn, accept, _] = stray.open();
    // The challenge of RFC 5961, section 4, acknowledges what came last.
    monitor.take(&syn).take(&ends.server("")).take(&accept_of(&accept, 123)).take(&ends.client("again"));
    monitor.take(&ends.server("more")).wait(4 * SECOND).take(&accept).take(&ends.client("last"));
    assert_eq!(monitor.story(), ">ask<answer>again<more>last");

    monitor.wait(4 * SECOND).take(&syn).take(&accept).take(&stray.client("new"));
    let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
    assert_eq!(stories, [">ask<answer>again<more>lastReplaced", ">new"]);
    assert!(monitor.seen()[1].flow.opened);
}

/// The same SYN-ACK, as the answer to another SYN.
fn accept_of(accept: &Packet, start: u32) -> Packet {
    Packet { acknowledgment: start, ..accept.clone() }
}
