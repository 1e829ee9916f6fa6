//! Connections joined in the middle, late and repeated SYNs, interfaces, tunnels.

mod support;

use support::*;

fn ends() -> Ends {
    Ends::new("10.0.0.1:1000", 100, 500)
}

#[test]
fn joined_in_the_middle() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    monitor.take(&ends.client("ask"));
    monitor.take(&ends.server("answer")).wait(150 * MILLISECOND);
    assert!(monitor.seen().is_empty(), "lower bytes may come");
    monitor.wait(100 * MILLISECOND).take(&ends.client("again"));
    assert_eq!(monitor.story(), ">ask<answer>again");
    let (seen, counters) = (&monitor.seen()[0], monitor.table.counters());
    assert!(!seen.flow.opened && seen.flow.first == ends.client);
    assert_eq!(counters.connections.joined, 1);
}

#[test]
fn the_first_segments_of_a_joined_connection_may_come_in_any_order() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let [a, b, c] = [ends.client("a"), ends.client("b"), ends.client("c")];
    let [x, y] = [ends.server("x"), ends.server("y")];
    monitor.take(&b).take(&y).take(&c).take(&x).take(&a).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), ">a>b>c<x<y");
}

#[test]
fn a_joined_direction_starts_by_itself() {
    let (mut first, mut monitor) = (ends(), Monitor::new());
    for _ in 0..17 {
        monitor.take(&first.client("x"));
    }
    assert_eq!(monitor.story(), ">x".repeat(17), "without any time");

    let (mut second, mut monitor) = (ends(), Monitor::new());
    monitor.take(&second.client("x")).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), ">x");
    monitor.take(&second.client_fin("y"));
    assert_eq!(monitor.story(), ">x>y>.");
}

#[test]
fn an_acknowledgment_tells_where_a_joined_direction_stands() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    monitor.take(&ends.client(""));
    let [a, b] = [ends.server("a"), ends.server("b")];
    monitor.take(&b).wait(250 * MILLISECOND).take(&a);
    assert_eq!(monitor.seen()[0].backward.bytes, b"ab");
}

#[test]
fn a_keep_alive_probe_does_not_tell_where_a_direction_stands() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let packet = ends.client("");
    let probe = Packet { sequence: packet.sequence.wrapping_sub(1), ..packet };
    monitor.take(&probe).take(&ends.server("")).take(&ends.client("ask")).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), ">ask");
}

#[test]
fn a_late_syn_does_not_reset_the_stream() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let [syn, accept, _] = ends.open();
    let [ask, answer] = [ends.client("ask"), ends.server("answer")];
    monitor.take(&ask).take(&syn).take(&answer).take(&accept).take(&syn).take(&ends.client("again"));
    assert_eq!(monitor.story(), ">ask<answer>again");
    assert!(monitor.seen()[0].flow.opened);
    assert_eq!(monitor.table.counters().segments.retransmitted, 1);
}

#[test]
fn a_late_syn_tells_who_opened_the_connection() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let [syn, _, _] = ends.open();
    let banner = ends.server("banner");
    let second = Packet { sequence: banner.sequence.wrapping_add(3), ..banner.clone() };
    monitor.take(&Packet { payload: b"ner".to_vec(), ..second }).take(&syn);
    let ban = Packet { payload: b"ban".to_vec(), ..banner };
    monitor.take(&ban).wait(250 * MILLISECOND);
    assert_eq!(monitor.story(), "<ban<ner");
    assert_eq!(monitor.seen()[0].flow.first, ends.client);
}

#[test]
fn data_in_the_syn_counts() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let mut syn = ends.open();
    syn[0].payload = b"early".to_vec();
    ends.client_next = ends.client_next.wrapping_add(5);
    syn[1].acknowledgment = ends.client_next;
    monitor.take(&syn[0]).take(&syn[1]).take(&ends.client("late"));
    assert_eq!(monitor.story(), ">early>late");
}

#[test]
fn a_syn_again_is_not_a_new_connection() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let open = ends.open();
    monitor.take(&open[0]).take(&open[0]).take(&open[1]).take(&open[1]).take(&open[2]);
    monitor.take(&ends.client("ask")).take(&open[0]).take(&ends.server("answer"));
    assert_eq!(monitor.story(), ">ask<answer");
    assert_eq!(monitor.table.counters().segments.retransmitted, 3);
}

#[test]
fn half_open_connections_are_forgotten() {
    let mut monitor = Monitor::new();
    for port in 1..100 {
        let mut ends = Ends::new(&format!("10.0.0.1:{port}"), port, 0);
        monitor.take(&ends.open()[0]);
    }
    monitor.wait(30 * SECOND);
    assert_eq!(monitor.table.len(), 99);
    for _ in 0..5 {
        monitor.wait(10 * SECOND);
    }
    assert_eq!((monitor.table.len(), monitor.table.counters().connections.idle), (0, 99));
}

#[test]
fn the_same_packets_on_other_interfaces_count_once() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let mut packets = ends.open().to_vec();
    packets.extend([ends.client("ask"), ends.server("answer"), ends.client("again"), ends.server("more")]);
    for packet in &packets {
        for interface in [1, 4, 2] {
            monitor.take(&packet.on(interface));
        }
    }
    assert_eq!(monitor.story(), ">ask<answer>again<more");
    let counters = monitor.table.counters();
    assert_eq!((counters.segments.used, counters.segments.other_interface), (7, 14));
    assert_eq!((counters.bytes.delivered, counters.bytes.other_interface), (18, 36));
}

#[test]
fn each_direction_has_its_own_interface() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let open = ends.open();
    monitor.take(&open[0]).take(&open[1].on(2)).take(&open[2]);
    monitor.take(&ends.client("ask")).take(&ends.server("answer").on(2)).take(&ends.client("again"));
    assert_eq!(monitor.story(), ">ask<answer>again");
    assert_eq!(monitor.table.counters().segments.other_interface, 0);
}

#[test]
fn another_interface_may_fill_a_hole_and_go_on_after_silence() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    monitor.take_all(&ends.open());
    let [a, b] = [ends.client("a"), ends.client("b")];
    let [c, d, _lost, e] = [ends.client("c"), ends.client("d"), ends.client("lost"), ends.client("e")];
    monitor.take(&b).take(&d.on(2)).take(&a.on(2)).take(&c);
    assert_eq!(monitor.story(), ">a>b>c");
    monitor.take(&d).take(&e.on(2));
    assert_eq!(monitor.table.counters().segments.other_interface, 2);
    monitor.wait(300 * MILLISECOND).take(&e.on(2)).wait(2100 * MILLISECOND);
    assert_eq!(monitor.story(), ">a>b>c>d>[4]>e");
}

#[test]
fn another_connection_with_the_same_addresses_elsewhere_changes_nothing() {
    let (mut ends, mut monitor) = (ends(), Monitor::new());
    let mut other = Ends::new("10.0.0.1:1000", 1 << 31, 3 << 30);
    monitor.take_all(&ends.open()).take(&ends.client("ask"));
    for packet in other.open() {
        monitor.take(&packet.on(9));
    }
    monitor.wait(SECOND).take(&other.client("other").on(9)).take(&other.server("strange").on(9));
    monitor.take(&ends.server("answer"));
    assert_eq!(monitor.story(), ">ask<answer");
    assert_eq!(monitor.table.counters().segments.other_interface, 5);
}

/// Places inside of tunnels, as `decode` numbers them.
const OVERLAYS: [u32; 3] = [1 << 31 | 7, 1 << 31 | 8, 1 << 31 | 9];

#[test]
fn overlays_keep_equal_addresses_apart() {
    let mut monitor = Monitor::new();
    let mut all =
        [1 << 29, 1 << 30, 3 << 30].map(|start| Ends::new("10.0.0.1:1000", start, start ^ (1 << 31)));
    let places = [1, OVERLAYS[0], OVERLAYS[1]];
    for (ends, place) in all.iter_mut().zip(places) {
        for packet in ends.open() {
            monitor.take(&packet.on(place));
        }
    }
    for round in ["one", "two"] {
        for (ends, place) in all.iter_mut().zip(places) {
            let (ask, answer) = (format!("{round}{}", place & 15), format!("to{}", place & 15));
            monitor.take(&ends.client(&ask).on(place)).take(&ends.server(&answer).on(place));
        }
    }
    let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
    assert_eq!(stories, [">one1<to1>two1<to1", ">one7<to7>two7<to7", ">one8<to8>two8<to8"]);
}

#[test]
fn a_tunnel_with_another_identifier_in_each_direction_is_one_connection() {
    for opened in [true, false] {
        let (mut ends, mut monitor) = (ends(), Monitor::new());
        let sides = |packet: &Packet| packet.on(OVERLAYS[usize::from(packet.source.port() == 80)]);
        let open = ends.open();
        if opened {
            monitor.take_all(&open.map(|packet| sides(&packet)));
        }
        for _ in 0..2 {
            monitor.take(&sides(&ends.client("ask"))).take(&sides(&ends.server("answer")));
        }
        monitor.finish();
        assert_eq!(monitor.story(), ">ask<answer>ask<answerStopped", "opened: {opened}");
    }
}

#[test]
fn what_is_seen_inside_of_a_tunnel_and_outside_counts_once() {
    for places in [[OVERLAYS[0], 1], [1, OVERLAYS[0]], [OVERLAYS[0], OVERLAYS[2]]] {
        let mut monitor = Monitor::new();
        // Twice, with the same addresses: the second SYN comes at the other place first.
        for (start, order) in [(1000, [0, 1]), (1 << 30, [1, 0])] {
            let mut ends = Ends::new("10.0.0.1:1000", start, start ^ (1 << 31));
            let both = |monitor: &mut Monitor, packet: &Packet| {
                for at in order {
                    monitor.take(&packet.on(places[at]));
                }
            };
            for packet in ends.open() {
                both(&mut monitor, &packet);
            }
            for _ in 0..3 {
                both(&mut monitor, &ends.client("ask"));
                both(&mut monitor, &ends.server("answer"));
            }
        }
        monitor.finish();
        let stories: Vec<_> = monitor.seen().iter().map(|seen| &*seen.story).collect();
        assert_eq!(stories, [">ask<answer>ask<answer>ask<answerStopped"; 2], "{places:?}");
    }
}
