//! An inventory and the store that keeps it, in step.
//!
//! A flush hands the store what has changed since, as bytes, and takes in what it has done meanwhile; so nobody who
//! holds the inventory waits for a disk.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::{Change, Inventory, Room, Settings};

use crate::changes::{Changes, Kind};
use crate::disk::{Loaded, Opened, Options};
use crate::record::{
    body_key, encode_body, encode_key, encode_owner, encode_service, encode_value, shapes_key,
};
use crate::store::{News, Store, StoreStatus};
use crate::waiting::Waiting;

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
    /// Records that were salvaged from a file that was damaged and set aside.
    pub salvaged: usize,
    /// Values that are known to be lost with it.
    pub lost: u64,
    /// Values that were left out because a later version wrote them. They stay as they are.
    pub newer: usize,
    /// What a person should be told once.
    pub warnings: Vec<String>,
}

/// What damage to the store's file cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Records that were salvaged from damaged files.
    pub salvaged: u64,
    /// Values that are known to be lost with them.
    pub lost: u64,
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

/// An [`Inventory`] that is kept on disk. It is used as one, and flushed some times a second.
#[derive(Debug)]
pub struct KeptInventory {
    pub(crate) inventory: Inventory,
    pub(crate) store: Option<Store>,
    /// Whether what the store has was taken over.
    loaded: bool,
    counters_saved_at: Option<Timestamp>,
    /// What was done since the last flush.
    report: FlushReport,
    losses: Losses,
    /// What is to be pushed and waits for its body.
    pub(crate) waiting: Waiting,
}

impl Deref for KeptInventory {
    type Target = Inventory;

    fn deref(&self) -> &Inventory {
        &self.inventory
    }
}

impl DerefMut for KeptInventory {
    fn deref_mut(&mut self) -> &mut Inventory {
        &mut self.inventory
    }
}

impl KeptInventory {
    /// The inventory that the store in this folder has, and what it is from now on kept in. Waits for the store as long
    /// as that moves: two seconds longer than `options.wait`. Where it is away, the inventory is empty, and what it has
    /// is added as soon as it can be read.
    #[must_use]
    pub fn open(dir: &Path, options: Options, settings: Settings) -> (KeptInventory, LoadReport) {
        let patience = Store::patience(options.wait);
        let mut inventory = Inventory::new(settings);
        inventory.begin_keeping(options.max_bytes);
        let store = Some(Store::open(dir, options));
        let mut kept = KeptInventory {
            inventory,
            store,
            loaded: false,
            counters_saved_at: None,
            report: FlushReport::default(),
            losses: Losses::default(),
            waiting: Waiting::default(),
        };
        while kept.take_news(Timestamp::EPOCH, Instant::now() + patience) {}
        let report = std::mem::take(&mut kept.report.load);
        (kept, report)
    }

    /// Returns where the store stands; `None` after it was closed.
    #[must_use]
    pub fn store_status(&self) -> Option<StoreStatus> {
        self.store.as_ref().map(Store::status)
    }

    /// Returns whether another process keeps its inventory in this store. That one pushes: two would push everything twice.
    #[must_use]
    pub fn is_held_elsewhere(&self) -> bool {
        self.store.as_ref().is_some_and(Store::is_held_elsewhere)
    }

    /// Returns what damage to the store's file cost since the start.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses
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
    pub fn flush(&mut self, now: Timestamp, wait: Duration) -> FlushReport {
        if self.counters_saved_at.is_none_or(|at| now >= at + COUNTERS_EVERY) {
            self.counters_saved_at = Some(now);
            self.inventory.release_counters();
        }
        let until = Instant::now() + wait;
        loop {
            while self.take_news(now, until) {}
            let Some(store) = &mut self.store else { break };
            store.reconnect(now);
            if store.is_idle() && !self.begin_write() {
                break;
            }
            if !self.store.as_ref().is_some_and(Store::is_busy) || Instant::now() >= until {
                break;
            }
        }
        FlushReport { unsaved: self.inventory.unsaved(), ..std::mem::take(&mut self.report) }
    }

    /// The same with all counters, as before the end of the process.
    pub fn flush_all(&mut self, now: Timestamp, wait: Duration) -> FlushReport {
        self.inventory.release_counters();
        self.flush(now, wait)
    }

    /// Closes the store. What comes after is in memory only.
    pub fn close(&mut self) {
        self.store = None;
        self.inventory.stop_keeping();
    }

    /// Takes in what the store's thread does next, waiting for it until this moment. Returns whether there was something.
    pub(crate) fn take_news(&mut self, now: Timestamp, until: Instant) -> bool {
        let Some(store) = self.store.as_mut().filter(|store| store.is_busy()) else { return false };
        match store.news(now, until) {
            None => return false,
            Some(News::Loaded(loaded)) => self.take_in(loaded),
            Some(News::Opened(opened)) => self.opened(opened, now),
            Some(News::Fetched(bodies)) => self.fetched(bodies, now),
            Some(News::Committed(took)) => {
                let done = self.inventory.written();
                self.report.written += done.written;
                self.report.removed += done.removed;
                self.wrote_within(took, now);
            }
            Some(News::Failed) => self.inventory.not_written(),
        }
        true
    }

    /// Gives the store the next records, the urgent ones first, and what is to go. Returns whether there was something.
    fn begin_write(&mut self) -> bool {
        let Some(store) = &mut self.store else { return false };
        let budget = store.max_bytes() / SHARE_AT_ONCE;
        let endpoints = usize::try_from(budget / PAGE).unwrap_or(usize::MAX).max(1);
        let mut changes = Changes::default();
        let room = Room { endpoints, bytes: budget.min(BYTES_AT_ONCE) };
        let given = self.inventory.hand_over(room, |change| {
            let (kind, key, value) = match change {
                Change::Endpoint(key, record) => {
                    let key = encode_key(key)?;
                    let value = record.map(|record| encode_value(&key, record));
                    (Kind::Endpoint, key, value)
                }
                Change::Body(key, body) => {
                    let key = body_key(&encode_key(key)?);
                    let value = body.map(|body| encode_body(&key, body));
                    (Kind::Body, key, value)
                }
                Change::Shapes(key, shapes) => {
                    let key = shapes_key(&encode_key(key)?);
                    let value = shapes.map(|shapes| encode_value(&key, shapes));
                    (Kind::Shapes, key, value)
                }
                Change::Mapping(service, mapping) => {
                    let key = encode_service(service)?;
                    let value = mapping.map(|mapping| encode_value(&key, mapping));
                    (Kind::Mapping, key, value)
                }
                Change::Paths(owner, paths) => {
                    let key = encode_owner(owner)?;
                    let value = paths.map(|paths| encode_value(&key, &paths));
                    (Kind::Paths, key, value)
                }
            };
            let value = match value {
                None => None,
                Some(value) => Some(value?),
            };
            let bytes = key.len() + value.as_ref().map_or(0, Vec::len);
            changes.of_mut(kind).insert(key, value);
            Some(bytes as u64)
        });
        if given {
            store.commit(changes);
        }
        given
    }

    /// Takes over what is on disk, once in the life of the process: what is there when it is opened again later came from
    /// here.
    fn take_in(&mut self, loaded: Vec<Loaded>) {
        if self.loaded {
            return;
        }
        for loaded in loaded {
            match loaded {
                Loaded::Endpoint(key, record) => {
                    self.report.load.endpoints += 1;
                    self.inventory.restore(key, *record);
                }
                Loaded::Mapping(service, mapping) => self.inventory.restore_mapping(service, mapping),
                Loaded::Paths(owner, paths) => self.inventory.restore_paths(owner, *paths),
                Loaded::Shapes(key, shapes) => self.inventory.restore_shapes(key, *shapes),
            }
        }
    }

    fn opened(&mut self, opened: Opened, now: Timestamp) {
        self.loaded = true;
        let report = &mut self.report.load;
        report.damaged += opened.damaged;
        report.newer += opened.newer;
        report.salvaged += opened.salvaged;
        report.lost += opened.lost;
        self.losses.salvaged += opened.salvaged as u64;
        self.losses.lost += opened.lost;
        report.warnings.extend(opened.warnings);
        self.inventory.restored(opened.begun);
        self.inventory.bodies_are_back(now);
    }
}
