//! The inventory on disk: one file of redb, an embedded transactional database.
//!
//! There is one table, from the key of an endpoint to everything that is known about it: what was learned, and how far
//! its push has come. Inventory and outbox are one record, so they change in one transaction by construction: after a
//! crash either both show a change or neither does. A commit is on disk when it returns (one fsync).
//!
//! A store is never a reason to stop. When the disk is full, read-only or in use, the store is *away*: the inventory
//! goes on in memory, says so, and the file is tried again every [`RETRY`]. A file that is damaged is set aside, and a
//! new one is begun. A file that a later version wrote, or that is not plainly ours, is *refused*: it stays untouched.

mod place;
pub(crate) mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition, TableError};

use crate::settings::nanos;

/// The version of the form of the whole file. Higher ones are refused.
const FORMAT: u64 = 1;
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const ENDPOINTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("endpoints");
/// Learned mappings. Files from before they were kept have no such table.
const MAPPINGS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("mappings");

/// redb's cache. All is in memory already: it serves only to write (redb's own default is 1 GiB).
const CACHE_BYTES: usize = 4 << 20;
/// So long a store stays away before its file is tried again.
pub(crate) const RETRY: Duration = Duration::from_secs(30);
/// So often it is looked whether another process has let go of the file.
const LOCK_POLL: Duration = Duration::from_millis(100);

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

/// Why the store could not be read or written, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

/// What a record is about; each kind has a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Endpoint,
    Mapping,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::Endpoint, Kind::Mapping];

    fn table(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        match self {
            Kind::Endpoint => ENDPOINTS,
            Kind::Mapping => MAPPINGS,
        }
    }
}

/// What one transaction changes: values by their keys; a key without a value is removed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) endpoints: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(crate) mappings: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Changes {
    fn of(&self, kind: Kind) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        match kind {
            Kind::Endpoint => &self.endpoints,
            Kind::Mapping => &self.mappings,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.mappings.is_empty()
    }
}

/// The inventory on disk.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
    /// Whether its file was begun since that was last asked.
    begun: bool,
    /// What a person should be told once.
    warnings: Vec<String>,
}

#[derive(Debug)]
enum Connection {
    Open(Box<Database>),
    Away { reason: String, retry_at: u64 },
    Refused(String),
}

/// Why the file could not be opened.
#[derive(Debug)]
enum Trouble {
    Held,
    Damaged(String),
    Away(String),
    Refused(String),
}

impl Store {
    /// Opens the store in this folder, which is made if it is not there. Another process that holds it is waited for
    /// this long. Never fails: see [`Self::status`].
    #[must_use]
    pub fn open(dir: &Path, wait: Duration) -> Store {
        let path = dir.join(place::FILE);
        let mut store =
            Store { path, connection: away(String::new(), 0), begun: false, warnings: Vec::new() };
        let until = Instant::now() + wait;
        while let Err(Trouble::Held) = store.connect(0) {
            if Instant::now() >= until {
                break;
            }
            std::thread::sleep(LOCK_POLL);
        }
        store
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> StoreStatus {
        match &self.connection {
            Connection::Open(_) => StoreStatus::Open,
            Connection::Away { reason, .. } => StoreStatus::Away(reason.clone()),
            Connection::Refused(reason) => StoreStatus::Refused(reason.clone()),
        }
    }

    /// The size of its file in bytes, if there is one.
    #[must_use]
    pub fn file_bytes(&self) -> Option<u64> {
        Some(std::fs::metadata(&self.path).ok()?.len())
    }

    /// What a person should be told once, such as that a damaged file was set aside.
    pub(crate) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Whether its file was begun since this was last asked, so that all is to be written.
    pub(crate) fn take_begun(&mut self) -> bool {
        std::mem::take(&mut self.begun)
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.connection, Connection::Open(_))
    }

    /// Tries the file again when it is time. Returns whether the store was opened by this.
    pub(crate) fn reconnect(&mut self, now: u64) -> bool {
        match self.connection {
            Connection::Away { retry_at, .. } if now >= retry_at => self.connect(now).is_ok(),
            _ => false,
        }
    }

    /// Gives every stored pair of key and value to `each`, with the kind of its record. A file that turns out to be damaged is set aside, and a new
    /// one is begun.
    pub(crate) fn read(
        &mut self,
        now: u64,
        mut each: impl FnMut(Kind, &[u8], &[u8]),
    ) -> Result<(), StoreError> {
        let Connection::Open(database) = &self.connection else { return Ok(()) };
        match guarded(|| read(database, &mut each)) {
            Ok(()) => Ok(()),
            Err(Trouble::Damaged(reason)) => {
                self.connection = away(reason.clone(), now);
                self.begin_anew(&reason)?;
                self.connect(now).map_err(|_| StoreError(reason))
            }
            Err(trouble) => Err(self.lose(&trouble, now)),
        }
    }

    /// Makes these changes in one transaction, which is on disk when this returns.
    pub(crate) fn commit(&mut self, now: u64, changes: &Changes) -> Result<(), StoreError> {
        let Connection::Open(database) = &self.connection else {
            return Err(StoreError("the store is not open".into()));
        };
        guarded(|| write(database, changes)).map_err(|trouble| self.lose(&trouble, now))
    }

    /// Closes the file as after a failure, to be tried again at once.
    #[cfg(test)]
    pub(crate) fn lose_for_test(&mut self) {
        self.connection = away(String::new(), 0);
    }

    /// Opens the file; one that is damaged is set aside first.
    fn connect(&mut self, now: u64) -> Result<(), Trouble> {
        let opened = match connect(&self.path) {
            Err(Trouble::Damaged(reason)) => match self.begin_anew(&reason) {
                Ok(()) => connect(&self.path),
                Err(error) => Err(Trouble::Away(error.0)),
            },
            opened => opened,
        };
        match opened {
            Ok((database, begun)) => {
                self.begun |= begun;
                self.connection = Connection::Open(Box::new(database));
                Ok(())
            }
            Err(trouble) => {
                let held = matches!(trouble, Trouble::Held);
                let StoreError(reason) = self.lose(&trouble, now);
                Err(if held { Trouble::Held } else { Trouble::Away(reason) })
            }
        }
    }

    fn begin_anew(&mut self, reason: &str) -> Result<(), StoreError> {
        match place::set_aside(&self.path) {
            Ok(name) => {
                let name = name.display();
                self.warnings.push(format!("the store was damaged ({reason}); it was set aside as {name}"));
                Ok(())
            }
            Err(trouble) => Err(StoreError(trouble.to_string())),
        }
    }

    /// Closes the file after a failure. The inventory goes on in memory.
    fn lose(&mut self, trouble: &Trouble, now: u64) -> StoreError {
        let reason = trouble.to_string();
        let lost = match trouble {
            Trouble::Refused(_) => Connection::Refused(reason.clone()),
            _ => away(reason.clone(), now.saturating_add(nanos(RETRY))),
        };
        let before = std::mem::replace(&mut self.connection, lost);
        // Closing writes, and what failed before may panic now. There is nothing left to save.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(before)));
        StoreError(reason)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Held => f.write_str("the store is in use by another process"),
            Trouble::Damaged(reason) | Trouble::Away(reason) | Trouble::Refused(reason) => {
                f.write_str(reason)
            }
        }
    }
}

fn away(reason: String, retry_at: u64) -> Connection {
    Connection::Away { reason, retry_at }
}

/// Folder and file, checked, and the database in it, checked as a whole. Tells whether the file was begun by this.
fn connect(path: &Path) -> Result<(Database, bool), Trouble> {
    if let Some(dir) = path.parent() {
        place::folder(dir)?;
    }
    let file = place::file(path)?;
    let database = guarded(|| {
        let backend = FileBackend::new(file)?;
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
        Ok(builder.create_with_backend(backend)?)
    })?;
    match guarded(|| format(&database))? {
        None => Ok((database, true)),
        Some(format) if format <= FORMAT => Ok((database, false)),
        Some(format) => Err(Trouble::Refused(format!(
            "the store has format {format}, this version knows {FORMAT}: a later version of the monitor wrote it"
        ))),
    }
}

/// Reads the version of the form. Writes it, and makes the tables, where there is none since the file is new.
fn format(database: &Database) -> Result<Option<u64>, redb::Error> {
    let transaction = database.begin_write()?;
    let found = transaction.open_table(META)?.get("format")?.map(|value| value.value());
    if found.is_some() {
        transaction.abort()?;
        return Ok(found);
    }
    transaction.open_table(META)?.insert("format", FORMAT)?;
    transaction.open_table(ENDPOINTS)?;
    transaction.commit()?;
    Ok(None)
}

fn read(database: &Database, each: &mut impl FnMut(Kind, &[u8], &[u8])) -> Result<(), redb::Error> {
    let transaction = database.begin_read()?;
    for kind in Kind::ALL {
        let table = match transaction.open_table(kind.table()) {
            Err(TableError::TableDoesNotExist(_)) => continue,
            table => table?,
        };
        for entry in table.iter()? {
            let (key, value) = entry?;
            each(kind, key.value(), value.value());
        }
    }
    Ok(())
}

fn write(database: &Database, changes: &Changes) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    for kind in Kind::ALL {
        let changes = changes.of(kind);
        if changes.is_empty() {
            continue;
        }
        let mut table = transaction.open_table(kind.table())?;
        // In the order of their keys, so that pages are filled and written once.
        for (key, value) in changes {
            match value {
                Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                None => drop(table.remove(key.as_slice())?),
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Calls into redb, which may panic on a file that something else has changed.
fn guarded<T>(call: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, Trouble> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(trouble),
        Err(_) => Err(Trouble::Damaged("reading it failed in an unforeseen way".into())),
    }
}

fn trouble(error: redb::Error) -> Trouble {
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Trouble::Held,
        redb::Error::Corrupted(reason) if reason.starts_with("Expected file format version") => {
            Trouble::Refused(format!("the store's file is of a later form: {reason}"))
        }
        redb::Error::Io(error)
            if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) =>
        {
            Trouble::Damaged(error.to_string())
        }
        redb::Error::Io(error) => Trouble::Away(format!("the store's file: {error}")),
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => Trouble::Away(error.to_string()),
        other => Trouble::Damaged(other.to_string()),
    }
}
