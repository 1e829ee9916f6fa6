//! What the pusher looks after beside pushing: the daily comparison with the platform's listings, the clock, the cold start.

use std::time::{Duration, Instant};

use decode::Timestamp;
use push::Engine;

use crate::report::clock;
use crate::run::shared::Shared;

/// How often it is looked whether something was not seen in a listing for a day.
const LOOK: Duration = Duration::from_secs(60);
/// Comparisons are spread over so long: agents that started together do not list together.
const SPREAD: Duration = Duration::from_secs(3600);
/// How long a comparison that failed waits.
const AGAIN: Duration = Duration::from_secs(600);

/// The daily comparison.
pub(super) struct Verification {
    looked: Instant,
    /// When the comparison that was found to be due is made.
    at: Option<Instant>,
}

impl Verification {
    pub(super) fn new() -> Verification {
        Verification { looked: Instant::now(), at: None }
    }

    /// Compares one instance, if it is time.
    pub(super) async fn round(&mut self, shared: &Shared, engine: &mut Engine, many_nodes: bool) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let now = clock();
        let due = shared.learned.change(|inventory| inventory.to_verify(now));
        let Some((instance, believed)) = due else { return };
        let spread = if many_nodes { up_to(SPREAD) } else { Duration::ZERO };
        let at = *self.at.get_or_insert_with(|| Instant::now() + spread);
        if Instant::now() < at {
            return;
        }
        match engine.verify(&instance, believed, now).await {
            Some(checked) => {
                let gone = checked.iter().filter(|checked| checked.listed.is_none()).count();
                if gone > 0 {
                    tracing::warn!(
                        "{gone} endpoints of application {}, instance {} were removed from the platform; each is pushed once more when it is next seen",
                        instance.app,
                        instance.instance
                    );
                }
                shared.learned.change(|inventory| inventory.checked(&instance, checked, now));
                self.at = None;
            }
            None => self.at = Some(Instant::now() + AGAIN),
        }
    }
}

/// Notices when the clock is set.
pub(super) struct Clock {
    wall: Timestamp,
    steady: Instant,
}

/// Smaller steps are what time services do, and do no harm.
const JUMP: Duration = Duration::from_secs(5);

impl Clock {
    pub(super) fn new() -> Clock {
        Clock { wall: clock(), steady: Instant::now() }
    }

    /// Returns whether the clock was set back since this was last asked.
    pub(super) fn was_set_back(&mut self) -> bool {
        let expected = self.wall + self.steady.elapsed();
        *self = Clock::new();
        self.wall + JUMP < expected
    }
}

/// A random part of `most`.
pub(super) fn up_to(most: Duration) -> Duration {
    most.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_was_set_back_counts() {
        let mut time = Clock::new();
        assert!(!time.was_set_back());
        time.wall += 2 * JUMP;
        assert!(time.was_set_back());
        time.wall = time.wall.saturating_sub(2 * JUMP);
        assert!(!time.was_set_back());
    }
}
