//! The bytes of a file in order, in a buffer that a reader fills.
//!
//! Reading was measured against mapping windows of the file: the copy costs less than the page faults, and leaves the
//! bytes in the processor's cache for the stages that look at them. And a file that is made shorter meanwhile only ends.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// The buffer: room for the longest record and then some.
const BUFFER_BYTES: usize = 1024 * 1024;
/// What is read at once: it stays in a second-level cache until it was looked at.
const READ_BYTES: usize = 256 * 1024;
/// What is read of a compressed file at once.
const COMPRESSED_BYTES: usize = 64 * 1024;

/// What a reader has given and was not consumed yet.
pub(super) struct Input {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    position: u64,
    ended: bool,
    cut: bool,
}

impl Input {
    /// Creates an input from a reader.
    pub(super) fn new(reader: impl Read + Send + 'static) -> Input {
        let bytes = vec![0; BUFFER_BYTES];
        Input { reader: Box::new(reader), bytes, start: 0, end: 0, position: 0, ended: false, cut: false }
    }

    /// Returns the same input without the gzip around it, if there is one.
    pub(super) fn uncompressed(mut self) -> io::Result<Input> {
        if !matches!(self.fill(2)?, [0x1f, 0x8b, ..]) {
            return Ok(self);
        }
        let read = self.bytes.get(self.start..self.end).unwrap_or_default().to_vec();
        let whole = Cursor::new(read).chain(self.reader);
        Ok(Input::new(MultiGzDecoder::new(BufReader::with_capacity(COMPRESSED_BYTES, whole))))
    }

    /// Returns how many bytes were consumed.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Returns whether more bytes were consumed than there are, or the compressed file ended too soon.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns the bytes from here on: at least `wanted`, unless the input ends before.
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        if self.end - self.start < wanted {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end - self.start < wanted && !self.ended {
            self.read()?;
        }
        Ok(self.bytes.get(self.start..self.end).unwrap_or_default())
    }

    fn read(&mut self) -> io::Result<()> {
        let room = self.end..self.bytes.len().min(self.end + READ_BYTES);
        match self.reader.read(self.bytes.get_mut(room).unwrap_or_default()) {
            Ok(0) => self.ended = true,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What a decompressor says when its file was cut.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                (self.ended, self.cut) = (true, true);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Goes on by this many bytes, which may be more than are at hand.
    pub(super) fn consume(&mut self, bytes: usize) -> io::Result<()> {
        self.position = self.position.saturating_add(bytes as u64);
        let mut left = bytes;
        loop {
            let now = left.min(self.end - self.start);
            self.start += now;
            left -= now;
            if left == 0 {
                return Ok(());
            }
            if self.fill(1)?.is_empty() {
                self.cut = true;
                return Ok(());
            }
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Input").field("position", &self.position).finish_non_exhaustive()
    }
}
