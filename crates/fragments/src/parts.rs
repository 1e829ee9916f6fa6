//! The parts of one packet.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use decode::Fragment;

/// The most bytes that a packet can say that it has.
const MAX_LEN: u32 = u16::MAX as u32;
/// Parts of one packet: the largest one in the packets that every path of IPv6 takes has 52.
const MAX_PARTS: usize = 128;
/// All parts but the last are multiples of so many bytes.
const UNIT: u32 = 8;

/// The parts of a packet that are there.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// What the packet carries, with zeros where parts are missing.
    bytes: Vec<u8>,
    /// Where the parts stand, in order.
    places: Vec<Range<u32>>,
    /// By which the parts are known again.
    digests: Vec<u64>,
    /// Where the packet ends, once its last part is there.
    end: Option<u32>,
    /// The protocol that the first part says.
    protocol: Option<u8>,
    /// All fragments that came, those that came again among them.
    fragments: u64,
}

/// What whole parts make.
pub(crate) struct WholeParts {
    /// What the packet carries.
    pub(crate) bytes: Vec<u8>,
    pub(crate) protocol: u8,
    /// How many fragments it was.
    pub(crate) fragments: u64,
    /// By which its parts are known again.
    pub(crate) parts: Vec<u64>,
}

/// What became of a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// Parts are still missing.
    More,
    /// The packet is whole.
    Whole,
    /// It contradicts the parts before it, or itself.
    Contradicts,
}

impl Parts {
    /// Adds a part of a packet whose length field counts so many bytes beside these.
    pub(crate) fn add(&mut self, fragment: &Fragment<'_>, headroom: u32) -> Added {
        let start = fragment.offset;
        let end = start.saturating_add(fragment.len);
        let fits = end.saturating_add(headroom) <= MAX_LEN
            && fragment.len > 0
            && (!fragment.more || fragment.len.is_multiple_of(UNIT));
        if !fits {
            return Added::Contradicts;
        }
        let at = self.places.partition_point(|place| place.start < start);
        if self.places.get(at).is_some_and(|place| *place == (start..end)) {
            return self.again(start..end, fragment);
        }
        let before = at.checked_sub(1).and_then(|before| self.places.get(before));
        let overlaps = before.is_some_and(|place| place.end > start)
            || self.places.get(at).is_some_and(|place| place.start < end);
        let last = self.places.last().map_or(0, |place| place.end);
        let ends_otherwise = match (self.end, fragment.more) {
            (Some(known), true) => end > known,
            (Some(_), false) => true,
            (None, true) => false,
            (None, false) => end < last,
        };
        if overlaps || ends_otherwise || self.places.len() >= MAX_PARTS {
            return Added::Contradicts;
        }
        self.insert(at, start..end, fragment);
        if self.is_whole() { Added::Whole } else { Added::More }
    }

    /// The same part again: it must say the same.
    fn again(&mut self, place: Range<u32>, fragment: &Fragment<'_>) -> Added {
        let is_last = self.end == Some(place.end);
        let bytes = self.bytes.get(place.start as usize..place.end as usize);
        if is_last == fragment.more || bytes != Some(fragment.bytes) {
            return Added::Contradicts;
        }
        self.fragments += 1;
        Added::More
    }

    fn insert(&mut self, at: usize, place: Range<u32>, fragment: &Fragment<'_>) {
        if !fragment.more {
            self.end = Some(place.end);
        }
        if place.start == 0 {
            self.protocol = Some(fragment.packet.protocol);
        }
        let (start, end) = (place.start as usize, place.end as usize);
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(to) = self.bytes.get_mut(start..end) {
            to.copy_from_slice(fragment.bytes);
        }
        self.places.insert(at, place);
        self.digests.push(digest(fragment));
        self.fragments += 1;
    }

    fn is_whole(&self) -> bool {
        // Parts do not overlap, so their lengths say whether any is missing.
        let there: u32 = self.places.iter().map(|place| place.end - place.start).sum();
        self.end == Some(there)
    }

    /// Returns the packet that they make.
    pub(crate) fn into_whole(self) -> WholeParts {
        let Parts { bytes, digests: parts, protocol, fragments, .. } = self;
        WholeParts { bytes, protocol: protocol.unwrap_or_default(), fragments, parts }
    }

    /// Returns the bytes of memory behind it.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
            + self.places.capacity() * size_of::<Range<u32>>()
            + self.digests.capacity() * size_of::<u64>()
    }
}

/// Returns a number by which the same part is known again.
pub(crate) fn digest(fragment: &Fragment<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (fragment.offset, fragment.more, fragment.bytes).hash(&mut hasher);
    hasher.finish()
}
