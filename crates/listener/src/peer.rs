//! Where a connection comes from.

use std::net::SocketAddr;

/// The other end of a connection, as far as it decides about places.
pub trait Peer: Send {
    /// Returns whether it is on this machine.
    fn is_local(&self) -> bool;
}

impl Peer for SocketAddr {
    fn is_local(&self) -> bool {
        self.ip().to_canonical().is_loopback()
    }
}

impl Peer for tokio::net::unix::SocketAddr {
    fn is_local(&self) -> bool {
        true
    }
}
