//! The only form in which captured text leaves the capture worker.

use crate::{Calls, Owner};

/// What makes two exchanges teach the same: a seeded hash of owner, method, template shape, status, kind of asker, content
/// types, parameter names and, of gRPC, the way of the call. Different in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub u64);

/// An exchange with every secret and personal value replaced by a surrogate of the same kind and shape.
#[derive(Clone, Debug)]
pub struct RedactedExchange {
    /// Whose endpoint it is.
    pub owner: Owner,
    /// What it teaches, for the repeats that follow.
    pub fingerprint: Fingerprint,
    /// When the request began, in nanoseconds since the Unix epoch.
    pub time: u64,
    /// The method, a token in upper case as captured.
    pub method: String,
    /// The normal form of the path with `{name}` for each variable segment: `/users/{userId}`.
    pub template: String,
    /// The name and the surrogate of each variable segment, in order.
    pub path_params: Vec<(String, String)>,
    /// Whether a literal segment could be an id: such a template waits a settle time before it is pushed.
    pub unsettled: bool,
    /// Query parameters: name and surrogate value, in the order of first appearance, each name once.
    pub query: Vec<(String, String)>,
    /// Request headers, names in lower case, values redacted, several values of a name joined by `, `; without
    /// hop-by-hop headers, `Host` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The media type of the request body in lower case without parameters, if the request says one.
    pub request_type: Option<String>,
    /// The same for the response.
    pub response_type: Option<String>,
    /// The final status, if a response was seen.
    pub status: Option<u16>,
    /// Why this is noise (`health check`, `metrics scrape`...), if it is.
    pub noise: Option<&'static str>,
    /// How the call was made, if it is one of gRPC.
    pub calls: Option<Calls>,
    /// The request body, sealed.
    pub body: Option<SealedBody>,
}

/// Body bytes as captured. Deliberately without `Debug` of the content, `Display` and serialisation: only the
/// redactor in this crate opens it.
#[derive(Clone)]
pub struct SealedBody {
    pub(crate) bytes: Vec<u8>,
    pub(crate) whole: bool,
    pub(crate) content_type: String,
    pub(crate) content_encoding: String,
}

impl std::fmt::Debug for SealedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedBody({} bytes)", self.bytes.len())
    }
}

impl RedactedExchange {
    /// The bytes of the sealed body, 0 without one: what a queue must count.
    #[must_use]
    pub fn body_len(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.bytes.len())
    }
}

/// A body as it may be sent: redacted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedBody {
    /// Its media type.
    pub content_type: String,
    /// Its redacted text.
    pub content: String,
}

/// How often something known was seen again since it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// What was seen.
    pub fingerprint: Fingerprint,
    /// How often.
    pub count: u64,
    /// When last, in nanoseconds since the Unix epoch.
    pub last: u64,
}
