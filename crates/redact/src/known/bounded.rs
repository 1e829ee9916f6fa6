//! A table of bounded size that forgets what is used least.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// So often an entry survives the hand without being used again.
const MAX_HEAT: u8 = 3;

/// So many entries the hand looks at in search of a cold one, before it takes the next.
const MAX_STEPS: usize = 64;

/// A map with a clock hand going around its keys: an entry that was used since the hand last passed stays.
pub(super) struct Bounded<T> {
    entries: HashMap<u64, Entry<T>, RandomState>,
    /// The keys in the order in which the hand passes them.
    keys: Vec<u64>,
    hand: usize,
    limit: usize,
}

struct Entry<T> {
    value: T,
    heat: u8,
}

impl<T> Bounded<T> {
    /// A table of at most `limit` entries, at least one.
    pub(super) fn new(limit: usize) -> Bounded<T> {
        Bounded { entries: HashMap::default(), keys: Vec::new(), hand: 0, limit: limit.max(1) }
    }

    pub(super) fn get(&self, key: u64) -> Option<&T> {
        self.entries.get(&key).map(|entry| &entry.value)
    }

    /// The value, which counts as use.
    pub(super) fn touch(&mut self, key: u64) -> Option<&mut T> {
        let entry = self.entries.get_mut(&key)?;
        entry.heat = MAX_HEAT.min(entry.heat + 1);
        Some(&mut entry.value)
    }

    /// Adds what is not there, and gives what had to go for it.
    pub(super) fn insert(&mut self, key: u64, value: T) -> Option<(u64, T)> {
        let entry = Entry { value, heat: 0 };
        if self.keys.len() < self.limit {
            self.keys.push(key);
            self.entries.insert(key, entry);
            return None;
        }
        let place = self.cold();
        let gone = std::mem::replace(self.keys.get_mut(place)?, key);
        let evicted = self.entries.remove(&gone);
        self.entries.insert(key, entry);
        evicted.map(|entry| (gone, entry.value))
    }

    /// The value, new if it was not there.
    pub(super) fn touch_or_insert(&mut self, key: u64) -> &mut T
    where
        T: Default,
    {
        if !self.entries.contains_key(&key) {
            self.insert(key, T::default());
        }
        let entry = self.entries.entry(key).or_insert_with(|| Entry { value: T::default(), heat: 0 });
        entry.heat = MAX_HEAT.min(entry.heat + 1);
        &mut entry.value
    }

    /// The place of the next entry that was not used lately.
    fn cold(&mut self) -> usize {
        for _ in 0..MAX_STEPS {
            let place = self.next();
            let Some(entry) = self.keys.get(place).and_then(|key| self.entries.get_mut(key)) else {
                return place;
            };
            if entry.heat == 0 {
                return place;
            }
            entry.heat -= 1;
        }
        self.next()
    }

    fn next(&mut self) -> usize {
        let place = self.hand;
        self.hand = (self.hand + 1) % self.keys.len().max(1);
        place
    }

    pub(super) fn for_each(&mut self, mut each: impl FnMut(u64, &mut T)) {
        self.entries.iter_mut().for_each(|(key, entry)| each(*key, &mut entry.value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_bounded_and_keeps_what_is_used() {
        let mut table = Bounded::new(100);
        table.insert(0, 7u32);
        for key in 1..10_000 {
            table.insert(key, 0);
            table.touch(0);
        }
        assert_eq!((table.entries.len(), table.keys.len()), (100, 100));
        assert_eq!(table.get(0), Some(&7));
        assert!(table.get(9_999).is_some() && table.get(1).is_none());
    }

    #[test]
    fn gives_what_had_to_go() {
        let mut table = Bounded::new(1);
        assert_eq!(table.insert(1, 'a'), None);
        assert_eq!(table.insert(2, 'b'), Some((1, 'a')));
        assert_eq!(*table.touch_or_insert(3), char::default());
        assert_eq!(table.get(2), None);
    }
}
