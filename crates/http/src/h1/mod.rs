//! HTTP/1 (RFC 9112): the messages of the two directions, one after the other.
//!
//! `session` knows what concerns both directions. `request` and `response` read the messages with `half` (a head that comes in pieces), `line`, `fields` and `body`
//! (their syntax; `scan` finds the ends of lines) and `resync` (finds a message again after bytes are missing), `cut` (heads of
//! which the capture has the beginning);
//! `pairing` holds the requests that are `pending`, those behind the first in `others`, and says which of them a response
//! answers; `habit` is how their client asks, and `stand` where a message is in both streams.

mod after;
mod body;
mod cut;
mod fields;
mod habit;
pub(crate) mod half;
pub(crate) mod line;
mod others;
mod pairing;
mod pending;
mod request;
mod response;
pub(crate) mod resync;
mod scan;
mod session;
mod stand;
pub(crate) mod token;

pub(crate) use after::After;
pub(crate) use body::Body;
pub(crate) use session::Http1;
pub(crate) use stand::Before;
