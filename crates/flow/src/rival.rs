//! What may begin another connection with the same addresses.
//!
//! A SYN, a SYN-ACK, or bytes far away in sequence space come when ports are used again, or when much was not captured. They also
//! come from someone who wants to end the connection, or to hide it: its ends ignore them (RFC 5961, section 4; RFC 9293, section
//! 3.10.7.4). Nobody can tell which it is before the other side acknowledges them, so until then they are held.

use std::time::Duration;

use decode::{Flags, Segment, Timestamp};

use crate::event::{Direction, Flow};
use crate::sequence::distance;

/// How long they are held: a SYN that nobody answers is sent again after a second (RFC 6298, section 2).
const TIME: Duration = Duration::from_secs(3);
/// How many segments are held, and how many bytes: a handshake, and a request before its answer.
const SEGMENTS: usize = 4;
const BYTES: usize = 64 << 10;

/// Segments of one direction, one behind the other.
#[derive(Debug)]
pub(crate) struct Rival {
    direction: Direction,
    held: Vec<Held>,
}

/// A segment that owns its bytes.
#[derive(Debug)]
struct Held {
    time: Timestamp,
    interface: u32,
    sequence: u32,
    acknowledgment: u32,
    flags: Flags,
    payload: Box<[u8]>,
    payload_len: u32,
}

impl Rival {
    /// Begins with this segment, which is small enough.
    pub(crate) fn new(segment: &Segment<'_>, direction: Direction) -> Option<Rival> {
        let mut rival = Rival { direction, held: Vec::new() };
        rival.add(segment).then_some(rival)
    }

    /// Takes one more segment, if it follows those that are here. Returns whether it does.
    pub(crate) fn follow(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        direction == self.direction && segment.sequence == self.end() && self.add(segment)
    }

    fn add(&mut self, segment: &Segment<'_>) -> bool {
        let fits = self.held.len() < SEGMENTS && self.bytes() + segment.payload.len() <= BYTES;
        if fits {
            self.held.push(Held {
                time: segment.time,
                interface: segment.interface,
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags: segment.flags,
                payload: segment.payload.into(),
                payload_len: segment.payload_len,
            });
        }
        fits
    }

    /// Returns the sequence numbers of the first segment, and behind the last one.
    fn start(&self) -> u32 {
        self.held.first().map_or(0, |first| first.sequence)
    }

    fn end(&self) -> u32 {
        let len = |held: &Held| held.payload_len.wrapping_add(u32::from(held.flags.has(Flags::SYN)));
        self.held.last().map_or(0, |last| last.sequence.wrapping_add(len(last)))
    }

    /// Returns whether a segment of the other side acknowledges it. The answer to a SYN that is ignored acknowledges what came
    /// last, which the SYN may pretend to follow; so only a SYN, or the acknowledgment of more, counts.
    pub(crate) fn is_acknowledged_by(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        if direction == self.direction || !segment.flags.has(Flags::ACK) {
            return false;
        }
        let asks = self.held.first().is_some_and(|first| {
            first.flags.has(Flags::SYN) && !first.flags.has(Flags::ACK) && !segment.flags.has(Flags::SYN)
        });
        let first = 1 + i32::from(asks);
        (first..=distance(self.start(), self.end())).contains(&distance(self.start(), segment.acknowledgment))
    }

    /// Returns whether it was held long enough.
    pub(crate) fn is_old(&self, now: Timestamp) -> bool {
        self.held.last().is_none_or(|last| now.saturating_since(last.time) > TIME)
    }

    /// Returns how many segments are held.
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// Returns how many captured payload bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.held.iter().map(|held| held.payload.len()).sum()
    }

    /// Returns the bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        size_of::<Rival>() + self.held.capacity() * (size_of::<Held>() + 16) + self.bytes()
    }

    /// Returns the segments, which belong to a connection between these ends.
    pub(crate) fn segments<'a>(&'a self, flow: &'a Flow) -> impl Iterator<Item = Segment<'a>> {
        self.held.iter().map(|held| Segment {
            time: held.time,
            interface: held.interface,
            origin: flow.origin,
            source: flow.source(self.direction),
            destination: flow.destination(self.direction),
            sequence: held.sequence,
            acknowledgment: held.acknowledgment,
            flags: held.flags,
            payload: &held.payload,
            payload_len: held.payload_len,
        })
    }
}
