//! What may be wrong with a disk, a file and what is in it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use inventory::{EvictedCounts, Settings};
use redb::{Database, ReadableDatabase, ReadableTable};
use tempfile::TempDir;

use crate::changes::{Changes, Kind};
use crate::database::{FORMAT, META};
use crate::place::FILE;
use crate::record;
use crate::store::{News, Store};
use crate::testing::{WAIT, at, due, exchange, filled, folder, load, load_with, push};
use crate::{KeptInventory, LoadReport, Options, StoreStatus, Walk, walk_store};

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
    inventory.see(exchange("cart", "GET", "/users", at(1)));
    fs::remove_file(dir.path().join("file")).unwrap();
    assert_eq!(inventory.flush(at(1), WAIT).unsaved, 1, "not tried again so soon");
    assert_eq!(inventory.flush(at(100), WAIT).written, 1);
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
}

#[test]
fn two_openers_wait_for_each_other() {
    let dir = folder();
    let (first, _) = load(dir.path());
    assert!(matches!(load(dir.path()).0.store_status(), Some(StoreStatus::Away(_))));
    let path = dir.path().to_owned();
    let (begins, begun) = std::sync::mpsc::channel();
    let second = std::thread::spawn(move || {
        begins.send(()).unwrap();
        let options = Options { wait: Duration::from_secs(10), ..Options::default() };
        load_with(&path, options).0.store_status()
    });
    // To close the first takes longer than the second needs for its first try.
    begun.recv().unwrap();
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
    inventory.see(exchange("cart", "GET", "/users", at(1)));
    assert_eq!(inventory.flush(at(1000), WAIT).unsaved, 1);
    assert_eq!(damaged_files(dir.path()), 0);
    let database = Database::create(file(&dir)).unwrap();
    assert_eq!(
        database.begin_read().unwrap().open_table(Kind::Endpoint.table()).unwrap().iter().unwrap().count(),
        3
    );
}

#[test]
fn disk_values_that_are_damaged_are_left_out_and_learned_again() {
    let dir = filled(3);
    let database = Database::create(file(&dir)).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(Kind::Endpoint.table()).unwrap();
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
        inventory.see(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(1)));
    }
    assert_eq!(due(&mut inventory, at(1000)).len(), 1, "the platform's listing knows whether it is there");
    inventory.flush_all(at(1), WAIT);
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
        // The names of what is set aside have milliseconds.
        let milliseconds = || std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let now = milliseconds();
        while milliseconds() == now {
            std::hint::spin_loop();
        }
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
    assert!(due(&mut inventory, at(1000)).is_empty(), "something pushed came back as not pushed");
    inventory.see(exchange("cart", "GET", "/new", at(1)));
    inventory.flush(at(1000), WAIT);
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
    let dir = filled(1);
    let bind = |options: &str| {
        let mut mount = Command::new("mount");
        let mount =
            mount.args(["-o", options]).args([dir.path(), dir.path()]).stderr(std::process::Stdio::null());
        mount.status().is_ok_and(|status| status.success())
    };
    assert!(bind("bind"), "this test makes a mount read-only: run it as root");
    let read_only = bind("remount,ro,bind");
    let status = load(dir.path()).0.store_status().unwrap();
    let _ = Command::new("umount").arg("-l").arg(dir.path()).status();
    assert!(read_only);
    let StoreStatus::Away(reason) = status else { panic!("{status:?}") };
    assert!(reason.contains("Read-only"), "{reason}");
    assert!(File::open(file(&dir)).is_ok());
}

/// A store whose file is walked by a child that does this.
fn walked_by(dir: &Path, program: &str, arguments: &[&str]) -> (KeptInventory, LoadReport) {
    let arguments = arguments.iter().map(Into::into).collect();
    let walk = Walk::Child { program: program.into(), arguments };
    load_with(dir, Options { walk, ..Options::default() })
}

#[test]
fn disk_file_that_kills_who_reads_it_is_set_aside_by_who_survives() {
    for (script, said) in
        [("kill -ABRT $$", "signal 6"), ("kill -XCPU $$", "signal 24"), ("exit 101", "status 101")]
    {
        let dir = filled(3);
        let (inventory, report) = walked_by(dir.path(), "sh", &["-c", script]);
        assert!(report.warnings[0].contains(said), "{}", report.warnings[0]);
        assert_eq!((inventory.len(), damaged_files(dir.path())), (3, 1), "its sound records are taken over");
        assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    }
}

#[test]
fn disk_file_that_cannot_be_walked_now_is_tried_again_untouched() {
    let dir = filled(3);
    let before = fs::read(file(&dir)).unwrap();
    let (inventory, report) = walked_by(dir.path(), "sh", &["-c", "echo no memory; exit 11"]);
    assert_eq!(inventory.store_status(), Some(StoreStatus::Away("no memory".into())));
    assert_eq!((report, fs::read(file(&dir)).unwrap() == before), (LoadReport::default(), true));
    drop(inventory);
    let (inventory, _) = walked_by(dir.path(), "sh", &["-c", "kill -KILL $$"]);
    let Some(StoreStatus::Away(why)) = inventory.store_status() else { panic!() };
    assert!(why.contains("signal 9"), "whoever killed it, the file may be good: {why}");
    drop(inventory);
    let (inventory, _) = walked_by(dir.path(), "/nonexistent", &[]);
    assert_eq!(inventory.len(), 3, "where no child can be started, it is walked here");
}

/// What the child of the next test does. By itself it has nothing to walk.
#[test]
#[ignore = "a child of another test"]
fn walk_child() {
    let file = File::from(std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().unwrap());
    if file.metadata().unwrap().is_file() {
        std::process::exit(walk_store(file).map_or_else(|(_, status)| status, |()| 0));
    }
}

#[test]
fn disk_is_walked_by_a_child_under_the_lock_of_its_parent() {
    let dir = filled(300);
    let program = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "tests::disk::walk_child"];
    let walked = || walked_by(dir.path(), program.to_str().unwrap(), &arguments);
    let (inventory, report) = walked();
    assert_eq!((inventory.len(), report.warnings.len()), (300, 0));
    assert!(matches!(load(dir.path()).0.store_status(), Some(StoreStatus::Away(_))), "it is held");
    drop(inventory);
    let mut bytes = fs::read(file(&dir)).unwrap();
    let middle = bytes.iter().rposition(|byte| *byte != 0).unwrap() / 2;
    bytes[middle..middle + 64].fill(0xaa);
    fs::write(file(&dir), bytes).unwrap();
    let (inventory, report) = walked();
    assert_eq!((report.warnings.len(), damaged_files(dir.path())), (1, 1));
    assert!((290..=300).contains(&inventory.len()), "{}", inventory.len());
}

/// A child that waits for a word stands for a disk that takes its time.
#[test]
fn disk_that_is_slow_to_open_is_merged_when_it_comes() {
    let dir = filled(3);
    let beside = folder();
    let word = beside.path().join("word");
    assert!(Command::new("mkfifo").arg(&word).status().unwrap().success());
    let start = Instant::now();
    let script = r#"read -r _ < "$0""#;
    let (mut inventory, report) = walked_by(dir.path(), "sh", &["-c", script, word.to_str().unwrap()]);
    assert_eq!(report, LoadReport::default());
    assert_eq!(inventory.store_status(), Some(StoreStatus::Away("the store is being opened".into())));
    inventory.see(exchange("cart", "GET", "/{a}/n0/{b}", at(1)));
    assert_eq!(inventory.flush(at(1), Duration::ZERO).unsaved, 1);
    assert!(start.elapsed() < Duration::from_secs(10), "nobody waits for it longer: {:?}", start.elapsed());
    fs::write(&word, "go on\n").unwrap();
    assert_eq!(inventory.flush(at(1), WAIT).load.endpoints, 3);
    assert_eq!((inventory.len(), inventory.unsaved()), (3, 0));
    assert_eq!(inventory.find("/{a}/n0/{b}")[0].record.counts.requests, 2);
    assert!(due(&mut inventory, at(1000)).is_empty(), "all three were pushed before");
}

#[test]
fn disk_values_of_a_later_version_are_neither_read_nor_harmed() {
    let dir = filled(3);
    let (key, newer) = {
        let database = Database::create(file(&dir)).unwrap();
        let transaction = database.begin_write().unwrap();
        let pair = {
            let mut table = transaction.open_table(Kind::Endpoint.table()).unwrap();
            let key = table.first().unwrap().unwrap().0.value().to_vec();
            let newer = record::as_newer(&key, b"who knows");
            table.insert(key.as_slice(), newer.as_slice()).unwrap();
            (key, newer)
        };
        transaction.commit().unwrap();
        pair
    };
    let (mut inventory, report) = load(dir.path());
    assert_eq!((report.endpoints, report.newer, report.warnings), (2, 1, Vec::new()));
    // It is learned again, changes, and is forgotten.
    for n in 0..3 {
        inventory.see(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(1)));
    }
    assert_eq!((inventory.len(), inventory.flush_all(at(1), WAIT).unsaved), (3, 0));
    drop(inventory);
    let (inventory, report) = load(dir.path());
    assert_eq!((inventory.len(), report.newer), (2, 1));
    drop(inventory);
    let database = Database::create(file(&dir)).unwrap();
    let table = database.begin_read().unwrap().open_table(Kind::Endpoint.table()).unwrap();
    assert_eq!(table.get(key.as_slice()).unwrap().unwrap().value(), newer);
}

/// The least that can be set (`storeMiB` 8).
const LIMIT: u64 = 8 << 20;

fn limited(dir: &Path) -> (KeptInventory, LoadReport) {
    let options = Options { max_bytes: LIMIT, ..Options::default() };
    KeptInventory::open(dir, options, Settings { endpoints_per_service: 20_000, ..Settings::default() })
}

#[test]
fn disk_limit_is_kept_and_the_least_valuable_go_first() {
    let dir = folder();
    let (mut inventory, _) = limited(dir.path());
    for n in 0..10_000_u64 {
        let mut seen = exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(n));
        // One in four is a guess of a scanner's; some are much larger than others.
        seen.status = Some(if n % 4 == 0 { 404 } else { 200 });
        seen.query = vec![("q".into(), "x".repeat((n % 7 * 150) as usize))];
        inventory.see(seen);
        if n % 500 == 499 {
            push(&mut inventory, at(n));
            inventory.flush_all(at(n), WAIT);
            let size = fs::metadata(file(&dir)).unwrap().len();
            assert!(size <= LIMIT, "{size}");
            assert_eq!(inventory.store_status(), Some(StoreStatus::Open), "at {n}");
        }
    }
    let EvictedCounts { unconfirmed, unmapped, pushed, .. } = inventory.totals().evicted;
    assert!(unconfirmed > 1500 && unmapped == 0 && pushed > 1500, "{unconfirmed} {unmapped} {pushed}");
    let left = inventory.len();
    assert_eq!(left as u64 + unconfirmed + pushed, 10_000);
    assert!(left > 800, "{left} in {LIMIT} bytes");
    assert!(inventory.balanced());
    let oldest = inventory.endpoints().map(|endpoint| endpoint.record.counts.last).min().unwrap();
    assert!(oldest > Some(at(5000)), "{oldest:?}: the longest unseen go first");
    drop(inventory);
    let (inventory, report) = limited(dir.path());
    assert_eq!((report.endpoints, report.warnings), (left, Vec::new()));
    assert_eq!(
        inventory.len() + inventory.totals().evicted.ways().iter().map(|way| way.1).sum::<u64>() as usize,
        left
    );
}

#[test]
fn disk_limit_forgets_nothing_that_waits_to_be_pushed() {
    let dir = folder();
    let (mut inventory, _) = limited(dir.path());
    for n in 0..6000 {
        inventory.see(exchange("cart", "GET", &format!("/{{a}}/n{n}/{{b}}"), at(1)));
    }
    assert_eq!(inventory.flush_all(at(1), WAIT).unsaved, 0);
    let (kept, totals) = (inventory.len(), *inventory.totals());
    assert!(kept < 6000 && totals.evicted == EvictedCounts::default(), "{kept} {totals:?}");
    assert_eq!(kept as u64 + totals.unrecorded.memory_full, 6000, "all are counted");
    drop(inventory);
    let (mut inventory, _) = limited(dir.path());
    assert_eq!(push(&mut inventory, at(100)).len(), kept);
}

/// What the records need is estimated. Where the estimate is wrong, the file stays within its limit all the same.
#[test]
fn disk_limit_is_never_passed_by_the_file() {
    let dir = folder();
    let options = Options { max_bytes: 128 << 10, ..Options::default() };
    let mut store = Store::open(dir.path(), options);
    let until = Instant::now() + WAIT;
    while !store.is_idle() {
        assert!(store.news(at(0), until).is_some());
    }
    let mut changes = Changes::default();
    changes.of_mut(Kind::Endpoint).extend((0..100_u8).map(|n| (vec![n], Some(vec![n; 4000]))));
    store.commit(changes);
    assert!(matches!(store.news(at(0), until), Some(News::Failed)));
    assert_eq!(
        store.status(),
        StoreStatus::Away("the store has the size that it may have (storeMiB)".into())
    );
    assert!(fs::metadata(file(&dir)).unwrap().len() <= 128 << 10);
}
