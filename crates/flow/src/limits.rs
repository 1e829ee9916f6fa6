//! How much a table may hold, and how long: every limit of this crate, with its reason.

use std::time::Duration;

/// How much a [`crate::Table`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for everything: the entries of connections with the state of the stage above, the waiting
    /// segments, and what the stage above says that it holds ([`crate::Sink::held`]). Entries take at most three
    /// quarters (but there is always room for one), so that many small connections leave room for what they hold.
    pub memory: usize,
    /// How many connections are followed at once.
    pub connections: usize,
    /// How long a connection may be without a segment before it is forgotten. One that has begun something waits for an hour,
    /// and one whose state cannot be learned again ([`crate::Kept::Tables`]) for as long as there is memory.
    pub idle: Duration,
}

impl Limits {
    /// Default of [`Limits::memory`]: most of the 160 MiB that the whole agent may take; what remains is for the
    /// capture ring, the queue and the inventory.
    pub const MEMORY: usize = 112 << 20;
    /// Default of [`Limits::connections`]: more than fit into [`Limits::MEMORY`], which decides.
    pub const CONNECTIONS: usize = 1 << 20;
    /// Default of [`Limits::idle`], 10 minutes: longer than the usual keep-alive and long-poll times. A connection at rest
    /// is then only remembered by where it stands.
    pub const IDLE: Duration = Duration::from_secs(600);
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory: Limits::MEMORY, connections: Limits::CONNECTIONS, idle: Limits::IDLE }
    }
}

/// Memory that one direction may keep waiting: what is in flight on a fast path inside a data centre (10 Gbit/s for
/// 0.4 ms) while one lost segment is sent again. Beyond it, what is missing is given up.
pub(crate) const WAITING_MEMORY: usize = 512 << 10;
/// Pieces that one direction may keep waiting: keeps the insertion of a piece into the middle cheap.
pub(crate) const WAITING_PIECES: usize = 512;
/// How long bytes are waited for that their receiver has not acknowledged: the network lost them, and the sender
/// repeats them after 200 ms at first, then after twice as long each time (RFC 6298).
pub(crate) const LOSS_TIME: Duration = Duration::from_secs(2);
/// How long bytes are waited for that their receiver has acknowledged: they came through, so the capture lost them
/// or delivers them late. Rings are read every 20 to 60 ms, each at its time.
pub(crate) const REORDER_TIME: Duration = Duration::from_millis(200);
/// The same in segments of the connection, so that a busy one does not wait that long: captures of several
/// interfaces or queues are out of order by a few segments.
pub(crate) const REORDER_SEGMENTS: u32 = 16;

/// After so many segments that acknowledge bytes of the other direction, none of which was seen, that direction is
/// not in the capture, and is not waited for.
pub(crate) const ABSENT_SEGMENTS: u8 = 32;

/// How far ahead of what was delivered a segment may be: the largest window of TCP (RFC 7323, section 2.3). What is
/// further away belongs to another connection, or more than that was lost.
pub(crate) const AHEAD: i32 = 1 << 30;
/// How far behind what was delivered a retransmission may be: more than senders keep in flight. Smaller than
/// [`AHEAD`], because here a new connection whose SYN was not seen would not be noticed.
pub(crate) const BEHIND: i32 = 16 << 20;
/// The largest payload of a segment: packets reach 512 KiB; a length beyond this is nonsense.
pub(crate) const SEGMENT_LEN: u32 = 1 << 20;
/// So many segments outside of the window, one behind the other, are where the stream is now.
pub(crate) const STRAYS: u8 = 4;
/// How far the SYN or the first bytes of a connection may be behind what was captured before them.
pub(crate) const LATE_SYN: i32 = 1 << 20;

/// After this silence on the interface where a direction advances, it may go on nearby on another one.
pub(crate) const INTERFACE_SILENCE: Duration = Duration::from_millis(200);
/// What 'nearby' means: what may have been sent within that silence and not be captured.
pub(crate) const INTERFACE_NEARBY: i32 = 1 << 20;
/// After this silence it may go on anywhere on another interface, and a SYN there begins a new connection.
pub(crate) const INTERFACE_GONE: Duration = Duration::from_secs(10);

/// How long segments of an ended connection are told from those of a new one: retransmissions of the last segments
/// come within it.
pub(crate) const TIME_WAIT: Duration = Duration::from_secs(2);
/// How many ended connections are remembered (a MiB): a second of 65,000 short connections.
pub(crate) const TIME_WAIT_SLOTS: usize = 64 << 10;

/// After this silence a connection is forgotten that never carried data, or that one side has closed.
pub(crate) const IDLE_UNUSED: Duration = Duration::from_secs(60);
/// After this silence a connection is forgotten that has begun something: longer than servers let a request wait.
pub(crate) const IDLE_BEGUN: Duration = Duration::from_secs(3600);
/// The time in which every connection is looked at once, for being idle.
pub(crate) const SWEEP_TIME: Duration = Duration::from_secs(8);
/// Ticks closer to each other than this do nothing.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// From this many bytes on, a connection is looked at first when memory is short: below it, what it holds is less
/// than what following the connection again would cost.
pub(crate) const HEAVY: usize = 4 << 10;
/// How many connections are compared when one has to go.
pub(crate) const SAMPLE: usize = 8;
/// How many places are looked at for them: some may be empty.
pub(crate) const SAMPLE_PLACES: usize = 64;
/// How many connections go for one segment, before the one that it belongs to has to.
pub(crate) const EVICTIONS: usize = 64;
/// What recently active means when connections are compared: ages below it count alike.
pub(crate) const RECENT: Duration = Duration::from_millis(1);
