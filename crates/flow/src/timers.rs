//! Timers of one fixed length: a queue, because they end in the order in which they were set.

use std::collections::VecDeque;

use crate::limits::REORDER_TIME;

/// When to look at connections in which something waits.
pub(crate) struct Timers {
    queue: VecDeque<Timer>,
    most: usize,
}

struct Timer {
    due: u64,
    index: u32,
    generation: u32,
}

impl Timers {
    /// No timers, and room for `most`.
    pub(crate) fn new(most: usize) -> Timers {
        Timers { queue: VecDeque::new(), most }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Sets a timer; `false` when there is no room (then the sweep finds the connection later).
    pub(crate) fn set(&mut self, now: u64, index: u32, generation: u32) -> bool {
        let room = self.queue.len() < self.most;
        if room {
            self.queue.push_back(Timer { due: now.saturating_add(REORDER_TIME), index, generation });
        }
        room
    }

    /// The next timer that has ended: the place of its connection, and the generation. Time may have been wrong when
    /// it was set (captures are not always in order), so one that is too far away has ended, too.
    pub(crate) fn next(&mut self, now: u64) -> Option<(u32, u32)> {
        let timer = self.queue.front()?;
        let far = now.saturating_add(2 * REORDER_TIME);
        if timer.due > now && timer.due < far {
            return None;
        }
        self.queue.pop_front().map(|timer| (timer.index, timer.generation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_end_in_time_even_when_time_jumps() {
        let mut timers = Timers::new(3);
        assert!(timers.set(0, 1, 1));
        assert!(timers.set(900 * REORDER_TIME, 2, 2));
        assert!(timers.set(REORDER_TIME / 2, 3, 3));
        assert!(!timers.set(1, 4, 4));
        assert_eq!(timers.next(REORDER_TIME - 1), None);
        assert_eq!(timers.next(REORDER_TIME), Some((1, 1)));
        assert_eq!(timers.next(REORDER_TIME), Some((2, 2)));
        assert_eq!(timers.next(REORDER_TIME), None);
        assert_eq!(timers.next(2 * REORDER_TIME), Some((3, 3)));
        assert_eq!((timers.next(u64::MAX), timers.len()), (None, 0));
    }
}
