//! Secrets as they come from the ends of connections, kept until they are asked for.

use std::collections::HashMap;

use crate::secret::{Label, RANDOM_LEN, Secret};

/// The most secrets that are kept: of some 20,000 connections, in about 8 MiB.
const MAX: usize = 64 * 1024;
/// The most of one owner. Who makes more at once loses its own, and nobody else's.
const MAX_OF_OWNER: usize = 16 * 1024;

/// The secrets of the last while, by those who gave them: whoever calls its own library with another's random puts no secret
/// in the place of that one's.
#[derive(Default)]
pub struct Recent {
    owners: HashMap<u32, Owned>,
    len: usize,
}

type Secrets = HashMap<([u8; RANDOM_LEN], Label), Secret>;

/// The secrets of an owner, in two generations.
#[derive(Default)]
struct Owned {
    young: Secrets,
    old: Secrets,
}

impl Owned {
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Forgets the old ones; the young ones are old from now on.
    fn age(&mut self) {
        self.old = std::mem::take(&mut self.young);
    }
}

impl Recent {
    /// Takes a secret from its owner. The first one of a connection and label stays. Where there are too many, older ones
    /// go: of this owner, or of whoever has the most.
    pub fn add(&mut self, owner: u32, name: [u8; RANDOM_LEN], label: Label, secret: Secret) {
        if self.len >= MAX {
            self.make_room();
        }
        let owned = self.owners.entry(owner).or_default();
        let before = owned.len();
        if owned.young.len() >= MAX_OF_OWNER / 2 {
            owned.age();
        }
        if !owned.old.contains_key(&(name, label)) {
            owned.young.entry((name, label)).or_insert(secret);
        }
        self.len = self.len.saturating_sub(before) + owned.len();
    }

    /// Lets time pass: what is there when this is called, and when it is called again, is forgotten.
    pub fn age(&mut self) {
        self.owners.values_mut().for_each(Owned::age);
        self.owners.retain(|_, owned| owned.len() > 0);
        self.len = self.owners.values().map(Owned::len).sum();
    }

    /// Returns the secret of a connection that this owner gave, by what it is known.
    #[must_use]
    pub fn secret(&self, owner: u32, name: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        let (owned, key) = (self.owners.get(&owner)?, (*name, label));
        owned.young.get(&key).or_else(|| owned.old.get(&key))
    }

    /// Returns how many secrets it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn make_room(&mut self) {
        let Some(owned) = self.owners.values_mut().max_by_key(|owned| owned.len()) else { return };
        let before = owned.len();
        owned.age();
        // It was young, all of it.
        if owned.len() == before {
            owned.age();
        }
        self.len = self.len.saturating_sub(before) + owned.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(number: usize) -> [u8; RANDOM_LEN] {
        let mut random = [0; RANDOM_LEN];
        random[..8].copy_from_slice(&number.to_be_bytes());
        random
    }

    fn secret(byte: u8) -> Secret {
        Secret::new(&[byte; 32]).unwrap()
    }

    #[test]
    fn each_owner_has_its_own_and_the_first_one_stays() {
        let mut recent = Recent::default();
        recent.add(1, random(1), Label::Client, secret(1));
        recent.add(2, random(1), Label::Client, secret(2));
        recent.add(1, random(1), Label::Client, secret(3));
        recent.age();
        recent.add(1, random(1), Label::Client, secret(4));
        let of = |owner| recent.secret(owner, &random(1), Label::Client).map(Secret::bytes);
        assert_eq!((of(1), of(2), of(3)), (Some(&[1; 32][..]), Some(&[2; 32][..]), None));
        assert_eq!(recent.len(), 2);
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let mut recent = Recent::default();
        recent.add(1, random(1), Label::Client, secret(1));
        recent.age();
        recent.add(1, random(2), Label::Client, secret(2));
        assert!(recent.secret(1, &random(1), Label::Client).is_some());
        recent.age();
        assert!(recent.secret(1, &random(1), Label::Client).is_none());
        assert_eq!(recent.len(), 1);
        recent.age();
        assert!(recent.is_empty() && recent.owners.is_empty());
    }

    #[test]
    fn who_gives_too_many_loses_its_own() {
        let mut recent = Recent::default();
        recent.add(1, random(0), Label::Client, secret(1));
        for number in 0..MAX_OF_OWNER * 3 {
            recent.add(2, random(number), Label::Client, secret(2));
            assert!(recent.owners[&2].len() <= MAX_OF_OWNER);
        }
        assert!(recent.secret(1, &random(0), Label::Client).is_some());
        assert!(recent.secret(2, &random(0), Label::Client).is_none());
        assert!(recent.secret(2, &random(MAX_OF_OWNER * 3 - 1), Label::Client).is_some());
    }

    #[test]
    fn all_together_are_bounded_and_whoever_has_the_most_gives_way() {
        let mut recent = Recent::default();
        recent.add(0, random(0), Label::Client, secret(1));
        for number in 0..2 * MAX {
            recent.add(1 + (number % 10) as u32, random(number), Label::Client, secret(2));
            assert!(recent.len() <= MAX);
        }
        assert_eq!(recent.len(), recent.owners.values().map(Owned::len).sum::<usize>());
        assert!(recent.secret(0, &random(0), Label::Client).is_some());
    }
}
