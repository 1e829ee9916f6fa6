//! What every kind of output needs.

use std::sync::Arc;

use identify::Directory;

use crate::budget::{self, Governor};
use crate::cli::ReplayArgs;
use crate::config::Config;

/// The memory budget of a replay in MiB, unless the configuration says otherwise.
const MEMORY_MIB: usize = 64;

/// What every kind of output needs.
pub(super) struct Context<'a> {
    pub(super) args: &'a ReplayArgs,
    pub(super) config: &'a Config,
    pub(super) directory: Arc<Directory>,
}

impl Context<'_> {
    /// Returns the memory budget in bytes.
    pub(super) fn memory(&self) -> usize {
        let configured = self.config.monitor.memory_mib;
        (if configured == 0 { MEMORY_MIB } else { configured }) << 20
    }

    /// Returns the limits of connections, and what keeps the process within its budget.
    pub(super) fn of_connections(&self) -> (flow::Limits, Governor) {
        let share = budget::of_connections(self.memory());
        let limits = flow::Limits { memory: share, ..flow::Limits::default() };
        (limits, Governor::new(self.memory(), share))
    }
}
