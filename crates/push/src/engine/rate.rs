//! The rate limit over all calls.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The highest rate that can be set, in calls per second: a higher one would limit nothing.
const MAX_PER_SECOND: u32 = 1000;

const SECOND: Duration = Duration::from_secs(1);

/// A limit whose tokens come back one second after they were taken: no second has more calls than it allows, and a lone
/// call never waits. The usual algorithm (GCRA) cannot promise both: with a burst of a second's calls, it lets almost
/// twice as many through in the first second.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: usize,
    taken: VecDeque<Instant>,
}

impl Rate {
    /// Creates a limit of so many calls per second, at least 1 and at most 1,000.
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second: per_second.clamp(1, MAX_PER_SECOND) as usize, taken: VecDeque::new() }
    }

    /// Waits for a token and takes it. If the future is dropped while it waits, it takes none.
    pub(super) async fn take(&mut self) {
        if self.taken.len() >= self.per_second
            && let Some(&oldest) = self.taken.front()
        {
            sleep_until(oldest + SECOND).await;
            self.taken.pop_front();
        }
        self.taken.push_back(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_second_has_more_than_its_share() {
        let mut rate = Rate::new(4);
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..9 {
            rate.take().await;
            times.push(start.elapsed());
        }
        assert!(times.iter().take(4).all(|t| *t < SECOND / 2), "{times:?}");
        assert!(times.windows(5).all(|w| w[4] - w[0] >= SECOND), "{times:?}");
    }
}
