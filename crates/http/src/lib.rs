//! The ordered bytes of a connection to HTTP exchanges.
//!
//! Takes: [`flow::Event`]s of the two directions. Gives: [`Exchange`]s, and what cannot be read with its reason,
//! through a closure. Never: does I/O, reads a clock, guesses: what is not certain is waited for or given up with a
//! reason.

mod exchange;

pub use exchange::{Body, Exchange, Head, Keep, Protocol, RequestHead, Seen, Unreadable};
