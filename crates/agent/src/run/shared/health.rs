//! Whether health is served, and whether errors stand.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::lock::lock;

/// Whether health is served.
#[derive(Default)]
pub(in crate::run) struct Health {
    /// Why it is not, if it is not.
    trouble: Mutex<Option<String>>,
    /// Whether there is something that someone has to do something about.
    stands: AtomicBool,
}

impl Health {
    /// Says why health is not served, or that it is. Returns whether that is news.
    pub(in crate::run) fn set_trouble(&self, trouble: Option<&str>) -> bool {
        let mut now = lock(&self.trouble);
        let is_news = now.as_deref() != trouble;
        *now = trouble.map(str::to_owned);
        is_news
    }

    /// Returns why health is not served, if it is not.
    pub(in crate::run) fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }

    /// Says whether there is something that someone has to do something about.
    pub(in crate::run) fn set_stands(&self, stands: bool) {
        self.stands.store(stands, Ordering::Relaxed);
    }

    /// Returns whether there is.
    pub(in crate::run) fn stands(&self) -> bool {
        self.stands.load(Ordering::Relaxed)
    }
}
