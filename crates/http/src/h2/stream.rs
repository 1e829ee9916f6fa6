//! A stream: one request and its response.

use flow::Direction;

use super::hpack::{List, offset};
use crate::h1::pending::{Growing, Progress, recycle};
use crate::message::{Body, Exchange, Grpc, Head, Protocol, RequestHead};
use crate::rpc::Rpc;

/// A stream that is open, or that waits to be used again.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The request's list, what is kept of its body, the response's list, what is kept of its body.
    pub(crate) text: Vec<u8>,
    /// How much of the capacity of `text` is counted.
    pub(super) counted: usize,
    pub(crate) time: u64,
    pub(crate) protocol: Protocol,
    pub(crate) request_list: List,
    pub(crate) response_list: List,
    pub(crate) request_body: Growing,
    pub(crate) response_body: Growing,
    /// Where in the text what is kept of the bodies begins.
    pub(crate) request_body_at: u32,
    pub(crate) response_body_at: u32,
    pub(crate) request: Progress,
    pub(crate) response: Progress,
    /// The final response began, whether or not its status is known.
    pub(crate) responded: bool,
    /// Bytes of it were missing.
    pub(crate) gapped: bool,
    /// When that may have been its response; 0 when it was not.
    pub(crate) lost: u64,
    /// The `grpc-status` of the trailers.
    pub(crate) grpc_status: Option<u32>,
    /// What is followed of it, if it is a call of gRPC or the like.
    rpc: Option<Rpc>,
}

impl Stream {
    /// A request, whose list is in `text`.
    pub(crate) fn begin(&mut self, text: Vec<u8>, list: List, time: u64, protocol: Protocol) {
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
        self.rpc = Rpc::of(&self.request_head(Direction::Forward));
    }

    /// The final response, whose list was added to the text. Nothing more of the request's body is kept from here on.
    pub(crate) fn respond(&mut self, list: List) {
        self.request_body.stop();
        self.responded = true;
        self.grpc_status = list.grpc_status;
        self.response_list = list;
        self.response_body_at = offset(self.text.len());
        if let Some(rpc) = &mut self.rpc {
            rpc.respond(list.status);
        }
    }

    pub(crate) fn add_to_request(&mut self, data: &[u8]) {
        self.request_body.add(data, &mut self.text);
        if let Some(rpc) = &mut self.rpc {
            rpc.add_to_request(data);
        }
    }

    pub(crate) fn add_to_response(&mut self, data: &[u8]) {
        self.response_body.add(data, &mut self.text);
        if let Some(rpc) = &mut self.rpc {
            rpc.add_to_response(data);
        }
    }

    pub(crate) fn miss_in_request(&mut self, bytes: u64) {
        self.request_body.miss(bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.miss_in_request(bytes);
        }
    }

    pub(crate) fn miss_in_response(&mut self, bytes: u64) {
        self.response_body.miss(bytes);
        if let Some(rpc) = &mut self.rpc {
            rpc.miss_in_response(bytes);
        }
    }

    /// Its request and its response have ended, or nothing more of the request can be read.
    pub(crate) fn ended(&self) -> bool {
        self.request != Progress::Open && self.response != Progress::Open
    }

    /// No more of it can be read.
    pub(crate) fn cut(&mut self) {
        for progress in [&mut self.request, &mut self.response] {
            if *progress == Progress::Open {
                *progress = Progress::Cut;
            }
        }
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
        let ended = self.request == Progress::Ended && self.response == Progress::Ended;
        Exchange {
            request: self.request_head(direction),
            request_body: self.body(self.request_body, self.request_body_at, self.request),
            status,
            response_headers: self.response_head(),
            response_body: self.body(self.response_body, self.response_body_at, self.response),
            complete: ended && !self.gapped && status.is_some(),
            grpc: self.grpc(),
        }
    }

    fn body(&self, body: Growing, at: u32, progress: Progress) -> Body<'_> {
        let (start, end) = (at as usize, at as usize + body.kept());
        body.body(self.text.get(start..end).unwrap_or_default(), progress)
    }

    fn grpc(&self) -> Option<Grpc> {
        let status = self.grpc_status;
        match &self.rpc {
            Some(rpc) => Some(rpc.grpc(status)),
            // Its content type may not be known.
            None => status.map(|_| Grpc { status, ..Grpc::default() }),
        }
    }

    /// Makes ready for another request.
    pub(crate) fn reset(&mut self) {
        recycle(&mut self.text);
    }
}
