//! Opening the file that a process maps, whatever that process may see as its root.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;

use capture::Mapping;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, open, openat2, readlink};

/// What the kernel writes behind the path of a file that has no name any more.
const DELETED: &[u8] = b" (deleted)";

/// Opens the file of a mapping for reading.
///
/// # Errors
/// What the system says: the process has ended, it may not be looked into (`CAP_SYS_PTRACE`), or its file has no path any
/// more and may not be opened without one (`CAP_CHECKPOINT_RESTORE`).
pub(super) fn open_file(mapping: &Mapping) -> io::Result<File> {
    let file = if has_path(&mapping.path) { by_path(mapping)? } else { by_addresses(mapping)? };
    // Nothing else is mapped to be executed, but a path may have been given to something else by now.
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Returns whether the file has the path that the process sees.
fn has_path(path: &[u8]) -> bool {
    path.starts_with(b"/") && !path.ends_with(DELETED)
}

/// No link leads out of what the process has as its root, and nobody waits for what a path may be by now.
fn by_path(mapping: &Mapping) -> io::Result<File> {
    let root = format!("/proc/{}/root", mapping.process);
    let path = below(readlink(&root, Vec::new())?.as_bytes(), &mapping.path);
    let root = open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    Ok(openat2(root, OsStr::from_bytes(path), flags, Mode::empty(), resolve)?.into())
}

/// Returns a path as a process sees it. The kernel gives it from the root of the process's mount namespace, and it may have changed
/// its root within that (`chroot`).
fn below<'p>(root: &[u8], path: &'p [u8]) -> &'p [u8] {
    match path.strip_prefix(root) {
        Some(inner) if root != b"/" && inner.starts_with(b"/") => inner,
        _ => path,
    }
}

fn by_addresses(mapping: &Mapping) -> io::Result<File> {
    let (start, end) = mapping.addresses;
    let path = format!("/proc/{}/map_files/{start:x}-{end:x}", mapping.process);
    Ok(openat2(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::empty())?.into())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn mapping(path: &[u8], addresses: (u64, u64)) -> Mapping {
        Mapping {
            target: 1,
            process: std::process::id(),
            command: b"test".into(),
            file: (0, 0),
            addresses,
            path: path.into(),
        }
    }

    #[test]
    fn a_file_is_found_by_its_path_and_without_one_by_its_place_in_memory() {
        let own = std::env::current_exe().unwrap();
        let inode = std::fs::metadata(&own).unwrap().ino();
        let by_path = open_file(&mapping(own.as_os_str().as_bytes(), (0, 0))).unwrap();
        assert_eq!(by_path.metadata().unwrap().ino(), inode);
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let line = maps.lines().find(|line| line.ends_with(own.to_str().unwrap())).unwrap();
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        let deleted = [own.as_os_str().as_bytes(), DELETED].concat();
        let by_place = open_file(&mapping(&deleted, (address(start), address(end)))).unwrap();
        assert_eq!(by_place.metadata().unwrap().ino(), inode);
    }

    #[test]
    fn a_path_is_taken_below_the_root_of_its_process() {
        let below = |root: &str, path: &'static str| below(root.as_bytes(), path.as_bytes());
        assert_eq!(below("/", "/lib/a.so"), b"/lib/a.so");
        assert_eq!(below("/jail", "/jail/lib/a.so"), b"/lib/a.so");
        assert_eq!(below("/jail", "/jailed/a.so"), b"/jailed/a.so");
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        for path in [&b"/dev/null"[..], b"/proc/self/fd", b"/none", b"/"] {
            assert!(open_file(&mapping(path, (0, 0))).is_err(), "{path:?}");
        }
    }
}
