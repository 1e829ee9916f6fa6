//! Why operations have no name.

use redact::GivenUp;

/// Operations that have no name, by reason; see [`GivenUp`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenUpCounts([u64; GivenUp::ALL.len()]);

impl GivenUpCounts {
    /// Returns the reasons as metric labels, with their counts.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); GivenUp::ALL.len()] {
        let mut ways = GivenUp::ALL.map(|reason| (reason.label(), 0));
        ways.iter_mut().zip(self.0).for_each(|(way, count)| way.1 = count);
        ways
    }

    pub(crate) fn add(&mut self, reason: GivenUp) {
        let place = GivenUp::ALL.iter().position(|one| *one == reason);
        if let Some(count) = place.and_then(|place| self.0.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }
}
