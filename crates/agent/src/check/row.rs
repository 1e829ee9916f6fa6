//! One finding of a check.

use serde::Serialize;

/// How a finding is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    Warning,
    Error,
}

impl State {
    /// As it is printed.
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Error => "error",
        }
    }
}

/// A row of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub(super) state: State,
    /// What was looked at.
    pub(super) subject: &'static str,
    /// How it is.
    pub(super) finding: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Row {
    pub(super) fn ok(subject: &'static str, finding: impl Into<String>) -> Row {
        Row { state: State::Ok, subject, finding: finding.into(), remedy: None }
    }

    pub(super) fn warning(
        subject: &'static str,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Row {
        Row { state: State::Warning, subject, finding: finding.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn error(subject: &'static str, finding: impl Into<String>, remedy: impl Into<String>) -> Row {
        Row { state: State::Error, ..Row::warning(subject, finding, remedy) }
    }
}
