//! Says errors that last again, so that who looks at the last lines of the log finds them.

use std::time::{Duration, Instant};

use super::answers::errors;
use super::shared::Shared;
use crate::log;

/// Errors that last are said again after this time.
const EVERY: Duration = Duration::from_secs(60);
/// And sooner where so many other lines came since: `kubectl logs -l` shows the last ten of a pod. But not more often than this.
const LINES: u64 = 8;
const SOONEST: Duration = Duration::from_secs(10);

/// What was said last, and when.
pub(super) struct Reminder {
    said: Instant,
    /// How many lines the log had then.
    lines: u64,
    /// The errors that nobody said when they began.
    unsaid: Vec<String>,
    stands: bool,
}

impl Reminder {
    pub(super) fn new() -> Reminder {
        Reminder { said: Instant::now(), lines: log::lines(), unsaid: Vec::new(), stands: false }
    }

    /// Says what someone has to do something about, if it is time, and tells whether there is anything.
    pub(super) fn look(&mut self, shared: &Shared) {
        let all = errors::all(shared, &shared.capture.report().missing);
        let unsaid = errors::away(shared);
        shared.health.set_stands(!all.is_empty());
        if self.is_due(!all.is_empty(), unsaid, log::lines(), Instant::now()) {
            for error in &all {
                tracing::error!("{error}");
            }
            (self.said, self.lines) = (Instant::now(), log::lines());
        }
    }

    /// Returns whether the errors that stand are to be said.
    fn is_due(&mut self, stands: bool, unsaid: Vec<String>, lines: u64, now: Instant) -> bool {
        let begins = stands && !self.stands;
        self.stands = stands;
        let new = unsaid.iter().any(|error| !self.unsaid.contains(error));
        self.unsaid = unsaid;
        if begins {
            // It was said when it began.
            (self.said, self.lines) = (now, lines);
        }
        let since = now.duration_since(self.said);
        let others = lines.saturating_sub(self.lines);
        stands && (new || since >= EVERY || others >= LINES && since >= SOONEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stays_among_the_last_lines() {
        let start = Instant::now();
        let mut reminder = Reminder { said: start, lines: 0, unsaid: Vec::new(), stands: false };
        let mut due = |stands, lines, second| {
            let now = start + Duration::from_secs(second);
            let due = reminder.is_due(stands, Vec::new(), lines, now);
            if due {
                (reminder.said, reminder.lines) = (now, lines);
            }
            due
        };
        assert!(!due(false, 100, 90), "there is none");
        assert!(!due(true, 100, 100), "it was said when it began");
        assert!(!due(true, 107, 115), "it is among the last ten");
        assert!(!due(true, 200, 109) && due(true, 200, 110), "after eight others, ten seconds later");
        assert!(!due(true, 205, 169) && due(true, 205, 170), "and each minute");
        assert!(!due(false, 900, 400) && !due(true, 900, 500), "it is another one");
    }

    #[test]
    fn what_nobody_said_is_said_at_once() {
        let start = Instant::now();
        let mut reminder = Reminder { said: start, lines: 0, unsaid: Vec::new(), stands: false };
        let away = || vec!["the platform is away".to_owned()];
        assert!(reminder.is_due(true, away(), 0, start));
        assert!(!reminder.is_due(true, away(), 0, start));
    }
}
