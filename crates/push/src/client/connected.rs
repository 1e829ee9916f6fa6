//! Who is told of new connections.

use std::fmt;
use std::sync::Arc;

/// Is told that a new connection to the platform, or to a proxy on the way, stands and nothing was asked on it yet.
#[derive(Clone)]
pub struct Connected(Arc<dyn Fn() + Send + Sync>);

impl Connected {
    /// Calls `tell` with each new connection. It must not wait.
    #[must_use]
    pub fn new(tell: impl Fn() + Send + Sync + 'static) -> Connected {
        Connected(Arc::new(tell))
    }

    pub(super) fn tell(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connected")
    }
}
