//! A TCP segment as a view, and the reasons why a frame holds none.

use std::net::SocketAddr;

use crate::{Carried, Origin, Timestamp};

/// A TCP segment, borrowed from its frame.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// When its frame was captured.
    pub time: Timestamp,
    /// The place on the wire: the interface of its frame or, inside of tunnels, a number made of it and of the kinds and
    /// identifiers of the tunnels (see [`is_tunnelled`]).
    pub interface: u32,
    /// Where it was captured.
    pub origin: Origin,
    /// The sender.
    pub source: SocketAddr,
    /// The receiver.
    pub destination: SocketAddr,
    /// The sequence number of the first byte (RFC 9293, section 3.4).
    pub sequence: u32,
    /// The acknowledgment number; it is valid only with [`Flags::ACK`].
    pub acknowledgment: u32,
    /// The control bits.
    pub flags: Flags,
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// The length of the payload on the wire, in bytes: at least `payload.len()`, more when the capture cut it.
    pub payload_len: u32,
}

/// Set in the number of a place that is inside of tunnels. Interfaces have lower numbers.
pub(crate) const TUNNELLED: u32 = 1 << 31;

/// Returns whether a place ([`Segment::interface`]) is inside of tunnels.
#[inline]
#[must_use]
pub fn is_tunnelled(place: u32) -> bool {
    place & TUNNELLED != 0
}

/// The control bits of a TCP header (RFC 9293, section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Flags = Flags(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Flags = Flags(0x02);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x04);
    /// Push function.
    pub const PSH: Flags = Flags(0x08);
    /// The acknowledgment number is valid.
    pub const ACK: Flags = Flags(0x10);

    /// Returns whether all bits of `other` are set.
    #[must_use]
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Segment<'_> {
    /// Returns how much sequence space the segment takes: its payload, one for a SYN, one for a FIN (RFC 9293, section
    /// 3.4).
    #[must_use]
    pub fn sequence_len(&self) -> u32 {
        self.payload_len
            .wrapping_add(u32::from(self.flags.has(Flags::SYN)))
            .wrapping_add(u32::from(self.flags.has(Flags::FIN)))
    }
}

/// Why a frame holds no TCP segment that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// Not IPv4 or IPv6 (ARP, LLDP and so on).
    NotIp(Carried),
    /// IP, but not TCP.
    NotTcp(Carried),
    /// A fragment of an IP packet: [`crate::fragment()`] gives it.
    Fragment,
    /// The capture cut the frame before the end of the headers.
    Truncated,
    /// A header contradicts itself.
    Malformed,
    /// More nested tunnels than are opened.
    TunnelDepth,
}
