use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use redb::{Database, ReadableDatabase, ReadableTable};

use super::database::{ENDPOINTS, FORMAT, META};
use super::place::FILE;
use super::*;
use crate::testing::{SECOND, WAIT, due, exchange, folder, push};
use crate::{Inventory, LoadReport, Settings, StoreOptions};

fn load(dir: &Path) -> (Inventory, LoadReport) {
    Inventory::open(dir, StoreOptions::default(), Settings::default())
}

/// A store with so many endpoints, all pushed.
fn filled(count: usize) -> TempDir {
    let dir = folder();
    let (mut inventory, _) = load(dir.path());
    for n in 0..count {
        inventory.observe(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), SECOND), None, &[]);
    }
    push(&mut inventory, 100 * SECOND);
    inventory.flush_all(SECOND, WAIT);
    dir
}

fn file(dir: &TempDir) -> PathBuf {
    dir.path().join(FILE)
}

fn damaged_files(dir: &Path) -> usize {
    fs::read_dir(dir).unwrap().filter(|e| e.as_ref().unwrap().path() != dir.join(FILE)).count()
}

#[test]
fn folder_and_file_are_private() {
    let parent = folder();
    let dir = parent.path().join("a/b");
    drop(load(&dir));
    let modes = |dir: &Path| {
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        (mode(dir), mode(&dir.join(FILE)))
    };
    assert_eq!(modes(&dir), (0o700, 0o600));
    fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(dir.join(FILE), Permissions::from_mode(0o644)).unwrap();
    drop(load(&dir));
    assert_eq!(modes(&dir), (0o700, 0o600), "and are made so");
}

#[test]
fn links_are_not_followed() {
    let dir = folder();
    let target = dir.path().join("target");
    let refused = |path: &Path| match load(path).0.store_status().unwrap() {
        StoreStatus::Refused(reason) => reason,
        status => panic!("{status:?}"),
    };
    fs::create_dir(&target).unwrap();
    symlink(&target, dir.path().join("link")).unwrap();
    assert!(refused(&dir.path().join("link")).contains("is a link"));

    let victim = dir.path().join("victim");
    fs::write(&victim, b"precious").unwrap();
    symlink(&victim, target.join(FILE)).unwrap();
    assert!(refused(&target).contains("is a link"));

    fs::remove_file(target.join(FILE)).unwrap();
    fs::hard_link(&victim, target.join(FILE)).unwrap();
    assert!(refused(&target).contains("one name"));
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    assert_eq!(fs::metadata(&victim).unwrap().mode() & 0o777, 0o644, "not even its mode is changed");
}

#[test]
fn disk_that_is_not_there_is_away_and_comes_back() {
    let dir = folder();
    let path = dir.path().join("file/state");
    fs::write(dir.path().join("file"), b"").unwrap();
    let (mut inventory, _) = load(&path);
    assert!(matches!(inventory.store_status(), Some(StoreStatus::Away(_))));
    inventory.observe(exchange("cart", "GET", "/users", SECOND), None, &[]);
    fs::remove_file(dir.path().join("file")).unwrap();
    assert_eq!(inventory.flush(SECOND, WAIT).unsaved, 1, "not tried again so soon");
    assert_eq!(inventory.flush(100 * SECOND, WAIT).written, 1);
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
}

#[test]
fn two_openers_wait_for_each_other() {
    let dir = folder();
    let (first, _) = load(dir.path());
    assert!(matches!(load(dir.path()).0.store_status(), Some(StoreStatus::Away(_))));
    let path = dir.path().to_owned();
    let second = std::thread::spawn(move || {
        let options = StoreOptions { wait: Duration::from_secs(10), ..StoreOptions::default() };
        Inventory::open(&path, options, Settings::default()).0.store_status()
    });
    std::thread::sleep(Duration::from_millis(200));
    drop(first);
    assert_eq!(second.join().unwrap(), Some(StoreStatus::Open));
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let dir = filled(3);
    let database = Database::create(file(&dir)).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(META).unwrap().insert("format", FORMAT + 1).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (mut inventory, report) = load(dir.path());
    let Some(StoreStatus::Refused(reason)) = inventory.store_status() else { panic!() };
    assert!(reason.contains("later version"), "{reason}");
    assert_eq!(report, LoadReport::default());
    inventory.observe(exchange("cart", "GET", "/users", SECOND), None, &[]);
    assert_eq!(inventory.flush(1000 * SECOND, WAIT).unsaved, 1);
    assert_eq!(damaged_files(dir.path()), 0);
    let database = Database::create(file(&dir)).unwrap();
    assert_eq!(database.begin_read().unwrap().open_table(ENDPOINTS).unwrap().iter().unwrap().count(), 3);
}

#[test]
fn disk_values_that_are_damaged_are_left_out_and_learned_again() {
    let dir = filled(3);
    let database = Database::create(file(&dir)).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(ENDPOINTS).unwrap();
        let (key, mut value) = {
            let (key, value) = table.first().unwrap().unwrap();
            (key.value().to_vec(), value.value().to_vec())
        };
        value[9] ^= 1;
        table.insert(key.as_slice(), value.as_slice()).unwrap();
        table.insert(b"nonsense".as_slice(), b"nonsense".as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);
    let (mut inventory, report) = load(dir.path());
    assert_eq!((report.endpoints, report.damaged, inventory.len()), (2, 2, 2));
    assert!(report.warnings[0].contains("2 values with a wrong checksum"), "{}", report.warnings[0]);
    assert_eq!(damaged_files(dir.path()), 1);
    for n in 0..3 {
        inventory.observe(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), SECOND), None, &[]);
    }
    assert_eq!(
        due(&mut inventory, 1000 * SECOND).len(),
        1,
        "the platform's listing knows whether it is there"
    );
    inventory.flush_all(SECOND, WAIT);
    drop(inventory);
    let (_, report) = load(dir.path());
    assert_eq!((report.endpoints, report.damaged), (3, 0));
}

#[test]
fn disk_file_of_nonsense_is_set_aside() {
    for content in [b"not a database".as_slice(), &[0; 5000], &[0xff; 300_000]] {
        let dir = folder();
        fs::write(file(&dir), content).unwrap();
        let (inventory, report) = load(dir.path());
        assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
        assert_eq!(report.warnings.len(), 1);
        assert!(report.warnings[0].contains("damaged"), "{}", report.warnings[0]);
        assert_eq!(damaged_files(dir.path()), 1);
    }
}

#[test]
fn disk_files_set_aside_do_not_pile_up() {
    let dir = folder();
    for _ in 0..5 {
        fs::write(file(&dir), b"not a database").unwrap();
        drop(load(dir.path()));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(damaged_files(dir.path()), 2);
}

#[test]
fn disk_file_cut_anywhere_never_stops_us() {
    let dir = filled(300);
    let whole = fs::read(file(&dir)).unwrap();
    for part in 0..12 {
        goes_on(&whole[..whole.len() * part / 12]);
    }
}

#[test]
fn disk_bytes_flipped_in_every_region_never_stop_us_and_are_never_silently_wrong() {
    let dir = filled(300);
    let whole = fs::read(file(&dir)).unwrap();
    let header = (0..320).step_by(8);
    let rest = (320..whole.len()).step_by(whole.len().div_ceil(60));
    for (n, offset) in header.chain(rest).enumerate() {
        let mut flipped = whole.clone();
        flipped[offset] ^= 1 << (n % 8);
        goes_on(&flipped);
    }
}

/// Opens a store with this content. Everything that it gives must be as it was written, and writing must work.
fn goes_on(content: &[u8]) {
    let dir = folder();
    fs::write(file(&dir), content).unwrap();
    let (mut inventory, report) = load(dir.path());
    let whole = report.warnings.is_empty() && report.damaged == 0;
    let refused = matches!(inventory.store_status(), Some(StoreStatus::Refused(_)));
    assert!(refused || !whole || report.endpoints == 300 || content.is_empty(), "silent loss: {report:?}");
    assert!(inventory.endpoints().all(|endpoint| endpoint.record.counts.requests == 1));
    assert!(due(&mut inventory, 1000 * SECOND).is_empty(), "something pushed came back as not pushed");
    inventory.observe(exchange("cart", "GET", "/new", SECOND), None, &[]);
    inventory.flush(1000 * SECOND, WAIT);
    if refused {
        return;
    }
    let count = inventory.len();
    drop(inventory);
    let (inventory, report) = load(dir.path());
    assert_eq!((inventory.len(), report.warnings.len()), (count, 0));
}

#[test]
fn disk_read_only_is_away_with_its_reason() {
    // A read-only mount needs root; without it the test has nothing to say.
    let dir = filled(1);
    let bind = |options: &str| {
        let mut mount = std::process::Command::new("mount");
        let mount =
            mount.args(["-o", options]).args([dir.path(), dir.path()]).stderr(std::process::Stdio::null());
        mount.status().is_ok_and(|status| status.success())
    };
    if !bind("bind") {
        return;
    }
    let read_only = bind("remount,ro,bind");
    let status = load(dir.path()).0.store_status().unwrap();
    let _ = std::process::Command::new("umount").arg("-l").arg(dir.path()).status();
    assert!(read_only);
    let StoreStatus::Away(reason) = status else { panic!("{status:?}") };
    assert!(reason.contains("Read-only"), "{reason}");
    assert!(File::open(file(&dir)).is_ok());
}
