//! What every kind of output needs.

use std::sync::Arc;

use identify::Directory;

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
}
