//! A request that waits for its end or for its response.

use flow::Direction;

use super::fields::Block;
use super::line::RequestLine;
use crate::counters::Unanswered;
use crate::message::marks::{Mark, Marks};
use crate::message::{Body, Exchange, Head, Protocol, RequestHead};
use crate::rpc::{Rpc, number};

/// How much capacity of a buffer is kept for the next message: the head of a usual request, so that a keep-alive
/// connection allocates nothing, and an idle one holds little.
const KEPT_CAPACITY: usize = 1024;

/// Empties a buffer, and gives it back when it is large.
pub(crate) fn recycle(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEPT_CAPACITY {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}

/// How far a message was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More of it may come.
    #[default]
    Open,
    /// To its end.
    Ended,
    /// No more of it can be read, though it has not ended.
    Cut,
}

/// The body of a message that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growing {
    len: u64,
    kept: u32,
    /// How many more bytes are to be kept.
    wanted: u32,
}

impl Growing {
    /// How much is to be kept.
    pub(crate) fn keep(&mut self, bytes: usize) {
        self.wanted = offset(bytes);
    }

    /// Nothing more is to be kept.
    pub(crate) fn stop(&mut self) {
        self.wanted = 0;
    }

    /// How much was kept.
    pub(crate) fn kept(self) -> usize {
        self.kept as usize
    }

    pub(crate) fn add(&mut self, data: &[u8], buffer: &mut Vec<u8>) {
        self.len += data.len() as u64;
        if self.wanted > 0 {
            let kept = data.get(..self.wanted as usize).unwrap_or(data);
            buffer.extend_from_slice(kept);
            self.kept += offset(kept.len());
            self.wanted -= offset(kept.len());
        }
    }

    /// Bytes that are not here: what is kept is a beginning, so it ends before them.
    pub(crate) fn miss(&mut self, bytes: u64) {
        self.len = self.len.saturating_add(bytes);
        self.wanted = 0;
    }

    pub(crate) fn body(self, kept: &[u8], progress: Progress) -> Body<'_> {
        Body { len: self.len, kept, whole: progress == Progress::Ended && kept.len() as u64 == self.len }
    }
}

/// A request, and as much of its response as was copied.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The request's start line and fields, what is kept of its body, the response's fields, what is kept of its body.
    bytes: Vec<u8>,
    time: u64,
    request_body: Growing,
    response_body: Growing,
    target_end: u32,
    fields_start: u32,
    fields_end: u32,
    response_fields: u32,
    marks: Marks,
    response_marks: Marks,
    /// 0 until the final response began.
    status: u16,
    method_end: u8,
    protocol: Protocol,
    pub(crate) request: Progress,
    pub(crate) response: Progress,
    /// There was no gap in what was read.
    pub(crate) intact: bool,
    /// Its response may have been in a gap.
    pub(crate) response_lost: bool,
    /// No response is waited for, for this reason.
    pub(crate) unpaired: Option<Unanswered>,
    /// What is followed of a call of gRPC-Web or Connect.
    rpc: Option<Box<Rpc>>,
}

impl Default for Pending {
    fn default() -> Pending {
        Pending {
            bytes: Vec::new(),
            time: 0,
            request_body: Growing::default(),
            response_body: Growing::default(),
            target_end: 0,
            fields_start: 0,
            fields_end: 0,
            response_fields: 0,
            marks: Marks::default(),
            response_marks: Marks::default(),
            status: 0,
            method_end: 0,
            protocol: Protocol::Http11,
            request: Progress::Open,
            response: Progress::Open,
            intact: true,
            response_lost: false,
            unpaired: None,
            rpc: None,
        }
    }
}

/// An offset into what is kept, which [`crate::MAX_HEAD`] and [`crate::MAX_KEEP`] keep far below 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Pending {
    /// Begins with this request, whose first byte came at `time`.
    pub(crate) fn begin(&mut self, head: &[u8], line: RequestLine, block: Block, time: u64) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let head = head.get(..block.end).unwrap_or_default();
        bytes.reserve_exact(head.len());
        bytes.extend_from_slice(head);
        *self = Pending {
            bytes,
            time,
            target_end: offset(line.target_end),
            fields_start: offset(block.start),
            fields_end: offset(block.end),
            marks: block.marks,
            method_end: u8::try_from(line.method_end).unwrap_or(u8::MAX),
            protocol: line.protocol,
            ..Pending::default()
        };
        // Most requests say no media type, and are no calls.
        if block.marks.content_type != Mark::default() {
            self.rpc = Rpc::of(&self.request_head(Direction::Forward)).map(Box::new);
        }
    }

    pub(crate) fn method(&self) -> &[u8] {
        self.slice(0, u32::from(self.method_end))
    }

    pub(crate) fn request_head(&self, direction: Direction) -> RequestHead<'_> {
        RequestHead {
            time: self.time,
            direction,
            protocol: self.protocol,
            method: self.method(),
            target: self.slice(u32::from(self.method_end) + 1, self.target_end).trim_ascii(),
            authority: &[],
            headers: Head { lines: self.slice(self.fields_start, self.fields_end), marks: self.marks },
        }
    }

    /// How much of the request's body is to be kept.
    pub(crate) fn keep_request(&mut self, bytes: usize) {
        self.request_body.wanted = offset(bytes);
    }

    /// Whether more of the request's body is to be kept.
    pub(crate) fn wants_request(&self) -> bool {
        self.request_body.wanted > 0 || self.rpc.is_some()
    }

    /// Whether more of the response's body is to be kept.
    pub(crate) fn wants_response(&self) -> bool {
        self.response_body.wanted > 0 || self.rpc.is_some()
    }

    pub(crate) fn add_to_request(&mut self, data: &[u8]) {
        self.request_body.add(data, &mut self.bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.add_to_request(data);
        }
    }

    pub(crate) fn miss_in_request(&mut self, bytes: u64) {
        self.request_body.miss(bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.miss_in_request(bytes);
        }
    }

    /// Whether bytes of the request's body came.
    pub(crate) fn has_request_body(&self) -> bool {
        self.request_body.len > 0
    }

    /// Begins the final response. Nothing more of the request's body is kept from here on.
    pub(crate) fn respond(&mut self, status: u16, fields: Head<'_>) {
        self.request_body.wanted = 0;
        self.response_lost = false;
        self.status = status;
        self.response_fields = offset(fields.lines.len());
        self.response_marks = fields.marks;
        self.bytes.extend_from_slice(fields.lines);
        if let Some(rpc) = &mut self.rpc {
            rpc.respond(status);
        }
    }

    /// How much of the response's body is to be kept.
    pub(crate) fn keep_response(&mut self, bytes: usize) {
        self.response_body.wanted = offset(bytes);
    }

    pub(crate) fn add_to_response(&mut self, data: &[u8]) {
        self.response_body.add(data, &mut self.bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.add_to_response(data);
        }
    }

    pub(crate) fn miss_in_response(&mut self, bytes: u64) {
        self.response_body.miss(bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.miss_in_response(bytes);
        }
    }

    /// Whether the final response began.
    pub(crate) fn responded(&self) -> bool {
        self.status != 0
    }

    /// Whether nothing more is to come.
    pub(crate) fn ended(&self) -> bool {
        self.request != Progress::Open && (self.response != Progress::Open || self.unpaired.is_some())
    }

    /// The exchange as far as it was read.
    pub(crate) fn exchange(&self, direction: Direction) -> Exchange<'_> {
        let fields = self.fields_end + self.request_body.kept;
        let body = fields + self.response_fields;
        let kept = self.slice(body, body + self.response_body.kept);
        let headers = Head { lines: self.slice(fields, body), marks: self.response_marks };
        let status = self.responded().then_some(self.status);
        let body = status.map_or(Body::default(), |_| self.response_body.body(kept, self.response));
        let mut exchange = self.with_response(direction, headers, body);
        exchange.status = status;
        exchange.complete &= status.is_some() && self.response == Progress::Ended;
        exchange
    }

    /// The exchange with a whole response that stands in the captured bytes.
    #[inline]
    pub(crate) fn exchange_with<'a>(
        &'a mut self,
        direction: Direction,
        status: u16,
        headers: Head<'a>,
        body: Body<'a>,
        bytes: &[u8],
    ) -> Exchange<'a> {
        if let Some(rpc) = &mut self.rpc {
            rpc.respond(status);
            rpc.add_to_response(bytes);
        }
        Exchange { status: Some(status), ..self.with_response(direction, headers, body) }
    }

    fn with_response<'a>(&'a self, direction: Direction, headers: Head<'a>, body: Body<'a>) -> Exchange<'a> {
        let kept = self.slice(self.fields_end, self.fields_end + self.request_body.kept);
        Exchange {
            request: self.request_head(direction),
            request_body: self.request_body.body(kept, self.request),
            status: None,
            response_headers: headers,
            response_body: body,
            complete: self.intact && self.request == Progress::Ended,
            grpc: self.rpc.as_ref().map(|rpc| rpc.grpc(headers.get("grpc-status").and_then(number))),
        }
    }

    /// Bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity() + self.rpc.as_ref().map_or(0, |_| size_of::<Rpc>())
    }

    /// Makes ready for another request.
    pub(crate) fn recycle(&mut self) {
        recycle(&mut self.bytes);
        self.rpc = None;
    }

    fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }
}
