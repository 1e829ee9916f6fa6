//! The blocks of the ring, as the kernel lays them out (`linux/if_packet.h`, `tpacket_block_desc`).
#![expect(unsafe_code, reason = "the ring is memory that the kernel writes")]

use std::io;
use std::mem::{offset_of, size_of};
use std::os::fd::BorrowedFd;
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use decode::{Frame, LinkType, Timestamp};
use libc::{sockaddr_ll, tpacket_block_desc, tpacket_hdr_v1, tpacket3_hdr};

use super::BLOCK_BYTES;
use crate::mapping::Mapping;

/// Where the block's header begins, and where its status stands: `tpacket_hdr_v1` begins with it.
const HEADER: usize = offset_of!(tpacket_block_desc, hdr);
const STATUS: usize = HEADER + offset_of!(tpacket_hdr_v1, block_status);
/// The sender's address follows the frame's header, aligned to `TPACKET_ALIGNMENT`.
const ADDRESS: usize = size_of::<tpacket3_hdr>().next_multiple_of(libc::TPACKET_ALIGNMENT);

/// All blocks. The kernel fills them one after the other, in a circle. Each belongs to the kernel until it hands it over,
/// and then to us until it is given back.
#[derive(Debug)]
pub(super) struct Blocks {
    /// `count` times [`BLOCK_BYTES`] long.
    mapping: Mapping,
    count: usize,
    /// The one that the kernel hands over next; below `count`.
    current: usize,
}

impl Blocks {
    /// Maps the ring of a packet socket, which has `count` blocks of [`BLOCK_BYTES`].
    ///
    /// # Errors
    /// Those of `mmap(2)`.
    pub(super) fn map(socket: BorrowedFd<'_>, count: usize) -> io::Result<Blocks> {
        let mapping = Mapping::of_ring(socket, count * BLOCK_BYTES)?;
        Ok(Blocks { mapping, count, current: 0 })
    }

    /// Returns the next block, if the kernel has handed it over. There is one at a time.
    pub(super) fn ready(&mut self) -> Option<ReadyBlock<'_>> {
        if self.is_ready() { Some(ReadyBlock { blocks: self }) } else { None }
    }

    /// Returns whether the kernel has handed the next block over.
    pub(super) fn is_ready(&self) -> bool {
        self.status().load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    fn start(&self) -> *mut u8 {
        self.mapping.start().wrapping_add(self.current * BLOCK_BYTES)
    }

    fn status(&self) -> &AtomicU32 {
        // SAFETY: the current block lies in the mapping, which lives as long as `self`. The offset is inside of the block
        // and aligned, and this word is only ever reached as an atomic.
        unsafe { AtomicU32::from_ptr(self.start().add(STATUS).cast()) }
    }
}

/// A block that the kernel has handed over: the kernel does not write to it until it is given back, which takes this value.
pub(super) struct ReadyBlock<'a> {
    blocks: &'a mut Blocks,
}

impl ReadyBlock<'_> {
    /// Returns the frames of the block.
    pub(super) fn frames(&self) -> Frames<'_> {
        let start = self.blocks.start();
        // SAFETY: the block is ours, and its header lies at its beginning.
        let header = unsafe { start.add(HEADER).cast::<tpacket_hdr_v1>().read() };
        // SAFETY: the block is ours as long as `self` is borrowed, for `give_back` takes it; and it lies in the mapping.
        let bytes = unsafe { slice::from_raw_parts(start, BLOCK_BYTES) };
        Frames { bytes, next: header.offset_to_first_pkt as usize, left: header.num_pkts }
    }

    /// Hands the block back to the kernel.
    pub(super) fn give_back(self) {
        self.blocks.status().store(libc::TP_STATUS_KERNEL, Ordering::Release);
        self.blocks.current = (self.blocks.current + 1) % self.blocks.count;
    }
}

/// The frames of a block, one after the other.
pub(super) struct Frames<'a> {
    bytes: &'a [u8],
    next: usize,
    left: u32,
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    #[inline]
    fn next(&mut self) -> Option<Frame<'a>> {
        self.left = self.left.checked_sub(1)?;
        let record = self.bytes.get(self.next..)?;
        let header: tpacket3_hdr = read(record)?;
        let address: sockaddr_ll = read(record.get(ADDRESS..)?)?;
        // With SOCK_DGRAM the bytes begin at the network header.
        let start = usize::from(header.tp_net);
        let bytes = record.get(start..start + header.tp_snaplen as usize)?;
        self.next += header.tp_next_offset as usize;
        let nanos = u64::from(header.tp_sec) * 1_000_000_000 + u64::from(header.tp_nsec);
        Some(Frame {
            time: Timestamp::from_nanos(nanos),
            link: LinkType::EtherType(u16::from_be(address.sll_protocol)),
            bytes,
            wire_len: header.tp_len,
            interface: address.sll_ifindex.cast_unsigned(),
        })
    }
}

/// Types of the kernel that are numbers only, so that any bytes make a value.
trait PlainNumbers: Copy {}
impl PlainNumbers for tpacket3_hdr {}
impl PlainNumbers for sockaddr_ll {}

/// Reads a value at the beginning of `bytes`.
#[inline]
fn read<T: PlainNumbers>(bytes: &[u8]) -> Option<T> {
    let bytes = bytes.get(..size_of::<T>())?;
    // SAFETY: there are enough bytes, no alignment is needed, and any bytes are a valid value.
    Some(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}
