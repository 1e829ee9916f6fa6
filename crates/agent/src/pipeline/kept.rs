//! Secrets that came a short time ago.

use std::time::Duration;

use decode::Timestamp;
use tls::Recent;

/// The least time that a secret is kept which nobody asks for: much longer than a handshake takes.
const KEEP: Duration = Duration::from_secs(15);

/// Secrets that came a short time ago. What nobody asks for is forgotten while time passes.
pub(super) struct Kept {
    pub(super) recent: Recent,
    /// When time last passed for them.
    aged: Timestamp,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept { recent: Recent::default(), aged: Timestamp::EPOCH }
    }
}

impl Kept {
    /// Lets time pass.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if now.saturating_since(self.aged) >= KEEP {
            self.aged = now;
            self.recent.age();
        }
    }
}
