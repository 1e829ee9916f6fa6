//! When to judge.

use std::time::Duration;

use decode::Timestamp;

/// When there is enough to judge by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// There will be no more: all is judged by what is there.
    AtEnd,
    /// More may come. Words become a variable only once they were asked for often enough, or have been there for so long.
    Going {
        /// The time now.
        now: Timestamp,
        /// How long is enough.
        settle: Duration,
    },
}
