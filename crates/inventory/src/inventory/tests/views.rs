//! What tables and `explain` show.

use redact::Owner;
use redact::by_hand::Exchange;

use crate::testing::{at, exchange, mapping, push};
use crate::{Inventory, Settings};

fn filled() -> Inventory {
    let mut inventory = Inventory::new(Settings::default());
    for template in ["/users", "/users/{userId}", "/users/{userId}/orders", "/carts"] {
        inventory.see(exchange("cart", "GET", template, at(1)));
    }
    push(&mut inventory, at(1));
    inventory.see(exchange("cart", "GET", "/new", at(1)));
    let probe = Exchange { noise: Some("probe"), ..exchange("cart", "GET", "/health", at(1)) };
    inventory.see(probe);
    inventory.see(exchange("unmapped", "GET", "/users", at(1)));
    let address = Owner::Address("10.0.0.9:8080".parse().unwrap());
    inventory.see(Exchange { owner: address, ..exchange("", "GET", "/x", at(1)) });
    inventory
}

#[test]
fn owners_are_counted_by_state() {
    let inventory = filled();
    let owners = inventory.owners(at(2), mapping);
    let cart = owners.iter().find(|counts| counts.owner.to_string() == "shop/cart").unwrap();
    assert_eq!((cart.endpoints, cart.confirmed, cart.pushed, cart.waiting, cart.noise), (6, 5, 4, 1, 1));
    assert_eq!((cart.requests, cart.verified, cart.set_aside), (6, 0, 0));
    let unmapped = owners.iter().find(|counts| counts.instance.is_none()).unwrap();
    assert_eq!((unmapped.endpoints, unmapped.confirmed, unmapped.waiting), (1, 1, 0));
    assert_eq!(owners.len(), 3);
}

#[test]
fn endpoints_are_found_by_path_service_and_address() {
    let inventory = filled();
    let found = |what: &str| -> Vec<String> {
        inventory.find(what).iter().map(|e| format!("{}{}", e.key.owner, e.key.template)).collect()
    };
    assert_eq!(found("/users/17"), ["shop/cart/users/{userId}"]);
    assert_eq!(found("/users/17/orders?x=1"), ["shop/cart/users/{userId}/orders"]);
    assert_eq!(found("/users").len(), 4);
    assert_eq!(found("unmapped"), ["shop/unmapped/users"]);
    assert_eq!(found("shop/cart").len(), 6);
    assert_eq!(found("10.0.0.9"), ["10.0.0.9:8080/x"]);
    assert!(found("/nothing").is_empty() && found("nothing").is_empty());
}

#[test]
fn a_path_that_was_asked_for_with_one_method_has_others() {
    let mut inventory = filled();
    inventory.see(exchange("cart", "PUT", "/users/{userId}", at(1)));
    let others = |what: &str| inventory.other_methods(what).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!((others("DELETE /users/17"), others("put /users/17")), ("GET PUT".into(), "GET".into()));
    assert_eq!((others("/users/17"), others("DELETE /nothing"), others("GET /carts")), Default::default());
}

#[test]
fn every_state_says_itself_in_a_sentence() {
    let inventory = filled();
    for endpoint in inventory.endpoints() {
        let state = inventory.state(endpoint, at(2), mapping);
        assert!(!state.label().is_empty() && state.to_string().len() > 10, "{state:?}");
    }
}
