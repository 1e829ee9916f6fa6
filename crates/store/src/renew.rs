//! A damaged file makes room for a new one, with what can be salvaged.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::database::{self, Check, guarded};
use crate::disk::{Disk, Loaded, Look, Opened, hold};
use crate::place;
use crate::salvage::Found;
use crate::trouble::Trouble;

/// What is salvaged may take this part of what the file may have, as endpoints may in any file: a database is never full.
const SHARE: u64 = 4;

impl Disk {
    /// Sets the file aside, begins a new one with what can be salvaged, and gives of that what was not given before. Where
    /// there is no room for the new one, the damaged one stays where it is.
    pub(super) fn begin_anew(
        &mut self,
        reason: &str,
        each: &mut impl FnMut(Loaded) -> ControlFlow<()>,
    ) -> Result<Opened, Trouble> {
        self.close();
        let (mut found, mut successor) = (Found::default(), None);
        if let Some(file) = &self.file {
            hold(file, &self.path)?;
            found = Found::look(file).map_err(|error| Trouble::Away(format!("the store's file: {error}")))?;
            found.keep_newest(self.options.max_bytes / SHARE);
            if found.records() > 0 {
                successor = Some(self.copy(&found, file)?);
            }
        }
        let (name, look) = match successor {
            Some(successor) => (place::succeed(&successor, &self.path)?, Look::Own),
            None => (place::set_aside(&self.path)?, Look::Walk),
        };
        let begun = self.connect(look)?;
        let opened = self.read(begun, each)?;
        let (salvaged, lost) = (found.records(), found.lost());
        let warning = warning(reason, &name, &found);
        // Where the file was in use, memory knows more than what was salvaged.
        Ok(Opened { begun: true, salvaged, lost, warnings: vec![warning], ..opened })
    }

    /// Makes a file of what was found in another. Returns its name. One that could not be finished is removed.
    fn copy(&self, found: &Found, file: &File) -> Result<PathBuf, Trouble> {
        let (new, name) = place::successor(&self.path)?;
        let copied = self.fill(new, found, file);
        if copied.is_err() {
            place::give_up_successor(&self.path)?;
        }
        copied.map(|()| name)
    }

    fn fill(&self, new: File, found: &Found, file: &File) -> Result<(), Trouble> {
        let (database, _) = database::open(new, self.options.max_bytes, Check::Nothing)?;
        let copied =
            found.give(file, |changes| guarded(|| database::write(&database, changes, |_, _| false)));
        let closed = database::close(database);
        copied.and(closed)
    }
}

/// What a person should know of a file that was set aside under this name.
fn warning(reason: &str, name: &Path, found: &Found) -> String {
    let (salvaged, lost, older) = (found.records(), found.lost(), found.forgotten());
    let older = match older {
        0 => String::new(),
        older => format!(", at least {older} of them had been forgotten before"),
    };
    format!(
        "the store was damaged ({reason}); it was set aside as {}. {salvaged} records were salvaged{older}, {lost} values are known to be lost",
        name.display()
    )
}
