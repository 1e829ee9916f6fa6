//! Messages and exchanges, whichever version of HTTP they came in.
//!
//! `sink` and `exchange` have what callers see; `head` reads the fields of a message, `marks` notes where the values
//! are that are asked for of every message, and `target` reads the forms of a request target. `making` holds an
//! exchange while its messages are read, with bodies that are `growing`; `begun` says
//! which are shown before their end; `ending` counts it and gives it to the sink.

mod begun;
mod ending;
pub(crate) mod everyday;
mod exchange;
mod growing;
mod head;
mod making;
pub(crate) mod marks;
mod sink;
mod target;

pub use begun::Begun;
pub(crate) use begun::may_go_on;
pub use everyday::EVERYDAY;
pub use exchange::{Body, Exchange, Grpc, Head, Protocol, RequestHead};
pub(crate) use growing::{Progress, recycle};
pub use head::Fields;
pub(crate) use making::Making;
pub use sink::{Keep, Sink, Unreadable};
