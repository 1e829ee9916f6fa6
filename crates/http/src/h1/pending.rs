//! A request that waits for its end or for its response.

use flow::{Direction, Timestamp};

use super::fields::Block;
use super::line::RequestLine;
use super::stand::{Before, Stand};
use crate::counters::Unanswered;
use crate::intake::reaches;
use crate::message::marks::{Mark, Marks};
use crate::message::{Body, Exchange, Head, Making, Progress, Protocol, RequestHead, Sink, recycle};
use crate::rpc::{Rpc, number};

/// A request, and as much of its response as was copied.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The request's start line and fields, what is kept of its body, the response's fields, what is kept of its body.
    bytes: Vec<u8>,
    time: Timestamp,
    pub(super) making: Making<Box<Rpc>>,
    target_end: u32,
    fields_start: u32,
    fields_end: u32,
    response_fields: u32,
    marks: Marks,
    response_type: Mark,
    /// 0 until the final response began.
    status: u16,
    method_end: u8,
    protocol: Protocol,
    /// What is known of what the client sent before it.
    pub(crate) before: Before,
    /// Where it stands in both streams.
    pub(crate) stand: Stand,
    /// No response is waited for, for this reason.
    pub(crate) unpaired: Option<Unanswered>,
}

impl Default for Pending {
    fn default() -> Pending {
        Pending {
            bytes: Vec::new(),
            time: Timestamp::from_nanos(0),
            making: Making::default(),
            target_end: 0,
            fields_start: 0,
            fields_end: 0,
            response_fields: 0,
            marks: Marks::default(),
            response_type: Mark::default(),
            status: 0,
            method_end: 0,
            protocol: Protocol::Http11,
            before: Before::Known,
            stand: Stand::default(),
            unpaired: None,
        }
    }
}

/// An offset into what is kept, which [`crate::MAX_HEAD`] and [`crate::MAX_KEEP`] keep far below 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Pending {
    /// Begins with this request, whose first byte came at `time`.
    pub(crate) fn begin(
        &mut self,
        head: &[u8],
        line: RequestLine,
        block: Block,
        time: Timestamp,
        stand: Stand,
    ) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let head = head.get(..block.end).unwrap_or_default();
        bytes.reserve_exact(head.len());
        bytes.extend_from_slice(head);
        *self = Pending {
            bytes,
            time,
            stand,
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
            let call = Rpc::of(&self.request_head(Direction::Forward));
            self.making.follow(call.map(Box::new));
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

    pub(super) fn add_to_request(&mut self, data: &[u8]) {
        self.making.add_to_request(data, &mut self.bytes);
    }

    pub(super) fn add_to_response(&mut self, data: &[u8]) {
        self.making.add_to_response(data, &mut self.bytes);
    }

    /// Begins the final response. Nothing more of the request's body is kept from here on.
    pub(super) fn respond(&mut self, status: u16, fields: Head<'_>) {
        self.making.respond(status);
        self.status = status;
        self.response_fields = offset(fields.lines.len());
        self.response_type = fields.marks.content_type;
        self.bytes.extend_from_slice(fields.lines);
    }

    /// Returns whether the final response began.
    pub(crate) fn responded(&self) -> bool {
        self.status != 0
    }

    /// Returns whether its client asked to be told whether to send the body (RFC 9110, section 10.1.1).
    pub(crate) fn expects(&self) -> bool {
        self.request_head(Direction::Forward).headers.lists("expect", "100-continue")
    }

    /// Returns whether its server had it that had the client's stream up to there.
    pub(crate) fn is_taken(&self, taken: u32) -> bool {
        reaches(taken, self.stand.client)
    }

    /// Returns whether nothing more is to come.
    pub(crate) fn ended(&self) -> bool {
        let Making { request, response, .. } = self.making;
        request != Progress::Open && (response != Progress::Open || self.unpaired.is_some())
    }

    /// The exchange as far as it was read.
    pub(crate) fn exchange(&self, direction: Direction) -> Exchange<'_> {
        let fields = self.fields_end + self.making.kept_of_request();
        let body = fields + self.response_fields;
        let kept = self.slice(body, body + self.making.kept_of_response());
        let marks = Marks { content_type: self.response_type, ..Marks::default() };
        let headers = Head { lines: self.slice(fields, body), marks };
        let status = self.responded().then_some(self.status);
        let body = status.map_or(Body::default(), |_| self.making.response_body(kept));
        let mut exchange = self.with_response(direction, headers, body);
        exchange.status = status;
        exchange.complete &= status.is_some() && self.making.response == Progress::Ended;
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
        self.making.whole_response(status, bytes);
        Exchange { status: Some(status), ..self.with_response(direction, headers, body) }
    }

    fn with_response<'a>(&'a self, direction: Direction, headers: Head<'a>, body: Body<'a>) -> Exchange<'a> {
        let kept = self.slice(self.fields_end, self.fields_end + self.making.kept_of_request());
        Exchange {
            request: self.request_head(direction),
            request_body: self.making.request_body(kept),
            status: None,
            response_headers: headers,
            response_body: body,
            complete: !self.making.gapped && self.making.request == Progress::Ended,
            grpc: self.making.grpc(|| headers.get("grpc-status").and_then(number)),
            told: self.making.is_told(),
        }
    }

    /// Shows the sink an exchange whose answer goes on.
    pub(super) fn show<S: Sink>(&mut self, direction: Direction, sink: &mut S) {
        self.making.begun = sink.begun(&self.exchange(direction));
    }

    /// Returns whether its answer has gone on for long, and the sink does not know.
    pub(super) fn goes_on(&self, now: Timestamp) -> bool {
        self.making.begun.is_due(self.time, now)
    }

    /// Bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity() + if self.making.is_call() { size_of::<Rpc>() } else { 0 }
    }

    /// Makes ready for another request.
    pub(crate) fn recycle(&mut self) {
        recycle(&mut self.bytes);
        self.making.follow(None);
    }

    fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }
}
