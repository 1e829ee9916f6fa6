//! A segment as it was captured at a socket.

use std::net::SocketAddr;

use capture::{Frame, SocketHeader};

use crate::{Flags, Segment, Skipped};

/// The bits of a key: the socket's cookie, then the number of its cgroup, then which of the two ends is the socket's own.
const COOKIE_BITS: u32 = 40;
const TARGET_BITS: u32 = 23;
const HIGHER_IS_LOCAL: u64 = 1 << 63;

/// What tells the connections of sockets apart: the same addresses may be there in many network namespaces, and on
/// loopback both ends of a connection are captured. It is the [`Segment::tunnel`] of a segment that was captured at a
/// socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketKey(pub u64);

impl SocketKey {
    /// How many cgroups can have a number, from 1 on.
    pub const TARGETS: u32 = (1 << TARGET_BITS) - 1;

    fn new(header: &SocketHeader) -> SocketKey {
        let cookie = header.cookie & ((1 << COOKIE_BITS) - 1);
        let target = u64::from(header.target & SocketKey::TARGETS) << COOKIE_BITS;
        let side = if header.local > header.remote { HIGHER_IS_LOCAL } else { 0 };
        SocketKey(side | target | cookie)
    }

    /// The kernel's cookie of the socket.
    #[must_use]
    pub fn cookie(self) -> u64 {
        self.0 & ((1 << COOKIE_BITS) - 1)
    }

    /// The number of its cgroup.
    #[must_use]
    pub fn target(self) -> u32 {
        (self.0 >> COOKIE_BITS) as u32 & SocketKey::TARGETS
    }

    /// Whether, of the two ends of the connection, `end` is the socket's own.
    #[must_use]
    pub fn is_local(self, end: SocketAddr, other: SocketAddr) -> bool {
        (self.0 & HIGHER_IS_LOCAL != 0) == (end > other)
    }
}

/// The segment behind the header of the kernel's side. Its fields were read from the TCP header there.
#[inline]
pub(crate) fn segment<'a>(frame: &Frame<'a>) -> Result<Segment<'a>, Skipped> {
    let (header, payload) = SocketHeader::read(frame.bytes).ok_or(Skipped::Truncated)?;
    let (source, destination) =
        if header.outgoing { (header.local, header.remote) } else { (header.remote, header.local) };
    Ok(Segment {
        time: frame.time,
        interface: frame.interface,
        tunnel: SocketKey::new(&header).0,
        source,
        destination,
        sequence: header.sequence,
        acknowledgment: header.acknowledgment,
        flags: Flags(header.tcp_flags),
        payload,
        payload_len: header.payload_len.max(payload.len() as u32),
    })
}
