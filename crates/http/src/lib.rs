//! The ordered bytes of a connection to HTTP exchanges.
//!
//! Takes: [`flow::Event`]s of the two directions. Gives: [`Exchange`]s, and what cannot be read with its reason,
//! through a closure. Never: does I/O, reads a clock, guesses: what is not certain is waited for or given up with a
//! reason.
//!
//! The modules in the order in which they deal with bytes: `connection` gets the events; `detect` says what the first
//! bytes are; `h1` and `h2` read HTTP/1 and HTTP/2; `rpc` follows calls of gRPC in either; `message` has what all of
//! them give.

mod connection;
mod counters;
mod detect;
mod h1;
mod h2;
mod message;
mod rpc;

pub use connection::Connection;
pub use counters::{Counters, Reason, Unanswered};
pub use h2::MAX_UNANSWERED;
pub use message::{Body, Exchange, Fields, Grpc, Head, Keep, Protocol, RequestHead, Seen, Unreadable};
pub use rpc::Form as RpcForm;

/// The largest head that is read, in bytes: start line to empty line. Servers refuse heads of more than 8 to 64 KiB.
pub const MAX_HEAD: usize = 64 * 1024;

/// The most of a body that is kept, in bytes, whatever [`Keep`] says: ten times what an example of a body may need.
pub const MAX_KEEP: usize = 1024 * 1024;

/// How many requests wait for their responses on one connection. Clients that pipeline send tens at most.
pub const MAX_PIPELINED: usize = 128;

/// How many bytes of heads and bodies wait on one connection before further requests are handed on unanswered.
pub const MAX_WAITING: usize = 512 * 1024;
