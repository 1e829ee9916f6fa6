//! The part of a frame that is still to be read.

use crate::Skipped;

/// The rest of a frame, from some header on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// The bytes that were captured.
    pub(crate) bytes: &'a [u8],
    /// The length on the wire, in bytes; at least `bytes.len()`.
    pub(crate) len: u32,
}

impl<'a> Packet<'a> {
    /// Returns the header of `N` bytes at the beginning.
    #[inline]
    pub(crate) fn header<const N: usize>(&self) -> Result<&'a [u8; N], Skipped> {
        self.bytes.first_chunk().ok_or_else(|| self.short(N as u32))
    }

    /// Returns what follows after `bytes` bytes.
    #[inline]
    pub(crate) fn skip(&self, bytes: u32) -> Result<Packet<'a>, Skipped> {
        let rest = self.bytes.get(bytes as usize..).ok_or_else(|| self.short(bytes))?;
        Ok(Packet { bytes: rest, len: self.len.saturating_sub(bytes) })
    }

    /// Returns the first `len` bytes: what follows is padding of the link. A frame that claims to be shorter than its
    /// packet counts as cut by the capture.
    #[inline]
    pub(crate) fn limit(&self, len: u32) -> Packet<'a> {
        Packet { bytes: self.bytes.get(..len as usize).unwrap_or(self.bytes), len }
    }

    /// Returns why `needed` bytes are not there: the capture cut them, or the packet is too short for them.
    #[cold]
    fn short(&self, needed: u32) -> Skipped {
        if self.len >= needed { Skipped::Truncated } else { Skipped::Malformed }
    }
}
