//! What can be set about the inventory.

use std::sync::Arc;
use std::time::Duration;

use redact::PathRule;

/// What can be set. The defaults are those of the config's `monitor` object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// At most so many endpoints of one Service (`endpointsPerService`).
    pub endpoints_per_service: usize,
    /// How long an endpoint waits that was only refused, and a path in doubt (`settleSeconds`).
    pub settle: Duration,
    /// For how long news about a pushed endpoint are collected before they are pushed (`collectSeconds`).
    pub collect: Duration,
    /// After how long without a request an endpoint is marked as not seen (`unseenDays`); zero for never.
    pub unseen: Duration,
    /// The bytes that the inventory may occupy, as estimated by [`crate::Inventory::memory`].
    pub memory: usize,
    /// The longest body example that is kept, in bytes. A longer one is left out: a cut document is no example.
    pub body_bytes: usize,
    /// What people say about paths (`pathRules`).
    pub path_rules: Arc<[PathRule]>,
    /// Whether paths are judged by all that there is, once that is there: files end.
    pub judges_at_end: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            endpoints_per_service: 5000,
            settle: Duration::from_secs(30),
            collect: Duration::from_secs(60),
            unseen: Duration::from_hours(30 * 24),
            memory: 64 << 20,
            body_bytes: 16 << 10,
            path_rules: [].into(),
            judges_at_end: false,
        }
    }
}
