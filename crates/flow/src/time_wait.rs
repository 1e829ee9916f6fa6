//! Connections that have just ended, so that their late segments do not look like new connections (the observer's
//! TIME-WAIT, RFC 9293, section 3.3.2).

use std::num::NonZero;

use decode::Timestamp;

use crate::limits::{BEHIND, LATE_SYN, TIME_WAIT};
use crate::sequence::distance;

/// A fixed table in which a newer ended connection takes the place of an older one with the same slot.
pub(crate) struct TimeWait {
    /// As [`Ended::words`] gives them, or zeros: so the memory of a new table is that of zeroed pages, which the kernel
    /// gives when they are used.
    slots: Vec<[u32; 4]>,
}

/// An ended connection.
#[derive(Clone, Copy)]
struct Ended {
    /// Its hash.
    tag: NonZero<u32>,
    /// When it ended.
    time: Coarse,
    /// The next sequence number of each side; the side whose address is lower comes first.
    next: [u32; 2],
}

impl Ended {
    fn words(self) -> [u32; 4] {
        let [low, high] = self.next;
        [self.tag.get(), self.time.0, low, high]
    }

    fn from_words([tag, time, low, high]: [u32; 4]) -> Option<Ended> {
        Some(Ended { tag: NonZero::new(tag)?, time: Coarse(time), next: [low, high] })
    }
}

impl TimeWait {
    /// Creates a table of at least `slots` places, rounded up to a power of two.
    pub(crate) fn new(slots: usize) -> TimeWait {
        TimeWait { slots: vec![[0; 4]; slots.next_power_of_two()] }
    }

    pub(crate) fn memory(&self) -> usize {
        self.slots.len() * size_of::<[u32; 4]>()
    }

    /// Remembers a connection that ended `now`.
    pub(crate) fn add(&mut self, hash: u32, next: [u32; 2], now: Timestamp) {
        let slot = hash as usize & (self.slots.len() - 1);
        if let Some(words) = self.slots.get_mut(slot) {
            *words = Ended { tag: tag(hash), time: Coarse::of(now), next }.words();
        }
    }

    /// Returns whether a segment with this first number, from the `side` with the lower (0) or higher (1) address, is a late
    /// one. A SYN is only if its connection was short: else it begins a new connection.
    pub(crate) fn covers(&self, hash: u32, side: usize, sequence: u32, syn: bool, now: Timestamp) -> bool {
        let slot = hash as usize & (self.slots.len() - 1);
        let ended = self.slots.get(slot).copied().and_then(Ended::from_words);
        let Some(ended) = ended.filter(|ended| ended.tag == tag(hash)) else { return false };
        let late = if syn { -LATE_SYN..=0 } else { -BEHIND..=BEHIND };
        let near = |next: &u32| late.contains(&distance(*next, sequence));
        ended.time.is_within_time_wait(now) && ended.next.get(side).is_some_and(near)
    }
}

/// Returns the hash with one bit set, so that it is never zero.
fn tag(hash: u32) -> NonZero<u32> {
    NonZero::<u32>::MIN | hash
}

/// A time in units of 2^20 ns (about a millisecond), on a circle of 52 days.
#[derive(Clone, Copy)]
struct Coarse(u32);

impl Coarse {
    fn of(time: Timestamp) -> Coarse {
        Coarse((time.as_nanos() >> 20) as u32)
    }

    /// Returns whether at most [`TIME_WAIT`] has passed since then. A time before it counts as none.
    fn is_within_time_wait(self, now: Timestamp) -> bool {
        const MOST: i32 = (TIME_WAIT.as_nanos() >> 20) as i32;
        Coarse::of(now).0.wrapping_sub(self.0).cast_signed() <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_segments_are_known_for_a_while() {
        let mut table = TimeWait::new(3);
        let wait = TIME_WAIT.as_nanos() as u64;
        let now = Timestamp::from_nanos(50 * wait);
        let before = Timestamp::from_nanos(50 * wait - 1);
        assert!(!table.covers(7, 0, 0, false, now));
        table.add(7, [100, u32::MAX], now);
        assert!(table.covers(7, 0, 50, false, now + TIME_WAIT / 2));
        assert!(table.covers(7, 1, 5, false, before), "captured a little late");
        assert!(!table.covers(7, 0, 1 << 30, false, now), "elsewhere in sequence space");
        assert!(!table.covers(11, 0, 50, false, now), "same slot, other hash");
        assert!(!table.covers(7, 0, 50, false, now + TIME_WAIT * 2));
        assert!(table.covers(7, 0, 50, true, now) && !table.covers(7, 0, 101, true, now), "SYNs");
        table.add(11, [0, 0], now);
        assert!(!table.covers(7, 0, 50, false, now) && table.covers(11, 0, 0, false, now));
    }
}
