//! Any bytes on a connection leave every byte and every request accounted for, and memory bounded.

use ::flow::{Direction, End, Event, Flow, Missing, Origin};
use ::http::{Connection, Counters, Keep, MAX_HEAD, MAX_KEEP, MAX_WAITING, Protocol, Seen};

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
    let (mut exchanges, mut unreadable) = (0, 0);
    let mut sink = |seen: Seen<'_>| {
        match seen {
            Seen::Exchange(exchange) => {
                exchanges += 1;
                assert!(exchange.request_body.kept.len() as u64 <= exchange.request_body.len);
                assert!(exchange.response_body.kept.len() as u64 <= exchange.response_body.len);
                assert!(!exchange.complete || exchange.status.is_some());
                assert!(exchange.request.is_known() || exchange.request.protocol == Protocol::Http2);
                let _ = (exchange.request.host(), exchange.request.path_and_query());
            }
            Seen::Unreadable(..) => unreadable += 1,
            Seen::Request(_) | Seen::Response(..) | Seen::Older(_) => {}
        }
        keep
    };
    let mut time = 0;
    while let Some((&[what, high, low], after)) = rest.split_first_chunk() {
        let direction = if what & 1 == 0 { Direction::Forward } else { Direction::Backward };
        let size = u16::from_be_bytes([high, low]);
        let (bytes, after) = after.split_at(usize::from(size).min(after.len()));
        let event = match what >> 1 {
            120 => Event::End(End::Fin),
            121 => Event::Skip(u64::from(size), Missing::Gap),
            122 => Event::Skip(u64::from(size), Missing::NotCopied),
            _ => Event::Data(bytes),
        };
        rest = if matches!(event, Event::Data(_)) { after } else { rest.get(3..).unwrap_or_default() };
        time += 1;
        connection.event(&flow, direction, time, event, &mut counters, &mut sink);
        assert!(counters.balanced(), "{counters:?}");
        assert!(connection.held() <= 2 * (2 * MAX_HEAD + MAX_WAITING + 2 * MAX_KEEP));
    }
    connection.event(&flow, Direction::Forward, time, Event::End(End::Stopped), &mut counters, &mut sink);
    assert!(counters.balanced() && connection.held() == 0);
    assert_eq!(counters.waiting_bytes + counters.waiting_requests, 0);
    assert_eq!(counters.answered + counters.unanswered.iter().sum::<u64>(), exchanges);
    assert!(unreadable <= 1);
}
