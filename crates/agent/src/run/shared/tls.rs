//! How the reading of TLS does. None of it is touched for a packet.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use capture::SecretCounts;

use crate::run::secrets::{Doubt, Process};

/// How the reading of TLS does.
pub(in crate::run) struct Tls {
    asked: Asked,
    report: ArcSwap<TlsReport>,
}

/// Whether TLS is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run) enum Asked {
    /// Nobody asked for it.
    No,
    /// It was asked for (`--tls`), and can be.
    Yes,
    /// It was asked for, and cannot be; and why.
    InVain(String),
}

/// What whoever follows the finder of libraries tells, some times a minute.
#[derive(Default)]
pub(in crate::run) struct TlsReport {
    /// Whether libraries are to be probed (`monitor.tls`).
    pub(in crate::run) on: bool,
    /// The files that are probed, with their libraries, and how often their places were reached.
    pub(in crate::run) files: Vec<(String, u64)>,
    /// The processes of monitored cgroups.
    pub(in crate::run) processes: Vec<Process>,
    /// What keeps more from being found.
    pub(in crate::run) troubles: Vec<String>,
    /// What became of secrets.
    pub(in crate::run) counts: SecretCounts,
    /// What is wrong though all that is needed is there.
    pub(in crate::run) doubt: Option<Doubt>,
    /// How the process that finds libraries ended.
    pub(in crate::run) ended: Option<String>,
    /// For how long it has said nothing, if that is too long.
    pub(in crate::run) silent: Option<Duration>,
}

impl Tls {
    pub(super) fn new(asked: Asked) -> Tls {
        Tls { asked, report: ArcSwap::default() }
    }

    /// Returns whether it is to be read.
    pub(in crate::run) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Takes a report.
    pub(in crate::run) fn set(&self, report: TlsReport) {
        self.report.store(Arc::new(report));
    }

    /// Returns the last report.
    pub(in crate::run) fn report(&self) -> Guard<Arc<TlsReport>> {
        self.report.load()
    }
}
