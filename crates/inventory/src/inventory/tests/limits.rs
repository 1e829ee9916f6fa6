//! Caps, the memory budget, and what goes first.

use decode::Timestamp;
use redact::by_hand::Exchange;
use redact::{OpenedBody, Repeats};

use crate::names::{HEADER_NAMES, QUERY_NAMES};
use crate::testing::{at, body, due, exchange, mapping, push};
use crate::{Counts, Delivery, Endpoint, EndpointKey, Inventory, Record, Settings, State, Unrecorded};

fn guess(service: &str, n: usize) -> Exchange {
    Exchange {
        status: Some(404),
        ..exchange(service, "GET", &format!("/guess/{n}"), Timestamp::from_nanos(n as u64))
    }
}

fn real(service: &str, n: usize) -> Exchange {
    exchange(service, "GET", &format!("/real/{n}"), Timestamp::from_nanos(n as u64))
}

fn small(memory: usize) -> Inventory {
    Inventory::new(Settings { memory, ..Settings::default() })
}

#[test]
fn a_service_has_so_many_endpoints_and_the_rest_is_counted() {
    let mut inventory = Inventory::new(Settings { endpoints_per_service: 10, ..Settings::default() });
    for n in 0..15 {
        let sighting = inventory.see(real("cart", n));
        let full = State::Overflow(Unrecorded::ServiceFull);
        assert_eq!(sighting.hold == Some(full), n >= 10);
    }
    let repeats =
        Repeats { fingerprint: real("cart", 14).fingerprint, count: 4, last: Timestamp::from_nanos(20) };
    assert!(inventory.repeat(repeats).is_none());
    inventory.see(real("shop", 0));
    let owners = inventory.owners(at(1), mapping);
    assert_eq!((owners[0].endpoints, owners[0].overflow), (10, 5));
    assert_eq!((owners[1].endpoints, owners[1].overflow), (1, 0));
    assert_eq!(inventory.totals().unrecorded.repeat_of_unrecorded, 4);
    assert!(inventory.balanced());
}

#[test]
fn a_scanner_does_not_use_up_what_a_service_may_have() {
    let mut inventory = Inventory::new(Settings { endpoints_per_service: 100, ..Settings::default() });
    for n in 0..10_000 {
        inventory.see(guess("cart", n));
    }
    for n in 0..100 {
        assert!(inventory.see(real("cart", n)).new, "{n}");
    }
    assert_eq!(due(&mut inventory, at(1000)).len(), 100);
    assert!(inventory.balanced());
}

#[test]
fn sets_of_names_have_caps() {
    let mut inventory = Inventory::new(Settings::default());
    let pairs = |from: usize| (from..from + 50).map(|n| (format!("name{n}"), "x".repeat(5000))).collect();
    let mut revisions = 0;
    for n in 0..100 {
        let exchange = Exchange {
            query: pairs(n * 50),
            headers: pairs(n * 50),
            request_type: Some(format!("text/{n}")),
            response_type: Some(format!("text/{n}")),
            ..exchange("cart", "GET", "/users", at(1))
        };
        revisions += usize::from(inventory.see(exchange).learned.any());
    }
    let endpoint = inventory.endpoints().next().unwrap();
    let details = &endpoint.record.details;
    assert_eq!((details.query_names().len(), details.header_names().len()), (QUERY_NAMES, HEADER_NAMES));
    assert_eq!((details.request_types.len(), details.response_types.len()), (16, 16));
    assert_eq!(details.beyond_caps as usize, 2 * (5000 - 64) + 2 * (100 - 16));
    assert_eq!(revisions, 16, "what no longer fits is no news");
    assert!(inventory.memory() < 400_000, "{}", inventory.memory());
}

#[test]
fn long_bodies_and_names_are_left_out() {
    let mut inventory = Inventory::new(Settings::default());
    let long = body(&"x".repeat(16 * 1024 + 1), &["a".into()]);
    let sighting = inventory.see_body(real("cart", 0), &long);
    assert!(!sighting.learned.body);
    assert_eq!(inventory.totals().examples_too_long, 1);
    let path = exchange("cart", "GET", &format!("/{}", "x".repeat(8192)), at(1));
    let sighting = inventory.see(path);
    assert_eq!(sighting.hold, Some(State::Overflow(Unrecorded::TooLong)));
    assert!(inventory.balanced());
}

#[test]
fn under_pressure_guesses_go_first_then_the_unmapped_then_the_pushed() {
    let mut inventory = small(1 << 20);
    for n in 0..200 {
        inventory.see(real("cart", n));
    }
    push(&mut inventory, at(1000));
    for n in 0..200 {
        inventory.see(real("unmapped", n));
        inventory.see(guess("cart", n));
    }
    push(&mut inventory, at(1000));
    let evicted = |inventory: &Inventory| inventory.totals().evicted;
    let mut waiting = 0;
    let mut add = |inventory: &mut Inventory, until: &dyn Fn(&Inventory) -> bool| {
        while !until(inventory) {
            inventory.see(real("shop", waiting));
            waiting += 1;
            assert!(waiting < 10_000);
        }
    };
    add(&mut inventory, &|i| evicted(i).unmapped > 0);
    assert_eq!(evicted(&inventory).unconfirmed, 200);
    assert_eq!(evicted(&inventory).pushed, 0);
    add(&mut inventory, &|i| evicted(i).pushed > 0);
    assert_eq!(evicted(&inventory).unmapped, 200);
    add(&mut inventory, &|i| i.totals().unrecorded.memory_full > 100);
    assert_eq!(evicted(&inventory).pushed, 200);
    assert!(inventory.balanced());
    let refused = inventory.totals().unrecorded.memory_full;
    let kept = due(&mut inventory, at(1000)).len();
    assert_eq!(kept as u64 + refused, waiting as u64, "nothing that waits was forgotten");
    assert!(inventory.memory() < 1 << 20 | 64 << 10, "{}", inventory.memory());
}

#[test]
fn known_endpoints_do_not_grow_when_the_memory_is_used_up() {
    let mut inventory = small(2 << 20);
    for n in 0..200_000 {
        let value = "x".repeat(1000);
        let exchange = Exchange {
            query: vec![(format!("{n}{value}"), value)],
            ..exchange("cart", "GET", &format!("/real/{}", n % 50), at(1))
        };
        inventory.see_body(exchange, &body(&"x".repeat(10_000), &vec!["f".into(); n / 50 % 20]));
    }
    assert!(inventory.memory() < 3 << 20, "{}", inventory.memory());
    assert!(inventory.totals().unlearned > 0);
    assert!(inventory.balanced());
}

#[test]
fn body_examples_make_room_those_first_that_the_platform_has() {
    let mut inventory = small(4 << 20);
    let content = "x".repeat(8000);
    for n in 0..100 {
        inventory.see_body(real("cart", n), &body(&content, &["a".into()]));
    }
    push(&mut inventory, at(1000));
    for n in 100..200 {
        inventory.see_body(real("cart", n), &body(&content, &["a".into()]));
    }
    assert!(inventory.totals().dropped.pushed > 0);
    let items = due(&mut inventory, at(1000));
    assert!(items.iter().all(|item| item.body.is_some()), "all that wait still have theirs");
    let sighting = inventory.see_body(real("cart", 0), &body(&content, &["a".into()]));
    assert!(!sighting.learned.any(), "a second first example is no news");
}

#[test]
fn the_estimate_of_memory_never_drifts() {
    let mut inventory = small(600_000);
    for n in 0..5000 {
        let mut exchange = if n % 3 == 0 { real("cart", n % 700) } else { guess("shop", n) };
        exchange.query.push((format!("q{}", n % 100), "1".into()));
        let body = if n % 5 == 0 { body("{}", &[]) } else { OpenedBody::default() };
        inventory.see_body(exchange, &body);
        if n % 100 == 0 {
            push(&mut inventory, at(n as u64));
        }
    }
    let kept: usize = inventory.endpoints().map(Endpoint::bytes).sum();
    let bodies: usize = inventory.endpoints().map(|e| e.record.details.body_bytes()).sum();
    assert_eq!((inventory.bytes, inventory.body_bytes), (kept, bodies));
}

fn key(exchange: &Exchange) -> EndpointKey {
    EndpointKey {
        owner: exchange.owner.clone(),
        method: exchange.method.clone(),
        template: exchange.template.clone(),
    }
}

/// A store's file may hold any numbers, with a checksum that is right.
#[test]
fn the_largest_counts_of_records_leave_the_accounts_balanced() {
    let mut inventory = small(100_000);
    for n in 0..1000 {
        let counts = Counts { requests: u64::MAX - 1, ..Counts::default() };
        inventory.restore(key(&guess("cart", n)), Record { counts, ..Record::default() });
        inventory.see(guess("cart", n));
        assert!(inventory.balanced(), "{n}");
    }
    let totals = inventory.totals();
    assert_eq!((totals.restored_requests, totals.evicted_requests), (u64::MAX, u64::MAX));
}

#[test]
fn the_largest_revision_of_a_record_is_the_last() {
    let mut inventory = Inventory::new(Settings::default());
    let delivery = Delivery { confirmed: true, revision: u64::MAX, ..Delivery::default() };
    inventory.restore(key(&real("cart", 0)), Record { delivery, ..Record::default() });
    let news = Exchange { query: vec![("page".into(), "1".into())], ..real("cart", 0) };
    assert!(inventory.see(news).learned.any());
    assert_eq!(inventory.get(&key(&real("cart", 0))).unwrap().record.delivery.revision, u64::MAX);
}
