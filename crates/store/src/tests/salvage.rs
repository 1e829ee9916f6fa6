//! A file with damage in any place: most of it survives, and nothing wrong is ever read.

use std::fs;
use std::io::Write;
use std::path::Path;

use inventory::{Instance, LearnedMapping};

use crate::place::FILE;
use crate::testing::{WAIT, at, exchange, folder, load, load_with, mapping};
use crate::{LoadReport, Options, StoreStatus};

const COUNT: usize = 120;
const PAGE: usize = 4096;

fn content(n: usize) -> String {
    // Some take several pages.
    format!("{n} {}", "x".repeat(n % 4 * 2500))
}

/// An outbox during an outage: each endpoint was written so many times, and nothing of it was pushed.
fn filled(dir: &Path, rounds: u64) {
    let (mut inventory, _) = load(dir);
    for round in 0..rounds {
        for n in 0..COUNT {
            let seen = exchange("cart", "POST", &format!("/real/n{n}"), at(1 + round));
            inventory.see_body(seen, &inventory::testing::body(&content(n), &["a".into()]));
        }
        assert_eq!(inventory.flush_all(at(1 + round), WAIT).unsaved, 0);
    }
    let place = Instance { app: "a".into(), instance: "i".into() };
    let service = identify::ServiceName { namespace: "shop".into(), name: "learned".into() };
    inventory
        .learn_mapping(service, LearnedMapping { instance: place, learned_at: Some(at(1)), created: true });
    inventory.flush_all(at(9), WAIT);
}

/// Opens a store with this content. Returns how many endpoints survive, and how many with their body.
fn survivors(content_of_file: &[u8]) -> (usize, usize, LoadReport) {
    let dir = folder();
    fs::write(dir.path().join(FILE), content_of_file).unwrap();
    let (mut inventory, report) = load(dir.path());
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open), "{report:?}");
    let due = inventory.due(at(1000), mapping, usize::MAX, WAIT);
    let items: Vec<_> = due.into_iter().flat_map(|(_, items)| items).collect();
    assert_eq!(items.len(), inventory.len(), "all of it waits");
    let mut bodies = 0;
    for item in &items {
        let n: usize = item.key.template.trim_start_matches("/real/n").parse().unwrap();
        assert!(n < COUNT);
        let requests = inventory.get(&item.key).unwrap().record.counts.requests;
        assert!((1..=3).contains(&requests), "{requests}");
        if let Some(body) = &item.body {
            assert_eq!(body.content, content(n));
            bodies += 1;
        }
    }
    assert!(inventory.learned_mappings().all(|(service, _)| service.name == "learned"));
    let count = inventory.len();
    assert_eq!(inventory.flush_all(at(1001), WAIT).unsaved, 0);
    drop(inventory);
    let (inventory, again) = load(dir.path());
    assert_eq!((inventory.len(), again.warnings), (count, Vec::new()), "the new file is sound");
    (count, bodies, report)
}

#[test]
fn disk_page_that_is_lost_costs_what_was_in_it_and_no_more() {
    zero_each_page(1);
}

/// The pages that the database gave up have older versions of what was in a page that is lost.
#[test]
fn disk_page_that_is_lost_of_a_file_with_a_past_costs_even_less() {
    zero_each_page(3);
}

fn zero_each_page(rounds: u64) {
    let dir = folder();
    filled(dir.path(), rounds);
    let whole = fs::read(dir.path().join(FILE)).unwrap();
    assert_eq!(survivors(&whole).0, COUNT);
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap() / PAGE;
    let (mut least, mut least_bodies, mut silent) = (COUNT, COUNT, 0);
    let (mut endpoints_lost, mut bodies_lost) = (0, 0);
    for page in 0..=used {
        let mut zeroed = whole.clone();
        zeroed[page * PAGE..(page + 1) * PAGE].fill(0);
        let (count, bodies, report) = survivors(&zeroed);
        endpoints_lost += COUNT - count;
        bodies_lost += COUNT - bodies;
        (least, least_bodies) = (least.min(count), least_bodies.min(bodies));
        silent += usize::from(count < COUNT && report.lost == 0);
    }
    assert!(least >= COUNT - 16, "{least} of {COUNT} endpoints survive at least");
    assert!(least_bodies >= COUNT - 32, "{least_bodies} bodies");
    let line = format!(
        "{rounds} rounds, {} pages zeroed, each alone: {endpoints_lost} endpoints and {bodies_lost} bodies of {COUNT} were lost in all, at most {} and {} at once\n",
        used + 1,
        COUNT - least,
        COUNT - least_bodies
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    assert!(endpoints_lost < used && bodies_lost < 2 * used, "{line}");
    assert_eq!(silent, 0, "what is lost is said");
}

#[test]
fn disk_with_several_damaged_places_keeps_the_rest() {
    let dir = folder();
    filled(dir.path(), 3);
    let whole = fs::read(dir.path().join(FILE)).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap() / PAGE;
    for (step, byte) in [(3, 0), (5, 0xff), (7, 0xaa)] {
        let mut damaged = whole.clone();
        for page in (0..=used).step_by(step) {
            damaged[page * PAGE..(page + 1) * PAGE].fill(byte);
        }
        let (count, ..) = survivors(&damaged);
        assert!(count >= COUNT / 3, "every {step}th page: {count} of {COUNT}");
    }
}

/// The damage must not be for ever because the file has grown, or may be smaller than before.
#[test]
fn disk_gives_the_newest_where_not_all_that_is_salvaged_fits() {
    let dir = folder();
    let (mut inventory, _) = load(dir.path());
    for n in 0..COUNT {
        let mut seen = exchange("cart", "POST", &format!("/real/n{n}"), at(n as u64));
        seen.query = vec![("q".into(), "x".repeat(1200))];
        inventory.see_body(seen, &inventory::testing::body(&content(n), &["a".into()]));
    }
    assert_eq!(inventory.flush_all(at(1), WAIT).unsaved, 0);
    drop(inventory);
    let file = dir.path().join(FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes[..PAGE].fill(0);
    fs::write(&file, &bytes).unwrap();
    let options = Options { max_bytes: 256 << 10, ..Options::default() };
    let (inventory, report) = load_with(dir.path(), options);
    assert_eq!(inventory.store_status(), Some(StoreStatus::Open));
    let kept = inventory.len();
    assert!((20..COUNT).contains(&kept) && report.salvaged == kept, "{kept} {report:?}");
    assert!(report.lost >= (COUNT - kept) as u64, "{report:?}");
    let oldest = inventory.endpoints().map(|endpoint| endpoint.record.counts.last).min().unwrap();
    assert_eq!(oldest, Some(at((COUNT - kept) as u64)));
    assert!(fs::metadata(&file).unwrap().len() <= 256 << 10);
}

#[test]
fn disk_without_room_for_what_is_salvaged_keeps_the_damaged_file_where_it_is() {
    let dir = folder();
    filled(dir.path(), 3);
    let file = dir.path().join(FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes[..PAGE].fill(0);
    fs::write(&file, &bytes).unwrap();
    let options = Options { max_bytes: 64 << 10, ..Options::default() };
    let (inventory, _) = load_with(dir.path(), options);
    assert!(matches!(inventory.store_status(), Some(StoreStatus::Away(_))));
    drop(inventory);
    assert!(fs::read(&file).unwrap() == bytes);
    let (inventory, report) = load(dir.path());
    assert_eq!((inventory.len(), report.salvaged), (COUNT, COUNT + 1));
    assert_eq!(report.lost, 0, "{report:?}");
}
