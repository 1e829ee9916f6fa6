//! The configuration in force, and what is wrong with what was meant to be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, Guard};

use super::lock::lock;
use crate::config::{Config, Problem};

/// The configuration in force.
#[derive(Default)]
pub(in crate::run) struct Configuration {
    /// Swapped as a whole.
    config: ArcSwap<Config>,
    /// Whether one was ever read.
    read: AtomicBool,
    /// Why the file as it stands is not in force, if it is not.
    problem: Mutex<Option<Problem>>,
    /// What of the descriptor sets cannot be read.
    descriptors: Mutex<Vec<Problem>>,
    /// What of the key logs cannot be read.
    key_logs: Mutex<Vec<String>>,
}

impl Configuration {
    /// Returns what is in force now.
    pub(in crate::run) fn load(&self) -> Guard<Arc<Config>> {
        self.config.load()
    }

    /// Returns whether a configuration was ever read.
    pub(in crate::run) fn was_read(&self) -> bool {
        self.read.load(Ordering::Relaxed)
    }

    /// Notes that a configuration was read. Returns whether it is the first one.
    pub(in crate::run) fn note_read(&self) -> bool {
        !self.read.swap(true, Ordering::Relaxed)
    }

    /// Puts a configuration in force; the parts that follow it are told by [`super::Shared::set_config`].
    pub(super) fn set(&self, config: Config) {
        self.config.store(Arc::new(config));
    }

    /// The file as it stands is in force.
    pub(in crate::run) fn clear_problem(&self) {
        *lock(&self.problem) = None;
    }

    /// The file as it stands is not in force. Returns whether that is news.
    pub(in crate::run) fn set_problem(&self, problem: &Problem) -> bool {
        lock(&self.problem).replace(problem.clone()).as_ref() != Some(problem)
    }

    /// Returns why the file as it stands is not in force, if it is not.
    pub(in crate::run) fn problem(&self) -> Option<Problem> {
        lock(&self.problem).clone()
    }

    /// Says what of the key logs cannot be read.
    pub(in crate::run) fn set_key_log_troubles(&self, troubles: Vec<String>) {
        *lock(&self.key_logs) = troubles;
    }

    /// Returns what of the key logs cannot be read.
    pub(in crate::run) fn key_log_troubles(&self) -> Vec<String> {
        lock(&self.key_logs).clone()
    }

    /// Says what of the descriptor sets cannot be read.
    pub(in crate::run) fn set_descriptor_problems(&self, problems: &[Problem]) {
        *lock(&self.descriptors) = problems.to_vec();
    }

    /// Returns what of the descriptor sets cannot be read.
    pub(in crate::run) fn descriptor_problems(&self) -> Vec<Problem> {
        lock(&self.descriptors).clone()
    }
}
