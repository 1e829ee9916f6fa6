//! Learned mappings: kept with the endpoints, in the same transactions.

use identify::ServiceName;

use super::Inventory;
use crate::LearnedMapping;
use crate::learned::LEARNED;

impl Inventory {
    /// Returns where onboarding found that a Service goes.
    #[must_use]
    pub fn learned_mapping(&self, service: &ServiceName) -> Option<&LearnedMapping> {
        self.learned.get(service)
    }

    /// All of them, in the order of their Services.
    pub fn learned_mappings(&self) -> impl Iterator<Item = (&ServiceName, &LearnedMapping)> {
        self.learned.iter()
    }

    /// Keeps where a Service goes; on disk with the next flush. Returns whether it was kept: there is room for
    /// 10,000 of them.
    pub fn learn_mapping(&mut self, service: ServiceName, mapping: LearnedMapping) -> bool {
        if self.learned.len() >= LEARNED && !self.learned.contains_key(&service) {
            return false;
        }
        self.note_learned(&service);
        self.learned.insert(service, mapping);
        true
    }

    /// Forgets a learned mapping, as when the platform no longer knows its application.
    pub fn forget_mapping(&mut self, service: &ServiceName) -> Option<LearnedMapping> {
        self.note_learned(service);
        self.learned.remove(service)
    }

    fn note_learned(&mut self, service: &ServiceName) {
        if self.store_bytes.is_some() {
            self.learned_urgent.insert(service.clone());
        }
    }
}
