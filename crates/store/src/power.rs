//! The power fails at any moment, and any part of what was not yet synced is lost: what was committed is there, whole.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use redb::StorageBackend;

use crate::changes::{Changes, Kind};
use crate::database::{self, Check};

type Content = BTreeMap<Vec<u8>, Vec<u8>>;

/// A disk with a cache that keeps its own order.
#[derive(Debug, Default)]
struct Platter {
    /// What is safe.
    synced: Vec<u8>,
    /// What a program reads.
    current: Vec<u8>,
    /// What came since: a write, or a new length.
    pending: Vec<(u64, Option<Vec<u8>>)>,
    /// Operations until the power fails.
    left: usize,
}

#[derive(Clone, Debug)]
struct Powered(Arc<Mutex<Platter>>);

impl Powered {
    fn new(synced: Vec<u8>, left: usize) -> Self {
        let current = synced.clone();
        Powered(Arc::new(Mutex::new(Platter { synced, current, pending: Vec::new(), left })))
    }

    fn change(&self, change: impl FnOnce(&mut Platter)) -> Result<(), Error> {
        let mut platter = self.0.lock().unwrap();
        platter.left = platter.left.checked_sub(1).ok_or(ErrorKind::NotConnected)?;
        change(&mut platter);
        Ok(())
    }

    /// Returns what is left: what was synced, and of what was not whatever these bits say.
    fn after_failure(&self, mut bits: u64) -> Vec<u8> {
        let platter = self.0.lock().unwrap();
        let mut left = platter.synced.clone();
        for (place, data) in &platter.pending {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if bits >> 63 == 1 {
                apply(&mut left, *place, data.as_deref());
            }
        }
        left
    }
}

fn apply(bytes: &mut Vec<u8>, place: u64, data: Option<&[u8]>) {
    let place = place as usize;
    let Some(data) = data else { return bytes.resize(place, 0) };
    bytes.resize(bytes.len().max(place + data.len()), 0);
    bytes[place..place + data.len()].copy_from_slice(data);
}

impl StorageBackend for Powered {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.0.lock().unwrap().current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let platter = self.0.lock().unwrap();
        let bytes = platter.current.get(offset as usize..).and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(bytes.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.change(|platter| {
            apply(&mut platter.current, len, None);
            platter.pending.push((len, None));
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.change(|platter| {
            apply(&mut platter.current, offset, Some(data));
            platter.pending.push((offset, Some(data.to_vec())));
        })
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.change(|platter| {
            platter.synced.clone_from(&platter.current);
            platter.pending.clear();
        })
    }
}

/// A commit: which keys get a value of which length, or go.
fn commits() -> impl Strategy<Value = Vec<Vec<(u8, Option<u16>)>>> {
    let change = (any::<u8>(), prop::option::weighted(0.8, 0..3000_u16));
    prop::collection::vec(prop::collection::vec(change, 1..40), 1..12)
}

fn content(backend: Powered) -> Content {
    let (database, _) = database::open_on(backend, Check::Whole).unwrap();
    let mut content = Content::new();
    let read = database::read(&database, &Kind::ALL, &mut |kind, key, value| {
        assert_eq!(kind, Kind::Endpoint);
        content.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    });
    read.unwrap();
    content
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn kill_of_the_power_keeps_what_was_committed(commits in commits(), left in 12..160_usize, bits: u64) {
        // A file that was begun and closed, so that there is something to lose.
        let begun = Powered::new(Vec::new(), usize::MAX);
        prop_assert!(content(begun.clone()).is_empty());
        let disk = Powered::new(begun.after_failure(0), left);
        let (mut done, mut tried) = (Content::new(), Content::new());
        if let Ok((database, _)) = database::open_on(disk.clone(), Check::Nothing) {
            for (number, commit) in commits.iter().enumerate() {
                let value = |length: &u16| vec![number as u8; usize::from(*length)];
                let mut changes = Changes::default();
                for (key, length) in commit {
                    changes.of_mut(Kind::Endpoint).insert(vec![*key], length.as_ref().map(value));
                }
                for (key, value) in changes.of(Kind::Endpoint) {
                    match value {
                        Some(value) => drop(tried.insert(key.clone(), value.clone())),
                        None => drop(tried.remove(key)),
                    }
                }
                if database::write(&database, &changes, |_, _| false).is_err() {
                    break;
                }
                done.clone_from(&tried);
            }
            disk.0.lock().unwrap().left = 0;
        }
        let found = content(Powered::new(disk.after_failure(bits), usize::MAX));
        prop_assert!(found == done || found == tried, "{} {} {}", found.len(), done.len(), tried.len());
    }
}
