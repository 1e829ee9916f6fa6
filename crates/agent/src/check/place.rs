//! Where the check runs.

use super::row::Row;
use crate::environment;

/// Where the check runs. What an agent needs of its host is missed in earnest only where an agent would run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// In a pod.
    pub(super) pod: bool,
    /// As root.
    pub(super) root: bool,
}

impl Place {
    pub(super) fn find() -> Place {
        Place { pod: environment::in_pod(), root: rustix::process::geteuid().is_root() }
    }

    /// An error where an agent would run; a warning for an ordinary user at a desk.
    pub(super) fn fault(
        self,
        subject: &'static str,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Row {
        if self.pod || self.root {
            Row::error(subject, finding, remedy)
        } else {
            let remedy = format!("needed only if the agent is to run here: {}", remedy.into());
            Row::warning(subject, finding, remedy)
        }
    }
}
