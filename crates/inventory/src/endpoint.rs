//! What is known about one endpoint.

use std::sync::Arc;
use std::time::Duration;

use decode::Timestamp;
use redact::Shapes;
use serde::{Deserialize, Serialize};

use crate::auth::Auth;
use crate::confirm::Counts;
use crate::copied::Copied;
use crate::{
    Delivery, Details, EndpointKey, Evidence, Instance, Item, Operations, Progress, Settings,
    in_whole_segments,
};

/// What an allocator and the tables that point to it spend on an endpoint beside its own bytes (measured: some ten
/// allocations of which each is rounded up, and its places in four tables).
const OVERHEAD: usize = 400;

/// What is known about one endpoint: owner, method and template, and what was learned about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Which one.
    pub key: Arc<EndpointKey>,
    /// What is kept about it on disk.
    pub record: Record,
    /// What its parameters, requests and responses look like. Stands beside the record in the store.
    pub(crate) shapes: Option<Box<Shapes>>,
    pub(crate) transient: Transient,
}

/// The part of an endpoint that the store keeps, as one value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// How often what was seen.
    pub counts: Counts,
    /// How it is called.
    pub details: Details,
    /// How far it is on its way to the platform.
    pub delivery: Delivery,
    /// How it is protected.
    pub auth: Auth,
    /// What its answers say, as long as none says for certain that there is such an endpoint.
    #[serde(skip_serializing_if = "Evidence::is_empty")]
    pub evidence: Evidence,
    /// What its requests ask for beside its URL.
    #[serde(skip_serializing_if = "Operations::is_empty")]
    pub operations: Operations,
    /// Why it is noise, as long as nothing but noise was seen of it.
    pub noise: Option<Box<str>>,
}

/// The part that this process alone needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transient {
    /// The revision that is being pushed just now, if one is.
    pub(crate) in_flight: Option<u64>,
    /// Its place in the order of what is due.
    pub(crate) due_at: Option<Timestamp>,
    /// Whether the store has a record of it, or is just being given one.
    pub(crate) stored: bool,
    /// What it was last said to occupy, in bytes, without the body.
    pub(crate) bytes: usize,
    /// The same for the body.
    pub(crate) body_bytes: usize,
    /// The same for the body in the store.
    pub(crate) stored_bytes: usize,
    /// How the store's copy of the body is.
    pub(crate) copied: Copied,
    /// What its shapes occupy, in bytes, and what they were last said to.
    pub(crate) shapes_now: usize,
    pub(crate) shape_bytes: usize,
    /// How the store's copy of the shapes is.
    pub(crate) shapes_copied: Copied,
}

impl Record {
    /// Takes over an older record of the same endpoint, found on disk after this one was begun.
    pub(crate) fn absorb(&mut self, older: Record) {
        self.evidence.unite(&self.counts, older.evidence, &older.counts);
        self.counts.absorb(&older.counts);
        self.auth.unite(older.auth);
        self.operations.absorb(older.operations);
        self.noise = self.noise.take().filter(|_| older.noise.is_some());
        let news = self.details.absorb(older.details);
        if self.delivery.progress.is_none() {
            let mine = std::mem::replace(&mut self.delivery, older.delivery);
            self.delivery.confirmed |= mine.confirmed;
            self.delivery.unsettled |= mine.unsettled;
            if self.delivery.confirmed && (news || self.delivery.revision == 0) {
                self.delivery.learned(mine.news_at, None);
            }
        }
    }
}

impl Record {
    /// Returns whether it has answers, and none of them says for certain that there is such an endpoint.
    pub(crate) fn is_doubtful(&self) -> bool {
        !self.counts.statuses.is_empty() && !self.evidence.succeeded(&self.counts)
    }

    /// Takes note that its endpoint has another template now. What the platform has under the old one is superseded.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        self.details.fit(old, new);
        let Some(progress) = self.delivery.progress.take() else { return };
        self.delivery.superseded(old, *progress);
        self.delivery.learned(self.delivery.news_at, None);
    }
}

impl Endpoint {
    /// Takes over the record of an endpoint that turned out to be the same as this one, which was known as `template`.
    pub(crate) fn unite(&mut self, template: &str, mut other: Record) {
        let in_flight = self.transient.in_flight;
        let progress = other.delivery.progress.take();
        let Record { counts, details, delivery, auth, noise, evidence, operations } = &mut self.record;
        evidence.unite(counts, other.evidence, &other.counts);
        counts.absorb(&other.counts);
        auth.unite(other.auth);
        operations.absorb(other.operations);
        *noise = noise.take().filter(|_| other.noise.is_some());
        let before = details.clone();
        details.add(other.details);
        if !delivery.confirmed && other.delivery.confirmed {
            delivery.confirmed = true;
        }
        if delivery.confirmed && (delivery.revision == 0 || *details != before) {
            delivery.learned(other.delivery.news_at, in_flight);
        }
        if let Some(progress) = progress {
            delivery.superseded(template, *progress);
        }
        self.record.delivery.unsettled = self.record.delivery.confirmed && self.record.is_doubtful();
    }

    pub(crate) fn new(key: Arc<EndpointKey>, record: Record) -> Self {
        Endpoint { key, record, shapes: None, transient: Transient::default() }
    }

    /// The status codes of its answers, with how often each was seen.
    pub fn statuses(&self) -> impl Iterator<Item = (u16, u64)> {
        self.record.counts.statuses.iter().copied()
    }

    /// Returns how far its push to this instance has come; the default when nothing was pushed there.
    #[must_use]
    pub fn progress(&self, instance: &Instance) -> Progress {
        let recorded = self.record.delivery.progress_at(instance).cloned();
        recorded.unwrap_or_else(|| Progress { instance: Some(instance.clone()), ..Progress::default() })
    }

    /// Returns how long it was not seen, if that is long enough to be said.
    #[must_use]
    pub fn unseen(&self, now: Timestamp, settings: &Settings) -> Option<Duration> {
        let silence = now.saturating_since(self.record.counts.last?);
        (!settings.unseen.is_zero() && silence >= settings.unseen).then_some(silence)
    }

    /// All that is to be sent about it.
    #[must_use]
    pub fn item(&self, instance: &Instance) -> Item {
        let details = &self.record.details;
        let progress = self.progress(instance);
        let example =
            if progress.pushed_revision == 0 { details.examples.first() } else { details.examples.next() };
        let [path_params, query, headers] = details.told(example);
        let has_body = example.is_none_or(|example| example.body);
        let mut item = Item {
            key: (*self.key).clone(),
            path: in_whole_segments(&self.key.template),
            path_params,
            query,
            headers,
            example: example.map(|example| example.number),
            has_body,
            body: None,
            revision: self.record.delivery.revision,
            progress,
            apart: Vec::new(),
        };
        if let Some(body) = details.body.as_deref().filter(|_| has_body) {
            item.set_body(body.clone());
        }
        item
    }

    /// Returns what it occupies, in bytes, without body and shapes. An estimate on the high side.
    pub(crate) fn bytes(&self) -> usize {
        let key = size_of::<EndpointKey>() + self.key.method.len() + self.key.template.len();
        size_of::<Endpoint>()
            + OVERHEAD
            + key
            + self.record.counts.statuses.len() * size_of::<(u16, u64)>()
            + self.record.details.heap_bytes()
            + self.record.delivery.heap_bytes()
            + self.record.auth.heap_bytes()
            + self.record.evidence.heap_bytes()
            + self.record.operations.heap_bytes()
            + self.record.noise.as_ref().map_or(0, |reason| reason.len())
    }
}
