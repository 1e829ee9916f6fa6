//! How steps are told apart without their text.

use std::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use serde::{Deserialize, Serialize};

use super::joint::Joint;

/// Keys of texts are of so many bits, below the bit that tells them from the keys of variables. Few enough to be written
/// in a template, and enough for the steps of one place.
const BITS: u32 = 40;

/// The secret of a store under which texts are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys(u64);

impl Keys {
    /// Keys of a new store.
    pub(crate) fn random() -> Keys {
        Keys(foldhash::fast::RandomState::default().build_hasher().finish() | 1)
    }

    /// Keys that are the same in every run.
    #[cfg(any(test, feature = "by-hand"))]
    pub(crate) fn fixed() -> Keys {
        Keys(1)
    }

    /// Returns the key of a step with this text.
    pub(crate) fn of(self, joint: Joint, text: &[u8]) -> u64 {
        let state = SeedableRandomState::with_seed(self.0, SharedSeed::global_fixed());
        let mut hasher = state.build_hasher();
        hasher.write_u8(joint as u8);
        hasher.write(text);
        hasher.finish() & ((1 << BITS) - 1) | 1 << BITS
    }
}

/// Returns the key of the variable that hangs on a node in this way.
pub(crate) fn variable_key(joint: Joint) -> u64 {
    joint as u64
}
