//! What the sources of frames answer.

/// What one look for frames ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    /// This many frames were delivered, and there may be more at once.
    Frames(usize),
    /// Nothing came within the time.
    Idle,
    /// The source has ended (files only).
    End,
}

/// The counts of a source since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames that were delivered.
    pub frames: u64,
    /// Frames that the kernel dropped because the ring was full.
    pub kernel_drops: u64,
    /// Frames that were not delivered because their link type is not among [`decode::LinkType`] (files only).
    pub unsupported_link: u64,
    /// TLS key logs inside of the file that were not delivered because they are too long (files only).
    pub long_key_logs: u64,
}
