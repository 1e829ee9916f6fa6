//! Connections that have just ended, so that their late segments do not look like new connections (the observer's
//! TIME-WAIT, RFC 9293, section 3.3.2).

use crate::limits::{BEHIND, LATE_SYN, TIME_WAIT};
use crate::sequence::distance;

/// A fixed table in which a newer ended connection takes the place of an older one with the same slot.
pub(crate) struct TimeWait {
    slots: Vec<Ended>,
}

/// An ended connection. All zeros is none.
#[derive(Clone, Copy, Default)]
struct Ended {
    /// The hash, with one bit set so that it is never zero.
    tag: u32,
    /// When it ended, in units of 2^20 ns (about a millisecond).
    time: u32,
    /// The next sequence number of each side; the side whose address is lower comes first.
    next: [u32; 2],
}

impl TimeWait {
    /// A table of at least `slots` places, rounded up to a power of two.
    pub(crate) fn new(slots: usize) -> TimeWait {
        TimeWait { slots: vec![Ended::default(); slots.next_power_of_two()] }
    }

    pub(crate) fn memory(&self) -> usize {
        self.slots.len() * size_of::<Ended>()
    }

    /// Remembers a connection that ended `now`.
    pub(crate) fn add(&mut self, hash: u32, next: [u32; 2], now: u64) {
        let slot = hash as usize & (self.slots.len() - 1);
        if let Some(ended) = self.slots.get_mut(slot) {
            *ended = Ended { tag: hash | 1, time: coarse(now), next };
        }
    }

    /// Whether a segment with this first number, from the `side` with the lower (0) or higher (1) address, is a late
    /// one. A SYN is only if its connection was short: else it begins a new connection.
    pub(crate) fn covers(&self, hash: u32, side: usize, sequence: u32, syn: bool, now: u64) -> bool {
        let slot = hash as usize & (self.slots.len() - 1);
        let Some(ended) = self.slots.get(slot).filter(|ended| ended.tag == hash | 1) else { return false };
        let age = coarse(now).wrapping_sub(ended.time).cast_signed();
        let late = if syn { -LATE_SYN..=0 } else { -BEHIND..=BEHIND };
        let near = |next: &u32| late.contains(&distance(*next, sequence));
        age <= coarse(TIME_WAIT).cast_signed() && ended.next.get(side).is_some_and(near)
    }
}

fn coarse(time: u64) -> u32 {
    (time >> 20) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_segments_are_known_for_a_while() {
        let mut table = TimeWait::new(3);
        let now = 50 * TIME_WAIT;
        assert!(!table.covers(7, 0, 0, false, now));
        table.add(7, [100, u32::MAX], now);
        assert!(table.covers(7, 0, 50, false, now + TIME_WAIT / 2));
        assert!(table.covers(7, 1, 5, false, now - 1), "captured a little late");
        assert!(!table.covers(7, 0, 1 << 30, false, now), "elsewhere in sequence space");
        assert!(!table.covers(11, 0, 50, false, now), "same slot, other hash");
        assert!(!table.covers(7, 0, 50, false, now + 2 * TIME_WAIT));
        assert!(table.covers(7, 0, 50, true, now) && !table.covers(7, 0, 101, true, now), "SYNs");
        table.add(11, [0, 0], now);
        assert!(!table.covers(7, 0, 50, false, now) && table.covers(11, 0, 0, false, now));
    }
}
