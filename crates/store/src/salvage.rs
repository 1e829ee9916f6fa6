//! What can still be read of a damaged file, without asking redb.
//!
//! The file's bytes are looked through for leaf pages, whatever else is damaged, and what they hold is believed if its own
//! checksum is right. Pages that redb gave up stay in the file as they were, so a record may be found more than once:
//! the newest counts. Where only an older one is left, that is taken: the push looks at the platform's listing before it
//! adds, so nothing is added twice because of it.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::FileExt;

use decode::Timestamp;
use inventory::Record;

use crate::changes::{Changes, Kind};
use crate::database::COMMITS;
use crate::leaf::{self, LONGEST, PAGE};
use crate::record::{
    Unreadable, body_key, kind_of, read_body, read_endpoint, read_mapping, read_paths, read_shapes,
};
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
    /// How many were left out for want of room.
    left_out: HashMap<Kind, u64>,
}

/// The newest sound value of a key.
#[derive(Debug)]
struct Place {
    kind: Kind,
    age: Age,
    /// The hash of the key of its body, if it is an endpoint whose body stands beside it.
    body: Option<u64>,
    leaf: u64,
    number: usize,
    bytes: u64,
}

/// How new a value is: when its endpoint was last seen, then what only grows while a record lives. A record that was
/// forgotten may have counted more requests than the one that was begun since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Age {
    last: Option<Timestamp>,
    requests: u64,
    revision: u64,
    pushed: Option<Timestamp>,
    verified: Option<Timestamp>,
}

impl Age {
    fn of(record: &Record) -> Age {
        let progress = record.delivery.progress.as_deref();
        Age {
            last: record.counts.last,
            requests: record.counts.requests,
            revision: record.delivery.revision,
            pushed: progress.and_then(|progress| progress.pushed_at),
            verified: progress.and_then(|progress| progress.verified_at),
        }
    }
}

/// Returns what a sound value is, how new it is, and whether a body belongs to it. `None` for anything else.
fn judge(key: &[u8], value: &[u8]) -> Option<(Kind, Age, bool)> {
    let kind = kind_of(key)?;
    let read = match kind {
        // Of several the longest is taken: it says most.
        Kind::Body => read_body(key, value)
            .map(|body| (Age { requests: body.content.len() as u64, ..Age::default() }, false)),
        Kind::Endpoint => {
            read_endpoint(key, value).map(|(_, record)| (Age::of(&record), record.details.body_stored > 0))
        }
        Kind::Paths => read_paths(key, value)
            .map(|(_, paths)| (Age { requests: paths.requests(), ..Age::default() }, false)),
        Kind::Shapes => read_shapes(key, value)
            .map(|(_, shapes)| (Age { requests: shapes.samples(), ..Age::default() }, false)),
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
        // Whose endpoint has no body any more was given up before.
        let wanted: HashSet<u64> = found.places.values().filter_map(|place| place.body).collect();
        found.places.retain(|key, place| place.kind != Kind::Body || wanted.contains(key));
        Ok(found)
    }

    /// Leaves out what does not fit into so many bytes: records that were not seen for the longest time, then the bodies of
    /// such, and first what is known about paths and shapes: that is learned again.
    pub(super) fn keep_newest(&mut self, room: u64) {
        let mut order: Vec<(u64, Age)> =
            self.of(Kind::Endpoint).map(|(key, place)| (key, place.age)).collect();
        order.sort_unstable_by_key(|(_, age)| Reverse(*age));
        let endpoints: Vec<u64> = order.into_iter().map(|(key, _)| key).collect();
        let bodies = endpoints.iter().filter_map(|key| self.places.get(key)?.body);
        let mappings = self.of(Kind::Mapping).map(|(key, _)| key);
        let paths = self.of(Kind::Paths).map(|(key, _)| key);
        let again = paths.chain(self.of(Kind::Shapes).map(|(key, _)| key));
        let all: Vec<u64> = mappings.chain(endpoints.iter().copied()).chain(bodies).chain(again).collect();
        let mut left = room;
        for key in all {
            let Some(place) = self.places.get(&key) else { continue };
            match left.checked_sub(place.bytes) {
                Some(rest) => left = rest,
                // Whatever is older goes too, even if it is small enough.
                None => {
                    left = 0;
                    self.leave_out(key);
                }
            }
        }
    }

    fn leave_out(&mut self, key: u64) {
        if let Some(place) = self.places.remove(&key) {
            *self.left_out.entry(place.kind).or_default() += 1;
            place.body.into_iter().for_each(|body| self.leave_out(body));
        }
    }

    /// Returns what was found of a kind, by the hashes of the keys.
    fn of(&self, kind: Kind) -> impl Iterator<Item = (u64, &Place)> {
        self.places.iter().filter(move |(_, place)| place.kind == kind).map(|(key, place)| (*key, place))
    }

    /// Returns how many values of a kind were found, and how many the file says that it had, if it does.
    fn found_of(&self, kind: Kind) -> (u64, Option<u64>) {
        let left_out = self.left_out.get(&kind).copied().unwrap_or_default();
        (self.of(kind).count() as u64 + left_out, self.said.get(kind.name()).copied())
    }

    /// Returns how many values are lost, as far as the file says how many there were, and how many were left out.
    pub(super) fn lost(&self) -> u64 {
        let lost = Kind::ALL.into_iter().map(|kind| match self.found_of(kind) {
            (found, Some(said)) => said.saturating_sub(found),
            (_, None) => 0,
        });
        lost.sum::<u64>() + self.left_out.values().sum::<u64>()
    }

    /// Returns how many records were found beyond those that the file says that it had: such as it had given up before.
    pub(super) fn forgotten(&self) -> u64 {
        let forgotten = Kind::RECORDS.into_iter().map(|kind| match self.found_of(kind) {
            (found, Some(said)) => found.saturating_sub(said),
            (_, None) => 0,
        });
        forgotten.sum()
    }

    /// Returns how many records there are: endpoints and mappings.
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
            let body = has_body.then(|| hash(&body_key(key)));
            let place = Place { kind, age, body, leaf: at, number, bytes: cost(key.len() + value.len()) };
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
            let kind = Kind::ALL.into_iter().find(|kind| kind.name().as_bytes() == key);
            said.extend(kind.map(|kind| (kind.name(), number)));
        });
        if let Some(commit) = commit.filter(|commit| *commit >= self.commit) {
            (self.commit, self.said) = (commit, said);
        }
    }
}

/// The bytes of the file that a value takes with its key: what is longer than half a page has whole ones of its own, in a
/// power of two.
fn cost(bytes: usize) -> u64 {
    let bytes = if bytes <= PAGE / 2 { bytes } else { bytes.next_power_of_two().max(PAGE) };
    bytes as u64
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

#[cfg(test)]
mod tests {
    use inventory::EndpointKey;

    use super::*;
    use crate::record::{encode_key, encode_value};
    use crate::testing::{at, owner};

    #[test]
    fn a_record_that_was_forgotten_is_older_than_the_one_that_was_learned_since() {
        let key = EndpointKey { owner: owner("cart"), method: "GET".into(), template: "/users".into() };
        let key = encode_key(&key).unwrap();
        let age = |requests, last| {
            let mut record = Record::default();
            (record.counts.requests, record.counts.last) = (requests, Some(at(last)));
            judge(&key, &encode_value(&key, &record).unwrap()).unwrap().1
        };
        assert!(age(1000, 5) < age(1, 9));
        assert!(age(1, 9) < age(2, 9), "of one moment the fuller one");
    }
}
