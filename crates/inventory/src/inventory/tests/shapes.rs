//! What endpoints learn of shapes, and that shapes go first when memory is short.

use redact::by_hand::Exchange;
use serde_json::Value;

use crate::testing::{at, exchange};
use crate::{Change, Inventory, Room, Settings};

fn asked(path: &str, status: u16) -> Exchange {
    Exchange {
        status: Some(status),
        request_type: Some("application/json".into()),
        ..exchange("cart", "POST", path, at(1))
    }
}

/// What is known of an endpoint.
fn shapes(inventory: &Inventory, path: &str) -> Option<Value> {
    let endpoint = inventory.endpoints().find(|endpoint| endpoint.key.template == path).unwrap();
    endpoint.shapes().map(redact::Shapes::to_json)
}

/// An object with many members, so that its shape takes some 20 KB.
fn large() -> String {
    let members: Vec<String> = (0..200).map(|n| format!("\"{}\": {{\"a\": 1}}", word(n))).collect();
    format!("{{{}}}", members.join(","))
}

fn word(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

#[test]
fn requests_and_answers_teach() {
    let mut inventory = Inventory::new(Settings::default());
    inventory.see_shapes(asked("/a", 200), r#"{"x": 1}"#, r#"{"y": "ann@shop.test"}"#);
    inventory.see_shapes(asked("/a", 422), r#"{"x": 1, "z": 2}"#, r#"{"error": "bad"}"#);
    let known = shapes(&inventory, "/a").unwrap();
    assert_eq!(known["request"]["application/json"]["schema"]["required"], serde_json::json!(["x"]));
    assert_eq!(known["request"]["application/json"]["samples"], 2);
    let answers =
        |status: &str| known["responses"][status]["application/json"]["schema"]["properties"].clone();
    assert_eq!(answers("200")["y"]["x-sensitive"], serde_json::json!(["email"]));
    assert_eq!(answers("422")["error"]["type"], "string");
}

#[test]
fn guesses_teach_nothing_but_the_answers_of_what_is_there() {
    let mut inventory = Inventory::new(Settings::default());
    inventory.see_shapes(asked("/guess", 404), r#"{"x": 1}"#, r#"{"error": "none"}"#);
    assert_eq!(shapes(&inventory, "/guess"), None);
    inventory.see_shapes(asked("/a", 200), r#"{"x": 1}"#, "{}");
    inventory.see_shapes(asked("/a", 404), r#"{"admin": 1}"#, r#"{"error": "none"}"#);
    let noise = Exchange { noise: Some("health check"), ..asked("/a", 200) };
    inventory.see_shapes(noise, r#"{"probe": 1}"#, r#"{"probe": 1}"#);
    let known = shapes(&inventory, "/a").unwrap().to_string();
    assert!(!known.contains("admin") && !known.contains("probe") && known.contains("error"), "{known}");
}

#[test]
fn shapes_go_first_and_are_counted() {
    let memory = 1 << 20;
    let mut inventory = Inventory::new(Settings { memory, ..Settings::default() });
    for n in 0..100 {
        inventory.see_shapes(asked(&format!("/{}", word(n)), 200), &large(), "");
        assert!(inventory.shape_bytes <= memory / 4 + (64 << 10), "{}", inventory.shape_bytes);
    }
    assert_eq!(
        (inventory.len(), inventory.totals().evicted.ways().iter().map(|way| way.1).sum::<u64>()),
        (100, 0)
    );
    assert!(inventory.totals().shapes_dropped > 10);
    assert!(shapes(&inventory, &format!("/{}", word(99))).is_some(), "what was seen last stays");
    let kept = inventory.endpoints().filter_map(|endpoint| {
        endpoint.shapes().map(|shapes| size_of::<redact::Shapes>() + shapes.heap_bytes())
    });
    assert_eq!(inventory.shape_bytes, kept.sum::<usize>());
    assert!(inventory.memory() > inventory.shape_bytes);
}

#[test]
fn when_memory_is_full_shapes_make_room_for_endpoints() {
    let mut inventory = Inventory::new(Settings { memory: 200 << 10, ..Settings::default() });
    inventory.see_shapes(asked("/first", 200), &large(), "");
    assert!(inventory.shape_bytes > 0);
    for n in 0..400 {
        inventory.see(asked(&format!("/{}/{}", word(n), "x".repeat(100)), 200));
    }
    assert_eq!(inventory.shape_bytes, 0);
    assert!(shapes(&inventory, "/first").is_none());
}

#[test]
fn a_store_is_given_shapes_beside_their_endpoints() {
    let mut inventory = Inventory::new(Settings::default());
    inventory.begin_keeping(1 << 30);
    let given = |inventory: &mut Inventory| {
        inventory.release_counters();
        inventory.release_counters();
        let mut all = Vec::new();
        let room = Room { endpoints: usize::MAX, bytes: u64::MAX };
        inventory.hand_over(room, |change| {
            if let Change::Shapes(_, shapes) = change {
                all.push(shapes.is_some());
            }
            Some(1)
        });
        all
    };
    inventory.see_shapes(asked("/a", 200), r#"{"x": 1}"#, "");
    assert_eq!(given(&mut inventory), [true]);
    inventory.not_written();
    assert_eq!(given(&mut inventory), [true], "it is to be written still");
    inventory.written();
    inventory.see(asked("/a", 200));
    assert_eq!(given(&mut inventory), [false; 0], "counters go without");
    inventory.written();
    inventory.drop_shapes(|_| false);
    assert_eq!(given(&mut inventory), [false]);
}

#[test]
fn shapes_follow_the_names_of_variables() {
    let mut inventory = Inventory::new(Settings::default());
    inventory.see_shapes(asked("/users/{id}", 200), r#"{"x": 1}"#, "");
    inventory.see_shapes(asked("/users/{userId}", 200), r#"{"y": "a b"}"#, "");
    let id = |path: &str| inventory.endpoints().find(|one| one.key.template == path).unwrap().clone();
    let (other, mut whole) = (id("/users/{id}"), id("/users/{userId}"));
    whole.unite_shapes(&other.key.template, other.shapes);
    let known = whole.shapes().unwrap().to_json();
    assert_eq!(known["request"]["application/json"]["samples"], 2);
    assert_eq!(known["request"]["application/json"]["schema"].get("required"), None);
}
