//! TCP segments to ordered bytes.
//!
//! Takes: [`decode::Segment`]s. Gives: to a [`Sink`], what each connection brings in its two directions, in order. Never: allocates for a segment that comes in order, does I/O, reads a clock (time comes in with the
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
mod sink;
mod slab;
mod table;
mod time;
mod time_wait;
mod timers;
mod waiting;

pub use decode::{Origin, Timestamp};

pub use counters::{Bytes, Connections, Counters, Missed, Segments};
pub use event::{Direction, End, Event, Flow, Missing};
pub use limits::Limits;
pub use sink::{At, Interest, Sink, Unwanted, Verdict};
pub use table::Table;
