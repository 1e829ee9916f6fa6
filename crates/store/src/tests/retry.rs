//! A store that could not be opened is tried again by the same process, which must not stand in its own way.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender};

use redb::Database;

use crate::changes::Kind;
use crate::disk::Opened;
use crate::place::FILE;
use crate::store::{News, Store};
use crate::testing::{WAIT, at, filled, folder, load, load_with};
use crate::thread::{Job, Report};
use crate::trouble::Trouble;
use crate::{KeptInventory, Options, StoreStatus, Walk};

fn assert_open(inventory: &KeptInventory, endpoints: usize) {
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    assert!(!inventory.is_held_elsewhere());
    let counted = inventory.endpoints().map(|endpoint| endpoint.record.counts.requests);
    assert_eq!(counted.collect::<Vec<_>>(), vec![1; endpoints]);
}

#[test]
fn disk_walk_that_was_killed_is_made_again() {
    let dir = filled(3);
    let beside = folder();
    let script = r#"test -e "$0" || { : > "$0"; kill -KILL $$; }"#;
    let arguments = vec!["-c".into(), script.into(), beside.path().join("mark").into()];
    let options = Options { walk: Walk::Child { program: "sh".into(), arguments }, ..Options::default() };
    let (mut inventory, _) = load_with(dir.path(), options);
    let Some(StoreStatus::Away(why)) = inventory.store_status() else { panic!() };
    assert!(why.contains("signal 9"), "{why}");
    inventory.flush(at(100), WAIT);
    assert_open(&inventory, 3);
}

/// Puts nonsense beside the endpoints of a file that is sound.
fn spoil(file: &Path) {
    let database = Database::create(file).unwrap();
    let transaction = database.begin_write().unwrap();
    let nonsense = b"nonsense".as_slice();
    transaction.open_table(Kind::Endpoint.table()).unwrap().insert(nonsense, nonsense).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn disk_that_could_not_be_renewed_is_tried_again_and_counts_nothing_twice() {
    let dir = filled(3);
    spoil(&dir.path().join(FILE));
    let obstacle = dir.path().join(format!("{FILE}.new"));
    fs::create_dir(&obstacle).unwrap();
    let (mut inventory, _) = load(dir.path());
    assert!(matches!(inventory.store_status(), Some(StoreStatus::Away(_))));
    assert!(!inventory.is_held_elsewhere());
    inventory.flush(at(100), WAIT);
    assert!(matches!(inventory.store_status(), Some(StoreStatus::Away(_))));
    fs::remove_dir(&obstacle).unwrap();
    inventory.flush(at(200), WAIT);
    assert_open(&inventory, 3);
}

/// Has the store hear this from its thread.
fn hear(
    store: &mut Store,
    (jobs, reports): &(Receiver<Job>, SyncSender<Report>),
    opened: Result<Opened, Trouble>,
) {
    let failed = opened.is_err();
    reports.send(Report::Opened(opened)).unwrap();
    let news = store.news(at(0), std::time::Instant::now() + WAIT);
    assert!(matches!(news, Some(News::Failed)) == failed);
    store.reconnect(at(100));
    assert!(matches!(jobs.try_recv(), Ok(Job::Open(_))) == failed);
}

/// Whoever holds the file pushes. What else is wrong with it meanwhile says nothing about that.
#[test]
fn a_store_is_held_elsewhere_until_it_was_opened() {
    let (mut store, thread) = Store::played();
    assert!(!store.is_held_elsewhere());
    hear(&mut store, &thread, Err(Trouble::Held));
    assert!(store.is_held_elsewhere());
    hear(&mut store, &thread, Err(Trouble::Away("no room".into())));
    assert!(store.is_held_elsewhere());
    hear(&mut store, &thread, Ok(Opened::default()));
    assert!(!store.is_held_elsewhere());
}

/// As a crash between two steps leaves it: the damaged file is set aside, the new one is whole and has not its name yet.
#[test]
fn disk_whose_renewal_was_broken_off_is_found_again() {
    let dir = filled(3);
    let file = dir.path().join(FILE);
    let new = dir.path().join(format!("{FILE}.new"));
    fs::rename(&file, &new).unwrap();
    let (inventory, _) = load(dir.path());
    assert_open(&inventory, 3);
    assert!(!new.exists());
    drop(inventory);

    // Or as one between the exchange of their names and the rest.
    fs::write(&new, b"damaged").unwrap();
    let (inventory, _) = load(dir.path());
    assert_open(&inventory, 3);
    let names =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names.len(), 2);
    assert!(names[0] == FILE && names[1].starts_with("inventory.redb.damaged-"), "{names:?}");
}
