//! A file as bytes, without a copy of it.
#![expect(unsafe_code, reason = "a mapping is known by its address and its length")]

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use crate::mapping::Mapping;

/// The bytes of a file, read when they are looked at, so that a large one takes no memory that cannot be taken back.
///
/// For a process that does nothing else: where the file becomes shorter meanwhile, the system ends whoever looks behind its end
/// (SIGBUS).
#[derive(Debug)]
pub struct FileBytes(Mapping);

impl FileBytes {
    /// Maps a regular file of at most `most` bytes.
    ///
    /// # Errors
    /// It is no regular file, it is empty or too large, or the system does not map it.
    pub fn map(file: &File, most: usize) -> io::Result<FileBytes> {
        let meta = file.metadata()?;
        let len = usize::try_from(meta.len()).ok().filter(|len| (1..=most).contains(len));
        match len {
            Some(len) if meta.is_file() => Mapping::of_file(file.as_fd(), len).map(FileBytes),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file of a size that is read")),
        }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the range is mapped for reading as long as this value lives, and nothing in this process writes to it.
        unsafe { std::slice::from_raw_parts(self.0.start(), self.0.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_is_and_others_are_refused() {
        let path = std::env::current_exe().unwrap();
        let (whole, file) = (std::fs::read(&path).unwrap(), File::open(&path).unwrap());
        assert!(FileBytes::map(&file, usize::MAX).unwrap().bytes() == whole);
        assert!(FileBytes::map(&file, whole.len() - 1).is_err());
        assert!(FileBytes::map(&File::open(path.parent().unwrap()).unwrap(), usize::MAX).is_err());
        assert!(FileBytes::map(&File::open("/proc/self/maps").unwrap(), usize::MAX).is_err());
    }
}
