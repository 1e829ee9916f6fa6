//! Keeping the inventory on disk.

use std::time::Duration;

use super::Inventory;
use crate::settings::nanos;
use crate::store::record::{
    Unreadable, decode_key, decode_service, decode_value, encode_key, encode_service, encode_value,
};
use crate::store::{Changes, Kind, Store, StoreError, StoreStatus};
use crate::{EndpointKey, Record, Settings};

/// So often counters are written. What was learned is written at every flush.
const COUNTERS_EVERY: Duration = Duration::from_secs(60);

/// At most so many records go into one transaction: some 8 MB, so that neither its memory nor its time stands out.
const RECORDS_AT_ONCE: usize = 8192;

/// What was found on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Endpoints that came back.
    pub endpoints: usize,
    /// Values that were left out because they are damaged. They are overwritten when they are learned again.
    pub damaged: usize,
    /// Values that were left out because a later version wrote them.
    pub newer: usize,
    /// What a person should be told once.
    pub warnings: Vec<String>,
}

/// What a flush did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlushReport {
    /// Records written.
    pub written: usize,
    /// Records removed.
    pub removed: usize,
    /// Records with changes that are in memory only: counters that wait for their minute, or everything while the
    /// store is away.
    pub unsaved: usize,
    /// What a person should be told once.
    pub warnings: Vec<String>,
}

impl Inventory {
    /// The inventory that this store has, and what it is from now on kept in. Where the store is away, the inventory is
    /// empty, and what the store has is added as soon as it can be read.
    #[must_use]
    pub fn open(store: Store, settings: Settings) -> (Inventory, LoadReport) {
        let mut inventory = Inventory { store: Some(store), kept: true, ..Inventory::new(settings) };
        let report = inventory.load(0);
        (inventory, report)
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

    /// Writes what must be on disk within a second, and once a minute the counters. To be called every second; without
    /// changes it costs nothing. Blocks for the time of an fsync.
    ///
    /// # Errors
    /// The store cannot be written. Nothing is lost but its place on disk: the next flushes try again.
    pub fn flush(&mut self, now: u64) -> Result<FlushReport, StoreError> {
        if now >= self.counters_saved_at.saturating_add(nanos(COUNTERS_EVERY)) {
            self.counters_saved_at = now;
            self.to_save.append(&mut self.counted);
        }
        let mut report = FlushReport { warnings: self.reopen(now), ..FlushReport::default() };
        self.write(now, &mut report)?;
        report.unsaved = self.unsaved();
        Ok(report)
    }

    /// Writes everything, as before the end of the process.
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub fn flush_all(&mut self, now: u64) -> Result<FlushReport, StoreError> {
        self.to_save.append(&mut self.counted);
        let mut report = FlushReport { warnings: self.reopen(now), ..FlushReport::default() };
        while self.write(now, &mut report)? && self.unsaved() > 0 {}
        report.unsaved = self.unsaved();
        Ok(report)
    }

    fn reopen(&mut self, now: u64) -> Vec<String> {
        let reopened = self.store.as_mut().is_some_and(|store| store.reconnect(now));
        if reopened { self.load(now).warnings } else { Vec::new() }
    }

    /// Writes at most [`RECORDS_AT_ONCE`] records, the urgent ones first, and removes what is gone. Returns whether the
    /// store is there.
    fn write(&mut self, now: u64, report: &mut FlushReport) -> Result<bool, StoreError> {
        let Some(store) = self.store.as_mut().filter(|store| store.is_open()) else { return Ok(false) };
        let due: Vec<u32> = self.urgent.iter().chain(&self.to_save).take(RECORDS_AT_ONCE).copied().collect();
        let mut changes = Changes::default();
        changes.endpoints.extend(self.gone.iter().filter_map(|key| Some((encode_key(key)?, None))));
        let removed = changes.endpoints.len();
        for endpoint in due.iter().filter_map(|id| self.endpoints.get(id)) {
            let Some(key) = encode_key(&endpoint.key) else { continue };
            let value = encode_value(&key, &endpoint.record);
            changes.endpoints.insert(key, value);
        }
        for service in &self.learned_urgent {
            let Some(key) = encode_service(service) else { continue };
            let value = self.learned.get(service).and_then(|mapping| encode_value(&key, mapping));
            changes.mappings.insert(key, value);
        }
        if changes.is_empty() {
            return Ok(true);
        }
        store.commit(now, &changes)?;
        self.learned_urgent.clear();
        for id in &due {
            if let Some(endpoint) = self.endpoints.get_mut(id) {
                endpoint.transient.stored = true;
            }
            self.urgent.remove(id);
            self.to_save.remove(id);
            self.counted.remove(id);
        }
        self.gone.clear();
        report.written += due.len();
        report.removed += removed;
        Ok(true)
    }

    /// How many endpoints have changes that are not on disk.
    fn unsaved(&self) -> usize {
        self.urgent.len() + self.counted.len() + self.to_save.len()
    }

    /// Reads the store, once in the life of the process: what it has when it is opened again later came from here.
    fn load(&mut self, now: u64) -> LoadReport {
        let mut report = LoadReport::default();
        let Some(mut store) = self.store.take() else { return report };
        if store.is_open() && !self.loaded {
            self.loaded = true;
            let read = store.read(now, |kind, key, value| {
                let restored = match kind {
                    Kind::Endpoint => decode_value(key, value).and_then(|record| {
                        let key = decode_key(key).ok_or(Unreadable::Damaged)?;
                        report.endpoints += 1;
                        self.restore(key, record);
                        Ok(())
                    }),
                    Kind::Mapping => decode_value(key, value).and_then(|mapping| {
                        let service = decode_service(key).ok_or(Unreadable::Damaged)?;
                        self.learned.entry(service).or_insert(mapping);
                        Ok(())
                    }),
                };
                match restored {
                    Ok(()) => {}
                    Err(Unreadable::Newer) => report.newer += 1,
                    Err(Unreadable::Damaged) => report.damaged += 1,
                }
            });
            report.warnings.extend(read.err().map(|error| error.to_string()));
        }
        report.warnings.extend(store.take_warnings());
        if store.take_begun() {
            self.urgent.extend(self.endpoints.keys());
            self.learned_urgent.extend(self.learned.keys().cloned());
        }
        self.store = Some(store);
        report
    }

    /// Takes over a record from disk.
    fn restore(&mut self, key: EndpointKey, record: Record) {
        self.totals.restored_requests += record.counts.requests;
        if let Some(id) = self.ids.get(&key).copied() {
            self.change(id, |endpoint, _| {
                endpoint.record.absorb(record);
                endpoint.transient.stored = true;
                true
            });
            return;
        }
        if record.delivery.confirmed {
            self.siblings.add(&key.owner, &key.template);
        }
        let id = self.insert(key, record);
        self.change(id, |endpoint, _| {
            endpoint.transient.stored = true;
            false
        });
        self.counted.remove(&id);
        if id.is_multiple_of(1024) {
            self.relieve();
        }
    }
}
