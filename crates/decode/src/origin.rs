//! Where a segment was captured.

use std::hash::{Hash, Hasher};

use crate::SocketKey;

/// Where a segment was captured. It keeps connections apart that have equal addresses: in two overlays, in two network
/// namespaces, or at both ends of a loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On a wire, outside of any tunnel.
    Wire,
    /// On a wire, inside of a tunnel.
    Tunnel(TunnelId),
    /// At a socket.
    Socket(SocketKey),
}

/// Identifies the tunnels around a segment: a number made of their kinds and identifiers (VNI, GRE key).
// Packed, so that an `Origin` takes 12 bytes and not 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub struct TunnelId(u64);

impl TunnelId {
    /// Returns the tunnel with this number.
    #[inline]
    #[must_use]
    pub fn from_number(number: u64) -> TunnelId {
        TunnelId(number)
    }

    /// Returns the tunnel as a number.
    #[inline]
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// Writes one number, because each segment is hashed. A tunnel and a socket with the same number are very rare.
impl Hash for Origin {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(match self {
            Origin::Wire => 0,
            Origin::Tunnel(tunnel) => tunnel.number(),
            Origin::Socket(key) => key.number(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_small() {
        assert_eq!((size_of::<Origin>(), align_of::<Origin>()), (12, 4));
    }
}
