//! The pcap format (draft-ietf-opsawg-pcap): a file header, then records of a header and a frame.

use decode::{Frame, LinkType, Timestamp};

use super::bytes::ByteOrder;
use super::step::{MAX_FRAME_BYTES, Step};

/// The length of the file header.
pub(super) const FILE_HEADER_BYTES: usize = 24;

const RECORD_HEADER_BYTES: usize = 16;
const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;

/// A pcap file behind its file header.
#[derive(Debug)]
pub(super) struct Pcap {
    order: ByteOrder,
    /// Nanoseconds in a unit of the second time field.
    unit: u64,
    link: LinkType,
}

/// Returns byte order and unit of time, from the magic number; nothing if the bytes are not pcap.
fn magic(start: &[u8]) -> Option<(ByteOrder, u64)> {
    let magic = *start.first_chunk()?;
    [ByteOrder::Little, ByteOrder::Big].into_iter().find_map(|order| match order.u32(magic) {
        MAGIC_MICROSECONDS => Some((order, 1000)),
        MAGIC_NANOSECONDS => Some((order, 1)),
        _ => None,
    })
}

/// Returns whether a pcap file begins so.
pub(super) fn is_start(start: &[u8]) -> bool {
    magic(start).is_some()
}

/// Returns what the LINKTYPE registry of the tcpdump group calls this number, if it is supported.
pub(super) fn link_type(number: u16) -> Option<LinkType> {
    LinkType::from_number(number.into())
}

impl Pcap {
    /// Reads the file header.
    ///
    /// # Errors
    /// `None` when it is cut; `Err` with the number of a link type that is not supported.
    pub(super) fn new(header: &[u8]) -> Option<Result<Pcap, u16>> {
        let (order, unit) = magic(header)?;
        let ([.., network], _) = order.split_u32s::<6>(header)?;
        // The upper half tells the length of the frame check sequence, which nobody here reads.
        let number = (network & 0xffff) as u16;
        Some(link_type(number).map(|link| Pcap { order, unit, link }).ok_or(number))
    }

    /// Returns the record at the beginning of `bytes`.
    #[inline]
    pub(super) fn next<'a>(&self, bytes: &'a [u8]) -> Step<'a> {
        let Some(([seconds, fraction, captured, wire_len], rest)) = self.order.split_u32s(bytes) else {
            return Step::Need(RECORD_HEADER_BYTES);
        };
        let captured = captured as usize;
        if captured > MAX_FRAME_BYTES {
            return Step::Damaged("a record claims to be longer than any frame");
        }
        let used = RECORD_HEADER_BYTES + captured;
        let Some(bytes) = rest.get(..captured) else {
            return Step::Need(used);
        };
        let time =
            Timestamp::from_nanos(u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * self.unit);
        let wire_len = wire_len.max(captured as u32);
        Step::Frame(Frame { time, link: self.link, bytes, wire_len, interface: 0 }, used)
    }
}
