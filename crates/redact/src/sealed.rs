//! Captured text on its way through the queue.

/// Body bytes as captured. Deliberately without `Debug` of the content, `Display` and serialisation: only the redactor
/// opens it.
#[derive(Clone)]
pub(crate) struct SealedBody {
    pub(crate) bytes: Vec<u8>,
    pub(crate) whole: bool,
    pub(crate) content_type: String,
    pub(crate) content_encoding: String,
}

impl SealedBody {
    /// Returns the number of its bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl std::fmt::Debug for SealedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedBody({} bytes)", self.bytes.len())
    }
}

/// A path as captured. Only [`crate::Paths`] opens it.
#[derive(Clone)]
pub(crate) enum SealedPath {
    /// A path without its query, which may hold anything.
    Captured(Vec<u8>),
    /// The name of a method of gRPC, or `*`: no part of it is a variable.
    Fixed(String),
}

impl std::fmt::Debug for SealedPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedPath")
    }
}
