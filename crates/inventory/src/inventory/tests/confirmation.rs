//! What is believed to exist, what waits, and what is never pushed.

use decode::Timestamp;
use redact::Repeats;
use redact::by_hand::Exchange;

use crate::testing::{at, due_names, exchange, fingerprint, push};
use crate::{Inventory, Settings, State};

fn seen(status: Option<u16>) -> Exchange {
    Exchange { status, ..exchange("cart", "GET", "/users", at(1)) }
}

fn repeat(count: u64, last: Timestamp) -> Repeats {
    Repeats { fingerprint: fingerprint("cart GET /users"), count, last }
}

#[test]
fn a_good_answer_makes_it_due_at_once() {
    let mut inventory = Inventory::new(Settings::default());
    let sighting = inventory.see(seen(Some(200)));
    assert!(sighting.new && sighting.hold.is_none());
    assert_eq!(due_names(&mut inventory, at(1)), ["GET /users"]);
    assert!(inventory.balanced());
}

#[test]
fn answers_to_guesses_never_make_it_due_and_say_so() {
    let mut inventory = Inventory::new(Settings::default());
    for status in [404, 400, 405, 501] {
        let sighting = inventory.see(seen(Some(status)));
        assert_eq!(sighting.hold, Some(State::Unconfirmed { status: Some(status) }));
    }
    inventory.repeat(repeat(100, at(9)));
    assert!(due_names(&mut inventory, at(1000)).is_empty());
    inventory.see(seen(Some(204)));
    assert_eq!(due_names(&mut inventory, at(1000)), ["GET /users"]);
}

#[test]
fn without_answers_three_requests_confirm() {
    let mut inventory = Inventory::new(Settings::default());
    inventory.see(seen(None));
    let sighting = inventory.repeat(repeat(1, at(2))).unwrap();
    assert_eq!(sighting.hold, Some(State::Unconfirmed { status: None }));
    assert!(due_names(&mut inventory, at(1000)).is_empty());
    let sighting = inventory.repeat(repeat(1, at(3))).unwrap();
    assert_eq!((sighting.hold, sighting.requests), (None, 3));
    assert_eq!(due_names(&mut inventory, at(3)), ["GET /users"]);
}

#[test]
fn noise_is_listed_and_not_pushed_until_something_else_asks() {
    let mut inventory = Inventory::new(Settings::default());
    let probe = Exchange { noise: Some("health check"), ..exchange("cart", "GET", "/health", at(1)) };
    let sighting = inventory.see(probe.clone());
    assert_eq!(sighting.hold, Some(State::Noise("health check".into())));
    inventory.repeat(Repeats { fingerprint: probe.fingerprint, count: 50, last: at(2) });
    assert!(due_names(&mut inventory, at(1000)).is_empty());
    let real = Exchange { noise: None, time: at(3), ..probe.clone() };
    assert_eq!(inventory.see(real).hold, None);
    assert_eq!(inventory.see(probe).hold, None, "it stays real");
    assert_eq!(due_names(&mut inventory, at(3)), ["GET /health"]);
}

#[test]
fn noise_and_guesses_teach_nothing() {
    let mut inventory = Inventory::new(Settings::default());
    let query = vec![("q".to_owned(), "1".to_owned())];
    inventory.see(Exchange { query: query.clone(), ..seen(Some(404)) });
    inventory.see(Exchange { query, noise: Some("probe"), ..seen(Some(200)) });
    inventory.see(seen(Some(200)));
    let items = push(&mut inventory, at(1));
    assert!(items[0].query.is_empty(), "{items:?}");
}

#[test]
fn pages_wait_for_time_or_for_requests() {
    let page = |template: &str| Exchange {
        response_type: Some("text/html".into()),
        length: Some(500),
        ..exchange("cart", "GET", template, at(10))
    };
    let mut inventory = Inventory::new(Settings::default());
    let first = page("/users/a");
    let sighting = inventory.see(first.clone());
    assert_eq!(sighting.hold, Some(State::Settling { until: at(40) }));
    inventory.see(page("/users/b"));
    assert!(due_names(&mut inventory, at(39)).is_empty());
    inventory.repeat(Repeats { fingerprint: first.fingerprint, count: 18, last: at(11) });
    assert!(due_names(&mut inventory, at(11)).is_empty(), "19 requests are one too few");
    inventory.repeat(Repeats { fingerprint: first.fingerprint, count: 1, last: at(12) });
    assert_eq!(due_names(&mut inventory, at(12)), ["GET /users/a"]);
    assert_eq!(due_names(&mut inventory, at(40)), ["GET /users/b"]);
}

#[test]
fn a_success_confirms_what_was_refused() {
    let mut inventory = Inventory::new(Settings::default());
    let sighting = inventory.see(seen(Some(401)));
    assert_eq!(sighting.hold, Some(State::Unconfirmed { status: Some(401) }));
    assert_eq!(inventory.see(seen(Some(200))).hold, None);
    assert_eq!(due_names(&mut inventory, at(1)), ["GET /users"]);
}

#[test]
fn what_is_not_decided_is_not_pushed() {
    let mut inventory = Inventory::new(Settings::default());
    let sighting = inventory.see(exchange("cart", "GET", "/users/{?1f}", at(1)));
    assert_eq!(sighting.hold, Some(State::Undecided));
    assert!(due_names(&mut inventory, at(1000)).is_empty());
}

#[test]
fn repeats_of_the_unknown_are_counted() {
    let mut inventory = Inventory::new(Settings::default());
    assert!(inventory.repeat(repeat(7, at(1))).is_none());
    assert_eq!(inventory.totals().observed, 7);
    assert!(inventory.balanced());
}
