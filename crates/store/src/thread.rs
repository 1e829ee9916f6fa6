//! The store's own thread: it alone touches the disk, so that nothing else waits for a slow one, and what redb's panics
//! can reach ends here.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use inventory::EndpointKey;

use crate::bodies::Fetched;
use crate::changes::Changes;
use crate::disk::{Disk, Loaded, Opened};
use crate::trouble::Trouble;

/// Records that are handed over at once while the file is read.
const LOADED_AT_ONCE: usize = 256;
/// So many times that wait to be taken: the disk must not run ahead of the inventory in memory.
const WAITING: usize = 4;

/// What the thread is to do.
pub(super) enum Job {
    /// Open the file and read it; another process that holds it is waited for this long.
    Open(Duration),
    /// Make these changes.
    Commit(Changes),
    /// Read the bodies of the endpoints with these keys.
    Fetch(Vec<EndpointKey>),
}

/// What the thread has done. Each job ends with one of these but the first.
pub(super) enum Report {
    /// Some of what is in the file.
    Loaded(Vec<Loaded>),
    /// The file is open and was read, or why not.
    Opened(Result<Opened, Trouble>),
    /// What there is of the bodies.
    Fetched(Vec<(EndpointKey, Fetched)>),
    /// The changes are on disk, in a file of so many bytes, or why not.
    Committed(Result<u64, Trouble>),
}

/// Starts the thread. It ends when its jobs do, and closes the file; then the reports end.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(mut disk: Disk) -> io::Result<(Sender<Job>, Receiver<Report>)> {
    let (jobs, todo) = channel();
    let (reports, done) = sync_channel(WAITING);
    let work = move || {
        for job in todo {
            let report = match job {
                Job::Open(wait) => Report::Opened(open(&mut disk, wait, &reports)),
                Job::Commit(mut changes) => Report::Committed(disk.commit(&mut changes)),
                Job::Fetch(keys) => Report::Fetched(disk.fetch(keys)),
            };
            if reports.send(report).is_err() {
                break;
            }
        }
        disk.close();
    };
    std::thread::Builder::new().name("store".into()).spawn(work)?;
    Ok((jobs, done))
}

/// Opens the file and hands over what is in it, in pieces.
fn open(disk: &mut Disk, wait: Duration, reports: &SyncSender<Report>) -> Result<Opened, Trouble> {
    let mut piece = Vec::new();
    let opened = disk.open(wait, &mut |loaded| {
        piece.push(loaded);
        if piece.len() < LOADED_AT_ONCE {
            return ControlFlow::Continue(());
        }
        match reports.send(Report::Loaded(std::mem::take(&mut piece))) {
            Ok(()) => ControlFlow::Continue(()),
            // Nobody is there any more to take it.
            Err(_) => ControlFlow::Break(()),
        }
    });
    // If nobody takes it, the job's own report finds that too.
    let _ = reports.send(Report::Loaded(piece));
    opened
}
