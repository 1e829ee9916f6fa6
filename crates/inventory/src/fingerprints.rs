//! Which endpoint a fingerprint stands for.

use std::hash::BuildHasher;

use redact::Fingerprint;

/// So many fingerprints are remembered in each of two generations. Enough for an endpoint or two of each of 100,000;
/// just what a hash table of 131,072 places takes without growing.
const GENERATION: usize = 114_688;

use crate::auth::Asker;

/// What an exchange with this fingerprint was, when it was seen in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The number of the endpoint, or `None` when there was no room for one.
    pub(crate) endpoint: Option<u32>,
    /// The status of its answer.
    pub(crate) status: Option<u16>,
    /// Who asked, unless it was noise.
    pub(crate) asker: Option<Asker>,
}

type Generation = hashbrown::HashMap<Fingerprint, Meaning, foldhash::fast::RandomState>;

/// A bounded map that forgets what was not asked for since it was last filled up.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    young: Generation,
    old: Generation,
}

impl Fingerprints {
    /// Returns what the fingerprint stands for. Remembers that it was asked for.
    pub(crate) fn get(&mut self, fingerprint: Fingerprint) -> Option<Meaning> {
        if let Some(meaning) = self.young.get(&fingerprint) {
            return Some(*meaning);
        }
        let meaning = *self.old.get(&fingerprint)?;
        self.insert(fingerprint, meaning);
        Some(meaning)
    }

    /// Remembers what the fingerprint stands for.
    pub(crate) fn insert(&mut self, fingerprint: Fingerprint, meaning: Meaning) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&fingerprint) {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(fingerprint, meaning);
    }

    /// Lets what stood for these endpoints stand for those that they have become.
    pub(crate) fn redirect<S: BuildHasher>(&mut self, moved: &hashbrown::HashMap<u32, u32, S>) {
        if moved.is_empty() {
            return;
        }
        for meaning in self.young.values_mut().chain(self.old.values_mut()) {
            meaning.endpoint = meaning.endpoint.map(|id| moved.get(&id).copied().unwrap_or(id));
        }
    }

    /// Returns what it occupies, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        (self.young.capacity() + self.old.capacity()) * (size_of::<(Fingerprint, Meaning)>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use redact::by_hand::fingerprint;

    use super::*;

    #[test]
    fn stays_bounded_and_keeps_what_is_used() {
        let mut map = Fingerprints::default();
        let meaning = Meaning { endpoint: Some(7), status: Some(200), asker: None };
        map.insert(fingerprint(0), meaning);
        for n in 1..(4 * GENERATION as u64) {
            map.insert(fingerprint(n), Meaning { endpoint: None, ..meaning });
            if n % 1000 == 0 {
                assert_eq!(map.get(fingerprint(0)), Some(meaning));
            }
        }
        assert_eq!(map.get(fingerprint(1)), None, "what nobody asks for is forgotten");
        assert!(map.bytes() < 10 << 20, "{}", map.bytes());
    }
}
