//! From one frame to one TCP segment.
//!
//! Takes a [`Frame`] and returns a borrowed [`Segment`], or the reason ([`Skipped`]) why the frame is none. Peels off VLAN
//! tags and, where asked to, tunnels. Never allocates, does I/O, reads a clock or trusts a checksum, and depends on no other
//! crate: what a frame is, when ([`Timestamp`]) and where ([`Origin`]) it was captured is defined here.
//!
//! ```
//! use traffic_monitor_decode::{Flags, Frame, LinkType, Skipped, Timestamp, Tunnels, segment};
//!
//! // An IPv4 header, a TCP header with the flags PSH and ACK, and four bytes of payload.
//! let packet = [
//!     &[0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2][..],
//!     &[0x9c, 0x40, 0x1f, 0x90, 0, 0, 0, 1, 0, 0, 0, 9, 0x50, 0x18, 0, 0, 0, 0, 0, 0],
//!     b"GET ",
//! ]
//! .concat();
//! let frame = Frame {
//!     time: Timestamp::from_nanos(1_760_000_000_000_000_000),
//!     link: LinkType::RawIp,
//!     bytes: &packet,
//!     wire_len: 44,
//!     interface: 0,
//! };
//! let decoded = segment(&frame, Tunnels::Closed)?;
//! assert_eq!(decoded.destination, "10.0.0.2:8080".parse().unwrap());
//! assert_eq!((decoded.sequence, decoded.payload), (1, &b"GET "[..]));
//! assert!(decoded.flags.has(Flags::ACK));
//!
//! let cut = Frame { bytes: &packet[..30], ..frame };
//! assert_eq!(segment(&cut, Tunnels::Closed).unwrap_err(), Skipped::Truncated);
//! # Ok::<(), Skipped>(())
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod carried;
mod counters;
mod fragment;
mod frame;
mod ip;
mod link;
mod origin;
mod packet;
mod record;
mod segment;
mod socket;
mod socket_key;
mod taps;
mod tcp;
mod time;
mod tunnel;
mod wrapping;

use ip::Datagram;
use packet::Packet;
use tunnel::Innermost;

pub use carried::{Carried, Unread};
pub use counters::Counters;
pub use fragment::{Fragment, FragmentedPacket, fragment};
pub use frame::{Frame, LinkType};
pub use origin::Origin;
pub use record::{SOCKET_HEADER_BYTES, SocketHeader};
pub use segment::{Flags, Segment, Skipped, is_tunnelled};
pub use socket_key::SocketKey;
pub use time::Timestamp;

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
    match link::packet(frame)? {
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
fn innermost<'a>(frame: &Frame<'a>, tunnels: Tunnels<'_>) -> Result<Innermost<'a>, Skipped> {
    let (ether_type, packet) = link::packet(frame)?;
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
