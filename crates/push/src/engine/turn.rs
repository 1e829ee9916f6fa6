//! Whose turn it is. Of the nodes that run a Service, one adds what is new, and the others look whether it did.
//!
//! There is nothing to elect: the nodes with a ready endpoint of the Service, in the order of the names of their first ready
//! pods, are the same list for everyone. Who holds it (the agent, from Kubernetes) is asked for the place of this node only
//! when something waits for a turn.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use decode::Timestamp;
use redact::Owner;

use super::backoff::up_to;

/// How long a place is believed.
const KEPT: Duration = Duration::from_secs(600);
/// How many places are kept: as many as a node may have Services. Beyond it all are asked for again.
const MAX_KEPT: usize = 10_000;
/// How much later the turn of each further place comes.
const STEP: Duration = Duration::from_secs(5);
/// How much later the turn of any place comes at most.
const MOST: Duration = Duration::from_secs(60);
/// Turns are spread over this time, so that many nodes do not read listings at once.
const SPREAD: Duration = Duration::from_secs(30);
/// What is added where so many things wait that the first node needs a while: at a cold start it begins up to 30 s later
/// and shows its first batch 10 s after that. A listing that is read too early is read in vain.
const BULK_WAIT: Duration = Duration::from_secs(90);
/// More things than this that wait make a cold start.
const BULK: usize = 20;
/// How often at most a node whose turn has come waits for the work of another: it must not wait for ever.
pub(super) const MAX_TURNS: u8 = 10;
/// Turns come at multiples of this, so that one listing serves what began to wait at about the same time.
const QUANTUM: Duration = Duration::from_secs(5);

/// The places of this node.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Each place, and when it was told.
    known: HashMap<Owner, (usize, Timestamp)>,
    wanted: BTreeSet<Owner>,
}

impl Turns {
    /// Returns the place of this node for an owner, 0 for the first. A place that is not known is noted, to be asked for.
    pub(super) fn place(&mut self, owner: &Owner, now: Timestamp) -> Option<usize> {
        let known = self.known.get(owner);
        let place = known.filter(|(_, at)| (*at..*at + KEPT).contains(&now));
        if place.is_none() {
            self.wanted.insert(owner.clone());
        }
        place.map(|(place, _)| *place)
    }

    pub(super) fn set(&mut self, owner: Owner, place: usize, now: Timestamp) {
        if self.known.len() >= MAX_KEPT {
            self.known.clear();
        }
        self.known.insert(owner, (place, now));
    }

    pub(super) fn take_wanted(&mut self) -> BTreeSet<Owner> {
        std::mem::take(&mut self.wanted)
    }
}

/// What was seen in the listing, and how many things wait for a turn with one.
pub(super) struct Seen {
    pub(super) read_at: Timestamp,
    /// Whether the listing had something new.
    pub(super) grew: bool,
    pub(super) waiting: usize,
}

/// Returns when the turn of a place other than the first comes. `waiting` things wait with it.
pub(super) fn turn_at(place: usize, waiting: usize, now: Timestamp) -> Timestamp {
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    let bulk = if waiting > BULK { BULK_WAIT } else { Duration::ZERO };
    let wait = STEP.saturating_mul(place).min(MOST) + bulk + up_to(SPREAD);
    (now + wait).next_multiple_of(QUANTUM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_asked_for_once_in_ten_minutes() {
        let owner = Owner::Address("10.0.0.1:80".parse().unwrap());
        let mut turns = Turns::default();
        let at = Timestamp::from_secs;
        assert_eq!((turns.place(&owner, at(7)), turns.place(&owner, at(8))), (None, None));
        assert_eq!(turns.take_wanted().len(), 1);
        turns.set(owner.clone(), 3, at(10));
        assert_eq!((turns.place(&owner, at(9) + KEPT), turns.place(&owner, at(10) + KEPT)), (Some(3), None));
        assert_eq!(turns.place(&owner, at(9)), None, "the clock was set back");
    }

    #[test]
    fn later_places_wait_longer() {
        let now = Timestamp::from_secs(1000);
        for (place, waiting, from, to) in
            [(1, 1, 5, 40), (12, 1, 60, 95), (usize::MAX, 1, 60, 95), (1, 500, 95, 130)]
        {
            for _ in 0..100 {
                let wait = turn_at(place, waiting, now).saturating_since(now).as_secs();
                assert!((from..=to).contains(&wait), "{place}: {wait}");
            }
        }
    }
}
