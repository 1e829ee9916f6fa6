//! What waits for its body.

use std::time::Instant;

use inventory::{Instance, Item};

/// What is to be pushed and waits for its body.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) items: Vec<(Instance, Item)>,
    /// Since when the store has been reading.
    pub(crate) since: Option<Instant>,
    /// Those that have waited.
    pub(crate) ready: Vec<(Instance, Item)>,
}
