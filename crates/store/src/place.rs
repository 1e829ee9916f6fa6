//! The folder and the file of the store: private, and no link followed.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::trouble::Trouble;

/// The name of the store's file in its folder.
pub(super) const FILE: &str = "inventory.redb";

/// At most so many damaged files are kept: one to look at, and one from before.
const DAMAGED_KEPT: usize = 2;

/// Makes the folder, or sees to it that it is ours, a folder and private.
pub(super) fn folder(dir: &Path) -> Result<(), Trouble> {
    let context = |error: io::Error| away("folder", dir, &error);
    match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(parent) = dir.parent() {
                fs::create_dir_all(parent).map_err(context)?;
            }
            DirBuilder::new().mode(0o700).create(dir).map_err(context)
        }
        Err(error) => Err(context(error)),
        Ok(found) if !found.is_dir() => Err(refused("folder", dir, "is a link or not a folder")),
        Ok(found) if found.uid() != own_uid().map_err(context)? => {
            Err(refused("folder", dir, "belongs to another user"))
        }
        Ok(found) if found.mode() & 0o777 != 0o700 => {
            fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(context)
        }
        Ok(_) => Ok(()),
    }
}

/// Opens the file, or makes it.
pub(super) fn file(path: &Path) -> Result<File, Trouble> {
    let context = |error: io::Error| match error.raw_os_error() {
        Some(libc::ELOOP) => refused("file", path, "is a link"),
        _ => away("file", path, &error),
    };
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(path)
        .map_err(context)?;
    let found = file.metadata().map_err(context)?;
    if !found.is_file() || found.nlink() != 1 {
        return Err(refused("file", path, "is not a plain file with one name"));
    }
    if found.uid() != own_uid().map_err(context)? {
        return Err(refused("file", path, "belongs to another user"));
    }
    if found.mode() & 0o777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(context)?;
    }
    Ok(file)
}

/// Returns whether the file is still the one of this name.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(file), Ok(path)) => (file.dev(), file.ino()) == (path.dev(), path.ino()),
        _ => false,
    }
}

/// Makes the file that is to take the place of another, empty.
pub(super) fn successor(path: &Path) -> Result<(File, PathBuf), Trouble> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let name = PathBuf::from(name);
    match fs::remove_file(&name) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(away("new file", &name, &error)),
        _ => Ok((file(&name)?, name)),
    }
}

/// Puts it there.
pub(super) fn succeed(successor: &Path, path: &Path) -> Result<(), Trouble> {
    fs::rename(successor, path).map_err(|error| away("new file", path, &error))
}

/// Sets a damaged file aside, so that a new one can be begun and a person can look at the old one. Returns its new name.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Trouble> {
    let context = |error: io::Error| away("damaged file", path, &error);
    let mut before = damaged(path).map_err(context)?;
    before.sort();
    let superfluous = (before.len() + 1).saturating_sub(DAMAGED_KEPT);
    for old in before.iter().take(superfluous) {
        fs::remove_file(old).map_err(context)?;
    }
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{:010}.{:03}", time.as_secs(), time.subsec_millis()));
    fs::rename(path, &name).map_err(context)?;
    Ok(name.into())
}

/// The damaged files that were set aside.
fn damaged(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(dir) = path.parent() else { return Ok(Vec::new()) };
    let prefix = format!("{FILE}.damaged-");
    let names = fs::read_dir(dir)?.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(names
        .filter(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix)))
        .collect())
}

/// The user that this process acts as. (`geteuid` would need unsafe code.)
fn own_uid() -> io::Result<u32> {
    Ok(fs::metadata("/proc/self")?.uid())
}

fn away(what: &str, path: &Path, error: &io::Error) -> Trouble {
    Trouble::Away(format!("the store's {what} {}: {error}", path.display()))
}

fn refused(what: &str, path: &Path, reason: &str) -> Trouble {
    Trouble::Refused(format!("the store's {what} {} {reason}", path.display()))
}
