//! The operations of an endpoint: what its requests ask for beside their URL.

use std::cmp::Ordering;

use decode::Timestamp;
use redact::{OpenedBody, Operation, OperationKind, OperationOutcome, OperationProtocol};
use serde::{Deserialize, Deserializer, Serialize};

use crate::stored::never;
use crate::texts::Texts;

/// At most so many operations of one endpoint; the calls of others are counted together.
pub(crate) const OPERATIONS: usize = 256;

/// At most so many root fields of one operation.
const FIELDS: usize = 16;

/// The operations of an endpoint, in the order of first appearance. Most endpoints have none, and nothing is spent on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations(Option<Box<Known>>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    #[serde(deserialize_with = "those_known")]
    all: Vec<OperationRecord>,
    requests: u64,
    left_out: u64,
}

/// What is known of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its protocol.
    pub protocol: OperationProtocol,
    /// Its kind.
    pub kind: OperationKind,
    /// Its name, at most 128 bytes.
    pub name: Box<str>,
    /// The root fields of GraphQL, at most 16.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub fields: Texts,
    /// How often it was asked for in requests that were read.
    #[serde(default)]
    pub requests: u64,
    /// How many of those are known to have failed. What only the body of an answer says is known of those that were looked at.
    #[serde(default)]
    pub errors: u64,
    /// When the first was seen.
    #[serde(default, with = "never")]
    pub first: Option<Timestamp>,
    /// When the last was.
    #[serde(default, with = "never")]
    pub last: Option<Timestamp>,
}

/// Reads operations, but for those of protocols that only a later version knows: the rest of a record must not go with them.
fn those_known<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<OperationRecord>, D::Error> {
    let all = Vec::<serde_json::Value>::deserialize(from)?;
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).take(OPERATIONS).collect())
}

impl OperationRecord {
    fn is(&self, one: &Operation) -> bool {
        self.key() == (one.protocol(), one.kind(), one.name())
    }

    fn key(&self) -> (OperationProtocol, OperationKind, &str) {
        (self.protocol, self.kind, &self.name)
    }

    fn new(one: &Operation) -> OperationRecord {
        let mut fields = Texts::default();
        fields.extend(one.fields().iter().map(String::as_str).take(FIELDS));
        OperationRecord {
            protocol: one.protocol(),
            kind: one.kind(),
            name: one.name().into(),
            fields,
            requests: 0,
            errors: 0,
            first: None,
            last: None,
        }
    }

    fn count(&mut self, failed: bool, time: Timestamp) {
        self.requests = self.requests.saturating_add(1);
        self.errors = self.errors.saturating_add(u64::from(failed));
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = self.last.max(Some(time));
    }

    /// Takes over root fields that are new. Two operations may have one name: the server's schema knows fields, not names.
    fn add_fields<'a>(&mut self, fields: impl Iterator<Item = &'a str>) {
        let room = FIELDS.saturating_sub(self.fields.len());
        let new: Vec<_> = fields.filter(|field| !self.fields.contains(field)).take(room).collect();
        if !new.is_empty() {
            self.fields.extend(new);
        }
    }

    fn absorb(&mut self, other: &OperationRecord) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.add_fields(other.fields.iter());
    }
}

impl Operations {
    /// Returns what is known of each, in the order of first appearance.
    pub fn iter(&self) -> impl Iterator<Item = &OperationRecord> {
        self.0.iter().flat_map(|known| &known.all)
    }

    /// Returns the number of requests in which at least one was read. Others may have had some, too: not every body is looked at.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.as_ref().map_or(0, |known| known.requests)
    }

    /// Returns the number of calls that have no record: without a name that may be shown, or too many.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.0.as_ref().map_or(0, |known| known.left_out)
    }

    /// Returns them as they are listed: the most frequent first.
    #[must_use]
    pub fn by_requests(&self) -> Vec<&OperationRecord> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_by(|one, other| match other.requests.cmp(&one.requests) {
            Ordering::Equal => one.key().cmp(&other.key()),
            order => order,
        });
        all
    }

    /// Returns whether nothing is known of any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the number of those that have a record.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Takes in what a request at this time asked for; of operations that are not known only where there is `room`.
    pub(crate) fn learn(&mut self, body: &OpenedBody, time: Timestamp, room: bool) {
        // What has no name, or is doubtful, makes no record: it may be a guess.
        let begins = |one: &Operation| one.outcome() != OperationOutcome::Doubtful;
        if self.0.is_none() && (!room || !body.operations().iter().any(begins)) {
            return;
        }
        self.0.get_or_insert_default().learn(body, time, room);
    }

    /// Adds what another record of the same endpoint knows.
    pub(crate) fn absorb(&mut self, other: Operations) {
        if let Some(other) = other.0 {
            self.0.get_or_insert_default().absorb(*other);
        }
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |known| size_of::<Known>() + known.heap_bytes())
    }
}

impl Known {
    fn learn(&mut self, body: &OpenedBody, time: Timestamp, room: bool) {
        let mut read = false;
        for one in body.operations() {
            let doubtful = one.outcome() == OperationOutcome::Doubtful;
            let place = match self.all.iter().position(|known| known.is(one)) {
                Some(place) => place,
                // What a stranger guesses must not become an operation.
                None if doubtful => continue,
                None if !room || self.all.len() >= OPERATIONS => {
                    self.left_out = self.left_out.saturating_add(1);
                    continue;
                }
                None => {
                    self.all.push(OperationRecord::new(one));
                    self.all.len() - 1
                }
            };
            read = true;
            if let Some(known) = self.all.get_mut(place) {
                known.count(one.outcome() != OperationOutcome::Fine, time);
                known.add_fields(one.fields().iter().map(String::as_str));
            }
        }
        self.requests = self.requests.saturating_add(u64::from(read));
        self.left_out = self.left_out.saturating_add(body.unnamed_operations().len() as u64);
    }

    fn absorb(&mut self, other: Known) {
        self.requests = self.requests.saturating_add(other.requests);
        self.left_out = self.left_out.saturating_add(other.left_out);
        for one in other.all {
            let has_room = self.all.len() < OPERATIONS;
            match self.all.iter_mut().find(|known| known.key() == one.key()) {
                Some(known) => known.absorb(&one),
                None if has_room => self.all.push(one),
                None => self.left_out = self.left_out.saturating_add(one.requests),
            }
        }
    }

    fn heap_bytes(&self) -> usize {
        let texts = self.all.iter().map(|one| one.name.len() + one.fields.heap_bytes());
        self.all.capacity() * size_of::<OperationRecord>() + texts.sum::<usize>()
    }
}
