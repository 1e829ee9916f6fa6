//! Fragments of IP packets (RFC 791, section 3.2; RFC 8200, section 4.5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::ip::{self, FRAGMENT, IPV6_BYTES, MAX_EXTENSION_HEADERS};
use crate::layers::{Tunnels, innermost};
use crate::link::IPV4;
use crate::packet::Packet;
use crate::{Frame, Skipped};

/// More fragments follow (RFC 791); the offset is in the bits below, in units of eight bytes.
const MORE_IPV4: u16 = 0x2000;
const OFFSET_IPV4: u16 = 0x1fff;
/// More fragments follow (RFC 8200); the offset is in the bits above, in the same units and in its place as bytes.
const MORE_IPV6: u16 = 0x0001;
const OFFSET_IPV6: u16 = 0xfff8;

/// A fragment of an IP packet, borrowed from its frame.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// Which packet it is a part of.
    pub packet: FragmentedPacket,
    /// Where its bytes stand in what the packet carries.
    pub offset: u32,
    /// Whether bytes follow after it.
    pub more: bool,
    /// The bytes that were captured.
    pub bytes: &'a [u8],
    /// How many bytes it had on the wire.
    pub len: u32,
}

/// What all fragments of a packet have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentedPacket {
    /// As [`crate::Segment::interface`].
    pub interface: u32,
    /// The sender.
    pub source: IpAddr,
    /// The receiver.
    pub destination: IpAddr,
    /// The number that the sender gave it.
    pub id: u32,
    /// The protocol of what it carries. In IPv6 only that of the first fragment counts (RFC 8200, section 4.5), and it
    /// does not tell packets apart.
    pub protocol: u8,
}

/// Returns the fragment in a frame of which [`crate::segment()`] said that it is one.
///
/// # Errors
/// [`Skipped`]: the frame holds none that can be read.
#[cold]
pub fn fragment<'a>(frame: &Frame<'a>, tunnels: Tunnels<'_>) -> Result<Fragment<'a>, Skipped> {
    let at = innermost(frame, tunnels)?;
    if at.ether_type == IPV4 { ipv4(at.place, at.packet) } else { ipv6(at.place, at.packet) }
}

fn ipv4(interface: u32, packet: Packet<'_>) -> Result<Fragment<'_>, Skipped> {
    let [_, _, _, _, i0, i1, f0, f1, _, protocol, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = *packet.header()?;
    let flags = u16::from_be_bytes([f0, f1]);
    let payload = ip::ipv4(packet)?.payload;
    Ok(Fragment {
        packet: FragmentedPacket {
            interface,
            source: Ipv4Addr::new(s0, s1, s2, s3).into(),
            destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
            id: u32::from(u16::from_be_bytes([i0, i1])),
            protocol,
        },
        offset: u32::from(flags & OFFSET_IPV4) * 8,
        more: flags & MORE_IPV4 != 0,
        bytes: payload.bytes,
        len: payload.len,
    })
}

fn ipv6(interface: u32, packet: Packet<'_>) -> Result<Fragment<'_>, Skipped> {
    let payload = ip::ipv6(packet)?.payload;
    let header = packet.header::<{ IPV6_BYTES as usize }>()?;
    let address = |from: usize| -> Ipv6Addr {
        let bytes = header.get(from..).and_then(|bytes| bytes.first_chunk());
        Ipv6Addr::from(*bytes.unwrap_or(&[0; 16]))
    };
    let [protocol, _, o0, o1, id @ ..] = *fragment_header(packet)?;
    let flags = u16::from_be_bytes([o0, o1]);
    Ok(Fragment {
        packet: FragmentedPacket {
            interface,
            source: address(8).into(),
            destination: address(24).into(),
            id: u32::from_be_bytes(id),
            protocol,
        },
        offset: u32::from(flags & OFFSET_IPV6),
        more: flags & MORE_IPV6 != 0,
        bytes: payload.bytes,
        len: payload.len,
    })
}

/// Returns the fragment header, behind the extension headers that each fragment has.
fn fragment_header(packet: Packet<'_>) -> Result<&[u8; 8], Skipped> {
    let mut next = packet.header::<7>()?[6];
    let mut rest = packet.skip(IPV6_BYTES)?;
    for _ in 0..MAX_EXTENSION_HEADERS {
        if next == FRAGMENT {
            return rest.header();
        }
        let len = ip::extension_len(next, rest)?.ok_or(Skipped::Malformed)?;
        next = rest.header::<1>()?[0];
        rest = rest.skip(len)?;
    }
    Err(Skipped::Malformed)
}
