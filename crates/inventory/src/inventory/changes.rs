//! What a store is to write: which records have changed since it was last told.
//!
//! A store takes records when it has time ([`Inventory::hand_over`]) and later says whether they are on disk. What
//! changes meanwhile counts as changed again, and what could not be written counts as changed still.

use identify::ServiceName;
use redact::{Owner, Shapes, StoredPaths};

use super::Inventory;
use super::writing::Writing;
use crate::copied::Copied;
use crate::{BodyExample, EndpointKey, LearnedMapping, Record};

/// A record that is to be written, or removed where there is none.
#[derive(Debug)]
pub enum Change<'a> {
    /// What is known about an endpoint.
    Endpoint(&'a EndpointKey, Option<&'a Record>),
    /// The body example of an endpoint that goes, or whose record was just given.
    Body(&'a EndpointKey, Option<&'a BodyExample>),
    /// The shapes of an endpoint that goes, or whose record was just given.
    Shapes(&'a EndpointKey, Option<&'a Shapes>),
    /// Where a Service goes.
    Mapping(&'a ServiceName, Option<&'a LearnedMapping>),
    /// What is known about the paths of an owner.
    Paths(&'a Owner, Option<Box<StoredPaths>>),
}

/// How much a store takes at once.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// At most so many endpoints.
    pub endpoints: usize,
    /// Endpoints until they take so many bytes.
    pub bytes: u64,
}

/// What got on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Records that were written.
    pub written: usize,
    /// Records that were removed.
    pub removed: usize,
}

impl Inventory {
    /// Notes what changes from here on, for a store whose file may have `max_bytes`. Endpoints are kept within a quarter
    /// of that.
    pub fn begin_keeping(&mut self, max_bytes: u64) {
        self.store_bytes = Some(max_bytes);
    }

    /// Notes nothing any more: all is in memory only.
    pub fn stop_keeping(&mut self) {
        self.store_bytes = None;
    }

    /// Hands over counters too, which wait for this. What was learned does not.
    pub fn release_counters(&mut self) {
        self.to_save.append(&mut self.counted);
        self.paths_urgent.append(&mut self.paths_counted);
    }

    /// Gives the next changes to `give`: what is to go, the urgent, the rest, and learned mappings. `give` answers with
    /// the bytes that a change takes, or `None` when it cannot be written at all. Returns whether there was something to
    /// write; [`Self::written`] or [`Self::not_written`] must follow then, before this is called again.
    pub fn hand_over(&mut self, room: Room, mut give: impl FnMut(Change<'_>) -> Option<u64>) -> bool {
        let mut writing = Writing::default();
        let mut given = false;
        // What was learned again since it was forgotten is to stay.
        self.gone.retain(|key| !self.ids.contains_key(key));
        writing.gone.extend(self.gone.iter().take(room.endpoints).cloned());
        self.gone.retain(|key| !writing.gone.contains(key));
        for key in &writing.gone {
            given |= give(Change::Endpoint(key, None)).is_some();
            give(Change::Body(key, None));
            give(Change::Shapes(key, None));
        }
        let mut bytes = 0;
        for id in self.urgent.iter().chain(&self.to_save).take(room.endpoints - writing.gone.len()) {
            if bytes >= room.bytes {
                break;
            }
            let Some(endpoint) = self.endpoints.get_mut(id) else { continue };
            writing.ids.push(*id);
            let Some(more) = give(Change::Endpoint(&endpoint.key, Some(&endpoint.record))) else { continue };
            bytes += more;
            if endpoint.transient.copied == Copied::Behind {
                let body = endpoint.record.details.body.as_deref();
                bytes += give(Change::Body(&endpoint.key, body)).unwrap_or_default();
                endpoint.transient.copied = Copied::Underway;
                writing.bodies.push(*id);
            }
            if endpoint.transient.shapes_copied == Copied::Behind {
                bytes += give(Change::Shapes(&endpoint.key, endpoint.shapes.as_deref())).unwrap_or_default();
                endpoint.transient.shapes_copied = Copied::Underway;
                writing.shapes.push(*id);
            }
            endpoint.transient.stored = true;
            given = true;
        }
        for id in &writing.ids {
            self.urgent.remove(id);
            self.to_save.remove(id);
            self.counted.remove(id);
        }
        for service in std::mem::take(&mut self.learned_urgent) {
            given |= give(Change::Mapping(&service, self.learned.get(&service))).is_some();
            writing.services.push(service);
        }
        while bytes < room.bytes
            && let Some(owner) = self.paths_urgent.pop_first()
        {
            if let Some(more) = give(Change::Paths(&owner, self.paths.stored(&owner).map(Box::new))) {
                bytes += more;
                given = true;
            }
            writing.paths.push(owner);
        }
        if given {
            self.writing = Some(writing);
        }
        given
    }

    /// Takes note that what was handed over last is on disk.
    pub fn written(&mut self) -> Written {
        let writing = self.writing.take().unwrap_or_default();
        self.crowd = 0;
        self.copied(&writing, Copied::Same);
        Written { written: writing.ids.len(), removed: writing.gone.len() }
    }

    /// What was handed over last is not on disk: it is to be written still.
    pub fn not_written(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        self.copied(&writing, Copied::Behind);
        self.urgent.extend(writing.ids.into_iter().filter(|id| self.endpoints.contains_key(id)));
        self.gone.extend(writing.gone);
        self.learned_urgent.extend(writing.services);
        self.paths_urgent.extend(writing.paths);
    }

    /// What was underway of bodies and shapes has come to its end; what changed meanwhile is behind already.
    fn copied(&mut self, writing: &Writing, now: Copied) {
        let end = |copied: &mut Copied| {
            if *copied == Copied::Underway {
                *copied = now;
            }
        };
        for id in &writing.bodies {
            self.endpoints.get_mut(id).into_iter().for_each(|endpoint| end(&mut endpoint.transient.copied));
        }
        for id in &writing.shapes {
            let endpoint = self.endpoints.get_mut(id);
            endpoint.into_iter().for_each(|endpoint| end(&mut endpoint.transient.shapes_copied));
        }
    }

    /// The number of records with changes that are not on disk.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        let writing = self.writing.as_ref().map_or(0, |writing| writing.ids.len() + writing.services.len());
        // What is to be saved beside a record is of the same endpoint.
        let beside = self.to_save.iter().filter(|id| !self.urgent.contains(id) && !self.counted.contains(id));
        self.urgent.len() + self.counted.len() + beside.count() + self.learned_urgent.len() + writing
    }

    /// Takes over a record from disk. Where the endpoint is known already, the two become one.
    pub fn restore(&mut self, key: EndpointKey, mut record: Record) {
        record.came();
        self.totals.restored_requests = self.totals.restored_requests.saturating_add(record.counts.requests);
        let merged = self.ids.get(&key).copied();
        let id = merged.unwrap_or_else(|| self.insert(key, Record::default()));
        self.change(id, |endpoint| {
            endpoint.transient.stored = true;
            match merged {
                None => endpoint.record = record,
                Some(_) => endpoint.absorb(record),
            }
            merged.is_some()
        });
        if merged.is_none() {
            self.counted.remove(&id);
        }
        self.recall_answer(id);
        self.keep_out_of_memory(id);
        if id.is_multiple_of(1024) {
            self.relieve();
        }
    }

    /// Takes over a learned mapping from disk. One that was learned since stays.
    pub fn restore_mapping(&mut self, service: ServiceName, mapping: LearnedMapping) {
        self.learned.entry(service).or_insert(mapping);
    }

    /// Takes over what is known about the paths of an owner from disk. What was learned since stays.
    pub fn restore_paths(&mut self, owner: Owner, paths: StoredPaths) {
        self.paths.restore(owner, paths);
    }

    /// All that is on disk was taken over. Where the store was begun by this, all is to be written to it.
    pub fn restored(&mut self, begun: bool) {
        let ids: Vec<u32> = self.endpoints.keys().copied().collect();
        ids.into_iter().for_each(|id| self.reconsider(id));
        self.recall();
        if begun {
            for endpoint in self.endpoints.values_mut() {
                if endpoint.record.details.body.is_some() {
                    endpoint.body_to_store();
                }
                endpoint.transient.shapes_copied = Copied::Behind;
            }
            self.urgent.extend(self.endpoints.keys());
            self.learned_urgent.extend(self.learned.keys().cloned());
            self.paths_urgent.extend(self.owners.keys().cloned());
        }
        self.relieve();
    }
}
