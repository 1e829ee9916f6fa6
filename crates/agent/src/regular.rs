//! Reading a file that a user named: only a regular one, and no more of it than it may have.
//!
//! Whatever else stands in its place must not stop a thread: opening a named pipe waits for who writes to it, and a device
//! like `/dev/zero` never ends.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// Why a file cannot be read; `Display` follows on its name.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// What the system said.
    System(io::Error),
    /// It is something else than a regular file.
    NotRegular(&'static str),
    /// It is larger than this many bytes.
    TooLarge(u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::System(error) => write!(f, "cannot be read ({error})"),
            ReadError::NotRegular(kind) => write!(f, "is not a regular file, but {kind}; name another one"),
            ReadError::TooLarge(most) if most % (1 << 20) == 0 => {
                write!(f, "is larger than {} MiB; is this the right file?", most >> 20)
            }
            ReadError::TooLarge(most) => {
                write!(f, "is larger than {} KiB; is this the right file?", most >> 10)
            }
        }
    }
}

/// Opens a regular file of at most `most` bytes. Symbolic links are followed, for the volumes of Kubernetes are made of them.
///
/// # Errors
/// It cannot be opened, or is none.
pub(crate) fn open(path: &Path, most: u64) -> Result<File, ReadError> {
    // NONBLOCK: what is opened is known only afterwards. With a regular file it changes nothing.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    let file = File::from(opened.map_err(|error| ReadError::System(error.into()))?);
    let meta = file.metadata().map_err(ReadError::System)?;
    let kind = meta.file_type();
    match () {
        () if kind.is_file() && meta.len() > most => Err(ReadError::TooLarge(most)),
        () if kind.is_file() => Ok(file),
        () if kind.is_dir() => Err(ReadError::NotRegular("a folder")),
        () if kind.is_fifo() => Err(ReadError::NotRegular("a pipe")),
        () => Err(ReadError::NotRegular("a device or a socket")),
    }
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// It cannot be read, or is none.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    // It may grow meanwhile, and files of /proc do not say how large they are.
    let read = open(path, most)?.take(most.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Ok(len) if len as u64 > most => Err(ReadError::TooLarge(most)),
        Ok(_) => Ok(bytes),
        Err(error) => Err(ReadError::System(error)),
    }
}

#[cfg(test)]
mod tests {
    use rustix::fs::{CWD, FileType, mknodat};

    use super::*;

    #[test]
    fn only_regular_files_are_read_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "12345").unwrap();
        std::os::unix::fs::symlink("file", path("link")).unwrap();
        for name in ["file", "link"] {
            assert_eq!(read(&path(name), 5).unwrap(), b"12345");
            assert!(matches!(read(&path(name), 4), Err(ReadError::TooLarge(4))));
        }
        mknodat(CWD, path("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        std::os::unix::fs::symlink("pipe", path("link to a pipe")).unwrap();
        let said = |path: &Path| read(path, 5).unwrap_err().to_string();
        for name in ["pipe", "link to a pipe"] {
            assert!(said(&path(name)).starts_with("is not a regular file, but a pipe"), "{name}");
        }
        assert!(said(folder.path()).contains("a folder"));
        assert!(said(Path::new("/dev/zero")).contains("a device"));
        assert!(said(&path("none")).contains("cannot be read (No such file"));
        // Its size is said to be 0.
        assert!(said(Path::new("/proc/self/status")).contains("larger than 0 KiB"));
    }
}
