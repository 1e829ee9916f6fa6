//! Locking a mutex that somebody may have let go in a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex. That a holder panicked does not make the data worse than it was: each change is whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
