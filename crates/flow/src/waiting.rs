//! What waits in one direction: pieces that came before their turn, in order and without overlap.

use std::collections::VecDeque;
use std::time::Duration;

use decode::Timestamp;

use crate::counters::Bytes;
use crate::sequence::{Chunk, distance};

/// A piece that waits: an owned [`Chunk`].
#[derive(Debug)]
pub(crate) struct Piece {
    sequence: u32,
    len: u32,
    acknowledgment: Option<u32>,
    time: Timestamp,
    arrival: u32,
    bytes: Box<[u8]>,
}

/// What a piece costs beside its bytes: its place in the queue, which may be half empty, and the allocator's share.
const PIECE_COST: usize = 2 * size_of::<Piece>() + 16;

impl Piece {
    pub(crate) fn chunk(&self) -> Chunk<'_> {
        let Piece { sequence, len, acknowledgment, time, ref bytes, .. } = *self;
        Chunk { sequence, len, bytes, acknowledgment, time }
    }

    fn end(&self) -> u32 {
        self.sequence.wrapping_add(self.len)
    }
}

/// A FIN or RST that waits for the bytes before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    /// Its sequence number.
    pub(crate) sequence: u32,
    /// Its acknowledgment number.
    pub(crate) acknowledgment: Option<u32>,
    /// Whether a FIN was seen here.
    pub(crate) fin: bool,
    /// Whether an RST was seen here, or behind the FIN.
    pub(crate) reset: bool,
}

/// What waits in one direction.
#[derive(Debug)]
pub(crate) struct Waiting {
    pieces: VecDeque<Piece>,
    ending: Option<Ending>,
    memory: usize,
    bytes: u64,
    /// Since when the first of them waits.
    since: Timestamp,
    /// How many segments of the connection came while something waited here, in all and before the first of them.
    arrivals: u32,
    before: u32,
}

impl Waiting {
    pub(crate) fn new(now: Timestamp) -> Waiting {
        Waiting {
            pieces: VecDeque::new(),
            ending: None,
            memory: size_of::<Waiting>(),
            bytes: 0,
            since: now,
            arrivals: 0,
            before: 0,
        }
    }

    /// Returns how long the first of them has waited.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        now.saturating_since(self.since)
    }

    /// Returns how many segments of the connection came while the first of them waited.
    pub(crate) fn segments(&self) -> u32 {
        self.arrivals.wrapping_sub(self.before)
    }

    /// One more came.
    pub(crate) fn arrived(&mut self) {
        self.arrivals = self.arrivals.wrapping_add(1);
    }

    /// Returns the memory that all of it takes.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// Returns the captured bytes among it.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of pieces.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Returns the place and the acknowledgment number of what comes first.
    pub(crate) fn head(&self) -> Option<(u32, Option<u32>)> {
        match self.pieces.front() {
            Some(piece) => Some((piece.sequence, piece.acknowledgment)),
            None => self.ending.map(|ending| (ending.sequence, ending.acknowledgment)),
        }
    }

    /// Takes the first piece out. The next one waits since it came.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        self.memory -= PIECE_COST + piece.bytes.len();
        self.bytes -= piece.bytes.len() as u64;
        let next = self.pieces.front();
        self.since = next.map_or(now, |next| next.time.min(now));
        self.before = next.map_or(self.arrivals, |next| next.arrival);
        Some(piece)
    }

    /// Returns whether this is the sequence number behind the last of them, or that of the FIN or behind it.
    pub(crate) fn ends_at(&self, sequence: u32) -> bool {
        match (self.ending, self.pieces.back()) {
            (Some(ending), _) => matches!(sequence.wrapping_sub(ending.sequence), 0 | 1),
            (None, last) => last.is_some_and(|last| last.end() == sequence),
        }
    }

    /// Returns the FIN or RST.
    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Returns whether nothing waits any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.ending.is_none()
    }

    /// Puts a FIN or RST in its place: where it says, but not before bytes that were there first. An RST behind a
    /// FIN joins it; any other second ending changes nothing.
    pub(crate) fn end(&mut self, mut ending: Ending) {
        if let Some(first) = &mut self.ending {
            first.reset |= ending.reset;
            return;
        }
        if let Some(last) = self.pieces.back().filter(|last| distance(ending.sequence, last.end()) > 0) {
            ending.sequence = last.end();
        }
        self.ending = Some(ending);
    }

    /// Puts a chunk in its place. Where something waits already, that stays; what is behind the FIN is dropped.
    pub(crate) fn insert(&mut self, chunk: Chunk<'_>, counts: &mut Bytes) {
        let mut rest = self.before_ending(chunk, counts);
        let mut at = self.pieces.partition_point(|piece| distance(piece.end(), rest.sequence) >= 0);
        while rest.len > 0 {
            let Some(piece) = self.pieces.get(at) else {
                self.put(at, rest, counts);
                return;
            };
            let free = distance(rest.sequence, piece.sequence);
            if free > 0 {
                let (new, behind) = rest.split(free.unsigned_abs());
                self.put(at, new, counts);
                rest = behind;
            } else {
                let (again, behind) = rest.split(distance(rest.sequence, piece.end()).unsigned_abs());
                count_overlap(piece, again, counts);
                rest = behind;
            }
            at += 1;
        }
    }

    fn before_ending<'a>(&self, chunk: Chunk<'a>, counts: &mut Bytes) -> Chunk<'a> {
        let Some(ending) = self.ending else { return chunk };
        let (before, behind) = chunk.split(distance(chunk.sequence, ending.sequence).max(0).unsigned_abs());
        counts.after_end += behind.bytes.len() as u64;
        before
    }

    fn put(&mut self, at: usize, chunk: Chunk<'_>, counts: &mut Bytes) {
        let Chunk { sequence, len, bytes, acknowledgment, time } = chunk;
        self.memory += PIECE_COST + bytes.len();
        self.bytes += bytes.len() as u64;
        counts.waiting += bytes.len() as u64;
        let arrival = self.arrivals;
        self.pieces.insert(at, Piece { sequence, len, acknowledgment, time, arrival, bytes: bytes.into() });
    }
}

fn count_overlap(piece: &Piece, again: Chunk<'_>, counts: &mut Bytes) {
    let offset = again.sequence.wrapping_sub(piece.sequence) as usize;
    let first = piece.bytes.get(offset..).unwrap_or_default();
    let same = first.iter().zip(again.bytes).all(|(first, again)| first == again);
    let count = if same { &mut counts.overlapped_same } else { &mut counts.overlapped_different };
    *count += again.bytes.len() as u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_nanos(0);

    fn chunk(sequence: u32, bytes: &[u8]) -> Chunk<'_> {
        Chunk { sequence, len: bytes.len() as u32, bytes, acknowledgment: None, time: START }
    }

    fn content(waiting: &Waiting) -> Vec<(u32, String)> {
        let text = |piece: &Piece| (piece.sequence, String::from_utf8_lossy(&piece.bytes).into_owned());
        waiting.pieces.iter().map(text).collect()
    }

    #[test]
    fn what_came_first_stays_and_gaps_are_filled() {
        let (mut waiting, mut counts) = (Waiting::new(START), Bytes::default());
        let base = u32::MAX - 3;
        waiting.insert(chunk(base.wrapping_add(6), b"gh"), &mut counts);
        waiting.insert(chunk(base.wrapping_add(2), b"cd"), &mut counts);
        waiting.insert(chunk(base, b"abXXefgYij"), &mut counts);
        let found: String = content(&waiting).into_iter().map(|(_, text)| text).collect();
        assert_eq!(found, "abcdefghij");
        assert_eq!(content(&waiting)[0].0, base);
        assert_eq!((counts.waiting, counts.overlapped_same, counts.overlapped_different), (10, 0, 4));
        waiting.insert(chunk(base.wrapping_add(6), b"gh"), &mut counts);
        assert_eq!((counts.waiting, counts.overlapped_same), (10, 2));
    }

    #[test]
    fn memory_returns_to_its_start() {
        let (mut waiting, mut counts) = (Waiting::new(START), Bytes::default());
        let empty = waiting.memory();
        waiting.insert(chunk(5, b"abc"), &mut counts);
        waiting.insert(chunk(50, b"abc"), &mut counts);
        assert!(waiting.memory() > empty + 6);
        while waiting.pop(Timestamp::from_nanos(1)).is_some() {}
        assert_eq!(
            (waiting.memory(), waiting.bytes(), waiting.age(Timestamp::from_nanos(5))),
            (empty, 0, Duration::from_nanos(4))
        );
    }

    #[test]
    fn nothing_waits_behind_a_fin_and_a_fin_not_before_bytes() {
        let (mut waiting, mut counts) = (Waiting::new(START), Bytes::default());
        let fin = Ending { sequence: 8, acknowledgment: None, fin: true, reset: false };
        waiting.insert(chunk(5, b"hello"), &mut counts);
        waiting.end(fin);
        assert_eq!(waiting.ending().unwrap().sequence, 10);
        waiting.insert(chunk(8, b"loXX"), &mut counts);
        assert_eq!((counts.overlapped_same, counts.after_end), (2, 2));
        waiting.end(Ending { sequence: 11, acknowledgment: None, fin: false, reset: true });
        assert!(waiting.ending().unwrap().reset && waiting.ending().unwrap().fin);
    }
}
