//! The folder where the agent keeps what it learned.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};
use rustix::process::geteuid;

use super::place::Place;
use super::row::Row;

const SUBJECT: &str = "disk";
const MOUNT: &str = "mount a folder that the agent may write to (daemonset.yaml mounts /var/lib/traffic-monitor), or name \
                     another one by --state";

/// Returns the rows about the folder: whether it is there, or can be made, and has room for a store of so many MiB. Nothing
/// is made or written.
pub(super) fn rows(state: &Path, store_mib: usize, place: Place) -> Vec<Row> {
    let shown = state.display();
    let (there, found) = match fs::symlink_metadata(state) {
        Ok(found) => (state, Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (above(state), None),
        Err(error) => return vec![place.fault(SUBJECT, format!("{shown} cannot be read: {error}"), MOUNT)],
    };
    if found.as_ref().is_some_and(|found| !found.is_dir()) {
        return vec![place.fault(SUBJECT, format!("{shown} is a link or not a folder"), MOUNT)];
    }
    if found.as_ref().is_some_and(|found| found.uid() != geteuid().as_raw()) {
        let remedy = format!("`chown` it to the user of the agent, or {MOUNT}");
        return vec![place.fault(SUBJECT, format!("{shown} belongs to another user"), remedy)];
    }
    if let Err(error) = access(there, Access::WRITE_OK | Access::EXEC_OK) {
        let finding = format!("{shown} cannot be written: {} says: {error}", there.display());
        return vec![place.fault(SUBJECT, finding, MOUNT)];
    }
    let mut rows = vec![room(&shown.to_string(), found.is_some(), free(there, state), store_mib)];
    rows.extend(found.and_then(|found| mode(&shown.to_string(), found.mode() & 0o777)));
    rows
}

/// The nearest folder above that is there.
fn above(state: &Path) -> &Path {
    // A path without a folder is in this one.
    let parents = state.ancestors().skip(1);
    let named = parents.map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    named.into_iter().find(|parent| parent.exists()).unwrap_or(Path::new("."))
}

/// Returns what the store may use, in MiB: what is free, and what it has already.
fn free(folder: &Path, state: &Path) -> io::Result<u64> {
    let free = statvfs(folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))?;
    let files = fs::read_dir(state).into_iter().flatten().flatten();
    let used: u64 = files.filter_map(|file| file.metadata().ok()).map(|file| file.blocks() * 512).sum();
    Ok(free.saturating_add(used) >> 20)
}

fn room(state: &str, exists: bool, free: io::Result<u64>, store_mib: usize) -> Row {
    let how = if exists { "" } else { " can be made" };
    match free {
        Ok(free) if free < store_mib as u64 => {
            let finding = format!("{state}{how}: {free} MiB for a store of up to {store_mib} MiB");
            Row::warning(SUBJECT, finding, "make room, or set monitor.storeMiB to less")
        }
        Ok(free) => {
            Row::ok(SUBJECT, format!("{state}{how}: {free} MiB for a store of up to {store_mib} MiB"))
        }
        Err(error) => {
            let finding = format!("{state}{how}; how much is free is not known: {error}");
            Row::warning(SUBJECT, finding, format!("see to {store_mib} MiB there"))
        }
    }
}

fn mode(state: &str, mode: u32) -> Option<Row> {
    let finding = format!("{state} has mode {mode:04o}: others may look into it");
    (mode & 0o077 != 0).then(|| {
        Row::warning(SUBJECT, finding, format!("`chmod 700 {state}`; the agent does so when it starts"))
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::row::State;
    use super::*;

    const NODE: Place = Place { pod: true, root: true };

    fn states(state: &Path) -> Vec<State> {
        rows(state, 1, NODE).iter().map(|row| row.state).collect()
    }

    #[test]
    fn a_folder_is_judged_and_never_made() {
        let top = tempfile::tempdir().unwrap();
        let state = top.path().join("a/b");
        assert_eq!(states(&state), [State::Ok]);
        assert!(!top.path().join("a").exists());

        fs::create_dir_all(&state).unwrap();
        fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(states(&state), [State::Ok, State::Warning]);
        fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(states(&state), [State::Ok]);

        symlink(&state, top.path().join("link")).unwrap();
        assert_eq!(states(&top.path().join("link")), [State::Error]);
        fs::write(top.path().join("file"), "").unwrap();
        assert_eq!(states(&top.path().join("file")), [State::Error]);
        assert_eq!(states(&top.path().join("file/below")), [State::Error]);
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        let top = tempfile::tempdir().unwrap();
        // Who may not give a folder away takes one of root's.
        let given = std::os::unix::fs::chown(top.path(), Some(geteuid().as_raw() + 1), None);
        let foreign = if given.is_ok() { top.path() } else { Path::new("/") };
        let rows = rows(foreign, 1, NODE);
        assert!(rows[0].state == State::Error && rows[0].finding.contains("another user"), "{rows:?}");
    }

    #[test]
    fn a_path_without_a_folder_is_in_this_one() {
        assert_eq!(above(Path::new("state")), Path::new("."));
        assert_eq!(above(Path::new("/nonexistent/a/b")), Path::new("/"));
    }

    #[test]
    fn room_is_compared_with_the_store() {
        assert_eq!(room("s", true, Ok(256), 256).state, State::Ok);
        assert_eq!(room("s", true, Ok(255), 256).state, State::Warning);
        assert_eq!(room("s", false, Err(io::ErrorKind::Other.into()), 256).state, State::Warning);
    }
}
