//! What the answers of an endpoint say about whether there is one.

use decode::Timestamp;
use redact::{RedactedExchange, Says, Signature};
use serde::{Deserialize, Serialize};

use crate::Counts;
use crate::confirm::REPETITIONS;

/// So many answers of one endpoint are told apart: more than one says that it does not answer like a wall.
const ANSWERS: usize = 4;

/// On so many connections, over so many seconds, an endpoint is refused that is no guess.
const CONNECTIONS: usize = 3;
const SECONDS: u64 = 600;

/// What is known about the answers of an endpoint as long as none of them says for certain that there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Its different answers that a wall may give.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) answers: Vec<Signature>,
    /// Whether its successes were all one page.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) page: bool,
    /// Whether a wall gave one of its answers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) wall: bool,
    /// Connections on which it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) connections: Vec<u32>,
}

/// What an answer changed about an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing that concerns walls.
    None,
    /// This is its first answer.
    First(Signature),
    /// It has answered otherwise than by this, its first answer.
    Otherwise(Signature),
}

impl Evidence {
    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Evidence::default()
    }

    /// Returns whether the service knows the endpoint for certain.
    pub(crate) fn succeeded(&self, counts: &Counts) -> bool {
        !self.page && counts.says(Says::Exists)
    }

    /// Returns whether the endpoint is believed to exist. `backed` is whether its path had a success by another method.
    pub(crate) fn confirms(&self, counts: &Counts, backed: bool) -> bool {
        if counts.statuses.is_empty() {
            return counts.unanswered >= REPETITIONS;
        }
        self.succeeded(counts)
            || self.page && !self.wall
            || counts.says(Says::Refused) && (backed || !self.wall && self.is_refused_for_long(counts))
    }

    /// Returns whether it was refused on several connections over some time: guesses do not come again.
    fn is_refused_for_long(&self, counts: &Counts) -> bool {
        let first = counts.first.unwrap_or(Timestamp::EPOCH);
        let over = counts.last.unwrap_or(Timestamp::EPOCH).saturating_since(first);
        self.connections.len() >= CONNECTIONS && over.as_secs() >= SECONDS
    }

    /// Takes in an answer, before it is counted.
    pub(crate) fn take(&mut self, exchange: &RedactedExchange, counts: &Counts) -> Change {
        let Some(says) = exchange.status().map(Says::of).filter(|says| *says != Says::Absent) else {
            return Change::None;
        };
        if self.succeeded(counts) {
            return Change::None;
        }
        let first = self.only();
        if says == Says::Exists && !exchange.is_page() {
            *self = Evidence::default();
            return first.map_or(Change::None, Change::Otherwise);
        }
        let signature = exchange.signature();
        let new = signature.is_some_and(|one| !self.answers.iter().any(|known| known.is_like(&one)));
        match says {
            Says::Refused => self.refused_on(exchange.connection()),
            _ => self.page = !self.page || !new,
        }
        let Some(signature) = signature.filter(|_| new) else { return Change::None };
        if self.answers.len() < ANSWERS {
            self.answers.push(signature);
        }
        first.map_or(
            if self.answers.len() == 1 { Change::First(signature) } else { Change::None },
            Change::Otherwise,
        )
    }

    /// Returns its answer, if it has one only.
    pub(crate) fn only(&self) -> Option<Signature> {
        if let [one] = self.answers.as_slice() { Some(*one) } else { None }
    }

    fn refused_on(&mut self, connection: u32) {
        if self.connections.len() < CONNECTIONS && !self.connections.contains(&connection) {
            self.connections.push(connection);
        }
    }

    /// Takes in what is known about the same endpoint elsewhere. Both come with their counts.
    pub(crate) fn unite(&mut self, counts: &Counts, other: Evidence, others: &Counts) {
        if self.succeeded(counts) || other.succeeded(others) {
            *self = Evidence::default();
            return;
        }
        self.page |= other.page;
        self.wall |= other.wall;
        other.connections.into_iter().for_each(|connection| self.refused_on(connection));
        for answer in other.answers {
            if self.answers.len() < ANSWERS && !self.answers.iter().any(|known| known.is_like(&answer)) {
                self.answers.push(answer);
            }
        }
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.answers.capacity() * size_of::<Signature>() + self.connections.capacity() * size_of::<u32>()
    }
}
