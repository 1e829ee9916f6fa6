//! The limits of a listener.

use std::time::Duration;

/// The limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections at once; the same number again from loopback. At least one.
    pub connections: usize,
    /// The longest time until the head of a request is complete, from its first byte on; of the first request, from the
    /// beginning of the connection on.
    pub head: Duration,
    /// The longest time until the first byte of the next request.
    pub idle: Duration,
    /// The longest time until its answer is given.
    pub answer: Duration,
}
