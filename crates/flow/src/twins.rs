//! What is known of connections that are seen twice with other addresses: their first data, and which addresses stand for
//! which.

use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;

use decode::{Segment, Timestamp};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::event::Direction;
use crate::key::spread;

/// First data that are remembered: those of 40,000 new connections a second.
const RECENT: usize = 4096;
/// Connections whose other addresses are remembered.
const ALIASES: usize = 16 << 10;
/// The share of the memory that is for each of both: one part of so many.
const SHARE: usize = 64;
/// How much of the first data is compared, in bytes: a request line.
const COMPARED: usize = 64;

/// What is known of connections with other addresses.
pub(crate) struct Twins {
    /// The first data of connections, each at a place that follows from its numbers; the newer takes the place.
    recent: Vec<Option<First>>,
    pub(crate) aliases: HashTable<Alias>,
    pub(crate) most: usize,
    /// When this many aliases are there, those of connections that are gone are forgotten.
    pub(crate) sweep: usize,
}

/// The first data of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Data {
    sequence: u32,
    acknowledgment: u32,
    len: u32,
    digest: u32,
}

/// The connection that had it.
#[derive(Clone, Copy)]
pub(crate) struct First {
    pub(crate) data: Data,
    pub(crate) time: Timestamp,
    pub(crate) index: u32,
    pub(crate) generation: u32,
    pub(crate) direction: Direction,
}

/// Other addresses of a connection: each of two ends, and the end that it stands for.
pub(crate) struct Alias {
    pub(crate) hash: u32,
    pub(crate) from: [SocketAddr; 2],
    pub(crate) to: [SocketAddr; 2],
}

impl Data {
    pub(crate) fn of(seed: &RandomState, segment: &Segment<'_>) -> Data {
        let mut hasher = seed.build_hasher();
        hasher.write(segment.payload.get(..COMPARED).unwrap_or(segment.payload));
        Data {
            sequence: segment.sequence,
            acknowledgment: segment.acknowledgment,
            len: segment.payload_len,
            digest: hasher.finish() as u32,
        }
    }
}

impl Twins {
    /// Creates it for a table of so many connections, in so much memory.
    pub(crate) fn new(connections: usize, memory: usize) -> Twins {
        let recent = (connections / 4).min(memory / SHARE / size_of::<Option<First>>()).clamp(1, RECENT);
        let recent = vec![None; recent.next_power_of_two()];
        let most = (memory / SHARE / size_of::<Alias>()).min(ALIASES);
        Twins { recent, aliases: HashTable::new(), most, sweep: 64 }
    }

    /// Returns the bytes of memory behind it.
    pub(crate) fn memory(&self) -> usize {
        self.recent.len() * size_of::<Option<First>>() + self.aliases.capacity() * (size_of::<Alias>() + 1)
    }

    pub(crate) fn place(&mut self, data: &Data) -> Option<&mut Option<First>> {
        let mixed = (u64::from(data.sequence) << 32 | u64::from(data.acknowledgment))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = (mixed >> 40) as usize & (self.recent.len() - 1);
        self.recent.get_mut(at)
    }

    /// Returns a segment with the addresses that its own stand for.
    pub(crate) fn translated<'a>(&self, hash: u32, segment: &Segment<'a>) -> Option<Segment<'a>> {
        let is_it = |alias: &Alias| alias.hash == hash && alias.has(segment);
        let alias = self.aliases.find(spread(hash), is_it)?;
        let [one, other] = alias.to;
        let (source, destination) =
            if alias.from.first() == Some(&segment.source) { (one, other) } else { (other, one) };
        Some(Segment { source, destination, ..*segment })
    }

    pub(crate) fn forget(&mut self, hash: u32, ends: [SocketAddr; 2]) {
        let is_it = |alias: &Alias| alias.hash == hash && alias.is(ends);
        if let Ok(place) = self.aliases.find_entry(spread(hash), is_it) {
            place.remove();
        }
    }
}

impl Alias {
    fn has(&self, segment: &Segment<'_>) -> bool {
        self.is([segment.source, segment.destination])
    }

    fn is(&self, [one, other]: [SocketAddr; 2]) -> bool {
        self.from == [one, other] || self.from == [other, one]
    }
}

/// Returns whether one of these connections may be the other after a translation. Ports alone are not translated but for
/// the server's: many connections of one client to one server differ in the client's port, which is the higher one.
pub(crate) fn may_be_same(one: [SocketAddr; 2], other: [SocketAddr; 2]) -> bool {
    let same_hosts = one.map(|end| end.ip()) == other.map(|end| end.ip());
    let client = |ends: [SocketAddr; 2]| ends.into_iter().max_by_key(SocketAddr::port);
    !same_hosts || client(one) == client(other)
}
