//! What the reader of a format says of the bytes at hand.

use decode::Frame;

/// The longest frame that is read: the 512 KiB that a packet may have (BIG TCP) and room for its link header.
/// A file that claims more is damaged.
pub const MAX_FRAME_BYTES: usize = 512 * 1024 + 1024;

/// What a format finds at the beginning of the bytes at hand.
pub(crate) enum Step<'a> {
    /// A frame, and how many bytes its record takes.
    Frame(Frame<'a>, usize),
    /// A frame of a link type that is not supported, and how many bytes its record takes.
    Unsupported(u16, usize),
    /// A TLS key log, and how many bytes its block takes.
    KeyLog(&'a [u8], usize),
    /// A key log that is too long to be delivered, and how many bytes its block takes.
    LongKeyLog(usize),
    /// Nothing to deliver in this many bytes.
    Skip(usize),
    /// So many bytes are needed at once to go on.
    Need(usize),
    /// This cannot be: the rest of the file has no meaning.
    Damaged(&'static str),
}
