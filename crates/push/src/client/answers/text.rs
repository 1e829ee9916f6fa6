//! Text in an answer, where anything else may stand.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A text, or whatever else stands in its place.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Text(String),
    Other(IgnoredAny),
}

impl Default for Text {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl Text {
    /// Returns the text, unless it is empty or something else.
    pub(super) fn some(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}
