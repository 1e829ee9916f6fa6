//! The secrets that the kernel's side hands over.

use std::os::fd::OwnedFd;

use aya::maps::{Array, Map, MapData, MapError, PerCpuArray, RingBuf};

use super::SecretsError;
use super::point::{MOST_POINTS, Raw};

/// `SECRET_BYTES` of `bpf/secrets.h`.
const RECORD: usize = 120;

/// A secret, as a library handed it to its key log, or expanded it. It is shown nowhere.
pub struct Taken<'a> {
    /// The number of the cgroup of the process.
    pub target: u32,
    /// What it is of, as in a key log (RFC 9850); of a secret that was expanded, to what (`tls13 s ap traffic`).
    pub label: &'a [u8],
    /// By what its connection is known: the client's random; of a secret that was expanded, the first bytes of the hash of the
    /// handshake up to there.
    pub name: &'a [u8; 32],
    /// The secret.
    pub secret: &'a [u8],
}

/// What became of the secrets that libraries handed to their key logs, or expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecretCounts {
    /// Handed over.
    pub given: u64,
    /// Of processes whose cgroup is not monitored: not even read.
    pub foreign: u64,
    /// No secrets, by their length, or expanded to something else.
    pub other: u64,
    /// In memory that could not be read.
    pub unreadable: u64,
    /// Lost because the ring was full.
    pub ring_full: u64,
}

impl SecretCounts {
    /// Returns every way of a secret: its metric label and its count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 5] {
        [
            ("given", self.given),
            ("foreign", self.foreign),
            ("other", self.other),
            ("unreadable", self.unreadable),
            ("ring_full", self.ring_full),
        ]
    }
}

/// Where the secrets come out.
pub struct SecretRing(RingBuf<MapData>);

impl SecretRing {
    /// Opens the ring of the kernel's side.
    ///
    /// # Errors
    /// The descriptor is of something else, or `CAP_BPF` is missing.
    pub fn open(ring: OwnedFd) -> Result<SecretRing, SecretsError> {
        let open = || RingBuf::try_from(Map::RingBuf(MapData::from_fd(ring)?));
        let ring =
            open().map_err(|error: MapError| SecretsError::other("opening the ring of secrets")(&error));
        Ok(SecretRing(ring?))
    }

    /// Hands on what is there. In the kernel's memory it stays until the ring comes round.
    pub fn drain(&mut self, mut each: impl FnMut(Taken<'_>)) {
        while let Some(bytes) = self.0.next() {
            if let Some(taken) = read(&bytes) {
                each(taken);
            }
        }
    }
}

/// What the kernel's side has counted.
pub struct SecretTallies {
    counts: PerCpuArray<MapData, u64>,
    points: Array<MapData, Raw>,
}

impl SecretTallies {
    /// Opens the tables of the kernel's side: the counts and the points.
    ///
    /// # Errors
    /// The descriptors are of something else, or `CAP_BPF` is missing.
    pub fn open(counts: OwnedFd, points: OwnedFd) -> Result<SecretTallies, SecretsError> {
        let open = || -> Result<SecretTallies, MapError> {
            Ok(SecretTallies {
                counts: PerCpuArray::try_from(Map::PerCpuArray(MapData::from_fd(counts)?))?,
                points: Array::try_from(Map::Array(MapData::from_fd(points)?))?,
            })
        };
        open().map_err(|error| SecretsError::other("opening the counts of secrets")(&error))
    }

    /// Returns what became of secrets.
    #[must_use]
    pub fn counts(&self) -> SecretCounts {
        let count = |place: u32| self.counts.get(&place, 0).map_or(0, |values| values.iter().sum());
        SecretCounts {
            given: count(0),
            foreign: count(1),
            other: count(2),
            unreadable: count(3),
            ring_full: count(4),
        }
    }

    /// Returns how often the place with this number was reached.
    #[must_use]
    pub fn hits(&self, point: u32) -> u64 {
        if point < MOST_POINTS { self.points.get(&point, 0).map_or(0, |point| point.hits) } else { 0 }
    }
}

/// Reads a record. Its fields are those of `struct secret`, in their order.
fn read(record: &[u8]) -> Option<Taken<'_>> {
    let record: &[u8; RECORD] = record.first_chunk()?;
    let word = |at: usize| Some(u32::from_ne_bytes(record.get(at..at + 4)?.try_into().ok()?));
    let label = record.get(8..40)?;
    let label = label.split(|byte| *byte == 0).next().unwrap_or_default();
    let bytes = record.get(72..RECORD)?;
    let secret = bytes.get(..usize::try_from(word(4)?).ok()?)?;
    Some(Taken { target: word(0)?, label, name: record.get(40..72)?.first_chunk()?, secret })
}

#[cfg(test)]
mod tests {
    use super::super::header::{number, text};
    use super::*;

    #[test]
    fn a_record_is_read_as_it_is_laid_out() {
        assert_eq!(RECORD, number("SECRET_BYTES"));
        let words = [3_u32, 32].map(u32::to_ne_bytes).concat();
        let label = [&b"SERVER_TRAFFIC_SECRET_0"[..], &[0; 9]].concat();
        let record = [&words[..], &label, &[7; 32], &[8; 32], &[0; 16]].concat();
        let taken = read(&record).unwrap();
        assert_eq!((taken.target, taken.label), (3, &b"SERVER_TRAFFIC_SECRET_0"[..]));
        assert_eq!((taken.name, taken.secret), (&[7; 32], &[8; 32][..]));
        assert!(read(&record[..RECORD - 1]).is_none());
        let long = [&3_u32.to_ne_bytes()[..], &49_u32.to_ne_bytes(), &record[8..]].concat();
        assert!(read(&long).is_none());
    }

    #[test]
    fn the_counts_are_those_of_the_kernels_side() {
        let names = text().split("enum secret_count {").nth(1).unwrap().split("};").next().unwrap();
        let names: Vec<_> =
            names.lines().filter_map(|line| line.trim().split_once(',')).map(|(name, _)| name).collect();
        assert_eq!(names, ["GIVEN", "FOREIGN", "OTHER", "NOT_READABLE", "NO_ROOM", "SECRET_COUNTS"]);
    }
}
