//! The file under the database, which may grow up to a limit and no further.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::ops::Bound;

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// What is said when the limit is reached.
pub(super) const FULL: &str = "the store has the size that it may have (storeMiB)";

/// [`FileBackend`] with a limit.
#[derive(Debug)]
pub(super) struct Bounded {
    file: FileBackend,
    max_bytes: u64,
}

impl Bounded {
    pub(super) fn new(file: File, max_bytes: u64) -> Result<Self, redb::Error> {
        Ok(Bounded { file: FileBackend::new(file)?, max_bytes })
    }
}

impl StorageBackend for Bounded {
    /// A file that is longer already, as after the limit was lowered, may stay as it is.
    fn set_len(&self, len: u64) -> Result<(), Error> {
        if len > self.max_bytes && len > self.file.len()? {
            return Err(Error::new(ErrorKind::QuotaExceeded, FULL));
        }
        self.file.set_len(len)
    }

    fn len(&self) -> Result<u64, Error> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.file.read(offset, out)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.file.write(offset, data)
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.file.sync_data()
    }

    fn close(&self) -> Result<(), Error> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
