//! Any bytes on a connection leave every byte and every request accounted for, and memory bounded.

use ::flow::{At, Direction, End, Flow, Missing, Origin, Over, Timestamp};
use ::http::{
    Connection, Counters, Exchange, Head, Keep, MAX_HEAD, MAX_KEEP, MAX_WAITING, Protocol, RequestHead, Sink,
    Unreadable,
};

/// What was found.
struct Found {
    keep: Keep,
    exchanges: u64,
    unreadable: u64,
}

impl Sink for Found {
    fn request(&mut self, _: &RequestHead<'_>) -> Keep {
        self.keep
    }

    fn response(&mut self, _: &RequestHead<'_>, _: u16, _: Head<'_>) -> Keep {
        self.keep
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) {
        self.exchanges += 1;
        assert!(exchange.request_body.kept.len() as u64 <= exchange.request_body.len);
        assert!(exchange.response_body.kept.len() as u64 <= exchange.response_body.len);
        assert!(!exchange.complete || exchange.status.is_some());
        assert!(exchange.request.is_known() || exchange.request.protocol == Protocol::Http2);
        let _ = (exchange.request.host(), exchange.request.path_and_query());
    }

    fn unreadable(&mut self, _: Direction, _: Unreadable<'_>) {
        self.unreadable += 1;
    }
}

/// The first byte says whether the connection was seen from its beginning, and how much of bodies is kept. Then
/// events: a byte that says what happens in which direction, two that say how much.
pub fn http1(data: &[u8]) {
    let Some((&first, mut rest)) = data.split_first() else { return };
    let flow = Flow {
        first: ([10, 0, 0, 1], 40_000).into(),
        second: ([10, 0, 0, 2], 8080).into(),
        opened: first & 1 == 0,
        origin: Origin::Wire,
    };
    let keep = Keep(usize::from(first >> 1) * 64);
    let (mut connection, mut counters) = (Connection::default(), Counters::default());
    let mut found = Found { keep, exchanges: 0, unreadable: 0 };
    // Where the two directions stand: all that came in one was there when the next came in the other.
    let (mut nanos, mut stands) = (0, [0_u32; 2]);
    while let Some((&[what, high, low], after)) = rest.split_first_chunk() {
        let direction = if what & 1 == 0 { Direction::Forward } else { Direction::Backward };
        let size = u16::from_be_bytes([high, low]);
        let (bytes, after) = after.split_at(usize::from(size).min(after.len()));
        let kind = what >> 1;
        rest = if matches!(kind, 120..=122) { rest.get(3..).unwrap_or_default() } else { after };
        nanos += 1;
        let time = Timestamp::from_nanos(nanos);
        let (here, other) = if what & 1 == 0 { (0, 1) } else { (1, 0) };
        let (sequence, acknowledgment) = (stands[here], stands[other]);
        stands[here] =
            sequence.wrapping_add(if matches!(kind, 120..=122) { size.into() } else { bytes.len() as u32 });
        let at = At { flow: &flow, direction, time, sequence, acknowledgment };
        let len = u64::from(size);
        match kind {
            120 => connection.fin(at, &mut counters, &mut found),
            121 => _ = connection.skip(at, len, Missing::Gap, &mut counters, &mut found),
            122 => _ = connection.skip(at, len, Missing::NotCopied, &mut counters, &mut found),
            _ => _ = connection.data(at, bytes, &mut counters, &mut found),
        }
        assert!(counters.balanced(), "{counters:?}");
        assert!(connection.held() <= 2 * (2 * MAX_HEAD + MAX_WAITING + 2 * MAX_KEEP));
    }
    let time = Timestamp::from_nanos(nanos);
    let over = Over { flow: &flow, time, end: End::Stopped, acknowledged: [None, None] };
    connection.end(over, &mut counters, &mut found);
    assert!(counters.balanced() && connection.held() == 0);
    assert_eq!(counters.waiting_bytes + counters.waiting_requests, 0);
    assert_eq!(counters.answered + counters.unanswered.sum(), found.exchanges);
    assert!(found.unreadable <= 1);
}
