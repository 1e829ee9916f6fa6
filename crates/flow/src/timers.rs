//! Timers of one fixed length: a queue, because they end in the order in which they were set.

use std::collections::VecDeque;

use decode::Timestamp;

use crate::limits::REORDER_TIME;

/// When to look at connections in which something waits.
pub(crate) struct Timers {
    queue: VecDeque<Timer>,
    most: usize,
}

struct Timer {
    due: Timestamp,
    index: u32,
    generation: u32,
}

impl Timers {
    /// Creates an empty queue with room for `most` timers.
    pub(crate) fn new(most: usize) -> Timers {
        Timers { queue: VecDeque::new(), most }
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Sets a timer. Returns `false` when there is no room (then the sweep finds the connection later).
    pub(crate) fn set(&mut self, now: Timestamp, index: u32, generation: u32) -> bool {
        let room = self.queue.len() < self.most;
        if room {
            self.queue.push_back(Timer { due: now + REORDER_TIME, index, generation });
        }
        room
    }

    /// Returns the next timer that has ended: the place of its connection, and the generation. Time may have been wrong when
    /// it was set (captures are not always in order), so one that is too far away has ended, too.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<(u32, u32)> {
        let timer = self.queue.front()?;
        let far = now + REORDER_TIME * 2;
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
        let start = Timestamp::from_nanos(0);
        let due = start + REORDER_TIME;
        let mut timers = Timers::new(3);
        assert!(timers.set(start, 1, 1));
        assert!(timers.set(start + REORDER_TIME * 900, 2, 2));
        assert!(timers.set(start + REORDER_TIME / 2, 3, 3));
        assert!(!timers.set(start, 4, 4));
        assert_eq!(timers.next(Timestamp::from_nanos(due.as_nanos() - 1)), None);
        assert_eq!(timers.next(due), Some((1, 1)));
        assert_eq!(timers.next(due), Some((2, 2)));
        assert_eq!(timers.next(due), None);
        assert_eq!(timers.next(due + REORDER_TIME), Some((3, 3)));
        assert_eq!((timers.next(Timestamp::from_nanos(u64::MAX)), timers.len()), (None, 0));
    }
}
