//! What a store is just being given.

use std::collections::HashSet;
use std::sync::Arc;

use identify::ServiceName;
use redact::Owner;

use crate::EndpointKey;

/// What was handed over and is neither on disk nor given back yet.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// The numbers of endpoints.
    pub(super) ids: Vec<u32>,
    /// Those of them whose body is written, or removed, with them.
    pub(super) bodies: Vec<u32>,
    /// Those of them whose shapes are.
    pub(super) shapes: Vec<u32>,
    /// The keys of endpoints that are to be removed.
    pub(super) gone: HashSet<Arc<EndpointKey>>,
    /// Services with a learned mapping that is new, or gone.
    pub(super) services: Vec<ServiceName>,
    /// Owners about whose paths something is new.
    pub(super) paths: Vec<Owner>,
}
