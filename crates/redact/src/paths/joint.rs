//! How the steps of a path hang together.

use serde::{Deserialize, Serialize};

/// How a step hangs on the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Joint {
    /// A segment of its own: `/`.
    Slash,
    /// A known extension: `.json`.
    Dot,
    /// A custom verb (<https://google.aip.dev/136>): `:cancel`.
    Colon,
    /// The key of an entity (OData 4.01, URL conventions, section 4.3): `(7)`.
    Key,
}
