//! What the source of segments is told that it may spare itself.

mod support;

use support::*;
use traffic_monitor_flow::{Direction, Event, Flow, Interest, Limits, Table, Timestamp, Verdict};

/// A stage above that answers data of one direction with a verdict.
fn answer(
    of: Direction,
    verdict: Verdict,
) -> impl FnMut(&mut (), &Flow, Direction, Timestamp, Event<'_>) -> Verdict {
    move |_, _, direction, _, event| match event {
        Event::Data(_) if direction == of => verdict,
        _ => Verdict::default(),
    }
}

#[test]
fn the_rest_of_a_body_is_spared_in_its_own_direction() {
    let mut table: Table<()> = Table::new(Limits::default());
    let mut ends = Ends::new("10.0.0.1:1000", u32::MAX - 100, u32::MAX - 10);
    let mut sink = answer(Direction::Backward, Verdict { skip: 1000, ..Verdict::default() });
    let mut take = |packet: &Packet| table.segment(&packet.segment(START), |_| true, &mut sink);
    for packet in &ends.open() {
        assert_eq!(take(packet), Interest::All);
    }
    assert_eq!(take(&ends.client("GET / HTTP/1.1\r\n\r\n")), Interest::All);
    let answer = ends.server("HTTP/1.1 200 OK\r\n");
    let behind = answer.segment(START).sequence.wrapping_add(17);
    assert_eq!(take(&answer), Interest::From(behind.wrapping_add(1000)), "beyond the end of the numbers");
    assert_eq!(take(&ends.client("GET /")), Interest::All, "the other direction");
}

#[test]
fn nothing_more_is_said_of_a_connection_that_is_ignored() {
    let mut table: Table<()> = Table::new(Limits::default());
    let mut ends = Ends::new("10.0.0.1:1000", 1, 1);
    let mut sink = answer(Direction::Forward, Verdict { ignore: true, ..Verdict::default() });
    let mut take = |packet: &Packet| table.segment(&packet.segment(START), |_| true, &mut sink);
    for packet in &ends.open() {
        assert_eq!(take(packet), Interest::All);
    }
    assert_eq!(take(&ends.client("SSH-2.0-x\r\n")), Interest::Nothing);
    assert_eq!(take(&ends.server("SSH-2.0-y\r\n")), Interest::Nothing, "and again, in case it was forgotten");
}
