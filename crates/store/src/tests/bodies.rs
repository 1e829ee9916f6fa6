//! Bodies that only the disk has.

use std::fs;
use std::path::Path;

use inventory::{BodyExample, EndpointKey, Item, Settings, Verdict};
use redact::by_hand::Exchange;
use redb::{Database, ReadableDatabase, ReadableTable};

use crate::bodies::Fetched;
use crate::changes::Kind;
use crate::disk::Disk;
use crate::place::FILE;
use crate::record::{body_key, encode_key};
use crate::store::Store;
use crate::testing::{WAIT, at, exchange, folder, mapping, outcome};
use crate::thread::{Job, Report};
use crate::{KeptInventory, Options, StoreStatus};

/// What memory has for bodies is a quarter of this: three of these tests.
const MEMORY: usize = 100 << 10;
const COUNT: usize = 20;

fn open(dir: &Path) -> KeptInventory {
    let settings = Settings { memory: MEMORY, ..Settings::default() };
    KeptInventory::open(dir, Options::default(), settings).0
}

fn content(n: usize) -> String {
    format!("{n} {}", "x".repeat(8000))
}

fn see(inventory: &mut KeptInventory, n: usize) -> bool {
    let body = inventory::testing::body(&content(n), &["a".into()]);
    inventory.see_body(exchange("cart", "POST", &format!("/real/n{n}"), at(1)), &body).learned.body
}

fn filled(dir: &Path) -> KeptInventory {
    let mut inventory = open(dir);
    for n in 0..COUNT {
        assert!(see(&mut inventory, n));
        assert_eq!(inventory.flush(at(1), WAIT).unsaved, 0);
    }
    inventory
}

fn due(inventory: &mut KeptInventory, now: u64) -> Vec<Item> {
    let due = inventory.due(at(now), mapping, usize::MAX, WAIT);
    due.into_iter().flat_map(|(_, items)| items).collect()
}

/// Each of these has its own body.
fn assert_bodies(items: &[Item]) {
    for item in items {
        let n = number(&item.key);
        assert_eq!(item.body.as_ref().map(|body| body.content.clone()), Some(content(n)));
    }
}

#[test]
fn disk_gives_bodies_back_when_they_are_pushed_also_after_a_restart() {
    let dir = folder();
    let mut inventory = filled(dir.path());
    assert!(inventory.memory() < MEMORY, "{}", inventory.memory());
    let items = due(&mut inventory, 100);
    assert_eq!(items.len(), COUNT);
    assert_bodies(&items);
    drop(inventory);
    let mut inventory = open(dir.path());
    let items = due(&mut inventory, 100);
    assert_eq!(items.len(), COUNT);
    assert_bodies(&items);
    assert!(inventory.memory() < MEMORY);
    assert_eq!(inventory.bodies_missing(), 0);
}

#[test]
fn what_is_held_for_its_body_is_not_handed_out_twice_and_can_be_released() {
    let dir = folder();
    let mut inventory = filled(dir.path());
    let now = |inventory: &mut KeptInventory, limit| {
        let due = inventory.due(at(100), mapping, limit, std::time::Duration::ZERO);
        due.into_iter().flat_map(|(_, items)| items).collect::<Vec<_>>()
    };
    let mut all = now(&mut inventory, 7);
    assert_eq!(all.len() + inventory.held_for_bodies(), 7);
    let began = std::time::Instant::now();
    while all.len() < COUNT && began.elapsed() < WAIT {
        all.extend(now(&mut inventory, 7));
    }
    assert_bodies(&all);
    let mut names: Vec<_> = all.iter().map(|item| &item.key).collect();
    names.sort();
    names.dedup();
    assert_eq!((all.len(), names.len()), (COUNT, COUNT));
    inventory.release_all();
    now(&mut inventory, 7);
    inventory.release_all();
    assert_eq!(due(&mut inventory, 100).len(), COUNT);
}

/// Writes the file as versions wrote it that had bodies in their records.
fn as_before(dir: &Path) {
    let database = Database::create(dir.join(FILE)).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(Kind::Endpoint.table()).unwrap();
        let mut bodies = transaction.open_table(Kind::Body.table()).unwrap();
        let all = table.iter().unwrap().map(|entry| entry.unwrap());
        let all: Vec<_> = all.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect();
        for (key, value) in all {
            let body = bodies.remove(body_key(&key).as_slice()).unwrap().unwrap().value().to_vec();
            let body = crate::read_body(&body_key(&key), &body).unwrap();
            let mut record = serde_json::from_slice::<serde_json::Value>(&value[5..]).unwrap();
            record["details"]["body"] = serde_json::to_value(body).unwrap();
            record["details"].as_object_mut().unwrap().remove("body_stored");
            let value = crate::record::encode_value(&key, &record).unwrap();
            table.insert(key.as_slice(), value.as_slice()).unwrap();
        }
    }
    transaction.delete_table(Kind::Body.table()).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn disk_bodies_in_records_of_earlier_versions_are_read_and_move_beside_them() {
    let dir = folder();
    drop(filled(dir.path()));
    as_before(dir.path());
    let mut inventory = open(dir.path());
    assert_eq!((inventory.len(), inventory.unsaved()), (COUNT, 0));
    assert!(inventory.memory() < MEMORY, "{}", inventory.memory());
    let items = due(&mut inventory, 100);
    assert_eq!(items.len(), COUNT);
    assert_bodies(&items);
    for item in &items {
        let later = Verdict::Later { reason: "503".into(), not_before: at(200) };
        inventory.conclude(outcome(item, later), at(100));
    }
    assert_eq!(inventory.flush_all(at(2), WAIT).unsaved, 0);
    assert_bodies(&due(&mut inventory, 300));
    drop(inventory);
    let database = Database::create(dir.path().join(FILE)).unwrap();
    let bodies = database.begin_read().unwrap().open_table(Kind::Body.table()).unwrap();
    assert_eq!(bodies.iter().unwrap().count(), COUNT);
    drop((bodies, database));
    let items = due(&mut open(dir.path()), 300);
    assert_eq!(items.len(), COUNT);
    assert_bodies(&items);
}

#[test]
fn disk_body_that_is_damaged_is_given_up_and_the_next_one_is_news() {
    let dir = folder();
    let mut inventory = filled(dir.path());
    inventory.close();
    drop(inventory);
    let mut inventory = open(dir.path());
    let key = inventory.find("/real/n3")[0].key.clone();
    drop(inventory);
    let database = Database::create(dir.path().join(FILE)).unwrap();
    let transaction = database.begin_write().unwrap();
    let bytes = body_key(&encode_key(&key).unwrap());
    transaction
        .open_table(Kind::Body.table())
        .unwrap()
        .insert(bytes.as_slice(), b"nonsense".as_slice())
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    inventory = open(dir.path());
    let items = due(&mut inventory, 100);
    let (with, without): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.body.is_some());
    assert_bodies(&with);
    assert_eq!((with.len(), without.len()), (COUNT - 1, 1));
    assert_eq!((inventory.totals().dropped.damaged, inventory.bodies_missing()), (1, 1));
    inventory.conclude(outcome(&without[0], Verdict::Pushed), at(100));
    assert!(see(&mut inventory, 3));
    let again = due(&mut inventory, 1000);
    assert_eq!(again.len(), 1);
    assert_bodies(&again);
}

/// Bodies take whole pages of the file, in powers of two. They must not fill it.
#[test]
fn disk_limit_is_kept_with_bodies_of_any_length() {
    const LIMIT: u64 = 8 << 20;
    let dir = folder();
    let options = Options { max_bytes: LIMIT, ..Options::default() };
    let (mut inventory, _) = KeptInventory::open(dir.path(), options, Settings::default());
    for n in 0..2000 {
        let body = inventory::testing::body(&"x".repeat(n * 37 % 16_000), &["a".into()]);
        inventory.see_body(exchange("cart", "POST", &format!("/{{a}}/n{n}/{{b}}"), at(1)), &body);
        if n % 40 == 39 {
            assert_eq!(inventory.flush_all(at(n as u64), WAIT).unsaved, 0, "at {n}");
            assert!(fs::metadata(dir.path().join(FILE)).unwrap().len() <= LIMIT);
        }
        if n == 1000 {
            for item in due(&mut inventory, 2000) {
                inventory.conclude(outcome(&item, Verdict::Pushed), at(2000));
            }
        }
    }
    let dropped = inventory.totals().dropped;
    assert!(dropped.pushed > 50 && dropped.disk > 0 && dropped.memory == 0, "{dropped:?}");
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    let (items, lost) = (due(&mut inventory, 9000), inventory.totals().dropped.damaged);
    let without = items.iter().filter(|item| item.body.is_none()).count();
    assert!(items.len() > 700 && lost == 0 && items.len() - without > 50, "{} {without}", items.len());
}

#[test]
fn disk_that_is_away_lets_endpoints_go_without_their_bodies_and_once_more_when_it_is_back() {
    let parent = folder();
    let dir = parent.path().join("state");
    let mut inventory = filled(&dir);
    inventory.flush_all(at(1), WAIT);
    fs::write(parent.path().join("file"), b"").unwrap();
    inventory.store = Some(Store::open(&parent.path().join("file/state"), Options::default()));
    inventory.flush(at(1), WAIT);
    assert!(matches!(inventory.store_status(), Some(StoreStatus::Away(_))));
    let items = due(&mut inventory, 100);
    for item in &items {
        inventory.conclude(outcome(item, Verdict::Pushed), at(100));
    }
    let without = items.iter().filter(|item| item.body.is_none()).count();
    assert!(items.len() == COUNT && without > COUNT / 2, "{without}");
    assert!(due(&mut inventory, 1000).is_empty());
    inventory.store = Some(Store::open(&dir, Options::default()));
    inventory.flush(at(1000), WAIT);
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    let again = due(&mut inventory, 2000);
    assert_eq!(again.len(), without);
    assert_bodies(&again);
    assert_eq!(inventory.bodies_missing(), 0);
}

fn number(key: &EndpointKey) -> usize {
    key.template.trim_start_matches("/real/n").parse().unwrap()
}

/// What a store reads for each endpoint, one that answers or one that does not.
fn fetched(inventory: &KeptInventory, answers: bool) -> Report {
    let read = |key: &EndpointKey| match answers {
        true => Fetched::Body(BodyExample {
            content_type: "application/json".into(),
            content: content(number(key)),
        }),
        false => Fetched::Away,
    };
    let real = inventory.endpoints().filter(|one| one.key.template.starts_with("/real/"));
    Report::Fetched(real.map(|one| ((*one.key).clone(), read(&one.key))).collect())
}

/// A store that stays open does not say that it is back. That it answers again does.
#[test]
fn disk_that_stalls_gets_what_went_without_its_body_pushed_once_more_also_after_a_restart() {
    let dir = folder();
    let mut inventory = filled(dir.path());
    inventory.flush_all(at(1), WAIT);
    let (store, (jobs, reports)) = Store::played();
    inventory.store = Some(store);
    reports.send(fetched(&inventory, false)).unwrap();
    let items = due(&mut inventory, 100);
    for item in &items {
        inventory.conclude(outcome(item, Verdict::Pushed), at(100));
    }
    let without = items.iter().filter(|item| item.body.is_none()).count();
    assert!(items.len() == COUNT && without > COUNT / 2, "{without}");
    assert!(due(&mut inventory, 1000).is_empty());

    inventory.flush(at(101), std::time::Duration::ZERO);
    let commit = jobs.try_iter().find_map(|job| match job {
        Job::Commit(changes) => Some(changes),
        Job::Fetch(_) | Job::Open(_) => None,
    });
    let mut disk = Disk::new(dir.path(), Options::default());
    disk.open(WAIT, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    disk.commit(&mut commit.unwrap()).unwrap();
    drop(disk);
    let again = due(&mut open(dir.path()), 2000);
    assert_eq!(again.len(), without, "after a restart");
    assert_bodies(&again);

    reports.send(Report::Committed(Ok(1))).unwrap();
    inventory.flush(at(102), std::time::Duration::ZERO);
    reports.send(fetched(&inventory, false)).unwrap();
    let again = due(&mut inventory, 300);
    assert_eq!(again.len(), without);
    for item in &again {
        inventory.conclude(outcome(item, Verdict::Pushed), at(300));
    }

    // It stalls still: that is not tried again at once.
    for (now, count) in [(400, 0), (2000, without)] {
        inventory
            .see(Exchange { status: Some(404), ..exchange("cart", "GET", &format!("/guess{now}"), at(now)) });
        inventory.flush(at(now), std::time::Duration::ZERO);
        reports.send(Report::Committed(Ok(1))).unwrap();
        inventory.flush(at(now), std::time::Duration::ZERO);
        if count > 0 {
            reports.send(fetched(&inventory, true)).unwrap();
        }
        let again = due(&mut inventory, now + 100);
        assert_eq!(again.len(), count);
        assert_bodies(&again);
    }
}
