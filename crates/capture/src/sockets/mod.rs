//! Capture at sockets: the packets of the sockets of chosen cgroups (or addresses), as programs in the kernel see them (`bpf/`).
//!
//! Whatever the network does outside, each packet is seen once at each socket, after tunnels and encryption between nodes,
//! loopback included. The kernel's side hands packets over in the order in which they passed, with the socket's own
//! addresses, and lets every packet pass.

mod attach;
mod counts;
mod early;
mod error;
mod load;
mod owners;
mod targets;
mod verdict;
mod wait;

use std::io;
use std::time::Duration;

use aya::maps::{MapData, RingBuf};
use decode::{Frame, LinkType, SOCKET_HEADER_BYTES, SocketHeader, Timestamp};

use crate::{Poll, Statistics};
pub use attach::{Attached, Attacher};
use counts::Counts;
pub use counts::SocketCounts;
use early::Early;
pub use error::SocketError;
pub use load::{SocketOptions, open_sockets, open_sockets_by_address};
pub use owners::OwnedBy;
pub use verdict::Unwanted;
use verdict::Verdicts;
use wait::Call;

/// How often the ring is looked at although the kernel's side does not call: the delay of quiet times.
const LOOK: Duration = Duration::from_millis(40);
/// The most records of one poll, so that the caller gets to its other work.
const BATCH: usize = 4096;

/// The packets of the sockets that the [`Attacher`] chooses.
pub struct Sockets {
    ring: RingBuf<MapData>,
    call: Call,
    verdicts: Verdicts,
    counts: Counts,
    early: Early,
    delivered: u64,
}

impl Sockets {
    /// Tells the kernel that nothing more of this socket is wanted.
    pub fn refuse(&mut self, cookie: u64, why: Unwanted) {
        self.verdicts.refuse(cookie, why);
    }

    /// Tells the kernel that what this socket sends (`outgoing`) or receives is not wanted before this sequence number: such
    /// packets are then delivered without their payload.
    pub fn skip(&mut self, cookie: u64, outgoing: bool, to: u32) {
        self.verdicts.skip(cookie, outgoing, to);
    }

    /// Returns what the kernel's side has counted.
    #[must_use]
    pub fn counts(&self) -> SocketCounts {
        self.counts.read()
    }

    /// Waits up to `timeout` for records and hands those that are there (a bounded batch) to `each` as frames. The first
    /// packet of a connection comes after the two of its handshake, which are made here: at the time they passed, the
    /// socket was not there yet.
    ///
    /// # Errors
    /// The kernel's side cannot be waited for.
    pub fn poll(&mut self, timeout: Duration, mut each: impl FnMut(Frame<'_>)) -> io::Result<Poll> {
        let epoch = wait::epoch();
        let mut count = 0;
        while count < BATCH
            && let Some(bytes) = self.ring.next()
        {
            // Anything else would be a defect of ours; flow would find a gap.
            let Some((header, payload)) = SocketHeader::read(&bytes) else { continue };
            let time = epoch + Duration::from_nanos(header.time);
            if header.cookie == 0 {
                self.early.keep(header, payload);
                continue;
            }
            if let Some((early, payload)) = self.early.take(&header) {
                let time = epoch + Duration::from_nanos(early.time);
                for part in early.handshake_of_early_data() {
                    each(frame(time, &part.write()));
                }
                each(frame(time, &[&early.write()[..], &payload].concat()));
                count += 3;
            }
            for part in header.handshake().into_iter().flatten() {
                each(frame(time, &part.write()));
                count += 1;
            }
            let len = SOCKET_HEADER_BYTES + payload.len();
            each(frame(time, bytes.get(..len).unwrap_or_default()));
            count += 1;
        }
        self.delivered += count as u64;
        if count == 0 {
            self.call.wait(timeout.min(LOOK))?;
            return Ok(Poll::Idle);
        }
        Ok(Poll::Frames(count))
    }

    /// Returns the counts so far.
    pub fn statistics(&mut self) -> Statistics {
        Statistics { frames: self.delivered, kernel_drops: self.counts.read().lost, ..Statistics::default() }
    }
}

fn frame(time: Timestamp, bytes: &[u8]) -> Frame<'_> {
    Frame { time, link: LinkType::Socket, bytes, wire_len: bytes.len() as u32, interface: 0 }
}
