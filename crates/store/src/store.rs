//! The store as whoever flushes it sees it: jobs go to its thread, news come back.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::EndpointKey;

use crate::bodies::Fetched;
use crate::changes::Changes;
use crate::disk::{Disk, Loaded, Opened, Options};
use crate::thread::{self, Job, Report};
use crate::trouble::Trouble;

/// So long a store stays away before its file is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(10);
/// The same where another process holds it, as in a rolling update: it costs one look at a lock.
pub(crate) const RETRY_HELD: Duration = Duration::from_secs(2);
/// So long the start waits for a disk that does not move. What it has is taken in when it comes.
const PATIENCE: Duration = Duration::from_secs(2);
/// So long the end waits for the file to be closed. One that is not is as after a crash: whole, but walked twice.
const CLOSE: Duration = Duration::from_millis(500);

/// Where the store stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreStatus {
    /// Everything is written.
    Open,
    /// Nothing can be written now; it is tried again. With the reason, for people.
    Away(String),
    /// Nothing will be written, since the file or folder must not be touched. With the reason, for people.
    Refused(String),
}

/// What came from the store's thread.
pub(crate) enum News {
    Loaded(Vec<Loaded>),
    Opened(Opened),
    /// The changes are on disk, after so long.
    Committed(Duration),
    Fetched(Vec<(EndpointKey, Fetched)>),
    /// A job failed. The store is away or refused now.
    Failed,
}

/// The inventory on disk, as the inventory sees it: jobs go to the store's thread, news come back. Nothing here waits
/// for the disk unless it is told to.
#[derive(Debug)]
pub(crate) struct Store {
    max_bytes: u64,
    file_bytes: Option<u64>,
    state: State,
    /// Whether another process was found to hold the file, and it was not opened since. What else goes wrong meanwhile
    /// says nothing about that process.
    held: bool,
    /// Whether bodies are being read.
    fetching: bool,
    /// `None` when the system had no thread for it.
    thread: Option<(Sender<Job>, Receiver<Report>)>,
}

#[derive(Debug)]
enum State {
    /// With the reason why it was away before, if it was.
    Opening(Option<String>),
    Open,
    /// Since when.
    Writing(Instant),
    Away {
        reason: String,
        retry_at: Timestamp,
    },
    Refused(String),
}

impl Store {
    /// Begins to open the store in this folder, which is made if it is not there. Never fails: see [`Self::status`].
    #[must_use]
    pub(crate) fn open(dir: &Path, options: Options) -> Store {
        let (max_bytes, wait) = (options.max_bytes, options.wait);
        let state = State::Opening(None);
        let mut store =
            Store { max_bytes, file_bytes: None, state, held: false, fetching: false, thread: None };
        match thread::spawn(Disk::new(dir, options)) {
            Ok(thread) => {
                store.thread = Some(thread);
                store.send(Job::Open(wait), State::Opening(None));
            }
            Err(error) => store.state = State::Refused(format!("the store has no thread: {error}")),
        }
        store
    }

    /// A store that is open and whose thread is played by a test.
    #[cfg(test)]
    pub(crate) fn played() -> (Store, (Receiver<Job>, std::sync::mpsc::SyncSender<Report>)) {
        let (jobs, todo) = std::sync::mpsc::channel();
        let (done, reports) = std::sync::mpsc::sync_channel(4);
        let (max_bytes, thread) = (Options::default().max_bytes, Some((jobs, reports)));
        let store =
            Store { max_bytes, file_bytes: None, state: State::Open, held: false, fetching: false, thread };
        (store, (todo, done))
    }

    /// Returns where it stands.
    #[must_use]
    pub(crate) fn status(&self) -> StoreStatus {
        match &self.state {
            State::Open | State::Writing(_) => StoreStatus::Open,
            State::Opening(None) => StoreStatus::Away("the store is being opened".into()),
            State::Opening(Some(reason)) | State::Away { reason, .. } => StoreStatus::Away(reason.clone()),
            State::Refused(reason) => StoreStatus::Refused(reason.clone()),
        }
    }

    /// Returns whether another process holds the file.
    pub(crate) fn is_held_elsewhere(&self) -> bool {
        self.held
    }

    /// The size of its file in bytes, as it was when the store last came back from it.
    #[must_use]
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        self.file_bytes
    }

    /// The size in bytes that its file may have.
    #[must_use]
    pub(crate) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Returns how long the start may wait for its thread to move, which was told to wait this long.
    pub(crate) fn patience(wait: Duration) -> Duration {
        wait + PATIENCE
    }

    /// Returns whether it is open and has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Returns whether news are to come.
    pub(crate) fn is_busy(&self) -> bool {
        self.fetching || matches!(self.state, State::Opening(_) | State::Writing(_))
    }

    /// Begins to read the bodies of these endpoints, if the file is open and no others are being read; news bring them.
    /// Returns whether it did.
    pub(crate) fn fetch(&mut self, keys: Vec<EndpointKey>) -> bool {
        if self.fetching || !matches!(self.state, State::Open | State::Writing(_)) {
            return false;
        }
        self.fetching = self.thread.as_ref().is_some_and(|(jobs, _)| jobs.send(Job::Fetch(keys)).is_ok());
        self.fetching
    }

    /// Returns whether bodies are being read.
    pub(crate) fn is_fetching(&self) -> bool {
        self.fetching
    }

    /// Makes these changes; news say when they are on disk. To be called when it [`Self::is_idle`].
    pub(crate) fn commit(&mut self, changes: Changes) {
        self.send(Job::Commit(changes), State::Writing(Instant::now()));
    }

    /// Tries the file again when it is time.
    pub(crate) fn reconnect(&mut self, now: Timestamp) {
        if let State::Away { reason, retry_at } = &self.state
            && now >= *retry_at
        {
            let reason = Some(reason.clone());
            self.send(Job::Open(Duration::ZERO), State::Opening(reason));
        }
    }

    /// Returns what the thread has done, waiting for it until this moment.
    pub(crate) fn news(&mut self, now: Timestamp, until: Instant) -> Option<News> {
        let (_, reports) = self.thread.as_ref()?;
        let wait = until.saturating_duration_since(Instant::now());
        let report = match reports.recv_timeout(wait) {
            Ok(report) => report,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => return self.gone(),
        };
        match report {
            Report::Loaded(loaded) => Some(News::Loaded(loaded)),
            Report::Fetched(bodies) => {
                self.fetching = false;
                Some(News::Fetched(bodies))
            }
            Report::Opened(Ok(opened)) => {
                self.state = State::Open;
                self.held = false;
                self.file_bytes = Some(opened.bytes);
                Some(News::Opened(opened))
            }
            Report::Committed(Ok(bytes)) => {
                let before = std::mem::replace(&mut self.state, State::Open);
                self.file_bytes = Some(bytes);
                let took = if let State::Writing(since) = before { since.elapsed() } else { Duration::ZERO };
                Some(News::Committed(took))
            }
            Report::Opened(Err(trouble)) | Report::Committed(Err(trouble)) => {
                self.lose(&trouble, now);
                Some(News::Failed)
            }
        }
    }

    fn send(&mut self, job: Job, state: State) {
        let sent = self.thread.as_ref().is_some_and(|(jobs, _)| jobs.send(job).is_ok());
        self.state = if sent { state } else { State::Refused(GONE.into()) };
    }

    /// The thread ended before its time.
    fn gone(&mut self) -> Option<News> {
        self.thread = None;
        self.fetching = false;
        self.state = State::Refused(GONE.into());
        Some(News::Failed)
    }

    /// The inventory goes on in memory.
    fn lose(&mut self, trouble: &Trouble, now: Timestamp) {
        let reason = trouble.to_string();
        self.held |= matches!(trouble, Trouble::Held);
        let retry = match trouble {
            Trouble::Held => RETRY_HELD,
            // A file that was found to be damaged while it was in use is set aside at once.
            Trouble::Damaged(_) => Duration::ZERO,
            Trouble::Away(_) | Trouble::Refused(_) => RETRY,
        };
        let retry_at = now + retry;
        self.state = match trouble {
            Trouble::Refused(_) => State::Refused(reason),
            _ => State::Away { reason, retry_at },
        };
    }
}

/// What is said when the store's thread ended before its time.
const GONE: &str = "the store's thread has ended";

impl Drop for Store {
    /// Ends the thread, and waits a little for the file to be closed.
    fn drop(&mut self) {
        let Some((jobs, reports)) = self.thread.take() else { return };
        drop(jobs);
        let until = Instant::now() + CLOSE;
        loop {
            match reports.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => return,
            }
        }
    }
}
