//! Key logs that programs write (`monitor.keyLogs`, RFC 9850), followed while they grow: for runtimes whose secrets nothing else
//! can give, as Java's.

mod file;
mod folder;

use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::CapabilitySet;

use self::folder::Folder;
use super::capture::rights;
use super::shared::Shared;
use crate::pipeline::keylogs::Giver;

/// How often all is looked at, whatever the kernel tells: where others than this node write, it tells nothing.
const LOOK: Duration = Duration::from_secs(1);
/// How soon it is noticed that the agent ends.
const END: Duration = Duration::from_millis(200);
/// The least time between two looks, however often is written; and how soon a file is read on of which more is there than was
/// read at once.
const LEAST: Duration = Duration::from_millis(10);

/// Starts to follow the key logs of the configuration in force, on a thread of its own.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(shared: Arc<Shared>, giver: Giver) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("key-logs".into()).spawn(move || {
        rights::keep(CapabilitySet::empty());
        Follower { shared: &shared, giver, news: None, folders: Vec::new(), said: BTreeSet::new() }.run();
    })
}

struct Follower<'a> {
    shared: &'a Shared,
    giver: Giver,
    /// What the kernel tells of the folders, while there are any.
    news: Option<OwnedFd>,
    folders: Vec<Folder>,
    /// What was said already.
    said: BTreeSet<String>,
}

impl Follower<'_> {
    fn run(mut self) {
        let (mut looked, mut told) = (None::<Instant>, false);
        while !self.shared.ending.has_begun() {
            self.configure();
            let has_more = told || self.folders.iter().any(Folder::is_behind);
            told |= self.wait(if has_more { LEAST } else { END });
            let passed = looked.map_or(LOOK, |at| at.elapsed());
            if passed >= LOOK || passed >= LEAST && (has_more || told) {
                (looked, told) = (Some(Instant::now()), false);
                self.look();
            }
        }
    }

    /// Takes over which folders are followed.
    fn configure(&mut self) {
        let config = self.shared.config.load();
        let wanted = &config.monitor.key_logs;
        if self.folders.iter().map(Folder::path).eq(wanted) {
            return;
        }
        // Secrets belong into no core dump. Where the system refuses that, it is as it was.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let mut old = std::mem::take(&mut self.folders);
        for path in wanted {
            let known = old.iter().position(|folder| folder.path() == path);
            self.folders.push(known.map_or_else(|| Folder::new(path.clone()), |at| old.swap_remove(at)));
        }
        self.giver.set_on(!self.folders.is_empty());
        let names = |folders: &[PathBuf]| {
            folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        if wanted.is_empty() {
            tracing::info!("Key logs: none is followed any more (monitor.keyLogs)");
        } else {
            tracing::info!("Key logs: those in {} are followed (monitor.keyLogs)", names(wanted));
        }
        self.news = None;
        if !wanted.is_empty() {
            // Without, it is looked each second.
            self.news = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok();
        }
        self.look();
    }

    /// Reads on in all files, and says what cannot be read.
    fn look(&mut self) {
        let mut troubles = BTreeSet::new();
        for folder in &mut self.folders {
            if let Some(news) = &self.news {
                // Before it is listed, so that nothing comes unnoticed. One that is watched already stays so.
                let changes =
                    WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
                let _ = inotify::add_watch(news, folder.path(), changes);
            }
            troubles.extend(folder.look(&self.giver));
        }
        for trouble in troubles.difference(&self.said) {
            tracing::warn!("{trouble}");
        }
        if troubles != self.said {
            self.shared.config.set_key_log_troubles(troubles.iter().cloned().collect());
            self.said = troubles;
        }
    }

    /// Waits for so long at most. Returns whether something was written before that was over.
    fn wait(&self, most: Duration) -> bool {
        let timeout = Timespec::try_from(most).ok();
        let mut sources = self.news.iter().map(|news| PollFd::new(news, PollFlags::IN)).collect::<Vec<_>>();
        let _ = poll(&mut sources, timeout.as_ref());
        let (mut buffer, mut told) = ([0; 4096], false);
        // What exactly is of no interest: all files are looked at.
        while self
            .news
            .as_ref()
            .is_some_and(|news| rustix::io::read(news, &mut buffer).is_ok_and(|len| len > 0))
        {
            told = true;
        }
        told
    }
}
