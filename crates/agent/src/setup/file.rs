//! The output file: read whole, replaced whole.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::terminal;
use crate::failure::Failure;
use crate::regular::{self, ReadError};

/// A manifest with a ConfigMap, which holds at most 1 MiB, is not larger than this.
const MAX_SIZE: u64 = 4 << 20;
/// Only its owner may read a file that holds the key.
const MODE: u32 = 0o600;

/// The file to write, found before anything is asked.
pub(super) struct Output {
    /// As the user named it.
    pub(super) shown: String,
    /// Where it is, symbolic links to its folder followed.
    path: PathBuf,
    folder: PathBuf,
    /// What it holds now.
    pub(super) text: Option<String>,
}

impl Output {
    /// Looks at the file and its folder.
    ///
    /// # Errors
    /// It cannot be read or written there, is a symbolic link, or is no text.
    pub(super) fn find(given: &Path) -> Result<Output, Failure> {
        let shown = given.display().to_string();
        let failure = |what: String| Failure::new(format!("{shown}: {what}"));
        // Who made the link may want the key elsewhere, and a file that replaces it is not where its owner looks.
        if let Ok(target) = fs::read_link(given) {
            let to = target.display();
            return Err(failure(format!(
                "is a symbolic link to {to}; name that file by --output, or remove the link"
            )));
        }
        let path = fs::canonicalize(given).unwrap_or_else(|_| given.to_path_buf());
        let folder = match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
            Some(folder) => folder.to_path_buf(),
            None => return Err(failure("is a folder; name a file".into())),
        };
        if !folder.is_dir() {
            return Err(failure(format!("there is no folder {}; make it first", folder.display())));
        }
        let text = read(&path).map_err(failure)?;
        Ok(Output { shown, path, folder, text })
    }

    /// Replaces the file in one step: at any moment there is the old file or the new one, whole.
    ///
    /// # Errors
    /// It cannot be written; the old file stays.
    pub(super) fn replace(&self, text: &str) -> Result<(), Failure> {
        // A signal waits until the file is in place, so that no half of it is left behind.
        let _whole = terminal::hold();
        self.try_replace(text).map_err(|error| {
            Failure::new(format!("{}: cannot be written ({error}); the old file is as it was", self.shown))
        })
    }

    fn try_replace(&self, text: &str) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".configmap-")
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(&self.folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(&self.path) {
            // Without the right to give files away, the file is the caller's: that is no failure.
            let _ = fchown(file.as_file(), Some(old.uid()), Some(old.gid()));
        }
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        File::open(&self.folder)?.sync_all()
    }
}

fn read(path: &Path) -> Result<Option<String>, String> {
    let bytes = match regular::read(path, MAX_SIZE) {
        Err(ReadError::System(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error @ ReadError::NotRegular(_)) => return Err(format!("{error} by --output")),
        read => read.map_err(|error| error.to_string())?,
    };
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; save it as UTF-8".to_owned())?;
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("real.yaml");
        fs::write(&path, "old").unwrap();
        let output = Output::find(&path).unwrap();
        assert_eq!(output.text.as_deref(), Some("old"));
        output.replace("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, MODE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn what_cannot_be_written_is_said_before_anything_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| Output::find(path).err().unwrap().to_string();
        assert!(error(folder.path()).contains("not a regular file"));
        assert!(error(&folder.path().join("none/c.yaml")).contains("there is no folder"));
        assert!(Output::find(&folder.path().join("c.yaml")).unwrap().text.is_none());
        let path = folder.path().join("utf16.yaml");
        fs::write(&path, b"\xff\xfea\0").unwrap();
        assert!(error(&path).contains("UTF-8"));
        let link = folder.path().join("link.yaml");
        for target in [&path, &folder.path().join("none.yaml")] {
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(error(&link).contains(&format!("is a symbolic link to {}", target.display())));
            fs::remove_file(&link).unwrap();
        }
    }
}
