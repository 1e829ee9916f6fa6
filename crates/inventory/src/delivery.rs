//! How far an endpoint is on its way to the platform: the outbox part of its record.
//!
//! There is no second list of things to send. An endpoint whose [`Delivery::revision`] is ahead of what was pushed *is*
//! the outbox entry, so what is known and what is still to be sent change in one transaction by construction.

use decode::Timestamp;
use serde::{Deserialize, Serialize};

use crate::confirm::{Counts, SETTLE_REQUESTS};
use crate::stored::never;
use crate::{Instance, Progress, Settings};

/// At most so many times of commits are kept with an endpoint (the platform allows three a day).
const COMMITS: usize = 16;
/// At most so many superseded literals are named.
const SUPERSEDED: usize = 8;
/// At most so many bytes of a reason are kept.
const REASON_BYTES: usize = 512;

/// Where an endpoint stands between being seen and being on the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// Whether it is believed to exist (`evidence.rs`).
    pub confirmed: bool,
    /// Whether nothing but refusals or one page was seen so far, so that it waits a settle time.
    pub unsettled: bool,
    /// Goes up with everything learned that is worth a push; 0 while there is nothing.
    pub revision: u64,
    /// When the first of the news was learned that no push took along.
    #[serde(with = "never")]
    pub news_at: Option<Timestamp>,
    /// How far the push has come.
    pub progress: Option<Box<Progress>>,
    /// Not to be tried before this time.
    #[serde(with = "never")]
    pub not_before: Option<Timestamp>,
    /// Why the last try did not succeed, if it did not.
    pub last_error: Option<Box<str>>,
    /// The revision that the platform could not take, if there is one. [`Self::last_error`] says why.
    pub set_aside: Option<u64>,
    /// Whether it was pushed without its body, since the store that has it could not be read then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub owed: bool,
}

impl Delivery {
    /// Notes that something was learned at `time`. `in_flight` is the revision that is being pushed just now.
    pub(crate) fn learned(&mut self, time: Option<Timestamp>, in_flight: Option<u64>) {
        let told = self.progress.as_ref().map_or(0, |progress| progress.pushed_revision);
        if self.revision <= told.max(in_flight.unwrap_or(0)).max(self.set_aside.unwrap_or(0)) {
            self.news_at = time;
        }
        self.revision = self.revision.saturating_add(1);
    }

    /// Returns what was recorded about this instance; another instance's progress says nothing about it.
    #[must_use]
    pub fn progress_at(&self, instance: &Instance) -> Option<&Progress> {
        self.progress.as_deref().filter(|progress| progress.instance.as_ref() == Some(instance))
    }

    /// Returns whether all that is known was pushed to this instance.
    #[must_use]
    pub fn is_pushed(&self, instance: &Instance) -> bool {
        self.progress_at(instance).is_some_and(|progress| progress.pushed_revision >= self.revision)
    }

    /// Returns whether the platform could not take what is known, and nothing was learned since.
    #[must_use]
    pub fn is_set_aside(&self, instance: &Instance) -> bool {
        self.progress_at(instance).is_some()
            && self.set_aside.is_some_and(|revision| revision >= self.revision)
    }

    /// Returns when its name is final; in the past when it is certain.
    #[must_use]
    pub fn settled_at(&self, counts: &Counts, settings: &Settings) -> Timestamp {
        let first = counts.first.unwrap_or(Timestamp::EPOCH);
        if self.unsettled && counts.requests < SETTLE_REQUESTS { first + settings.settle } else { first }
    }

    /// Returns when it is to be pushed to this instance, or `None` when there is nothing to push. New ones go when they
    /// are confirmed and settled, news about those tried before are collected for a while.
    pub(crate) fn due_at(
        &self,
        instance: &Instance,
        counts: &Counts,
        settings: &Settings,
    ) -> Option<Timestamp> {
        if !self.confirmed || self.revision == 0 || self.is_pushed(instance) || self.is_set_aside(instance) {
            return None;
        }
        let Some(progress) = self.progress_at(instance) else {
            return Some(self.settled_at(counts, settings));
        };
        let update = progress.pushed_revision > 0 || self.set_aside.is_some();
        let ready = if update {
            self.news_at.unwrap_or(Timestamp::EPOCH) + settings.collect
        } else {
            self.settled_at(counts, settings)
        };
        Some(ready).max(self.not_before)
    }

    /// It was seen at `time`. If it was pushed and is gone from the platform since, it is to be pushed again: then this is
    /// true.
    pub(crate) fn seen(&mut self, time: Timestamp) -> bool {
        let gone = |progress: &&mut Box<Progress>| {
            progress.pushed_revision > 0 && progress.gone_at.is_some_and(|at| at < time)
        };
        let Some(progress) = self.progress.as_mut().filter(gone) else { return false };
        progress.pushed_revision = 0;
        true
    }

    /// Returns whether it was pushed to this instance, and its listing no longer shows it.
    #[must_use]
    pub fn is_gone(&self, instance: &Instance) -> bool {
        self.is_pushed(instance)
            && self.progress_at(instance).is_some_and(|progress| progress.gone_at.is_some())
    }

    /// Takes note that the platform has what is told here under an older template, if it has: there is no call to remove it.
    pub(crate) fn superseded(&mut self, template: &str, older: Progress) {
        if older.adds == 0 && older.pushed_revision == 0 && older.superseded.is_empty() {
            return;
        }
        let progress = self.progress.get_or_insert_with(|| {
            Box::new(Progress { instance: older.instance.clone(), ..Progress::default() })
        });
        if progress.instance != older.instance {
            return;
        }
        let added = (older.adds > 0).then(|| template.to_owned());
        let beyond = &mut progress.superseded_beyond;
        *beyond = beyond.saturating_add(older.superseded_beyond);
        for path in older.superseded.into_iter().chain(added) {
            if progress.superseded.contains(&path) {
                continue;
            }
            match progress.superseded.len() < SUPERSEDED {
                true => progress.superseded.push(path),
                false => *beyond = beyond.saturating_add(1),
            }
        }
    }

    /// Forgets that the platform could not take it, with all tries that are counted.
    pub(crate) fn begin_anew(&mut self) {
        (self.set_aside, self.last_error, self.not_before) = (None, None, None);
        if let Some(progress) = &mut self.progress {
            (progress.adds, progress.failures, progress.restored) = (0, 0, false);
        }
    }

    /// Takes over what came of a push, with its lists cut to what is kept.
    pub(crate) fn record(&mut self, mut progress: Progress) {
        let superfluous = progress.commits.len().saturating_sub(COMMITS);
        progress.commits.drain(..superfluous);
        progress.commits.shrink_to_fit();
        progress.superseded.truncate(SUPERSEDED);
        self.progress = Some(Box::new(progress));
        self.not_before = None;
        self.last_error = None;
        self.set_aside = None;
    }

    /// Notes why it was not pushed.
    pub(crate) fn failed(&mut self, reason: &str) {
        self.last_error =
            Some(reason.get(..reason.floor_char_boundary(REASON_BYTES)).unwrap_or_default().into());
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let progress = self.progress.as_deref().map_or(0, |progress| {
            let instance = progress.instance.as_ref().map_or(0, |one| one.app.len() + one.instance.len());
            let names = [&progress.platform_id, &progress.platform_path];
            size_of::<Progress>()
                + instance
                + names.iter().map(|name| name.as_ref().map_or(0, String::len)).sum::<usize>()
                + progress.commits.len() * size_of::<Timestamp>()
                + progress.superseded.iter().map(|path| size_of::<String>() + path.len()).sum::<usize>()
        });
        progress + self.last_error.as_ref().map_or(0, |reason| reason.len())
    }
}
