//! The connection that a request came on.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Notify;

/// The connection that a request came on.
#[derive(Clone)]
pub(super) struct Connection {
    /// The other end.
    pub(super) peer: SocketAddr,
    /// Breaks the connection off with a TCP reset.
    pub(super) reset: Arc<Notify>,
}
