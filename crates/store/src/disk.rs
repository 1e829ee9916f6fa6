//! The store's file as the store's thread has it: open, away or refused. Every call may block as long as the disk does.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use identify::ServiceName;
use inventory::{EndpointKey, LearnedMapping, Record};
use redact::{Owner, Shapes, StoredPaths};
use redb::Database;

use crate::bodies::{self, Fetched, body_inside};
use crate::changes::{Changes, Kind};
use crate::database::{self, Check, guarded};
use crate::place;
use crate::record::{
    Unreadable, body_key, encode_body, read_endpoint, read_mapping, read_paths, read_shapes,
};
use crate::salvage;
use crate::trouble::Trouble;
use crate::walk::{Walk, walk};

/// So often it is looked whether another process has let go of the file.
const LOCK_POLL: Duration = Duration::from_millis(100);
/// After a file has grown beyond its limit, which was lowered, it is made smaller at most so often.
const COMPACT_EVERY: Duration = Duration::from_secs(600);

/// How a store is to be kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// Another process that holds the file is waited for this long at the start.
    pub wait: Duration,
    /// The file may grow to this size in bytes. Endpoints are kept within a quarter of it.
    pub max_bytes: u64,
    /// Who looks at the whole file before it is opened.
    pub walk: Walk,
}

impl Default for Options {
    fn default() -> Self {
        Options { wait: Duration::ZERO, max_bytes: 256 << 20, walk: Walk::Here }
    }
}

/// A record as it was read.
#[derive(Debug)]
pub(crate) enum Loaded {
    Endpoint(EndpointKey, Box<Record>),
    Mapping(ServiceName, LearnedMapping),
    Paths(Owner, Box<StoredPaths>),
    Shapes(EndpointKey, Box<Shapes>),
}

/// What opening found.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// Whether the file was begun by this, so that all is to be written.
    pub(crate) begun: bool,
    /// The size of the file.
    pub(crate) bytes: u64,
    /// Records that were salvaged from a damaged file, and values that are lost with it.
    pub(crate) salvaged: usize,
    pub(crate) lost: u64,
    /// Values that were left out because they are damaged, and because a later version wrote them.
    pub(crate) damaged: usize,
    pub(crate) newer: usize,
    /// What a person should be told once.
    pub(crate) warnings: Vec<String>,
}

/// The store's file.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    database: Option<Box<Database>>,
    /// The file that was opened last, by which it is held while it is set aside. It holds as long as this stands.
    pub(super) file: Option<File>,
    /// What was given since the file was last open, by the hashes of the keys: a try that fails half way is not the last
    /// one, and what it gave is not to be given again.
    pub(super) given: HashSet<u64>,
    /// The keys of endpoints whose body stands in their record, as earlier versions wrote it. It moves beside the record when
    /// that is written next.
    inside: HashSet<Vec<u8>>,
    /// The keys of values that a later version wrote: they are neither overwritten nor removed.
    newer: HashSet<(Kind, Vec<u8>)>,
    compacted: Option<Instant>,
}

impl Disk {
    pub(super) fn new(dir: &Path, options: Options) -> Disk {
        let path = dir.join(place::FILE);
        let (given, inside, newer) = (HashSet::new(), HashSet::new(), HashSet::new());
        Disk { path, options, database: None, file: None, given, inside, newer, compacted: None }
    }

    /// Opens the file and gives what is in it to `each`. One that is damaged is set aside, and a new one is begun. Another
    /// process that holds it is waited for.
    #[expect(clippy::disallowed_methods, reason = "polls the lock, which has no event")]
    pub(super) fn open(
        &mut self,
        wait: Duration,
        each: &mut impl FnMut(Loaded) -> ControlFlow<()>,
    ) -> Result<Opened, Trouble> {
        let until = Instant::now() + wait;
        loop {
            let opened = self.try_open(each);
            match &opened {
                Ok(_) => {
                    self.given.clear();
                    place::put_aside_what_is_left(&self.path);
                }
                Err(_) => self.let_go(),
            }
            match opened {
                Err(Trouble::Held) if Instant::now() < until => std::thread::sleep(LOCK_POLL),
                opened => return opened,
            }
        }
    }

    fn try_open(&mut self, each: &mut impl FnMut(Loaded) -> ControlFlow<()>) -> Result<Opened, Trouble> {
        let mut opened = match self.connect(Look::Walk).and_then(|begun| self.read(begun, each)) {
            Err(Trouble::Damaged(reason)) => self.begin_anew(&reason, each)?,
            opened => opened?,
        };
        if opened.damaged > 0 && opened.newer == 0 {
            let reason = format!("{} values with a wrong checksum or form", opened.damaged);
            let anew = self.begin_anew(&reason, each)?;
            opened = Opened { damaged: opened.damaged, ..anew };
        }
        opened.bytes = self.bytes();
        Ok(opened)
    }

    /// Makes these changes in one transaction, which is on disk when this returns. Gives the size of the file.
    pub(super) fn commit(&mut self, changes: &mut Changes) -> Result<u64, Trouble> {
        let Some(database) = &self.database else {
            return Err(Trouble::Away("the store is not open".into()));
        };
        self.move_bodies(database, changes);
        let keep = |kind, key: &[u8]| !self.newer.is_empty() && self.newer.contains(&(kind, key.to_vec()));
        let written = guarded(|| database::write(database, changes, keep));
        if let Err(trouble) = written {
            self.let_go();
            return Err(trouble);
        }
        for key in changes.of(Kind::Endpoint).keys() {
            self.inside.remove(key);
        }
        self.compact();
        Ok(self.bytes())
    }

    /// Has the bodies that stand in records which are to be written anew written beside them, unless others are.
    fn move_bodies(&self, database: &Database, changes: &mut Changes) {
        if self.inside.is_empty() {
            return;
        }
        let written = changes.of(Kind::Endpoint).keys().filter(|key| self.inside.contains(*key));
        let inside: Vec<_> = written.cloned().collect();
        let bodies = changes.of_mut(Kind::Body);
        for key in &inside {
            let beside = body_key(key);
            if !bodies.contains_key(&beside)
                && let Ok(Some(body)) = guarded(|| database::get(database, Kind::Endpoint, key))
                    .map(|value| body_inside(key, &value?))
            {
                let value = encode_body(&beside, &body);
                bodies.insert(beside, value);
            }
        }
    }

    /// Reads the bodies of these endpoints.
    pub(super) fn fetch(&self, keys: Vec<EndpointKey>) -> Vec<(EndpointKey, Fetched)> {
        let read = |key: &EndpointKey| match &self.database {
            Some(database) => bodies::read(database, key),
            None => Fetched::Away,
        };
        keys.into_iter().map(|key| (read(&key), key)).map(|(body, key)| (key, body)).collect()
    }

    /// The size of the file in bytes.
    fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |found| found.len())
    }

    /// Closes the file. After a failure that may fail as well; then there is nothing left to save.
    pub(super) fn close(&mut self) {
        let _ = self.database.take().map(|database| database::close(*database));
    }

    /// Closes the file and holds it no longer. A lock belongs to the file as it was opened, so the next try, which opens it
    /// again, would find it held.
    fn let_go(&mut self) {
        self.close();
        self.file = None;
    }

    /// Folder, file and database. Tells whether the file was begun by this.
    pub(super) fn connect(&mut self, look: Look) -> Result<bool, Trouble> {
        if let Some(dir) = self.path.parent() {
            place::folder(dir)?;
        }
        place::finish(&self.path)?;
        let file = place::file(&self.path)?;
        hold(&file, &self.path)?;
        // Without it a damaged file could be neither held nor salvaged.
        let held = file.try_clone().map_err(|error| Trouble::Away(format!("the store's file: {error}")))?;
        self.file = Some(held);
        let check = match look {
            Look::Walk => walk(&self.options.walk, &file)?,
            Look::Own => Check::Nothing,
        };
        // A child that walked it to the end has given up the lock, which is of both.
        hold(&file, &self.path)?;
        let (database, begun) = database::open(file, self.options.max_bytes, check)?;
        self.database = Some(Box::new(database));
        if begun {
            place::sync(&self.path);
        }
        Ok(begun)
    }

    /// Gives what is in the file to `each`, but for what it was given before.
    pub(super) fn read(
        &mut self,
        begun: bool,
        each: &mut impl FnMut(Loaded) -> ControlFlow<()>,
    ) -> Result<Opened, Trouble> {
        let mut opened = Opened { begun, ..Opened::default() };
        let Some(database) = &self.database else { return Ok(opened) };
        let given = &mut self.given;
        self.newer.clear();
        self.inside.clear();
        guarded(|| {
            database::read(
                &**database,
                &Kind::RECORDS,
                &mut |kind, key, value| match decode(kind, key, value) {
                    Ok(loaded) => {
                        if let Loaded::Endpoint(_, record) = &loaded
                            && record.details.body.is_some()
                        {
                            self.inside.insert(key.to_vec());
                        }
                        match given.insert(salvage::hash(key)) {
                            true => each(loaded),
                            false => ControlFlow::Continue(()),
                        }
                    }
                    Err(Unreadable::Newer) => {
                        opened.newer += 1;
                        self.newer.insert((kind, key.to_vec()));
                        ControlFlow::Continue(())
                    }
                    Err(Unreadable::Damaged) => {
                        opened.damaged += 1;
                        ControlFlow::Continue(())
                    }
                },
            )
        })?;
        Ok(opened)
    }

    /// Makes a file smaller that is larger than it may be, as after the limit was lowered.
    fn compact(&mut self) {
        let lately = self.compacted.is_some_and(|at| at.elapsed() < COMPACT_EVERY);
        if self.bytes() <= self.options.max_bytes || lately {
            return;
        }
        self.compacted = Some(Instant::now());
        if let Some(database) = &mut self.database {
            // It stays as large as it is, then.
            let _ = guarded(|| database.compact().map_err(redb::Error::from));
        }
    }
}

/// Whether a file is walked before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Walk,
    /// This process has just written it.
    Own,
}

/// Holds the file against other agents from before it is walked; redb does so only when it opens it. Who holds it already
/// goes on holding it.
pub(super) fn hold(file: &File, path: &Path) -> Result<(), Trouble> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Trouble::Held),
        // Who held it before has set it aside.
        _ if !place::is_at(file, path) => Err(Trouble::Held),
        // A file system may have no such locks: redb says what it thinks of that.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

pub(super) fn decode(kind: Kind, key: &[u8], value: &[u8]) -> Result<Loaded, Unreadable> {
    match kind {
        Kind::Endpoint => {
            read_endpoint(key, value).map(|(key, record)| Loaded::Endpoint(key, Box::new(record)))
        }
        Kind::Mapping => read_mapping(key, value).map(|(service, mapping)| Loaded::Mapping(service, mapping)),
        Kind::Paths => read_paths(key, value).map(|(owner, paths)| Loaded::Paths(owner, Box::new(paths))),
        Kind::Shapes => read_shapes(key, value).map(|(key, shapes)| Loaded::Shapes(key, Box::new(shapes))),
        // They are not read with the rest.
        Kind::Body => Err(Unreadable::Damaged),
    }
}
