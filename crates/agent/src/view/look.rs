//! What a source has at one time.

use serde::Serialize;
use serde_json::Value;

use crate::report::{Listing, ServiceLine, Unseen};

/// What a source has now.
pub(super) struct Look {
    pub(super) overview: Overview,
    pub(super) listing: Listing,
}

/// Everything but the endpoints.
#[derive(Default, Serialize)]
pub(super) struct Overview {
    /// `agent`, `cluster`, `store` or `captures`.
    pub(super) kind: &'static str,
    /// Which one.
    pub(super) name: String,
    pub(super) services: Vec<ServiceLine>,
    pub(super) unseen: Unseen,
    /// What agents say of themselves, as `status --format json` has it; none where none was asked.
    pub(super) nodes: Vec<Value>,
}
