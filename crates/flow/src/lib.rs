//! From TCP segments to ordered bytes.
//!
//! A [`Table`] takes [`decode::Segment`]s in any order and tells a [`Sink`] what each connection brings: the bytes of its two
//! directions in order, what is missing between them, and how they end. The table keeps a limit of memory and counts what
//! becomes of every segment and byte ([`Counters`]). It never allocates for a segment that comes in order, does no I/O and
//! reads no clock: time comes in with the segments and with [`Table::tick`].
//!
//! ```
//! use decode::{Flags, Segment};
//! use traffic_monitor_flow::{At, Limits, Origin, Sink, Table, Timestamp, Verdict};
//!
//! /// Joins the bytes of all connections.
//! #[derive(Default)]
//! struct Joined(Vec<u8>);
//!
//! impl Sink for Joined {
//!     type State = ();
//!
//!     fn data(&mut self, (): &mut (), _: At<'_>, bytes: &[u8]) -> Verdict {
//!         self.0.extend_from_slice(bytes);
//!         Verdict::All
//!     }
//! }
//!
//! let segment = |sequence, flags, payload: &'static [u8]| Segment {
//!     time: Timestamp::from_nanos(1_760_000_000_000_000_000),
//!     interface: 1,
//!     origin: Origin::Wire,
//!     source: ([10, 0, 0, 1], 40_000).into(),
//!     destination: ([10, 0, 0, 2], 8080).into(),
//!     sequence,
//!     acknowledgment: 0,
//!     flags,
//!     payload,
//!     payload_len: payload.len() as u32,
//! };
//! let mut table = Table::new(Limits::default());
//! let mut joined = Joined::default();
//! for part in [
//!     segment(99, Flags::SYN, b""),
//!     segment(104, Flags::PSH, b"/ HTTP/1.1"), // too early
//!     segment(100, Flags::PSH, b"GET "),
//! ] {
//!     table.segment(&part, |_| true, &mut joined);
//! }
//! assert_eq!(joined.0, b"GET / HTTP/1.1");
//! assert!(table.counters().balanced());
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod connection;
mod counters;
mod event;
mod eviction;
mod half;
mod key;
mod limits;
mod overlay;
mod parked;
mod patience;
mod receive;
mod rival;
mod sequence;
mod sink;
mod slab;
mod table;
mod time;
mod time_wait;
mod timers;
mod translation;
mod twins;
mod waiting;

pub use decode::{Origin, Timestamp};

pub use counters::{Bytes, Connections, Counters, Missed, Segments};
pub use event::{Direction, End, Flow, Missing};
pub use limits::Limits;
pub use sink::{At, Interest, Kept, Over, Sink, Unwanted, Verdict};
pub use table::Table;
