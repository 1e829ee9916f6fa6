//! GraphQL texts that were seen with their hashes, so that a request with the hash alone has a name.

use std::cell::RefCell;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::operation::OperationKind;
use crate::owner::Owner;

/// So many texts are remembered; then all are forgotten, and learned again when they are sent again.
const MAX_TEXTS: usize = 4096;

/// What a text asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) kind: OperationKind,
    pub(super) name: String,
    pub(super) fields: Vec<String>,
}

/// What texts ask for, by owner and hash. Not the texts.
#[derive(Debug, Default)]
pub(crate) struct KnownTexts {
    seed: RandomState,
    all: RefCell<HashMap<(u64, u64), Asked, RandomState>>,
}

impl KnownTexts {
    /// Returns a number for an owner.
    pub(super) fn number(&self, owner: &Owner) -> u64 {
        self.seed.hash_one(owner)
    }

    /// Returns what the text with this hash asks for, if it was seen.
    pub(super) fn get(&self, owner: u64, hash: &str) -> Option<Asked> {
        self.all.borrow().get(&(owner, self.seed.hash_one(hash))).cloned()
    }

    /// Remembers what the text with this hash asks for.
    pub(super) fn insert(&self, owner: u64, hash: &str, asked: Asked) {
        let mut all = self.all.borrow_mut();
        if all.len() >= MAX_TEXTS {
            all.clear();
        }
        all.insert((owner, self.seed.hash_one(hash)), asked);
    }
}
