//! A key log that a program writes while it is read.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use tls::KeyLog;
use zeroize::Zeroizing;

use crate::pipeline::keylogs::{Giver, Logged};

/// How much is read at once.
const PIECE: usize = 64 << 10;
/// How much of a file is read before others have their turn.
const MAX_AT_ONCE: u64 = 1 << 20;
/// How much of a file is read that is longer when it is first seen: what is older is of connections that have begun.
const TAIL: u64 = 1 << 20;
/// So many bad lines, and not one that is good: it is something else.
const MAX_BAD: u64 = 100;

/// A file that is followed.
pub(super) struct KeyLogFile {
    file: File,
    /// Where the next bytes are.
    at: u64,
    /// Whether the line is passed over that is being read: it began before what is read.
    within: bool,
    log: KeyLog,
    /// What has been read and found no room yet.
    waiting: Vec<Logged>,
    /// Whether more may be there than was read.
    behind: bool,
}

/// Returns the file's device and inode.
pub(super) fn identity_of(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl KeyLogFile {
    /// Opens the file that was `listed` by this name, if others may not read it.
    pub(super) fn open(path: &Path, listed: (u64, u64)) -> Result<KeyLogFile, String> {
        // No link, and nothing that would make who opens it wait.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let failed = |error: io::Error| format!("cannot be read ({error})");
        let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| failed(error.into()))?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(failed)?;
        allowed(&metadata)?;
        if !metadata.is_file() || identity_of(&metadata) != listed {
            return Err("is another file now".into());
        }
        let at = metadata.len().saturating_sub(TAIL);
        Ok(KeyLogFile {
            file,
            at,
            within: at > 0,
            log: KeyLog::default(),
            waiting: Vec::new(),
            behind: false,
        })
    }

    /// Reads what was written since, in a file that has this length now, and gives it on. What finds no room comes with the
    /// next call.
    pub(super) fn read_on(&mut self, len: u64, giver: &Giver) -> io::Result<()> {
        if len < self.at {
            // It was cut, and is written anew.
            (self.at, self.within, self.log) = (0, false, KeyLog::default());
        }
        // No further than it is long: files of which the kernel makes the content have no length.
        let end = len.min(self.at.saturating_add(MAX_AT_ONCE));
        let mut piece = Zeroizing::new(Vec::new());
        while self.give(giver) && self.at < end && !self.is_something_else() {
            piece.resize(PIECE, 0);
            let most = usize::try_from(end - self.at).unwrap_or(PIECE);
            let count = self.file.read_at(piece.get_mut(..most.min(PIECE)).unwrap_or_default(), self.at)?;
            if count == 0 {
                break;
            }
            self.at = self.at.saturating_add(count as u64);
            self.take(piece.get(..count).unwrap_or_default());
        }
        self.behind = !self.waiting.is_empty() || self.at == end && end < len;
        Ok(())
    }

    /// Returns whether it is to be read on soon, whether or not anything is written.
    pub(super) fn is_behind(&self) -> bool {
        self.behind
    }

    /// Returns what is wrong with what stands in it.
    pub(super) fn trouble(&self) -> Option<String> {
        let (_, why) = self.log.first_bad().first()?;
        let (bad, why) = (self.log.bad(), why.text());
        Some(if self.is_something_else() {
            format!("is not read on, for it is no key log: the first of {bad} bad lines {why}")
        } else {
            format!("a line is none of a key log: the first one {why}")
        })
    }

    fn is_something_else(&self) -> bool {
        self.log.secrets() == 0 && self.log.bad() >= MAX_BAD
    }

    fn take(&mut self, mut bytes: &[u8]) {
        if self.within {
            let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
            bytes = bytes.get(end + 1..).unwrap_or_default();
            self.within = false;
        }
        let waiting = &mut self.waiting;
        self.log.each(bytes, |random, label, secret| waiting.push(Logged { random, label, secret }));
    }

    /// Gives on what was read. Returns whether all found room.
    fn give(&mut self, giver: &Giver) -> bool {
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for logged in waiting.by_ref() {
            if let Some(back) = giver.give(logged) {
                self.waiting.push(back);
                break;
            }
        }
        self.waiting.extend(waiting);
        self.waiting.is_empty()
    }
}

/// Returns why a file is not read that others may read: whoever has these secrets can read the connections.
pub(super) fn allowed(metadata: &Metadata) -> Result<(), String> {
    let mode = metadata.mode() & 0o777;
    if mode & 0o007 == 0 {
        return Ok(());
    }
    Err(format!(
        "refused: its mode is {mode:04o}, and whoever can read it can read the connections: chmod o= the file, and let the program write it with umask 007"
    ))
}
