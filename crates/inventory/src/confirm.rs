//! How often what was seen of an endpoint, and how much of that is enough (`evidence.rs` says for what).
//!
//! The platform has no way to take an endpoint back. So a scanner's guesses must not become endpoints.

use decode::Timestamp;
use redact::Says;
use serde::{Deserialize, Serialize};

use crate::stored::never;

/// So many requests confirm an endpoint none of whose answers were seen.
pub(crate) const REPETITIONS: u64 = 3;

/// So many requests settle an endpoint without a certain success before its time is up.
pub(crate) const SETTLE_REQUESTS: u64 = 20;

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

    /// Returns whether one of the answers says this.
    pub(crate) fn says(&self, what: Says) -> bool {
        self.statuses.iter().any(|(status, _)| Says::of(*status) == what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evidence;

    fn counts(statuses: &[Option<u16>]) -> Counts {
        let mut counts = Counts::default();
        for status in statuses {
            counts.add(*status, 1, Timestamp::from_secs(5));
        }
        counts
    }

    fn confirms(statuses: &[Option<u16>]) -> bool {
        Evidence::default().confirms(&counts(statuses), false)
    }

    #[test]
    fn one_good_answer_confirms() {
        for status in [101, 200, 204, 304, 409, 422] {
            assert!(confirms(&[Some(status)]), "{status}");
        }
        assert!(confirms(&[Some(404), Some(200)]));
    }

    #[test]
    fn refusals_and_answers_to_guesses_do_not_confirm_however_many() {
        for status in [302, 307, 400, 401, 403, 404, 405, 406, 410, 415, 421, 426, 429, 500, 501, 503] {
            assert!(!confirms(&[Some(status); 50]), "{status}");
        }
    }

    #[test]
    fn what_is_refused_is_confirmed_by_another_method_and_what_is_absent_is_not() {
        for status in [302, 401, 403, 406, 410, 415, 421, 426, 429, 500, 503] {
            assert!(Evidence::default().confirms(&counts(&[Some(status)]), true), "{status}");
        }
        for status in [400, 404, 405, 501] {
            assert!(!Evidence::default().confirms(&counts(&[Some(status)]), true), "{status}");
        }
    }

    #[test]
    fn repetition_confirms_only_where_no_answer_is_seen() {
        assert!(!confirms(&[None; 2]));
        assert!(confirms(&[None; 3]));
        assert!(!confirms(&[None, None, None, None, Some(404)]));
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
