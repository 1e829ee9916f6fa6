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

mod counters;
mod frame;
mod ip;
mod link;
mod origin;
mod packet;
mod record;
mod segment;
mod socket;
mod socket_key;
mod tcp;
mod time;
mod tunnel;

pub use counters::Counters;
pub use frame::{Frame, LinkType};
pub use origin::{Origin, TunnelId};
pub use record::{SOCKET_HEADER_BYTES, SocketHeader};
pub use segment::{Flags, Segment, Skipped};
pub use socket_key::SocketKey;
pub use time::Timestamp;

/// Says whether tunnels are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnels {
    /// They are not: what is inside belongs to another node. The frame is [`Skipped::NotTcp`].
    Closed,
    /// VXLAN, Geneve, GRE and IP in IP are opened, at most two inside each other.
    Open,
}

/// Returns the TCP segment in a frame.
///
/// Lengths are those of the IP header, so link padding is not payload. A length of 0 (BIG TCP, packets before
/// segmentation) stands for everything that was on the wire. If the capture cut the payload, it is shorter than
/// `payload_len`. Checksums are ignored: on the sender's node the hardware fills them in later.
///
/// # Errors
/// [`Skipped`]: the frame holds no TCP segment that can be read.
pub fn segment<'a>(frame: &Frame<'a>, tunnels: Tunnels) -> Result<Segment<'a>, Skipped> {
    if frame.link == LinkType::Socket {
        return socket::segment(frame);
    }
    match link::packet(frame)? {
        (link::IPV4, packet) => inside(frame, ip::ipv4(packet)?, tunnels),
        (link::IPV6, packet) => inside(frame, ip::ipv6(packet)?, tunnels),
        _ => Err(Skipped::NotIp),
    }
}

/// Returns the segment in a datagram. It is inlined into both callers, so that a datagram is never built in memory.
#[inline(always)]
fn inside<'a>(
    frame: &Frame<'a>,
    datagram: ip::Datagram<'a>,
    tunnels: Tunnels,
) -> Result<Segment<'a>, Skipped> {
    if datagram.protocol == ip::TCP {
        return tcp::segment(frame, &datagram, Origin::Wire);
    }
    match tunnels {
        Tunnels::Closed => Err(Skipped::NotTcp),
        Tunnels::Open => tunnel::segment(frame, datagram),
    }
}
