//! One block of the ring, as the kernel lays it out (`linux/if_packet.h`, `tpacket_block_desc`).
#![expect(unsafe_code, reason = "the ring is memory that the kernel writes")]

use std::marker::PhantomData;
use std::mem::{offset_of, size_of};
use std::slice;
use std::sync::atomic::{AtomicU32, Ordering};

use decode::{Frame, LinkType, Timestamp};
use libc::{sockaddr_ll, tpacket_block_desc, tpacket_hdr_v1, tpacket3_hdr};

use crate::mapping::Mapping;

/// Where the block's header begins, and where its status stands: `tpacket_hdr_v1` begins with it.
const HEADER: usize = offset_of!(tpacket_block_desc, hdr);
const STATUS: usize = HEADER + offset_of!(tpacket_hdr_v1, block_status);
/// The sender's address follows the frame's header, aligned to `TPACKET_ALIGNMENT`.
const ADDRESS: usize = size_of::<tpacket3_hdr>().next_multiple_of(libc::TPACKET_ALIGNMENT);

/// A block, which belongs to the kernel until it is ready, and then to us until it is given back.
pub(super) struct Block<'a> {
    start: *mut u8,
    len: usize,
    ring: PhantomData<&'a Mapping>,
}

impl<'a> Block<'a> {
    /// The block of `len` bytes at `offset`, which must lie inside of the ring.
    pub(super) fn new(ring: &'a Mapping, offset: usize, len: usize) -> Block<'a> {
        debug_assert!(offset + len <= ring.len());
        Block { start: ring.start().wrapping_add(offset), len, ring: PhantomData }
    }

    fn status(&self) -> &AtomicU32 {
        // SAFETY: the mapping lives as long as `'a`, the offset is inside of the block and aligned, and this word is
        // only ever reached as an atomic.
        unsafe { AtomicU32::from_ptr(self.start.add(STATUS).cast()) }
    }

    /// Whether the kernel has handed the block over.
    pub(super) fn is_ready(&self) -> bool {
        self.status().load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    /// The frames of a block that is ready.
    pub(super) fn frames(&self) -> Frames<'_> {
        // SAFETY: the block is ready, so the kernel does not write to it; its header lies at its beginning.
        let header = unsafe { self.start.add(HEADER).cast::<tpacket_hdr_v1>().read() };
        // SAFETY: as above; the slice lives as long as the borrow of `self`, and `give_back` takes `self`.
        let bytes = unsafe { slice::from_raw_parts(self.start, self.len) };
        Frames { bytes, next: header.offset_to_first_pkt as usize, left: header.num_pkts }
    }

    /// Hands the block back to the kernel.
    pub(super) fn give_back(self) {
        self.status().store(libc::TP_STATUS_KERNEL, Ordering::Release);
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
        Some(Frame {
            time: Timestamp::from_nanos(u64::from(header.tp_sec) * 1_000_000_000 + u64::from(header.tp_nsec)),
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
