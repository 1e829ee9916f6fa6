//! A damaged file makes room for a new one, with what can be salvaged.

use std::collections::HashSet;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::database::{self, Check, guarded};
use crate::disk::{Disk, Loaded, Look, Opened, hold};
use crate::place;
use crate::salvage::Found;
use crate::trouble::Trouble;

impl Disk {
    /// Sets the file aside, begins a new one with what can be salvaged, and gives of that what was not given before. Where
    /// there is no room for the new one, the damaged one stays where it is.
    pub(super) fn begin_anew(
        &mut self,
        reason: &str,
        given: &mut HashSet<u64>,
        each: &mut impl FnMut(Loaded) -> ControlFlow<()>,
    ) -> Result<Opened, Trouble> {
        self.close();
        let (mut found, mut successor) = (Found::default(), None);
        if let Some(file) = &self.file {
            hold(file, &self.path)?;
            found = Found::look(file).map_err(|error| Trouble::Away(format!("the store's file: {error}")))?;
            if found.records() > 0 {
                successor = Some(self.copy(&found, file)?);
            }
        }
        let name = place::set_aside(&self.path)?;
        let look = match successor {
            Some(successor) => {
                place::succeed(&successor, &self.path)?;
                Look::Own
            }
            None => Look::Walk,
        };
        let begun = self.connect(look)?;
        let opened = self.read(begun, given, each)?;
        let (salvaged, lost) = (found.records(), found.lost());
        let warning = format!(
            "the store was damaged ({reason}); it was set aside as {}. {salvaged} records were salvaged, {lost} values are known to be lost",
            name.display()
        );
        // Where the file was in use, memory knows more than what was salvaged.
        Ok(Opened { begun: true, salvaged, lost, warnings: vec![warning], ..opened })
    }

    /// Makes a file of what was found in another. Returns its name.
    fn copy(&self, found: &Found, file: &File) -> Result<PathBuf, Trouble> {
        let (new, name) = place::successor(&self.path)?;
        let (database, _) = database::open(new, self.options.max_bytes, Check::Nothing)?;
        let copied =
            found.give(file, |changes| guarded(|| database::write(&database, changes, |_, _| false)));
        let closed = database::close(database);
        copied.and(closed).map(|()| name)
    }
}
