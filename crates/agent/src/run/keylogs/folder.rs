//! A folder with key logs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use redact::printable;

use super::file::{KeyLogFile, allowed, identity_of};
use crate::pipeline::keylogs::Giver;

/// The most files of a folder that are followed.
const MAX_FILES: usize = 64;
/// The most entries of a folder that are looked at.
const MAX_ENTRIES: usize = 1024;

/// A folder, with the files in it that are followed.
pub(super) struct Folder {
    path: PathBuf,
    /// By device and inode: a log that is rotated has another name, and goes on.
    files: HashMap<(u64, u64), KeyLogFile>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Folder {
        Folder { path, files: HashMap::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether a file is to be read on soon.
    pub(super) fn is_behind(&self) -> bool {
        self.files.values().any(KeyLogFile::is_behind)
    }

    /// Reads on in all files. Returns what cannot be read, and why.
    pub(super) fn look(&mut self, giver: &Giver) -> Vec<String> {
        let (found, mut troubles) = self.list();
        self.files.retain(|identity, _| found.iter().any(|(_, metadata)| identity_of(metadata) == *identity));
        for (path, metadata) in found {
            let name = printable(path.as_os_str().as_encoded_bytes());
            if let Err(why) = self.read(&path, &metadata, giver) {
                self.files.remove(&identity_of(&metadata));
                troubles.push(format!("key log {name}: {why}"));
            } else if let Some(trouble) =
                self.files.get(&identity_of(&metadata)).and_then(KeyLogFile::trouble)
            {
                troubles.push(format!("key log {name}: {trouble}"));
            }
        }
        troubles
    }

    /// Reads on in a file.
    fn read(&mut self, path: &Path, metadata: &Metadata, giver: &Giver) -> Result<(), String> {
        allowed(metadata)?;
        let file = match self.files.entry(identity_of(metadata)) {
            Entry::Occupied(file) => file.into_mut(),
            Entry::Vacant(place) => place.insert(KeyLogFile::open(path, identity_of(metadata))?),
        };
        file.read_on(metadata.len(), giver).map_err(|error| format!("cannot be read ({error})"))
    }

    /// Returns the files that are followed, by their names, and what is wrong with the folder.
    fn list(&self) -> (Vec<(PathBuf, Metadata)>, Vec<String>) {
        let folder = self.path.display();
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) => {
                let trouble = format!(
                    "key logs: the folder {folder} cannot be read ({error}): mount it into the agent's pod, readable for its user"
                );
                return (Vec::new(), vec![trouble]);
            }
        };
        let mut found: Vec<_> = entries
            .take(MAX_ENTRIES)
            .filter_map(|entry| {
                let entry = entry.ok()?;
                // Of a link this is the link's own.
                let metadata = entry.metadata().ok().filter(Metadata::is_file)?;
                Some((entry.path(), metadata))
            })
            .collect();
        // Those that were written last.
        found.sort_by_key(|(path, metadata)| (std::cmp::Reverse(metadata.mtime()), path.clone()));
        let more = found.len().saturating_sub(MAX_FILES);
        found.truncate(MAX_FILES);
        let trouble = format!(
            "key logs: of the files in {folder} the {MAX_FILES} that were written last are followed, {more} are not: remove old ones"
        );
        (found, (more > 0).then_some(trouble).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions, Permissions};
    use std::io::Write;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};

    use decode::Timestamp;
    use tempfile::{TempDir, tempdir};
    use tls::{Label, RANDOM_LEN};

    use super::*;
    use crate::pipeline::keylogs::{Followed, channel};

    /// A folder that is followed, and what comes out of it.
    struct Stage {
        place: TempDir,
        folder: Folder,
        giver: Giver,
        followed: Followed,
    }

    impl Stage {
        fn new() -> Stage {
            let place = tempdir().unwrap();
            let (giver, followed) = channel();
            Stage { folder: Folder::new(place.path().to_owned()), place, giver, followed }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.place.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            let mut file =
                OpenOptions::new().create(true).append(true).mode(0o600).open(self.path(name)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        fn look(&mut self) -> Vec<String> {
            self.folder.look(&self.giver)
        }

        /// Whether the secret of this connection has come.
        fn has(&mut self, number: u8) -> bool {
            self.followed.get(&[number; RANDOM_LEN], Label::Master).is_some()
        }
    }

    fn line(number: u8) -> String {
        format!("CLIENT_RANDOM {} {}\n", format!("{number:02x}").repeat(32), "ab".repeat(48))
    }

    #[test]
    fn what_is_written_is_read_once_it_is_whole() {
        let mut stage = Stage::new();
        let (one, two) = (line(1), line(2));
        stage.write("keys.log", &format!("# a comment\n{one}{}", &two[..50]));
        assert_eq!(stage.look(), [""; 0]);
        assert_eq!([stage.has(1), stage.has(2)], [true, false]);
        stage.write("keys.log", &two[50..]);
        stage.write("other.log", &line(3));
        stage.look();
        assert_eq!([stage.has(2), stage.has(3)], [true, true]);
    }

    #[test]
    fn a_log_goes_on_when_it_is_renamed_and_begins_anew_when_it_is_cut() {
        let mut stage = Stage::new();
        stage.write("keys.log", &line(1));
        stage.look();
        fs::rename(stage.path("keys.log"), stage.path("keys.log.1")).unwrap();
        stage.write("keys.log.1", &line(2));
        stage.write("keys.log", &line(3));
        assert_eq!(stage.look(), [""; 0]);
        assert_eq!([stage.has(1), stage.has(2), stage.has(3)], [true; 3]);
        // All that was read is forgotten, so that nothing comes twice unnoticed.
        for seconds in [20, 40, 60] {
            stage.followed.pass(Timestamp::from_nanos(seconds * 1_000_000_000));
        }
        stage.look();
        assert_eq!([stage.has(1), stage.has(2), stage.has(3)], [false; 3]);
        fs::write(stage.path("keys.log"), "").unwrap();
        stage.look();
        stage.write("keys.log", &line(4));
        stage.look();
        assert!(stage.has(4));
        fs::remove_file(stage.path("keys.log")).unwrap();
        stage.look();
        assert_eq!(stage.folder.files.len(), 1);
    }

    #[test]
    fn what_others_can_read_is_refused_until_they_cannot() {
        let mut stage = Stage::new();
        stage.write("keys.log", &line(1));
        let path = stage.path("keys.log");
        for mode in [0o604, 0o602, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let said = stage.look();
            let expected = format!("key log {}: refused: its mode is {mode:04o}", path.display());
            assert!(said.len() == 1 && said[0].starts_with(&expected), "{said:?}");
            assert!(!stage.has(1));
        }
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert_eq!(stage.look(), [""; 0]);
        assert!(stage.has(1));
        // What becomes readable later is refused as well.
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        stage.write("keys.log", &line(2));
        assert_eq!(stage.look().len(), 1);
        assert!(!stage.has(2) && stage.folder.files.is_empty());
    }

    #[test]
    fn links_and_folders_and_pipes_are_left_alone() {
        let mut stage = Stage::new();
        let elsewhere = tempdir().unwrap();
        fs::write(elsewhere.path().join("keys.log"), line(1)).unwrap();
        symlink(elsewhere.path().join("keys.log"), stage.path("link.log")).unwrap();
        fs::create_dir(stage.path("folder.log")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, stage.path("pipe.log"), rustix::fs::Mode::RUSR).unwrap();
        assert_eq!(stage.look(), [""; 0]);
        assert!(!stage.has(1));
    }

    #[test]
    fn what_is_no_key_log_is_said_and_not_read_on() {
        let mut stage = Stage::new();
        stage.write("app.log", &"GET /users 200\n".repeat(200));
        stage.write("keys.log", &format!("nonsense\n{}", line(1)));
        let said = stage.look();
        assert!(
            said.len() == 2 && said.iter().any(|said| said.contains("app.log: is not read on")),
            "{said:?}"
        );
        assert!(said.iter().any(|said| said.contains("keys.log: a line is none of a key log")), "{said:?}");
        assert!(stage.has(1));
        stage.write("app.log", &line(2));
        stage.look();
        assert!(!stage.has(2));
    }

    #[test]
    fn folders_and_files_are_bounded_and_what_is_left_out_is_said() {
        let mut stage = Stage::new();
        for number in 0..70 {
            stage.write(&format!("{number}.log"), &line(number));
        }
        let said = stage.look();
        assert!(said.len() == 1 && said[0].contains("6 are not"), "{said:?}");
        assert_eq!(stage.folder.files.len(), MAX_FILES);
        // Of a long one the end is read, from a line's beginning on.
        let mut stage = Stage::new();
        stage.write("keys.log", &format!("{}{}{}", line(1), line(2).repeat(8_000), line(3)));
        assert_eq!(stage.look(), [""; 0]);
        stage.followed.pass(Timestamp::EPOCH);
        stage.look();
        assert_eq!([stage.has(1), stage.has(2), stage.has(3)], [false, true, true]);
        let mut stage = Stage::new();
        stage.folder = Folder::new("/nowhere/at/all".into());
        let said = stage.look();
        assert!(said.len() == 1 && said[0].contains("/nowhere/at/all cannot be read"), "{said:?}");
    }
}
