//! A connection that becomes HTTP/2 by an upgrade (RFC 7540, section 3.2): the request that asked for it is stream 1.

use flow::Direction;

use super::hpack::{List, Part, offset};
use super::session::Http2;
use super::side::{From, Stage};
use crate::counters::Reason;
use crate::h1::Body;
use crate::intake::Intake;
use crate::message::{Progress, RequestHead, Sink};

impl Http2 {
    /// Takes over a request of HTTP/1, which is counted as waiting, with what is still to come of its body: the client sends
    /// that before its preface.
    pub(crate) fn upgraded(direction: Direction, request: &RequestHead<'_>, body: Option<Body>) -> Http2 {
        let mut http2 = Http2::new(direction, true, true);
        let mut text = Vec::new();
        let mut part = |bytes: &[u8]| {
            let start = offset(text.len());
            text.extend_from_slice(bytes);
            Part { start, end: offset(text.len()) }
        };
        let (method, path) = (part(request.method), part(request.target));
        let fields = part(request.headers.lines);
        let list = List { method, path, fields, marks: request.headers.marks, ..List::default() };
        http2.last = 1;
        http2.streams.open(1, |stream| {
            stream.begin(text, list, request.time, request.protocol);
            if body.is_none() {
                stream.making.request = Progress::Ended;
            }
        });
        if let Some(body) = body {
            http2.client.stage = Stage::Upgrade(body);
        }
        http2
    }

    /// Takes more of the body of the request that asked for the upgrade.
    pub(super) fn upgrading<'d, S: Sink>(
        &mut self,
        mut body: Body,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> &'d [u8] {
        let streams = &mut self.streams;
        let rest =
            body.read(data, intake.counters, |bytes| streams.with(1, |stream| stream.add_to_request(bytes)));
        self.client.stage = Stage::Upgrade(body);
        match rest {
            Ok(rest) if body.ended() => {
                self.client.stage = Stage::Preface(0);
                self.ended(From::Client, 1, intake);
                rest
            }
            Ok(rest) => rest,
            Err(rest) => {
                self.lost(From::Client, Reason::Malformed, intake);
                rest
            }
        }
    }
}
