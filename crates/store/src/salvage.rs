//! What can still be read of a damaged file, without asking redb.
//!
//! The file's bytes are looked through for leaf pages, whatever else is damaged, and what they hold is believed if its own
//! checksum is right. Pages that redb gave up stay in the file as they were, so a record may be found more than once:
//! the newest counts. Where only an older one is left, that is taken: the push looks at the platform's listing before it
//! adds, so nothing is added twice because of it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::FileExt;

use decode::Timestamp;
use inventory::Record;

use crate::changes::{Changes, Kind};
use crate::database::{COMMITS, count_name};
use crate::leaf::{self, LONGEST, PAGE};
use crate::record::{Unreadable, body_key, kind_of, read_body, read_endpoint, read_mapping};
use crate::trouble::Trouble;

/// So many bytes are read at once.
const BLOCK: usize = 1 << 20;
/// So many bytes of what was found are given at once.
const GIVEN_AT_ONCE: usize = 1 << 20;

/// What was found in a file, and where.
#[derive(Debug, Default)]
pub(super) struct Found {
    places: HashMap<u64, Place>,
    /// How many values of each kind the file had, as it last said so itself.
    said: HashMap<&'static str, u64>,
    commit: u64,
}

/// The newest sound value of a key.
#[derive(Debug)]
struct Place {
    kind: Kind,
    age: Age,
    /// Whether it is an endpoint whose body stands beside it.
    has_body: bool,
    leaf: u64,
    number: usize,
}

/// How new a value is: what only grows while a record lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Age {
    requests: u64,
    revision: u64,
    last: Option<Timestamp>,
    pushed: Option<Timestamp>,
    verified: Option<Timestamp>,
}

impl Age {
    fn of(record: &Record) -> Age {
        let progress = record.delivery.progress.as_deref();
        Age {
            requests: record.counts.requests,
            revision: record.delivery.revision,
            last: record.counts.last,
            pushed: progress.and_then(|progress| progress.pushed_at),
            verified: progress.and_then(|progress| progress.verified_at),
        }
    }
}

/// What a sound value is, how new it is, and whether a body belongs to it. `None` for anything else.
fn judge(key: &[u8], value: &[u8]) -> Option<(Kind, Age, bool)> {
    let kind = kind_of(key)?;
    let read = match kind {
        // Of several the longest is taken: it says most.
        Kind::Body => read_body(key, value)
            .map(|body| (Age { requests: body.content.len() as u64, ..Age::default() }, false)),
        Kind::Endpoint => {
            read_endpoint(key, value).map(|(_, record)| (Age::of(&record), record.details.body_stored > 0))
        }
        Kind::Mapping => read_mapping(key, value)
            .map(|(_, mapping)| (Age { last: mapping.learned_at, ..Age::default() }, false)),
    };
    match read {
        Ok((age, has_body)) => Some((kind, age, has_body)),
        // A later version wrote it: it is kept, and this version leaves it alone.
        Err(Unreadable::Newer) => Some((kind, Age::default(), true)),
        Err(Unreadable::Damaged) => None,
    }
}

/// A number for a key.
pub(super) fn hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Found {
    /// Looks through a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn look(file: &File) -> io::Result<Found> {
        let mut found = Found::default();
        let length = file.metadata()?.len();
        let mut block = vec![0; BLOCK];
        let mut at = 0;
        while at < length {
            let read = fill(file, at, &mut block)?;
            for (n, page) in block.get(..read).unwrap_or_default().chunks(PAGE).enumerate() {
                found.page(file, at + (n * PAGE) as u64, page)?;
            }
            at += BLOCK as u64;
        }
        let bodies: Vec<_> =
            found.places.iter().filter(|(_, place)| place.kind == Kind::Body).map(|(key, _)| *key).collect();
        // Whose endpoint has no body any more was given up before.
        let wanted = found.wanted_bodies(file)?;
        for key in bodies.iter().filter(|key| !wanted.contains(key)) {
            found.places.remove(key);
        }
        Ok(found)
    }

    /// How many values of a kind are lost, as far as the file says how many there were.
    pub(super) fn lost(&self) -> u64 {
        let lost = |kind: Kind| {
            let found = self.places.values().filter(|place| place.kind == kind).count() as u64;
            self.said.get(count_name(kind)).map_or(0, |said| said.saturating_sub(found))
        };
        Kind::ALL.into_iter().map(lost).sum()
    }

    /// How many records there are: endpoints and mappings.
    pub(super) fn records(&self) -> usize {
        self.places.values().filter(|place| place.kind != Kind::Body).count()
    }

    /// Gives all that was found, some at a time.
    ///
    /// # Errors
    /// The file cannot be read any more, or what `give` returns.
    pub(super) fn give(
        &self,
        file: &File,
        mut give: impl FnMut(&Changes) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut leaves: Vec<u64> = self.places.values().map(|place| place.leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        let (mut changes, mut bytes) = (Changes::default(), 0);
        for at in leaves {
            let leaf =
                whole(file, at).map_err(|error| Trouble::Away(format!("the store's file: {error}")))?;
            leaf::for_each(&leaf, |n, key, value| {
                let place = self.places.get(&hash(key));
                if let Some(place) = place.filter(|place| place.leaf == at && place.number == n) {
                    bytes += key.len() + value.len();
                    changes.of_mut(place.kind).insert(key.to_vec(), Some(value.to_vec()));
                }
            });
            if bytes >= GIVEN_AT_ONCE {
                give(&std::mem::take(&mut changes))?;
                bytes = 0;
            }
        }
        give(&changes)
    }

    /// Looks at a page.
    fn page(&mut self, file: &File, at: u64, page: &[u8]) -> io::Result<()> {
        self.counts(page);
        let Some(length) = leaf::length(page) else { return Ok(()) };
        if length <= page.len() {
            self.leaf(at, page);
        } else {
            self.leaf(at, &whole(file, at)?);
        }
        Ok(())
    }

    fn leaf(&mut self, at: u64, leaf: &[u8]) {
        leaf::for_each(leaf, |number, key, value| {
            let Some((kind, age, has_body)) = judge(key, value) else { return };
            let place = Place { kind, age, has_body, leaf: at, number };
            match self.places.entry(hash(key)) {
                Entry::Occupied(mut known) => {
                    if known.get().age <= age {
                        known.insert(place);
                    }
                }
                Entry::Vacant(none) => _ = none.insert(place),
            }
        });
    }

    /// Takes in how many values the file said to have, if this is the page that says so and it is newer than any before.
    fn counts(&mut self, page: &[u8]) {
        let (mut said, mut commit) = (HashMap::new(), None);
        leaf::for_each_number(page, |key, number| {
            if key == COMMITS.as_bytes() {
                commit = Some(number);
            }
            let kind = Kind::ALL.into_iter().find(|kind| count_name(*kind).as_bytes() == key);
            said.extend(kind.map(|kind| (count_name(kind), number)));
        });
        if let Some(commit) = commit.filter(|commit| *commit >= self.commit) {
            (self.commit, self.said) = (commit, said);
        }
    }

    /// The bodies that the endpoints have which were found.
    fn wanted_bodies(&self, file: &File) -> io::Result<HashSet<u64>> {
        let mut wanted = HashSet::new();
        let mut leaves: Vec<u64> =
            self.places.values().filter(|place| place.has_body).map(|place| place.leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        for at in leaves {
            leaf::for_each(&whole(file, at)?, |n, key, _| {
                let place = self.places.get(&hash(key));
                if place.is_some_and(|place| place.has_body && place.leaf == at && place.number == n) {
                    wanted.insert(hash(&body_key(key)));
                }
            });
        }
        Ok(wanted)
    }
}

/// The leaf that begins here, as long as it says that it is.
fn whole(file: &File, at: u64) -> io::Result<Vec<u8>> {
    let mut leaf = vec![0; PAGE];
    let read = fill(file, at, &mut leaf)?;
    leaf.truncate(read);
    if let Some(length) = leaf::length(&leaf).filter(|length| *length > read) {
        leaf.resize(length.min(LONGEST), 0);
        let read = fill(file, at, &mut leaf)?;
        leaf.truncate(read);
    }
    Ok(leaf)
}

/// Reads from here as much as there is, at most as much as fits.
fn fill(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = into.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
