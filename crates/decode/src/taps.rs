//! Where the packet begins in a frame: behind its link, and behind what the packet taps of systems write before it, Linux'
//! netfilter log and Apple's pktap.

use crate::packet::Packet;
use crate::{Carried, Frame, LinkType, Skipped, link};

/// Family, version and group, before the attributes of a packet of the netfilter log.
const NFLOG_BYTES: u32 = 4;
/// Length and type of an attribute.
const ATTRIBUTE_BYTES: u32 = 4;
/// `NFULA_PAYLOAD` of `linux/netfilter/nfnetlink_log.h`: the packet.
const PAYLOAD: u16 = 9;
/// Attributes of one packet: there are fewer than 30 kinds.
const MAX_ATTRIBUTES: usize = 64;

/// Length of the header, what follows (1 for a packet), and its link type, at the beginning of pktap's header.
const PKTAP_BYTES: usize = 12;
/// The shortest header, without what later versions added.
const PKTAP_LEAST: u32 = 108;

/// Returns the packet in a frame, and its EtherType.
#[inline(always)]
pub(crate) fn packet<'a>(frame: &Frame<'a>) -> Result<(u16, Packet<'a>), Skipped> {
    let frame_len = frame.wire_len.max(u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX));
    let packet = Packet { bytes: frame.bytes, len: frame_len };
    match frame.link {
        LinkType::Nflog => nflog(packet),
        LinkType::Pktap => pktap(packet),
        link => link::of_link(link, packet),
    }
}

/// Returns the packet in one of the netfilter log, and its EtherType. The attributes are in the byte order of the host that
/// captured: their types are small, so that the half which is 0 says which one.
#[cold]
#[inline(never)]
fn nflog(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    let mut rest = packet.skip(NFLOG_BYTES)?;
    for _ in 0..MAX_ATTRIBUTES {
        let [l0, l1, t0, t1] = *rest.header::<{ ATTRIBUTE_BYTES as usize }>()?;
        let (len, kind) = match t0 {
            0 => (u16::from_be_bytes([l0, l1]), u16::from(t1)),
            _ => (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([t0, t1])),
        };
        let len = u32::from(len);
        if len < ATTRIBUTE_BYTES {
            return Err(Skipped::Malformed);
        }
        if kind == PAYLOAD {
            return link::raw(rest.skip(ATTRIBUTE_BYTES)?.limit(len - ATTRIBUTE_BYTES));
        }
        rest = rest.skip(len.next_multiple_of(4))?;
    }
    Err(Skipped::Malformed)
}

/// Returns the packet in a frame of pktap, and its EtherType. The header is in little-endian byte order.
#[cold]
#[inline(never)]
fn pktap(packet: Packet<'_>) -> Result<(u16, Packet<'_>), Skipped> {
    let [l0, l1, l2, l3, _, _, _, _, d0, d1, d2, d3] = *packet.header::<PKTAP_BYTES>()?;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    let number = u32::from_le_bytes([d0, d1, d2, d3]);
    if len < PKTAP_LEAST {
        return Err(Skipped::Malformed);
    }
    let packet = packet.skip(len)?;
    match LinkType::from_number(number) {
        Some(LinkType::Pktap) | None => Err(Skipped::NotIp(Carried::LinkType(number))),
        Some(link) => link::of_link(link, packet),
    }
}
