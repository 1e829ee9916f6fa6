//! The layers of a frame, from its link to TCP.

use crate::ip::{self, Datagram};
use crate::packet::Packet;
use crate::tunnel::{self, Innermost};
use crate::{Carried, Frame, LinkType, Segment, Skipped, link, socket, taps, tcp, wrapping};

/// Says whether tunnels are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnels<'p> {
    /// They are not: what is inside belongs to another node. The frame is [`Skipped::NotTcp`].
    Closed,
    /// VXLAN, Geneve, GRE, IP in IP, ERSPAN and TZSP are opened, at most three inside each other.
    Open {
        /// UDP ports of VXLAN beside 4789, 4790 and 8472.
        vxlan_ports: &'p [u16],
    },
}

impl Tunnels<'_> {
    /// They are opened at their usual ports.
    pub const OPEN: Tunnels<'static> = Tunnels::Open { vxlan_ports: &[] };
}

/// Returns the TCP segment in a frame.
///
/// Lengths are those of the IP header, so link padding is not payload. A length of 0 (BIG TCP, packets before
/// segmentation) stands for everything that was on the wire. If the capture cut the payload, it is shorter than
/// `payload_len`. Checksums are ignored: on the sender's node the hardware fills them in later.
///
/// # Errors
/// [`Skipped`]: the frame holds no TCP segment that can be read.
pub fn segment<'a>(frame: &Frame<'a>, tunnels: Tunnels<'_>) -> Result<Segment<'a>, Skipped> {
    if frame.link == LinkType::Socket {
        return socket::segment(frame);
    }
    match taps::packet(frame)? {
        (link::IPV4, packet) => inside(frame, (link::IPV4, packet), ip::ipv4(packet)?, tunnels),
        (link::IPV6, packet) => inside(frame, (link::IPV6, packet), ip::ipv6(packet)?, tunnels),
        (other, packet) => wrapped(frame, other, packet, tunnels),
    }
}

/// Returns the segment in a datagram. It is inlined into both callers, so that a datagram is never built in memory.
#[inline(always)]
fn inside<'a>(
    frame: &Frame<'a>,
    (ether_type, packet): (u16, Packet<'a>),
    datagram: Datagram<'a>,
    tunnels: Tunnels<'_>,
) -> Result<Segment<'a>, Skipped> {
    if datagram.protocol == ip::TCP {
        return tcp::segment(frame, &datagram, frame.interface);
    }
    opened(frame, Innermost { ether_type, packet, datagram, place: frame.interface }, tunnels)
}

/// Returns the segment inside of tunnels.
#[inline(never)]
fn opened<'a>(
    frame: &Frame<'a>,
    outermost: Innermost<'a>,
    tunnels: Tunnels<'_>,
) -> Result<Segment<'a>, Skipped> {
    let at = in_tunnels(outermost, tunnels)?;
    if at.datagram.fragment {
        return Err(Skipped::Fragment);
    }
    tcp::segment(frame, &at.datagram, at.place)
}

/// Returns the segment behind what stands between the link header and IP.
#[cold]
#[inline(never)]
fn wrapped<'a>(
    frame: &Frame<'a>,
    ether_type: u16,
    packet: Packet<'a>,
    tunnels: Tunnels<'_>,
) -> Result<Segment<'a>, Skipped> {
    let (ether_type, packet) = wrapping::unwrapped(ether_type, packet)?;
    inside(frame, (ether_type, packet), ip::datagram(ether_type, packet)?, tunnels)
}

/// Returns the TCP segment or fragment in a frame that is not of a socket.
pub(crate) fn innermost<'a>(frame: &Frame<'a>, tunnels: Tunnels<'_>) -> Result<Innermost<'a>, Skipped> {
    let (ether_type, packet) = taps::packet(frame)?;
    let (ether_type, packet) = wrapping::unwrapped(ether_type, packet)?;
    let datagram = ip::datagram(ether_type, packet)?;
    in_tunnels(Innermost { ether_type, packet, datagram, place: frame.interface }, tunnels)
}

/// Opens tunnels where that is asked for.
fn in_tunnels<'a>(at: Innermost<'a>, tunnels: Tunnels<'_>) -> Result<Innermost<'a>, Skipped> {
    match tunnels {
        _ if at.datagram.protocol == ip::TCP => Ok(at),
        Tunnels::Open { vxlan_ports } => tunnel::innermost(at, vxlan_ports),
        Tunnels::Closed => Err(Skipped::NotTcp(Carried::Protocol(at.datagram.protocol))),
    }
}
