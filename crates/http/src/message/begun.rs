//! Answers that go on: events, watches, streams of messages. Some never end, and are shown before.

use std::time::Duration;

use flow::Timestamp;

use super::{Head, RequestHead};

/// What a sink made of an exchange whose answer goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begun {
    /// Nothing yet: it is to be shown again.
    #[default]
    Later,
    /// It is of no interest before its end.
    Passed,
    /// It was taken: [`crate::Exchange::told`] says so when it ends.
    Told,
}

/// An answer that goes on so long after its request is shown before its end, whatever it is.
const LONG: Duration = Duration::from_secs(2);

/// Media types of answers that may never end: server-sent events
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), calls, values in lines, pictures one after the other.
const STREAMS: [&[u8]; 8] = [
    b"text/event-stream",
    b"application/grpc",
    b"application/connect+",
    b"application/x-ndjson",
    b"application/jsonl",
    b"application/json-seq",
    b"application/stream+json",
    b"multipart/x-mixed-replace",
];

/// Parameters by which clients ask for more than there is (`?watch=true` of Kubernetes, `?follow=1` of logs).
const ASKS: [&[u8]; 4] = [b"watch", b"follow", b"stream", b"tail"];

/// Returns whether an answer may never end, by its head and its request.
pub(crate) fn may_go_on(request: &RequestHead<'_>, answer: Head<'_>) -> bool {
    let is = |media: &[u8]| {
        STREAMS.iter().any(|stream| media.get(..stream.len()).is_some_and(|m| m.eq_ignore_ascii_case(stream)))
    };
    answer.content_type().is_some_and(is) || asks_for_more(request.target)
}

/// Returns whether a target has one of those parameters, with a value that is no refusal.
fn asks_for_more(target: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'?', target) else { return false };
    let query = target.get(at + 1..).unwrap_or_default();
    query.split(|byte| *byte == b'&').any(|pair| {
        let (name, value) = pair.split_at(memchr::memchr(b'=', pair).unwrap_or(pair.len()));
        ASKS.contains(&name) && !matches!(value, b"=false" | b"=0" | b"=no" | b"=")
    })
}

impl Begun {
    /// Returns whether an answer to a request of this time that goes on until now is to be shown.
    #[inline]
    pub(crate) fn is_due(self, request: Timestamp, now: Timestamp) -> bool {
        self == Begun::Later && now >= request + LONG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_more_than_there_is() {
        for target in ["/pods?watch=true", "/pods?limit=5&watch=1", "/logs?follow", "/events?stream=yes#x"] {
            assert!(asks_for_more(target.as_bytes()), "{target}");
        }
        for target in ["/pods", "/watch", "/pods?watch=false", "/pods?watch=0&x=watch", "/pods?awatch=1"] {
            assert!(!asks_for_more(target.as_bytes()), "{target}");
        }
    }
}
