//! One item on its way through a push: which step is next, and what was learned about it.

use std::fmt;
use std::time::Duration;

use decode::Timestamp;
use inventory::{Instance, Item, Outcome, Progress, Verdict};

use super::listing::Listing;
use super::request;
use super::shape::{covers, literals, shape};
use super::turn::{MAX_TURNS, Seen, turn_at};
use crate::client::answers::{Listed, Suggestion};
use crate::client::wire::Details;

/// How often an endpoint is added that the platform accepts and does not list: with its body, and without.
const MAX_ADDS: u32 = 2;

/// How many commits an endpoint gets within [`DAY`].
const MAX_COMMITS: usize = 3;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// How many superseded literals are kept per endpoint.
const MAX_SUPERSEDED: usize = 16;

/// After how many failures in a row an item goes alone: it may be the one that spoils its batch.
const SUSPECT: u32 = 2;

/// What to do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Look it up in the listing.
    LookUp,
    /// Ask the matcher.
    Preview,
    /// Create it.
    Add,
    /// It was created: look whether the listing shows it.
    Verify,
    /// Send the details, with what the matcher said, if it was asked.
    Commit(Option<Suggestion>),
    /// Nothing.
    Done(Verdict),
}

/// A step that calls the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Preview,
    Add,
    Commit,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preview => "preview",
            Self::Add => "add",
            Self::Commit => "commit",
        })
    }
}

/// A step that several nodes could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// One after the other: to add it, or to give details that the platform does not have.
    Turn,
    /// The first node: to give details where the listing lacks nothing.
    Left,
}

/// An item, its progress as it is now, and its next step.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) item: Item,
    pub(super) progress: Progress,
    pub(super) step: Step,
    /// It was refused once and goes without its body.
    pub(super) light: bool,
}

impl Work {
    pub(super) fn new(item: Item, instance: &Instance) -> Self {
        // What was done at another instance says nothing here.
        let progress = if item.progress.instance.as_ref() == Some(instance) {
            item.progress.clone()
        } else {
            Progress { instance: Some(instance.clone()), ..Progress::default() }
        };
        Self { item, progress, step: Step::LookUp, light: false }
    }

    pub(super) fn is_at(&self, stage: Stage) -> bool {
        match self.step {
            Step::Preview => stage == Stage::Preview,
            Step::Add => stage == Stage::Add,
            Step::Commit(_) => stage == Stage::Commit,
            Step::LookUp | Step::Verify | Step::Done(_) => false,
        }
    }

    pub(super) fn is_suspect(&self) -> bool {
        self.progress.failures >= SUSPECT
    }

    /// Returns what makes two endpoints the same: method and shape.
    pub(super) fn identity(&self) -> (String, String) {
        (self.item.key.method.clone(), shape(&self.item.path))
    }

    /// Goes on from the listing. What the matcher said since `oldest` still holds.
    pub(super) fn look_up(&mut self, listing: &Listing, oldest: Timestamp) {
        let key = &self.item.key;
        let known = self.progress.platform_id.as_deref().and_then(|id| listing.find_id(id));
        match known.or_else(|| listing.find(&key.method, &self.item.path)) {
            Some(listed) => self.found(listed, listing),
            None if matches!(self.step, Step::Verify) => {}
            None => self.absent(oldest),
        }
    }

    fn found(&mut self, listed: &Listed, listing: &Listing) {
        self.adopt(&listed.id, &listed.path);
        if self.progress.verified_at.is_none() {
            // Who waited for a turn to add it has not yet waited for one to give its details.
            self.progress.turn_at = None;
        }
        self.progress.verified_at = Some(listing.read_at);
        self.progress.gone_at = None;
        if self.progress.pushed_revision > 0 && self.progress.pushed_revision >= self.item.revision {
            self.step = Step::Done(Verdict::Pushed);
            return;
        }
        self.step = Step::Commit(None);
        for literal in listing.superseded_by(&self.item.key.method, &self.item.path) {
            supersede(&mut self.progress, literal);
        }
    }

    /// Goes on where the listing has neither the id that it had nor its shape.
    fn absent(&mut self, oldest: Timestamp) {
        if self.progress.verified_at.is_some() {
            if self.progress.restored {
                return self.set_aside("it was removed from the platform twice");
            }
            let Progress { instance, superseded, superseded_beyond, commits, .. } =
                std::mem::take(&mut self.progress);
            self.progress = Progress {
                instance,
                superseded,
                superseded_beyond,
                commits,
                restored: true,
                ..Progress::default()
            };
        }
        match self.progress.adds {
            0 if self.progress.unmatched_at < Some(oldest) => {
                self.step = Step::Preview;
            }
            0..MAX_ADDS => self.step = Step::Add,
            _ => self.set_aside("the platform accepted it twice and does not list it"),
        }
    }

    /// Goes on from the matcher's answer: a template that covers ours is adopted, unless this agent added it for another
    /// endpoint; otherwise ours is added.
    pub(super) fn matched(&mut self, suggestions: &[Suggestion], listing: Option<&Listing>, now: Timestamp) {
        let key = &self.item.key;
        let ours = suggestions.iter().filter(|s| s.method == key.method);
        let other = |path: &str| self.item.apart.iter().any(|apart| shape(apart) == shape(path));
        let covering = ours.clone().filter(|s| covers(&s.path, &self.item.path) && !other(&s.path));
        if let Some(best) = covering.max_by_key(|s| literals(&s.path)).cloned() {
            let listed = listing.and_then(|listing| listing.find_id(&best.id).map(|_| listing.read_at));
            self.progress.verified_at = listed.or(self.progress.verified_at);
            self.adopt(&best.id, &best.path);
            self.step = Step::Commit(Some(best));
            return;
        }
        for literal in ours.filter(|s| covers(&self.item.path, &s.path)) {
            supersede(&mut self.progress, &literal.path);
        }
        // Kept, so that a push that does not get to the add need not ask again.
        self.progress.unmatched_at = Some(now);
        self.step = Step::Add;
    }

    /// Returns whether it is on its way to be created, and nothing that this agent did may have created it.
    fn is_absent(&self) -> bool {
        matches!(self.step, Step::Preview | Step::Add) && !self.progress.added && self.progress.adds == 0
    }

    /// Returns how the next step is shared among nodes, if another one may do it.
    pub(super) fn shared_step(&self, listing: &Listing) -> Option<Shared> {
        if self.is_absent() {
            return Some(Shared::Turn);
        }
        let gives_details = matches!(self.step, Step::Commit(_)) && !self.progress.added;
        if !gives_details || self.details().is_none() {
            return None;
        }
        Some(if self.lacks_parameters(listing) { Shared::Turn } else { Shared::Left })
    }

    /// Waits until it is the turn of this place, which is not the first, and then until a listing shows what the nodes
    /// before it did. Returns whether it is to be looked up again.
    pub(super) fn await_turn(&mut self, place: usize, seen: &Seen, now: Timestamp) -> bool {
        let Some(turn) = self.progress.turn_at else {
            self.wait_for_turn(turn_at(place, seen.waiting, now));
            return false;
        };
        if turn > now {
            self.wait_for_turn(turn);
        } else if seen.read_at < turn {
            self.step = Step::LookUp;
            return true;
        } else if seen.grew && self.is_absent() && self.progress.turns < MAX_TURNS {
            // Another node is at work.
            self.progress.turns += 1;
            self.wait_for_turn(turn_at(place, seen.waiting, now));
        }
        false
    }

    fn wait_for_turn(&mut self, turn_at: Timestamp) {
        self.progress.turn_at = Some(turn_at);
        self.later("it is another node's turn", turn_at);
    }

    /// Leaves the rest to another node, which gives the details.
    pub(super) fn left_to_others(&mut self) {
        self.progress.pushed_revision = self.item.revision;
        self.done();
    }

    /// Returns whether the listing lacks a query parameter that was seen here. Headers are not compared: whether the platform
    /// counts them as parameters is not known, and those of the path are the same by its shape.
    fn lacks_parameters(&self, listing: &Listing) -> bool {
        let listed = self.progress.platform_id.as_deref().and_then(|id| listing.find_id(id));
        let known = listed.and_then(|listed| listed.parameters.as_ref());
        known.is_some_and(|known| self.item.query.iter().any(|(name, _)| !known.contains(name)))
    }

    fn adopt(&mut self, id: &str, path: &str) {
        self.progress.platform_id = Some(id.to_owned());
        self.progress.platform_path = Some(path.to_owned());
    }

    /// Notes that `add-endpoints` with it was answered by 2xx.
    pub(super) fn added(&mut self) {
        self.progress.added = true;
        self.progress.adds += 1;
        self.step = Step::Verify;
    }

    /// Returns the details to send, if there are any and the platform's id is known.
    pub(super) fn details(&self) -> Option<Details> {
        let Step::Commit(suggestion) = &self.step else { return None };
        let (id, path) = self.progress.platform_id.as_ref().zip(self.progress.platform_path.as_ref())?;
        request::details(&self.item, id, path, suggestion.as_ref(), self.light)
    }

    /// Returns when the next commit is due, if it has had its share.
    pub(super) fn commit_due(&mut self, now: Timestamp) -> Option<Timestamp> {
        // What is far in the future was noted before the clock was set back.
        let noted = |at: Timestamp| at <= now + HOUR && at + DAY > now;
        self.progress.commits.retain(|at| noted(*at));
        let oldest = self.progress.commits.len().checked_sub(MAX_COMMITS)?;
        self.progress.commits.get(oldest).map(|at| *at + DAY)
    }

    pub(super) fn pushed(&mut self, now: Timestamp) {
        self.progress.pushed_revision = self.item.revision;
        self.progress.pushed_at = Some(now);
        self.done();
    }

    fn done(&mut self) {
        self.progress.failures = 0;
        (self.progress.turn_at, self.progress.turns) = (None, 0);
        self.step = Step::Done(Verdict::Pushed);
    }

    pub(super) fn set_aside(&mut self, reason: &str) {
        self.step = Step::Done(Verdict::SetAside { reason: reason.to_owned() });
    }

    pub(super) fn later(&mut self, reason: &str, not_before: Timestamp) {
        self.step = Step::Done(Verdict::Later { reason: reason.to_owned(), not_before });
    }

    /// Returns what came of it. What is not done waits as `halt` says.
    pub(super) fn outcome(mut self, halt: Option<&Halt>) -> Outcome {
        if halt.is_some() && !self.progress.added {
            // When the platform is back, all nodes would have their turn at once.
            (self.progress.turn_at, self.progress.turns) = (None, 0);
        }
        let verdict = match self.step {
            Step::Done(verdict) => verdict,
            _ => {
                let (reason, until) = halt.map_or(("", Timestamp::EPOCH), |halt| (&halt.reason, halt.until));
                Verdict::Later { reason: reason.to_owned(), not_before: until }
            }
        };
        let Item { key, revision, example, .. } = self.item;
        Outcome { key, revision, example, progress: self.progress, verdict }
    }
}

/// Why a push ended before all was done.
#[derive(Clone, Debug)]
pub(super) struct Halt {
    pub(super) reason: String,
    pub(super) until: Timestamp,
}

fn supersede(progress: &mut Progress, literal: &str) {
    if progress.superseded.len() < MAX_SUPERSEDED && !progress.superseded.iter().any(|known| known == literal)
    {
        progress.superseded.push(literal.to_owned());
    }
}
