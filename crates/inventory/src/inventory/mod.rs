//! All endpoints, and what an exchange changes about them.

mod bodies;
mod changes;
mod due;
mod evidence;
mod learned;
mod rename;
mod room;
mod shapes;
#[cfg(test)]
mod tests;
mod verify;
mod view;
mod writing;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use identify::ServiceName;
use redact::{MAX_METHOD, OpenedBody, Owner, Paths, RedactedBody, RedactedExchange, Redactor, Repeats, Says};

pub use changes::{Change, Room, Written};
pub use view::{Outbox, OwnerCounts};

use writing::Writing;

use crate::auth::Asker;
use crate::copied::Copied;
use crate::fingerprints::{Fingerprints, Meaning};
use crate::owners::{Endpoints, OWNERS};
use crate::worth::Newcomer;
use crate::{
    BodyExample, Endpoint, EndpointKey, Learned, LearnedMapping, Record, Settings, State, Totals, Unrecorded,
};

/// The longest template of an endpoint, in bytes; the longest request target that common servers take.
pub(crate) const TEMPLATE_BYTES: usize = 8192;
type Map<K, V> = hashbrown::HashMap<K, V, foldhash::fast::RandomState>;

/// What became of an exchange.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The endpoint.
    pub key: Arc<EndpointKey>,
    /// Whether this is the first time.
    pub new: bool,
    /// What it taught.
    pub learned: Learned,
    /// Requests of this endpoint so far, over restarts.
    pub requests: u64,
    /// Why the endpoint is not pushed now, whatever its mapping; `None` when nothing but a mapping is needed.
    pub hold: Option<State>,
}

/// All endpoints of a node, or of a capture file.
#[derive(Debug)]
pub struct Inventory {
    settings: Settings,
    /// The bytes that the file of the store may have that keeps this, if there is one.
    store_bytes: Option<u64>,
    endpoints: Map<u32, Box<Endpoint>>,
    ids: Map<Arc<EndpointKey>, u32>,
    next_id: u32,
    owners: BTreeMap<Owner, Endpoints>,
    /// The owner that was last first in its turn.
    last_turn: Option<Owner>,
    /// What of the paths of each owner is a variable.
    pub(crate) paths: Paths,
    /// Owners with endpoints that were being pushed when their templates changed.
    renames_left: BTreeSet<Owner>,
    /// How often endpoints were seen again since their paths were told.
    heard: Map<u32, u64>,
    fingerprints: Fingerprints,
    totals: Totals,
    /// Bytes of endpoints, of body examples in memory, and of those in the store.
    bytes: usize,
    body_bytes: usize,
    stored_bytes: usize,
    /// Bytes of shapes.
    shape_bytes: usize,
    /// Bytes of what is known about walls.
    wall_bytes: usize,
    /// Bodies are looked through for such as may leave memory when they take more than this: those that may not are not
    /// looked at each time.
    crowd: usize,
    /// Exchanges since room was first looked for in vain.
    cramped: u64,
    /// What was handed out and not concluded.
    in_flight: HashSet<u32>,
    /// What the store does not know yet: what must be there within a second, what was counted since a minute began,
    /// what was counted in the minute before, and what is to go.
    urgent: BTreeSet<u32>,
    counted: BTreeSet<u32>,
    to_save: BTreeSet<u32>,
    gone: HashSet<Arc<EndpointKey>>,
    /// Where Services go that onboarding dealt with, and which of that the store does not know yet.
    learned: BTreeMap<ServiceName, LearnedMapping>,
    learned_urgent: BTreeSet<ServiceName>,
    /// Owners about whose paths the store does not know what was decided, and what was counted.
    paths_urgent: BTreeSet<Owner>,
    paths_counted: BTreeSet<Owner>,
    /// What the store is just being given.
    writing: Option<Writing>,
}

impl Inventory {
    /// An inventory that is kept in memory only.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let mut paths = Paths::default();
        paths.set_rules(&settings.path_rules);
        Inventory {
            settings,
            store_bytes: None,
            endpoints: Map::default(),
            ids: Map::default(),
            next_id: 0,
            owners: BTreeMap::new(),
            last_turn: None,
            paths,
            renames_left: BTreeSet::new(),
            heard: Map::default(),
            fingerprints: Fingerprints::default(),
            totals: Totals::default(),
            bytes: 0,
            body_bytes: 0,
            stored_bytes: 0,
            shape_bytes: 0,
            wall_bytes: 0,
            crowd: 0,
            cramped: 0,
            in_flight: HashSet::new(),
            urgent: BTreeSet::new(),
            counted: BTreeSet::new(),
            to_save: BTreeSet::new(),
            gone: HashSet::new(),
            learned: BTreeMap::new(),
            learned_urgent: BTreeSet::new(),
            paths_urgent: BTreeSet::new(),
            paths_counted: BTreeSet::new(),
            writing: None,
        }
    }

    /// Takes in an exchange whose path is still sealed, with its body as the redactor opened it.
    pub fn take_in(
        &mut self,
        exchange: &mut RedactedExchange,
        body: &OpenedBody,
        redactor: &Redactor,
    ) -> Sighting {
        self.open(exchange, redactor);
        let owner = exchange.owner();
        if self.store_bytes.is_some() && !self.paths_counted.contains(owner) {
            self.paths_counted.insert(owner.clone());
        }
        match self.settings.judges_at_end {
            true if self.paths.is_full(owner) => self.judge_at_end(),
            false if self.paths.is_due(owner) => self.judge(exchange.time()),
            _ => return self.observe(exchange, body),
        }
        self.paths.rename(exchange);
        self.observe(exchange, body)
    }

    /// Takes in an exchange whose path was opened, with its body as the redactor opened it.
    ///
    /// Answers 400, 404, 405 and 501, those of a wall, and noise, are counted but teach nothing: what a scanner puts into a
    /// request must not become a parameter of an endpoint.
    pub fn observe(&mut self, exchange: &RedactedExchange, body: &OpenedBody) -> Sighting {
        self.totals.observed = self.totals.observed.saturating_add(exchange.requests());
        self.totals.left_out(exchange, body);
        let key = EndpointKey {
            owner: exchange.owner().clone(),
            method: exchange.method().to_owned(),
            template: exchange.template().to_owned(),
        };
        self.relieve();
        let asker = exchange.noise().is_none().then(|| Asker::of(exchange));
        let meaning = |endpoint| Meaning { endpoint, status: exchange.status(), asker };
        let (id, new) = match self.ids.get(&key) {
            Some(id) => (*id, false),
            None => match self.admit(key, Self::newcomer(exchange)) {
                Ok(id) => (id, true),
                Err((key, reason)) => {
                    self.totals.unrecorded.add(reason, exchange.requests());
                    self.fingerprints.insert(exchange.fingerprint(), meaning(None));
                    return Sighting::turned_away(key, reason);
                }
            },
        };
        self.fingerprints.insert(exchange.fingerprint(), meaning(Some(id)));
        let example = body.example().filter(|body| self.fits(body));
        let before = self.stage(id);
        let walled = self.weigh(id, exchange);
        let learned = self.record(id, exchange, body, example.filter(|_| !walled), walled);
        if !walled {
            self.learn_shapes(id, exchange, body);
        }
        self.follow(id, before);
        self.sighting(id, new, learned)
    }

    /// Takes in that something known was seen again. `None` when it was not recorded or is forgotten by now, which is
    /// counted.
    pub fn repeat(&mut self, repeats: Repeats) -> Option<Sighting> {
        self.totals.observed = self.totals.observed.saturating_add(repeats.count);
        let meaning = self.fingerprints.get(repeats.fingerprint);
        let known = meaning.and_then(|meaning| Some((meaning, meaning.endpoint?)));
        let Some((meaning, id)) = known.filter(|(_, id)| self.endpoints.contains_key(id)) else {
            let unrecorded = meaning.is_some_and(|meaning| meaning.endpoint.is_none());
            let reason =
                if unrecorded { Unrecorded::RepeatOfUnrecorded } else { Unrecorded::RepeatOfForgotten };
            self.totals.unrecorded.add(reason, repeats.count);
            return None;
        };
        self.totals.recorded = self.totals.recorded.saturating_add(repeats.count);
        let last = repeats.last;
        let (says, before) = (meaning.status.map(Says::of), self.stage(id));
        if let Some(endpoint) = self.endpoints.get(&id)
            && !endpoint.record.evidence.wall
            && says.is_none_or(|says| says == Says::Exists)
        {
            self.heard.entry(id).and_modify(|count| *count += repeats.count).or_insert(repeats.count);
        }
        self.change(id, |endpoint| {
            endpoint.record.counts.add(meaning.status, repeats.count, last);
            if let Some(asker) = meaning.asker {
                endpoint.record.auth.count(asker, meaning.status, repeats.count, last);
            }
            let exists = meaning.asker.is_some() && says.is_none_or(|says| says == Says::Exists);
            let again = exists && endpoint.record.delivery.seen(last);
            again | (meaning.asker.is_some() && endpoint.confirm_if_due(last, false))
        });
        self.follow(id, before);
        Some(self.sighting(id, false, Learned::default()))
    }

    /// Returns what the inventory was set to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes other settings. What is there stays; what they leave no room for goes when something new comes.
    pub fn set_settings(&mut self, settings: Settings) {
        self.paths.set_rules(&settings.path_rules);
        self.settings = settings;
    }

    /// The counters of this process.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Returns what the inventory occupies, in bytes: an estimate on the high side.
    #[must_use]
    pub fn memory(&self) -> usize {
        let parts = [self.bytes, self.body_bytes, self.shape_bytes, self.wall_bytes];
        parts.iter().sum::<usize>() + self.paths.bytes() + self.fingerprints.bytes()
    }

    /// A new endpoint's number, or the key and the reason why there is none.
    fn admit(&mut self, key: EndpointKey, newcomer: Newcomer) -> Result<u32, (EndpointKey, Unrecorded)> {
        if key.template.len() > TEMPLATE_BYTES || key.method.len() > MAX_METHOD {
            return Err((key, Unrecorded::TooLong));
        }
        let owner = self.owners.get(&key.owner).map(|owner| owner.ids.len());
        if owner.is_none() && self.owners.len() >= OWNERS {
            return Err((key, Unrecorded::OwnersFull));
        }
        let full = owner.is_some_and(|endpoints| endpoints >= self.settings.endpoints_per_service);
        if full && !self.relieve_owner(&key.owner, newcomer) {
            return Err((key, Unrecorded::ServiceFull));
        }
        if self.is_full() {
            return Err((key, Unrecorded::MemoryFull));
        }
        Ok(self.insert(key, Record::default()))
    }

    fn insert(&mut self, mut key: EndpointKey, record: Record) -> u32 {
        if let Some((owner, _)) = self.owners.get_key_value(&key.owner) {
            key.owner = owner.clone();
        }
        let key = Arc::new(key);
        let forgotten = self.gone.contains(&key);
        while self.endpoints.contains_key(&self.next_id) {
            self.next_id = self.next_id.wrapping_add(1);
        }
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        self.owners.entry(key.owner.clone()).or_default().ids.push(id);
        self.ids.insert(Arc::clone(&key), id);
        let mut endpoint = Endpoint::new(key, record);
        if forgotten {
            // The body that the store has of it goes with the first write.
            endpoint.transient.copied = Copied::Behind;
            endpoint.transient.shapes_copied = Copied::Behind;
        }
        self.endpoints.insert(id, Box::new(endpoint));
        id
    }

    fn fits(&mut self, body: &RedactedBody) -> bool {
        let fits = body.content().len() <= self.settings.body_bytes;
        self.totals.examples_too_long += u64::from(!fits);
        fits
    }

    fn record(
        &mut self,
        id: u32,
        exchange: &RedactedExchange,
        opened: &OpenedBody,
        body: Option<&RedactedBody>,
        walled: bool,
    ) -> Learned {
        self.totals.recorded = self.totals.recorded.saturating_add(exchange.requests());
        let full = self.is_full();
        self.totals.unlearned += u64::from(full);
        let mut learned = Learned::default();
        let time = exchange.time();
        let keeps = self.store_bytes.is_some();
        let says = exchange.status().map(Says::of);
        let backed = says == Some(Says::Refused) && self.is_backed(id);
        self.change(id, |endpoint| {
            let Record { counts, details, delivery, auth, noise, operations, .. } = &mut endpoint.record;
            let first = counts.requests == 0;
            counts.add(exchange.status(), exchange.requests(), time);
            if let Some(reason) = exchange.noise() {
                if first {
                    *noise = Some(reason.into());
                }
                return false;
            }
            auth.count(Asker::of(exchange), exchange.status(), exchange.requests(), time);
            if !walled {
                operations.learn(opened, time, !full);
            }
            let mut urgent = noise.take().is_some();
            if says == Some(Says::Absent) {
                return urgent;
            }
            if walled {
                return urgent | endpoint.confirm_if_due(time, backed);
            }
            urgent |= says != Some(Says::Refused) && delivery.seen(time);
            if !full {
                auth.learn(exchange);
                let news = body
                    .is_some_and(|body| details.offer_body(BodyExample::from(body), opened.fields().len()));
                learned = details.learn(exchange, news);
            }
            let news = learned.body && keeps;
            if learned.any() {
                delivery.learned(Some(time), endpoint.transient.in_flight);
                urgent |= delivery.confirmed;
            }
            if news {
                endpoint.body_to_store();
            }
            urgent | endpoint.confirm_if_due(time, backed)
        });
        learned
    }

    /// Changes an endpoint and brings everything that depends on it up to date. `change` tells whether the change
    /// must be on disk soon.
    fn change(&mut self, id: u32, change: impl FnOnce(&mut Endpoint) -> bool) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let urgent = change(endpoint);
        self.measure(id);
        if self.store_bytes.is_some() {
            if urgent { &mut self.urgent } else { &mut self.counted }.insert(id);
        }
        self.reschedule(id);
    }

    /// Takes in what an endpoint occupies now.
    fn measure(&mut self, id: u32) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let bytes = endpoint.bytes();
        let shapes = endpoint.transient.shapes_now;
        let details = &endpoint.record.details;
        let (body, stored) = (details.body_bytes(), details.body_stored as usize);
        let before = &mut endpoint.transient;
        self.bytes = self.bytes + bytes - before.bytes;
        self.body_bytes = self.body_bytes + body - before.body_bytes;
        self.stored_bytes = self.stored_bytes + stored - before.stored_bytes;
        self.shape_bytes = self.shape_bytes + shapes - before.shape_bytes;
        (before.bytes, before.body_bytes, before.stored_bytes) = (bytes, body, stored);
        before.shape_bytes = shapes;
    }

    #[expect(clippy::indexing_slicing, reason = "whoever calls this has just found or made that endpoint")]
    fn sighting(&self, id: u32, new: bool, learned: Learned) -> Sighting {
        let endpoint = &self.endpoints[&id];
        Sighting {
            key: Arc::clone(&endpoint.key),
            new,
            learned,
            requests: endpoint.record.counts.requests,
            hold: State::hold(endpoint, &self.settings),
        }
    }
}

impl Sighting {
    fn turned_away(key: EndpointKey, reason: Unrecorded) -> Self {
        Sighting {
            key: Arc::new(key),
            new: false,
            learned: Learned::default(),
            requests: 0,
            hold: Some(State::Overflow(reason)),
        }
    }
}
