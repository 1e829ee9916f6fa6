//! Where a segment was captured.

use std::hash::{Hash, Hasher};

use crate::SocketKey;

/// Where a segment was captured. It keeps connections apart that have equal addresses: in two network namespaces, or at
/// both ends of a loopback.
///
/// Tunnels are no part of it: what is inside of one may be captured outside of it too, and many tunnels have another
/// identifier in each direction. They are a part of the place ([`crate::Segment::interface`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On a wire, inside of a tunnel or not.
    Wire,
    /// At a socket.
    Socket(SocketKey),
}

/// Writes one number, because each segment is hashed.
impl Hash for Origin {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(match self {
            Origin::Wire => 0,
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
