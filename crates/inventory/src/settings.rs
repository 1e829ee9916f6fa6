//! What can be set about the inventory.

use std::time::Duration;

/// What can be set. The defaults are those of the config's `monitor` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// At most so many endpoints of one Service (`endpointsPerService`).
    pub endpoints_per_service: usize,
    /// How long an endpoint waits whose path could hold an id that no rule knows (`settleSeconds`).
    pub settle: Duration,
    /// For how long news about a pushed endpoint are collected before they are pushed (`collectSeconds`).
    pub collect: Duration,
    /// The bytes that the inventory may occupy, as estimated by [`crate::Inventory::memory`].
    pub memory: usize,
    /// The longest body example that is kept, in bytes. A longer one is left out: a cut document is no example.
    pub body_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            endpoints_per_service: 5000,
            settle: Duration::from_secs(30),
            collect: Duration::from_secs(60),
            memory: 64 << 20,
            body_bytes: 16 << 10,
        }
    }
}
