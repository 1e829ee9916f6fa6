//! Where Services go that no configuration maps: what onboarding found out.

use decode::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Instance;
use crate::stored::never;

/// At most so many learned mappings are kept: as many as there may be Services.
pub(crate) const LEARNED: usize = crate::owners::OWNERS;

/// Where a Service goes, as onboarding found or made it. A mapping in the configuration wins over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedMapping {
    /// Where its endpoints go.
    pub instance: Instance,
    /// When that was learned, if the version that learned it noted that.
    #[serde(default, with = "never")]
    pub learned_at: Option<Timestamp>,
    /// Whether this agent made the application (else it was there already).
    #[serde(default)]
    pub created: bool,
}
