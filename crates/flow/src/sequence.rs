//! Sequence numbers: a circle of 2^32 (RFC 9293, section 3.4), and the stretches of bytes that lie on it.

use decode::{Flags, Segment, Timestamp};

/// Returns how far `to` lies ahead of `from`; negative when it lies behind.
#[inline]
pub(crate) fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// Bytes with their place: what a segment carries, or a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    /// The sequence number of the first byte.
    pub(crate) sequence: u32,
    /// How many bytes of sequence space: `bytes.len()`, or more when the capture did not copy the rest.
    pub(crate) len: u32,
    /// The bytes that were captured.
    pub(crate) bytes: &'a [u8],
    /// The segment's acknowledgment number, if it has one.
    pub(crate) acknowledgment: Option<u32>,
    /// When the segment was captured.
    pub(crate) time: Timestamp,
}

impl<'a> Chunk<'a> {
    /// Returns the data of a segment. A SYN takes the sequence number before it.
    #[inline]
    pub(crate) fn of(segment: &Segment<'a>) -> Chunk<'a> {
        Chunk {
            sequence: segment.sequence.wrapping_add(u32::from(segment.flags.has(Flags::SYN))),
            len: segment.payload_len.max(segment.payload.len() as u32),
            bytes: segment.payload,
            acknowledgment: segment.flags.has(Flags::ACK).then_some(segment.acknowledgment),
            time: segment.time,
        }
    }

    /// Returns the sequence number behind the last byte.
    #[inline]
    pub(crate) fn end(&self) -> u32 {
        self.sequence.wrapping_add(self.len)
    }

    /// Returns the first `len` bytes, and the rest.
    pub(crate) fn split(self, len: u32) -> (Chunk<'a>, Chunk<'a>) {
        let len = len.min(self.len);
        let (front, back) = self.bytes.split_at((len as usize).min(self.bytes.len()));
        let rest =
            Chunk { sequence: self.sequence.wrapping_add(len), len: self.len - len, bytes: back, ..self };
        (Chunk { len, bytes: front, ..self }, rest)
    }
}
