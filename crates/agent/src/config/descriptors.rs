//! The descriptor sets that the configuration names (`monitor.descriptorSets`).

use std::path::{Path, PathBuf};

use redact::{Descriptors, MAX_DESCRIPTOR_BYTES};

use crate::config::Problem;
use crate::regular::{self, ReadError};

/// What was read of them.
#[derive(Default)]
pub(crate) struct DescriptorSets {
    files: Vec<PathBuf>,
    all: Descriptors,
    /// What could not be.
    pub(crate) problems: Vec<Problem>,
}

impl DescriptorSets {
    /// Reads these files.
    pub(crate) fn read(files: &[PathBuf]) -> DescriptorSets {
        let mut sets = DescriptorSets { files: files.to_vec(), ..DescriptorSets::default() };
        let mut room = MAX_DESCRIPTOR_BYTES;
        for file in files {
            let added = bytes(file, room).and_then(|bytes| {
                room -= bytes.len();
                let no_set =
                    |_| "is no descriptor set; make one by `protoc --include_imports --descriptor_set_out`";
                sets.all.add(&bytes).map_err(|error| no_set(error).to_owned())
            });
            if let Err(why) = added {
                let place = format!("monitor.descriptorSets {}", file.display());
                sets.problems.push(Problem::error(place, why));
            }
        }
        sets
    }

    /// Reads them if they are not these ones. Whether that was so.
    pub(crate) fn update(&mut self, files: &[PathBuf]) -> bool {
        let others = self.files != files;
        if others {
            *self = DescriptorSets::read(files);
        }
        others
    }

    /// All that they describe.
    pub(crate) fn all(&self) -> &Descriptors {
        &self.all
    }
}

/// The content of a file that has room.
fn bytes(path: &Path, room: usize) -> Result<Vec<u8>, String> {
    let most = MAX_DESCRIPTOR_BYTES >> 20;
    regular::read(path, room as u64).map_err(|error| match error {
        ReadError::TooLarge(_) => format!("is larger than there is room for: {most} MiB in all"),
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (wrong, large) = (folder.path().join("wrong.pb"), folder.path().join("large.pb"));
        std::fs::write(&wrong, "syntax").unwrap();
        std::fs::File::create(&large).unwrap().set_len(MAX_DESCRIPTOR_BYTES as u64 + 1).unwrap();
        let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../redact/src/descriptors/data/shop.pb");
        let files = [wrong, large, "/nonexistent/a.pb".into(), shop.into()];
        let mut sets = DescriptorSets::read(&files);
        let problems: Vec<String> = sets.problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("wrong.pb: is no descriptor set"), "{problems:?}");
        assert!(problems[1].contains("8 MiB") && problems[2].contains("cannot be read"), "{problems:?}");
        assert!(!sets.update(&files) && sets.update(&files[3..]) && sets.problems.is_empty());
    }
}
