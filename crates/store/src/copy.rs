//! Reading a store that no agent has open, without touching its file: what is read is a copy in memory.

use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use inventory::{Inventory, Settings};
use redb::StorageBackend;
use redb::backends::InMemoryBackend;

use crate::changes::Kind;
use crate::database::{self, Check, guarded};
use crate::disk::{Loaded, decode, hold};
use crate::place;
use crate::trouble::Trouble;

/// The largest file that is read, in bytes: four times what a store may have unless it is told otherwise.
const MAX_BYTES: u64 = 1 << 30;

/// So much of a file is copied at once.
const PIECE: usize = 1 << 20;

/// Returns the endpoints that the store in this folder has. Its file stays as it is.
///
/// # Errors
/// Why it cannot be read: there is none, an agent has it open, it is damaged or too large, or a later version wrote it.
pub fn read_store(dir: &Path, settings: Settings) -> Result<Inventory, String> {
    let path = dir.join(place::FILE);
    let context = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::open(&path).map_err(context)?;
    hold(&file, &path).map_err(|trouble| trouble.to_string())?;
    if file.metadata().map_err(context)?.len() > MAX_BYTES {
        return Err(format!("{}: larger than {} MiB", path.display(), MAX_BYTES >> 20));
    }
    let copy = copy(&file).map_err(context)?;
    let mut inventory = Inventory::new(settings);
    restore(copy, &mut inventory).map_err(|trouble| format!("{}: {trouble}", path.display()))?;
    inventory.restored(false);
    Ok(inventory)
}

fn copy(mut file: &File) -> std::io::Result<InMemoryBackend> {
    let backend = InMemoryBackend::new();
    let (mut piece, mut at) = (vec![0; PIECE], 0);
    loop {
        let read = file.read(&mut piece)?;
        let Some(piece) = piece.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(backend) };
        backend.set_len(at + read as u64)?;
        backend.write(at, piece)?;
        at += read as u64;
    }
}

/// Takes over what can be read. What later versions wrote, and what is damaged, is passed over.
fn restore(copy: InMemoryBackend, inventory: &mut Inventory) -> Result<(), Trouble> {
    let (database, _) = database::open_on(copy, Check::Whole)?;
    guarded(|| {
        database::read(&database, &Kind::RECORDS, &mut |kind, key, value| {
            match decode(kind, key, value) {
                Ok(Loaded::Endpoint(key, record)) => inventory.restore(key, *record),
                Ok(Loaded::Mapping(service, mapping)) => inventory.restore_mapping(service, mapping),
                Ok(Loaded::Paths(owner, paths)) => inventory.restore_paths(owner, *paths),
                Ok(Loaded::Shapes(key, shapes)) => inventory.restore_shapes(key, *shapes),
                Err(_) => {}
            }
            ControlFlow::Continue(())
        })
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use decode::Timestamp;
    use inventory::testing::{at, exchange};

    use super::*;
    use crate::{KeptInventory, Options};

    #[test]
    fn a_store_is_read_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let read = || read_store(dir.path(), Settings::default());
        assert!(read().unwrap_err().contains("No such file"));
        let (mut kept, _) = KeptInventory::open(dir.path(), Options::default(), Settings::default());
        kept.see(exchange("cart", "GET", "/users", at(5)));
        kept.flush_all(Timestamp::from_secs(6), Duration::from_secs(10));
        assert!(read().is_err(), "an agent has it open");
        kept.close();
        drop(kept);
        let file = dir.path().join(place::FILE);
        let before = std::fs::read(&file).unwrap();
        let found = read().unwrap();
        assert_eq!(found.endpoints().map(|one| one.key.template.as_str()).collect::<Vec<_>>(), ["/users"]);
        assert_eq!(std::fs::read(&file).unwrap(), before);
        std::fs::write(&file, &before[..before.len() / 2]).unwrap();
        assert!(read().is_err(), "half of it is missing");
    }
}
