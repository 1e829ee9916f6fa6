//! Where frames come from.
//!
//! Reads network interfaces ([`Ring`], AF_PACKET), sockets of cgroups ([`Sockets`], eBPF) and capture files
//! ([`CaptureFile`]: pcap and pcapng, plain or in gzip or zstd), and hands out [`decode::Frame`]s, each borrowed from where the kernel or
//! the file put it. Never looks behind the link header, copies a frame without need or uses an asynchronous runtime. All
//! `unsafe` code of the project lives here.
//!
//! ```
//! use std::path::Path;
//! use traffic_monitor_capture::{CaptureFile, Poll};
//!
//! // A pcap file of raw IP packets (link type 101) with one record of four bytes.
//! let mut file: Vec<u8> = Vec::new();
//! for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101, 1_760_000_000, 5, 4, 1500] {
//!     file.extend(word.to_le_bytes());
//! }
//! file.extend([0x45, 0, 0, 40]);
//!
//! let mut file = CaptureFile::from_reader(Path::new("example"), std::io::Cursor::new(file))?;
//! let mut times = Vec::new();
//! while file.poll(|frame| times.push((frame.time.as_nanos(), frame.bytes.len(), frame.wire_len)))? != Poll::End {}
//! assert_eq!(times, [(1_760_000_000_000_005_000, 4, 1500)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod file;
mod host;
mod mapping;
mod own;
mod poll;
mod ring;
mod secrets;
mod sockets;

pub use file::{CaptureFile, FileError, Item, MAX_FRAME_BYTES};
pub use host::{enter_private_network, local_addresses};
pub use own::own_connections;
pub use poll::{Poll, Statistics};
pub use ring::{BLOCK_BYTES, DEFAULT_RING_BYTES, OpenError, Ring, RingOptions};
pub use secrets::{
    Call, FileBytes, MOST_POINTS, Mapping, Monitored, Point, Probes, SecretCounts, SecretRing, SecretTallies,
    SecretsError, SharedMaps, Taken,
};
pub use sockets::{
    Attached, Attacher, OwnedBy, SocketCounts, SocketError, SocketOptions, Sockets, Unwanted, open_sockets,
    open_sockets_by_address,
};
