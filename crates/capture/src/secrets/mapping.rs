//! Which processes map which files, as the kernel's iterator says it.

use std::io::{self, Read};

/// `MAPPING_BYTES` of `bpf/secrets.h`: what stands before the path.
const HEAD: usize = 56;
/// With the longest path.
const LONGEST: usize = HEAD + 4096;
/// The most that is read: some ten thousand mappings, more than monitored pods of a node have.
const MOST_BYTES: u64 = 16 << 20;

/// An executable mapping of a file in a process of a monitored cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The number of its cgroup.
    pub target: u32,
    /// The process.
    pub process: u32,
    /// Its name, as far as the kernel keeps it.
    pub command: Vec<u8>,
    /// The device and the inode of the file, as the kernel knows it: below an overlay, where it really is.
    pub file: (u32, u64),
    /// The addresses of the mapping.
    pub addresses: (u64, u64),
    /// The path as the process sees it; empty where that is too long.
    pub path: Vec<u8>,
}

/// Reads all that the iterator says. Gives whether that was everything.
pub(super) fn read(mut from: impl Read) -> io::Result<(Vec<Mapping>, bool)> {
    let mut bytes = Vec::new();
    from.by_ref().take(MOST_BYTES).read_to_end(&mut bytes)?;
    let whole = (bytes.len() as u64) < MOST_BYTES;
    let (mut rest, mut all) = (&bytes[..], Vec::new());
    while let Some((mapping, behind)) = one(rest) {
        all.push(mapping);
        rest = behind;
    }
    Ok((all, whole))
}

/// Takes a mapping off the bytes. Its fields are those of `struct mapping`, in their order.
fn one(bytes: &[u8]) -> Option<(Mapping, &[u8])> {
    let word = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let long = |at: usize| Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    let size = usize::try_from(word(0)?).ok().filter(|size| (HEAD..=LONGEST).contains(size))?;
    let (record, behind) = bytes.split_at_checked(size)?;
    let mapping = Mapping {
        target: word(4)?,
        process: word(8)?,
        command: until_zero(record.get(40..HEAD)?),
        file: (word(12)?, long(16)?),
        addresses: (long(24)?, long(32)?),
        path: until_zero(record.get(HEAD..)?),
    };
    Some((mapping, behind))
}

fn until_zero(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take_while(|byte| *byte != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::super::header::number;
    use super::*;

    fn record(path: &[u8]) -> Vec<u8> {
        let size = u32::try_from(HEAD + path.len()).unwrap();
        let words = [size, 7, 42, 9].map(u32::to_ne_bytes).concat();
        let longs = [5_u64, 0x1000, 0x2000].map(u64::to_ne_bytes).concat();
        [&words[..], &longs, b"nginx\0\0\0\0\0\0\0\0\0\0\0", path].concat()
    }

    #[test]
    fn mappings_are_read_one_after_the_other() {
        assert_eq!(HEAD, number("MAPPING_BYTES"));
        let bytes = [record(b"/usr/lib/libssl.so.3\0"), record(b"")].concat();
        let (all, whole) = read(&bytes[..]).unwrap();
        let first = Mapping {
            target: 7,
            process: 42,
            command: b"nginx".into(),
            file: (9, 5),
            addresses: (0x1000, 0x2000),
            path: b"/usr/lib/libssl.so.3".into(),
        };
        assert!(whole);
        assert_eq!(all, [first.clone(), Mapping { path: Vec::new(), ..first }]);
    }

    #[test]
    fn what_is_cut_or_has_no_size_ends_it() {
        let bytes = record(b"/a\0");
        for len in 0..bytes.len() {
            assert_eq!(read(&bytes[..len]).unwrap(), (Vec::new(), true));
        }
        assert!(read(&[0; 4096][..]).unwrap().0.is_empty());
    }
}
