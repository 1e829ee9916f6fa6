//! What all requests share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::faults::Faults;
use crate::journal::Journal;
use crate::state::State;

/// What all requests share.
pub(super) struct Shared {
    pub(super) key: Mutex<Option<String>>,
    pub(super) state: Mutex<State>,
    pub(super) faults: Mutex<Faults>,
    pub(super) journal: Mutex<Journal>,
}

/// Locks `mutex`. A panic elsewhere does not matter here: each change is made in one piece.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
