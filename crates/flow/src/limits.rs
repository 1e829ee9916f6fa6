//! How much a table may hold, and how long.

/// How much a [`crate::Table`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for everything: the entries of connections with the state of the stage above, the waiting
    /// segments, and what the stage above says that it holds ([`crate::Verdict::held`]). Entries take at most half.
    pub memory: usize,
    /// How many connections are followed at once.
    pub connections: usize,
    /// Nanoseconds without a segment after which a connection is forgotten.
    pub idle: u64,
}

impl Limits {
    /// Default of [`Limits::memory`]: most of the 160 MiB that the whole agent may take; what remains is for the
    /// capture ring, the queue and the inventory.
    pub const MEMORY: usize = 112 << 20;
    /// Default of [`Limits::connections`]: a busy node has some ten thousand; 100,000 must fit.
    pub const CONNECTIONS: usize = 128 << 10;
    /// Default of [`Limits::idle`], 10 minutes: longer than the usual keep-alive and long-poll times. A connection
    /// that goes on later is joined again.
    pub const IDLE: u64 = 600_000_000_000;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory: Limits::MEMORY, connections: Limits::CONNECTIONS, idle: Limits::IDLE }
    }
}
