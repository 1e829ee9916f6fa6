//! What the push has done and how it stands, for metrics and `status`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use decode::Timestamp;
use inventory::Instance;

use super::gate::Pause;
use crate::client::{CallKind, Failure};

/// How many superseded literals are listed. Further ones are only in the progress of each endpoint.
const MAX_SUPERSEDED: usize = 1000;

/// How many different failures are remembered.
const MAX_ERRORS: usize = 10;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallResult {
    /// 2xx, or 404 of a listing.
    Success,
    /// [`Failure::Retry`]
    Retry,
    /// [`Failure::Key`]
    Key,
    /// [`Failure::Mapping`]
    Mapping,
    /// [`Failure::Refused`]
    Refused,
}

impl CallResult {
    /// Returns its label in metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Retry => "retry",
            Self::Key => "key",
            Self::Mapping => "mapping",
            Self::Refused => "refused",
        }
    }

    fn of<T>(answer: &Result<T, Failure>) -> Self {
        match answer {
            Ok(_) => Self::Success,
            Err(Failure::Retry { .. }) => Self::Retry,
            Err(Failure::Key { .. }) => Self::Key,
            Err(Failure::Mapping { .. }) => Self::Mapping,
            Err(Failure::Refused { .. }) => Self::Refused,
        }
    }
}

/// A failure and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// For people; holds no secret.
    pub text: String,
    /// When it was.
    pub at: Timestamp,
}

/// The state of the push since the start of the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Calls by kind and result.
    pub calls: BTreeMap<(CallKind, CallResult), u64>,
    /// When a call last succeeded.
    pub last_success: Option<Timestamp>,
    /// The last call that failed.
    pub last_error: Option<LastError>,
    /// The last ten different failures, the newest last. One that repeats is kept once, with its last time.
    pub last_errors: VecDeque<LastError>,
    /// The pause of everything, if the platform does not accept the key.
    pub key_paused: Option<Pause>,
    /// The paused instances: a wrong mapping, or the platform is away.
    pub paused: BTreeMap<Instance, Pause>,
    /// Literals on the platform that templates superseded (`GET /users/17`), by instance; at most 1,000 in all.
    pub superseded: BTreeMap<Instance, BTreeSet<String>>,
}

impl Status {
    /// Returns how many literals are listed as superseded.
    #[must_use]
    pub fn superseded_count(&self) -> usize {
        self.superseded.values().map(BTreeSet::len).sum()
    }

    pub(super) fn count<T>(&mut self, kind: CallKind, answer: &Result<T, Failure>, now: Timestamp) {
        *self.calls.entry((kind, CallResult::of(answer))).or_default() += 1;
        match answer {
            Ok(_) => self.last_success = Some(now),
            Err(failure) => {
                let text = format!("{}: {failure}", kind.label());
                let error = LastError { text, at: now };
                self.last_errors.retain(|known| known.text != error.text);
                self.last_errors.push_back(error.clone());
                if self.last_errors.len() > MAX_ERRORS {
                    self.last_errors.pop_front();
                }
                self.last_error = Some(error);
            }
        }
    }

    pub(super) fn supersede(&mut self, instance: &Instance, method: &str, literal: &str) {
        if self.superseded_count() < MAX_SUPERSEDED {
            self.superseded.entry(instance.clone()).or_default().insert(format!("{method} {literal}"));
        }
    }
}
