//! What is wrong with a configuration: where, what, and what to do.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether something that was asked for does not work (else it is only worth knowing).
    pub(crate) error: bool,
    /// The file, with the line where it is known.
    pub(crate) place: String,
    /// What is wrong and what to do next.
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn error(place: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { error: true, place: place.into(), text: text.into() }
    }

    pub(crate) fn warning(place: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { error: false, place: place.into(), text: text.into() }
    }

    /// Logs it at its level.
    pub(crate) fn log(&self) {
        if self.error {
            tracing::error!("Configuration: {self}");
        } else {
            tracing::warn!("Configuration: {self}");
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}
