//! Body examples: memory has those that are hot, a store keeps the others until they are pushed.

use decode::Timestamp;

use super::Inventory;
use super::room::goal;
use crate::worth::Worth;
use crate::{Dropped, Endpoint, EndpointKey};

/// Bodies may take a quarter of the memory.
const BODY_SHARE: usize = 4;

/// Those that a store is just being given may take that share so many times.
const UNDERWAY: usize = 2;

impl Inventory {
    /// The bytes that bodies may take in memory.
    fn body_budget(&self) -> usize {
        self.settings.memory / BODY_SHARE
    }

    /// Returns whether bodies take more memory than they may, so that a store should take what it has not yet.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.store_bytes.is_some() && self.body_bytes > self.body_budget()
    }

    /// Returns whether the body of this endpoint is not in memory, and a store has it.
    #[must_use]
    pub fn is_body_away(&self, key: &EndpointKey) -> bool {
        self.get(key).is_some_and(|endpoint| endpoint.record.details.is_body_away())
    }

    /// Takes note that the store has no body for an endpoint, or one that cannot be read: the next one is news.
    pub fn body_is_lost(&mut self, key: &EndpointKey) {
        let Some(id) = self.ids.get(key).copied() else { return };
        // A new one may have come meanwhile.
        if self.is_body_away(key) {
            self.drop_body(id, Dropped::Damaged);
        }
    }

    /// Takes note that an endpoint is pushed without its body, since the store that has it cannot be read now.
    pub fn body_is_owed(&mut self, key: &EndpointKey) {
        if let Some(endpoint) = self.ids.get(key).and_then(|id| self.endpoints.get_mut(id)) {
            endpoint.record.delivery.owed = true;
        }
    }

    /// The store can be read again: what was pushed without its body meanwhile is pushed once more.
    pub fn bodies_are_back(&mut self, now: Timestamp) {
        let owed = self.endpoints.iter().filter(|(_, endpoint)| endpoint.record.delivery.owed);
        let owed: Vec<u32> = owed.map(|(id, _)| *id).collect();
        for id in owed {
            self.change(id, |endpoint| {
                endpoint.record.delivery.owed = false;
                endpoint.record.delivery.learned(Some(now), endpoint.transient.in_flight);
                true
            });
        }
    }

    /// Takes the body of an endpoint out of memory that the store has, if memory has more than it may.
    pub(super) fn keep_out_of_memory(&mut self, id: u32) {
        if self.body_bytes > self.body_budget()
            && let Some(endpoint) = self.endpoints.get_mut(&id)
            && endpoint.can_body_leave()
        {
            endpoint.record.details.body = None;
            self.measure(id);
        }
    }

    /// Makes room in memory. What the store has leaves it; what the store is still to get stays for as long as that can be
    /// borne. Where that is not enough, some are given up.
    pub(super) fn relieve_of_bodies(&mut self) {
        let budget = self.body_budget();
        if self.body_bytes <= budget.max(self.crowd) {
            return;
        }
        self.let_bodies_leave(goal(budget));
        let most = if self.store_bytes.is_some() { UNDERWAY * budget } else { budget };
        if self.body_bytes > most {
            self.drop_bodies(goal(most));
        }
        self.crowd = self.body_bytes + (budget - goal(budget));
    }

    /// Takes bodies that the store has out of memory, until they take no more there than so many bytes.
    pub(super) fn let_bodies_leave(&mut self, bytes: usize) {
        if self.body_bytes <= bytes {
            return;
        }
        for id in self.bodies(Worth::Waiting, Endpoint::can_body_leave) {
            if self.body_bytes <= bytes {
                return;
            }
            if let Some(endpoint) = self.endpoints.get_mut(&id) {
                endpoint.record.details.body = None;
            }
            self.measure(id);
        }
    }

    /// Gives up bodies in memory until they take no more than so many bytes.
    fn drop_bodies(&mut self, bytes: usize) {
        for id in self.bodies(Worth::Waiting, |endpoint| endpoint.record.details.body.is_some()) {
            if self.body_bytes <= bytes {
                return;
            }
            self.drop_body(id, Dropped::Memory);
        }
    }

    /// Gives up bodies in the store that are worth no more than this, until endpoints take no more there than so many bytes.
    pub(super) fn clear_stored_bodies(&mut self, bytes: usize, most: Worth) {
        if !self.is_disk_full() {
            return;
        }
        for id in self.bodies(most, |endpoint| endpoint.record.details.body_stored > 0) {
            if self.disk_bytes() <= bytes {
                return;
            }
            self.drop_body(id, Dropped::Disk);
        }
    }

    /// Gives up a body. That it is for want of room is no loss where the platform has it.
    fn drop_body(&mut self, id: u32, reason: Dropped) {
        let Some(endpoint) = self.endpoints.get(&id) else { return };
        let told = self.worth(endpoint) == Worth::Pushed && !endpoint.record.delivery.owed;
        let reason = if told && reason != Dropped::Damaged { Dropped::Pushed } else { reason };
        self.totals.dropped.add(reason);
        self.change(id, |endpoint| {
            endpoint.drop_body(reason);
            true
        });
    }

    /// The endpoints worth no more than this whose body is as wanted; those first that the platform has, then those worth
    /// least.
    fn bodies(&self, most: Worth, wanted: impl Fn(&Endpoint) -> bool) -> Vec<u32> {
        let mut found: Vec<_> = self
            .endpoints
            .iter()
            .filter(|(_, endpoint)| wanted(endpoint))
            .map(|(id, endpoint)| (self.worth(endpoint), *id))
            .filter(|(worth, _)| *worth <= most)
            .map(|(worth, id)| (worth != Worth::Pushed, worth, id))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(.., id)| id).collect()
    }
}
