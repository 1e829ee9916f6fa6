//! Templates that change: a step was decided, or became one with others.

use std::collections::BTreeSet;
use std::sync::Arc;

use decode::Timestamp;
use redact::{Decided, Owner, Pace, is_undecided};

use super::{Inventory, Map};
use crate::owners::Endpoints;
use crate::{Dropped, EndpointKey, Instance};

impl Inventory {
    /// Judges the paths about which something new is known, and gives endpoints the templates that they have by that. To be
    /// called once a second, since time is evidence too.
    pub fn judge(&mut self, now: Timestamp) {
        self.judged(Pace::Going { now, settle: self.settings.settle });
    }

    /// The same when there will be no more.
    pub fn judge_at_end(&mut self) {
        self.judged(Pace::AtEnd);
    }

    fn judged(&mut self, pace: Pace) {
        for (id, count) in self.heard.drain() {
            if let Some(endpoint) = self.endpoints.get(&id) {
                self.paths.again(&endpoint.key.owner, &endpoint.key.template, count);
            }
        }
        let changed = self.paths.judge(pace);
        if self.store_bytes.is_some() {
            self.paths_urgent.extend(changed.iter().cloned());
        }
        for owner in changed.into_iter().chain(std::mem::take(&mut self.renames_left)) {
            self.rename(&owner);
        }
    }

    /// Learns the paths of owners from their endpoints, where a store had nothing else about them.
    pub(super) fn recall(&mut self) {
        let unknown = |owner: &&Owner| !self.paths.knows(owner);
        let owners: Vec<Owner> = self.owners.keys().filter(unknown).cloned().collect();
        for owner in owners {
            let ids = self.owners.get(&owner).map(|owner| owner.ids.as_slice()).unwrap_or_default();
            for endpoint in ids.iter().filter_map(|id| self.endpoints.get(id)) {
                let counts = &endpoint.record.counts;
                let first = counts.first.unwrap_or(Timestamp::EPOCH);
                if endpoint.record.delivery.confirmed {
                    self.paths.recall(&owner, &endpoint.key.template, counts.requests, first);
                }
            }
        }
    }

    /// The decisions about paths as they are.
    pub fn decided(&mut self) -> Arc<Decided> {
        self.paths.decided()
    }

    /// Takes in the paths with variables that an instance has: they are evidence for the Services that go there.
    pub fn hint(&mut self, instance: &Instance, templates: &[String]) {
        let here = |owner: &&Endpoints| owner.instance.as_deref() == Some(instance);
        let owners = self.owners.iter().filter(|(_, owner)| here(owner)).map(|(name, _)| name);
        for owner in owners {
            self.paths.hint(owner, templates.iter().map(String::as_str));
        }
    }

    /// Returns the instances for which something is not decided that their listings may decide. Looks at every endpoint.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<Instance> {
        let doubtful = |owner: &Endpoints| {
            let mut all = owner.ids.iter().filter_map(|id| self.endpoints.get(id));
            all.any(|endpoint| endpoint.record.delivery.confirmed && is_undecided(&endpoint.key.template))
        };
        let owners = self.owners.values().filter(|owner| owner.instance.is_some() && doubtful(owner));
        let instances: BTreeSet<Instance> =
            owners.filter_map(|owner| owner.instance.as_deref().cloned()).collect();
        instances.into_iter().collect()
    }

    /// Returns a sentence for each step of the path of an endpoint: what it is, and why.
    #[must_use]
    pub fn explain_path(&self, key: &EndpointKey) -> Vec<String> {
        self.paths.explain(&key.owner, &key.template)
    }

    /// Gives the endpoints of an owner the templates that they have now.
    fn rename(&mut self, owner: &Owner) {
        let Some(ids) = self.owners.get(owner).map(|owner| owner.ids.clone()) else { return };
        let mut moved = Map::default();
        for id in ids {
            let Some(endpoint) = self.endpoints.get(&id) else { continue };
            let old = &endpoint.key.template;
            let Some(new) = self.paths.current(owner, old).filter(|new| new != old) else { continue };
            // What is being pushed is concluded by its key.
            if endpoint.transient.in_flight.is_some() {
                self.renames_left.insert(owner.clone());
                continue;
            }
            let key = EndpointKey { template: new, ..(*endpoint.key).clone() };
            match self.ids.get(&key).copied() {
                Some(other) => {
                    self.unite(id, other);
                    moved.insert(id, other);
                }
                None => self.name(id, key),
            }
        }
        if let Some(owner) = self.owners.get_mut(owner) {
            owner.ids.retain(|id| !moved.contains_key(id));
        }
        self.fingerprints.redirect(&moved);
    }

    /// Gives an endpoint another key.
    fn name(&mut self, id: u32, key: EndpointKey) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let key = Arc::new(key);
        let old = std::mem::replace(&mut endpoint.key, Arc::clone(&key));
        endpoint.record.rename(&old.template, &key.template);
        endpoint.rename_shapes(&old.template);
        if endpoint.body_to_move() {
            self.totals.dropped.add(Dropped::Moved);
        }
        self.ids.remove(&old);
        self.ids.insert(key, id);
        if std::mem::take(&mut endpoint.transient.stored) {
            self.gone.insert(old);
        }
        self.change(id, |_| true);
        self.reconsider(id);
    }

    /// Makes two endpoints one: the first goes.
    fn unite(&mut self, id: u32, other: u32) {
        let Some(mut endpoint) = self.take_out(id) else { return };
        if endpoint.record.details.body.is_none() {
            endpoint.record.details.body_stored = 0;
        }
        self.change(other, |whole| {
            whole.unite_shapes(&endpoint.key.template, endpoint.shapes);
            whole.unite(&endpoint.key.template, endpoint.record);
            true
        });
        self.reconsider(other);
        self.back(other);
    }
}
