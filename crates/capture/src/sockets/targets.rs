//! The numbers of attached cgroups, where the kernel's side finds them.
#![expect(deprecated, reason = "what should be used instead is there since Linux 6.2 only")]

use aya::maps::{CgroupStorage, CgroupStorageKey, Map, MapData, MapError};

/// Storage that the kernel keeps for each cgroup to which a program is attached, at each place.
pub(super) struct Targets(CgroupStorage<MapData, u64>);

impl Targets {
    pub(super) fn new(map: Map) -> Result<Targets, MapError> {
        CgroupStorage::try_from(map).map(Targets)
    }

    /// Gives the cgroup a number at a place (`enum bpf_attach_type`). Until then its packets are let by.
    pub(super) fn set(&mut self, inode: u64, place: u32, number: u32) -> Result<(), MapError> {
        self.0.insert(CgroupStorageKey::new(inode, place), u64::from(number), 0)
    }
}
