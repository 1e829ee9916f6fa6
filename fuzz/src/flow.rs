//! Any segments keep the promises of a flow table: its counts balance, its memory stays below the limit, and nothing
//! follows an end.

use std::net::SocketAddr;

use ::decode::{Flags, Origin, Segment, Timestamp};
use ::flow::{At, Direction, End, Limits, Missing, Over, Sink, Table, Unwanted, Verdict};

/// Bytes that describe one segment.
const RECORD: usize = 12;
/// Lengths, times and distances that are worth trying, beside small ones.
const LARGE: [u32; 8] = [1 << 10, 1 << 16, 1 << 20, 1 << 24, 1 << 30, (1 << 31) - 1, 1 << 31, u32::MAX];

/// What a connection was told so far.
#[derive(Default)]
struct State {
    bytes: usize,
    finished: [bool; 2],
    ended: bool,
}

/// The first byte gives the limits; then each twelve bytes are a segment: which connection, direction and interface;
/// flags; sequence and acknowledgment number; length; time since the last one; what was not copied; the verdict.
pub fn flow(data: &[u8]) {
    let Some((setting, records)) = data.split_first() else { return };
    let memory = 40_000 << (setting & 3);
    let limits = Limits { memory, connections: 1 + usize::from(setting >> 2 & 7), ..Limits::default() };
    let mut table: Table<State> = Table::new(limits);
    let mut now = 1_760_000_000_000_000_000;
    let payload = [b'x'; 2048];
    for record in records.chunks_exact(RECORD) {
        let &[which, flags, s1, s2, a1, a2, len, time, missing, held, ignore, content] = record else {
            return;
        };
        now = u64::wrapping_add(now, u64::from(number(time, 0)) * 1_000_000);
        let (client, server) = (end(1, which & 7), end(2, 0));
        let (source, destination) = if which & 8 == 0 { (client, server) } else { (server, client) };
        let bytes = payload.get(..usize::from(len) * 8).unwrap_or_default();
        let content = [content; 2048];
        let bytes = if len & 1 == 0 { bytes } else { content.get(..bytes.len()).unwrap_or_default() };
        let segment = Segment {
            time: Timestamp::from_nanos(now),
            // The highest bit of a place says that it is inside of a tunnel.
            interface: u32::from(which >> 4 & 3) | u32::from(which >> 7) << 31,
            origin: Origin::Wire,
            source,
            destination,
            sequence: number(s1, s2),
            acknowledgment: number(a1, a2),
            flags: Flags(flags),
            payload: bytes,
            payload_len: (bytes.len() as u32).saturating_add(number(missing, 0)),
        };
        let verdict = if ignore & 15 == 15 { Verdict::Nothing(Unwanted::NoHttp) } else { Verdict::All };
        let mut sink = Stage { verdict, held: number(held, 0) as usize };
        table.segment(&segment, |_| ignore & 16 == 0, &mut sink);
        if ignore & 32 == 0 {
            table.tick(Timestamp::from_nanos(now), &mut sink);
        }
        check(&table, &limits);
    }
    table.finish(Timestamp::from_nanos(now), &mut Stage { verdict: Verdict::All, held: 0 });
    check(&table, &limits);
    assert!(table.is_empty() && table.counters().bytes.waiting == 0);
}

/// A number: small ones as they are, and others around places where something may go wrong.
fn number(high: u8, low: u8) -> u32 {
    let small = u32::from(high & 31) << 8 | u32::from(low);
    if high < 128 { small } else { LARGE[usize::from(high >> 4 & 7)].wrapping_add(small).wrapping_sub(4096) }
}

fn end(host: u8, port: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], u16::from(port)))
}

/// A stage above that answers with this verdict, holds this, and checks what it is told.
struct Stage {
    verdict: Verdict,
    held: usize,
}

impl Sink for Stage {
    type State = State;

    fn data(&mut self, state: &mut State, at: At<'_>, bytes: &[u8]) -> Verdict {
        assert!(!state.ended && !*state.finished(at) && !bytes.is_empty());
        state.bytes += bytes.len();
        self.verdict
    }

    fn skip(&mut self, state: &mut State, at: At<'_>, len: u64, _: Missing) -> Verdict {
        assert!(!state.ended && !*state.finished(at) && len > 0);
        self.verdict
    }

    fn fin(&mut self, state: &mut State, at: At<'_>) {
        assert!(!state.ended && !std::mem::replace(state.finished(at), true));
    }

    fn end(&mut self, state: &mut State, over: Over<'_>) {
        assert!(!std::mem::replace(&mut state.ended, true));
        assert!(over.end != End::Fin || state.finished == [true, true]);
    }

    fn held(&self, _: &State) -> usize {
        self.held
    }
}

impl State {
    fn finished(&mut self, at: At<'_>) -> &mut bool {
        &mut self.finished[usize::from(at.direction == Direction::Backward)]
    }
}

fn check(table: &Table<State>, limits: &Limits) {
    let counters = table.counters();
    assert!(counters.balanced(), "{counters:?}");
    assert_eq!(counters.connections.open, table.len() as u64);
    assert!(table.len() <= limits.connections && table.memory() <= limits.memory);
}
