//! The store from the agent's side: how it is opened, what is said about it, and the look at the whole file that a child
//! takes before.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use store::{FlushReport, KeptInventory, LoadReport, StoreStatus, Walk, walk_store};

use super::{confine, settings};
use crate::config::Config;
use crate::failure::Failure;

/// How long another agent that holds the store is waited for before capture begins. After that the store is taken over
/// when the other one has ended, as in a rolling update that starts the new one first.
const WAIT: Duration = Duration::from_secs(2);
/// So often it is said again that nothing can be kept.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// The subcommand of the child that walks the store's file.
pub(crate) const WALK: &str = "walk-store";
/// The processor time that the child may take: a file of 1 GiB is walked in some seconds. A damaged one may make it go
/// round for ever.
const WALK_SECONDS: u64 = 120;

/// Opens what was learned before. That it cannot be kept is said, and no reason to stop.
pub(super) fn open(state: &Path, config: &Config) -> KeptInventory {
    let walk = Walk::Child { program: "/proc/self/exe".into(), arguments: vec![WALK.into()] };
    let options = store::Options { wait: WAIT, max_bytes: (config.monitor.store_mib as u64) << 20, walk };
    let (inventory, report) = KeptInventory::open(state, options, settings::of_inventory(config));
    say_loaded(&report);
    inventory
}

/// Walks the store's file, which is standard input, as the child of an agent.
pub(crate) fn walk() -> Result<ExitCode, Failure> {
    // Without its agent nobody waits for the answer, and the file must be free.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from)?;
    // At the limit itself the signal says why; above it, it is one that anybody can send.
    let limit = Rlimit { current: Some(WALK_SECONDS), maximum: Some(WALK_SECONDS + 10) };
    setrlimit(Resource::Cpu, limit).map_err(io::Error::from)?;
    // If a damaged file makes it ask for memory without end, it goes, not the agent. (A limit of its own for memory makes
    // the allocator fail now and then without need.)
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    // Before the first byte of it is read.
    confine::child();
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    match walk_store(file) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err((reason, status)) => {
            // The status says what matters.
            let _ = io::stdout().write_all(reason.as_bytes());
            Ok(u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from))
        }
    }
}

/// Says how the store is: what was found in it, and that nothing can be kept, at once and every minute.
#[derive(Default)]
pub(super) struct Teller {
    /// Why nothing can be kept, and when that was last said.
    away: Option<(String, Instant)>,
}

impl Teller {
    pub(super) fn tell(&mut self, report: &FlushReport, status: Option<StoreStatus>) {
        say_loaded(&report.load);
        let (Some(StoreStatus::Away(why)) | Some(StoreStatus::Refused(why))) = status else {
            // That it can be written says nothing yet about what waited for that.
            let written = report.written > 0 || report.unsaved == 0;
            if written && self.away.take().is_some() {
                tracing::info!("The store: everything is kept on disk again");
            }
            return;
        };
        let said = self.away.as_ref().is_some_and(|(said, at)| *said == why && at.elapsed() < SAY_EVERY);
        if !said {
            tracing::error!(
                "The store: {why}; what {} endpoints have taught is in memory only, and lost if the agent ends",
                report.unsaved
            );
            self.away = Some((why, Instant::now()));
        }
    }
}

fn say_loaded(report: &LoadReport) {
    for warning in &report.warnings {
        tracing::error!("The store: {warning}");
    }
    if report.newer > 0 {
        tracing::error!(
            "The store: {} endpoints were written by a later version of the monitor; they are left as they are, and this version does not know them",
            report.newer
        );
    }
    if report.endpoints > 0 {
        tracing::info!("{} endpoints are known from before", report.endpoints);
    }
}
