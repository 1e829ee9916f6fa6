//! Where frames come from.
//!
//! Takes: network interfaces (AF_PACKET), sockets of cgroups (eBPF) and capture files (pcap, pcapng, plain or gzip). Gives:
//! [`decode::Frame`]s, each borrowed from where the kernel or the file put it. Never: looks behind the link header, copies a frame without
//! need, uses an asynchronous runtime. All `unsafe` code of the project lives here.

mod file;
mod host;
mod mapping;
mod poll;
mod ring;
mod sockets;

pub use file::{CaptureFile, FileError, MAX_FRAME_BYTES};
pub use host::{enter_private_network, local_addresses};
pub use poll::{Poll, Statistics};
pub use ring::{BLOCK_BYTES, DEFAULT_RING_BYTES, OpenError, Ring, RingOptions};
pub use sockets::{
    Attached, Attacher, OwnedBy, SocketCounts, SocketError, SocketOptions, Sockets, Unwanted, open_sockets,
    open_sockets_by_address,
};
