//! The way back into a stream, when it is open which record comes next, or with which keys: they are tried, and the tag
//! proves.

use crate::epoch::Epoch;
use crate::opener::{Opened, Opener};
use crate::step::GivenUp;

/// The most records that are thought to be missing at once: of the shortest, 88 KiB, of the longest, 64 MiB.
const MAX_MISSING: u64 = 4096;

/// The most bytes of records that are tried in one search. It takes some 10 ms.
const MAX_TRIED: usize = 32 << 20;

/// A search.
pub(crate) struct Search {
    /// The epoch of the last record that was read.
    pub(crate) epoch: Epoch,
    /// With what that was opened, if it was.
    pub(crate) current: Option<Opener>,
    /// Whether nothing was sealed yet.
    pub(crate) clear: bool,
    /// The keys that may have come into use since, once they were asked for.
    pub(crate) ahead: Option<Vec<(Epoch, Opener)>>,
    /// How many records may be missing before the next one.
    missing: u64,
    /// What a record means that no key opens.
    why: GivenUp,
    tried: usize,
    attempt: Vec<u8>,
}

/// What came of a record.
pub(crate) enum Tried {
    /// It was opened, with the keys of this epoch, which go on behind it.
    Opened(Epoch, Opener, Opened),
    /// No key opens it, but it may be passed over.
    Unopened,
    /// Too much was tried, or it may not be passed over.
    GivenUp(GivenUp),
}

impl Search {
    /// Begins behind a record of this epoch, opened with `current`, where `missing` records may be missing.
    pub(crate) fn new(epoch: Epoch, current: Option<Opener>, missing: u64, why: GivenUp) -> Search {
        let (clear, ahead, attempt) = (false, None, Vec::new());
        Search { epoch, current, clear, ahead, missing, why, tried: 0, attempt }
    }

    /// Returns what follows on a record that was opened with the keys of an epoch: nothing is missing now.
    pub(crate) fn goes_on(self, epoch: Epoch, opener: Opener) -> Search {
        Search::new(epoch, Some(opener), 0, self.why)
    }

    /// Begins behind a loss before anything was sealed.
    pub(crate) fn from_clear(missing: u64) -> Search {
        let mut search = Search::new(Epoch::Application, None, missing, GivenUp::Gap);
        search.clear = true;
        search
    }

    /// Takes note that so many more records may be missing.
    pub(crate) fn lose(&mut self, missing: u64) {
        self.missing = self.missing.saturating_add(missing);
        self.why = GivenUp::Gap;
        self.tried = 0;
    }

    /// Returns whether there are keys to try.
    pub(crate) fn has_keys(&self) -> bool {
        self.current.is_some() || self.ahead.as_ref().is_some_and(|ahead| !ahead.is_empty())
    }

    /// Returns whether it began with a loss.
    pub(crate) fn is_after_loss(&self) -> bool {
        self.why == GivenUp::Gap
    }

    /// Tries all keys on a record, header and all.
    pub(crate) fn record(&mut self, record: &mut [u8]) -> Tried {
        let Search { epoch, current, ahead, attempt, tried, .. } = self;
        let missing = self.missing.min(MAX_MISSING);
        let current = current.take().map(|opener| (*epoch, opener));
        let mut candidates: Vec<_> = current.into_iter().chain(ahead.take().unwrap_or_default()).collect();
        let found = candidates.iter().enumerate().find_map(|(at, (_, opener))| {
            (opener.number..=opener.number.saturating_add(missing)).find_map(|number| {
                if *tried > MAX_TRIED {
                    return None;
                }
                *tried += record.len();
                attempt.clear();
                attempt.extend_from_slice(record);
                opener.open_as(number, attempt).map(|opened| (at, number, opened))
            })
        });
        if let Some((at, number, opened)) = found {
            record.copy_from_slice(attempt);
            let (epoch, mut opener) = candidates.swap_remove(at);
            opener.number = number + 1;
            return Tried::Opened(epoch, opener, opened);
        }
        if self.tried > MAX_TRIED || self.missing > MAX_MISSING || self.why == GivenUp::Refused {
            return Tried::GivenUp(self.why);
        }
        if self.is_after_loss() {
            self.missing += 1;
        }
        self.ahead = Some(candidates);
        Tried::Unopened
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        let ahead =
            self.ahead.iter().flatten().map(|(_, opener)| size_of::<(Epoch, Opener)>() + opener.held());
        let current = self.current.as_ref().map_or(0, Opener::held);
        current + ahead.sum::<usize>() + self.attempt.capacity()
    }
}
