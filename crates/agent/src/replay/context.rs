//! What every kind of output needs.

use std::sync::Arc;

use http::Unanswered;
use identify::Directory;

use crate::budget::{self, Governor};
use crate::cli::ReplayArgs;
use crate::config::Config;
use crate::pipeline::Counters;

/// The memory budget of a replay in MiB, unless the command line or the configuration say otherwise.
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
        let usual = if configured == 0 { MEMORY_MIB } else { configured };
        self.args.memory.map_or(usual, |given| given as usize) << 20
    }

    /// Returns what was lost for lack of memory, as a sentence, if anything was.
    pub(super) fn lost(&self, counters: &Counters) -> Option<String> {
        let (connections, mib) = (counters.flow.connections, self.memory() >> 20);
        let given_up = connections.evicted.saturating_sub(connections.parked);
        let unanswered = counters.http.unanswered[Unanswered::Evicted];
        (given_up > 0).then(|| {
            format!(
                "traffic-monitor: {mib} MiB were too little to follow all connections: {given_up} were given up before their end, \
                 and {unanswered} requests have no answer for that; --memory gives more"
            )
        })
    }

    /// Returns the limits of connections, and what keeps the process within its budget.
    pub(super) fn of_connections(&self) -> (flow::Limits, Governor) {
        let share = budget::of_connections(self.memory());
        let limits = flow::Limits { memory: share, ..flow::Limits::default() };
        (limits, Governor::new(self.memory(), share))
    }
}
