//! Capture files: pcap and pcapng, plain or in gzip or zstd, from a path, a FIFO, standard input or any reader.

mod bytes;
mod error;
mod foreign;
mod input;
mod pcap;
mod pcapng;
mod step;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use decode::Frame;

use crate::{Poll, Statistics};
pub use error::FileError;
use input::Input;
use pcap::Pcap;
use pcapng::Pcapng;
pub use step::MAX_FRAME_BYTES;
use step::Step;

/// Frames handed out by one call of `poll`, so that the caller can look at its clock now and then.
const BATCH_FRAMES: usize = 1024;

/// What a capture file holds.
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// A TLS key log (RFC 9850) for the frames that come behind it.
    KeyLog(&'a [u8]),
}

/// A capture file, read from beginning to end.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    input: Input,
    format: Format,
    statistics: Statistics,
    /// The link type of the last frame that could not be delivered, for the message.
    unsupported: Option<u16>,
    /// Set at the end: whether it came in the middle of a record.
    ended: Option<bool>,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl CaptureFile {
    /// Opens a capture file, a FIFO, or standard input (`-`).
    ///
    /// # Errors
    /// [`FileError`]: it cannot be read, is empty, is not a capture, or holds only a link type that is not supported.
    pub fn open(path: &Path) -> Result<CaptureFile, FileError> {
        if path == Path::new("-") {
            return CaptureFile::from_reader(Path::new("standard input"), io::stdin());
        }
        let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let kind = file.metadata().map_err(unreadable)?.file_type();
        if kind.is_dir() {
            return Err(FileError::Directory { path: path.to_owned() });
        }
        let input = Input::new(file);
        CaptureFile::new(path, input)
    }

    /// Reads a capture from any reader; `name` stands for the path in messages.
    ///
    /// # Errors
    /// As [`CaptureFile::open`].
    pub fn from_reader(name: &Path, reader: impl Read + Send + 'static) -> Result<CaptureFile, FileError> {
        CaptureFile::new(name, Input::new(reader))
    }

    fn new(path: &Path, input: Input) -> Result<CaptureFile, FileError> {
        let unreadable = |source| FileError::Unreadable { path: path.to_owned(), source };
        let mut input = input.uncompressed().map_err(unreadable)?;
        let start = input.fill(pcap::FILE_HEADER_BYTES).map_err(unreadable)?;
        if start.is_empty() {
            let path = path.to_owned();
            return Err(if input.is_cut() {
                FileError::HeaderCut { path }
            } else {
                FileError::Empty { path }
            });
        }
        let format = if pcapng::is_start(start) {
            Format::Pcapng(Pcapng::default())
        } else if pcap::is_start(start) {
            let path = path.to_owned();
            match Pcap::new(start) {
                Some(Ok(pcap)) => Format::Pcap(pcap),
                Some(Err(number)) => return Err(FileError::LinkType { path, number }),
                None => return Err(FileError::HeaderCut { path }),
            }
        } else {
            let known = foreign::kind(input.fill(foreign::BYTES).map_err(unreadable)?);
            return Err(FileError::NotACapture { path: path.to_owned(), known });
        };
        if matches!(format, Format::Pcap(_)) {
            input.consume(pcap::FILE_HEADER_BYTES).map_err(unreadable)?;
        }
        let statistics = Statistics::default();
        Ok(CaptureFile { path: path.to_owned(), input, format, statistics, unsupported: None, ended: None })
    }

    /// Returns whether the file ended in the middle of a record, which is known after its end. All whole frames were
    /// delivered.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.ended == Some(true)
    }

    /// Returns the last link type of frames that were not delivered because it is not supported, as text with its name, and
    /// how many frames there were of all such types.
    #[must_use]
    pub fn unsupported(&self) -> Option<(String, u64)> {
        let number = self.unsupported?;
        let text = match foreign::link_name(number) {
            Some(name) => format!("{number} ({name})"),
            None => number.to_string(),
        };
        Some((text, self.statistics.unsupported_link))
    }

    /// Hands out the whole records among the bytes at hand. Returns how many frames there were, and how many bytes must be
    /// at hand to go on.
    fn deliver(&mut self, wanted: usize, each: &mut impl FnMut(Item<'_>)) -> io::Result<(usize, usize)> {
        let bytes = self.input.fill(wanted).map_err(|source| {
            let kind = source.kind();
            io::Error::new(kind, FileError::Unreadable { path: self.path.clone(), source })
        })?;
        if bytes.len() < wanted {
            self.ended = Some(!bytes.is_empty() || self.input.is_cut());
            return Ok((0, wanted));
        }
        let (mut delivered, mut used, mut wanted) = (0, 0, 1);
        while delivered < BATCH_FRAMES {
            let rest = bytes.get(used..).unwrap_or_default();
            let step = match &mut self.format {
                Format::Pcap(pcap) => pcap.next(rest),
                Format::Pcapng(pcapng) => pcapng.next(rest),
            };
            match step {
                Step::Frame(frame, len) => {
                    each(Item::Frame(frame));
                    delivered += 1;
                    used += len;
                }
                Step::Unsupported(number, len) => {
                    self.unsupported = Some(number);
                    self.statistics.unsupported_link += 1;
                    used += len;
                }
                Step::KeyLog(key_log, len) => {
                    each(Item::KeyLog(key_log));
                    used += len;
                }
                Step::LongKeyLog(len) => {
                    self.statistics.long_key_logs += 1;
                    used += len;
                }
                Step::Skip(len) => used += len,
                Step::Need(len) => {
                    wanted = len;
                    break;
                }
                Step::Damaged(_) if used > 0 => break,
                Step::Damaged(what) => {
                    let (path, offset) = (self.path.clone(), self.input.position());
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        FileError::Damaged { path, offset, what },
                    ));
                }
            }
        }
        self.statistics.frames += delivered as u64;
        self.input.consume(used).map(|()| (delivered, wanted))
    }

    /// The end is also where it turns out that not one frame could be delivered.
    fn end(&mut self) -> io::Result<Poll> {
        match self.unsupported {
            Some(number) if self.statistics.frames == 0 => {
                Err(io::Error::other(FileError::LinkType { path: self.path.clone(), number }))
            }
            _ => Ok(Poll::End),
        }
    }

    /// Hands the next frames (a bounded batch) to `each`. A file never waits; a FIFO or standard input waits for its
    /// writer.
    ///
    /// # Errors
    /// The file is damaged, or can no longer be read. What was delivered before stays valid.
    pub fn poll(&mut self, mut each: impl FnMut(Frame<'_>)) -> io::Result<Poll> {
        self.poll_items(|item| {
            if let Item::Frame(frame) = item {
                each(frame);
            }
        })
    }

    /// As [`CaptureFile::poll`], with what else the file holds between the frames.
    ///
    /// # Errors
    /// As [`CaptureFile::poll`].
    pub fn poll_items(&mut self, mut each: impl FnMut(Item<'_>)) -> io::Result<Poll> {
        let mut wanted = 1;
        while self.ended.is_none() {
            let (delivered, needed) = self.deliver(wanted, &mut each)?;
            if delivered > 0 {
                return Ok(Poll::Frames(delivered));
            }
            wanted = needed;
        }
        self.end()
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }
}
