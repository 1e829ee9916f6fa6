//! Secrets by connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::secret::{Label, RANDOM_LEN, Secret};

/// The most secrets that a store keeps: of some 50,000 connections of TLS 1.3, in about 32 MiB.
pub const MAX_SECRETS: usize = 256 * 1024;

/// Where a connection asks for its secrets.
pub trait Secrets {
    /// Returns the secret of a connection, which is known by its client's random or by the hash of its handshake, as the label
    /// says. It is asked for when a record has come that needs it, and again later where that one could wait.
    fn secret(&mut self, name: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret>;
}

/// The secrets of many connections.
#[derive(Default)]
pub struct Store {
    secrets: HashMap<([u8; RANDOM_LEN], Label), Secret>,
    left_out: u64,
}

impl Store {
    /// Takes a secret. The first one of a connection and label stays, for a client and a server may both log it; beyond
    /// [`MAX_SECRETS`] none is taken.
    pub fn add(&mut self, name: [u8; RANDOM_LEN], label: Label, secret: Secret) {
        let room = self.secrets.len() < MAX_SECRETS;
        match self.secrets.entry((name, label)) {
            Entry::Vacant(place) if room => {
                place.insert(secret);
            }
            Entry::Vacant(_) => self.left_out += 1,
            Entry::Occupied(_) => {}
        }
    }

    /// Returns how many secrets it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Returns whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Returns how many secrets found no room.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

impl Secrets for Store {
    fn secret(&mut self, name: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        self.secrets.get(&(*name, label))
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

    #[test]
    fn a_secret_is_found_by_random_and_label_and_the_first_one_stays() {
        let mut store = Store::default();
        store.add(random(1), Label::Client, Secret::new(&[1; 32]).unwrap());
        store.add(random(1), Label::Client, Secret::new(&[2; 32]).unwrap());
        assert_eq!(store.secret(&random(1), Label::Client).unwrap().bytes(), [1; 32]);
        assert!(store.secret(&random(1), Label::Server).is_none());
        assert!(store.secret(&random(2), Label::Client).is_none());
        assert_eq!((store.len(), store.left_out()), (1, 0));
    }

    #[test]
    fn a_store_is_bounded_and_counts_what_is_left_out() {
        let mut store = Store::default();
        for number in 0..MAX_SECRETS + 3 {
            store.add(random(number), Label::Master, Secret::new(&[1; 48]).unwrap());
        }
        assert_eq!((store.len(), store.left_out()), (MAX_SECRETS, 3));
    }
}
