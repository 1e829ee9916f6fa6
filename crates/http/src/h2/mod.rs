//! HTTP/2 (RFC 9113), read from the side, also on connections that are older than the monitor.
//!
//! `frame` knows where frames are; `side` holds what waits of them in one direction; `session` reads the frames of both
//! directions; `requests` and `responses` take header blocks, which `hpack` decodes; `stream` and `streams` hold what is
//! open; `flood` tells attacks from traffic; `joined` recognises a connection in its middle; `upgrade` takes one over from HTTP/1.

mod flood;
mod frame;
mod hpack;
mod joined;
mod requests;
mod responses;
mod session;
mod side;
mod stream;
mod streams;
mod upgrade;

pub use flood::MAX_UNANSWERED;
pub(crate) use joined::{joined, may_be_settings};
pub(crate) use session::Http2;
pub(crate) use side::From;

/// What a client sends first (section 3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
