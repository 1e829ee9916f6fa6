//! The log: one line a message on standard error.

use std::io::{Stderr, stderr};
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::cli::LogFormat;

/// The variable that sets the level, by module if wanted (`debug`, `traffic_monitor_push=debug`).
const LEVEL_VARIABLE: &str = "TRAFFIC_MONITOR_LOG";
/// The client of Kubernetes tells each failure in its own words, many a minute; the agent says them once, with what to do, and once a
/// minute while they last.
const SAID_BY_US: &str = "kube_runtime=off,kube_client=off";

/// What lines about endpoints that were seen are filtered by: `TRAFFIC_MONITOR_LOG=sightings=off` leaves them out.
pub(crate) const SIGHTINGS: &str = "sightings";

/// How many lines were written.
static LINES: AtomicU64 = AtomicU64::new(0);

/// Returns how many lines the log has.
pub(crate) fn lines() -> u64 {
    LINES.load(Ordering::Relaxed)
}

/// Where a line goes.
fn line() -> Stderr {
    LINES.fetch_add(1, Ordering::Relaxed);
    stderr()
}

/// Starts the log. `quiet` leaves out everything below errors.
pub(crate) fn start(format: LogFormat, quiet: bool) {
    let level = if quiet { LevelFilter::ERROR } else { LevelFilter::INFO };
    let wanted = std::env::var(LEVEL_VARIABLE).unwrap_or_default();
    let filter = EnvFilter::builder().parse_lossy(format!("{level},{SAID_BY_US},{wanted}"));
    let builder = fmt().with_env_filter(filter).with_target(false).with_writer(line).with_ansi(false);
    // A second start in one process (tests) keeps the first.
    let _ = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
}
