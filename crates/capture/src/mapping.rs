//! Memory mapped from the kernel: a packet ring, or a file.
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
    /// Maps the ring of a packet socket for reading and for giving blocks back.
    ///
    /// # Errors
    /// What `mmap(2)` says.
    pub(crate) fn of_ring(socket: BorrowedFd<'_>, len: usize) -> io::Result<Mapping> {
        Mapping::new(socket, len, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED)
    }

    /// Maps the beginning of a file for reading.
    ///
    /// # Errors
    /// What `mmap(2)` says.
    pub(crate) fn of_file(file: BorrowedFd<'_>, len: usize) -> io::Result<Mapping> {
        Mapping::new(file, len, libc::PROT_READ, libc::MAP_PRIVATE)
    }

    fn new(of: BorrowedFd<'_>, len: usize, protection: i32, flags: i32) -> io::Result<Mapping> {
        // SAFETY: a new mapping at an address that the kernel chooses touches no memory of ours.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, of.as_raw_fd(), 0) };
        match NonNull::new(start.cast()) {
            Some(start) if start.as_ptr() as isize != -1 => Ok(Mapping { start, len }),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Returns its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns where the mapping begins.
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
