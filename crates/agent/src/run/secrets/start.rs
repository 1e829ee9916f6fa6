//! Starting the child that finds libraries, while there are still rights to give it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use capture::{Monitored, SecretRing, SecretTallies};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::child::TAKE;
use super::messages::{Channel, News};
use crate::pipeline::secrets::{Expected, Taken};

/// How long the child may take to load its programs.
const PATIENCE: Duration = Duration::from_secs(10);

/// A child that has loaded its programs, and what it gave for each part of the agent.
pub(in crate::run) struct Started {
    /// For whoever attaches cgroups.
    pub(in crate::run) monitored: Monitored,
    /// For the capture thread.
    pub(in crate::run) taken: Taken,
    /// For whoever follows the child.
    pub(in crate::run) finder: Finder,
}

/// The agent's end of the child.
pub(in crate::run) struct Finder {
    pub(super) child: Child,
    pub(super) channel: Channel,
    pub(super) tallies: SecretTallies,
    pub(super) expected: Arc<Expected>,
    /// How often cgroups came.
    pub(super) cgroups: Arc<std::sync::atomic::AtomicU64>,
}

/// Starts the child. Must be called on the first thread, with which the child ends.
///
/// # Errors
/// Why no secrets can be taken, in words that say what to do.
pub(in crate::run) fn start() -> Result<Started, String> {
    let (channel, theirs) = Channel::pair().map_err(|error| error.to_string())?;
    let child = spawn(theirs).map_err(|error| format!("the process that finds TLS libraries: {error}"))?;
    begin(child, channel)
}

fn spawn(stdin: OwnedFd) -> io::Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    // What a terminal tells the agent is not for the child: it ends with the agent.
    command.arg(TAKE).env_clear().stdin(stdin).stdout(Stdio::null()).process_group(0).spawn()
}

fn begin(mut child: Child, channel: Channel) -> Result<Started, String> {
    match loaded(&channel) {
        Ok([ring, monitored, counts, points]) => {
            let monitored = Monitored::open(monitored).map_err(|error| error.to_string())?;
            let tallies = SecretTallies::open(counts, points).map_err(|error| error.to_string())?;
            let expected = Arc::new(Expected::default());
            let taken =
                Taken::new(SecretRing::open(ring).map_err(|error| error.to_string())?, Arc::clone(&expected));
            let cgroups = monitored.changes();
            Ok(Started { monitored, taken, finder: Finder { child, channel, tallies, expected, cgroups } })
        }
        Err(why) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(why)
        }
    }
}

/// Waits for what the child has loaded.
fn loaded(channel: &Channel) -> Result<[OwnedFd; 4], String> {
    let wait = Timespec::try_from(PATIENCE).map_err(|error| error.to_string())?;
    let there = poll(&mut [PollFd::from_borrowed_fd(channel.socket(), PollFlags::IN)], Some(&wait));
    if there.map_err(|error| error.to_string())? == 0 {
        return Err(format!(
            "the process that finds TLS libraries has said nothing for {} s",
            PATIENCE.as_secs()
        ));
    }
    match channel.receive().map_err(|error| error.to_string())? {
        Some((News::Loaded, maps)) => {
            maps.try_into().map_err(|_| "the process that finds TLS libraries gave no tables".into())
        }
        Some((News::Failed(why), _)) => Err(why),
        Some(_) | None => Err("the process that finds TLS libraries has ended".into()),
    }
}
