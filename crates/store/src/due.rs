//! Body examples come back from the store when their endpoint is pushed.
//!
//! What is due and has its body in the store is held until the store's thread has read it. Nobody waits for that: the next
//! look at what is due finds it. Where the store cannot be read, the endpoint goes without its body, and once more when
//! it can be: when the store was opened, or has answered in time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use decode::Timestamp;
use identify::ServiceName;
use inventory::{EndpointKey, Instance, Item};

use crate::bodies::Fetched;
use crate::kept::KeptInventory;
use crate::store::Store;
use crate::waiting::{Waiting, Waits};

/// So long an endpoint waits for its body on a disk that does not move. Then it goes without it.
const PATIENCE: Duration = Duration::from_secs(5);

/// So often at most a store that is open gets what went without its body pushed once more. One that answers now and then only
/// would have the same pushed again and again.
const PAID_EVERY: Duration = Duration::from_secs(600);

impl KeptInventory {
    /// Hands out at most `limit` endpoints that are to be pushed, as [`inventory::Inventory::due`], with their bodies. Those
    /// whose body the store has are handed out once it was read: the next time, unless that takes less than `wait`.
    pub fn due(
        &mut self,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
        limit: usize,
        wait: Duration,
    ) -> Vec<(Instance, Vec<Item>)> {
        let held = self.waiting.items.len() + self.waiting.ready.len();
        let due = self.inventory.due(now, instance_of, limit.saturating_sub(held));
        for (instance, items) in due {
            for item in items {
                let instance = instance.clone();
                if item.has_body && item.body.is_none() && self.inventory.is_body_away(&item.key) {
                    self.waiting.items.push(Waits { instance, item, since: Instant::now() });
                } else {
                    self.waiting.ready.push((instance, item));
                }
            }
        }
        self.fetch();
        let until = Instant::now() + wait;
        while !self.waiting.items.is_empty() && self.take_news(now, until) {
            self.fetch();
        }
        self.give_up_waiting();
        grouped(std::mem::take(&mut self.waiting.ready))
    }

    /// Returns how many are held for their bodies: they are due, and were not handed out yet.
    #[must_use]
    pub fn held_for_bodies(&self) -> usize {
        self.waiting.items.len()
    }

    /// Makes everything that was handed out, or is held, due again.
    pub fn release_all(&mut self) {
        self.waiting.items.clear();
        self.waiting.ready.clear();
        self.inventory.release_all();
    }

    /// Has the store read the bodies of what waits.
    fn fetch(&mut self) {
        let items = &self.waiting.items;
        if let Some(store) = self.store.as_mut().filter(|store| !items.is_empty() && !store.is_fetching()) {
            store.fetch(items.iter().map(|waits| waits.item.key.clone()).collect());
        }
    }

    /// Takes in bodies that the store has read.
    pub(crate) fn fetched(&mut self, bodies: Vec<(EndpointKey, Fetched)>, now: Timestamp) {
        let mut in_time = false;
        for (key, body) in bodies {
            let place = self.waiting.items.iter().position(|waits| waits.item.key == key);
            // Who waited may have gone without it.
            let Some(place) = place else { continue };
            let Waits { instance, mut item, .. } = self.waiting.items.swap_remove(place);
            in_time |= !matches!(body, Fetched::Away);
            match body {
                Fetched::Body(body) => item.set_body(body),
                Fetched::Lost => self.inventory.body_is_lost(&key),
                Fetched::Away => self.owe(&key),
            }
            self.waiting.ready.push((instance, item));
        }
        if in_time {
            self.pay(now);
        }
    }

    /// The store wrote something, which took so long.
    pub(crate) fn wrote_within(&mut self, took: Duration, now: Timestamp) {
        if took < PATIENCE {
            self.pay(now);
        }
    }

    /// Takes note that an endpoint goes without its body.
    fn owe(&mut self, key: &EndpointKey) {
        self.inventory.body_is_owed(key);
        self.waiting.owed = true;
    }

    /// The store answers: what went without its body meanwhile is pushed once more.
    fn pay(&mut self, now: Timestamp) {
        let Waiting { owed, paid_at, .. } = &mut self.waiting;
        if *owed && paid_at.is_none_or(|at| now >= at + PAID_EVERY) {
            (*owed, *paid_at) = (false, Some(now));
            self.inventory.bodies_are_back(now);
        }
    }

    /// Lets go without its body what would wait for a store that cannot be read, or has waited for one that does not move.
    fn give_up_waiting(&mut self) {
        let reading = self.store.as_ref().is_some_and(Store::is_fetching);
        let gives_up = |waits: &mut Waits| !reading || waits.since.elapsed() >= PATIENCE;
        let given_up: Vec<_> = self.waiting.items.extract_if(.., gives_up).collect();
        for Waits { instance, item, .. } in given_up {
            self.owe(&item.key);
            self.waiting.ready.push((instance, item));
        }
    }
}

/// Items by where they go.
fn grouped(items: Vec<(Instance, Item)>) -> Vec<(Instance, Vec<Item>)> {
    let mut groups: BTreeMap<Instance, Vec<Item>> = BTreeMap::new();
    for (instance, item) in items {
        groups.entry(instance).or_default().push(item);
    }
    groups.into_iter().collect()
}
