//! Caps, the memory budget, and what goes first.

use std::io::Write;

use redact::{RedactedExchange, Repeats};

use crate::details::{HEADER_NAMES, QUERY_NAMES};
use crate::testing::{SECOND, body, due, exchange, mapping, outcome, push};
use crate::{Endpoint, Inventory, Settings, State, Unrecorded, Verdict, Worth};

fn guess(service: &str, n: usize) -> RedactedExchange {
    RedactedExchange { status: Some(404), ..exchange(service, "GET", &format!("/guess/{n}"), n as u64) }
}

fn real(service: &str, n: usize) -> RedactedExchange {
    exchange(service, "GET", &format!("/real/{n}"), n as u64)
}

fn small(memory: usize) -> Inventory {
    Inventory::new(Settings { memory, ..Settings::default() })
}

#[test]
fn a_service_has_so_many_endpoints_and_the_rest_is_counted() {
    let mut inventory = Inventory::new(Settings { endpoints_per_service: 10, ..Settings::default() });
    for n in 0..15 {
        let sighting = inventory.observe(real("cart", n), None, &[]);
        let full = State::Overflow(Unrecorded::ServiceFull);
        assert_eq!(sighting.hold == Some(full), n >= 10);
    }
    let repeats = Repeats { fingerprint: real("cart", 14).fingerprint, count: 4, last: 20 };
    assert!(inventory.repeat(repeats).is_none());
    inventory.observe(real("shop", 0), None, &[]);
    let owners = inventory.owners(SECOND, mapping);
    assert_eq!((owners[0].endpoints, owners[0].overflow), (10, 5));
    assert_eq!((owners[1].endpoints, owners[1].overflow), (1, 0));
    assert_eq!(inventory.totals().unrecorded[Unrecorded::RepeatOfUnrecorded as usize], 4);
    assert!(inventory.balanced());
}

#[test]
fn a_scanner_does_not_use_up_what_a_service_may_have() {
    let mut inventory = Inventory::new(Settings { endpoints_per_service: 100, ..Settings::default() });
    for n in 0..10_000 {
        inventory.observe(guess("cart", n), None, &[]);
    }
    for n in 0..100 {
        assert!(inventory.observe(real("cart", n), None, &[]).new, "{n}");
    }
    assert_eq!(due(&mut inventory, 1000 * SECOND).len(), 100);
    assert!(inventory.balanced());
}

#[test]
fn sets_of_names_have_caps() {
    let mut inventory = Inventory::new(Settings::default());
    let pairs = |from: usize| (from..from + 50).map(|n| (format!("name{n}"), "x".repeat(5000))).collect();
    let mut revisions = 0;
    for n in 0..100 {
        let exchange = RedactedExchange {
            query: pairs(n * 50),
            headers: pairs(n * 50),
            request_type: Some(format!("text/{n}")),
            response_type: Some(format!("text/{n}")),
            ..exchange("cart", "GET", "/users", SECOND)
        };
        revisions += usize::from(inventory.observe(exchange, None, &[]).learned.any());
    }
    let endpoint = inventory.endpoints().next().unwrap();
    let details = &endpoint.record.details;
    assert_eq!((details.query.len(), details.headers.len()), (QUERY_NAMES, HEADER_NAMES));
    assert_eq!((details.request_types.len(), details.response_types.len()), (16, 16));
    assert_eq!(details.beyond_caps as usize, 2 * (5000 - 64) + 2 * (100 - 16));
    assert_eq!(revisions, 16, "what no longer fits is no news");
    assert!(inventory.memory() < 400_000, "{}", inventory.memory());
}

#[test]
fn long_bodies_and_names_are_left_out() {
    let mut inventory = Inventory::new(Settings::default());
    let long = body(&"x".repeat(16 * 1024 + 1));
    let sighting = inventory.observe(real("cart", 0), Some(long), &["a".into()]);
    assert!(!sighting.learned.body);
    assert_eq!(inventory.totals().examples_too_long, 1);
    let path = exchange("cart", "GET", &format!("/{}", "x".repeat(8192)), SECOND);
    let sighting = inventory.observe(path, None, &[]);
    assert_eq!(sighting.hold, Some(State::Overflow(Unrecorded::TooLong)));
    assert!(inventory.balanced());
}

#[test]
fn under_pressure_guesses_go_first_then_the_unmapped_then_the_pushed() {
    let mut inventory = small(1 << 20);
    for n in 0..200 {
        inventory.observe(real("cart", n), None, &[]);
    }
    push(&mut inventory, 1000 * SECOND);
    for n in 0..200 {
        inventory.observe(real("unmapped", n), None, &[]);
        inventory.observe(guess("cart", n), None, &[]);
    }
    push(&mut inventory, 1000 * SECOND);
    let evicted = |inventory: &Inventory, worth: Worth| inventory.totals().evicted[worth as usize];
    let mut waiting = 0;
    let mut add = |inventory: &mut Inventory, until: &dyn Fn(&Inventory) -> bool| {
        while !until(inventory) {
            inventory.observe(real("shop", waiting), None, &[]);
            waiting += 1;
            assert!(waiting < 10_000);
        }
    };
    add(&mut inventory, &|i| evicted(i, Worth::Unmapped) > 0);
    assert_eq!(evicted(&inventory, Worth::Unconfirmed), 200);
    assert_eq!(evicted(&inventory, Worth::Pushed), 0);
    add(&mut inventory, &|i| evicted(i, Worth::Pushed) > 0);
    assert_eq!(evicted(&inventory, Worth::Unmapped), 200);
    add(&mut inventory, &|i| i.totals().unrecorded[Unrecorded::MemoryFull as usize] > 100);
    assert_eq!(evicted(&inventory, Worth::Pushed), 200);
    assert!(inventory.balanced());
    let refused = inventory.totals().unrecorded[Unrecorded::MemoryFull as usize];
    let kept = due(&mut inventory, 1000 * SECOND).len();
    assert_eq!(kept as u64 + refused, waiting as u64, "nothing that waits was forgotten");
    assert!(inventory.memory() < 1 << 20 | 64 << 10, "{}", inventory.memory());
}

#[test]
fn known_endpoints_do_not_grow_when_the_memory_is_used_up() {
    let mut inventory = small(2 << 20);
    for n in 0..200_000 {
        let value = "x".repeat(1000);
        let exchange = RedactedExchange {
            query: vec![(format!("{n}{value}"), value)],
            ..exchange("cart", "GET", &format!("/real/{}", n % 50), SECOND)
        };
        inventory.observe(exchange, Some(body(&"x".repeat(10_000))), &vec!["f".into(); n / 50 % 20]);
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
        inventory.observe(real("cart", n), Some(body(&content)), &["a".into()]);
    }
    push(&mut inventory, 1000 * SECOND);
    for n in 100..200 {
        inventory.observe(real("cart", n), Some(body(&content)), &["a".into()]);
    }
    assert!(inventory.totals().examples_evicted > 0);
    let items = due(&mut inventory, 1000 * SECOND);
    assert!(items.iter().all(|item| item.body.is_some()), "all that wait still have theirs");
    let sighting = inventory.observe(real("cart", 0), Some(body(&content)), &["a".into()]);
    assert!(!sighting.learned.any(), "a second first example is no news");
}

#[test]
fn the_estimate_of_memory_never_drifts() {
    let mut inventory = small(600_000);
    for n in 0..5000 {
        let mut exchange = if n % 3 == 0 { real("cart", n % 700) } else { guess("shop", n) };
        exchange.query.push((format!("q{}", n % 100), "1".into()));
        inventory.observe(exchange, (n % 5 == 0).then(|| body("{}")), &[]);
        if n % 100 == 0 {
            push(&mut inventory, n as u64 * SECOND);
        }
    }
    let kept: usize = inventory.endpoints().map(Endpoint::bytes).sum();
    let bodies: usize = inventory.endpoints().map(|e| e.record.details.body_bytes()).sum();
    assert_eq!((inventory.bytes, inventory.body_bytes), (kept, bodies));
}

/// Run alone, in the release profile: `cargo test --release -- --ignored --nocapture a_hundred_thousand`.
#[test]
#[ignore = "measures"]
fn a_hundred_thousand_endpoints_fit_and_cost_nothing_when_idle() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap();
        status.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let before = resident();
    let dir = crate::testing::folder();
    let settings = Settings { memory: 200 << 20, ..Settings::default() };
    let (mut inventory, _) = Inventory::open(dir.path(), crate::StoreOptions::default(), settings.clone());
    let mut times = Vec::new();
    let mut timed =
        |what: &str, since: std::time::Instant| times.push(format!("{what} {:?}", since.elapsed()));
    let now = std::time::Instant::now();
    for n in 0..100_000 {
        let mut one =
            exchange(&format!("service{}", n / 5000), "GET", &format!("/api/v1/r{n}/{{rId}}"), SECOND);
        one.headers = ["accept", "accept-encoding", "authorization", "user-agent", "x-tenant"]
            .map(|name| (name.to_owned(), "a value of usual length, redacted".to_owned()))
            .to_vec();
        one.query = vec![("page".into(), "1".into()), ("limit".into(), "50".into())];
        inventory.observe(one, None, &[]);
    }
    timed("observe", now);
    let learned = resident() - before;
    let now = std::time::Instant::now();
    for _ in 0..200 {
        let items = inventory.due(100 * SECOND, mapping, 500).into_iter().flat_map(|(_, items)| items);
        for item in items.collect::<Vec<_>>() {
            let mut done = outcome(&item, Verdict::Pushed);
            done.progress.platform_id = Some("R0VUOi9hcGkvdjEvcjEyMzQ1L3tySWR9".into());
            done.progress.platform_path = Some(item.key.template);
            inventory.conclude(done, 100 * SECOND);
        }
    }
    timed("push", now);
    let pushed = resident() - before;
    let now = std::time::Instant::now();
    assert!(due(&mut inventory, 200 * SECOND).is_empty());
    timed("idle", now);
    let now = std::time::Instant::now();
    inventory.flush_all(200 * SECOND, crate::testing::WAIT);
    timed("flush", now);
    let (estimate, flushed, disk) = (inventory.memory(), resident() - before, inventory.store_bytes());
    let now = std::time::Instant::now();
    assert_eq!(inventory.owners(300 * SECOND, mapping).len(), 20);
    timed("owners", now);
    drop(inventory);
    let now = std::time::Instant::now();
    timed("check", now);
    let now = std::time::Instant::now();
    let (inventory, _) = Inventory::open(dir.path(), crate::StoreOptions::default(), settings);
    timed("load", now);
    assert_eq!(inventory.len(), 100_000);
    let times = times.join(", ");
    let line = format!(
        "resident {learned} learned, {pushed} pushed, {flushed} flushed; estimate {estimate}; disk {disk:?}; {times}\n"
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
