//! Waits that grow with each failure and differ from node to node.

use std::time::Duration;

/// Returns a wait between nothing and `base` × 2^`failures`, at most `longest`: exponential backoff with full jitter, so
/// that many agents that failed together do not come back together.
///
/// The number of failures is stored with each endpoint, so this is a function of it; an iterator of delays, as retry crates
/// have it, would be run through anew each time.
pub(super) fn backoff(failures: u32, base: Duration, longest: Duration) -> Duration {
    up_to(base.saturating_mul(1 << failures.min(20)).min(longest))
}

/// Returns `wait` and up to a quarter more, at random.
pub(super) fn spread(wait: Duration) -> Duration {
    wait + up_to(wait / 4)
}

/// Returns a random part of `most`.
pub(super) fn up_to(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest_and_spread() {
        let (base, longest) = (Duration::from_secs(1), Duration::from_secs(300));
        for (failures, most) in [(0, 1), (1, 2), (3, 8), (9, 300), (u32::MAX, 300)] {
            let waits: Vec<_> = (0..200).map(|_| backoff(failures, base, longest)).collect();
            let most = Duration::from_secs(most);
            assert!(waits.iter().all(|&wait| wait <= most));
            assert!(waits.iter().any(|&wait| wait > most / 2) && waits.iter().any(|&wait| wait < most / 2));
        }
    }
}
