//! The documents of a store that no agent has open.

use std::path::Path;

use inventory::Settings;
use inventory::openapi::Document;

use super::chosen;
use crate::cli::DocumentArgs;
use crate::failure::Failure;
use crate::report::clock;

/// The memory that endpoints of a store may take: more than any agent has for them.
const MEMORY: usize = 1 << 30;

/// Reads the documents. Where that fails too, it says why, behind why the agent could not be asked.
pub(super) fn documents(
    state: &Path,
    args: &DocumentArgs,
    unanswered: &Failure,
) -> Result<Vec<Document>, Failure> {
    let settings = Settings { memory: MEMORY, ..Settings::default() };
    let inventory = store::read_store(state, settings)
        .map_err(|why| Failure::new(format!("{unanswered}; and its store cannot be read: {why}")))?;
    let learned = |service: &_| {
        let found = inventory.learned_mappings().find(|(name, _)| *name == service);
        found.map(|(_, mapping)| mapping.instance.clone())
    };
    Ok(chosen::of(&inventory, clock(), learned, args))
}
