//! The bytes of a file in order, in a buffer that a reader fills.
//!
//! Reading was measured against mapping windows of the file: the copy costs less than the page faults, and leaves the
//! bytes in the processor's cache for the stages that look at them. And a file that is made shorter meanwhile only ends.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// The buffer: room for the longest record and then some.
const BUFFER_BYTES: usize = 1024 * 1024;
/// What is read at once: it stays in a second-level cache until it was looked at.
const READ_BYTES: usize = 256 * 1024;
/// What is read of a compressed file at once.
const COMPRESSED_BYTES: usize = 64 * 1024;

/// The largest window of zstd, as a power of two: 32 MiB. Levels up to 19 ask for 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 25;

/// The compression around a file.
enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// Returns the compression of what begins so (RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2).
    fn of(start: &[u8]) -> Option<Compression> {
        match start {
            [0x1f, 0x8b, ..] => Some(Compression::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
            _ => None,
        }
    }
}

/// How often nothing may come of a frame of zstd in a row: frames may be empty, or hold what is to be passed over.
const EMPTY_FRAMES: usize = 1024;

/// The frames of a file in zstd. The decoder reads nothing at the end of each.
struct Frames<R: BufRead>(zstd::stream::read::Decoder<'static, R>);

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for _ in 0..EMPTY_FRAMES {
            let read = self.0.read(buffer)?;
            if read > 0 || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(read);
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "too many empty frames of zstd"))
    }
}

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

    /// Returns the same input without the compression around it, if there is one.
    pub(super) fn uncompressed(mut self) -> io::Result<Input> {
        match Compression::of(self.fill(4)?) {
            None => Ok(self),
            Some(Compression::Gzip) => Ok(Input::new(MultiGzDecoder::new(self.compressed()))),
            Some(Compression::Zstd) => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(self.compressed())?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Ok(Input::new(Frames(decoder)))
            }
        }
    }

    /// Returns a reader of what was read and what is still to be read.
    fn compressed(self) -> impl BufRead + Send + 'static {
        let read = self.bytes.get(self.start..self.end).unwrap_or_default().to_vec();
        BufReader::with_capacity(COMPRESSED_BYTES, Cursor::new(read).chain(self.reader))
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
