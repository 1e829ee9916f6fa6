//! What an endpoint is worth when room must be made.

/// What an endpoint is worth when room must be made: the first goes first, the last never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worth {
    /// Not confirmed, or nothing but noise.
    Unconfirmed,
    /// Confirmed, but never by a success.
    Refused,
    /// Confirmed, of a Service that is not mapped.
    Unmapped,
    /// On the platform with all that is known: its listing still tells us when it is seen again.
    Pushed,
    /// Waits to be pushed: never forgotten.
    Waiting,
}

/// What comes when a Service has as many endpoints as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Newcomer {
    /// Something that had a success.
    Success,
    /// Something that may be a guess, or noise.
    Other,
}

/// Endpoints that were forgotten to make room, by what they were worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvictedCounts {
    /// Not confirmed, or nothing but noise.
    pub unconfirmed: u64,
    /// Confirmed, but never by a success.
    pub refused: u64,
    /// Confirmed, of a Service that is not mapped.
    pub unmapped: u64,
    /// On the platform with all that was known.
    pub pushed: u64,
}

impl EvictedCounts {
    /// Returns what they were worth as metric labels, with their counts.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 4] {
        [
            ("unconfirmed", self.unconfirmed),
            ("refused", self.refused),
            ("unmapped", self.unmapped),
            ("pushed", self.pushed),
        ]
    }

    pub(crate) fn add(&mut self, worth: Worth) {
        match worth {
            Worth::Unconfirmed => self.unconfirmed += 1,
            Worth::Refused => self.refused += 1,
            Worth::Unmapped => self.unmapped += 1,
            Worth::Pushed => self.pushed += 1,
            // Nobody makes room at the cost of what waits.
            Worth::Waiting => {}
        }
    }
}
