//! The lines that say which endpoints were seen, and how often they may come.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use inventory::EndpointKey;

/// The most lines in one second; further first sightings get one line together.
const PER_SECOND: u32 = 20;
/// An endpoint that was not asked for so long gets a line at once: somebody tries it.
const SILENT: Duration = Duration::from_secs(60);
/// Other endpoints get their next line after this time, and all together one in a second.
const AGAIN: Duration = Duration::from_secs(600);
const ALL_AGAIN: Duration = Duration::from_secs(1);
/// The most endpoints remembered; beyond it those that are silent are forgotten.
const MAX_REMEMBERED: usize = 65_536;

/// When an endpoint was last said and seen, and how often since it was said.
struct Said {
    said: Instant,
    seen: Instant,
    since: u64,
}

/// Keeps the log readable: says what is new at once, and what repeats seldom.
#[derive(Default)]
pub(crate) struct Sightings {
    endpoints: HashMap<EndpointKey, Said>,
    /// When the second began in which so many lines came.
    second: Option<(Instant, u32)>,
    /// First sightings without a line of their own.
    unsaid: u64,
    /// When something that repeats was last said.
    again: Option<Instant>,
}

impl Sightings {
    /// Takes note that an endpoint was seen `count` times. Returns how often it was seen beside this time, if it is to be said now.
    /// While an error stands (`is_error`) nothing is said again: it would push the error out of sight.
    pub(crate) fn saw(&mut self, key: &EndpointKey, count: u64, now: Instant, is_error: bool) -> Option<u64> {
        let Some(last) = self.endpoints.get(key) else { return self.saw_first(key, count, now) };
        let silent = now.duration_since(last.seen) >= SILENT;
        let due = now.duration_since(last.said) >= AGAIN;
        let says = !is_error && (silent && self.has_room(now) || due && self.may_repeat(now));
        let last = self.endpoints.get_mut(key)?;
        last.seen = now;
        last.since += count;
        if !says {
            return None;
        }
        last.said = now;
        Some(std::mem::take(&mut last.since) - 1)
    }

    fn saw_first(&mut self, key: &EndpointKey, count: u64, now: Instant) -> Option<u64> {
        if self.endpoints.len() >= MAX_REMEMBERED {
            self.endpoints.retain(|_, last| now.duration_since(last.seen) < SILENT);
            if self.endpoints.len() >= MAX_REMEMBERED {
                self.unsaid += 1;
                return None;
            }
        }
        let says = self.has_room(now);
        let since = if says { 0 } else { count };
        self.endpoints.insert(key.clone(), Said { said: now, seen: now, since });
        self.unsaid += u64::from(!says);
        says.then(|| count - 1)
    }

    /// Returns how many endpoints were seen for the first time without a line of their own, once their second is over.
    pub(crate) fn take_unsaid(&mut self, now: Instant) -> Option<u64> {
        let over = self.second.is_none_or(|(start, _)| now.duration_since(start) >= ALL_AGAIN);
        (over && self.unsaid > 0).then(|| std::mem::take(&mut self.unsaid))
    }

    fn has_room(&mut self, now: Instant) -> bool {
        match &mut self.second {
            Some((start, used)) if now.duration_since(*start) < Duration::from_secs(1) => {
                *used += 1;
                *used <= PER_SECOND
            }
            second => {
                *second = Some((now, 1));
                true
            }
        }
    }

    fn may_repeat(&mut self, now: Instant) -> bool {
        let may = self.again.is_none_or(|again| now.duration_since(again) >= ALL_AGAIN);
        if may {
            self.again = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use redact::Owner;

    use super::*;

    fn key(n: u16) -> EndpointKey {
        let owner = Owner::Address(([10, 0, 0, 1], n).into());
        EndpointKey { owner, method: "GET".into(), template: "/".into() }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_endpoint_is_said_at_once_then_every_ten_minutes_and_after_a_silence() {
        let mut sightings = Sightings::default();
        let start = Instant::now();
        assert_eq!(sightings.saw(&key(1), 1, start, false), Some(0));
        for second in (30..600).step_by(30) {
            assert_eq!(sightings.saw(&key(1), 3, start + seconds(second), false), None);
        }
        assert_eq!(sightings.saw(&key(1), 2, start + seconds(600), false), Some(3 * 19 + 1));
        assert_eq!(sightings.saw(&key(1), 1, start + seconds(659), false), None);
        assert_eq!(sightings.saw(&key(1), 1, start + seconds(719), false), Some(1), "somebody tries it");
    }

    #[test]
    fn no_more_than_twenty_a_second_and_the_others_together() {
        let mut sightings = Sightings::default();
        let start = Instant::now();
        let said = (0..100).filter(|n| sightings.saw(&key(*n), 1, start, false).is_some()).count();
        assert_eq!(said, 20);
        assert_eq!(sightings.take_unsaid(start), None, "there may be more");
        assert_eq!(sightings.take_unsaid(start + seconds(1)), Some(80));
        assert_eq!(sightings.take_unsaid(start + seconds(2)), None);
    }

    #[test]
    fn repeats_are_one_a_second_in_all() {
        let mut sightings = Sightings::default();
        let start = Instant::now();
        for n in 0..20 {
            assert!(sightings.saw(&key(n), 1, start, false).is_some());
            assert_eq!(sightings.saw(&key(n), 1, start + seconds(570), true), None);
        }
        let said = |sightings: &mut Sightings, at| {
            (0..20).filter(|n| sightings.saw(&key(*n), 1, start + at, false).is_some()).count()
        };
        assert_eq!(said(&mut sightings, seconds(600)), 1);
        assert_eq!(said(&mut sightings, seconds(601)), 1);
    }

    #[test]
    fn while_an_error_stands_only_what_is_new_is_said() {
        let mut sightings = Sightings::default();
        let start = Instant::now();
        assert_eq!(sightings.saw(&key(1), 1, start, true), Some(0));
        assert_eq!(sightings.saw(&key(1), 4, start + seconds(700), true), None);
        assert_eq!(sightings.saw(&key(1), 1, start + seconds(1400), false), Some(4));
    }
}
