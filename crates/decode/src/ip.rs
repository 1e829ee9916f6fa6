//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::link::{IPV4, IPV6};
use crate::packet::Packet;
use crate::{Carried, Skipped};

// Protocol numbers of IANA.
const HOP_BY_HOP: u8 = 0;
pub(crate) const IPV4_IN_IP: u8 = 4;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const IPV6_IN_IP: u8 = 41;
const ROUTING: u8 = 43;
pub(crate) const FRAGMENT: u8 = 44;
pub(crate) const GRE: u8 = 47;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;

const IPV4_MIN_BYTES: u32 = 20;
pub(crate) const IPV6_BYTES: u32 = 40;
/// The longest packet that Linux makes: `GSO_MAX_SIZE` is 8 times 65,535 bytes (BIG TCP). It bounds lengths that no
/// header tells.
const MAX_PACKET_BYTES: u32 = 8 * 65_535 + 1024;
/// Extension headers of one packet; more are not seen in practice, and each costs time.
pub(crate) const MAX_EXTENSION_HEADERS: usize = 16;
/// More fragments, or a fragment offset (RFC 791, section 3.1).
const FRAGMENT_MASK: u16 = 0x3fff;
/// The same in the fragment header of IPv6 (RFC 8200, section 4.5).
const FRAGMENT_MASK_IPV6: u16 = 0xfff9;
/// The option that tells the length of a packet over 65,535 bytes (RFC 2675, section 2).
const OPTION_JUMBO: u8 = 0xc2;

/// What an IP packet carries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) ends: Ends<'a>,
    /// The protocol of `payload`: the one behind extension headers.
    pub(crate) protocol: u8,
    /// Whether it is a fragment of a packet; then `payload` may begin anywhere.
    pub(crate) fragment: bool,
    pub(crate) payload: Packet<'a>,
}

/// The addresses of a packet, source before destination, still in its header: copying them from value to value on the way
/// to a segment costs more than everything else that is done with them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends<'a> {
    V4(&'a [u8; 8]),
    V6(&'a [u8; 32]),
}

impl Ends<'_> {
    /// Returns source and destination, with their ports.
    #[inline]
    pub(crate) fn with_ports(self, source: u16, destination: u16) -> (SocketAddr, SocketAddr) {
        match self {
            Ends::V4([s0, s1, s2, s3, d0, d1, d2, d3]) => (
                SocketAddr::from((Ipv4Addr::new(*s0, *s1, *s2, *s3), source)),
                SocketAddr::from((Ipv4Addr::new(*d0, *d1, *d2, *d3), destination)),
            ),
            Ends::V6(addresses) => {
                let (from, to) = addresses.split_at(16);
                let address = |bytes: &[u8]| Ipv6Addr::from(*bytes.first_chunk().unwrap_or(&[0; 16]));
                (SocketAddr::from((address(from), source)), SocketAddr::from((address(to), destination)))
            }
        }
    }
}

/// Returns what an IP packet carries.
#[inline]
pub(crate) fn datagram(ether_type: u16, packet: Packet<'_>) -> Result<Datagram<'_>, Skipped> {
    match ether_type {
        IPV4 => ipv4(packet),
        IPV6 => ipv6(packet),
        _ => Err(Skipped::NotIp(Carried::of_ether_type(ether_type))),
    }
}

#[inline]
pub(crate) fn ipv4(packet: Packet<'_>) -> Result<Datagram<'_>, Skipped> {
    let header = packet.header::<{ IPV4_MIN_BYTES as usize }>()?;
    let [first, _, l0, l1, _, _, f0, f1, _, protocol, _, _, ends @ ..] = header;
    let header_len = u32::from(first & 0x0f) * 4;
    if first >> 4 != 4 || header_len < IPV4_MIN_BYTES {
        return Err(Skipped::Malformed);
    }
    let total = match u32::from(u16::from_be_bytes([*l0, *l1])) {
        0 => unstated(packet)?,
        total if total < header_len => return Err(Skipped::Malformed),
        total => total,
    };
    Ok(Datagram {
        ends: Ends::V4(ends),
        protocol: *protocol,
        fragment: u16::from_be_bytes([*f0, *f1]) & FRAGMENT_MASK != 0,
        payload: packet.limit(total).skip(header_len)?,
    })
}

#[inline]
pub(crate) fn ipv6(packet: Packet<'_>) -> Result<Datagram<'_>, Skipped> {
    let header = packet.header::<{ IPV6_BYTES as usize }>()?;
    let [first, _, _, _, l0, l1, next, _, ends @ ..] = header;
    if first >> 4 != 6 {
        return Err(Skipped::Malformed);
    }
    let payload = match u32::from(u16::from_be_bytes([*l0, *l1])) {
        0 => {
            let rest = packet.skip(IPV6_BYTES)?;
            rest.limit(match jumbo_len(*next, rest) {
                Some(len) if len <= MAX_PACKET_BYTES => len,
                Some(_) => return Err(Skipped::Malformed),
                None => unstated(rest)?,
            })
        }
        len => packet.skip(IPV6_BYTES)?.limit(len),
    };
    let datagram = Datagram { ends: Ends::V6(ends), protocol: *next, fragment: false, payload };
    if matches!(*next, TCP | UDP) { Ok(datagram) } else { behind_extensions(datagram) }
}

/// Returns the length of a packet whose header says 0: everything that was on the wire.
#[cold]
fn unstated(packet: Packet<'_>) -> Result<u32, Skipped> {
    if packet.len > MAX_PACKET_BYTES { Err(Skipped::Malformed) } else { Ok(packet.len) }
}

/// Returns the length in the jumbo option of a hop-by-hop header, which is the first option when Linux writes it.
#[cold]
fn jumbo_len(next: u8, packet: Packet<'_>) -> Option<u32> {
    let [_, _, kind, len, l0, l1, l2, l3] = *packet.bytes.first_chunk()?;
    (next == HOP_BY_HOP && kind == OPTION_JUMBO && len == 4).then(|| u32::from_be_bytes([l0, l1, l2, l3]))
}

/// Skips the extension headers (RFC 8200, section 4).
#[cold]
fn behind_extensions(mut datagram: Datagram<'_>) -> Result<Datagram<'_>, Skipped> {
    for _ in 0..MAX_EXTENSION_HEADERS {
        let header = datagram.payload;
        let Some(len) = extension_len(datagram.protocol, header)? else { return Ok(datagram) };
        if datagram.protocol == FRAGMENT {
            let [_, _, offset @ ..] = *header.header::<4>()?;
            datagram.fragment |= u16::from_be_bytes(offset) & FRAGMENT_MASK_IPV6 != 0;
        }
        datagram.protocol = header.header::<1>()?[0];
        datagram.payload = header.skip(len)?;
        if datagram.fragment {
            return Ok(datagram);
        }
    }
    Err(Skipped::Malformed)
}

/// Returns the length of the extension header of this protocol; none if the protocol is no extension header.
pub(crate) fn extension_len(protocol: u8, header: Packet<'_>) -> Result<Option<u32>, Skipped> {
    let len = match protocol {
        HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | MOBILITY => {
            let [_, units] = *header.header()?;
            (u32::from(units) + 1) * 8
        }
        // RFC 4302, section 2.2.
        AUTHENTICATION => {
            let [_, units] = *header.header()?;
            (u32::from(units) + 2) * 4
        }
        FRAGMENT => 8,
        _ => return Ok(None),
    };
    Ok(Some(len))
}
