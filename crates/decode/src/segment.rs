//! The view of a TCP segment, and the reasons why a frame is none.

use std::net::SocketAddr;

use crate::{Origin, Timestamp};

/// A TCP segment, borrowed from its frame.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// When its frame was captured.
    pub time: Timestamp,
    /// The interface of its frame.
    pub interface: u32,
    /// Where it was captured.
    pub origin: Origin,
    /// Who sent it.
    pub source: SocketAddr,
    /// Whom it was sent to.
    pub destination: SocketAddr,
    /// The sequence number of its first byte (RFC 9293, section 3.4).
    pub sequence: u32,
    /// The acknowledgment number; means something only with [`Flags::ACK`].
    pub acknowledgment: u32,
    /// The control bits.
    pub flags: Flags,
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// How many payload bytes the segment had on the wire: at least `payload.len()`, more when the capture cut it.
    pub payload_len: u32,
}

/// TCP control bits, as in the header.
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

    /// Whether all bits of `other` are set.
    #[must_use]
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Segment<'_> {
    /// How much sequence space the segment takes: its payload, one for a SYN, one for a FIN (RFC 9293, section 3.4).
    #[must_use]
    pub fn sequence_len(&self) -> u32 {
        self.payload_len
            .wrapping_add(u32::from(self.flags.has(Flags::SYN)))
            .wrapping_add(u32::from(self.flags.has(Flags::FIN)))
    }
}

/// Why a frame is not a TCP segment that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Skipped {
    /// Not IPv4 or IPv6 (ARP, LLDP and so on).
    NotIp,
    /// IP, but not TCP.
    NotTcp,
    /// A fragment of an IP packet: fragments are not put together.
    Fragment,
    /// The capture cut it before the end of the headers.
    Truncated,
    /// A header contradicts itself.
    Malformed,
    /// More tunnels inside each other than are opened.
    TunnelDepth,
}

impl Skipped {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Skipped; 6] = [
        Skipped::NotIp,
        Skipped::NotTcp,
        Skipped::Fragment,
        Skipped::Truncated,
        Skipped::Malformed,
        Skipped::TunnelDepth,
    ];

    /// The reason as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Skipped::NotIp => "not_ip",
            Skipped::NotTcp => "not_tcp",
            Skipped::Fragment => "fragment",
            Skipped::Truncated => "truncated",
            Skipped::Malformed => "malformed",
            Skipped::TunnelDepth => "tunnel_depth",
        }
    }
}
