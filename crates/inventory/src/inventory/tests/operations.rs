use decode::Timestamp;
use redact::by_hand::{self, with_bodies};
use redact::{RedactedExchange, Says};

use crate::operations::OPERATIONS;
use crate::testing::{at, exchange};
use crate::{Inventory, Operations, Record, Settings};

/// A call of JSON-RPC at this time, with this status and answer.
fn call(inventory: &mut Inventory, method: &str, time: Timestamp, status: u16, answer: &str) {
    let seen = by_hand::Exchange { status: Some(status), ..exchange("cart", "POST", "/rpc", time) };
    let mut seen = RedactedExchange::from(seen);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#);
    let opened = with_bodies(&mut seen, &body, answer);
    inventory.observe(&seen, &opened);
}

fn operations(inventory: &Inventory) -> &Operations {
    &inventory.endpoints().next().unwrap().record.operations
}

fn counts(inventory: &Inventory) -> Vec<(&str, u64, u64)> {
    operations(inventory).iter().map(|one| (&*one.name, one.requests, one.errors)).collect()
}

const FAILED: &str = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32000}}"#;
const UNKNOWN: &str = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601}}"#;

#[test]
fn each_is_counted_with_its_errors_and_times() {
    let mut inventory = Inventory::new(Settings::default());
    call(&mut inventory, "add", at(3), 200, "");
    call(&mut inventory, "find", at(4), 200, FAILED);
    call(&mut inventory, "add", at(9), 200, "");
    assert_eq!(counts(&inventory), [("add", 2, 0), ("find", 1, 1)]);
    let add = operations(&inventory).iter().next().unwrap();
    assert_eq!((add.first, add.last), (Some(at(3)), Some(at(9))));
    assert_eq!((operations(&inventory).requests(), operations(&inventory).left_out()), (3, 0));
}

#[test]
fn what_a_stranger_guesses_is_no_operation() {
    let mut inventory = Inventory::new(Settings::default());
    call(&mut inventory, "admin", at(1), 200, UNKNOWN);
    for status in [400, 401, 403, 404, 405, 500] {
        assert_ne!(Says::of(status), Says::Exists);
        call(&mut inventory, "admin", at(1), status, "");
    }
    assert_eq!(counts(&inventory), []);
    call(&mut inventory, "admin", at(1), 200, "");
    call(&mut inventory, "admin", at(1), 200, UNKNOWN);
    call(&mut inventory, "admin", at(1), 403, "");
    assert_eq!(counts(&inventory), [("admin", 3, 2)], "where it is known, a refusal is an error");
}

#[test]
fn there_is_a_limit_and_what_is_beyond_it_is_counted() {
    let mut inventory = Inventory::new(Settings::default());
    let before = inventory.memory();
    let name =
        |n: usize| format!("get{}", "abcdefghij".chars().nth(n % 10).unwrap().to_string().repeat(n / 10 + 1));
    for n in 0..OPERATIONS + 40 {
        call(&mut inventory, &name(n), at(1), 200, "");
    }
    assert_eq!((operations(&inventory).len(), operations(&inventory).left_out()), (OPERATIONS, 40));
    assert!(inventory.memory() - before > OPERATIONS * 60, "they are part of the memory");
}

#[test]
fn a_secret_in_the_place_of_a_name_is_counted_only() {
    let mut inventory = Inventory::new(Settings::default());
    call(&mut inventory, "add", at(1), 200, "");
    call(&mut inventory, "ghp_16C7e42F292c6912E7710c838347Ae178B4a", at(1), 200, "");
    assert_eq!(counts(&inventory), [("add", 1, 0)]);
    assert_eq!(operations(&inventory).left_out(), 1);
    assert_eq!(inventory.totals().unnamed_operations.ways()[1], ("unnamed", 1));
}

#[test]
fn a_record_comes_back_and_one_of_a_later_version_loses_only_what_is_not_known() {
    let mut inventory = Inventory::new(Settings::default());
    call(&mut inventory, "add", at(3), 200, "");
    let mut record = inventory.endpoints().next().unwrap().record.clone();
    record.details.body = None;
    let mut stored = serde_json::to_value(&record).unwrap();
    assert_eq!(serde_json::from_value::<Record>(stored.clone()).unwrap(), record);
    let mut later = stored["operations"]["all"][0].clone();
    later["protocol"] = "odata".into();
    stored["operations"]["all"].as_array_mut().unwrap().push(later);
    assert_eq!(serde_json::from_value::<Record>(stored.clone()).unwrap(), record);
    stored.as_object_mut().unwrap().remove("operations");
    assert!(
        serde_json::from_value::<Record>(stored).unwrap().operations.is_empty(),
        "as earlier versions wrote it"
    );
}

#[test]
fn what_two_records_of_one_endpoint_know_becomes_one() {
    let mut one = Inventory::new(Settings::default());
    let mut other = Inventory::new(Settings::default());
    call(&mut one, "add", at(5), 200, "");
    call(&mut other, "add", at(2), 200, "");
    call(&mut other, "sub", at(3), 200, FAILED);
    let endpoint = other.endpoints().next().unwrap();
    one.restore((*endpoint.key).clone(), endpoint.record.clone());
    assert_eq!(counts(&one), [("add", 2, 0), ("sub", 1, 1)]);
    assert_eq!(operations(&one).requests(), 3);
    let add = operations(&one).iter().next().unwrap();
    assert_eq!((add.first, add.last), (Some(at(2)), Some(at(5))));
}
