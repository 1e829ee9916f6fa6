//! What follows HTTP/1 on a connection.

use flow::Unwanted;

use crate::h2::Http2;

/// What a response turns the connection into.
pub(crate) enum After {
    /// HTTP/2, which begins with the answer to the request that asked for it.
    Http2(Box<Http2>),
    /// Something that cannot be read.
    Unreadable(Unwanted),
}
