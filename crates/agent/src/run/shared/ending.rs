//! The end of the agent.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the agent ends. It is set once, by whoever finds that it must.
#[derive(Default)]
pub(in crate::run) struct Ending(AtomicBool);

impl Ending {
    /// Tells all parts to end.
    pub(in crate::run) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether all parts are to end.
    pub(in crate::run) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
