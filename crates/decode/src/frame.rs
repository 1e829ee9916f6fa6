//! A frame as it comes in, and what its bytes begin with.

use crate::Timestamp;

/// A captured frame, borrowed from its source.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When the frame was captured.
    pub time: Timestamp,
    /// What `bytes` begins with.
    pub link: LinkType,
    /// The bytes that were captured.
    pub bytes: &'a [u8],
    /// The length of the frame on the wire, in bytes; more than `bytes.len()` when the capture cut it.
    pub wire_len: u32,
    /// The interface: the kernel's index for live capture, the number inside the file for pcapng, else 0.
    pub interface: u32,
}

/// What a frame's bytes begin with. The numbers in parentheses are LINKTYPE values of the tcpdump group's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// An Ethernet header (1).
    Ethernet,
    /// A Linux cooked header, version 1 (113).
    LinuxCooked,
    /// A Linux cooked header, version 2 (276).
    LinuxCooked2,
    /// An IPv4 or IPv6 header, told apart by its version (101, and 12, 14, 228, 229).
    RawIp,
    /// BSD loopback: four bytes with an address family in the byte order of the capturing host (0).
    Null,
    /// OpenBSD loopback: the same in network byte order (108).
    Loop,
    /// A packet of Linux' netfilter log: a header and attributes, one of which is the packet (239).
    Nflog,
    /// A header of Apple's packet tap, which says what kind of frame follows (258).
    Pktap,
    /// No link header: the bytes begin with what this EtherType says (live capture with `SOCK_DGRAM`).
    EtherType(u16),
    /// A [`crate::SocketHeader`], followed by the payload of a TCP segment (capture at sockets).
    Socket,
}

impl LinkType {
    /// Returns what the LINKTYPE registry of the tcpdump group calls this number, if it is supported.
    #[must_use]
    pub fn from_number(number: u32) -> Option<LinkType> {
        match number {
            0 => Some(LinkType::Null),
            1 => Some(LinkType::Ethernet),
            // 12 and 14 are what some systems write for 101; 228 and 229 are raw IPv4 and IPv6.
            12 | 14 | 101 | 228 | 229 => Some(LinkType::RawIp),
            108 => Some(LinkType::Loop),
            113 => Some(LinkType::LinuxCooked),
            239 => Some(LinkType::Nflog),
            258 => Some(LinkType::Pktap),
            276 => Some(LinkType::LinuxCooked2),
            _ => None,
        }
    }
}
