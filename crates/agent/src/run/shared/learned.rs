//! What was learned, in memory and on disk.

use std::sync::Mutex;

use store::KeptInventory;

use super::lock::lock;

/// The inventory. It is touched some hundred times a second at most, each time for microseconds; what takes longer is done
/// outside of these two methods.
pub(in crate::run) struct Learned(Mutex<KeptInventory>);

impl Learned {
    pub(super) fn new(inventory: KeptInventory) -> Learned {
        Learned(Mutex::new(inventory))
    }

    /// Looks at the inventory. Nobody changes it meanwhile.
    pub(in crate::run) fn read<T>(&self, look: impl FnOnce(&KeptInventory) -> T) -> T {
        look(&lock(&self.0))
    }

    /// Changes the inventory. Nobody sees half of it.
    pub(in crate::run) fn change<T>(&self, change: impl FnOnce(&mut KeptInventory) -> T) -> T {
        change(&mut lock(&self.0))
    }
}
