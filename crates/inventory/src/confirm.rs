//! When an endpoint is believed to exist, and when its name is believed to be final.
//!
//! The platform has no way to take an endpoint back. So a scanner's guesses must not become endpoints.

use decode::Timestamp;
use serde::{Deserialize, Serialize};

use crate::stored::never;

/// So many requests confirm an endpoint none of whose answers were seen.
pub(crate) const REPETITIONS: u64 = 3;

/// So many requests settle an endpoint that is refused before its time is up.
pub(crate) const SETTLE_REQUESTS: u64 = 20;

/// Returns whether this answer says that there is such an endpoint. 400 (Bad Request), 404 (Not Found), 405 (Method Not
/// Allowed) and 501 (Not Implemented) are what a server says to a guess (RFC 9110, sections 15.5 and 15.6).
#[must_use]
pub(crate) fn confirms(status: u16) -> bool {
    !matches!(status, 400 | 404 | 405 | 501)
}

/// Returns whether a server may give this answer to whoever asks, for whatever path: it refuses, sends elsewhere, or fails
/// (RFC 9110, sections 15.4 to 15.6).
fn refuses(status: u16) -> bool {
    matches!(status, 300..=303 | 305..=399 | 401 | 403 | 406 | 410 | 415 | 421 | 426 | 429 | 500..=599)
}

/// How often what was seen. Counters go on over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// When the first request was seen.
    #[serde(with = "never")]
    pub first: Option<Timestamp>,
    /// When the last was.
    #[serde(with = "never")]
    pub last: Option<Timestamp>,
    /// How many were.
    pub requests: u64,
    /// How many of them had which status, in the order of first appearance.
    pub statuses: Vec<(u16, u64)>,
    /// How many had no answer that was seen.
    pub unanswered: u64,
}

/// At most so many statuses of one endpoint: more than servers use; answers with others count as requests only.
pub(crate) const STATUSES: usize = 32;

impl Counts {
    /// Counts `count` requests with this answer, the last of them at `time`.
    pub(crate) fn add(&mut self, status: Option<u16>, count: u64, time: Timestamp) {
        if self.requests == 0 {
            self.first = Some(time);
        }
        self.first = self.first.min(Some(time));
        self.last = self.last.max(Some(time));
        self.requests = self.requests.saturating_add(count);
        match status {
            None => self.unanswered = self.unanswered.saturating_add(count),
            Some(status) => self.add_status(status, count),
        }
    }

    /// Adds what was counted elsewhere about the same endpoint.
    pub(crate) fn absorb(&mut self, other: &Counts) {
        if other.requests == 0 {
            return;
        }
        self.first = if self.requests == 0 { other.first } else { self.first.min(other.first) };
        self.last = self.last.max(other.last);
        self.requests = self.requests.saturating_add(other.requests);
        self.unanswered = self.unanswered.saturating_add(other.unanswered);
        for (status, count) in &other.statuses {
            self.add_status(*status, *count);
        }
    }

    fn add_status(&mut self, status: u16, count: u64) {
        if let Some((_, sum)) = self.statuses.iter_mut().find(|(known, _)| *known == status) {
            *sum = sum.saturating_add(count);
        } else if self.statuses.len() < STATUSES {
            self.statuses.reserve_exact(1);
            self.statuses.push((status, count));
        }
    }

    /// Returns whether all answers were refusals.
    pub(crate) fn is_refused(&self) -> bool {
        !self.statuses.is_empty()
            && self.statuses.iter().all(|(status, _)| refuses(*status) || !confirms(*status))
    }

    /// Returns whether these requests confirm: one good answer, or repetition where no answer at all could be seen.
    pub(crate) fn confirm(&self) -> bool {
        self.statuses.iter().any(|(status, _)| confirms(*status))
            || self.statuses.is_empty() && self.unanswered >= REPETITIONS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(statuses: &[Option<u16>]) -> Counts {
        let mut counts = Counts::default();
        for status in statuses {
            counts.add(*status, 1, Timestamp::from_secs(5));
        }
        counts
    }

    #[test]
    fn one_good_answer_confirms() {
        for status in [101, 200, 204, 302, 401, 403, 409, 422, 429, 500, 503] {
            assert!(counts(&[Some(status)]).confirm(), "{status}");
        }
        assert!(counts(&[Some(404), Some(200)]).confirm());
    }

    #[test]
    fn answers_to_guesses_do_not_confirm_however_many() {
        for status in [400, 404, 405, 501] {
            assert!(!counts(&[Some(status); 50]).confirm(), "{status}");
        }
    }

    #[test]
    fn repetition_confirms_only_where_no_answer_is_seen() {
        assert!(!counts(&[None; 2]).confirm());
        assert!(counts(&[None; 3]).confirm());
        assert!(!counts(&[None, None, None, None, Some(404)]).confirm());
    }

    #[test]
    fn first_and_last_do_not_depend_on_order() {
        let at = Timestamp::from_secs;
        let mut counts = Counts::default();
        counts.add(Some(200), 1, at(10));
        counts.add(Some(200), 2, at(7));
        counts.add(Some(201), 1, at(12));
        assert_eq!((counts.first, counts.last, counts.requests), (Some(at(7)), Some(at(12)), 4));
        assert_eq!(counts.statuses, [(200, 3), (201, 1)]);
    }
}
