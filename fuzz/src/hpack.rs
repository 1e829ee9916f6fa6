//! Any header blocks: read in pieces they say the same, and what a connection that was joined later calls known is right.

use ::flow::{At, Direction, End, Flow, Origin, Over, Timestamp};
use ::http::{Connection, Counters, Exchange, Sink};

/// Method, target and fields of a request, by the number of its block.
type Request = (u64, Vec<u8>, Vec<u8>, Vec<u8>);

/// The first byte says where blocks are cut, the second how many are missed at first. Then blocks: one byte with the length, and
/// the block.
pub fn hpack(data: &[u8]) {
    let Some((&[cut, missed], mut rest)) = data.split_first_chunk() else { return };
    let mut blocks = Vec::new();
    while let Some((&len, after)) = rest.split_first()
        && blocks.len() < 500
    {
        let (block, after) = after.split_at(usize::from(len).min(after.len()));
        blocks.push(block);
        rest = after;
    }
    let (whole, right) = requests(true, 0, &blocks, usize::MAX);
    assert_eq!(requests(true, 0, &blocks, usize::from(cut)), (whole.clone(), right));
    let joined = requests(false, usize::from(missed), &blocks, usize::MAX).0;
    for (number, method, target, _) in joined.into_iter().filter(|request| request.0 <= right) {
        let known = !method.is_empty() && !target.is_empty();
        let same = whole.iter().find(|one| one.0 == number && !one.1.is_empty() && !one.2.is_empty());
        if let Some(same) = same.filter(|_| known) {
            assert_eq!((&method, &target), (&same.1, &same.2), "of block {number}");
        }
    }
}

/// The requests of a client that sends these blocks but for the first ones, each in two frames; and how many of the blocks are right, before
/// the first one that no encoder makes (with two paths, say: of an unknown and a known one the known one would be taken).
fn requests(opened: bool, missed: usize, blocks: &[&[u8]], cut: usize) -> (Vec<Request>, u64) {
    let (first, second) = (([10, 0, 0, 1], 40_000).into(), ([10, 0, 0, 2], 8080).into());
    let flow = Flow { first, second, opened, origin: Origin::Wire };
    let (mut connection, mut counters) = (Connection::default(), Counters::default());
    let (mut found, mut right) = (Found(Vec::new()), 0);
    let mut data = |number: u64, data: &[u8]| {
        let (direction, time) = (Direction::Forward, Timestamp::from_nanos(number));
        let at = At { flow: &flow, direction, time, sequence: 0, acknowledgment: 0 };
        connection.data(at, data, &mut counters, &mut found);
        assert!(counters.balanced(), "{counters:?}");
        if counters.bad_fields + counters.given_up.sum() == 0 {
            right = number;
        }
    };
    if opened {
        data(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    }
    for (number, block) in blocks.iter().enumerate().skip(missed) {
        let stream = 2 * number as u32 + 1;
        let (one, two) = block.split_at(cut.min(block.len()));
        let mut frames = frame(1, if two.is_empty() { 5 } else { 1 }, stream, one);
        if !two.is_empty() {
            frames.extend(frame(9, 4, stream, two));
        }
        data(number as u64 + 1, &frames);
    }
    let (time, end) = (Timestamp::from_nanos(1 << 20), End::Stopped);
    connection.end(Over { flow: &flow, time, end, acknowledged: [None, None] }, &mut counters, &mut found);
    assert!(counters.balanced(), "{counters:?}");
    if counters.bad_fields + counters.given_up.sum() == 0 {
        right = 1 << 20;
    }
    found.0.sort();
    (found.0, right.min(blocks.len() as u64))
}

/// The requests that were found.
struct Found(Vec<Request>);

impl Sink for Found {
    fn exchange(&mut self, exchange: &Exchange<'_>) {
        let request = exchange.request;
        let fields = request.headers.iter().flat_map(|(name, value)| [name, b"=", value, b";"].concat());
        self.0.push((
            request.time.as_nanos(),
            request.method.to_vec(),
            request.target.to_vec(),
            fields.collect(),
        ));
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&[0, 0, payload.len() as u8, kind, flags][..], &stream.to_be_bytes(), payload].concat()
}
