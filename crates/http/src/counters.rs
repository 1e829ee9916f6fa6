//! Counts every byte and every request by what became of it.

use flow::{End, Missing};

use crate::outcome::TlsConnections;

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
    /// No server took it: it was not acknowledged, or came while the last answer went on to the end of the connection.
    NotTaken,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 11] = [
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
        Reason::NotTaken,
    ];

    /// Returns the metric label of bytes that were read past for this reason.
    #[must_use]
    pub fn skipped(self) -> &'static str {
        match self {
            Reason::Joined => "skipped_joined_bytes",
            Reason::Gap => "skipped_gap_bytes",
            Reason::NotCopied => "skipped_not_copied_bytes",
            Reason::Malformed => "skipped_malformed_bytes",
            Reason::HeadTooLarge => "skipped_head_too_large_bytes",
            Reason::Framing => "skipped_framing_bytes",
            Reason::Connect => "skipped_connect_bytes",
            Reason::Ended => "skipped_ended_bytes",
            Reason::Unreadable => "skipped_unreadable_bytes",
            Reason::Flood => "skipped_flood_bytes",
            Reason::NotTaken => "skipped_not_taken_bytes",
        }
    }

    /// Returns the metric label of requests that were given up for this reason.
    #[must_use]
    pub fn given_up(self) -> &'static str {
        match self {
            Reason::Joined => "given_up_joined",
            Reason::Gap => "given_up_gap",
            Reason::NotCopied => "given_up_not_copied",
            Reason::Malformed => "given_up_malformed",
            Reason::HeadTooLarge => "given_up_head_too_large",
            Reason::Framing => "given_up_framing",
            Reason::Connect => "given_up_connect",
            Reason::Ended => "given_up_ended",
            Reason::Unreadable => "given_up_unreadable",
            Reason::Flood => "given_up_flood",
            Reason::NotTaken => "given_up_not_taken",
        }
    }

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
    /// It was answered, but with a status that HTTP/2 sent before the connection was joined, and only refers to.
    Unknown,
}

impl Unanswered {
    /// All reasons.
    pub const ALL: [Unanswered; 10] = [
        Unanswered::Closed,
        Unanswered::Reset,
        Unanswered::Idle,
        Unanswered::Evicted,
        Unanswered::Replaced,
        Unanswered::Stopped,
        Unanswered::Gap,
        Unanswered::Pipelined,
        Unanswered::Unreadable,
        Unanswered::Unknown,
    ];

    /// Returns the reason as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Unanswered::Closed => "unanswered_closed",
            Unanswered::Reset => "unanswered_reset",
            Unanswered::Idle => "unanswered_idle",
            Unanswered::Evicted => "unanswered_evicted",
            Unanswered::Replaced => "unanswered_replaced",
            Unanswered::Stopped => "unanswered_stopped",
            Unanswered::Gap => "unanswered_gap",
            Unanswered::Pipelined => "unanswered_pipelined",
            Unanswered::Unreadable => "unanswered_unreadable",
            Unanswered::Unknown => "unanswered_unknown",
        }
    }

    pub(crate) fn of(end: End) -> Unanswered {
        match end {
            End::Fin => Unanswered::Closed,
            End::Reset => Unanswered::Reset,
            End::Idle => Unanswered::Idle,
            End::Evicted => Unanswered::Evicted,
            End::Replaced | End::Merged => Unanswered::Replaced,
            End::Stopped => Unanswered::Stopped,
        }
    }
}

macro_rules! tally {
    ($tally:ident, $reason:ident) => {
        #[doc = concat!("A count for each [`", stringify!($reason), "`], by which it is indexed.")]
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $tally([u64; $reason::ALL.len()]);

        impl $tally {
            /// Returns the sum of all counts.
            #[must_use]
            pub fn sum(&self) -> u64 {
                self.0.iter().sum()
            }
        }

        impl std::ops::Index<$reason> for $tally {
            type Output = u64;

            #[expect(clippy::indexing_slicing, reason = "there is a place for each reason")]
            fn index(&self, reason: $reason) -> &u64 {
                &self.0[reason as usize]
            }
        }

        impl std::ops::IndexMut<$reason> for $tally {
            #[expect(clippy::indexing_slicing, reason = "there is a place for each reason")]
            fn index_mut(&mut self, reason: $reason) -> &mut u64 {
                &mut self.0[reason as usize]
            }
        }
    };
}

pub(crate) use tally;

tally!(ByReason, Reason);
tally!(ByUnanswered, Unanswered);

/// The counts of one worker. All bytes are TCP payload bytes. [`Counters::balanced`] holds after every event.
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
    /// Bytes of TLS around what is inside: headers and tags of records, handshakes.
    pub tls_bytes: u64,
    /// Bytes that were read past, by [`Reason`].
    pub skipped_bytes: ByReason,
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
    pub unanswered: ByUnanswered,
    /// Requests that were given up and are no exchange, by [`Reason`].
    pub given_up: ByReason,
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

    /// TLS connections, by what became of them.
    pub tls: TlsConnections,
    /// Those that were opened, and could not be to their end.
    pub tls_in_part: u64,
}

impl Counters {
    /// Returns every way of a payload byte: its metric label and its count. Their sum is [`Counters::bytes`].
    pub fn byte_ways(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let read = [
            ("head_bytes", self.head_bytes),
            ("body_bytes", self.body_bytes),
            ("framing_bytes", self.framing_bytes),
            ("tls_bytes", self.tls_bytes),
            ("waiting_bytes", self.waiting_bytes),
        ];
        let skipped = Reason::ALL.map(|reason| (reason.skipped(), self.skipped_bytes[reason]));
        read.into_iter().chain(skipped)
    }

    /// Returns every way of a request: its metric label and its count. Their sum is [`Counters::requests`].
    pub fn request_ways(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let handed_on = [("answered", self.answered), ("waiting_requests", self.waiting_requests)];
        let given_up = Reason::ALL.map(|reason| (reason.given_up(), self.given_up[reason]));
        let unanswered = Unanswered::ALL.map(|reason| (reason.label(), self.unanswered[reason]));
        handed_on.into_iter().chain(given_up).chain(unanswered)
    }

    /// Returns the counts beside the accounts, with their metric labels.
    #[must_use]
    pub fn notes(&self) -> [(&'static str, u64); 8] {
        [
            ("incomplete", self.incomplete),
            ("interim", self.interim),
            ("orphans", self.orphans),
            ("bad_fields", self.bad_fields),
            ("promises", self.promises),
            ("unknown_names", self.unknown_names),
            ("older", self.older),
            ("tls_in_part", self.tls_in_part),
        ]
    }

    /// Returns whether every byte, every request and every TLS connection is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let sum = |ways: &mut dyn Iterator<Item = (&'static str, u64)>| ways.map(|way| way.1).sum::<u64>();
        self.bytes == sum(&mut self.byte_ways())
            && self.requests == sum(&mut self.request_ways())
            && self.tls.seen == sum(&mut self.tls.ways())
    }

    pub(crate) fn skip(&mut self, reason: Reason, bytes: usize) {
        self.skipped_bytes[reason] += bytes as u64;
    }

    pub(crate) fn give_up(&mut self, reason: Reason) {
        self.given_up[reason] += 1;
    }

    pub(crate) fn leave_unanswered(&mut self, reason: Unanswered) {
        self.unanswered[reason] += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A count for each way, all different, in place of the zeros.
    fn filled() -> Counters {
        let mut counters = Counters { head_bytes: 1, body_bytes: 2, framing_bytes: 4, ..Counters::default() };
        for (at, reason) in Reason::ALL.into_iter().enumerate() {
            counters.skip(reason, 8 << at);
            (0..=at).for_each(|_| counters.give_up(reason));
        }
        for (at, reason) in Unanswered::ALL.into_iter().enumerate() {
            (0..=at).for_each(|_| counters.leave_unanswered(reason));
        }
        counters
    }

    #[test]
    fn every_way_has_a_name_of_its_own() {
        let counters = filled();
        let names: Vec<_> =
            counters.byte_ways().chain(counters.request_ways()).chain(counters.notes()).collect();
        let different: BTreeSet<_> = names.iter().map(|way| way.0).collect();
        assert_eq!(different.len(), names.len());
        assert!(names.contains(&("skipped_flood_bytes", 8 << 9)) && names.contains(&("given_up_gap", 2)));
        assert!(names.contains(&("unanswered_unreadable", counters.unanswered[Unanswered::Unreadable])));
    }

    #[test]
    fn the_ways_add_up() {
        let mut counters = filled();
        counters.bytes = 7 + (8 << 11) - 8;
        counters.requests = 66 + 55;
        assert!(counters.balanced());
        counters.requests += 1;
        assert!(!counters.balanced());
    }
}
