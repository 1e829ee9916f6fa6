//! What all requests share: the objects, the faults that are switched on, and the record of what was asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::programs::Programs;
use crate::store::Store;

/// What a client did: verb, API group, resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`.
    pub verb: String,
    /// The API group, empty for the core.
    pub group: String,
    /// The resource, in plural.
    pub resource: String,
    /// The selectors that came with it.
    pub selectors: String,
}

/// What goes wrong on purpose.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Every request is answered with this status.
    pub status: Option<u16>,
    /// Requests to this resource are answered with 403.
    pub forbidden: Option<String>,
    /// `discovery.k8s.io/v1` does not exist, as before Kubernetes 1.21.
    pub no_slices: bool,
    /// Every answer comes so much later.
    pub delay: Duration,
}

#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) store: Mutex<Store>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) asked: Mutex<Vec<Asked>>,
    pub(crate) changed: Notify,
    /// What runs in pods.
    pub(crate) programs: Mutex<Option<Arc<Programs>>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
