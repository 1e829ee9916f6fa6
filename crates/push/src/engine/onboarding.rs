//! What is asked for and answered about a Service without an application, and what is remembered between tries.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use decode::Timestamp;
use inventory::Instance;

/// How many applications this agent makes within [`HOUR`]: a cluster that is described wrongly must not fill the platform.
pub(super) const MAX_CREATED: usize = 20;
const HOUR: Duration = Duration::from_hours(1);

/// A Service that needs an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name without the namespace, which is the name of its application.
    pub service: String,
    /// The place of this node among those that run it, 0 for the first; `None` if this node is not to make anything.
    pub place: Option<usize>,
}

/// What came of onboarding a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onboarded {
    /// Its endpoints go here.
    Mapped {
        /// The instance.
        instance: Instance,
        /// Whether this agent made the application or the instance.
        created: bool,
    },
    /// It is to be tried again.
    Later {
        /// Why, for people.
        reason: String,
        /// The time before which it is not to be tried again.
        not_before: Timestamp,
    },
}

/// What is remembered between tries.
#[derive(Debug, Default)]
pub(super) struct Onboarding {
    /// Since when each name is known to be missing, without a failure in between.
    pub(super) missing: HashMap<String, Timestamp>,
    /// When applications were made, or may have been.
    pub(super) created: VecDeque<Timestamp>,
    /// How many tries in a row failed.
    pub(super) failures: u32,
    /// The reason and the end of the pause after a failure.
    pub(super) pause: Option<(String, Timestamp)>,
}

impl Onboarding {
    /// Begins anew: what failed may go well now.
    pub(super) fn resume(&mut self) {
        self.missing.clear();
        (self.failures, self.pause) = (0, None);
    }

    /// Returns when another application may be made, if not now.
    pub(super) fn limit(&mut self, now: Timestamp) -> Option<Timestamp> {
        // What is in the future was noted before the clock was set back.
        self.created.retain(|&at| at <= now && at + HOUR > now);
        let oldest = self.created.len().checked_sub(MAX_CREATED)?;
        self.created.get(oldest).map(|&at| at + HOUR)
    }
}
