//! How the push does, and what it is asked for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use identify::ServiceName;
use push::Status;

use super::lock::lock;
use crate::config::Problem;

/// The most Services without a mapping that are looked for on the platform at once.
const MAX_UNMAPPED: usize = 100;

/// How the push does, and what it is asked for.
pub(in crate::run) struct Push {
    /// Why nothing is sent but only shown, if it is so.
    shows_only: Option<&'static str>,
    /// Why nothing is pushed, if nothing can be.
    problem: Mutex<Option<Problem>>,
    /// When the key in use expires, if it says so.
    key_expiry: Mutex<Option<SystemTime>>,
    /// What the engine reports.
    status: ArcSwap<Mutex<Status>>,
    /// Services with traffic and without a mapping that were said lately; they are looked for on the platform.
    unmapped: Mutex<Vec<Arc<ServiceName>>>,
    /// Services that wait for an application, and why.
    onboarding: Mutex<BTreeMap<ServiceName, String>>,
    /// Whether someone asked for everything to be tried again.
    retry: AtomicBool,
}

impl Push {
    pub(super) fn new(shows_only: Option<&'static str>) -> Push {
        Push {
            shows_only,
            problem: Mutex::default(),
            key_expiry: Mutex::default(),
            status: ArcSwap::default(),
            unmapped: Mutex::default(),
            onboarding: Mutex::default(),
            retry: AtomicBool::default(),
        }
    }

    /// Returns why nothing is sent but only shown, if it is so.
    pub(in crate::run) fn shows_only(&self) -> Option<&'static str> {
        self.shows_only
    }

    /// Says why nothing can be pushed, if it is so.
    pub(in crate::run) fn set_problem(&self, problem: Option<Problem>) {
        *lock(&self.problem) = problem;
    }

    /// Returns why nothing can be pushed, if it is so.
    pub(in crate::run) fn problem(&self) -> Option<Problem> {
        lock(&self.problem).clone()
    }

    /// Says when the key in use expires, if the key does.
    pub(in crate::run) fn set_key_expiry(&self, expiry: Option<SystemTime>) {
        *lock(&self.key_expiry) = expiry;
    }

    /// Returns when the key in use expires, if it says so.
    pub(in crate::run) fn key_expiry(&self) -> Option<SystemTime> {
        *lock(&self.key_expiry)
    }

    /// Takes the reports of an engine from now on.
    pub(in crate::run) fn follow(&self, status: Arc<Mutex<Status>>) {
        self.status.store(status);
    }

    /// Returns what the engine last reported.
    pub(in crate::run) fn status(&self) -> Status {
        lock(&self.status.load()).clone()
    }

    /// Notes a Service without a mapping that was said.
    pub(in crate::run) fn note_unmapped(&self, service: &Arc<ServiceName>) {
        let mut unmapped = lock(&self.unmapped);
        if unmapped.len() < MAX_UNMAPPED && !unmapped.contains(service) {
            unmapped.push(Arc::clone(service));
        }
    }

    /// Takes the Services without a mapping that were noted.
    pub(in crate::run) fn take_unmapped(&self) -> Vec<Arc<ServiceName>> {
        std::mem::take(&mut *lock(&self.unmapped))
    }

    /// A Service waits for an application, for this reason.
    pub(in crate::run) fn wait_for_application(&self, service: ServiceName, reason: String) {
        lock(&self.onboarding).insert(service, reason);
    }

    /// Lets only those Services go on to wait that are still to.
    pub(in crate::run) fn keep_waiting(&self, still: impl Fn(&ServiceName) -> bool) {
        lock(&self.onboarding).retain(|service, _| still(service));
    }

    /// Returns the Services that wait for an application, and why.
    pub(in crate::run) fn waiting(&self) -> BTreeMap<ServiceName, String> {
        lock(&self.onboarding).clone()
    }

    /// Asks for everything to be tried again.
    pub(in crate::run) fn ask_retry(&self) {
        self.retry.store(true, Ordering::Relaxed);
    }

    /// Returns whether someone has asked for that since this was last called.
    pub(in crate::run) fn take_retry(&self) -> bool {
        self.retry.swap(false, Ordering::Relaxed)
    }
}
