//! Whether health is served.

use std::sync::Mutex;

use super::lock::lock;

/// Whether health is served.
#[derive(Default)]
pub(in crate::run) struct Health {
    /// Why it is not, if it is not.
    trouble: Mutex<Option<String>>,
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
}
