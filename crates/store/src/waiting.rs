//! What waits for its body.

use std::time::Instant;

use decode::Timestamp;
use inventory::{Instance, Item};

/// What is to be pushed and waits for its body.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) items: Vec<Waits>,
    /// Those that have waited.
    pub(crate) ready: Vec<(Instance, Item)>,
    /// Whether some went without their body since the store last answered.
    pub(crate) owed: bool,
    /// When those were last given another turn because it answered.
    pub(crate) paid_at: Option<Timestamp>,
}

/// An endpoint that waits for its body.
#[derive(Debug)]
pub(crate) struct Waits {
    pub(crate) instance: Instance,
    pub(crate) item: Item,
    pub(crate) since: Instant,
}
