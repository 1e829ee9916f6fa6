//! From one frame to one TCP segment.
//!
//! Takes a [`Frame`] and returns a borrowed [`Segment`], or the reason ([`Skipped`]) why the frame is none. Peels off VLAN
//! tags and, where asked to, tunnels. Never allocates, does I/O, reads a clock or trusts a checksum, and depends on no other
//! crate: what a frame is, when ([`Timestamp`]) and where ([`Origin`]) it was captured is defined here.
//!
//! ```
//! use traffic_monitor_decode::{Flags, Frame, LinkType, Skipped, Timestamp, Tunnels, segment};
//!
//! // An IPv4 header, a TCP header with the flags PSH and ACK, and four bytes of payload.
//! let packet = [
//!     &[0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2][..],
//!     &[0x9c, 0x40, 0x1f, 0x90, 0, 0, 0, 1, 0, 0, 0, 9, 0x50, 0x18, 0, 0, 0, 0, 0, 0],
//!     b"GET ",
//! ]
//! .concat();
//! let frame = Frame {
//!     time: Timestamp::from_nanos(1_760_000_000_000_000_000),
//!     link: LinkType::RawIp,
//!     bytes: &packet,
//!     wire_len: 44,
//!     interface: 0,
//! };
//! let decoded = segment(&frame, Tunnels::Closed)?;
//! assert_eq!(decoded.destination, "10.0.0.2:8080".parse().unwrap());
//! assert_eq!((decoded.sequence, decoded.payload), (1, &b"GET "[..]));
//! assert!(decoded.flags.has(Flags::ACK));
//!
//! let cut = Frame { bytes: &packet[..30], ..frame };
//! assert_eq!(segment(&cut, Tunnels::Closed).unwrap_err(), Skipped::Truncated);
//! # Ok::<(), Skipped>(())
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod carried;
mod counters;
mod fragment;
mod frame;
mod ip;
mod layers;
mod link;
mod origin;
mod packet;
mod record;
mod segment;
mod socket;
mod socket_key;
mod taps;
mod tcp;
mod time;
mod tunnel;
mod wrapping;

pub use carried::{Carried, Unread};
pub use counters::Counters;
pub use fragment::{Fragment, FragmentedPacket, fragment};
pub use frame::{Frame, LinkType};
pub use layers::{Tunnels, segment};
pub use origin::Origin;
pub use record::{SOCKET_HEADER_BYTES, SocketHeader};
pub use segment::{Flags, Segment, Skipped, is_tunnelled};
pub use socket_key::SocketKey;
pub use time::Timestamp;
