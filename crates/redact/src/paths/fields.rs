//! The names of the outermost fields of an answer, as hashes: what tells users from actions.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::shape::Shape;

/// At most so many names are taken.
const MOST: usize = 64;

/// Returns the hashes of the names of the outermost fields of an answer, or of those of the objects in its outermost array.
pub(crate) fn answer_fields(answer: &Shape) -> Vec<u32> {
    let names = answer.outermost().take(MOST);
    let mut hashes: Vec<u32> = names.map(|name| FixedState::with_seed(0).hash_one(name) as u32).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}
