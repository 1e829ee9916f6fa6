//! Reads HTTP exchanges out of the ordered bytes of a connection.
//!
//! Takes what [`flow`] gives of the two directions: bytes, what is missing, ends. Gives [`Exchange`]s, and the reason
//! where something cannot be read, to a [`Sink`]. Never does I/O, reads a clock, or guesses: what is not certain is
//! waited for, or given up with a reason.
//!
//! ```
//! use flow::{At, Direction, Flow, Origin, Timestamp};
//! use traffic_monitor_http::{Connection, Counters, Exchange, Sink};
//!
//! struct Print;
//!
//! impl Sink for Print {
//!     fn exchange(&mut self, exchange: &Exchange<'_>) {
//!         let target = String::from_utf8_lossy(exchange.request.target);
//!         println!("{target} {:?}", exchange.status);
//!         assert_eq!((&*target, exchange.status), ("/cart", Some(200)));
//!     }
//! }
//!
//! let (first, second) = (([10, 0, 0, 1], 40_000).into(), ([10, 0, 0, 2], 80).into());
//! let flow = &Flow { first, second, opened: true, origin: Origin::Wire };
//! let time = Timestamp::from_nanos(0);
//! let at = |direction| At { flow, direction, time, sequence: 1, acknowledgment: 1 };
//!
//! let (mut connection, mut counters) = (Connection::default(), Counters::default());
//! let request = b"GET /cart HTTP/1.1\r\nHost: shop\r\n\r\n";
//! connection.data(at(Direction::Forward), request, &mut counters, &mut Print);
//! let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
//! connection.data(at(Direction::Backward), response, &mut counters, &mut Print);
//! assert_eq!(counters.answered, 1);
//! ```
//!
//! The modules in the order in which they deal with bytes: `connection` gets the events; `detect` says what the first
//! bytes are; `sealed` opens TLS, and `late` waits for its secrets; `h1` and `h2` read HTTP/1 and HTTP/2; `rpc` follows calls of
//! gRPC in either; `message` has what all of them give.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod connection;
mod counters;
mod detect;
mod h1;
mod h2;
mod intake;
mod late;
mod message;
mod outcome;
mod rpc;
mod sealed;
mod turn;
mod waiting;

pub use connection::Connection;
pub use counters::{ByReason, ByUnanswered, Counters, Reason, Unanswered};
pub use h2::MAX_UNANSWERED;
pub use late::PATIENCE;
pub use message::{
    Begun, Body, EVERYDAY, Exchange, Fields, Grpc, Head, Keep, Protocol, RequestHead, Sink, Unreadable,
};
pub use outcome::{ByTlsOutcome, TlsConnections, TlsOutcome};
pub use rpc::Form as RpcForm;

/// The longest method that is believed, in bytes. The longest registered one (`UPDATEREDIRECTREF`) has 17.
pub const MAX_METHOD: usize = 32;

/// The most of a head that is kept, in bytes: start line to empty line. Most servers refuse heads of more than 8 to 64 KiB. Of
/// larger ones, of up to a MiB, the start line and the fields that fit are read.
pub const MAX_HEAD: usize = 64 * 1024;

/// The most bytes of a body that are kept, whatever [`Keep`] says: ten times what an example of a body may need.
pub const MAX_KEEP: usize = 1024 * 1024;

/// The most requests of one connection that wait for their responses. Clients that pipeline send tens, load generators
/// hundreds. Beyond it, the oldest are handed on unanswered.
pub const MAX_PIPELINED: usize = 1024;

/// The most bytes of heads and bodies that wait on one connection. Beyond it, the oldest requests are handed on unanswered.
pub const MAX_WAITING: usize = 512 * 1024;
