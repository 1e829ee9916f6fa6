//! Memory mapped from the kernel: a window of a file, or a packet ring.
#![expect(unsafe_code, reason = "mmap and munmap have no safe form")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{self, NonNull};

/// A mapping that is undone when dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping belongs to this value alone and is not bound to the thread that made it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps `len` bytes of a file, to be read once and in order. `offset` must be a multiple of the page size.
    ///
    /// The file may be made shorter by somebody else while it is mapped; reading a page that is gone then ends the
    /// process with SIGBUS. Callers ask for the file's length just before, which leaves only files that shrink while
    /// they are read.
    ///
    /// # Errors
    /// What `mmap(2)` says, `ENODEV` above all: not every file system can map.
    pub(crate) fn of_file(file: BorrowedFd<'_>, offset: u64, len: usize) -> io::Result<Mapping> {
        let mapping = Mapping::new(file, offset, len, libc::PROT_READ, libc::MAP_PRIVATE)?;
        // SAFETY: the range is the one just mapped. It is advice: a refusal changes nothing.
        unsafe { libc::madvise(mapping.start.as_ptr().cast(), len, libc::MADV_SEQUENTIAL) };
        Ok(mapping)
    }

    /// Maps the ring of a packet socket for reading and for giving blocks back.
    ///
    /// # Errors
    /// What `mmap(2)` says.
    pub(crate) fn of_ring(socket: BorrowedFd<'_>, len: usize) -> io::Result<Mapping> {
        Mapping::new(socket, 0, len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED)
    }

    fn new(
        file: BorrowedFd<'_>,
        offset: u64,
        len: usize,
        protection: i32,
        flags: i32,
    ) -> io::Result<Mapping> {
        let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
        // SAFETY: a new mapping at an address that the kernel chooses touches no memory of ours.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, file.as_raw_fd(), offset) };
        match NonNull::new(start.cast()) {
            Some(start) if start.as_ptr() as isize != -1 => Ok(Mapping { start, len }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The mapped bytes. Only for files: a ring changes under its reader.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `start` and `len` are those of a mapping that lives as long as `self`; nobody here writes to it.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// How long the mapping is, in bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Where the mapping begins.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `new`, and every borrow of it has ended.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
    }
}
