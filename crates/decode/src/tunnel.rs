//! Tunnels: VXLAN (RFC 7348), Geneve (RFC 8926), GRE (RFC 2784, RFC 2890) and IP in IP (RFC 2003, RFC 4213).

use crate::ip::{self, Datagram};
use crate::link::{self, IPV4, IPV6};
use crate::packet::Packet;
use crate::{Frame, Origin, Segment, Skipped, TunnelId, tcp};

/// Tunnels inside each other that are opened.
const MAX_DEPTH: usize = 2;

/// The number of IANA, and the one that Linux used before there was one.
const VXLAN_PORTS: [u16; 2] = [4789, 8472];
const GENEVE_PORT: u16 = 6081;
const UDP_BYTES: u32 = 8;
const VXLAN_BYTES: u32 = 8;
const GENEVE_BYTES: u32 = 8;
const GRE_BYTES: u32 = 4;

/// A VXLAN header with a network identifier.
const VXLAN_VALID: u8 = 0x08;
/// An Ethernet frame inside Geneve or GRE.
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const GRE_CHECKSUM: u16 = 0x8000;
const GRE_ROUTING: u16 = 0x4000;
const GRE_KEY: u16 = 0x2000;
const GRE_SEQUENCE: u16 = 0x1000;
const GRE_VERSION: u16 = 0x0007;

/// Kinds of tunnels, as numbers in a [`TunnelId`].
#[derive(Clone, Copy)]
enum Kind {
    Vxlan = 1,
    Geneve = 2,
    Gre = 3,
    IpInIp = 4,
}

/// What a tunnel holds.
struct Inner<'a> {
    kind: Kind,
    /// The VNI or the GRE key, 0 without one.
    id: u32,
    /// `TRANSPARENT_ETHERNET` or the EtherType of `packet`.
    ether_type: u16,
    packet: Packet<'a>,
}

/// Returns the segment inside the tunnels of a datagram that is not TCP.
#[inline(never)]
pub(crate) fn segment<'a>(frame: &Frame<'a>, outer: Datagram<'a>) -> Result<Segment<'a>, Skipped> {
    let mut datagram = outer;
    let mut tunnel = TunnelId::from_number(0);
    for _ in 0..MAX_DEPTH {
        let inner = open(&datagram)?;
        tunnel = identity(tunnel, inner.kind, inner.id);
        let (ether_type, packet) = match inner.ether_type {
            TRANSPARENT_ETHERNET => link::ethernet(inner.packet)?,
            ether_type => (ether_type, inner.packet),
        };
        datagram = ip::datagram(ether_type, packet)?;
        if datagram.protocol == ip::TCP {
            return tcp::segment(frame, &datagram, Origin::Tunnel(tunnel));
        }
    }
    // One more tunnel is another reason than something that is no tunnel.
    open(&datagram).and(Err(Skipped::TunnelDepth))
}

/// Opens one tunnel.
fn open<'a>(datagram: &Datagram<'a>) -> Result<Inner<'a>, Skipped> {
    let packet = datagram.payload;
    match datagram.protocol {
        ip::UDP | ip::GRE | ip::IPV4_IN_IP | ip::IPV6_IN_IP if datagram.fragment => Err(Skipped::Fragment),
        ip::UDP => udp(packet),
        ip::GRE => gre(packet),
        ip::IPV4_IN_IP => Ok(Inner { kind: Kind::IpInIp, id: 0, ether_type: IPV4, packet }),
        ip::IPV6_IN_IP => Ok(Inner { kind: Kind::IpInIp, id: 0, ether_type: IPV6, packet }),
        _ => Err(Skipped::NotTcp),
    }
}

fn udp(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [_, _, p0, p1, ..] = *packet.header::<{ UDP_BYTES as usize }>()?;
    let port = u16::from_be_bytes([p0, p1]);
    let packet = packet.skip(UDP_BYTES)?;
    if VXLAN_PORTS.contains(&port) {
        vxlan(packet)
    } else if port == GENEVE_PORT {
        geneve(packet)
    } else {
        Err(Skipped::NotTcp)
    }
}

fn vxlan(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [flags, _, _, _, v0, v1, v2, _] = *packet.header::<{ VXLAN_BYTES as usize }>()?;
    if flags & VXLAN_VALID == 0 {
        return Err(Skipped::NotTcp);
    }
    let packet = packet.skip(VXLAN_BYTES)?;
    Ok(Inner {
        kind: Kind::Vxlan,
        id: u32::from_be_bytes([0, v0, v1, v2]),
        ether_type: TRANSPARENT_ETHERNET,
        packet,
    })
}

fn geneve(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [first, _, t0, t1, v0, v1, v2, _] = *packet.header::<{ GENEVE_BYTES as usize }>()?;
    // Two bits of version, then the length of the options in units of four bytes.
    if first >> 6 != 0 {
        return Err(Skipped::NotTcp);
    }
    let packet = packet.skip(GENEVE_BYTES + u32::from(first & 0x3f) * 4)?;
    let ether_type = u16::from_be_bytes([t0, t1]);
    Ok(Inner { kind: Kind::Geneve, id: u32::from_be_bytes([0, v0, v1, v2]), ether_type, packet })
}

fn gre(packet: Packet<'_>) -> Result<Inner<'_>, Skipped> {
    let [f0, f1, t0, t1] = *packet.header::<{ GRE_BYTES as usize }>()?;
    let flags = u16::from_be_bytes([f0, f1]);
    // Version 1 is PPTP; routing is gone since RFC 2784.
    if flags & (GRE_VERSION | GRE_ROUTING) != 0 {
        return Err(Skipped::NotTcp);
    }
    let optional = |flag| if flags & flag != 0 { 4 } else { 0 };
    let mut packet = packet.skip(GRE_BYTES + optional(GRE_CHECKSUM))?;
    let id = if flags & GRE_KEY != 0 { u32::from_be_bytes(*packet.header()?) } else { 0 };
    packet = packet.skip(optional(GRE_KEY) + optional(GRE_SEQUENCE))?;
    Ok(Inner { kind: Kind::Gre, id, ether_type: u16::from_be_bytes([t0, t1]), packet })
}

/// Mixes one more tunnel into the identity of those around it.
fn identity(around: TunnelId, kind: Kind, id: u32) -> TunnelId {
    // An odd factor keeps different identities different (Knuth's multiplicative hashing).
    TunnelId::from_number(
        around.number().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((kind as u64) << 32 | u64::from(id)),
    )
}
