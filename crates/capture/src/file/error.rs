//! Why a capture file cannot be read, in words that say what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::foreign;

/// Why a capture file cannot be read, or not to its end. `Display` gives one sentence with the path, the place and
/// the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The system refused to open or to read it.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is a directory.
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// It has no bytes.
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It begins like neither pcap nor pcapng.
    NotACapture {
        /// The file.
        path: PathBuf,
        /// What it is and what to do with it, if that is known.
        known: Option<(&'static str, &'static str)>,
    },
    /// It ends inside its file header.
    HeaderCut {
        /// The file.
        path: PathBuf,
    },
    /// All of its frames begin with a link header that is not supported.
    LinkType {
        /// The file.
        path: PathBuf,
        /// The LINKTYPE number in the tcpdump group's registry.
        number: u16,
    },
    /// From this place on it has no meaning.
    Damaged {
        /// The file.
        path: PathBuf,
        /// How many (uncompressed) bytes stand before the damage.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
}

impl fmt::Display for FileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Unreadable { path, source } => match source.kind() {
                io::ErrorKind::NotFound => write!(out, "{path:?} does not exist: check the path"),
                io::ErrorKind::PermissionDenied => {
                    write!(out, "{path:?} may not be read by this user: change its mode, or run as its owner")
                }
                _ => write!(out, "{path:?} cannot be read: {source}"),
            },
            FileError::Directory { path } => {
                write!(out, "{path:?} is a directory: name the capture files inside it")
            }
            FileError::Empty { path } => {
                write!(out, "{path:?} is empty: was the capture stopped before its first packet was written?")
            }
            FileError::NotACapture { path, known: Some((name, remedy)) } => {
                write!(out, "{path:?} is not a capture that is read, but {name}: {remedy}")
            }
            FileError::NotACapture { path, known: None } => write!(
                out,
                "{path:?} is not a capture: it begins like neither pcap nor pcapng (both may be in gzip or zstd; convert \
                 what Wireshark reads: `editcap -F pcapng FILE NEW`)"
            ),
            FileError::HeaderCut { path } => {
                write!(
                    out,
                    "{path:?} ends inside its file header: no packet is in it; capture or copy it again"
                )
            }
            FileError::LinkType { path, number } => {
                write!(out, "{path:?} holds frames of link type {number}")?;
                foreign::link_name(*number).map_or(Ok(()), |name| write!(out, " ({name})"))?;
                write!(
                    out,
                    ", which is not read: capture on an Ethernet, loopback, tun or `any` interface, or turn what is inside \
                     into raw IP (101)"
                )
            }
            FileError::Damaged { path, offset, what } => write!(
                out,
                "{path:?} is damaged after {offset} bytes: {what}; what stands before was read, the rest cannot be"
            ),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FileError::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}
