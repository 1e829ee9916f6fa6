//! What is to be pushed now, and what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use decode::Timestamp;
use identify::ServiceName;
use redact::{Owner, is_undecided};

use super::Inventory;
use super::view::covers;
use crate::owners::in_turn;
use crate::{Endpoint, Instance, Item, Outcome, Record, Verdict, in_whole_segments};

/// The templates among `others` that this agent added to the instance and that cover the item.
fn apart<'a>(item: &Item, others: impl Iterator<Item = &'a Endpoint>, instance: &Instance) -> Vec<String> {
    let same_method = others.filter(|other| other.key.method == item.key.method);
    let added = |other: &&Endpoint| {
        other.record.delivery.progress_at(instance).is_some_and(|progress| progress.adds > 0)
    };
    let paths = same_method.filter(added).map(|other| in_whole_segments(&other.key.template));
    paths.filter(|path| *path != item.path && covers(path, &item.path)).collect()
}

impl Inventory {
    /// At most `limit` endpoints that are to be pushed at `now`, by where they go.
    /// Services take turns. What is handed out is not handed out again until its outcome comes ([`Self::conclude`]),
    /// or all is released ([`Self::release_all`]).
    ///
    /// Costs a look at every owner, not at every endpoint.
    pub fn due(
        &mut self,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
        limit: usize,
    ) -> Vec<(Instance, Vec<Item>)> {
        self.remap(instance_of);
        let turn = in_turn(&self.owners, self.last_turn.as_ref(), now);
        let mut items: BTreeMap<Instance, Vec<Item>> = BTreeMap::new();
        let mut left = limit;
        let share = limit.div_ceil(turn.len().max(1));
        for (owner, share) in
            turn.iter().map(|owner| (owner, share)).chain(turn.iter().map(|owner| (owner, limit)))
        {
            let taken = self.take(owner, now, share.min(left), &mut items);
            left -= taken;
        }
        self.last_turn = turn.into_iter().next();
        items.into_iter().collect()
    }

    /// Records what came of a push, at `now`.
    pub fn conclude(&mut self, outcome: Outcome, now: Timestamp) {
        let Some(id) = self.ids.get(&outcome.key).copied() else {
            self.totals.outcomes_unknown += 1;
            return;
        };
        let instance = self.owners.get(&outcome.key.owner).and_then(|owner| owner.instance.clone());
        self.in_flight.remove(&id);
        self.change(id, |endpoint| {
            endpoint.transient.in_flight = None;
            let Outcome { revision, example, mut progress, verdict, .. } = outcome;
            progress.instance = progress.instance.or_else(|| instance.as_deref().cloned());
            if verdict == Verdict::Pushed {
                progress.pushed_revision = progress.pushed_revision.max(revision);
                progress.pushed_at = progress.pushed_at.max(Some(now));
            }
            let Record { delivery, details, .. } = &mut endpoint.record;
            let before = instance.as_deref().and_then(|instance| delivery.progress_at(instance));
            let is_first = before.is_none_or(|before| before.pushed_revision == 0);
            delivery.record(progress);
            match verdict {
                Verdict::Pushed => {
                    let examples = &mut details.examples;
                    if is_first {
                        examples.tell_again();
                    }
                    if example.is_some_and(|number| examples.told(number)) {
                        delivery.learned(Some(now), None);
                    }
                }
                Verdict::Later { reason, not_before } => {
                    delivery.failed(&reason);
                    delivery.not_before = Some(not_before);
                }
                Verdict::SetAside { reason } => {
                    delivery.failed(&reason);
                    delivery.set_aside = Some(revision);
                }
            }
            true
        });
    }

    /// Makes everything that was handed out and not concluded due again, as after a failure of the push as a whole.
    pub fn release_all(&mut self) {
        let out: Vec<u32> = self.in_flight.drain().collect();
        for id in out {
            if let Some(endpoint) = self.endpoints.get_mut(&id) {
                endpoint.transient.in_flight = None;
            }
            self.reschedule(id);
        }
    }

    /// Ends the waits that failed pushes left behind: the key or the configuration has changed, so that what failed may
    /// succeed now.
    pub fn retry_all(&mut self) {
        let waits = |endpoint: &Endpoint| endpoint.record.delivery.not_before.is_some();
        let waiting: Vec<u32> =
            self.endpoints.iter().filter(|(_, endpoint)| waits(endpoint)).map(|(id, _)| *id).collect();
        for id in waiting {
            if let Some(endpoint) = self.endpoints.get_mut(&id) {
                endpoint.record.delivery.not_before = None;
            }
            self.reschedule(id);
        }
    }

    /// Asks again where each Service is pushed to. Where that has changed, all its endpoints are put in order anew.
    fn remap(&mut self, instance_of: impl Fn(&ServiceName) -> Option<Instance>) {
        let mut moved = Vec::new();
        for (owner, endpoints) in &mut self.owners {
            let instance = owner.service().and_then(&instance_of);
            endpoints.asked = true;
            if endpoints.instance.as_deref() != instance.as_ref() {
                endpoints.instance = instance.map(Arc::new);
                moved.extend_from_slice(&endpoints.ids);
            }
        }
        for id in moved {
            self.reschedule(id);
        }
    }

    /// Hands out at most `limit` due endpoints of an owner; returns how many.
    fn take(
        &mut self,
        owner: &Owner,
        now: Timestamp,
        limit: usize,
        items: &mut BTreeMap<Instance, Vec<Item>>,
    ) -> usize {
        let Some(owner) = self.owners.get_mut(owner) else { return 0 };
        let Some(instance) = owner.instance.as_deref() else { return 0 };
        let mut taken = 0;
        while taken < limit && owner.due.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, id)) = owner.due.pop_first() else { break };
            let Some(endpoint) = self.endpoints.get_mut(&id) else { continue };
            endpoint.transient.due_at = None;
            endpoint.transient.in_flight = Some(endpoint.record.delivery.revision);
            self.in_flight.insert(id);
            endpoint.miss_body(instance);
            let mut item = endpoint.item(instance);
            if item.progress.platform_id.is_none() {
                let others = owner.ids.iter().filter_map(|id| self.endpoints.get(id)).map(|other| &**other);
                item.apart = apart(&item, others, instance);
            }
            items.entry(instance.clone()).or_default().push(item);
            taken += 1;
        }
        taken
    }

    /// Puts an endpoint at its place in the order of what is due.
    pub(super) fn reschedule(&mut self, id: u32) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let Some(owner) = self.owners.get_mut(&endpoint.key.owner) else { return };
        let record = &endpoint.record;
        let place = match (&owner.instance, endpoint.transient.in_flight) {
            (Some(instance), None) if record.noise.is_none() && !is_undecided(&endpoint.key.template) => {
                record.delivery.due_at(instance, &record.counts, &self.settings)
            }
            _ => None,
        };
        if place == endpoint.transient.due_at {
            return;
        }
        if let Some(before) = endpoint.transient.due_at {
            owner.due.remove(&(before, id));
        }
        owner.due.extend(place.map(|at| (at, id)));
        endpoint.transient.due_at = place;
    }
}
