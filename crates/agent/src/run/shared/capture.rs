//! How capture does. None of it is touched for a packet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use redact::{Decided, Route};

use crate::learn::coverage::Coverage;
use crate::pipeline::targets::Targets;
use crate::report::Accounts;

/// How capture does.
pub(in crate::run) struct Capture {
    /// How traffic is captured, for people.
    how: String,
    /// Whose the captured sockets are, where traffic is captured at sockets.
    targets: Arc<ArcSwap<Targets>>,
    /// The decisions about variables in paths, once there are any.
    decided: ArcSwapOption<Decided>,
    /// The routes that it is to follow and does not yet.
    routes: ArcSwap<Vec<Route>>,
    /// What the worker last reported.
    report: ArcSwap<WorkerReport>,
    /// When the packet loop last moved, in milliseconds since `started`.
    heartbeat: AtomicU64,
    started: Instant,
}

/// What the worker tells about itself, some times a second.
#[derive(Default)]
pub(in crate::run) struct WorkerReport {
    /// Where everything went.
    pub(in crate::run) accounts: Accounts,
    /// What could not be read or named.
    pub(in crate::run) coverage: Arc<Coverage>,
    /// What the kernel delivered and dropped.
    pub(in crate::run) capture: capture::Statistics,
    /// Connections followed now.
    pub(in crate::run) connections: usize,
    /// The memory they take, in bytes.
    pub(in crate::run) memory: usize,
    /// What became of TLS connections.
    pub(in crate::run) tls: http::TlsConnections,
    /// Bodies that say what was asked for and were not kept, for lack of allowance.
    pub(in crate::run) operations_unread: u64,
    /// The agent's own requests that were made to be seen, and were.
    pub(in crate::run) canaries: u64,
    /// Interfaces that were named and do not exist.
    pub(in crate::run) missing: Vec<String>,
}

impl Capture {
    pub(super) fn new(how: String) -> Capture {
        Capture {
            how,
            targets: Arc::default(),
            decided: ArcSwapOption::empty(),
            routes: ArcSwap::default(),
            report: ArcSwap::default(),
            heartbeat: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// Returns how traffic is captured, for people.
    pub(in crate::run) fn how(&self) -> &str {
        &self.how
    }

    /// Says whose the captured sockets are.
    pub(in crate::run) fn set_targets(&self, targets: Targets) {
        self.targets.store(Arc::new(targets));
    }

    /// Returns whose the captured sockets are now.
    pub(in crate::run) fn targets(&self) -> Guard<Arc<Targets>> {
        self.targets.load()
    }

    /// Returns the place where [`Capture::set_targets`] says it, to look there with every packet.
    pub(in crate::run) fn follow_targets(&self) -> Arc<ArcSwap<Targets>> {
        Arc::clone(&self.targets)
    }

    /// Hands on the decisions about variables in paths.
    pub(in crate::run) fn decide(&self, decided: Arc<Decided>) {
        self.decided.store(Some(decided));
    }

    /// Returns the decisions about variables in paths, once there are any.
    pub(in crate::run) fn decided(&self) -> Option<Arc<Decided>> {
        self.decided.load_full()
    }

    /// Says which routes the worker is to follow beside those that it does.
    pub(in crate::run) fn follow(&self, routes: Vec<Route>) {
        self.routes.store(Arc::new(routes));
    }

    /// Returns the routes that the worker was last told to follow.
    pub(in crate::run) fn routes(&self) -> Guard<Arc<Vec<Route>>> {
        self.routes.load()
    }

    /// Takes the worker's report.
    pub(in crate::run) fn set_report(&self, report: WorkerReport) {
        self.report.store(Arc::new(report));
    }

    /// Returns what the worker last reported.
    pub(in crate::run) fn report(&self) -> Arc<WorkerReport> {
        self.report.load_full()
    }

    /// The packet loop moves.
    pub(in crate::run) fn beat(&self) {
        self.heartbeat.store(self.uptime_ms(), Ordering::Relaxed);
    }

    /// Returns how long ago the packet loop last moved.
    pub(in crate::run) fn since_beat(&self) -> Duration {
        Duration::from_millis(self.uptime_ms().saturating_sub(self.heartbeat.load(Ordering::Relaxed)))
    }

    fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
