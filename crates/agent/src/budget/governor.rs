//! The memory that the process really takes, and what connections may take for that.
//!
//! What stages say that they hold is counted from lengths and capacities. What that costs the process is more: sizes are
//! rounded, and memory that was given back is not always in one piece. So the process is looked at, and what connections
//! may take follows.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// Keeps the memory of the process within its budget by what connections may take. It costs one system call a look.
#[derive(Debug)]
pub(crate) struct Governor {
    /// `/proc/self/statm`, where there is one.
    statm: Option<File>,
    page: usize,
    budget: usize,
    /// The share of connections while there is room.
    share: usize,
    limit: usize,
    /// When connections last had to shrink, and how much the process took too much then.
    lowered: Option<(Instant, usize)>,
    /// The frames that came since the last look.
    frames: usize,
    looked: Instant,
}

/// After so many frames it is time for a look. Of the size of a segment they bring less than two megabytes.
const FRAMES: usize = 1024;
/// After so long it is time too: what others take grows as well.
const PERIOD: Duration = Duration::from_millis(250);
/// After so long what was given up shows: the allocator keeps it for a second before it gives it back. Whoever lowered again
/// before would go on to the least for any excess.
const ANSWER: Duration = Duration::from_millis(1500);

impl Governor {
    /// Begins with the share of connections in a budget for the whole process, both in bytes.
    pub(crate) fn new(budget: usize, share: usize) -> Governor {
        let (statm, page) = (File::open("/proc/self/statm").ok(), rustix::param::page_size());
        Governor {
            statm,
            page,
            budget,
            share,
            limit: share,
            lowered: None,
            frames: 0,
            looked: Instant::now(),
        }
    }

    /// Takes note of frames that came.
    pub(crate) fn frames(&mut self, count: usize) {
        self.frames += count;
    }

    /// Returns whether it is time for a look.
    pub(crate) fn is_due(&self) -> bool {
        self.frames >= FRAMES || self.looked.elapsed() >= PERIOD
    }

    /// Returns what connections may take from now on, in bytes, if that changes. `taken` is what they say that they hold.
    pub(crate) fn look(&mut self, taken: usize) -> Option<usize> {
        let now = Instant::now();
        (self.frames, self.looked) = (0, now);
        let resident = self.resident()?;
        let limit = self.limit(resident, taken, now);
        (std::mem::replace(&mut self.limit, limit) != limit).then_some(limit)
    }

    /// From 13 sixteenths of the budget on connections may not grow, and from 14 on they shrink by what is too much, but not
    /// below half their share. Below eleven they have their share again. What is left is for what grows between two looks.
    fn limit(&mut self, resident: usize, taken: usize, now: Instant) -> usize {
        let least = self.share / 2;
        let sixteenth = self.budget / 16;
        let most = sixteenth * 14;
        if resident > most {
            match self.news(resident - most, now) {
                0 => self.limit,
                excess => taken.saturating_sub(excess).min(self.limit).max(least),
            }
        } else if resident > sixteenth * 13 {
            self.limit.min(taken.max(least))
        } else if resident < sixteenth * 11 {
            self.share
        } else {
            self.limit
        }
    }

    /// Returns what is too much and was not told before: of an excess whose answer cannot be there yet, what it has grown by.
    fn news(&mut self, excess: usize, now: Instant) -> usize {
        let waits = self.lowered.filter(|(at, _)| now.duration_since(*at) < ANSWER);
        let news = excess.saturating_sub(waits.map_or(0, |(_, told)| told));
        if news > 0 {
            self.lowered = Some((now, excess));
        }
        news
    }

    /// Returns the memory of the process, in bytes: the second number, in pages (proc_pid_statm(5)).
    fn resident(&self) -> Option<usize> {
        let mut text = [0; 128];
        let len = self.statm.as_ref()?.read_at(&mut text, 0).ok()?;
        let text = std::str::from_utf8(text.get(..len)?).ok()?;
        Some(text.split(' ').nth(1)?.parse::<usize>().ok()? * self.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    #[test]
    fn connections_stop_growing_then_shrink_and_get_their_share_back() {
        let mut governor = Governor::new(160 * MIB, 80 * MIB);
        let mut now = Instant::now();
        let mut look = |resident: usize, taken: usize| {
            now += ANSWER;
            governor.limit = governor.limit(resident * MIB, taken * MIB, now);
            governor.limit / MIB
        };
        assert_eq!(look(129, 50), 80, "there is room");
        assert_eq!(look(131, 50), 50, "no growth");
        assert_eq!(look(115, 45), 50, "not yet");
        assert_eq!(look(145, 50), 45, "5 MiB too much");
        assert_eq!(look(300, 50), 40, "half their share is theirs");
        assert_eq!(look(109, 10), 80);
    }

    /// A process that gives back what connections gave up a second later.
    #[test]
    fn connections_shrink_by_what_is_too_much_however_often_it_is_looked_before_that_shows() {
        let mut governor = Governor::new(160 * MIB, 80 * MIB);
        let begun = Instant::now();
        let mut look = |after: u64, resident: usize| {
            let taken = governor.limit.min(75 * MIB);
            let now = begun + Duration::from_millis(after);
            governor.limit = governor.limit(resident * MIB, taken, now);
            governor.limit / MIB
        };
        assert_eq!(look(0, 145), 70, "5 MiB too much");
        assert_eq!([100, 250, 500, 750, 1000].map(|after| look(after, 145)), [70; 5], "not answered yet");
        assert_eq!(look(1250, 140), 70, "answered");
        assert_eq!(look(3000, 143), 67, "3 MiB too much");
        assert_eq!([3001, 3002].map(|after| look(after, 145)), [65; 2], "it grows meanwhile: 2 MiB more");
        assert_eq!(look(5000, 145), 60, "it did not help");
    }

    #[test]
    fn the_memory_of_this_process_is_some_megabytes() {
        let mut governor = Governor::new(1, 200);
        assert!((MIB..1 << 40).contains(&governor.resident().unwrap()));
        assert_eq!((governor.look(0), governor.look(0)), (Some(100), None));
    }
}
