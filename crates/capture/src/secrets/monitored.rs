//! The cgroups whose processes are looked at.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aya::maps::{HashMap, Map, MapData};

use super::SecretsError;

/// The numbers of monitored cgroups, where the kernel's side finds them. What is not in it gives no secret.
pub struct Monitored {
    map: HashMap<MapData, u64, u32>,
    changes: Arc<AtomicU64>,
}

impl Monitored {
    /// Opens the table of the kernel's side.
    ///
    /// # Errors
    /// The descriptor is of something else, or `CAP_BPF` is missing.
    pub fn open(map: OwnedFd) -> Result<Monitored, SecretsError> {
        let failed = SecretsError::other("opening the table of cgroups");
        let map = MapData::from_fd(map).map(Map::HashMap).and_then(HashMap::try_from);
        Ok(Monitored { map: map.map_err(|error| failed(&error))?, changes: Arc::default() })
    }

    /// Returns a count that goes up with each cgroup that comes.
    #[must_use]
    pub fn changes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.changes)
    }

    /// Looks at the processes of a cgroup and of those below it from now on. That the table is full costs only their secrets.
    pub(crate) fn add(&mut self, cgroup: u64, target: u32) {
        let _ = self.map.insert(cgroup, target, 0);
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Looks at them no longer.
    pub(crate) fn remove(&mut self, cgroup: u64) {
        let _ = self.map.remove(&cgroup);
    }
}
