//! How often what the agent works under has changed, and how far each of its parts has taken that in.
//!
//! Whoever changes something puts it in force first and counts it then. A part reads the count *before* it reads what is in
//! force, and tells that count once it works under it. So all that a part does after it told a generation is done under
//! everything that was in force at that generation, or under something newer.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// Counts the changes of what is in force: the configuration, mappings, names of Services, addresses of this host, and pods
/// that are captured.
pub(crate) struct Generations {
    configurations: AtomicU64,
    changes: AtomicU64,
    pub(super) capture: TakenIn,
    pub(super) keeper: TakenIn,
    pub(super) pusher: TakenIn,
    /// Set where pods are followed.
    pub(super) pods: OnceLock<TakenIn>,
}

impl Generations {
    /// Returns the counts at the start: all is new to all parts.
    pub(super) fn new() -> Generations {
        Generations {
            configurations: AtomicU64::new(0),
            changes: AtomicU64::new(1),
            capture: TakenIn::default(),
            keeper: TakenIn::default(),
            pusher: TakenIn::default(),
            pods: OnceLock::new(),
        }
    }

    /// Counts a change that is in force by now.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Counts a configuration that is in force by now.
    pub(super) fn configured(&self) {
        self.configurations.fetch_add(1, Ordering::Release);
        self.changed();
    }

    /// Returns the number of the newest change.
    pub(super) fn in_force(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Returns what `status` shows.
    pub(super) fn show(&self) -> Generation {
        // The parts come first: none of them may seem to be ahead of what is in force.
        let (capture, keeper, pusher) = (self.capture.told(), self.keeper.told(), self.pusher.told());
        let pods = self.pods.get().map(TakenIn::told);
        let in_force = self.in_force();
        Generation {
            configuration: self.configurations.load(Ordering::Acquire),
            in_force,
            capture,
            keeper,
            pusher,
            pods,
        }
    }
}

/// The newest change that a part works under.
#[derive(Default)]
pub(super) struct TakenIn(AtomicU64);

impl TakenIn {
    /// The part works under what was in force at this change.
    pub(super) fn tell(&self, change: u64) {
        self.0.store(change, Ordering::Release);
    }

    fn told(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// What is in force, and what each part works under, in numbers that only go up while the agent runs.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Generation {
    /// The number of configurations that were put in force since the start.
    pub(crate) configuration: u64,
    /// The number of the newest change.
    pub(crate) in_force: u64,
    /// The newest change that capture works under.
    pub(crate) capture: u64,
    /// The newest change under which exchanges are kept.
    pub(crate) keeper: u64,
    /// The newest change under which endpoints are pushed.
    pub(crate) pusher: u64,
    /// The newest change under which pods are chosen, where they are followed to be captured at their sockets.
    pub(crate) pods: Option<u64>,
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Generation { configuration, in_force, capture, keeper, pusher, pods } = self;
        write!(f, "configuration {configuration}, change {in_force}")?;
        write!(f, "; taken in: capture {capture}, keeper {keeper}, pusher {pusher}")?;
        pods.map_or(Ok(()), |pods| write!(f, ", pods {pods}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_taken_in_what_was_in_force_when_it_began_to_look() {
        let generations = Generations::new();
        let shown = generations.show();
        assert!(shown.capture < shown.in_force, "nothing is taken in unseen");
        let begun = generations.in_force();
        generations.configured();
        generations.capture.tell(begun);
        let shown = generations.show();
        assert_eq!((shown.configuration, shown.in_force, shown.capture), (1, 2, 1));
        generations.capture.tell(generations.in_force());
        assert_eq!(generations.show().capture, 2);
        assert_eq!(
            generations.show().to_string(),
            "configuration 1, change 2; taken in: capture 2, keeper 0, pusher 0"
        );
        generations.pods.get_or_init(TakenIn::default).tell(1);
        assert!(generations.show().to_string().ends_with("pusher 0, pods 1"));
    }
}
