//! A connection that becomes HTTP/2 by an upgrade (RFC 7540, section 3.2): the request that asked for it is stream 1.

use flow::Direction;

use super::hpack::{List, Part, offset};
use super::session::Http2;
use crate::message::Progress;
use crate::message::RequestHead;

impl Http2 {
    /// Takes over a request of HTTP/1, which has ended and is counted as waiting.
    pub(crate) fn upgraded(direction: Direction, request: &RequestHead<'_>) -> Http2 {
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
            stream.making.request = Progress::Ended;
        });
        http2
    }
}
