//! What tells the connections of sockets apart.

use std::net::SocketAddr;

use crate::SocketHeader;

/// The bits of a key: the socket's cookie, then the number of its cgroup, then which of the two ends is the socket's own.
const COOKIE_BITS: u32 = 40;
const TARGET_BITS: u32 = 23;
const HIGHER_IS_LOCAL: u64 = 1 << 63;

/// Identifies a socket. It tells the connections of sockets apart: the same addresses may exist in many network namespaces,
/// and on loopback both ends of a connection are captured.
// Packed, so that an `Origin` takes 12 bytes and not 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub struct SocketKey(u64);

impl SocketKey {
    /// The highest number of a cgroup; the lowest is 1.
    pub const TARGETS: u32 = (1 << TARGET_BITS) - 1;

    /// Returns the key of the socket that a header names.
    #[inline]
    pub(crate) fn new(header: &SocketHeader) -> SocketKey {
        let cookie = header.cookie & ((1 << COOKIE_BITS) - 1);
        let target = u64::from(header.target & SocketKey::TARGETS) << COOKIE_BITS;
        let side = if header.local > header.remote { HIGHER_IS_LOCAL } else { 0 };
        SocketKey(side | target | cookie)
    }

    /// Returns the key as a number.
    #[inline]
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// Returns the kernel's cookie of the socket.
    #[must_use]
    pub fn cookie(self) -> u64 {
        self.0 & ((1 << COOKIE_BITS) - 1)
    }

    /// Returns the number of its cgroup.
    #[must_use]
    pub fn target(self) -> u32 {
        (self.0 >> COOKIE_BITS) as u32 & SocketKey::TARGETS
    }

    /// Returns whether `end`, of the two ends of the connection, is the socket's own.
    #[must_use]
    pub fn is_local(self, end: SocketAddr, other: SocketAddr) -> bool {
        (self.0 & HIGHER_IS_LOCAL != 0) == (end > other)
    }
}
