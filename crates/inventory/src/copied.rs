//! How far the store is behind.

/// How the store's copy of a body is to what is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Copied {
    /// It is the same, or there is none and none is to be.
    #[default]
    Same,
    /// It is to be written, or to be removed where there is no body any more.
    Behind,
    /// It is just being written or removed.
    Underway,
}
