//! What became of every byte and of every request.

use flow::Missing;

/// Why bytes were read past, or a request was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The connection was joined in the middle of a message.
    Joined,
    /// Bytes that are missing left it open where the next message begins.
    Gap,
    /// The same of bytes that were not copied.
    NotCopied,
    /// No start line where one had to be, a chunk that is none, or bytes after the end of what can follow.
    Malformed,
    /// The head is larger than [`crate::MAX_HEAD`].
    HeadTooLarge,
    /// Fields contradict each other about where the body ends, or leave it open.
    Framing,
    /// After CONNECT, before its answer.
    Connect,
    /// The connection ended inside a head.
    Ended,
    /// The connection is not HTTP, or no longer.
    Unreadable,
    /// More requests than [`MAX_UNANSWERED`](crate::MAX_UNANSWERED) were given up on the connection without an answer.
    Flood,
}

impl Reason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Reason; 10] = [
        Reason::Joined,
        Reason::Gap,
        Reason::NotCopied,
        Reason::Malformed,
        Reason::HeadTooLarge,
        Reason::Framing,
        Reason::Connect,
        Reason::Ended,
        Reason::Unreadable,
        Reason::Flood,
    ];

    pub(crate) fn of(missing: Missing) -> Reason {
        match missing {
            Missing::NotCopied => Reason::NotCopied,
            Missing::Gap => Reason::Gap,
        }
    }
}

/// Why a request was handed on without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Unanswered {
    /// The server's side, or both, ended.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing was seen for the idle time.
    Idle,
    /// The connection was evicted to keep the memory limit.
    Evicted,
    /// A new connection took its place.
    Replaced,
    /// The source of segments ended.
    Stopped,
    /// Missing bytes left it open which response is its own.
    Gap,
    /// More requests waited than [`crate::MAX_PIPELINED`] or [`crate::MAX_WAITING`] allow.
    Pipelined,
    /// The connection became something that cannot be read.
    Unreadable,
    /// It was answered, but HTTP/2 refers for the status to what was sent before the connection was joined.
    Unknown,
}

/// Counts of one worker. All bytes are TCP payload bytes. [`Counters::balanced`] holds after every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Payload bytes that came in.
    pub bytes: u64,
    /// Bytes of heads that were read: start line to empty line.
    pub head_bytes: u64,
    /// Bytes of bodies, transfer coding removed.
    pub body_bytes: u64,
    /// Bytes between: chunk lines, trailers, empty lines before a start line, PROXY headers.
    pub framing_bytes: u64,
    /// Bytes that were read past, by [`Reason`].
    pub skipped_bytes: [u64; 10],
    /// Bytes in buffers now, of which it is not yet known what they are.
    pub waiting_bytes: u64,

    /// Bytes that were on the wire and not copied (not part of `bytes`).
    pub not_copied_bytes: u64,
    /// Bytes that were missing (not part of `bytes`).
    pub gap_bytes: u64,

    /// Requests whose head was seen, in whole or in part.
    pub requests: u64,
    /// Exchanges with a final response.
    pub answered: u64,
    /// Exchanges without one, by [`Unanswered`].
    pub unanswered: [u64; 10],
    /// Requests that were given up and are no exchange, by [`Reason`].
    pub given_up: [u64; 10],
    /// Requests that wait for their end or their response now.
    pub waiting_requests: u64,
    /// Exchanges of which a message was not seen to its end without a gap (they are in the counts above too).
    pub incomplete: u64,

    /// Interim responses (1xx but 101).
    pub interim: u64,
    /// Responses without a request.
    pub orphans: u64,
    /// Field lines without a colon, and fields of HTTP/2 that cannot be right, passed over.
    pub bad_fields: u64,
    /// Requests that a server of HTTP/2 promised: it asks them of itself, and they are no exchanges.
    pub promises: u64,
    /// Requests of HTTP/2 whose method or path is not known (they are in the counts above too).
    pub unknown_names: u64,
    /// Connections of HTTP/2 that were joined after their beginning.
    pub older: u64,
    /// Connections that could not be read, or no longer.
    pub unreadable: u64,
}

const SKIPPED: [&str; 10] = [
    "skipped_joined_bytes",
    "skipped_gap_bytes",
    "skipped_not_copied_bytes",
    "skipped_malformed_bytes",
    "skipped_head_too_large_bytes",
    "skipped_framing_bytes",
    "skipped_connect_bytes",
    "skipped_ended_bytes",
    "skipped_unreadable_bytes",
    "skipped_flood_bytes",
];

const GIVEN_UP: [&str; 10] = [
    "given_up_joined",
    "given_up_gap",
    "given_up_not_copied",
    "given_up_malformed",
    "given_up_head_too_large",
    "given_up_framing",
    "given_up_connect",
    "given_up_ended",
    "given_up_unreadable",
    "given_up_flood",
];

const UNANSWERED: [&str; 10] = [
    "unanswered_closed",
    "unanswered_reset",
    "unanswered_idle",
    "unanswered_evicted",
    "unanswered_replaced",
    "unanswered_stopped",
    "unanswered_gap",
    "unanswered_pipelined",
    "unanswered_unreadable",
    "unanswered_unknown",
];

impl Counters {
    /// Whether every byte and every request is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let skipped: u64 = self.skipped_bytes.iter().sum();
        let used = self.head_bytes + self.body_bytes + self.framing_bytes;
        let unanswered: u64 = self.unanswered.iter().sum();
        let given_up: u64 = self.given_up.iter().sum();
        self.bytes == used + skipped + self.waiting_bytes
            && self.requests == self.answered + unanswered + given_up + self.waiting_requests
    }

    /// Adds the counts of another worker.
    pub fn add(&mut self, other: &Counters) {
        for (mine, theirs) in self.values_mut().into_iter().zip(other.clone().values_mut()) {
            *mine += *theirs;
        }
    }

    /// Every count with its name as a metric label. `waiting_bytes` and `waiting_requests` are gauges.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let mut copy = self.clone();
        let values: Vec<u64> = copy.values_mut().into_iter().map(|value| *value).collect();
        Counters::labels().zip(values)
    }

    /// The names, in the order of [`Counters::values_mut`].
    fn labels() -> impl Iterator<Item = &'static str> {
        let single = ["bytes", "head_bytes", "body_bytes", "framing_bytes", "waiting_bytes"];
        let requests = ["not_copied_bytes", "gap_bytes", "requests", "answered", "waiting_requests"];
        let rest = [
            "incomplete",
            "interim",
            "orphans",
            "bad_fields",
            "promises",
            "unknown_names",
            "older",
            "unreadable",
        ];
        let singles = single.into_iter().chain(requests).chain(rest);
        singles.chain(SKIPPED).chain(GIVEN_UP).chain(UNANSWERED)
    }

    fn values_mut(&mut self) -> Vec<&mut u64> {
        let mut values = vec![
            &mut self.bytes,
            &mut self.head_bytes,
            &mut self.body_bytes,
            &mut self.framing_bytes,
            &mut self.waiting_bytes,
            &mut self.not_copied_bytes,
            &mut self.gap_bytes,
            &mut self.requests,
            &mut self.answered,
            &mut self.waiting_requests,
            &mut self.incomplete,
            &mut self.interim,
            &mut self.orphans,
            &mut self.bad_fields,
            &mut self.promises,
            &mut self.unknown_names,
            &mut self.older,
            &mut self.unreadable,
        ];
        values.extend(&mut self.skipped_bytes);
        values.extend(&mut self.given_up);
        values.extend(&mut self.unanswered);
        values
    }

    pub(crate) fn skip(&mut self, reason: Reason, bytes: usize) {
        self.skipped_bytes[reason as usize] += bytes as u64;
    }

    pub(crate) fn give_up(&mut self, reason: Reason) {
        self.given_up[reason as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_one_name() {
        let mut counters = Counters::default();
        for (number, value) in counters.values_mut().into_iter().enumerate() {
            *value = number as u64;
        }
        let names: std::collections::BTreeSet<_> = counters.iter().map(|count| count.0).collect();
        assert_eq!(names.len(), counters.values_mut().len());
        assert_eq!(size_of::<Counters>(), names.len() * size_of::<u64>());
        assert!(counters.iter().any(|count| count == ("requests", counters.requests)));
        assert!(counters.iter().any(|count| count == ("unanswered_unreadable", counters.unanswered[8])));
    }

    #[test]
    fn counts_of_workers_add_up() {
        let mut sum = Counters { bytes: 3, head_bytes: 3, ..Counters::default() };
        sum.add(&Counters { bytes: 4, skipped_bytes: [0, 4, 0, 0, 0, 0, 0, 0, 0, 0], ..Counters::default() });
        assert_eq!((sum.bytes, sum.skipped_bytes[1]), (7, 4));
        assert!(sum.balanced());
        sum.requests += 1;
        assert!(!sum.balanced());
    }
}
