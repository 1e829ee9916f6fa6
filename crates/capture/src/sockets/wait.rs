//! Waiting for the kernel's side, and what time it is there.
#![expect(unsafe_code, reason = "epoll and clock_gettime have no safe form")]

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::{Duration, SystemTime};

use decode::Timestamp;

/// Waits for the kernel's side to call, which it does when much waits, and not for each record: an ordinary poll would
/// return at once as long as there is one.
#[derive(Debug)]
pub(super) struct Call(OwnedFd);

impl Call {
    pub(super) fn of(ring: BorrowedFd<'_>) -> io::Result<Call> {
        // SAFETY: a plain call; the result is checked before it is owned.
        let epoll = match unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } {
            -1 => return Err(io::Error::last_os_error()),
            // SAFETY: a new descriptor that nothing else owns.
            epoll => unsafe { OwnedFd::from_raw_fd(epoll) },
        };
        // Only what is new, not what is there.
        let mut event = libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET) as u32, u64: 0 };
        // SAFETY: both descriptors are open, and the event lives during the call, which copies it.
        match unsafe {
            libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, ring.as_raw_fd(), &raw mut event)
        } {
            0 => Ok(Call(epoll)),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits until the kernel's side calls, or the time is over.
    pub(super) fn wait(&self, timeout: Duration) -> io::Result<()> {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        let milliseconds = i32::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        // SAFETY: there is room for the one event that is asked for.
        if unsafe { libc::epoll_wait(self.0.as_raw_fd(), &raw mut event, 1, milliseconds) } >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) }
    }
}

/// Returns when `CLOCK_MONOTONIC` was zero.
pub(super) fn epoch() -> Timestamp {
    // SAFETY: a struct of numbers, for which zero is valid.
    let mut now: libc::timespec = unsafe { zeroed() };
    // SAFETY: the struct lives during the call. It cannot fail with this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    let monotonic = now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).saturating_sub(monotonic))
}
