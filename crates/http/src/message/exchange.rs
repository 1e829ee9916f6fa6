//! An exchange, as it is given to the sink.

use flow::{Direction, Timestamp};

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
    /// Returns the name as printed: `http/1.0`, `http/1.1`, `h2`.
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
    /// When its first byte was seen.
    pub time: Timestamp,
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
    /// Returns whether method and target are known. They are not where HTTP/2 refers to names that were sent before the
    /// connection was joined.
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
    /// The status and messages of the call, if it is one of gRPC, gRPC-Web or Connect.
    pub grpc: Option<Grpc>,
    /// Whether the sink took it before its end ([`crate::Sink::begun`]).
    pub told: bool,
}

/// The status and messages of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grpc {
    /// The `grpc-status`: of the trailers, of a response that is nothing but trailers, or of the end of the body. For Connect the
    /// number of its code.
    pub status: Option<u32>,
    /// The number of messages of the request that were seen.
    pub request_messages: u32,
    /// The number of messages of the response that were seen.
    pub response_messages: u32,
    /// Whether one of them was compressed.
    pub compressed: bool,
}

/// Statuses of gRPC that say of a call what statuses of HTTP say elsewhere
/// (<https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>): permission denied, no such method, unauthenticated.
const GRPC_STATUSES: [(u32, u16); 3] = [(7, 403), (12, 501), (16, 401)];

impl Exchange<'_> {
    /// Returns the status as far as it says whether there is such an endpoint. gRPC answers 200 even where there is none or the
    /// caller is refused, and says so in a status of its own, for which this returns 501, 401 or 403.
    #[must_use]
    pub fn outcome(&self) -> Option<u16> {
        let call = self.grpc.and_then(|grpc| grpc.status);
        let known = GRPC_STATUSES.iter().find(|(status, _)| Some(*status) == call);
        known.map(|(_, status)| *status).or(self.status)
    }
}
