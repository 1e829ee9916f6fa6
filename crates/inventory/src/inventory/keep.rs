//! Keeping the inventory on disk.
//!
//! The store has a thread of its own. A flush hands it what has changed since, as bytes, and takes in what it has done
//! meanwhile; so nobody who holds the inventory waits for a disk. What changes while it is being written counts as
//! changed again, and what could not be written counts as changed still.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identify::ServiceName;

use super::Inventory;
use crate::settings::nanos;
use crate::store::record::{encode_key, encode_service, encode_value};
use crate::store::{Changes, Loaded, News, Opened, Options, Store, StoreStatus};
use crate::{EndpointKey, Record, Settings};

/// So often counters are written. What was learned is written at every flush.
const COUNTERS_EVERY: Duration = Duration::from_secs(60);

/// At most so many bytes of records go into one transaction, so that neither its memory nor its time stands out.
const BYTES_AT_ONCE: u64 = 4 << 20;

/// A transaction may use this part of what the store may have. Each page that it touches is written anew, and the old one
/// is free only after the next transaction.
const SHARE_AT_ONCE: u64 = 32;

/// A page of redb. Each record that is changed or removed may touch one.
const PAGE: u64 = 4096;

/// What was found on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Endpoints that came back.
    pub endpoints: usize,
    /// Values that were left out because they are damaged. Their file was set aside.
    pub damaged: usize,
    /// Values that were left out because a later version wrote them. They stay as they are.
    pub newer: usize,
    /// What a person should be told once.
    pub warnings: Vec<String>,
}

/// What a flush did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlushReport {
    /// Records that got on disk since the last flush.
    pub written: usize,
    /// Records that were removed there.
    pub removed: usize,
    /// Records with changes that are in memory only: such as are being written, counters that wait for their minute, or
    /// everything while the store is away.
    pub unsaved: usize,
    /// What was found on disk, if it was read since the last flush.
    pub load: LoadReport,
}

/// What the store is just being given.
#[derive(Debug, Default)]
pub(super) struct Writing {
    ids: Vec<u32>,
    gone: HashSet<Arc<EndpointKey>>,
    services: Vec<ServiceName>,
}

impl Inventory {
    /// The inventory that the store in this folder has, and what it is from now on kept in. Waits for the store as long
    /// as that moves: two seconds longer than `options.wait`. Where it is away, the inventory is empty, and what it has
    /// is added as soon as it can be read.
    #[must_use]
    pub fn open(dir: &std::path::Path, options: Options, settings: Settings) -> (Inventory, LoadReport) {
        let patience = Store::patience(options.wait);
        let store = Some(Store::open(dir, options));
        let mut inventory = Inventory { store, kept: true, ..Inventory::new(settings) };
        let mut report = FlushReport::default();
        while inventory.take_news(0, Instant::now() + patience, &mut report) {}
        (inventory, report.load)
    }

    /// Where the store stands; `None` for an inventory in memory only.
    #[must_use]
    pub fn store_status(&self) -> Option<StoreStatus> {
        self.store.as_ref().map(Store::status)
    }

    /// The size of the store's file in bytes, if there is one.
    #[must_use]
    pub fn store_bytes(&self) -> Option<u64> {
        self.store.as_ref()?.file_bytes()
    }

    /// The size in bytes that the store's file may have, if there is one.
    #[must_use]
    pub fn store_max_bytes(&self) -> Option<u64> {
        Some(self.store.as_ref()?.max_bytes())
    }

    /// Begins to write what must be on disk within a second, and once a minute the counters, and waits at most so long
    /// until all of that is there. To be called some times a second; without changes it costs nothing. Where the store is
    /// away ([`Self::store_status`]), the next flushes try again.
    pub fn flush(&mut self, now: u64, wait: Duration) -> FlushReport {
        if now >= self.counters_saved_at.saturating_add(nanos(COUNTERS_EVERY)) {
            self.counters_saved_at = now;
            self.to_save.append(&mut self.counted);
        }
        let until = Instant::now() + wait;
        let mut report = FlushReport::default();
        loop {
            while self.take_news(now, until, &mut report) {}
            let Some(store) = &mut self.store else { break };
            store.reconnect(now);
            if store.is_idle() && !self.begin_write() {
                break;
            }
            if !self.store.as_ref().is_some_and(Store::is_busy) || Instant::now() >= until {
                break;
            }
        }
        report.unsaved = self.unsaved();
        report
    }

    /// The same with all counters, as before the end of the process.
    pub fn flush_all(&mut self, now: u64, wait: Duration) -> FlushReport {
        self.to_save.append(&mut self.counted);
        self.flush(now, wait)
    }

    /// Closes the store. What comes after is in memory only.
    pub fn close(&mut self) {
        self.store = None;
        self.kept = false;
    }

    /// Takes in what the store's thread does next, waiting for it until this moment. Returns whether there was something.
    fn take_news(&mut self, now: u64, until: Instant, report: &mut FlushReport) -> bool {
        let Some(store) = self.store.as_mut().filter(|store| store.is_busy()) else { return false };
        match store.news(now, until) {
            None => return false,
            Some(News::Loaded(loaded)) => self.take_in(loaded, &mut report.load),
            Some(News::Opened(opened)) => self.opened(opened, &mut report.load),
            Some(News::Committed) => {
                let writing = self.writing.take().unwrap_or_default();
                report.written += writing.ids.len();
                report.removed += writing.gone.len();
            }
            Some(News::Failed) => self.take_back(),
        }
        true
    }

    /// Gives the store the next records, the urgent ones first, and what is to go. Returns whether there was something.
    fn begin_write(&mut self) -> bool {
        let Some(store) = &self.store else { return false };
        let budget = store.max_bytes() / SHARE_AT_ONCE;
        let pages = usize::try_from(budget / PAGE).unwrap_or(usize::MAX).max(1);
        let (mut changes, mut writing) = (Changes::default(), Writing::default());
        // What was learned again since it was forgotten is to stay.
        self.gone.retain(|key| !self.ids.contains_key(key));
        writing.gone.extend(self.gone.iter().take(pages).cloned());
        self.gone.retain(|key| !writing.gone.contains(key));
        changes.endpoints.extend(writing.gone.iter().filter_map(|key| Some((encode_key(key)?, None))));
        let mut bytes = 0;
        for id in self.urgent.iter().chain(&self.to_save).take(pages - writing.gone.len()) {
            if bytes >= budget.min(BYTES_AT_ONCE) {
                break;
            }
            let Some(endpoint) = self.endpoints.get_mut(id) else { continue };
            writing.ids.push(*id);
            let Some(key) = encode_key(&endpoint.key) else { continue };
            let Some(value) = encode_value(&key, &endpoint.record) else { continue };
            bytes += (key.len() + value.len()) as u64;
            endpoint.transient.stored = true;
            changes.endpoints.insert(key, Some(value));
        }
        for id in &writing.ids {
            self.urgent.remove(id);
            self.to_save.remove(id);
            self.counted.remove(id);
        }
        for service in std::mem::take(&mut self.learned_urgent) {
            if let Some(key) = encode_service(&service) {
                let value = self.learned.get(&service).and_then(|mapping| encode_value(&key, mapping));
                changes.mappings.insert(key, value);
            }
            writing.services.push(service);
        }
        let Some(store) = self.store.as_mut().filter(|_| !changes.is_empty()) else { return false };
        store.commit(changes);
        self.writing = Some(writing);
        true
    }

    /// What was not written is to be written still.
    fn take_back(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        self.urgent.extend(writing.ids.into_iter().filter(|id| self.endpoints.contains_key(id)));
        self.gone.extend(writing.gone);
        self.learned_urgent.extend(writing.services);
    }

    /// How many records have changes that are not on disk.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        let writing = self.writing.as_ref().map_or(0, |writing| writing.ids.len() + writing.services.len());
        self.urgent.len() + self.counted.len() + self.to_save.len() + self.learned_urgent.len() + writing
    }

    /// Takes over what is on disk, once in the life of the process: what is there when it is opened again later came from
    /// here.
    fn take_in(&mut self, loaded: Vec<Loaded>, report: &mut LoadReport) {
        if self.loaded {
            return;
        }
        for loaded in loaded {
            match loaded {
                Loaded::Endpoint(key, record) => {
                    report.endpoints += 1;
                    self.restore(key, *record);
                }
                Loaded::Mapping(service, mapping) => {
                    self.learned.entry(service).or_insert(mapping);
                }
            }
        }
    }

    fn opened(&mut self, opened: Opened, report: &mut LoadReport) {
        self.loaded = true;
        report.damaged += opened.damaged;
        report.newer += opened.newer;
        report.warnings.extend(opened.warnings);
        if opened.begun {
            self.urgent.extend(self.endpoints.keys());
            self.learned_urgent.extend(self.learned.keys().cloned());
        }
        self.relieve();
    }

    /// Takes over a record from disk.
    fn restore(&mut self, key: EndpointKey, record: Record) {
        self.totals.restored_requests += record.counts.requests;
        let merged = self.ids.get(&key).copied();
        let id = merged.unwrap_or_else(|| {
            if record.delivery.confirmed {
                self.siblings.add(&key.owner, &key.template);
            }
            self.insert(key, Record::default())
        });
        self.change(id, |endpoint, _| {
            endpoint.transient.stored = true;
            match merged {
                None => endpoint.record = record,
                Some(_) => endpoint.record.absorb(record),
            }
            merged.is_some()
        });
        if merged.is_none() {
            self.counted.remove(&id);
        }
        if id.is_multiple_of(1024) {
            self.relieve();
        }
    }
}
