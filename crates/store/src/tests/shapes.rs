//! Shapes outlive a restart, and nothing of a value gets to the disk.

use std::path::Path;

use inventory::Settings;
use redact::by_hand::Exchange;
use redb::{Database, ReadableDatabase, ReadableTable};

use crate::changes::Kind;
use crate::place::FILE;
use crate::testing::{WAIT, at, exchange, folder, load};
use crate::{KeptInventory, Options};

/// Values that are no enumeration: secrets, personal data, names of people, and such as came too seldom.
const PLANTED: [&str; 6] = [
    "ann.planted@shop.test",
    "4111111111111111",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "hunter2planted",
    "annabelplanted",
    "seldomplanted",
];

fn asked() -> Exchange {
    Exchange { request_type: Some("application/json".into()), ..exchange("cart", "POST", "/accounts", at(1)) }
}

fn document(n: usize) -> String {
    let [email, card, token, password, person, seldom] = PLANTED;
    let state = if n == 7 { seldom } else { "open" };
    format!(
        r#"{{"email": "{email}", "card": "{card}", "free": "{token}", "password": "{password}", "owner": "{person}", "state": "{state}",
            "kind": "order", "by": {{"{email}": 1, "{card}": 2, "{token}": 3}}}}"#
    )
}

fn shapes(inventory: &KeptInventory) -> String {
    inventory.endpoints().next().unwrap().shapes().unwrap().to_json().to_string()
}

/// All that the table of shapes holds.
fn stored(dir: &Path) -> String {
    let database = Database::open(dir.join(FILE)).unwrap();
    let table = database.begin_read().unwrap().open_table(Kind::Shapes.table()).unwrap();
    let values =
        table.iter().unwrap().map(|entry| String::from_utf8_lossy(entry.unwrap().1.value()).into_owned());
    values.collect()
}

#[test]
fn shapes_outlive_a_restart_and_hold_no_value() {
    let dir = folder();
    let (mut inventory, _) = load(dir.path());
    for n in 0..30 {
        inventory.see_shapes(asked(), &document(n), &document(n));
        inventory.flush_all(at(1), WAIT);
    }
    let before = shapes(&inventory);
    drop(inventory);
    let stored = stored(dir.path());
    assert!(stored.contains("order"), "{stored}");
    for value in PLANTED {
        assert!(!before.contains(value) && !stored.contains(value), "{value} in {before} {stored}");
    }
    assert!(before.contains(r#""enum":["order"]"#), "{before}");
    let (inventory, report) = load(dir.path());
    assert_eq!((report.endpoints, report.damaged), (1, 0));
    assert_eq!(shapes(&inventory), before);
}

#[test]
fn what_was_given_up_or_forgotten_leaves_the_disk() {
    let dir = folder();
    let (mut inventory, _) = load(dir.path());
    inventory.see_shapes(asked(), &document(0), "");
    inventory.flush_all(at(1), WAIT);
    drop(inventory);
    assert_ne!(stored(dir.path()), "");
    // The smallest memory: shapes go with the next exchange.
    let settings = Settings { memory: 1, ..Settings::default() };
    let (mut inventory, _) = KeptInventory::open(dir.path(), Options::default(), settings);
    inventory.see(asked());
    inventory.flush_all(at(1), WAIT);
    drop(inventory);
    assert_eq!(stored(dir.path()), "");
}
