//! The body of a message while it is read.

use super::Body;

/// How much capacity of a buffer is kept for the next message: the head of a usual request, so that a keep-alive
/// connection allocates nothing, and an idle one holds little.
const KEPT_CAPACITY: usize = 1024;

/// Empties a buffer, and frees it when it is large.
pub(crate) fn recycle(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEPT_CAPACITY {
        *buffer = Vec::new();
    } else {
        buffer.clear();
    }
}

/// How far a message was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More of it may come.
    #[default]
    Open,
    /// To its end.
    Ended,
    /// No more of it can be read, though it has not ended.
    Cut,
}

/// The body of a message that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growing {
    len: u64,
    kept: u32,
    /// How many more bytes are to be kept.
    wanted: u32,
}

impl Growing {
    /// Sets how much is to be kept.
    pub(super) fn keep(&mut self, bytes: usize) {
        self.wanted = saturate(bytes);
    }

    /// Keeps nothing more.
    pub(super) fn stop(&mut self) {
        self.wanted = 0;
    }

    /// Returns whether more of it is to be kept.
    pub(super) fn wants(self) -> bool {
        self.wanted > 0
    }

    /// Returns whether any of it came.
    pub(super) fn has_begun(self) -> bool {
        self.len > 0
    }

    /// Returns how much was kept.
    pub(super) fn kept(self) -> u32 {
        self.kept
    }

    /// Takes its next bytes, and adds those that are to be kept to the buffer.
    pub(super) fn add(&mut self, data: &[u8], buffer: &mut Vec<u8>) {
        self.len += data.len() as u64;
        if self.wanted > 0 {
            let kept = data.get(..self.wanted as usize).unwrap_or(data);
            buffer.extend_from_slice(kept);
            self.kept += saturate(kept.len());
            self.wanted -= saturate(kept.len());
        }
    }

    /// Passes over bytes that are not here: what is kept is a beginning, so it ends before them.
    pub(super) fn miss(&mut self, bytes: u64) {
        self.len = self.len.saturating_add(bytes);
        self.wanted = 0;
    }

    /// The body as far as it was read, with the bytes of it that were kept.
    pub(super) fn body(self, kept: &[u8], progress: Progress) -> Body<'_> {
        Body { len: self.len, kept, whole: progress == Progress::Ended && kept.len() as u64 == self.len }
    }
}

/// A length that [`crate::MAX_KEEP`] keeps far below 4 GiB.
fn saturate(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
