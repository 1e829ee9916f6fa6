//! Answers that say nothing about the path that was asked for.

use decode::Timestamp;
use redact::Repeats;
use redact::by_hand::Exchange;

use crate::testing::{at, due_names, exchange, fingerprint, mapping};
use crate::{Counts, Delivery, EndpointKey, Inventory, Record, Settings, State, Unrecorded};

/// An answer to `GET` of a path: its status, media type and length, and where it leads.
type Answer = (u16, &'static str, u32, &'static str);

const WALLS: [Answer; 5] = [
    (401, "application/json", 27, ""),
    (403, "text/html", 153, ""),
    (302, "text/html", 0, "/login"),
    (503, "text/plain", 11, ""),
    (200, "text/html", 1270, ""),
];

fn asked(template: &str, second: u64, (status, media, length, location): Answer) -> Exchange {
    Exchange {
        status: Some(status),
        response_type: Some(media.into()),
        length: Some(length),
        location,
        ..exchange("cart", "GET", template, at(second))
    }
}

fn real(inventory: &mut Inventory, second: u64) -> Vec<String> {
    let all: Vec<String> = (0..20).map(|n| format!("/real/{n}")).collect();
    for template in &all {
        inventory.see(exchange("cart", "POST", template, at(second)));
    }
    let mut names: Vec<_> = all.iter().map(|template| format!("POST {template}")).collect();
    names.sort();
    names
}

fn due(inventory: &mut Inventory, second: u64) -> Vec<String> {
    let mut names = due_names(inventory, at(second));
    names.sort();
    names
}

#[test]
fn guesses_that_a_wall_answers_are_not_pushed_and_leave_room() {
    for wall in WALLS {
        let mut inventory = Inventory::new(Settings::default());
        for n in 0..6000 {
            inventory.see(asked(&format!("/guess/{n}"), 10, wall));
            assert!(n % 500 > 0 || due(&mut inventory, 11).is_empty(), "{wall:?} {n}");
        }
        let names = real(&mut inventory, 20);
        assert_eq!(due(&mut inventory, 100_000), names, "{wall:?}");
        let guess = inventory.find("/guess")[0].clone();
        let state = inventory.state(&guess, at(100_000), mapping);
        assert_eq!(state, State::Wall { status: Some(wall.0) });
        let counts = &inventory.owners(at(100_000), mapping)[0];
        assert_eq!(
            (counts.endpoints, counts.walled),
            (counts.confirmed + counts.walled, counts.endpoints - 20)
        );
        assert!(inventory.balanced());
    }
}

#[test]
fn a_wall_may_repeat_the_path_in_its_answer() {
    let mut inventory = Inventory::new(Settings::default());
    for n in 0..30 {
        let template = format!("/guess{}", "x".repeat(n));
        let length = 100 + template.len() as u32;
        inventory.see(asked(&template, 10, (200, "text/html", length, "")));
    }
    assert!(due(&mut inventory, 1000).is_empty());
}

#[test]
fn endpoints_that_answer_alike_are_no_wall_unless_it_is_a_page() {
    let mut inventory = Inventory::new(Settings::default());
    for n in 0..20 {
        inventory.see(asked(&format!("/things/{n}"), 10, (204, "application/json", 0, "")));
    }
    assert_eq!(due(&mut inventory, 10).len(), 20);
}

#[test]
fn pages_wait_until_a_wall_would_be_known() {
    let mut inventory = Inventory::new(Settings::default());
    for n in 0..20 {
        inventory.see(asked(&format!("/pages/{n}"), 10, (200, "text/html", 100 + n, "")));
    }
    for n in 0..7 {
        inventory.see(asked(&format!("/forms/{n}"), 10, (200, "text/html", 50, "")));
    }
    assert!(due(&mut inventory, 39).is_empty());
    assert_eq!(due(&mut inventory, 40).len(), 27);
}

#[test]
fn a_success_is_believed_whatever_a_wall_says() {
    for wall in WALLS {
        let mut inventory = Inventory::new(Settings::default());
        for n in 0..20 {
            inventory.see(asked(&format!("/guess/{n}"), 10, wall));
        }
        let success = (200, "application/json", 70, "");
        assert_eq!(inventory.see(asked("/guess/3", 11, success)).hold, None);
        assert_eq!(inventory.see(asked("/new", 11, success)).hold, None);
        inventory.see(asked("/new", 12, wall));
        assert_eq!(due(&mut inventory, 1000), ["GET /guess/3", "GET /new"], "{wall:?}");
    }
}

#[test]
fn paths_that_answered_otherwise_make_no_wall() {
    let mut inventory = Inventory::new(Settings::default());
    let (page, other) = ((200, "text/html", 70, ""), (200, "text/html", 90, ""));
    for n in 0..20 {
        inventory.see(asked(&format!("/pages/{n}"), 10, page));
        inventory.see(asked(&format!("/pages/{n}"), 10, other));
    }
    assert_eq!(due(&mut inventory, 10).len(), 20, "what answers differently is known for certain");
}

#[test]
fn a_refusal_is_believed_where_another_method_succeeded() {
    for refused_first in [true, false] {
        let mut inventory = Inventory::new(Settings::default());
        let refused = Exchange { method: "DELETE".into(), ..asked("/users", 10, WALLS[1]) };
        let absent = Exchange { method: "PUT".into(), ..asked("/users", 10, (405, "text/plain", 0, "")) };
        let success = asked("/users", 11, (200, "application/json", 9, ""));
        let all = if refused_first { [refused, absent, success] } else { [success, absent, refused] };
        all.into_iter().for_each(|one| drop(inventory.see(one)));
        assert_eq!(due(&mut inventory, 39), ["GET /users"], "a refusal waits");
        assert_eq!(due(&mut inventory, 40), ["DELETE /users"], "{refused_first}");
        assert!(due(&mut inventory, 100_000).is_empty());
    }
}

#[test]
fn a_refusal_is_believed_that_comes_on_three_connections_over_ten_minutes() {
    let refused = |second, connection| Exchange {
        connection,
        fingerprint: fingerprint(&connection.to_string()),
        ..asked("/users", second, WALLS[0])
    };
    let mut inventory = Inventory::new(Settings::default());
    inventory.see(refused(10, 1));
    inventory.see(refused(20, 2));
    inventory.see(refused(700, 2));
    assert!(due(&mut inventory, 10_000).is_empty(), "two connections are one too few");
    let sighting = inventory.see(refused(701, 3));
    assert_eq!(sighting.hold, None);
    assert_eq!(due(&mut inventory, 701), ["GET /users"]);

    let mut inventory = Inventory::new(Settings::default());
    (1..4).for_each(|connection| drop(inventory.see(refused(10, connection))));
    assert!(due(&mut inventory, 10_000).is_empty(), "a second is no ten minutes");
    inventory.repeat(Repeats { fingerprint: fingerprint("2"), count: 1, last: at(610) });
    assert_eq!(due(&mut inventory, 10_000), ["GET /users"], "repeats count");
}

#[test]
fn successes_make_room_at_the_cost_of_what_was_only_refused() {
    let mut inventory = Inventory::new(Settings { endpoints_per_service: 100, ..Settings::default() });
    for n in 0..100 {
        for (second, connection) in [(10, 1), (20, 2), (900, 3)] {
            let answer = (403, "application/json", 1000 + 50 * n, "");
            inventory.see(Exchange { connection, ..asked(&format!("/guess/{n}"), second, answer) });
        }
    }
    assert_eq!(inventory.owners(at(900), mapping)[0].confirmed, 100);
    let guess = inventory.see(asked("/guess", 901, (403, "application/json", 1, "")));
    assert_eq!(guess.hold, Some(State::Overflow(Unrecorded::ServiceFull)), "a guess makes no room");
    let names = real(&mut inventory, 902);
    let now = due(&mut inventory, 903);
    assert!(names.iter().all(|name| now.contains(name)), "{now:?}");
    assert_eq!(inventory.find("/real").len(), 20);
    assert!(inventory.totals().evicted.refused >= 20);
}

#[test]
fn what_an_earlier_version_believed_of_a_refusal_is_judged_anew() {
    let mut inventory = Inventory::new(Settings::default());
    let owner = exchange("cart", "GET", "/", at(1)).owner;
    for (template, status) in [("/refused", 401), ("/known", 200)] {
        let mut counts = Counts::default();
        counts.add(Some(status), 3, Timestamp::from_secs(1));
        let delivery = Delivery { confirmed: true, revision: 1, ..Delivery::default() };
        let key = EndpointKey { owner: owner.clone(), method: "GET".into(), template: template.into() };
        inventory.restore(key, Record { counts, delivery, ..Record::default() });
    }
    inventory.restored(false);
    assert_eq!(due(&mut inventory, 1000), ["GET /known"]);
}

#[test]
fn walls_are_known_again_after_a_restart() {
    let mut inventory = Inventory::new(Settings::default());
    (0..20).for_each(|n| drop(inventory.see(asked(&format!("/guess/{n}"), 10, WALLS[4]))));
    let records: Vec<(EndpointKey, String)> = inventory
        .endpoints()
        .map(|one| ((*one.key).clone(), serde_json::to_string(&one.record).unwrap()))
        .collect();
    let mut inventory = Inventory::new(Settings::default());
    for (key, record) in records {
        inventory.restore(key, serde_json::from_str(&record).unwrap());
    }
    inventory.restored(false);
    inventory.see(asked("/another", 11, WALLS[4]));
    assert!(due(&mut inventory, 100_000).is_empty());
}
