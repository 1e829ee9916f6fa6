//! TCP segments to ordered bytes.
//!
//! Takes: [`decode::Segment`]s. Gives: for each connection the [`Event`]s of its two directions in order, through a
//! closure. Never: allocates for a segment that comes in order, does I/O, reads a clock (time comes in with the
//! segments and with [`Table::tick`]).

mod connection;
mod counters;
mod event;
mod eviction;
mod key;
mod limits;
mod patience;
mod receive;
mod sequence;
mod slab;
mod table;
mod time;
mod time_wait;
mod timers;
mod waiting;

pub use decode::Timestamp;

pub use counters::{Bytes, Connections, Counters, Missed, Segments};
pub use event::{Direction, End, Event, Flow, Interest, Missing, Verdict};
pub use limits::Limits;
pub use table::Table;
