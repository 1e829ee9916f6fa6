//! Services and servers that have endpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use decode::Timestamp;
use redact::Owner;

use crate::Instance;
use crate::walls::Walls;

/// At most so many owners: more than a node runs Services, or than a capture file is looked at by a person.
pub(crate) const OWNERS: usize = 10_000;

/// The endpoints of one owner.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    /// Their numbers, in the order in which they came.
    pub(crate) ids: Vec<u32>,
    /// Those that are to be pushed, by the time from which on they may be.
    pub(crate) due: BTreeSet<(Timestamp, u32)>,
    /// Where they are pushed to, as last heard.
    pub(crate) instance: Option<Arc<Instance>>,
    /// Whether it was ever asked where. Until then nothing of it counts as unmapped.
    pub(crate) asked: bool,
    /// Exchanges seen in full that found no room here.
    pub(crate) overflow: u64,
    /// How many of them went by since room was last looked for: of those that say little, and of successes.
    pub(crate) cramped: [u64; 2],
    /// Which answers say nothing.
    pub(crate) walls: Walls,
}

/// The owners that have something due at `now`, beginning after `last`, so that none is first for ever.
pub(crate) fn in_turn(
    owners: &BTreeMap<Owner, Endpoints>,
    last: Option<&Owner>,
    now: Timestamp,
) -> Vec<Owner> {
    let begin = last.map_or(Bound::Unbounded, Bound::Excluded);
    let tail = owners.range::<Owner, _>((begin, Bound::Unbounded));
    let head = last.map(|last| owners.range::<Owner, _>(..=last));
    tail.chain(head.into_iter().flatten())
        .filter(|(_, owner)| owner.due.first().is_some_and(|(at, _)| *at <= now))
        .map(|(name, _)| name.clone())
        .collect()
}
