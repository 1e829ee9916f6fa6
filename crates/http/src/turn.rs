//! Where one reader of a connection hands over to the next.

use flow::Timestamp;

/// What a connection turns into, with the bytes that are to be read as that.
pub(crate) struct Turn<'d, T> {
    /// What it is from here on.
    pub(crate) into: T,
    /// The time of the bytes.
    pub(crate) time: Timestamp,
    /// Bytes of the other direction that waited. They come first.
    pub(crate) waited: Vec<u8>,
    /// Bytes of the direction of the event.
    pub(crate) rest: &'d [u8],
}
