//! Why an exchange was not recorded with an endpoint.

/// Why an exchange was not recorded with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// Its Service has as many endpoints as it may have.
    ServiceFull,
    /// There are as many Services and servers as there may be.
    OwnersFull,
    /// The memory is used up by endpoints that are worth more.
    MemoryFull,
    /// Its method or path is longer than any endpoint's.
    TooLong,
    /// A repeat of something that was not recorded.
    RepeatOfUnrecorded,
    /// A repeat of something that was forgotten since.
    RepeatOfForgotten,
}

/// Exchanges that were not recorded, by reason; see [`Unrecorded`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the reasons have them")]
pub struct UnrecordedCounts {
    pub service_full: u64,
    pub owners_full: u64,
    pub memory_full: u64,
    pub too_long: u64,
    pub repeat_of_unrecorded: u64,
    pub repeat_of_forgotten: u64,
}

impl UnrecordedCounts {
    /// Returns the reasons as metric labels, with their counts.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 6] {
        [
            ("service_full", self.service_full),
            ("owners_full", self.owners_full),
            ("memory_full", self.memory_full),
            ("too_long", self.too_long),
            ("repeat_of_unrecorded", self.repeat_of_unrecorded),
            ("repeat_of_forgotten", self.repeat_of_forgotten),
        ]
    }

    pub(crate) fn add(&mut self, reason: Unrecorded, count: u64) {
        let way = match reason {
            Unrecorded::ServiceFull => &mut self.service_full,
            Unrecorded::OwnersFull => &mut self.owners_full,
            Unrecorded::MemoryFull => &mut self.memory_full,
            Unrecorded::TooLong => &mut self.too_long,
            Unrecorded::RepeatOfUnrecorded => &mut self.repeat_of_unrecorded,
            Unrecorded::RepeatOfForgotten => &mut self.repeat_of_forgotten,
        };
        *way = way.saturating_add(count);
    }
}
