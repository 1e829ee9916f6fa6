//! What the redactor gives: the only forms in which captured text leaves the capture thread.
//!
//! The fields are private, so nobody else can make one of these.

use decode::Timestamp;

use crate::auth::claims::SealedToken;
use crate::auth::{Carrier, Claims, Credentials};
use crate::calls::Calls;
use crate::novelty::{Fingerprint, Route};
use crate::operations::found::Found;
use crate::operations::given_up::GivenUp;
use crate::operations::operation::Operation;
use crate::owner::Owner;
use crate::paths::may_describe;
use crate::sealed::{SealedBody, SealedFields, SealedPath};
use crate::shape::{Shape, Shapes};
use crate::signature::{Signature, is_page};

/// An exchange with every secret and personal value replaced by a surrogate of the same kind and shape.
///
/// Only [`Redactor::exchange`](crate::Redactor::exchange) makes one:
///
/// ```compile_fail,E0451
/// fn forge(redacted: traffic_monitor_redact::RedactedExchange) -> traffic_monitor_redact::RedactedExchange {
///     traffic_monitor_redact::RedactedExchange { template: "/captured".to_owned(), ..redacted }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RedactedExchange {
    pub(crate) owner: Owner,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) route: Route,
    /// Whether the worker keeps the bodies of all requests of its route.
    pub(crate) followed: bool,
    pub(crate) time: Timestamp,
    pub(crate) method: String,
    pub(crate) path: Option<SealedPath>,
    pub(crate) template: String,
    pub(crate) path_params: Vec<(String, String)>,
    pub(crate) path_shape: Shape,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) request_type: Option<String>,
    pub(crate) response_type: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) noise: Option<&'static str>,
    pub(crate) calls: Option<Calls>,
    pub(crate) signature: Option<Signature>,
    pub(crate) connection: u32,
    pub(crate) credentials: Credentials,
    pub(crate) carriers: Vec<Carrier>,
    pub(crate) token: Option<SealedToken>,
    pub(crate) claims: Option<Claims>,
    pub(crate) came_over_tls: bool,
    pub(crate) left_out: u32,
    /// Whether it was handed on before, when its answer began.
    pub(crate) told: bool,
    pub(crate) body: Option<SealedBody>,
    /// The answer's body, or its beginning.
    pub(crate) answer: Option<SealedBody>,
    /// Query and header, if they are to teach something, or the request's body is.
    pub(crate) fields: Option<SealedFields>,
    /// Whether they and the request's body are to teach a shape.
    pub(crate) teaches: bool,
    /// Hashes of the names of the outermost fields of the answer, once that was opened.
    pub(crate) answer_fields: Vec<u32>,
    /// The paths of the description that the answer is, once that was opened.
    pub(crate) describes: Option<Vec<String>>,
}

impl RedactedExchange {
    /// Returns whose endpoint it is.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Returns what it teaches, for the repeats that follow.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns the route that the worker has to follow, if the requests of this one ask for something beside their URL; none where
    /// it does already.
    #[must_use]
    pub fn to_follow(&self, opened: &OpenedBody) -> Option<Route> {
        (!self.followed && !opened.operations().is_empty()).then_some(self.route)
    }

    /// Returns how many requests it adds to those that were told: none where it was told when its answer began, and ends now.
    #[must_use]
    pub fn requests(&self) -> u64 {
        u64::from(!self.told)
    }

    /// Returns when the request began.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Returns the method, a token in upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the normal form of the path with `{name}` for each variable, and `{?key}` for what is not decided:
    /// `/users/{userId}`. Empty until [`Paths::open`](crate::Paths::open) opened the path.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Returns whether its answer may be the description of the API that its Service serves.
    pub(crate) fn may_describe(&self) -> bool {
        let path = match &self.path {
            Some(SealedPath::Captured(path)) => path,
            _ => return false,
        };
        self.method == "GET" && self.status == Some(200) && may_describe(path)
    }

    /// Returns the path of a call of gRPC, whether it was opened or not; of others the template.
    pub(crate) fn fixed_path(&self) -> &str {
        match &self.path {
            Some(SealedPath::Fixed(path)) => path,
            _ => &self.template,
        }
    }

    /// Returns the name and the surrogate of each variable, in order; none until the path was opened. What is
    /// not decided has its key with `?` for a name.
    #[must_use]
    pub fn path_params(&self) -> &[(String, String)] {
        &self.path_params
    }

    /// Returns the shape of an object that has the values of the variables under their names, those that are not decided left
    /// out; empty until the path was opened.
    #[must_use]
    pub fn path_shape(&self) -> &Shape {
        &self.path_shape
    }

    /// Returns the query parameters: name and surrogate value, in the order of first appearance, each name once.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// Returns the request headers: names in lower case, values redacted, several values of a name joined by `, `;
    /// without hop-by-hop headers, `Host` and `Content-Length`.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the media type of the request body in lower case without parameters, if the request says one.
    #[must_use]
    pub fn request_type(&self) -> Option<&str> {
        self.request_type.as_deref()
    }

    /// Returns the media type of the response body, in the same form.
    #[must_use]
    pub fn response_type(&self) -> Option<&str> {
        self.response_type.as_deref()
    }

    /// Returns the final status, if a response was seen.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns why this is noise (`health check`, `metrics scrape`...), if it is.
    #[must_use]
    pub fn noise(&self) -> Option<&'static str> {
        self.noise
    }

    /// Returns how the call was made, if it is one of gRPC.
    #[must_use]
    pub fn calls(&self) -> Option<Calls> {
        self.calls
    }

    /// Returns what makes its answer the same as others, if a wall may give such an answer and it was seen whole.
    #[must_use]
    pub fn signature(&self) -> Option<Signature> {
        self.signature
    }

    /// Returns whether its answer is a page for people, as a single-page application gives for every path.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.status.is_some_and(|status| is_page(status, self.response_type.as_deref()))
    }

    /// Returns a number for the connection of a refusal, the same for all on it while this process runs.
    #[must_use]
    pub fn connection(&self) -> u32 {
        self.connection
    }

    /// Returns which kinds of credentials the request carries.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials
    }

    /// Returns under which names it carries them; none until [`Redactor::open`](crate::Redactor::open) opened it.
    #[must_use]
    pub fn carriers(&self) -> &[Carrier] {
        &self.carriers
    }

    /// Returns what its bearer token says, if that is a JWT; none until it was opened.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// Returns whether the client came over TLS: to the server, or, as a proxy says, to the proxy, where it ends.
    #[must_use]
    pub fn came_over_tls(&self) -> bool {
        self.came_over_tls
    }

    /// Takes note that it was captured on a TLS connection.
    #[must_use]
    pub fn over_tls(self) -> RedactedExchange {
        RedactedExchange { came_over_tls: true, ..self }
    }

    /// Returns the number of names of headers, parameters and cookies that were left out: there were too many, or they
    /// were too long, or values in the place of names.
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Returns the bytes that are sealed, of the bodies of request and answer, the query, the header and a token: what a queue
    /// must count.
    #[must_use]
    pub fn body_len(&self) -> usize {
        let bodies: usize = [&self.body, &self.answer].into_iter().flatten().map(SealedBody::len).sum();
        let fields = self.fields.as_ref().map_or(0, SealedFields::len);
        bodies + fields + self.token.as_ref().map_or(0, SealedToken::len)
    }
}

/// A body as it may be sent: redacted text.
///
/// Only [`Redactor::open`](crate::Redactor::open) makes one:
///
/// ```compile_fail,E0451
/// let forged = traffic_monitor_redact::RedactedBody { content_type: "text/plain".to_owned(), content: "captured".to_owned() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedBody {
    pub(crate) content_type: String,
    pub(crate) content: String,
}

impl RedactedBody {
    /// Returns its media type.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Returns its redacted text.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }
}

/// What the bodies of an exchange teach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenedBody {
    pub(crate) shapes: Shapes,
    pub(crate) example: Option<RedactedBody>,
    pub(crate) fields: Vec<String>,
    pub(crate) reason: Option<Unopened>,
    pub(crate) left_out: u32,
    pub(crate) operations: Found,
}

impl OpenedBody {
    /// Returns the operations that the request asked for, in their order; at most 64.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations.operations
    }

    /// Returns why operations that the request asked for have no name, each time.
    #[must_use]
    pub fn unnamed_operations(&self) -> &[GivenUp] {
        &self.operations.given_up
    }

    /// Returns the body with its secrets replaced, if it is text.
    #[must_use]
    pub fn example(&self) -> Option<&RedactedBody> {
        self.example.as_ref()
    }

    /// Returns the names of its fields, outermost only, at most 64. Names are chosen by strangers: values in their place
    /// are left out.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Returns the shapes of its parameters, its request and its response.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Returns why a body that was there gave no example.
    #[must_use]
    pub fn reason(&self) -> Option<Unopened> {
        self.reason
    }

    /// Returns the number of names of fields that were left out: there were too many, or they were values.
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.left_out
    }
}

/// Why a body gave no example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// Its media type or its bytes are not those of a text.
    Binary,
    /// It says that it is JSON, and is not.
    NotJson,
    /// It says that it is a multipart form, and is not.
    NotMultipart,
    /// So little of it was kept that no field is whole.
    Cut,
    /// There is no text in it.
    Empty,
    /// Its example would be longer than 16 KiB.
    TooLong,
    /// Its content coding is not known.
    CodingUnknown,
    /// Its content coding is broken from the start.
    CodingBroken,
    /// To undo its content coding would take too much memory.
    CodingTooLarge,
    /// It has too many content codings.
    TooManyCodings,
}
