//! What the source of segments is told that it may spare itself.

mod support;

use support::*;
use traffic_monitor_flow::{At, Direction, Interest, Limits, Sink, Table, Unwanted, Verdict};

/// A stage above that answers data of one direction with a verdict.
struct Answer(Direction, Verdict);

impl Sink for Answer {
    type State = ();

    fn data(&mut self, (): &mut (), at: At<'_>, _: &[u8]) -> Verdict {
        if at.direction == self.0 { self.1 } else { Verdict::All }
    }
}

#[test]
fn the_rest_of_a_body_is_spared_in_its_own_direction() {
    let mut table: Table<()> = Table::new(Limits::default());
    let mut ends = Ends::new("10.0.0.1:1000", u32::MAX - 100, u32::MAX - 10);
    let mut sink = Answer(Direction::Backward, Verdict::After(1000));
    let mut take = |packet: &Packet| table.segment(&packet.segment(START), |_| true, &mut sink);
    for packet in &ends.open() {
        assert_eq!(take(packet), Interest::All);
    }
    assert_eq!(take(&ends.client("GET / HTTP/1.1\r\n\r\n")), Interest::All);
    let answer = ends.server("HTTP/1.1 200 OK\r\n");
    let behind = answer.segment(START).sequence.wrapping_add(17);
    assert_eq!(take(&answer), Interest::From(behind.wrapping_add(1000)), "beyond the end of the numbers");
    assert_eq!(take(&ends.client("GET /")), Interest::All, "the other direction");
    assert_eq!(take(&ends.server_fin("end")), Interest::All, "nothing comes behind a FIN");
}

#[test]
fn nothing_more_is_said_of_a_connection_that_is_ignored() {
    let mut table: Table<()> = Table::new(Limits::default());
    let mut ends = Ends::new("10.0.0.1:1000", 1, 1);
    let mut sink = Answer(Direction::Forward, Verdict::Nothing(Unwanted::Tls));
    let mut take = |packet: &Packet| table.segment(&packet.segment(START), |_| true, &mut sink);
    for packet in &ends.open() {
        assert_eq!(take(packet), Interest::All);
    }
    assert_eq!(take(&ends.client("SSH-2.0-x\r\n")), Interest::Nothing(Unwanted::Tls));
    assert_eq!(
        take(&ends.server("SSH-2.0-y\r\n")),
        Interest::Nothing(Unwanted::Tls),
        "and again, in case it was forgotten"
    );
}
