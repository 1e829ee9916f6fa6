//! Tunnels: VXLAN (RFC 7348), Geneve (RFC 8926), GRE (RFC 2784, RFC 2890) and IP in IP (RFC 2003, RFC 4213), and those of
//! mirrors: ERSPAN (draft-foschiano-erspan) and TZSP.

use crate::ip::{self, Datagram};
use crate::link::{self, IPV4, IPV6};
use crate::packet::Packet;
use crate::segment::TUNNELLED;
use crate::wrapping::unwrapped;
use crate::{Carried, Skipped};

/// Tunnels inside each other that are opened: two of a network, and that of a mirror around them.
const MAX_DEPTH: usize = 3;

/// The numbers of IANA for VXLAN and its extension (draft-ietf-nvo3-vxlan-gpe), and the one that Linux used before there
/// was one.
const VXLAN_PORTS: [u16; 3] = [4789, 4790, 8472];
const GENEVE_PORT: u16 = 6081;
const TZSP_PORT: u16 = 37008;
const UDP_BYTES: u32 = 8;
const VXLAN_BYTES: u32 = 8;
const GENEVE_BYTES: u32 = 8;
const GRE_BYTES: u32 = 4;
const ERSPAN2_BYTES: u32 = 8;
const ERSPAN3_BYTES: u32 = 12;
/// What follows the header of ERSPAN III where its last bit says so.
const ERSPAN3_PLATFORM_BYTES: u32 = 8;
const TZSP_BYTES: u32 = 4;
/// Tags of one packet of TZSP; there are ten kinds.
const MAX_TAGS: usize = 64;

/// A VXLAN header with a network identifier.
const VXLAN_VALID: u8 = 0x08;
/// Of the extension: the header says what follows, 1 for IPv4, 2 for IPv6, 3 for Ethernet.
const VXLAN_SAYS_NEXT: u8 = 0x04;
/// An Ethernet frame inside Geneve or GRE.
const TRANSPARENT_ETHERNET: u16 = 0x6558;
/// ERSPAN I and II, and III.
const ERSPAN: u16 = 0x88be;
const ERSPAN3: u16 = 0x22eb;
const GRE_CHECKSUM: u16 = 0x8000;
const GRE_ROUTING: u16 = 0x4000;
const GRE_KEY: u16 = 0x2000;
const GRE_SEQUENCE: u16 = 0x1000;
const GRE_VERSION: u16 = 0x0007;

/// Kinds of tunnels, as numbers in a place.
#[derive(Clone, Copy)]
enum Kind {
    Vxlan = 1,
    Geneve = 2,
    Gre = 3,
    IpInIp = 4,
    Erspan = 5,
    Tzsp = 6,
}

/// What a tunnel holds.
struct Inner<'a> {
    kind: Kind,
    /// The VNI, the GRE key or the session, 0 without one.
    id: u32,
    holds: Holds<'a>,
}

enum Holds<'a> {
    /// A frame of Ethernet.
    Ethernet(Packet<'a>),
    /// What this EtherType says.
    EtherType(u16, Packet<'a>),
    /// IP of either version.
    Ip(Packet<'a>),
}

/// The packet inside of all tunnels, as far as they are opened.
pub(crate) struct Innermost<'a> {
    pub(crate) ether_type: u16,
    /// The packet with its IP header.
    pub(crate) packet: Packet<'a>,
    pub(crate) datagram: Datagram<'a>,
    /// The interface and the tunnels around it.
    pub(crate) place: u32,
}

/// Opens the tunnels around a TCP segment or a fragment, and returns what is inside of them.
#[inline(never)]
pub(crate) fn innermost<'a>(mut at: Innermost<'a>, vxlan_ports: &[u16]) -> Result<Innermost<'a>, Skipped> {
    for _ in 0..MAX_DEPTH {
        if at.datagram.protocol == ip::TCP || may_be_opened(&at.datagram) && at.datagram.fragment {
            return Ok(at);
        }
        let inner = open(&at.datagram, vxlan_ports)?;
        let (ether_type, packet) = match inner.holds {
            Holds::Ethernet(frame) => link::ethernet(frame)?,
            Holds::EtherType(ether_type, packet) => (ether_type, packet),
            Holds::Ip(packet) => link::raw(packet)?,
        };
        let (ether_type, packet) = match ether_type {
            IPV4 | IPV6 => (ether_type, packet),
            _ => unwrapped(ether_type, packet)?,
        };
        let datagram = ip::datagram(ether_type, packet)?;
        at = Innermost { ether_type, packet, datagram, place: place(at.place, inner.kind, inner.id) };
    }
    if at.datagram.protocol == ip::TCP {
        return Ok(at);
    }
    // One more tunnel is another reason than something that is no tunnel.
    open(&at.datagram, vxlan_ports).and(Err(Skipped::TunnelDepth))
}

fn may_be_opened(datagram: &Datagram<'_>) -> bool {
    matches!(datagram.protocol, ip::UDP | ip::GRE | ip::IPV4_IN_IP | ip::IPV6_IN_IP)
}

/// Opens one tunnel.
fn open<'a>(datagram: &Datagram<'a>, vxlan_ports: &[u16]) -> Result<Inner<'a>, Skipped> {
    let packet = datagram.payload;
    match datagram.protocol {
        _ if datagram.fragment && may_be_opened(datagram) => Err(Skipped::Fragment),
        ip::UDP => udp(packet, vxlan_ports),
        ip::GRE => gre(packet),
        ip::IPV4_IN_IP => Ok(Inner { kind: Kind::IpInIp, id: 0, holds: Holds::EtherType(IPV4, packet) }),
        ip::IPV6_IN_IP => Ok(Inner { kind: Kind::IpInIp, id: 0, holds: Holds::EtherType(IPV6, packet) }),
        other => Err(Skipped::NotTcp(Carried::Protocol(other))),
    }
}

fn udp<'a>(packet: Packet<'a>, vxlan_ports: &[u16]) -> Result<Inner<'a>, Skipped> {
    let [s0, s1, p0, p1, ..] = *packet.header::<{ UDP_BYTES as usize }>()?;
    let [source, port] = [[s0, s1], [p0, p1]].map(u16::from_be_bytes);
    let packet = packet.skip(UDP_BYTES)?;
    let inner = match port {
        GENEVE_PORT => geneve(packet)?,
        TZSP_PORT => tzsp(packet)?,
        port if VXLAN_PORTS.contains(&port) || vxlan_ports.contains(&port) => vxlan(packet)?,
        port if is_like_vxlan(packet) => return Err(Skipped::NotTcp(Carried::LikeVxlan(port))),
        _ => None,
    };
    inner.ok_or(Skipped::NotTcp(Carried::Udp(source.min(port))))
}

fn vxlan(packet: Packet<'_>) -> Result<Option<Inner<'_>>, Skipped> {
    let [flags, _, _, next, v0, v1, v2, _] = *packet.header::<{ VXLAN_BYTES as usize }>()?;
    if flags & VXLAN_VALID == 0 {
        return Ok(None);
    }
    let packet = packet.skip(VXLAN_BYTES)?;
    let holds = match (flags & VXLAN_SAYS_NEXT, next) {
        (VXLAN_SAYS_NEXT, 1) => Holds::EtherType(IPV4, packet),
        (VXLAN_SAYS_NEXT, 2) => Holds::EtherType(IPV6, packet),
        _ => Holds::Ethernet(packet),
    };
    Ok(Some(Inner { kind: Kind::Vxlan, id: u32::from_be_bytes([0, v0, v1, v2]), holds }))
}

/// Returns whether this has the form of VXLAN with IP inside: enough to say so, and not to read it.
fn is_like_vxlan(packet: Packet<'_>) -> bool {
    match packet.header::<{ VXLAN_BYTES as usize }>() {
        Ok([VXLAN_VALID, 0, 0, 0, _, _, _, 0] | [0x0c, 0, 0, 3, _, _, _, 0]) => {}
        _ => return false,
    }
    let inner = packet.skip(VXLAN_BYTES).and_then(link::ethernet);
    inner.is_ok_and(|(ether_type, packet)| ip::datagram(ether_type, packet).is_ok())
}

fn geneve(packet: Packet<'_>) -> Result<Option<Inner<'_>>, Skipped> {
    let [first, _, t0, t1, v0, v1, v2, _] = *packet.header::<{ GENEVE_BYTES as usize }>()?;
    // Two bits of version, then the length of the options in units of four bytes.
    if first >> 6 != 0 {
        return Ok(None);
    }
    let packet = packet.skip(GENEVE_BYTES + u32::from(first & 0x3f) * 4)?;
    let holds = holds(u16::from_be_bytes([t0, t1]), packet);
    Ok(Some(Inner { kind: Kind::Geneve, id: u32::from_be_bytes([0, v0, v1, v2]), holds }))
}

fn holds(ether_type: u16, packet: Packet<'_>) -> Holds<'_> {
    match ether_type {
        TRANSPARENT_ETHERNET => Holds::Ethernet(packet),
        other => Holds::EtherType(other, packet),
    }
}

fn gre(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [f0, f1, t0, t1] = *packet.header::<{ GRE_BYTES as usize }>()?;
    let flags = u16::from_be_bytes([f0, f1]);
    // Version 1 is PPTP; routing is gone since RFC 2784.
    if flags & (GRE_VERSION | GRE_ROUTING) != 0 {
        return Err(Skipped::NotTcp(Carried::Protocol(ip::GRE)));
    }
    let optional = |flag| if flags & flag != 0 { 4 } else { 0 };
    let mut packet = packet.skip(GRE_BYTES + optional(GRE_CHECKSUM))?;
    let id = if flags & GRE_KEY != 0 { u32::from_be_bytes(*packet.header()?) } else { 0 };
    packet = packet.skip(optional(GRE_KEY) + optional(GRE_SEQUENCE))?;
    match u16::from_be_bytes([t0, t1]) {
        // Type I has no header of its own, and no sequence number.
        ERSPAN if flags & GRE_SEQUENCE == 0 => {
            Ok(Inner { kind: Kind::Erspan, id, holds: Holds::Ethernet(packet) })
        }
        ERSPAN => erspan2(packet),
        ERSPAN3 => erspan3(packet),
        ether_type => Ok(Inner { kind: Kind::Gre, id, holds: holds(ether_type, packet) }),
    }
}

/// Type II: version 1 in the upper four bits, the session in the lower ten of the first half.
fn erspan2(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [version, _, s0, s1, ..] = *packet.header::<{ ERSPAN2_BYTES as usize }>()?;
    if version >> 4 != 1 {
        return Err(Skipped::NotTcp(Carried::Erspan(version >> 4)));
    }
    let holds = Holds::Ethernet(packet.skip(ERSPAN2_BYTES)?);
    Ok(Inner { kind: Kind::Erspan, id: session(s0, s1), holds })
}

/// Type III: version 2, then as type II, then times and flags: the kind of the frame, and whether more follows.
fn erspan3(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [version, _, s0, s1, _, _, _, _, _, _, flags, last] =
        *packet.header::<{ ERSPAN3_BYTES as usize }>()?;
    if version >> 4 != 2 {
        return Err(Skipped::NotTcp(Carried::Erspan(version >> 4)));
    }
    let more = if last & 1 != 0 { ERSPAN3_PLATFORM_BYTES } else { 0 };
    let packet = packet.skip(ERSPAN3_BYTES + more)?;
    let holds = match flags >> 2 & 0x1f {
        0 => Holds::Ethernet(packet),
        2 => Holds::Ip(packet),
        kind => return Err(Skipped::NotTcp(Carried::Erspan(kind))),
    };
    Ok(Inner { kind: Kind::Erspan, id: session(s0, s1), holds })
}

fn session(high: u8, low: u8) -> u32 {
    u32::from(u16::from_be_bytes([high & 0x03, low]))
}

/// TZSP, version 1: a packet that was received (0) or is to be sent (1), the kind of its frame, and tags.
fn tzsp(packet: Packet<'_>) -> Result<Option<Inner<'_>>, Skipped> {
    const ETHERNET: u16 = 1;
    const PADDING: u8 = 0;
    const LAST: u8 = 1;
    let [1, 0 | 1, p0, p1] = *packet.header::<{ TZSP_BYTES as usize }>()? else { return Ok(None) };
    let protocol = u16::from_be_bytes([p0, p1]);
    if protocol != ETHERNET {
        return Err(Skipped::NotTcp(Carried::Tzsp(protocol)));
    }
    let mut rest = packet.skip(TZSP_BYTES)?;
    for _ in 0..MAX_TAGS {
        rest = match *rest.header()? {
            [PADDING] => rest.skip(1)?,
            [LAST] => {
                let holds = Holds::Ethernet(rest.skip(1)?);
                return Ok(Some(Inner { kind: Kind::Tzsp, id: 0, holds }));
            }
            [_] => {
                let [_, len] = *rest.header()?;
                rest.skip(2 + u32::from(len))?
            }
        };
    }
    Err(Skipped::Malformed)
}

/// Returns the place inside of one more tunnel.
fn place(around: u32, kind: Kind, id: u32) -> u32 {
    // Odd factors keep different tunnels apart, but for one pair in 2^31 (Knuth's multiplicative hashing).
    let mixed = (u64::from(around).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ ((kind as u64) << 32 | u64::from(id)))
    .wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed >> 32) as u32 | TUNNELLED
}
