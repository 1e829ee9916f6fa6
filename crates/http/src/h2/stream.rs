//! A stream: one request and its response.

use flow::{Direction, Timestamp};

use super::hpack::{List, offset};
use crate::message::{Exchange, Grpc, Head, Making, Progress, Protocol, RequestHead, Sink, recycle};
use crate::rpc::Rpc;

/// A stream that is open, or that waits to be used again.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The request's list, what is kept of its body, the response's list, what is kept of its body.
    pub(crate) text: Vec<u8>,
    /// How much of the capacity of `text` is counted.
    pub(super) counted: usize,
    pub(crate) time: Timestamp,
    pub(crate) protocol: Protocol,
    pub(crate) request_list: List,
    pub(crate) response_list: List,
    pub(crate) making: Making<Rpc>,
    /// Where in the text what is kept of the bodies begins.
    pub(crate) request_body_at: u32,
    pub(crate) response_body_at: u32,
    /// The final response began, whether or not its status is known.
    pub(crate) responded: bool,
    /// Where in the client's stream its list ends, if the server may not have taken it.
    pub(crate) end: Option<u32>,
    /// When that may have been its response, if it may.
    pub(crate) lost: Option<Timestamp>,
    /// The `grpc-status` of the trailers.
    pub(crate) grpc_status: Option<u32>,
}

impl Default for Stream {
    fn default() -> Stream {
        Stream {
            text: Vec::new(),
            counted: 0,
            time: Timestamp::from_nanos(0),
            protocol: Protocol::Http2,
            request_list: List::default(),
            response_list: List::default(),
            making: Making::default(),
            request_body_at: 0,
            response_body_at: 0,
            responded: false,
            end: None,
            lost: None,
            grpc_status: None,
        }
    }
}

impl Stream {
    /// A request, whose list is in `text`.
    pub(crate) fn begin(&mut self, text: Vec<u8>, list: List, time: Timestamp, protocol: Protocol) {
        let counted = self.counted;
        let at = offset(text.len());
        *self = Stream {
            text,
            counted,
            time,
            protocol,
            request_list: list,
            request_body_at: at,
            ..Stream::default()
        };
        let call = Rpc::of(&self.request_head(Direction::Forward));
        self.making.follow(call);
    }

    /// The final response, whose list was added to the text. Nothing more of the request's body is kept from here on.
    pub(crate) fn respond(&mut self, list: List) {
        self.making.respond(list.status);
        self.responded = true;
        self.grpc_status = list.grpc_status;
        self.response_list = list;
        self.response_body_at = offset(self.text.len());
    }

    pub(crate) fn add_to_request(&mut self, data: &[u8]) {
        self.making.add_to_request(data, &mut self.text);
    }

    pub(crate) fn add_to_response(&mut self, data: &[u8]) {
        self.making.add_to_response(data, &mut self.text);
    }

    /// Its request and its response have ended, or nothing more of the request can be read.
    pub(crate) fn ended(&self) -> bool {
        self.making.request != Progress::Open && self.making.response != Progress::Open
    }

    pub(crate) fn request_head(&self, direction: Direction) -> RequestHead<'_> {
        let (list, text) = (&self.request_list, &self.text);
        let (method, authority) = (list.method.of(text), list.authority.of(text));
        let path = list.path.of(text);
        RequestHead {
            time: self.time,
            direction,
            protocol: self.protocol,
            method,
            // A CONNECT that is not extended has none (RFC 9113, section 8.5).
            target: if path.is_empty() && method == b"CONNECT" { authority } else { path },
            authority,
            headers: Head { lines: list.fields.of(text), marks: list.marks },
        }
    }

    /// The fields of the response.
    pub(crate) fn response_head(&self) -> Head<'_> {
        Head { lines: self.response_list.fields.of(&self.text), marks: self.response_list.marks }
    }

    /// The exchange as far as it was read.
    pub(crate) fn exchange(&self, direction: Direction) -> Exchange<'_> {
        let status = (self.response_list.status != 0).then_some(self.response_list.status);
        let making = &self.making;
        let ended = making.request == Progress::Ended && making.response == Progress::Ended;
        Exchange {
            request: self.request_head(direction),
            request_body: making.request_body(self.kept(self.request_body_at, making.kept_of_request())),
            status,
            response_headers: self.response_head(),
            response_body: making.response_body(self.kept(self.response_body_at, making.kept_of_response())),
            complete: ended && !making.gapped && status.is_some(),
            grpc: self.grpc(),
            told: making.is_told(),
        }
    }

    /// Shows the sink an exchange whose answer goes on.
    pub(super) fn show<S: Sink>(&mut self, direction: Direction, sink: &mut S) {
        self.making.begun = sink.begun(&self.exchange(direction));
    }

    /// Returns whether its answer has gone on for long, and the sink does not know.
    pub(super) fn goes_on(&self, now: Timestamp) -> bool {
        let answered = self.response_list.status != 0 && self.making.response == Progress::Open;
        answered && self.making.begun.is_due(self.time, now)
    }

    fn kept(&self, at: u32, len: u32) -> &[u8] {
        self.text.get(at as usize..(at + len) as usize).unwrap_or_default()
    }

    fn grpc(&self) -> Option<Grpc> {
        let status = self.grpc_status;
        // Its content type may not be known.
        self.making.grpc(|| status).or_else(|| status.map(|_| Grpc { status, ..Grpc::default() }))
    }

    /// Makes ready for another request.
    pub(crate) fn reset(&mut self) {
        recycle(&mut self.text);
    }
}
