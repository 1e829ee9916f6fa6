//! Whether capture sees the agent's own requests.

use std::sync::Mutex;
use std::time::Instant;

use super::lock::lock;

/// So many in a row that were not seen are a failure; one may be, where new connections are refused for a moment.
const MISSED: u32 = 2;

/// What someone has to know.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::run) enum News {
    /// Capture does not see, and what that means.
    Blind(String),
    /// It sees again.
    Sees,
    /// The request cannot be made, so that nothing is known, and why.
    NotMade(String),
}

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::run) enum Outcome {
    /// It was seen.
    Seen,
    /// It was made and not seen, and what is known of that.
    Unseen(String),
    /// It was not made, which says nothing about capture, and why.
    NotMade(String),
}

/// Whether capture sees the agent's own requests.
pub(in crate::run) struct Canary {
    /// Why there are none, if there are none.
    nowhere: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: u64,
    seen: u64,
    /// Those not seen since the last one that was, and why the last of them was not.
    missed: u32,
    why: String,
    last: Option<Instant>,
    /// Why the last one could not be made, if it could not.
    not_made: Option<String>,
}

impl Canary {
    /// `nowhere` says why no such request can be made, if it is so.
    pub(super) fn new(nowhere: Option<String>) -> Canary {
        Canary { nowhere, state: Mutex::default() }
    }

    /// Takes what became of a request. Returns what is new by it.
    pub(in crate::run) fn note(&self, outcome: Outcome) -> Option<News> {
        let mut state = lock(&self.state);
        match outcome {
            Outcome::Seen => state.seen(),
            Outcome::Unseen(why) => state.unseen(why),
            Outcome::NotMade(why) => {
                let before = state.not_made.replace(why);
                state.not_made().filter(|_| before.is_none()).map(News::NotMade)
            }
        }
    }

    /// Returns how many were sent, and how many of them were seen.
    pub(in crate::run) fn counts(&self) -> (u64, u64) {
        let state = lock(&self.state);
        (state.sent, state.seen)
    }

    /// Returns that capture does not see, if it is so, with what to do.
    pub(in crate::run) fn trouble(&self) -> Option<String> {
        lock(&self.state).trouble()
    }

    /// Returns that no request can be made, if the last one could not be.
    pub(in crate::run) fn not_made(&self) -> Option<String> {
        lock(&self.state).not_made()
    }

    /// Returns how it stands, for people.
    pub(in crate::run) fn shown(&self) -> String {
        if let Some(why) = &self.nowhere {
            return format!("none: {why}; that capture sees is not tested");
        }
        let state = lock(&self.state);
        let State { sent, seen, .. } = *state;
        let last = match state.last {
            Some(at) => format!("the last {} s ago", at.elapsed().as_secs()),
            None => "none yet".into(),
        };
        format!("{seen} of {sent} requests of the agent's own were seen, {last}")
    }
}

impl State {
    fn seen(&mut self) -> Option<News> {
        self.sent += 1;
        self.seen += 1;
        (self.last, self.not_made) = (Some(Instant::now()), None);
        (std::mem::take(&mut self.missed) >= MISSED).then_some(News::Sees)
    }

    fn unseen(&mut self, why: String) -> Option<News> {
        self.sent += 1;
        (self.missed, self.why, self.not_made) = (self.missed.saturating_add(1), why, None);
        self.trouble().filter(|_| self.missed == MISSED).map(News::Blind)
    }

    fn not_made(&self) -> Option<String> {
        let why = self.not_made.as_ref()?;
        Some(format!(
            "whether capture sees cannot be tested: a request of the agent's own cannot be made ({why}); it is tried again"
        ))
    }

    fn trouble(&self) -> Option<String> {
        (self.missed >= MISSED).then(|| {
            format!(
                "capture is blind: {} requests of the agent's own in a row were not seen ({}), so those to Services are not \
                 seen either, or not all; delete the pod, and if that does not help see 'Capture is blind' in \
                 docs/troubleshooting.md",
                self.missed, self.why
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_in_a_row_are_a_failure_until_one_is_seen() {
        let canary = Canary::new(None);
        let missed = || canary.note(Outcome::Unseen("it did not show".into()));
        assert_eq!((missed(), canary.note(Outcome::Seen), missed()), (None, None, None));
        assert_eq!(canary.trouble(), None);
        let Some(News::Blind(said)) = missed() else { panic!("not said") };
        assert!(
            said.contains("2 requests of the agent's own in a row were not seen (it did not show)"),
            "{said}"
        );
        assert_eq!((canary.trouble(), missed()), (Some(said), None));
        assert!(canary.trouble().unwrap().contains("3 requests"));
        assert_eq!((canary.note(Outcome::Seen), canary.trouble()), (Some(News::Sees), None));
        assert_eq!(canary.counts(), (6, 2));
        assert!(canary.shown().starts_with("2 of 6 requests of the agent's own were seen, the last 0 s ago"));
    }

    #[test]
    fn one_that_cannot_be_made_says_nothing_about_capture() {
        let canary = Canary::new(None);
        let not_made = || canary.note(Outcome::NotMade("too many open files".into()));
        let Some(News::NotMade(said)) = not_made() else { panic!("not said") };
        assert!(said.contains("cannot be made (too many open files)"), "{said}");
        assert_eq!((not_made(), canary.trouble(), canary.not_made()), (None, None, Some(said)));
        assert_eq!((canary.counts(), canary.note(Outcome::Seen), canary.not_made()), ((0, 0), None, None));
        // It mends nothing, either.
        let missed = || canary.note(Outcome::Unseen("it did not show".into()));
        missed();
        not_made();
        assert!(matches!(missed(), Some(News::Blind(_))));
        not_made();
        assert!(canary.trouble().is_some());
    }

    #[test]
    fn where_none_can_be_made_that_is_no_failure() {
        let canary = Canary::new(Some("packets are captured on eth0 alone".into()));
        assert!(canary.shown().starts_with("none: packets are captured on eth0 alone; "));
        assert_eq!(canary.trouble(), None);
    }
}
