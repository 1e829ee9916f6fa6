//! What the configuration says about the parts of the agent.

use std::sync::Arc;
use std::time::Duration;

use inventory::Settings;

use crate::budget;
use crate::config::{Config, Monitor};

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
        path_rules: Arc::clone(&monitor.path_rules),
        collect: Duration::from_secs(monitor.collect_seconds),
        unseen: Duration::from_secs(monitor.unseen_days * 86_400),
        memory: budget::of_endpoints(memory(config)),
        ..Settings::default()
    }
}

/// The settings that differ between two configurations and are read at start only: what is opened then has their size,
/// and the manifest names the same port and memory.
pub(super) fn read_at_start(before: &Monitor, now: &Monitor) -> Vec<&'static str> {
    let differ = [
        ("port", before.port != now.port),
        ("memoryMiB", before.memory_mib != now.memory_mib),
        ("storeMiB", before.store_mib != now.store_mib),
    ];
    differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
