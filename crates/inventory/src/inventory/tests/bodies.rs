//! Where bodies are, what becomes of those that memory has no room for, and that a missing one comes again.

use redact::by_hand::Exchange;

use crate::testing::{at, body, due, exchange, mapping, outcome, push};
use crate::{Change, Dropped, EndpointKey, Inventory, Item, Room, Settings, Verdict};

/// What memory has for bodies in these tests is a quarter of this.
const MEMORY: usize = 1 << 20;
const ROOM: Room = Room { endpoints: usize::MAX, bytes: u64::MAX };

fn seen(n: usize) -> Exchange {
    exchange("cart", "POST", &format!("/real/n{n}"), at(1))
}

/// An inventory that took in so many endpoints with 8 KB of body each; a store has what was written after each.
fn filled(count: usize, store: Option<u64>) -> Inventory {
    let mut inventory = Inventory::new(Settings { memory: MEMORY, ..Settings::default() });
    if let Some(bytes) = store {
        inventory.begin_keeping(bytes);
    }
    for n in 0..count {
        inventory.see_body(seen(n), &body(&"x".repeat(8000), &["a".into()]));
        write(&mut inventory);
    }
    inventory
}

/// Writes all changes; returns the keys whose body was written, and those whose body was removed.
fn write(inventory: &mut Inventory) -> (Vec<EndpointKey>, Vec<EndpointKey>) {
    let (mut written, mut removed) = (Vec::new(), Vec::new());
    let given = inventory.hand_over(ROOM, |change| {
        if let Change::Body(key, body) = change {
            if body.is_some() { &mut written } else { &mut removed }.push(key.clone());
        }
        Some(1)
    });
    if given {
        inventory.written();
    }
    (written, removed)
}

/// Those whose body memory or the store has.
fn whole<'a>(inventory: &Inventory, items: &'a [Item]) -> Vec<&'a Item> {
    items.iter().filter(|item| item.body.is_some() || inventory.is_body_away(&item.key)).collect()
}

#[test]
fn what_the_store_has_leaves_memory_and_nothing_is_given_up() {
    let mut inventory = filled(500, Some(256 << 20));
    assert!(inventory.memory() < MEMORY, "{}", inventory.memory());
    let items = due(&mut inventory, at(99));
    assert_eq!((items.len(), whole(&inventory, &items).len()), (500, 500));
    assert!(items.iter().any(|item| item.body.is_none()), "memory has some of them only");
    assert!(inventory.totals().dropped.ways().iter().all(|way| way.1 == 0));
}

#[test]
fn without_a_store_what_is_given_up_is_counted_and_the_next_one_is_news() {
    let mut inventory = filled(500, None);
    let items = push(&mut inventory, at(99));
    let missing: Vec<_> = items.iter().filter(|item| item.body.is_none()).map(|item| &item.key).collect();
    assert_eq!(missing.len() as u64, inventory.totals().dropped.memory);
    assert_eq!(missing.len(), inventory.bodies_missing());
    assert!(missing.len() > 300, "{}", missing.len());
    let first = missing[0];
    let again = Exchange { time: at(100), ..exchange("cart", "POST", &first.template, at(100)) };
    assert_eq!(
        inventory.get(first).unwrap().record.details.body_dropped,
        Some(Dropped::Memory),
        "which has a reason"
    );
    assert!(inventory.see_body(again, &body("{}", &[])).learned.body);
    let items = due(&mut inventory, at(1000));
    assert!(items.len() == 1 && items[0].body.is_some(), "{items:?}");
}

#[test]
fn a_store_without_room_gives_up_what_the_platform_has_first() {
    // A quarter of the store: 1 MiB, room for some sixty bodies.
    let mut inventory = filled(40, Some(4 << 20));
    push(&mut inventory, at(99));
    for n in 40..80 {
        inventory.see_body(seen(n), &body(&"x".repeat(8000), &["a".into()]));
        write(&mut inventory);
    }
    let totals = *inventory.totals();
    assert!(totals.dropped.pushed > 0 && totals.dropped.disk == 0, "{totals:?}");
    assert_eq!(inventory.bodies_missing(), 0);
    let items = due(&mut inventory, at(199));
    assert_eq!((items.len(), whole(&inventory, &items).len()), (40, 40));
    // Endpoints are worth more than bodies.
    for n in 80..400 {
        inventory.see_body(seen(n), &body(&"x".repeat(8000), &["a".into()]));
        write(&mut inventory);
    }
    assert!(inventory.totals().dropped.disk > 0);
    assert_eq!(inventory.totals().unrecorded.memory_full, 0);
    assert_eq!(inventory.len() as u64 + inventory.totals().evicted.pushed, 400);
}

#[test]
fn a_body_that_was_not_written_stays_in_memory_until_it_is() {
    let mut inventory = Inventory::new(Settings { memory: MEMORY, ..Settings::default() });
    inventory.begin_keeping(256 << 20);
    for n in 0..50 {
        inventory.see_body(seen(n), &body(&"x".repeat(8000), &["a".into()]));
    }
    assert!(inventory.is_crowded());
    assert!(inventory.hand_over(ROOM, |_| Some(1)));
    inventory.not_written();
    inventory.see(seen(50));
    let items = due(&mut inventory, at(99));
    assert_eq!(items.iter().filter(|item| item.body.is_some()).count(), 50);
    assert_eq!(write(&mut inventory).0.len(), 50, "they are handed over again");
    inventory.see(seen(51));
    assert!(!inventory.is_crowded());
    assert_eq!(inventory.bodies_missing(), 0);
}

#[test]
fn a_body_that_changes_while_it_is_written_is_written_again() {
    let mut inventory = filled(1, Some(256 << 20));
    inventory.see_body(seen(0), &body("better", &["a".into(), "b".into()]));
    assert!(inventory.hand_over(ROOM, |_| Some(1)));
    inventory.see_body(seen(0), &body("best", &["a".into(), "b".into(), "c".into()]));
    inventory.written();
    assert_eq!(write(&mut inventory).0.len(), 1);
    assert_eq!(write(&mut inventory).0.len(), 0);
}

#[test]
fn a_body_that_is_lost_is_missing_and_its_remains_are_removed() {
    let mut inventory = filled(500, Some(256 << 20));
    let items = due(&mut inventory, at(99));
    let away = items.iter().find(|item| item.body.is_none()).unwrap();
    inventory.body_is_lost(&away.key);
    assert_eq!((inventory.totals().dropped.damaged, inventory.bodies_missing()), (1, 1));
    assert_eq!(write(&mut inventory).1, std::slice::from_ref(&away.key));
    inventory.conclude(outcome(away, Verdict::Pushed), at(99));
    let again = exchange("cart", "POST", &away.key.template, at(100));
    assert!(inventory.see_body(again, &body("{}", &["a".into()])).learned.body);
}

#[test]
fn what_was_pushed_without_its_body_is_pushed_again_when_the_store_is_back() {
    let mut inventory = filled(500, Some(256 << 20));
    let items = due(&mut inventory, at(99));
    let owed: Vec<_> = items.iter().filter(|item| item.body.is_none()).collect();
    for item in &items {
        if item.body.is_none() {
            inventory.body_is_owed(&item.key);
        }
        inventory.conclude(outcome(item, Verdict::Pushed), at(99));
    }
    assert!(due(&mut inventory, at(1000)).is_empty());
    inventory.bodies_are_back(at(1000));
    assert_eq!(due(&mut inventory, at(2000)).len(), owed.len());
}

#[test]
fn a_body_given_up_where_it_was_pushed_is_missing_where_the_service_goes_next() {
    let mut inventory = filled(100, None);
    push(&mut inventory, at(99));
    let missing = inventory.bodies_missing();
    for n in 100..200 {
        inventory.see_body(seen(n), &body(&"x".repeat(8000), &["a".into()]));
    }
    push(&mut inventory, at(199));
    let elsewhere = |service: &_| mapping(service).map(|at| crate::Instance { app: "other".into(), ..at });
    let items = inventory.due(at(999), elsewhere, usize::MAX);
    let without = items.iter().flat_map(|(_, items)| items).filter(|item| item.body.is_none()).count();
    assert!(without > missing);
    assert_eq!(inventory.bodies_missing(), without);
}
