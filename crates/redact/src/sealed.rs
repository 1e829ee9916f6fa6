//! Captured text on its way through the queue.

/// The most bytes of a query and header fields that cross the queue: twice what those of most requests have.
pub(crate) const MAX_FIELDS: usize = 4096;

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

/// The query and the header fields of a request as captured. Only the redactor opens them.
#[derive(Clone, Default)]
pub(crate) struct SealedFields {
    pub(crate) query: Vec<u8>,
    /// Lines of name, colon and value, each ended by a line feed.
    pub(crate) lines: Vec<u8>,
}

impl SealedFields {
    /// Takes in a header field, unless there are too many bytes by then.
    pub(crate) fn add(&mut self, name: &[u8], value: &[u8]) {
        if self.len() + name.len() + value.len() < MAX_FIELDS {
            self.lines.extend_from_slice(name);
            self.lines.push(b':');
            self.lines.extend_from_slice(value);
            self.lines.push(b'\n');
        }
    }

    /// The names and values of the header fields.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines.split(|byte| *byte == b'\n').filter_map(|line| {
            let (name, value) = line.split_at(memchr::memchr(b':', line)?);
            Some((name, value.get(1..)?.trim_ascii()))
        })
    }

    /// Returns the number of its bytes.
    pub(crate) fn len(&self) -> usize {
        self.query.len() + self.lines.len()
    }
}

impl std::fmt::Debug for SealedFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedFields({} bytes)", self.len())
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
