//! What is handed out when, and what its outcome does.

use decode::Timestamp;
use identify::ServiceName;
use redact::by_hand::Exchange;

use crate::testing::{at, body, due, due_names, exchange, mapping, outcome, push};
use crate::{Instance, Inventory, Outcome, Progress, Settings, State, Verdict};

fn one() -> Inventory {
    let mut inventory = Inventory::new(Settings::default());
    inventory.see(exchange("cart", "POST", "/users", at(1)));
    inventory
}

fn with_query(name: &str, time: Timestamp) -> Exchange {
    Exchange { query: vec![(name.into(), "1".into())], ..exchange("cart", "POST", "/users", time) }
}

fn state(inventory: &Inventory, now: Timestamp) -> State {
    inventory.state(inventory.endpoints().next().unwrap(), now, mapping)
}

#[test]
fn what_is_in_flight_is_not_handed_out_again_until_released() {
    let mut inventory = one();
    assert_eq!(due(&mut inventory, at(1)).len(), 1);
    assert!(due(&mut inventory, at(99)).is_empty());
    assert_eq!(inventory.in_flight(), 1);
    inventory.release_all();
    assert_eq!(due(&mut inventory, at(99)).len(), 1);
}

#[test]
fn what_was_pushed_is_not_handed_out_again() {
    let mut inventory = one();
    assert_eq!(push(&mut inventory, at(1)).len(), 1);
    inventory.see(exchange("cart", "POST", "/users", at(2)));
    assert!(due(&mut inventory, at(1_000_000)).is_empty());
    assert_eq!(state(&inventory, at(2)), State::Pushed);
}

#[test]
fn an_item_shows_what_is_to_be_sent() {
    let mut inventory = Inventory::new(Settings::default());
    let exchange = Exchange {
        path_params: vec![("userId".into(), "17".into())],
        query: vec![("page".into(), "1".into())],
        headers: vec![("content-type".into(), "text/plain".into()), ("x-team".into(), "a".into())],
        ..exchange("cart", "PUT", "/users/{userId}", at(1))
    };
    inventory.see_body(exchange, &body(r#"{"a": 1}"#, &["a".into()]));
    let (instance, items) = inventory.due(at(1), mapping, 10).remove(0);
    assert_eq!(instance.instance, "cart-instance");
    let item = &items[0];
    assert_eq!((item.key.method.as_str(), item.key.template.as_str()), ("PUT", "/users/{userId}"));
    assert_eq!(item.path_params, [("userId".to_owned(), "17".to_owned())]);
    assert_eq!(item.query, [("page".to_owned(), "1".to_owned())]);
    assert_eq!(item.headers[0].1, "application/json", "the content type is that of the body sent with it");
    assert_eq!(item.body.as_ref().unwrap().content, r#"{"a": 1}"#);
    assert_eq!(item.progress, Progress { instance: Some(instance), ..Progress::default() });
}

#[test]
fn news_are_collected_into_one_update() {
    let mut inventory = one();
    push(&mut inventory, at(1));
    let pairs = |names: &[&str]| names.iter().map(|name| ((*name).into(), "1".into())).collect();
    for (n, names) in [&["a"][..], &["a", "b"], &["a", "b", "c"]].into_iter().enumerate() {
        let time = at(10 + n as u64);
        let sighting =
            inventory.see(Exchange { query: pairs(names), ..exchange("cart", "POST", "/users", time) });
        assert!(sighting.learned.query);
    }
    assert_eq!(state(&inventory, at(20)), State::Updating { from: at(70) });
    assert!(due(&mut inventory, at(69)).is_empty());
    let items = push(&mut inventory, at(70));
    assert_eq!(items[0].query.len(), 3);
    assert!(due(&mut inventory, at(1_000_000)).is_empty());
}

#[test]
fn what_is_told_is_one_request_and_others_follow() {
    let mut inventory = one();
    push(&mut inventory, at(1));
    for name in ["a", "b", "c", "d", "e"] {
        inventory.see(with_query(name, at(10)));
    }
    let mut told = Vec::new();
    for round in 1..10 {
        let items = push(&mut inventory, at(10 + 60 * round));
        told.extend(items.into_iter().map(|item| item.query));
    }
    let one = |name: &str| vec![(name.to_owned(), "1".to_owned())];
    assert_eq!(told, ["a", "b", "c"].map(one), "no more than may be told a day");
}

#[test]
fn only_news_lead_to_an_update() {
    let news = |change: fn(&mut Exchange)| {
        let mut inventory = one();
        push(&mut inventory, at(1));
        let mut exchange = exchange("cart", "POST", "/users", at(2));
        change(&mut exchange);
        inventory.see(exchange);
        !due(&mut inventory, at(1000)).is_empty()
    };
    assert!(news(|e| e.query.push(("a".into(), "1".into()))));
    assert!(news(|e| e.request_type = Some("application/xml".into())));
    assert!(news(|e| e.headers.push(("x-api-version".into(), "2".into()))));
    assert!(!news(|e| e.headers.push(("user-agent".into(), "curl".into()))));
    assert!(!news(|e| e.headers.push(("x-forwarded-for".into(), "10.0.0.1".into()))));
    assert!(!news(|e| e.headers[0].1 = "text/html".into()));
    assert!(!news(|e| e.response_type = Some("text/html".into())));
    assert!(!news(|e| e.status = Some(500)));
}

#[test]
fn a_body_is_news_when_it_is_the_first_or_has_more_fields() {
    let mut inventory = one();
    push(&mut inventory, at(1));
    let mut learn = |content: &str, fields: &[String]| {
        let exchange = exchange("cart", "POST", "/users", at(2));
        inventory.see_body(exchange, &body(content, fields)).learned.body
    };
    let names = ["a".to_owned(), "b".to_owned()];
    assert!(learn(r#"{"a":1}"#, &names[..1]));
    assert!(!learn(r#"{"a":2}"#, &names[..1]));
    assert!(learn(r#"{"a":1,"b":2}"#, &names));
    assert!(!learn(r#"{"b":2}"#, &names[1..]));
    let items = push(&mut inventory, at(100));
    assert_eq!(items[0].body.as_ref().unwrap().content, r#"{"a":1,"b":2}"#);
}

#[test]
fn news_learned_during_a_push_are_pushed_later() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    inventory.see(with_query("late", at(2)));
    inventory.conclude(outcome(&item, Verdict::Pushed), at(3));
    assert!(due(&mut inventory, at(61)).is_empty());
    assert_eq!(push(&mut inventory, at(62))[0].query.len(), 1);
    assert!(due(&mut inventory, at(1000)).is_empty());
}

#[test]
fn a_failure_is_tried_again_when_its_time_has_come() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    let later = Verdict::Later { reason: "503".into(), not_before: at(50) };
    inventory.conclude(outcome(&item, later), at(2));
    assert_eq!(state(&inventory, at(3)), State::Waiting { from: at(50), error: Some("503".into()) });
    assert!(due(&mut inventory, at(49)).is_empty());
    assert_eq!(push(&mut inventory, at(50)).len(), 1);
}

#[test]
fn a_change_of_the_configuration_ends_the_wait_after_a_failure() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    let later = Verdict::Later { reason: "401".into(), not_before: at(50) };
    inventory.conclude(outcome(&item, later), at(2));
    inventory.retry_all();
    assert_eq!(push(&mut inventory, at(3)).len(), 1);
    inventory.retry_all();
    assert!(due(&mut inventory, at(1000)).is_empty(), "what was pushed is not pushed again");
}

#[test]
fn progress_of_an_unfinished_push_is_kept() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    let progress = Progress { adds: 1, added: true, ..item.progress.clone() };
    let verdict = Verdict::Later { reason: "reset".into(), not_before: at(0) };
    inventory.conclude(Outcome { progress, ..outcome(&item, verdict) }, at(1));
    assert_eq!(due(&mut inventory, at(2))[0].progress.adds, 1);
}

#[test]
fn what_the_platform_cannot_take_waits_for_news() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    inventory.conclude(outcome(&item, Verdict::SetAside { reason: "422".into() }), at(1));
    assert_eq!(state(&inventory, at(2)), State::SetAside("422".into()));
    assert!(due(&mut inventory, at(1000)).is_empty());
    inventory.see(with_query("new", at(1000)));
    assert!(due(&mut inventory, at(1059)).is_empty());
    assert_eq!(push(&mut inventory, at(1060)).len(), 1);
    assert_eq!(state(&inventory, at(1060)), State::Pushed);
}

#[test]
fn another_mapping_starts_from_the_beginning() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    inventory.conclude(outcome(&item, Verdict::SetAside { reason: "422".into() }), at(1));
    let other = |_: &ServiceName| Some(Instance { app: "app".into(), instance: "other".into() });
    let items = inventory.due(at(2), other, 10);
    assert_eq!(
        items[0].1[0].progress,
        Progress { instance: Some(items[0].0.clone()), ..Progress::default() }
    );
    inventory.conclude(outcome(&items[0].1[0], Verdict::Pushed), at(2));
    assert!(inventory.due(at(1000), other, 10).is_empty());
    assert_eq!(due(&mut inventory, at(1000)).len(), 1, "back at the first, whose progress was given up");
}

#[test]
fn without_a_mapping_it_is_kept_and_pushed_when_there_is_one() {
    let mut inventory = one();
    assert!(inventory.due(at(1), |_| None, 10).is_empty());
    assert_eq!(due_names(&mut inventory, at(2)), ["POST /users"]);
    inventory.release_all();
    assert!(inventory.due(at(1), |_| None, 10).is_empty(), "removed");
    assert_eq!(due_names(&mut inventory, at(2)), ["POST /users"], "and back");
}

#[test]
fn an_outcome_that_comes_after_a_change_of_mapping_does_not_count_for_the_new_one() {
    let mut inventory = one();
    let item = due(&mut inventory, at(1)).remove(0);
    let other = |_: &ServiceName| Some(Instance { app: "app".into(), instance: "other".into() });
    assert!(inventory.due(at(2), other, 10).is_empty(), "still in flight to the old one");
    inventory.conclude(outcome(&item, Verdict::Pushed), at(3));
    assert_eq!(inventory.due(at(3), other, 10).len(), 1);
}

#[test]
fn services_take_turns_and_the_limit_holds() {
    let mut inventory = Inventory::new(Settings::default());
    for n in 0..100 {
        inventory.see(exchange("big", "GET", &format!("/{{a}}/x{n}/{{b}}"), at(1)));
    }
    inventory.see(exchange("small", "GET", "/only", at(1)));
    let batch = inventory.due(at(100), mapping, 10);
    assert_eq!(batch.iter().map(|(_, items)| items.len()).sum::<usize>(), 10);
    assert!(batch.iter().any(|(instance, _)| instance.instance == "small-instance"));
    let mut sum = 10;
    while let Some((_, items)) = inventory.due(at(100), mapping, 10).pop() {
        assert!(items.len() <= 10);
        sum += items.len();
    }
    assert_eq!(sum, 101);
}

#[test]
fn outcomes_of_the_unknown_are_counted() {
    let mut inventory = one();
    let mut item = due(&mut inventory, at(1)).remove(0);
    item.key.template.push('x');
    inventory.conclude(outcome(&item, Verdict::Pushed), at(1));
    assert_eq!(inventory.totals().outcomes_unknown, 1);
}
