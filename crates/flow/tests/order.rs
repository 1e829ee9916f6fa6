//! Bytes in order: what comes out of order, twice, in pieces, or not at all.

mod support;

use support::*;
use traffic_monitor_flow::End;

fn opened() -> (Monitor, Ends) {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    monitor.take_all(&ends.open());
    (monitor, ends)
}

#[test]
fn a_conversation_from_start_to_end() {
    let (mut monitor, mut ends) = opened();
    let conversation =
        [ends.client("ask"), ends.server("answer"), ends.client_fin("bye"), ends.server_fin("")];
    monitor.take_all(&conversation).take(&ends.client(""));
    assert_eq!(monitor.story(), ">ask<answer>bye>.<.");
    assert!(monitor.table.is_empty());
    let flow = monitor.seen()[0].flow;
    assert!(flow.opened && flow.first == ends.client && flow.second == ends.server);
    let counters = monitor.table.counters();
    assert_eq!((counters.segments.used, counters.segments.seen), (8, 8));
    assert_eq!((counters.bytes.delivered, counters.connections.finished), (12, 1));
}

#[test]
fn what_comes_early_waits() {
    let (mut monitor, mut ends) = opened();
    let [a, b, c] = [ends.client("a"), ends.client("b"), ends.client_fin("c")];
    monitor.take(&c).take(&b);
    assert_eq!((monitor.seen().len(), monitor.table.counters().bytes.waiting), (0, 2));
    monitor.take(&a);
    assert_eq!(monitor.story(), ">a>b>c>.");
}

#[test]
fn sequence_numbers_wrap() {
    let mut ends = Ends::new("10.0.0.1:1000", u32::MAX - 3, u32::MAX);
    let mut monitor = Monitor::new();
    monitor.take_all(&ends.open());
    let [a, b, c] = [ends.client("abcd"), ends.client("efgh"), ends.server("xyz")];
    monitor.take(&b).take(&a).take(&c);
    assert_eq!(monitor.story(), ">abcd>efgh<xyz");
}

#[test]
fn what_was_delivered_is_not_delivered_again() {
    let (mut monitor, mut ends) = opened();
    let [a, b] = [ends.client("abc"), ends.client("def")];
    let both = Packet { payload: b"abcdefgh".to_vec(), ..a.clone() };
    monitor.take(&a).take(&a).take(&b).take(&a).take(&both);
    assert_eq!(monitor.story(), ">abc>def>gh");
    let counters = monitor.table.counters();
    assert_eq!((counters.bytes.retransmitted, counters.segments.retransmitted), (12, 2));
}

#[test]
fn keep_alive_and_zero_window_probes_change_nothing() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("abc"));
    let keep_alive = |len| {
        let packet = ends.clone().client(vec![b'x'; len]);
        Packet { sequence: packet.sequence.wrapping_sub(1), ..packet }
    };
    monitor.take(&keep_alive(1)).take(&keep_alive(0));
    let next = ends.client("defg");
    let probe = Packet { payload: b"d".to_vec(), ..next.clone() };
    monitor.take(&probe).take(&probe).take(&next);
    assert_eq!(monitor.story(), ">abc>d>efg");
}

#[test]
fn of_overlapping_bytes_the_first_count() {
    let (mut monitor, mut ends) = opened();
    let [a, b, c, d] = [ends.client("ab"), ends.client("cd"), ends.client("ef"), ends.client("gh")];
    let other = Packet { payload: b"CDEFGH".to_vec(), ..b.clone() };
    let same = Packet { payload: b"cdef".to_vec(), ..b.clone() };
    monitor.take(&c).take(&other).take(&same).take(&d).take(&a).take(&b);
    assert_eq!(monitor.story(), ">ab>CD>ef>GH");
    let bytes = monitor.table.counters().bytes;
    assert_eq!((bytes.overlapped_different, bytes.overlapped_same, bytes.retransmitted), (6, 2, 2));
}

#[test]
fn a_gap_is_waited_for_and_then_told() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("first")).wait(2 * MILLISECOND);
    let _lost = ends.client("lost");
    monitor.take(&ends.client("second")).wait(1900 * MILLISECOND);
    assert_eq!(monitor.story(), ">first");
    monitor.wait(300 * MILLISECOND);
    assert_eq!(monitor.story(), ">first>[4]>second");
    let missing = monitor.table.counters().missing;
    assert_eq!((missing.gaps, missing.gap_bytes), (1, 4));
}

#[test]
fn a_gap_that_the_receiver_acknowledged_is_waited_for_shortly() {
    let (mut monitor, mut ends) = opened();
    let lost = ends.client("lost");
    monitor.take(&ends.client("second")).take(&ends.server("")).wait(150 * MILLISECOND);
    assert!(monitor.seen().is_empty());
    monitor.wait(100 * MILLISECOND);
    assert_eq!(monitor.story(), ">[4]>second");
    monitor.take(&lost);
    assert_eq!(monitor.table.counters().bytes.retransmitted, 4);

    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    monitor.take(&ends.client("second")).take(&ends.server(""));
    for _ in 0..20 {
        monitor.take(&ends.client("."));
    }
    assert_eq!(monitor.story(), format!(">[4]>second{}", ">.".repeat(20)), "without any time");
}

#[test]
fn a_gap_ends_when_too_much_waits() {
    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    for _ in 0..20 {
        monitor.take(&ends.client(vec![b'x'; 60_000]));
        assert!(monitor.table.counters().bytes.waiting <= 512 << 10);
    }
    assert_eq!(monitor.seen()[0].forward.gaps, 4);
    assert_eq!(monitor.seen()[0].forward.bytes.len(), 1_200_000);

    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    for _ in 0..600 {
        monitor.take(&ends.client("x"));
    }
    assert_eq!((monitor.seen()[0].forward.gaps, monitor.seen()[0].forward.bytes.len()), (4, 600));
}

#[test]
fn the_end_of_the_source_ends_all_waiting() {
    let (mut monitor, mut ends) = opened();
    let _lost = ends.client("lost");
    monitor.take(&ends.client("second"));
    let _lost = ends.client("!");
    monitor.take(&ends.client_fin("third")).finish();
    assert_eq!(monitor.story(), ">[4]>second>[1]>third>.Stopped");
    assert_eq!(monitor.seen()[0].end, Some(End::Stopped));
}

#[test]
fn bytes_that_were_not_copied_are_a_known_skip() {
    let (mut monitor, mut ends) = opened();
    let [a, b, c] = [ends.client("abcdef"), ends.client("ghijkl"), ends.client("mno")];
    monitor.take(&a.cut(2)).take(&c).take(&b.cut(0)).take(&a);
    assert_eq!(monitor.story(), ">ab>{4}>{6}>mno");
    let counters = monitor.table.counters();
    assert_eq!((counters.missing.not_copied, counters.missing.not_copied_bytes), (2, 10));
    assert_eq!(counters.missing.gaps, 0);
    let again = Packet { payload: b"noXY".to_vec(), ..c.clone() };
    monitor.take(&Packet { sequence: c.sequence.wrapping_add(1), ..again }.cut(3));
    assert_eq!(monitor.story(), ">ab>{4}>{6}>mno>X>{1}");
}

#[test]
fn where_one_side_shows_a_far_segment_counts_once_others_follow_it() {
    let (mut ends, mut monitor) = (Ends::new("10.0.0.1:1000", 100, 500), Monitor::new());
    monitor.take(&ends.open()[0]).take(&ends.client("first"));
    ends.client_next = ends.client_next.wrapping_add(3 << 29);
    for count in 1..4 {
        monitor.take(&ends.client("far"));
        assert_eq!(monitor.table.counters().segments.held, count);
    }
    monitor.take(&ends.client("here")).take(&ends.client("again"));
    let lost = (3 << 29) + 9;
    assert_eq!(monitor.story(), format!(">first>[{lost}]>here>again"));

    let stray = Packet { sequence: ends.client_next.wrapping_sub(1 << 30), ..ends.clone().client("stray") };
    for _ in 0..10 {
        monitor.take(&stray);
    }
    assert!(monitor.story().ends_with(">again"), "the same one again and again is no stream");
}

#[test]
fn a_far_segment_counts_once_the_other_side_acknowledges_it() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("first")).take(&ends.server("ok"));
    let mut far = Ends { client_next: ends.client_next.wrapping_add(3 << 29), ..ends.clone() };
    for _ in 0..6 {
        monitor.take(&far.client("nobody's"));
    }
    monitor.take(&ends.server("")).take(&ends.client("second")).take(&ends.server("ok"));
    assert_eq!(monitor.story(), ">first<ok>second<ok", "it is nobody's");

    let mut new = Ends::new("10.0.0.1:1000", ends.client_next ^ 1 << 31, ends.server_next ^ 1 << 31);
    monitor.take(&new.client("fresh")).take(&new.server("")).take(&new.server("answer"));
    monitor.take(&new.client("more")).wait(250 * MILLISECOND);
    let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
    assert_eq!(stories, [">first<ok>second<okReplaced", ">fresh<answer>more"]);
    assert_eq!(monitor.table.counters().segments.held, 0);
}

#[test]
fn a_large_loss_is_a_gap() {
    let (mut monitor, mut ends) = opened();
    monitor.take(&ends.client("first"));
    ends.client_next = ends.client_next.wrapping_add(500 << 20);
    monitor.take(&ends.client("second")).take(&ends.server("ok")).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), format!(">first>[{}]>second<ok", 500 << 20));
}

#[test]
fn only_what_is_admitted_is_followed() {
    let mut ends = Ends::new("10.0.0.1:1000", 100, 500);
    let mut monitor = Monitor::new();
    monitor.admit = false;
    monitor.take_all(&ends.open()).take(&ends.client("ask"));
    let counters = monitor.table.counters();
    assert_eq!((counters.segments.not_admitted, counters.bytes.not_admitted), (4, 3));
    assert!(monitor.table.is_empty());
    monitor.admit = true;
    monitor.take_all(&ends.open());
    monitor.admit = false;
    monitor.take(&ends.client("ask"));
    assert_eq!(monitor.story(), ">ask");
}
