//! What was asked, and what was wrong with it.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use axum::body::Bytes;
use serde::Serialize;

use super::call::Call;

/// Requests kept; the oldest go first. Enough for what a test asserts on.
const REQUESTS: usize = 4096;

/// Bytes kept of all requests together, so that large bodies do not add up.
const REQUEST_BYTES: usize = 32 << 20;

/// Violations kept. The first ones tell most; later ones are only counted.
const VIOLATIONS: usize = 1000;

/// A request to the API as it came.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Counts from 1 over all API requests.
    pub number: u64,
    /// When its body was complete.
    pub time: SystemTime,
    /// Which call it was.
    pub call: Call,
    /// The method as sent.
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The headers in their order, names in lower case. The key in `authorization` is replaced by its length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The status that was answered; `None` while there is no answer, and when the connection was reset.
    pub status: Option<u16>,
}

impl Recorded {
    /// Returns the value of the first header `name` (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.path.len() + self.query.as_ref().map_or(0, String::len) + headers + self.body.len()
    }
}

/// Something that a client did against the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The number of the request.
    pub number: u64,
    /// Which call it was.
    pub call: Call,
    /// What was wrong, for people.
    pub what: String,
}

/// The record of requests and violations.
#[derive(Default)]
pub(super) struct Journal {
    requests: VecDeque<Recorded>,
    bytes: usize,
    violations: Vec<Violation>,
    /// Violations so far, kept or not.
    pub(super) violation_count: u64,
    /// Requests so far, by call.
    pub(super) calls: BTreeMap<Call, u64>,
    last: u64,
}

impl Journal {
    /// Keeps a request and returns its number.
    pub(super) fn record(&mut self, mut request: Recorded) -> u64 {
        self.last += 1;
        request.number = self.last;
        *self.calls.entry(request.call).or_default() += 1;
        self.bytes += request.size();
        self.requests.push_back(request);
        while self.requests.len() > REQUESTS || self.bytes > REQUEST_BYTES {
            let Some(oldest) = self.requests.pop_front() else { break };
            self.bytes -= oldest.size();
        }
        self.last
    }

    /// Notes how request `number` was answered.
    pub(super) fn answered(&mut self, number: u64, status: u16) {
        // Numbers are consecutive, so the place follows from the newest; it may have been dropped meanwhile.
        let place = (self.last - number)
            .try_into()
            .ok()
            .and_then(|back: usize| self.requests.len().checked_sub(back.checked_add(1)?));
        if let Some(request) = place.and_then(|place| self.requests.get_mut(place)) {
            request.status = Some(status);
        }
    }

    /// Notes a violation.
    pub(super) fn violation(&mut self, number: u64, call: Call, what: String) {
        self.violation_count += 1;
        if self.violations.len() < VIOLATIONS {
            self.violations.push(Violation { number, call, what });
        }
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        self.requests.iter().cloned().collect()
    }

    pub(super) fn violations(&self) -> Vec<Violation> {
        self.violations.clone()
    }

    pub(super) fn clear(&mut self) {
        *self = Journal { last: self.last, ..Journal::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: usize) -> Recorded {
        Recorded {
            number: 0,
            time: SystemTime::now(),
            call: Call::Preview,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: None,
            headers: Vec::new(),
            body: Bytes::from(vec![0; body]),
            status: None,
        }
    }

    #[test]
    fn requests_are_bounded_by_number() {
        let mut journal = Journal::default();
        for _ in 0..REQUESTS + 5 {
            journal.record(request(1));
        }
        let kept = journal.recorded();
        assert_eq!((kept.len(), kept[0].number), (REQUESTS, 6));
    }

    #[test]
    fn requests_are_bounded_by_bytes_and_answers_find_theirs() {
        let mut journal = Journal::default();
        let numbers: Vec<u64> = (0..5).map(|_| journal.record(request(REQUEST_BYTES / 4))).collect();
        for number in numbers {
            journal.answered(number, 200 + u16::try_from(number).expect("small"));
        }
        let kept: Vec<_> = journal.recorded().iter().map(|r| (r.number, r.status)).collect();
        assert_eq!(kept, [(3, Some(203)), (4, Some(204)), (5, Some(205))]);
        journal.clear();
        journal.answered(5, 200);
        assert!(journal.recorded().is_empty());
    }

    #[test]
    fn violations_are_bounded_and_counted() {
        let mut journal = Journal::default();
        for number in 0..1500 {
            journal.violation(number, Call::Add, "x".to_owned());
        }
        assert_eq!((journal.violations().len(), journal.violation_count), (VIOLATIONS, 1500));
    }
}
