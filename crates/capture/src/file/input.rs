//! The bytes of a file in order: a window of the mapped file, or a buffer that a reader fills.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::os::fd::AsFd;

use flate2::read::MultiGzDecoder;

use crate::mapping::Mapping;

/// How much of a file is mapped at once: large against the longest record, small against the memory of a replay.
const WINDOW_BYTES: u64 = 4 * 1024 * 1024;
/// Mappings begin at multiples of this, which every page size divides (the largest in use is 64 KiB).
const WINDOW_ALIGNMENT: u64 = 64 * 1024;
/// The buffer of a reader: room for the longest record and then some.
const BUFFER_BYTES: usize = 1024 * 1024;
/// What is read of a compressed file at once.
const COMPRESSED_BYTES: usize = 64 * 1024;

/// Where the bytes of a capture come from.
#[derive(Debug)]
pub(super) enum Input {
    Mapped(Window),
    Read(Buffer),
}

impl Input {
    /// A regular file.
    pub(super) fn map(file: File) -> Input {
        Input::Mapped(Window { file, mapping: None, start: 0, position: 0, cut: false })
    }

    /// Anything else that has bytes.
    pub(super) fn read(reader: impl Read + Send + 'static) -> Input {
        Input::Read(Buffer::new(Box::new(reader)))
    }

    /// The same input without the gzip around it, if there is one.
    pub(super) fn uncompressed(mut self) -> io::Result<Input> {
        match self.fill(2) {
            Ok([0x1f, 0x8b, ..]) => {
                let reader = BufReader::with_capacity(COMPRESSED_BYTES, self.into_reader());
                Ok(Input::read(MultiGzDecoder::new(reader)))
            }
            Ok(_) => Ok(self),
            // Not every file system can map.
            Err(error) => match self {
                Input::Mapped(window) if error.raw_os_error() == Some(libc::ENODEV) => {
                    Input::read(window.file).uncompressed()
                }
                _ => Err(error),
            },
        }
    }

    /// The bytes from here on: at least `wanted`, unless the input ends before.
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        match self {
            Input::Mapped(window) => window.fill(wanted),
            Input::Read(buffer) => buffer.fill(wanted),
        }
    }

    /// Goes on by this many bytes, which may be more than are at hand.
    pub(super) fn consume(&mut self, bytes: usize) -> io::Result<()> {
        match self {
            Input::Mapped(window) => {
                window.position = window.position.saturating_add(bytes as u64);
                Ok(())
            }
            Input::Read(buffer) => buffer.consume(bytes),
        }
    }

    /// How many bytes were consumed.
    pub(super) fn position(&self) -> u64 {
        match self {
            Input::Mapped(window) => window.position,
            Input::Read(buffer) => buffer.position,
        }
    }

    /// Whether more bytes were consumed than there are, or the compressed file ended too soon.
    pub(super) fn is_cut(&self) -> bool {
        match self {
            Input::Mapped(window) => window.cut,
            Input::Read(buffer) => buffer.cut,
        }
    }

    fn into_reader(self) -> Box<dyn Read + Send> {
        match self {
            // Nothing was read from it: it was mapped.
            Input::Mapped(window) => Box::new(window.file),
            Input::Read(buffer) => {
                let read = buffer.bytes.get(buffer.start..buffer.end).unwrap_or_default().to_vec();
                Box::new(Cursor::new(read).chain(buffer.reader))
            }
        }
    }
}

/// A window of a mapped file, dropped behind. Payload that nobody looks at costs next to nothing.
#[derive(Debug)]
pub(super) struct Window {
    file: File,
    mapping: Option<Mapping>,
    /// Where in the file the mapping begins.
    start: u64,
    position: u64,
    cut: bool,
}

impl Window {
    fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
        if self.at_hand().len() < wanted {
            self.advance()?;
        }
        Ok(self.at_hand())
    }

    fn at_hand(&self) -> &[u8] {
        let inside = usize::try_from(self.position - self.start).unwrap_or(usize::MAX);
        self.mapping.as_ref().and_then(|mapping| mapping.bytes().get(inside..)).unwrap_or_default()
    }

    /// Maps the window that holds the position. The file may have grown, or become shorter.
    fn advance(&mut self) -> io::Result<()> {
        self.mapping = None;
        let len = self.file.metadata()?.len();
        self.cut = self.position > len;
        self.start = self.position - self.position % WINDOW_ALIGNMENT;
        let window = len.saturating_sub(self.start).min(WINDOW_BYTES);
        if window > 0 {
            self.mapping = Some(Mapping::of_file(self.file.as_fd(), self.start, window as usize)?);
        }
        Ok(())
    }
}

/// What a reader has given and was not consumed yet.
pub(super) struct Buffer {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    position: u64,
    ended: bool,
    cut: bool,
}

impl Buffer {
    fn new(reader: Box<dyn Read + Send>) -> Buffer {
        Buffer {
            reader,
            bytes: vec![0; BUFFER_BYTES],
            start: 0,
            end: 0,
            position: 0,
            ended: false,
            cut: false,
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<&[u8]> {
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
        match self.reader.read(self.bytes.get_mut(self.end..).unwrap_or_default()) {
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

    fn consume(&mut self, bytes: usize) -> io::Result<()> {
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

impl fmt::Debug for Buffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Buffer").field("position", &self.position).finish_non_exhaustive()
    }
}
