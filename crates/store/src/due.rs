//! Body examples come back from the store when their endpoint is pushed.
//!
//! What is due and has its body in the store is held until the store's thread has read it. Nobody waits for that: the next
//! look at what is due finds it. Where the store cannot be read, the endpoint goes without its body, and once more when
//! it can be.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use decode::Timestamp;
use identify::ServiceName;
use inventory::{EndpointKey, Instance, Item};

use crate::bodies::Fetched;
use crate::kept::KeptInventory;
use crate::store::Store;
use crate::waiting::Waiting;

/// So long an endpoint waits for its body on a disk that does not move. Then it goes without it.
const PATIENCE: Duration = Duration::from_secs(5);

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
            let waiting = &mut self.waiting;
            for item in items {
                let away = item.body.is_none() && self.inventory.is_body_away(&item.key);
                let line = if away { &mut waiting.items } else { &mut waiting.ready };
                line.push((instance.clone(), item));
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

    /// Makes everything that was handed out, or is held, due again.
    pub fn release_all(&mut self) {
        self.waiting = Waiting::default();
        self.inventory.release_all();
    }

    /// Has the store read the bodies of what waits.
    fn fetch(&mut self) {
        let Waiting { items, since, .. } = &mut self.waiting;
        let Some(store) = self.store.as_mut().filter(|store| !items.is_empty() && !store.is_fetching())
        else {
            return;
        };
        if store.fetch(items.iter().map(|(_, item)| item.key.clone()).collect()) {
            *since = Some(Instant::now());
        }
    }

    /// Takes in bodies that the store has read.
    pub(crate) fn fetched(&mut self, bodies: Vec<(EndpointKey, Fetched)>) {
        for (key, body) in bodies {
            let place = self.waiting.items.iter().position(|(_, item)| item.key == key);
            // Who waited may have gone without it.
            let Some(place) = place else { continue };
            let (instance, mut item) = self.waiting.items.swap_remove(place);
            match body {
                Fetched::Body(body) => item.set_body(body),
                Fetched::Lost => self.inventory.body_is_lost(&key),
                Fetched::Away => self.inventory.body_is_owed(&key),
            }
            self.waiting.ready.push((instance, item));
        }
    }

    /// Lets go without its body what would wait for a store that cannot be read, or does not move.
    fn give_up_waiting(&mut self) {
        let Waiting { items, since, ready } = &mut self.waiting;
        let reading = self.store.as_ref().is_some_and(Store::is_fetching);
        let patient = since.is_some_and(|since| since.elapsed() < PATIENCE);
        if items.is_empty() || (reading && patient) {
            return;
        }
        for (_, item) in items.iter() {
            self.inventory.body_is_owed(&item.key);
        }
        ready.append(items);
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
