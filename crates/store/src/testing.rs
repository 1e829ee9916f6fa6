//! What the tests of this crate share, beside what the inventory has for tests.

use std::path::Path;

use inventory::Settings;
use tempfile::TempDir;

pub(crate) use inventory::testing::{
    at, due, due_names, exchange, fingerprint, mapping, outcome, owner, push,
};

use crate::{KeptInventory, LoadReport, Options};

/// How long a test waits for a disk: more than it ever takes.
pub(crate) const WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// Makes a folder that is removed when it is dropped; in memory where there is such a place, since an fsync can be slow.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Opens the store in this folder.
pub(crate) fn load(dir: &Path) -> (KeptInventory, LoadReport) {
    load_with(dir, Options::default())
}

/// The same, kept in this way.
pub(crate) fn load_with(dir: &Path, options: Options) -> (KeptInventory, LoadReport) {
    KeptInventory::open(dir, options, Settings::default())
}

/// A store with so many endpoints, each seen once, all pushed.
pub(crate) fn filled(count: usize) -> TempDir {
    let dir = folder();
    let (mut inventory, _) = load(dir.path());
    for n in 0..count {
        inventory.see(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(1)));
    }
    push(&mut inventory, at(100));
    inventory.flush_all(at(1), WAIT);
    dir
}
