//! Live capture: one AF_PACKET socket with a TPACKET_V3 ring (`Documentation/networking/packet_mmap.rst`).

mod block;
mod error;
mod filter;
mod interfaces;
mod options;
mod socket;

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use decode::Frame;

use crate::{Poll, Statistics};
use block::Blocks;
pub use error::OpenError;
use interfaces::Interfaces;
pub use options::{BLOCK_BYTES, DEFAULT_RING_BYTES, RingOptions};
use socket::PacketSocket;

/// The kernel needs one block to fill while another is read.
const MIN_BLOCKS: usize = 2;
/// The longest ring: what one 32-bit counter of blocks and one machine can sensibly hold.
const MAX_BLOCKS: usize = 4096;
/// After this many milliseconds, or up to twice as many, the kernel hands a block over even when it is not full: the delay
/// of quiet times. So many for each block is the shortest stall that costs frames then.
const RETIRE_MILLISECONDS: u32 = 80;

/// An open ring. The kernel passes TCP packets of the chosen interfaces only, and on loopback only the incoming one
/// of the two sightings of a packet.
#[derive(Debug)]
pub struct Ring {
    // Before the socket: fields are dropped in this order.
    blocks: Blocks,
    socket: PacketSocket,
    interfaces: Interfaces,
    statistics: Statistics,
}

impl Ring {
    /// Opens the ring; frames are captured from now on.
    ///
    /// An interface that is named and does not exist (yet) is captured as soon as it appears, see
    /// [`Ring::missing_interfaces`]; but at least one of those named must exist.
    ///
    /// # Errors
    /// [`OpenError`]: the capability `CAP_NET_RAW` is missing, a name is none, there is no memory.
    pub fn open(options: &RingOptions) -> Result<Ring, OpenError> {
        let mut interfaces = Interfaces::open(options)?;
        let socket = PacketSocket::open()?;
        interfaces.refresh(&socket)?;
        if interfaces.none_exists() {
            return Err(OpenError::NoSuchInterface {
                names: interfaces.missing(),
                existing: socket::names(),
            });
        }
        let blocks = (options.ring_bytes / BLOCK_BYTES).clamp(MIN_BLOCKS, MAX_BLOCKS);
        let no_ring = |source| OpenError::Ring { bytes: blocks * BLOCK_BYTES, source };
        socket.make_ring(BLOCK_BYTES, blocks, RETIRE_MILLISECONDS).map_err(no_ring)?;
        let blocks = Blocks::map(socket.as_fd(), blocks).map_err(no_ring)?;
        // The last step: nothing was received before, so nothing came in unfiltered.
        socket.bind_to_all()?;
        Ok(Ring { blocks, socket, interfaces, statistics: Statistics::default() })
    }

    /// Returns the numbers of the interfaces that receive copies of other machines' traffic, as they are now.
    #[must_use]
    pub fn mirrors(&self) -> Vec<u32> {
        self.interfaces.mirrors()
    }

    /// Returns the names that were asked for and do not exist at the moment.
    #[must_use]
    pub fn missing_interfaces(&self) -> Vec<String> {
        self.interfaces.missing()
    }

    /// Waits up to `timeout` for a block of frames and hands them to `each`.
    ///
    /// # Errors
    /// The socket cannot go on, or the kernel refuses the filter for interfaces that changed.
    pub fn poll(&mut self, timeout: Duration, mut each: impl FnMut(Frame<'_>)) -> io::Result<Poll> {
        if !self.blocks.is_ready() {
            socket::wait(&self.socket, self.interfaces.changes(), timeout)?;
        }
        if self.interfaces.have_changed() {
            self.interfaces.refresh(&self.socket)?;
        }
        let Some(block) = self.blocks.ready() else { return Ok(Poll::Idle) };
        let mut delivered = 0;
        for frame in block.frames() {
            each(frame);
            delivered += 1;
        }
        block.give_back();
        self.statistics.frames += delivered as u64;
        Ok(Poll::Frames(delivered))
    }

    /// Returns the counts so far. It asks the kernel for its drops, which is one system call.
    pub fn statistics(&mut self) -> Statistics {
        self.statistics.kernel_drops += self.socket.drops_since_asked();
        self.statistics
    }
}
