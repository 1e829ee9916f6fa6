//! The frame, its link type, and the one trait of the project: where frames come from.

use std::io;
use std::time::Duration;

/// One frame as captured, borrowed from its source.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When it was captured, in nanoseconds since the Unix epoch.
    pub time: u64,
    /// What `bytes` begins with.
    pub link: LinkType,
    /// The bytes that were captured.
    pub bytes: &'a [u8],
    /// How long the frame was on the wire, in bytes; more than `bytes.len()` when the capture cut it.
    pub wire_len: u32,
    /// The interface: the kernel's index for live capture, the number inside the file for pcapng, else 0.
    pub interface: u32,
}

/// What a frame's bytes begin with. The numbers in parentheses are LINKTYPE values of the tcpdump group's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// An Ethernet header (1).
    Ethernet,
    /// A Linux cooked header, version 1 (113).
    LinuxCooked,
    /// A Linux cooked header, version 2 (276).
    LinuxCooked2,
    /// An IPv4 or IPv6 header, told apart by its version (101, and 12, 14, 228, 229).
    RawIp,
    /// BSD loopback: four bytes with an address family in the byte order of the capturing host (0).
    Null,
    /// OpenBSD loopback: the same in network byte order (108).
    Loop,
    /// No link header at all: the bytes begin with what this EtherType says (live capture with `SOCK_DGRAM`).
    EtherType(u16),
    /// A [`crate::SocketHeader`], with which the payload of a TCP segment follows (capture at sockets).
    Socket,
}

/// What one call of [`FrameSource::poll`] ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// This many frames were delivered, and there may be more at once.
    Frames(usize),
    /// Nothing came within the time.
    Idle,
    /// The source has ended (files only).
    End,
}

/// What a source knows about frames that it delivered or lost, counted since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames delivered.
    pub frames: u64,
    /// Frames that the kernel dropped because the ring was full.
    pub kernel_drops: u64,
    /// Frames that were not delivered because their link type is not among [`LinkType`] (files only).
    pub unsupported_link: u64,
}

/// Where frames come from: a ring, sockets, a file.
pub trait FrameSource {
    /// Waits up to `timeout` for frames and hands those that are there (a bounded batch) to `each`.
    ///
    /// # Errors
    /// The source cannot go on: an interface is gone, a file is damaged. What was delivered before stays valid.
    fn poll(&mut self, timeout: Duration, each: impl FnMut(Frame<'_>)) -> io::Result<Poll>;

    /// The counts so far.
    fn statistics(&mut self) -> Statistics;
}
