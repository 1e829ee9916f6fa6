//! Where one reader of a connection hands over to the next.

use crate::intake::Place;

/// What a connection turns into, with the bytes that are to be read as that.
pub(crate) struct Turn<'d, T> {
    /// What it is from here on.
    pub(crate) into: T,
    /// Bytes of the other direction that waited, and their place. They come first.
    pub(crate) waited: (Vec<u8>, Place),
    /// Bytes of the direction of the event.
    pub(crate) rest: &'d [u8],
    /// Their place.
    pub(crate) place: Place,
}
