//! What many endpoints take.

use std::io::Write;
use std::time::Instant;

use inventory::{Settings, Verdict};

use crate::testing::{WAIT, at, due, exchange, folder, mapping, outcome};
use crate::{KeptInventory, Options};

/// Run alone, in the release profile: `cargo test --release -- --ignored --nocapture a_hundred_thousand`.
#[test]
#[ignore = "measures"]
fn a_hundred_thousand_endpoints_fit_and_cost_nothing_when_idle() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap();
        status.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let before = resident();
    let dir = folder();
    let settings = Settings { memory: 200 << 20, ..Settings::default() };
    let (mut inventory, _) = KeptInventory::open(dir.path(), Options::default(), settings.clone());
    let mut times = Vec::new();
    let mut timed = |what: &str, since: Instant| times.push(format!("{what} {:?}", since.elapsed()));
    let now = Instant::now();
    for n in 0..100_000 {
        let mut one =
            exchange(&format!("service{}", n / 5000), "GET", &format!("/api/v1/r{n}/{{rId}}"), at(1));
        one.headers = ["accept", "accept-encoding", "authorization", "user-agent", "x-tenant"]
            .map(|name| (name.to_owned(), "a value of usual length, redacted".to_owned()))
            .to_vec();
        one.query = vec![("page".into(), "1".into()), ("limit".into(), "50".into())];
        inventory.see(one);
    }
    timed("observe", now);
    let learned = resident() - before;
    let now = Instant::now();
    for _ in 0..200 {
        let items = inventory.due(at(100), mapping, 500, WAIT).into_iter().flat_map(|(_, items)| items);
        for item in items.collect::<Vec<_>>() {
            let mut done = outcome(&item, Verdict::Pushed);
            done.progress.platform_id = Some("R0VUOi9hcGkvdjEvcjEyMzQ1L3tySWR9".into());
            done.progress.platform_path = Some(item.key.template);
            inventory.conclude(done, at(100));
        }
    }
    timed("push", now);
    let pushed = resident() - before;
    let now = Instant::now();
    assert!(due(&mut inventory, at(200)).is_empty());
    timed("idle", now);
    let now = Instant::now();
    inventory.flush_all(at(200), WAIT);
    timed("flush", now);
    let (estimate, flushed, disk) = (inventory.memory(), resident() - before, inventory.store_bytes());
    let now = Instant::now();
    assert_eq!(inventory.owners(at(300), mapping).len(), 20);
    timed("owners", now);
    drop(inventory);
    let now = Instant::now();
    timed("check", now);
    let now = Instant::now();
    let (inventory, _) = KeptInventory::open(dir.path(), Options::default(), settings);
    timed("load", now);
    assert_eq!(inventory.len(), 100_000);
    let times = times.join(", ");
    let line = format!(
        "resident {learned} learned, {pushed} pushed, {flushed} flushed; estimate {estimate}; disk {disk:?}; {times}\n"
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
