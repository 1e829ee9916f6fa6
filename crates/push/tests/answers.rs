//! Answers as no good platform gives them, one kind at a time, for every call: in the end all is there, once.

mod support;

use std::time::{Duration, Instant};

use inventory::Verdict;
use stand_in::{Action, AnswerBody, Call, Fault};
use support::learn::{Agent, SECOND, count, folder, listed, place, platform};
use support::*;

const CALLS: [Call; 4] = [Call::Listing, Call::Preview, Call::Add, Call::Commit];

/// Three endpoints against a platform that does this twice at each call (once where its 200 stands for something that was not
/// done: two such adds are set aside); all arrive, and no add that took effect is repeated.
async fn all_arrive(action: &Action) {
    let times = if *action == Action::Huge { 1 } else { 2 };
    for call in CALLS {
        let platform = platform(&["cart"]).await;
        platform.set_faults(vec![Fault::times(call, action.clone(), times)], 0);
        let mut engine = traffic_monitor_push::Engine::new(client(&platform.url()), quick());
        let items = vec![
            item("GET", "/a"),
            with_body(item("POST", "/b/{id}"), "{}"),
            with_query(item("GET", "/c"), &[("p", "1")]),
        ];
        let outcomes = drive(&mut engine, &place("cart"), items).await;
        assert!(
            outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed),
            "{call:?} {action:?} {outcomes:?}"
        );
        assert_eq!(listed(&platform, "cart"), ["GET /a", "GET /c", "POST /b/{id}"], "{call:?} {action:?}");
        assert!(platform.violations().is_empty(), "{call:?} {action:?} {:?}", platform.violations());
    }
}

#[tokio::test]
async fn fault_html_of_a_gateway_is_no_answer() {
    for processed in [false, true] {
        all_arrive(&Action::Status { status: 502, body: AnswerBody::Html, retry_after: None, processed })
            .await;
    }
}

#[tokio::test]
async fn fault_resets_before_and_after_the_request_took_effect() {
    all_arrive(&Action::ResetBefore).await;
    all_arrive(&Action::ResetAfter).await;
}

#[tokio::test]
async fn fault_answers_that_break_off_in_the_middle() {
    all_arrive(&Action::Cut).await;
}

#[tokio::test]
async fn fault_a_trickle_of_bytes_ends_with_the_deadline_of_the_call() {
    let began = Instant::now();
    let platform = platform(&["cart"]).await;
    platform.add("app-cart", "inst-cart", "get", "/there");
    platform.set_faults(vec![Fault::times(Call::Listing, Action::Trickle, 1)], 0);
    let mut engine = traffic_monitor_push::Engine::new(client(&platform.url()), quick());
    let first = engine.push(&place("cart"), vec![item("GET", "/there")], now()).await;
    assert_eq!(later(&first[0].verdict), "no whole answer in time");
    assert!(began.elapsed() < Duration::from_secs(3), "the whole call has a deadline, not each byte");
    let outcomes = drive(&mut engine, &place("cart"), vec![after(&item("GET", "/there"), &first[0])]).await;
    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
    assert_eq!(count(&platform, Call::Add), 0);
}

#[tokio::test]
async fn fault_a_hundred_megabytes_of_answer_are_not_read() {
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    let before = peak();
    // A listing of white space is an empty one, if it were read to its end.
    all_arrive(&Action::Huge).await;
    assert!(peak() - before < 64, "{} MiB more", peak() - before);
}

#[tokio::test]
async fn fault_a_suggestion_without_its_path_is_read_by_its_id() {
    let platform = platform(&["cart"]).await;
    platform.add("app-cart", "inst-cart", "get", "/users/{user_id}");
    platform.set_faults(vec![Fault::always(Call::Preview, Action::OmitPath)], 0);
    let mut engine = traffic_monitor_push::Engine::new(client(&platform.url()), quick());
    let outcomes = drive(&mut engine, &place("cart"), vec![item("GET", "/users/john")]).await;
    assert_eq!(
        outcomes[0].progress.platform_path.as_deref(),
        Some("/users/{user_id}"),
        "the team's template is used"
    );
    assert_eq!((listed(&platform, "cart").len(), count(&platform, Call::Add)), (1, 0));
    assert!(platform.violations().is_empty());
}

#[tokio::test]
async fn fault_an_empty_preview_is_no_match() {
    let platform = platform(&["cart"]).await;
    platform.set_faults(vec![Fault::always(Call::Preview, Action::EmptyObject)], 0);
    let mut engine = traffic_monitor_push::Engine::new(client(&platform.url()), quick());
    let outcomes = drive(&mut engine, &place("cart"), vec![item("GET", "/users/{id}")]).await;
    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
    assert_eq!(listed(&platform, "cart"), ["GET /users/{id}"]);
}

#[tokio::test]
async fn retry_after_a_wait_that_a_date_orders_keeps_the_platform_quiet_until_then() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    let date = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(120));
    let busy =
        Action::Status { status: 429, body: AnswerBody::Text, retry_after: Some(date), processed: false };
    platform.set_faults(vec![Fault::times(Call::Any, busy, 1)], 0);
    agent.get("cart", "/a", begin);
    for second in 0..115 {
        agent.round(begin + second * SECOND).await;
    }
    assert_eq!(platform.recorded().len(), 1);
    agent.settle(begin + 115 * SECOND, begin + 180 * SECOND).await;
    assert_eq!(listed(&platform, "cart"), ["GET /a"]);
}
