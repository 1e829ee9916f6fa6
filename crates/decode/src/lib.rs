//! One frame to one TCP segment.
//!
//! Takes: a [`Frame`]. Gives: a borrowed [`Segment`], or the reason ([`Skipped`]) why the frame is none.
//! Peels VLAN tags, and tunnels where asked to. Never: allocates, does I/O, reads a clock, judges by a checksum.

mod frame;
mod ip;
mod link;
mod origin;
mod packet;
mod record;
mod segment;
mod socket;
mod tcp;
mod time;
mod tunnel;

pub use frame::{Frame, LinkType};
pub use origin::Origin;
pub use record::{SOCKET_HEADER_BYTES, SocketHeader};
pub use segment::{Flags, Segment, Skipped};
pub use socket::SocketKey;
pub use time::Timestamp;
pub use tunnel::TunnelId;

/// Whether tunnels are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnels {
    /// What is inside a tunnel is another node's: [`Skipped::NotTcp`].
    Closed,
    /// VXLAN, Geneve, GRE and IP in IP are opened, two inside each other at most.
    Open,
}

/// The TCP segment in a frame.
///
/// Lengths are those of the IP header, so link padding is no payload. A length of 0 (BIG TCP, packets before
/// segmentation) stands for all that was on the wire. A payload that the capture cut is shorter than its
/// `payload_len`. Checksums are not looked at: on the sender's node the hardware fills them in later.
///
/// # Errors
/// [`Skipped`]: why the frame is no such segment.
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

/// The segment in a datagram. It is a part of both its callers, so that a datagram is never put together in memory.
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
