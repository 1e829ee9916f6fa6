//! The documents of a store that no agent has open.

use std::path::Path;

use identify::ServiceName;
use inventory::openapi::Document;
use inventory::{Instance, Inventory, Settings};

use super::chosen;
use crate::cli::DocumentArgs;
use crate::failure::Failure;
use crate::report::clock;

/// The memory that endpoints of a store may take: more than any agent has for them.
const MEMORY: usize = 1 << 30;

/// Reads the inventory of a store that no agent has open.
///
/// # Errors
/// It cannot be read: says why, behind why the agent could not be asked.
pub(crate) fn open(state: &Path, unanswered: &Failure) -> Result<Inventory, Failure> {
    let settings = Settings { memory: MEMORY, ..Settings::default() };
    store::read_store(state, settings)
        .map_err(|why| Failure::new(format!("{unanswered}; and its store cannot be read: {why}")))
}

/// Reads the documents.
pub(super) fn documents(
    state: &Path,
    args: &DocumentArgs,
    unanswered: &Failure,
) -> Result<Vec<Document>, Failure> {
    let inventory = open(state, unanswered)?;
    Ok(chosen::of(&inventory, clock(), learned(&inventory), args))
}

/// Returns where Services go, by what the agent had learned.
pub(crate) fn learned(inventory: &Inventory) -> impl Fn(&ServiceName) -> Option<Instance> {
    |service| inventory.learned_mapping(service).map(|mapping| mapping.instance.clone())
}
