//! Keeping within limits: what is forgotten when there is no more room.

use std::sync::Arc;

use redact::{Owner, RedactedExchange, Says};

use super::Inventory;
use crate::worth::{Newcomer, Worth};
use crate::{Endpoint, Record};

/// So many exchanges go by before room is looked for again after none was found: looking means to look at every
/// endpoint, or at every one of the Service.
const PATIENCE: u64 = 256;

/// Room is made for a sixteenth of the whole at a time, so that looking at everything is paid for by many newcomers.
const SHARE: usize = 16;

/// Endpoints may take a quarter of what the store's file may have: redb doubles it when it grows, so half of that is sure
/// to be had, pages are not full, and a transaction needs new ones before the old are free.
const DISK_SHARE: u64 = 4;

/// Returns what is left of a limit once room was made.
pub(super) fn goal(limit: usize) -> usize {
    limit - limit / SHARE
}

impl Inventory {
    /// Returns whether more is kept than may be.
    pub(super) fn is_full(&self) -> bool {
        self.memory() > self.settings.memory || self.is_disk_full()
    }

    pub(super) fn is_disk_full(&self) -> bool {
        self.disk_bytes() > self.disk()
    }

    /// The bytes that endpoints take on disk: about as much as in memory, their bodies, shapes and paths.
    pub(super) fn disk_bytes(&self) -> usize {
        self.bytes + self.stored_bytes + self.shape_bytes + self.paths.bytes()
    }

    /// The bytes that endpoints may take because of the disk.
    pub(super) fn disk(&self) -> usize {
        let bytes = self.store_bytes.map_or(u64::MAX, |bytes| bytes / DISK_SHARE);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// Makes room when more is kept than may be: shapes go first, then bodies that the platform has, then the endpoints that are worth
    /// least, then the bodies of those that wait.
    pub(super) fn relieve(&mut self) {
        self.relieve_of_bodies();
        self.relieve_of_shapes();
        if !self.is_full() {
            self.cramped = 0;
            return;
        }
        if self.cramped.is_multiple_of(PATIENCE) {
            let (memory, disk) = (goal(self.settings.memory), goal(self.disk()));
            self.drop_shapes(|inventory| inventory.memory() <= memory && inventory.disk_bytes() <= disk);
            self.clear_stored_bodies(disk, Worth::Pushed);
            if self.memory() > self.settings.memory {
                self.let_bodies_leave(0);
            }
            let candidates = self.candidates(self.endpoints.keys().copied(), Worth::Pushed);
            self.evict(candidates, |inventory, _| {
                inventory.memory() <= memory && inventory.disk_bytes() <= disk
            });
            self.clear_stored_bodies(disk, Worth::Waiting);
        }
        self.cramped += 1;
    }

    /// Returns what comes with an exchange that has no endpoint yet.
    pub(super) fn newcomer(exchange: &RedactedExchange) -> Newcomer {
        let exists = exchange.status().is_some_and(|status| Says::of(status) == Says::Exists);
        if exists && exchange.noise().is_none() && !exchange.is_page() {
            Newcomer::Success
        } else {
            Newcomer::Other
        }
    }

    /// Makes room among the endpoints of one owner. For a success such go as had none, confirmed or not, else only such as
    /// are not confirmed: a scanner must not use up what a Service may have. Returns whether there is room now.
    pub(super) fn relieve_owner(&mut self, owner: &Owner, newcomer: Newcomer) -> bool {
        let Some(endpoints) = self.owners.get_mut(owner) else { return true };
        let (at, most) = match newcomer {
            Newcomer::Other => (0, Worth::Unconfirmed),
            Newcomer::Success => (1, Worth::Refused),
        };
        let [mut others, mut successes] = endpoints.cramped;
        let cramped = if at == 0 { &mut others } else { &mut successes };
        let look = cramped.is_multiple_of(PATIENCE);
        *cramped += 1;
        endpoints.cramped = [others, successes];
        if look {
            let ids = endpoints.ids.clone();
            let goal = (self.settings.endpoints_per_service / SHARE).max(1);
            let candidates = self.candidates(ids.into_iter(), most);
            self.evict(candidates, |_, gone| gone >= goal);
        }
        let Some(endpoints) = self.owners.get_mut(owner) else { return true };
        let room = endpoints.ids.len() < self.settings.endpoints_per_service;
        endpoints.overflow += u64::from(!room);
        if room {
            endpoints.cramped = [0, 0];
        }
        room
    }

    /// Returns what an endpoint is worth.
    pub(super) fn worth(&self, endpoint: &Endpoint) -> Worth {
        let Record { delivery, noise, .. } = &endpoint.record;
        let owner = self.owners.get(&endpoint.key.owner);
        match owner.and_then(|owner| owner.instance.as_deref()) {
            _ if endpoint.transient.in_flight.is_some() => Worth::Waiting,
            _ if !delivery.confirmed || noise.is_some() => Worth::Unconfirmed,
            _ if endpoint.record.is_doubtful() => Worth::Refused,
            None if owner.is_some_and(|owner| owner.asked) => Worth::Unmapped,
            Some(instance) if delivery.is_pushed(instance) => Worth::Pushed,
            _ => Worth::Waiting,
        }
    }

    /// The endpoints worth no more than this, those that go first at the front: the least worth, then the longest
    /// unseen.
    fn candidates(&self, ids: impl Iterator<Item = u32>, most: Worth) -> Vec<u32> {
        let mut candidates: Vec<_> = ids
            .filter_map(|id| {
                let endpoint = self.endpoints.get(&id)?;
                Some((self.worth(endpoint), endpoint.record.counts.last, id))
            })
            .filter(|(worth, ..)| *worth <= most)
            .collect();
        candidates.sort_unstable();
        candidates.into_iter().map(|(.., id)| id).collect()
    }

    /// Forgets candidates until it is enough; `enough` is told how many went so far.
    fn evict(&mut self, candidates: Vec<u32>, enough: impl Fn(&Inventory, usize) -> bool) {
        for (gone, id) in candidates.into_iter().enumerate() {
            if enough(self, gone) {
                break;
            }
            self.remove(id);
        }
        let endpoints = &self.endpoints;
        for owner in self.owners.values_mut() {
            owner.ids.retain(|id| endpoints.contains_key(id));
        }
        self.owners.retain(|_, owner| !owner.ids.is_empty() || owner.overflow > 0);
        self.wall_bytes = self.owners.values().map(|owner| owner.walls.bytes()).sum();
        let (owners, store) = (&self.owners, self.store_bytes.is_some());
        let gone = self.paths.keep(|owner| owners.contains_key(owner));
        self.paths_urgent.extend(gone.into_iter().filter(|_| store));
    }

    /// Forgets an endpoint, but for its number in the owner's list.
    fn remove(&mut self, id: u32) {
        let Some(endpoint) = self.endpoints.get(&id) else { return };
        let worth = self.worth(endpoint);
        let Some(endpoint) = self.take_out(id) else { return };
        self.totals.evicted.add(worth);
        let requests = endpoint.record.counts.requests;
        self.totals.evicted_requests = self.totals.evicted_requests.saturating_add(requests);
    }

    /// Takes an endpoint out of everything but the owner's list. The store forgets it too.
    pub(super) fn take_out(&mut self, id: u32) -> Option<Box<Endpoint>> {
        let endpoint = self.endpoints.remove(&id)?;
        self.bytes -= endpoint.transient.bytes;
        self.body_bytes -= endpoint.transient.body_bytes;
        self.stored_bytes -= endpoint.transient.stored_bytes;
        self.shape_bytes -= endpoint.transient.shape_bytes;
        self.ids.remove(&endpoint.key);
        self.urgent.remove(&id);
        self.counted.remove(&id);
        self.heard.remove(&id);
        self.to_save.remove(&id);
        if let Some(at) = endpoint.transient.due_at
            && let Some(owner) = self.owners.get_mut(&endpoint.key.owner)
        {
            owner.due.remove(&(at, id));
        }
        if endpoint.transient.stored {
            self.gone.insert(Arc::clone(&endpoint.key));
        }
        Some(endpoint)
    }
}
