//! Messages and exchanges, whichever version of HTTP they came in: what this crate gives.
//!
//! `exchange` has the types that callers get; `head` reads the fields of a message, `marks` notes where the values are
//! that are asked for of every message, and `target` reads the forms of a request target.

mod exchange;
mod head;
pub(crate) mod marks;
mod target;

pub use exchange::{Body, Exchange, Grpc, Head, Keep, Protocol, RequestHead, Seen, Unreadable};
pub use head::Fields;
