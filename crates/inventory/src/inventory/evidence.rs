//! What answers say about whether there is an endpoint: walls, refusals, and methods of one path.

use std::sync::Arc;

use decode::Timestamp;
use hashbrown::Equivalent;
use redact::{Form, Owner, RedactedExchange, Redactor, Says, Signature};

use super::Inventory;
use crate::evidence::Change;
use crate::walls::{Walls, path};
use crate::{Delivery, Endpoint, EndpointKey, Record};

/// The methods that may back each other: those of RFC 9110, section 9, RFC 5789 and WebDAV.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "SEARCH"];

/// How far an endpoint is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Not at all.
    Guess,
    /// It is confirmed, by refusals or by a page.
    Confirmed,
    /// It succeeded for certain.
    Succeeded,
}

/// A key that borrows its texts.
#[derive(Hash)]
struct Borrowed<'a> {
    owner: &'a Owner,
    method: &'a str,
    template: &'a str,
}

impl Equivalent<Arc<EndpointKey>> for Borrowed<'_> {
    fn equivalent(&self, key: &Arc<EndpointKey>) -> bool {
        *self.owner == key.owner && self.method == key.method && self.template == key.template
    }
}

impl Inventory {
    /// Opens the path of an exchange. The answer of a wall teaches nothing about paths.
    pub(super) fn open(&mut self, exchange: &mut RedactedExchange, redactor: &Redactor) {
        match self.is_walled(exchange) {
            true => self.paths.open_only(exchange, redactor),
            false => self.paths.open(exchange, redactor),
        }
    }

    /// Returns whether a wall gives such an answer.
    pub(super) fn is_walled(&self, exchange: &RedactedExchange) -> bool {
        let owner = self.owners.get(exchange.owner());
        exchange.signature().zip(owner).is_some_and(|(answer, owner)| owner.walls.has(&answer))
    }

    /// Takes in what an answer says, before it is counted. Returns whether it says nothing, since it is a wall's.
    pub(super) fn weigh(&mut self, id: u32, exchange: &RedactedExchange) -> bool {
        let Some(endpoint) = self.endpoints.get_mut(&id).filter(|_| exchange.noise().is_none()) else {
            return false;
        };
        let Record { counts, evidence, .. } = &mut endpoint.record;
        let change = evidence.take(exchange, counts);
        let place = path(&endpoint.key.template);
        match change {
            Change::None => {}
            Change::First(answer) => self.watch(exchange.owner(), |walls| walls.note(&answer, place)),
            Change::Otherwise(answer) => self.watch(exchange.owner(), |walls| {
                walls.otherwise(&answer, place);
                Vec::new()
            }),
        }
        let walled = self.is_walled(exchange);
        let Some(Record { counts, evidence, .. }) = self.endpoints.get_mut(&id).map(|one| &mut one.record)
        else {
            return false;
        };
        let says_nothing = walled && !evidence.succeeded(counts);
        evidence.wall |= says_nothing;
        says_nothing
    }

    /// Changes what is known about the walls of an owner. What then stands behind one is marked.
    fn watch(&mut self, owner: &Owner, change: impl FnOnce(&mut Walls) -> Vec<Form>) {
        let Some(endpoints) = self.owners.get_mut(owner) else { return };
        let before = endpoints.walls.bytes();
        let found = change(&mut endpoints.walls);
        self.wall_bytes = self.wall_bytes + endpoints.walls.bytes() - before;
        if found.is_empty() {
            return;
        }
        for id in endpoints.ids.clone() {
            self.stand_behind(id, &found);
        }
    }

    /// Marks an endpoint if one of these is its only answer. What it taught about paths is taken back.
    fn stand_behind(&mut self, id: u32, found: &[Form]) {
        let Some(endpoint) = self.endpoints.get_mut(&id) else { return };
        let Record { counts, evidence, .. } = &mut endpoint.record;
        let behind = |answer: Signature| answer.forms().iter().any(|form| found.contains(form));
        if evidence.wall || !evidence.only().is_some_and(behind) {
            return;
        }
        evidence.wall = true;
        if evidence.page {
            // The path of the exchange that shows the wall was taken in, and is not counted here yet.
            let untold = self.heard.remove(&id).unwrap_or_default();
            let taught = counts.requests.saturating_sub(untold).max(1);
            self.paths.take_back(&endpoint.key.owner, &endpoint.key.template, taught);
        }
        self.reconsider(id);
    }

    /// Confirms an endpoint, or no longer, by what is known now. What the platform was told stays.
    pub(super) fn reconsider(&mut self, id: u32) {
        let backed = self.is_backed(id);
        let Some(endpoint) = self.endpoints.get(&id) else { return };
        let Record { counts, evidence, delivery, noise, .. } = &endpoint.record;
        let confirms = noise.is_none() && evidence.confirms(counts, backed);
        let last = counts.last.unwrap_or(Timestamp::EPOCH);
        let untold = delivery.progress.is_none() && endpoint.transient.in_flight.is_none();
        // Anything else that confirms did so when it came: the counts have noise in them too.
        let news = !delivery.confirmed && backed && counts.says(Says::Refused)
            || delivery.confirmed && delivery.unsettled && !endpoint.record.is_doubtful();
        if confirms && news {
            self.change(id, |endpoint| endpoint.confirm_if_due(last, backed));
        } else if !confirms && delivery.confirmed && untold {
            self.change(id, |endpoint| {
                let Delivery { confirmed, unsettled, .. } = &mut endpoint.record.delivery;
                (*confirmed, *unsettled) = (false, false);
                true
            });
        }
    }

    /// Returns whether the path of an endpoint had a success by another method.
    pub(super) fn is_backed(&self, id: u32) -> bool {
        let Some(endpoint) = self.endpoints.get(&id) else { return false };
        let succeeded = |other: &u32| self.endpoints.get(other).is_some_and(|other| other.succeeded());
        self.siblings(endpoint).any(|other| succeeded(&other))
    }

    /// Returns how far an endpoint is believed.
    pub(super) fn stage(&self, id: u32) -> Stage {
        match self.endpoints.get(&id) {
            Some(endpoint) if endpoint.succeeded() => Stage::Succeeded,
            Some(endpoint) if endpoint.record.delivery.confirmed => Stage::Confirmed,
            _ => Stage::Guess,
        }
    }

    /// Does what follows for others when an endpoint is believed further than `before`.
    pub(super) fn follow(&mut self, id: u32, before: Stage) {
        match self.stage(id) {
            now if now <= before => {}
            Stage::Succeeded => self.back(id),
            _ => self.believe_path(id),
        }
    }

    /// What was only refused is confirmed: from now on it is evidence about paths.
    fn believe_path(&mut self, id: u32) {
        let Some(Endpoint { key, record, .. }) = self.endpoints.get(&id).map(|one| &**one) else { return };
        if record.counts.says(Says::Refused) && !record.evidence.page {
            self.paths.again(&key.owner, &key.template, record.counts.requests);
        }
    }

    /// An endpoint has its first success: what was refused at its path is no guess.
    pub(super) fn back(&mut self, id: u32) {
        let Some(endpoint) = self.endpoints.get(&id) else { return };
        let siblings: Vec<u32> = self.siblings(endpoint).collect();
        siblings.into_iter().for_each(|sibling| self.reconsider(sibling));
    }

    /// The endpoints with other methods of the same path.
    fn siblings<'a>(&'a self, endpoint: &'a Endpoint) -> impl Iterator<Item = u32> + 'a {
        let EndpointKey { owner, method, template } = &*endpoint.key;
        let others = METHODS.into_iter().filter(move |other| *other != method);
        others.filter_map(move |method| self.ids.get(&Borrowed { owner, method, template }).copied())
    }

    /// Takes in what the store knows about the answers of an endpoint.
    pub(super) fn recall_answer(&mut self, id: u32) {
        let Some(endpoint) = self.endpoints.get(&id).filter(|one| !one.succeeded()) else { return };
        let (key, answer) = (Arc::clone(&endpoint.key), endpoint.record.evidence.only());
        if let Some(answer) = answer {
            self.watch(&key.owner, |walls| walls.note(&answer, path(&key.template)));
        }
    }
}

impl Endpoint {
    /// Returns whether its service knows it for certain.
    pub(crate) fn succeeded(&self) -> bool {
        self.record.noise.is_none() && self.record.evidence.succeeded(&self.record.counts)
    }

    /// Confirms an endpoint when its answers do, and returns whether this was the moment. One without a certain success
    /// waits, so that a wall is known before it is pushed.
    pub(crate) fn confirm_if_due(&mut self, time: Timestamp, backed: bool) -> bool {
        let doubtful = self.record.is_doubtful();
        let Record { counts, evidence, delivery, .. } = &mut self.record;
        if !delivery.confirmed && !evidence.confirms(counts, backed) {
            return false;
        }
        let released = delivery.unsettled && !doubtful;
        delivery.unsettled = doubtful;
        if delivery.confirmed {
            return released;
        }
        delivery.confirmed = true;
        if delivery.revision == 0 {
            delivery.learned(Some(time), None);
        }
        true
    }
}
