//! What is asked of redb, and what its answers mean.
//!
//! There are five tables of one form, endpoints, learned mappings, paths, bodies and shapes, and a small one with the version of the form.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{
    Builder, Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, StorageBackend, TableDefinition, TableError,
};

use crate::bounded::{Bounded, FULL};
use crate::changes::{Changes, Kind};
use crate::trouble::Trouble;

/// The version of the form of the whole file. Higher ones are refused.
pub(super) const FORMAT: u64 = 1;
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// The number of the transaction, in [`META`] beside how many values each table has: after damage that says what is lost.
pub(super) const COMMITS: &str = "commits";

/// redb's cache. All is in memory already: it serves only to write (redb's own default is 1 GiB).
const CACHE_BYTES: usize = 4 << 20;

impl Kind {
    /// Returns the name of its table, under which [`META`] also says how many values it has.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Endpoint => "endpoints",
            // Files from before mappings were learned have no such table,
            Kind::Mapping => "mappings",
            // those from before bodies stood beside their endpoints not this one,
            Kind::Body => "bodies",
            // those from before paths were judged by position not this one,
            Kind::Paths => "paths",
            // and those from before shapes were learned not this one.
            Kind::Shapes => "shapes",
        }
    }

    /// Returns its table.
    pub(super) fn table(self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name())
    }
}

/// Whether redb looks at every page of the file when it opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Whole,
    Nothing,
}

/// Opens the database in this file, which may grow up to `max_bytes`. Tells whether the file was begun by this.
pub(super) fn open(file: File, max_bytes: u64, check: Check) -> Result<(Database, bool), Trouble> {
    open_on(guarded(|| Bounded::new(file, max_bytes))?, check)
}

/// The same on whatever keeps bytes.
pub(super) fn open_on(backend: impl StorageBackend, check: Check) -> Result<(Database, bool), Trouble> {
    let database = guarded(|| {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(check == Check::Whole);
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
    match database.begin_read()?.open_table(META) {
        Ok(table) => {
            if let Some(found) = table.get("format")? {
                return Ok(Some(found.value()));
            }
        }
        Err(TableError::TableDoesNotExist(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert("format", FORMAT)?;
    for kind in Kind::ALL {
        transaction.open_table(kind.table())?;
    }
    transaction.commit()?;
    Ok(None)
}

/// Gives every value of these kinds with its kind and key to `each`, until that has enough.
pub(super) fn read(
    database: &impl ReadableDatabase,
    kinds: &[Kind],
    each: &mut impl FnMut(Kind, &[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), redb::Error> {
    let transaction = database.begin_read()?;
    for kind in kinds.iter().copied() {
        let Some(table) = table(&transaction, kind)? else { continue };
        for entry in table.iter()? {
            let (key, value) = entry?;
            if each(kind, key.value(), value.value()).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A table of values as it is read.
pub(super) type Values = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// The table of a kind, if the file has it.
pub(super) fn table(transaction: &ReadTransaction, kind: Kind) -> Result<Option<Values>, redb::Error> {
    match transaction.open_table(kind.table()) {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        table => Ok(Some(table?)),
    }
}

/// The value under a key, if there is one.
pub(super) fn get(
    database: &impl ReadableDatabase,
    kind: Kind,
    key: &[u8],
) -> Result<Option<Vec<u8>>, redb::Error> {
    let Some(table) = table(&database.begin_read()?, kind)? else { return Ok(None) };
    Ok(table.get(key)?.map(|value| value.value().to_vec()))
}

/// Makes these changes in one transaction, but for those that `keep` holds back. It is on disk when this returns. Where a
/// record of an earlier version has the body in it, the changes of [`Kind::Body`] must say what becomes of that.
pub(super) fn write(
    database: &Database,
    changes: &Changes,
    keep: impl Fn(Kind, &[u8]) -> bool,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    let mut meta = transaction.open_table(META)?;
    let number = meta.get(COMMITS)?.map_or(0, |number| number.value());
    meta.insert(COMMITS, number.wrapping_add(1))?;
    for kind in Kind::ALL {
        let changes = changes.of(kind);
        let mut table = transaction.open_table(kind.table())?;
        // In the order of their keys, so that pages are filled and written once.
        for (key, value) in changes.iter().filter(|(key, _)| !keep(kind, key)) {
            match value {
                Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                None => drop(table.remove(key.as_slice())?),
            }
        }
        meta.insert(kind.name(), table.len()?)?;
    }
    drop(meta);
    transaction.commit()?;
    Ok(())
}

/// Closes a database, which writes: that may fail, and panic.
pub(super) fn close(database: Database) -> Result<(), Trouble> {
    guarded(|| Ok(database.close()?))
}

/// Calls into redb, which may panic on a file that is damaged, or that something else has changed.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, Trouble> {
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
        redb::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.to_string() == FULL) => {
            Trouble::Away(FULL.into())
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
