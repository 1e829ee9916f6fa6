//! Where an endpoint stands, for people.

use std::fmt;

use decode::Timestamp;
use redact::{is_undecided, printable};

use crate::confirm::REPETITIONS;
use crate::{Endpoint, Instance, Record, Settings, Unrecorded};

/// Where an endpoint stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// On the platform: a listing shows it.
    Verified,
    /// A template on the platform, which someone else made, covers it: its path there.
    Covered(String),
    /// The platform took it.
    Pushed,
    /// The platform had it, and its listing no longer shows it: someone removed it. Pushed again when it is next seen.
    Removed,
    /// The platform took it; news are collected, or are on their way.
    Updating {
        /// From when on the news may be pushed.
        from: Timestamp,
    },
    /// It is in the outbox, or being pushed just now.
    Waiting {
        /// From when on it may be pushed.
        from: Timestamp,
        /// Why the last try did not succeed, if there was one.
        error: Option<String>,
    },
    /// Whether a step of its path is a word or the value of a variable is not decided.
    Undecided,
    /// It had no certain success, and its answers are such as a wall gives for any path; waits so that a wall is known.
    Settling {
        /// Until when.
        until: Timestamp,
    },
    /// Nothing says yet that there is such an endpoint.
    Unconfirmed {
        /// Its last known bad answer, or `None` when no answer was seen.
        status: Option<u16>,
    },
    /// Its answer is one that its service gives for many paths, so it says nothing about this one.
    Wall {
        /// The status of that answer.
        status: Option<u16>,
    },
    /// Probes, scrapes and the like.
    Noise(String),
    /// Its Service is not mapped to an application.
    Unmapped,
    /// The platform cannot take it.
    SetAside(String),
    /// There was no room to keep it.
    Overflow(Unrecorded),
}

/// Returns whether two paths are the same but for the names of their variables.
fn is_same(one: &str, other: &str) -> bool {
    let alike = |(one, other): (&str, &str)| one == other || one.starts_with('{') && other.starts_with('{');
    one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(alike)
}

impl State {
    /// The state of an endpoint at `now`, given where its Service is pushed to.
    #[must_use]
    pub fn of(
        endpoint: &Endpoint,
        instance: Option<&Instance>,
        now: Timestamp,
        settings: &Settings,
    ) -> State {
        let record = &endpoint.record;
        let delivery = &record.delivery;
        if let Some(state) = unready(endpoint) {
            return state;
        }
        let Some(instance) = instance else { return State::Unmapped };
        if delivery.is_set_aside(instance) {
            return State::SetAside(error(endpoint).unwrap_or_default());
        }
        let progress = delivery.progress_at(instance);
        if delivery.is_gone(instance) {
            return State::Removed;
        }
        if delivery.is_pushed(instance) {
            let path = progress.and_then(|progress| progress.platform_path.as_deref());
            return match path.filter(|path| !is_same(path, &endpoint.key.template)) {
                Some(path) => State::Covered(path.to_owned()),
                None if progress.is_some_and(|progress| progress.verified_at.is_some()) => State::Verified,
                None => State::Pushed,
            };
        }
        let from = delivery.due_at(instance, &record.counts, settings).unwrap_or(now);
        if progress.is_some_and(|progress| progress.pushed_revision > 0) {
            return State::Updating { from };
        }
        let until = delivery.settled_at(&record.counts, settings);
        if until > now && endpoint.transient.in_flight.is_none() {
            return State::Settling { until };
        }
        let error = progress.and_then(|_| error(endpoint));
        State::Waiting { from, error }
    }

    /// Returns why an endpoint would not have been pushed when it was last seen, even if its Service is mapped.
    pub(crate) fn hold(endpoint: &Endpoint, settings: &Settings) -> Option<State> {
        let Record { counts, delivery, .. } = &endpoint.record;
        let until = delivery.settled_at(counts, settings);
        let set_aside = delivery.set_aside.is_some_and(|revision| revision >= delivery.revision);
        let tried = delivery.progress.as_ref().is_some_and(|progress| progress.pushed_revision > 0);
        unready(endpoint)
            .or_else(|| set_aside.then(|| State::SetAside(error(endpoint).unwrap_or_default())))
            .or_else(|| (!tried && Some(until) > counts.last).then_some(State::Settling { until }))
    }

    /// The state as a word for tables and metric labels.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            State::Verified => "verified",
            State::Covered(_) => "covered",
            State::Pushed => "pushed",
            State::Removed => "removed",
            State::Updating { .. } => "updating",
            State::Waiting { .. } => "waiting",
            State::Undecided => "undecided",
            State::Settling { .. } => "settling",
            State::Unconfirmed { .. } => "unconfirmed",
            State::Wall { .. } => "wall",
            State::Noise(_) => "noise",
            State::Unmapped => "unmapped",
            State::SetAside(_) => "set aside",
            State::Overflow(_) => "overflow",
        }
    }
}

impl fmt::Display for State {
    /// One sentence without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Verified => f.write_str("on the platform, seen in its listing"),
            State::Covered(path) => {
                write!(f, "on the platform as a part of {}, which covers it", printable(path.as_bytes()))
            }
            State::Pushed => f.write_str("pushed, not yet seen in the platform's listing"),
            State::Removed => {
                f.write_str("removed from the platform by someone; pushed again, once, when it is next seen")
            }
            State::Updating { .. } => {
                f.write_str("pushed; more was learned since and is collected for an update")
            }
            State::Waiting { error: None, .. } => f.write_str("waits to be pushed"),
            State::Waiting { error: Some(error), .. } => {
                write!(f, "waits to be pushed: {error}")
            }
            State::Undecided => {
                f.write_str("not pushed: whether a step of the path is a word or an id is not decided yet")
            }
            State::Settling { .. } => {
                f.write_str("not pushed yet: any path may be answered like this, waits for more requests")
            }
            State::Unconfirmed { status: Some(status) } => {
                write!(f, "not pushed: only answered by {status}, so there may be no such endpoint")
            }
            State::Unconfirmed { status: None } => {
                write!(f, "not pushed: no answer was seen, and fewer than {REPETITIONS} requests")
            }
            State::Wall { status } => {
                let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
                write!(
                    f,
                    "not pushed: many paths have the same answer{status}, so it says nothing about this one"
                )
            }
            State::Noise(reason) => write!(f, "not pushed: noise ({reason})"),
            State::Unmapped => f.write_str("not pushed: no mapping for its Service"),
            State::SetAside(reason) => write!(f, "set aside, the platform cannot take it: {reason}"),
            State::Overflow(reason) => write!(f, "not kept: {}", overflow(*reason)),
        }
    }
}

fn unready(endpoint: &Endpoint) -> Option<State> {
    let record = &endpoint.record;
    if let Some(reason) = &record.noise {
        return Some(State::Noise(reason.to_string()));
    }
    let status = || record.counts.statuses.last().map(|(status, _)| *status);
    if !record.delivery.confirmed && record.evidence.wall {
        return Some(State::Wall { status: status() });
    }
    if !record.delivery.confirmed {
        return Some(State::Unconfirmed { status: status() });
    }
    is_undecided(&endpoint.key.template).then_some(State::Undecided)
}

fn error(endpoint: &Endpoint) -> Option<String> {
    endpoint.record.delivery.last_error.as_deref().map(str::to_owned)
}

fn overflow(reason: Unrecorded) -> &'static str {
    match reason {
        Unrecorded::ServiceFull => "its Service has as many endpoints as it may have",
        Unrecorded::OwnersFull => "there are as many Services as there may be",
        Unrecorded::MemoryFull => "the memory for endpoints is used up",
        Unrecorded::TooLong => "its method or path is too long",
        Unrecorded::RepeatOfUnrecorded | Unrecorded::RepeatOfForgotten => {
            "it was not kept when it was first seen"
        }
    }
}
