//! What the tests of this crate share, beside what the inventory has for tests.

use tempfile::TempDir;

pub(crate) use inventory::testing::{
    at, due, due_names, exchange, fingerprint, mapping, outcome, owner, push,
};

/// How long a test waits for a disk: more than it ever takes.
pub(crate) const WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// Makes a folder that is removed when it is dropped; in memory where there is such a place, since an fsync can be slow.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
