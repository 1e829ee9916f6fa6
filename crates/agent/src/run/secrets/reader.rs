//! Reading a stranger's file for the library in it, in a process that has no right but to read that file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::{ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use capture::FileBytes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use super::finding::Report;
use crate::failure::Failure;
use crate::run::confine;

/// The subcommand of the process that reads a file.
pub(super) const FIND: &str = "find-places";
/// The processor time that it may take: a program of 100 MB takes a second.
const FIND_SECONDS: u64 = 60;
/// The time that it may take in all.
const PATIENCE: Duration = Duration::from_secs(90);
/// The most that it may say: more than the places of a file take.
const MAX_ANSWER: usize = 64 << 10;
/// How nice it is to others: nobody waits for it but who has just started.
const NICE: i32 = 10;

/// Finds the library in the file that is standard input, and says it on standard output.
pub(crate) fn find() -> Result<ExitCode, Failure> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from)?;
    let limit = Rlimit { current: Some(FIND_SECONDS), maximum: Some(FIND_SECONDS + 10) };
    setrlimit(Resource::Cpu, limit).map_err(io::Error::from)?;
    // If a crafted file makes it ask for memory without end, it goes, not the agent.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let _ = rustix::process::nice(NICE);
    // Before the first byte of it is read.
    confine::child();
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let report = match FileBytes::map(&file, finder::MAX_FILE) {
        Ok(bytes) => Report::of(finder::find(bytes.bytes())),
        Err(error) => Report::unread(error),
    };
    let answer = serde_json::to_vec(&report).map_err(io::Error::from)?;
    io::stdout().write_all(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// Lets such a process read a file, and returns what it says.
pub(super) fn read(file: &File) -> Report {
    ask(file).unwrap_or_else(|error| Report::unread(format_args!("the process that reads the file: {error}")))
}

fn ask(file: &File) -> io::Result<Report> {
    let mut command = Command::new("/proc/self/exe");
    command.arg(FIND).env_clear().stdin(file.try_clone()?).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let answer = child.stdout.take().map_or(Ok(Vec::new()), listen);
    // A file may be one that never comes (FUSE): who waits for it can be ended all the same.
    if answer.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    let answer = answer?;
    if status.success() {
        Ok(serde_json::from_slice(&answer)?)
    } else {
        Err(io::Error::other(status.to_string()))
    }
}

/// Returns what is said until the end, within the time for it.
fn listen(mut from: ChildStdout) -> io::Result<Vec<u8>> {
    let (begun, mut answer) = (Instant::now(), Vec::new());
    loop {
        let left = Timespec::try_from(PATIENCE.saturating_sub(begun.elapsed())).map_err(io::Error::other)?;
        if poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&left))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut some = [0; 4096];
        match from.read(&mut some)? {
            0 => return Ok(answer),
            len => answer.extend_from_slice(some.get(..len).unwrap_or_default()),
        }
        if answer.len() > MAX_ANSWER {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}
