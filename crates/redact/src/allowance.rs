//! How much of something costly may be done.

use std::time::Duration;

use decode::Timestamp;

/// How many more times something may be done: so often at first, and so often again each time that a while has gone by since
/// that was used up.
#[derive(Clone, Copy)]
pub(crate) struct Allowance {
    left: u32,
    more: u32,
    every: Duration,
    /// When there are more of them.
    next: Timestamp,
}

impl Allowance {
    /// So many at first, and `more` of them `every` so often.
    pub(crate) fn new(left: u32, more: u32, every: Duration) -> Allowance {
        Allowance { left, more, every, next: Timestamp::EPOCH }
    }

    /// Returns whether there are some at this time.
    pub(crate) fn has_some(&mut self, time: Timestamp) -> bool {
        if self.left == 0 && time >= self.next {
            self.left = self.more;
            self.next = time + self.every;
        }
        self.left > 0
    }

    /// Uses one up.
    pub(crate) fn take(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}
