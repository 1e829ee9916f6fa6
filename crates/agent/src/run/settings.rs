//! What the configuration says about the parts of the agent.

use std::time::Duration;

use inventory::Settings;

use crate::budget;
use crate::config::Config;

/// The memory budget in bytes.
pub(super) fn memory(config: &Config) -> usize {
    let configured = config.monitor.memory_mib;
    (if configured == 0 { budget::MEMORY_MIB } else { configured }) << 20
}

/// For the inventory.
pub(super) fn of_inventory(config: &Config) -> Settings {
    let monitor = &config.monitor;
    Settings {
        endpoints_per_service: monitor.endpoints_per_service,
        settle: Duration::from_secs(monitor.settle_seconds),
        collect: Duration::from_secs(monitor.collect_seconds),
        memory: budget::of_endpoints(memory(config)),
        ..Settings::default()
    }
}
