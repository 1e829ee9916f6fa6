//! The folder and the file of the store: private, and no link followed.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{CWD, RenameFlags, renameat_with};

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
            DirBuilder::new().mode(0o700).create(dir).map_err(context)?;
            sync(dir);
            Ok(())
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

/// Sees to it that what was made, renamed or removed beside this path is so after a failure of the power, too. Not all file
/// systems can be asked for that; then it is as they do it.
pub(super) fn sync(path: &Path) {
    if let Some(dir) = path.parent() {
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
}

/// The name of the file that is to take the place of another.
fn successor_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

/// Makes the file that is to take the place of another, empty.
pub(super) fn successor(path: &Path) -> Result<(File, PathBuf), Trouble> {
    give_up_successor(path)?;
    let name = successor_of(path);
    Ok((file(&name)?, name))
}

/// Removes it, if there is one.
pub(super) fn give_up_successor(path: &Path) -> Result<(), Trouble> {
    let name = successor_of(path);
    match fs::remove_file(&name) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(away("new file", &name, &error)),
        _ => Ok(()),
    }
}

/// Puts it, which is whole, in the place of the damaged file, which is set aside. Returns the new name of that one. There is
/// no moment without a file, in which another process would begin one, if the file system can exchange two names; else
/// [`finish`] does what is left to do.
pub(super) fn succeed(successor: &Path, path: &Path) -> Result<PathBuf, Trouble> {
    let exchanged = renameat_with(CWD, successor, CWD, path, RenameFlags::EXCHANGE).is_ok();
    let damaged = if exchanged { successor } else { path };
    let name = move_aside(damaged, path)?;
    if !exchanged {
        finish(path)?;
    }
    sync(path);
    Ok(name)
}

/// Gives the file that is to take the place of another that place, if the other is gone already.
pub(super) fn finish(path: &Path) -> Result<(), Trouble> {
    let gone = matches!(fs::symlink_metadata(path), Err(error) if error.kind() == ErrorKind::NotFound);
    if !gone {
        return Ok(());
    }
    match fs::rename(successor_of(path), path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(away("new file", path, &error)),
        _ => Ok(()),
    }
}

/// Sets aside what has the name of a new file when the right one is sound: it is a damaged one, and a crash came between the
/// exchange and the rest. If that fails, it is in nobody's way.
pub(super) fn put_aside_what_is_left(path: &Path) {
    let left = successor_of(path);
    if fs::symlink_metadata(&left).is_ok_and(|found| found.is_file()) {
        let _ = move_aside(&left, path);
        sync(path);
    }
}

/// Sets a damaged file aside, so that a new one can be begun and a person can look at the old one. Returns its new name.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Trouble> {
    give_up_successor(path)?;
    let name = move_aside(path, path)?;
    sync(path);
    Ok(name)
}

/// Gives the damaged file of this path, which has the name `damaged` now, a name to be kept by.
fn move_aside(damaged: &Path, path: &Path) -> Result<PathBuf, Trouble> {
    let context = |error: io::Error| away("damaged file", path, &error);
    let mut before = set_aside_before(path).map_err(context)?;
    before.sort();
    let superfluous = (before.len() + 1).saturating_sub(DAMAGED_KEPT);
    for old in before.iter().take(superfluous) {
        fs::remove_file(old).map_err(context)?;
    }
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".damaged-{:010}.{:03}", time.as_secs(), time.subsec_millis()));
    fs::rename(damaged, &name).map_err(context)?;
    Ok(name.into())
}

/// The damaged files that were set aside.
fn set_aside_before(path: &Path) -> io::Result<Vec<PathBuf>> {
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
