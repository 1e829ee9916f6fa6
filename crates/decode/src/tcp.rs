//! The TCP header (RFC 9293, section 3.1).

use crate::ip::Datagram;
use crate::{Flags, Frame, Origin, Segment, Skipped};

const MIN_BYTES: u32 = 20;

/// Returns the segment in a datagram whose protocol is TCP.
#[inline]
pub(crate) fn segment<'a>(
    frame: &Frame<'a>,
    datagram: &Datagram<'a>,
    interface: u32,
) -> Result<Segment<'a>, Skipped> {
    if datagram.fragment {
        return Err(Skipped::Fragment);
    }
    let packet = datagram.payload;
    let header = packet.header::<{ MIN_BYTES as usize }>()?;
    let [p0, p1, p2, p3, s0, s1, s2, s3, a0, a1, a2, a3, offset, flags, ..] = *header;
    let header_len = u32::from(offset >> 4) * 4;
    if header_len < MIN_BYTES || header_len > packet.len {
        return Err(Skipped::Malformed);
    }
    let (source, destination) =
        datagram.ends.with_ports(u16::from_be_bytes([p0, p1]), u16::from_be_bytes([p2, p3]));
    Ok(Segment {
        time: frame.time,
        interface,
        origin: Origin::Wire,
        source,
        destination,
        sequence: u32::from_be_bytes([s0, s1, s2, s3]),
        acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: Flags(flags),
        // The capture may have cut inside the options: all that matters is known even then.
        payload: packet.bytes.get(header_len as usize..).unwrap_or_default(),
        payload_len: packet.len - header_len,
    })
}
