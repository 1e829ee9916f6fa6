//! One frame to one TCP segment.
//!
//! Takes: a [`capture::Frame`]. Gives: a borrowed [`Segment`], or the reason ([`Skipped`]) why the frame is none.
//! Peels VLAN tags, and tunnels where asked to. Never: allocates, does I/O, reads a clock, judges by a checksum.

mod segment;

pub use segment::{Flags, Segment, Skipped};
