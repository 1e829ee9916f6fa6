//! What this stage gives: exchanges, and what it could not read.

use flow::Direction;

use super::marks::Marks;

/// The protocol of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

impl Protocol {
    /// The name as printed: `http/1.0`, `http/1.1`, `h2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Http10 => "http/1.0",
            Protocol::Http11 => "http/1.1",
            Protocol::Http2 => "h2",
        }
    }
}

/// The header fields of a message as captured: the block after the start line, folded lines already joined.
#[derive(Clone, Copy, Default)]
pub struct Head<'a> {
    /// The field lines, each ended by a line feed, without the empty line.
    pub(crate) lines: &'a [u8],
    /// Where among them the values stand that are asked for of every message.
    pub(crate) marks: Marks,
}

/// The head of a request, shown as soon as it is complete.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// When its first byte was seen, in nanoseconds since the Unix epoch.
    pub time: u64,
    /// The direction in which requests travel on this connection.
    pub direction: Direction,
    /// The protocol of the request.
    pub protocol: Protocol,
    /// The method, as captured; empty when it is not known (see [`RequestHead::is_known`]).
    pub method: &'a [u8],
    /// The request target, as captured (absolute-form stays absolute); empty when it is not known.
    pub target: &'a [u8],
    /// The `:authority` of HTTP/2 (RFC 9113, section 8.3.1), which stands for `Host`; empty without one.
    pub authority: &'a [u8],
    /// The header fields.
    pub headers: Head<'a>,
}

impl RequestHead<'_> {
    /// Whether method and target are known. They are not where HTTP/2 refers to what was sent before the connection was
    /// joined.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.method.is_empty() && !self.target.is_empty()
    }
}

/// The body of a message.
#[derive(Clone, Copy, Default)]
pub struct Body<'a> {
    /// Its length in bytes, after the transfer coding was removed and before any content coding is.
    pub len: u64,
    /// The beginning of it that was kept, still in its content coding; empty when none was asked for.
    pub kept: &'a [u8],
    /// Whether `kept` is the whole body.
    pub whole: bool,
}

/// A request and its response.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The request.
    pub request: RequestHead<'a>,
    /// Its body.
    pub request_body: Body<'a>,
    /// The final status; none when no final response was seen.
    pub status: Option<u16>,
    /// The header fields of the final response; empty when there was none.
    pub response_headers: Head<'a>,
    /// The body of the final response.
    pub response_body: Body<'a>,
    /// Both messages were seen to their end, without a gap.
    pub complete: bool,
    /// What gRPC says, if it is a call of gRPC, gRPC-Web or Connect.
    pub grpc: Option<Grpc>,
}

/// What is special about an exchange of gRPC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grpc {
    /// The `grpc-status`: of the trailers, of a response that is nothing but trailers, or of the end of the body. For Connect the
    /// number of its code.
    pub status: Option<u32>,
    /// How many messages the request had, as far as they were seen.
    pub request_messages: u32,
    /// How many the response had.
    pub response_messages: u32,
    /// Whether one of them was compressed.
    pub compressed: bool,
}

/// `UNIMPLEMENTED`: there is no such method.
const GRPC_UNIMPLEMENTED: u32 = 12;

impl Exchange<'_> {
    /// The status, for the question whether there is such an endpoint: gRPC answers 200 also where there is none, and says
    /// 'unimplemented' in its own status, which is 501 here.
    #[must_use]
    pub fn outcome(&self) -> Option<u16> {
        match self.grpc {
            Some(Grpc { status: Some(GRPC_UNIMPLEMENTED), .. }) => Some(501),
            _ => self.status,
        }
    }
}

/// What the parser tells its caller.
pub enum Seen<'a> {
    /// A request's head is complete and a body follows. The answer says how much of the body is kept.
    Request(RequestHead<'a>),
    /// A final response's head is complete and a body may follow. The answer says how much of the body is kept.
    Response(RequestHead<'a>, u16, Head<'a>),
    /// An exchange has ended.
    Exchange(Exchange<'a>),
    /// The connection is HTTP/2 and older than what was seen of it: names that were sent before are not known. At most once
    /// a connection, with the direction of the requests.
    Older(Direction),
    /// The connection, from here on, cannot be read. At most once a connection.
    Unreadable(Direction, Unreadable<'a>),
}

/// How many bytes of a body are to be kept: the answer to [`Seen::Request`] and [`Seen::Response`], ignored for
/// the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep(pub usize);

/// Why a connection cannot be read. The direction that comes with it is the client's where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable<'a> {
    /// TLS, with what the ClientHello says (empty when it says nothing, or was not seen).
    Tls {
        /// The server name (RFC 6066, section 3).
        server_name: &'a [u8],
        /// The protocol list of ALPN as on the wire: length-prefixed names (RFC 7301, section 3.1).
        alpn: &'a [u8],
    },
    /// HTTP/2 after an upgrade by a request that was not seen, or not to its end.
    Http2,
    /// WebSocket after an upgrade.
    WebSocket,
    /// The rest of a connection after CONNECT.
    Tunnel,
    /// Another protocol after an upgrade.
    Upgraded,
    /// Another protocol that was recognised, by its name as a metric label (`ssh`, `redis`, `postgres`...).
    Other(&'static str),
    /// Bytes that are no protocol that is known here.
    Unknown,
}

impl Unreadable<'_> {
    /// The reason as a metric label.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Unreadable::Tls { .. } => "tls",
            Unreadable::Http2 => "http2",
            Unreadable::WebSocket => "websocket",
            Unreadable::Tunnel => "tunnel",
            Unreadable::Upgraded => "upgraded",
            Unreadable::Other(name) => name,
            Unreadable::Unknown => "unknown",
        }
    }
}
