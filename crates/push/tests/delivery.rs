//! From exchanges to the platform through inventory and store, over outages, removals, mappings that change, and clocks.

#![allow(clippy::print_stderr, reason = "figures for those who read the test's output")]

mod support;

use std::time::Duration;

use decode::Timestamp;
use inventory::State;
use stand_in::{Action, AnswerBody, Call, Fault, Recorded};
use store::KeptInventory;
use support::learn::*;
use support::{KEY, now};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn away() -> Vec<Fault> {
    let busy = Action::Status { status: 503, body: AnswerBody::Html, retry_after: None, processed: false };
    vec![Fault::always(Call::Any, busy)]
}

/// The most calls that came within any second.
fn busiest_second(calls: &[Recorded]) -> usize {
    let times: Vec<_> = calls.iter().map(|call| call.time).collect();
    let within = |from: usize| {
        times[from..]
            .iter()
            .take_while(|time| time.duration_since(times[from]).unwrap_or_default() < Duration::from_secs(1))
            .count()
    };
    (0..times.len()).map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn outage_of_an_hour_under_a_thousand_new_endpoints_loses_nothing_and_ends_without_a_burst() {
    const ENDPOINTS: u32 = 1000;
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let rate = 400;
    agent.engine = support_engine(&platform, rate);
    let begin = now();
    platform.set_faults(away(), 0);
    let mut learned = 0;
    for second in 0..3600 {
        let at = begin + second * SECOND;
        while learned < ENDPOINTS * (second + 1) / 3600 {
            let path = format!("/area{}/r{learned}x", learned % 7);
            let body = format!(r#"{{"number": {learned}, "text": "{}"}}"#, "x".repeat(200));
            let fields = "Content-Type: application/json\r\nAccept: */*\r\n";
            agent.ask("cart", "POST", &format!("{path}?page={learned}"), fields, &body, at);
            learned += 1;
        }
        agent.round(at).await;
        // Each flush is an fsync: a real agent makes one a second; here one in ten has to do.
        if second % 10 == 0 {
            assert_eq!(agent.inventory.flush(at, PATIENCE).load, Default::default());
        }
    }
    let during = platform.recorded().len();
    let (memory, disk) = (agent.inventory.memory(), agent.inventory.store_bytes().unwrap());
    let end = begin + HOUR;
    assert_eq!(agent.waiting(end), ENDPOINTS as usize);
    // The longest pause is 5 minutes, with full jitter: some tens of calls, whatever there is to push.
    assert!((10..200).contains(&during), "{during} calls in the hour");
    assert!(memory < 16 << 20 && disk < 16 << 20, "{memory} bytes of memory, {disk} on disk");

    platform.set_faults(vec![], 0);
    platform.clear_recorded();
    // Not more than the longest pause later, it goes on.
    let done = agent.settle(end, end + HOUR).await;
    let calls = platform.recorded();
    let busiest = busiest_second(&calls);
    eprintln!(
        "outage: {during} calls in the hour, {memory} bytes of memory, {disk} on disk; recovery: {} calls, all there after {} s, {busiest} calls in the busiest second (limit {rate})",
        calls.len(),
        done.saturating_since(end).as_secs(),
    );
    assert_eq!(listed(&platform, "cart").len(), ENDPOINTS as usize);
    let at = place("cart");
    for endpoint in platform.listing(&at.app, &at.instance) {
        assert!(endpoint.query_params.contains_key("page") && endpoint.body.is_some(), "{}", endpoint.path);
    }
    assert!(busiest <= rate as usize + 20, "{busiest} calls in a second");
    assert!(platform.violations().is_empty(), "{:?}", platform.violations().first());
}

fn support_engine(platform: &stand_in::Running, rate: u32) -> traffic_monitor_push::Engine {
    let settings = traffic_monitor_push::EngineSettings { calls_per_second: rate, ..Default::default() };
    traffic_monitor_push::Engine::new(support::client(&platform.url()), settings)
}

#[tokio::test]
async fn what_our_own_template_covers_is_an_endpoint_of_its_own_and_that_of_others_stands_for_it() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let at = place("cart");
    platform.add(&at.app, &at.instance, "get", "/teams/{team_id}");
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    for path in ["/users/7", "/9"] {
        agent.get("cart", path, begin);
    }
    let settled = agent.settle(begin, begin + HOUR).await;
    for path in ["/users/me", "/users/search", "/login", "/teams/mine"] {
        agent.get("cart", path, settled + MINUTE);
    }
    let end = agent.settle(settled + MINUTE, settled + HOUR).await;
    assert_eq!(
        listed(&platform, "cart"),
        [
            "GET /login",
            "GET /teams/{team_id}",
            "GET /users/me",
            "GET /users/search",
            "GET /users/{userId}",
            "GET /{id}"
        ]
    );
    let state_of = |path: &str| {
        let endpoint = agent.inventory.endpoints().find(|e| e.key.template == path).unwrap();
        agent.inventory.state(endpoint, end, agent.instance_of())
    };
    assert_eq!(state_of("/users/me"), State::Verified);
    assert_eq!(state_of("/teams/mine"), State::Covered("/teams/{team_id}".into()));
    assert!(state_of("/teams/mine").to_string().contains("a part of /teams/{team_id}"));
}

#[tokio::test]
async fn what_is_pushed_is_compared_once_a_day_and_what_someone_removed_comes_back_once() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    for path in ["/a", "/b", "/c"] {
        agent.get("cart", path, begin);
    }
    let settled = agent.settle(begin, begin + HOUR).await;
    assert!(!agent.verify(settled + DAY / 2).await, "not before a day is over");
    let at = place("cart");
    assert!(platform.remove(&at.app, &at.instance, "get", "/a"));
    assert!(platform.remove(&at.app, &at.instance, "get", "/b"));
    platform.clear_recorded();
    let next = settled + DAY + SECOND;
    assert!(agent.verify(next).await);
    assert!(!agent.verify(next + HOUR).await, "once");
    assert_eq!((platform.recorded().len(), count(&platform, Call::Listing)), (1, 1), "nothing but a listing");
    let state_of = |agent: &Agent, path: &str, at: Timestamp| {
        let endpoint = agent.inventory.endpoints().find(|e| e.key.template == path).unwrap();
        agent.inventory.state(endpoint, at, agent.instance_of())
    };
    assert_eq!(state_of(&agent, "/a", next), State::Removed);
    assert_eq!(state_of(&agent, "/c", next), State::Verified);

    // That they are gone is known over a restart. Nothing is pushed until they are seen again.
    assert_eq!(agent.inventory.flush_all(next, PATIENCE).unsaved, 0);
    drop(agent);
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    assert_eq!(agent.round(next + MINUTE).await, 0);
    agent.get("cart", "/a", next + HOUR);
    agent.settle(next + HOUR, next + 2 * HOUR).await;
    assert_eq!(listed(&platform, "cart"), ["GET /a", "GET /c"]);

    // Removed again: it stays removed, and that is said.
    platform.remove(&at.app, &at.instance, "get", "/a");
    let later = next + 2 * DAY;
    assert!(agent.verify(later).await);
    agent.get("cart", "/a", later + MINUTE);
    agent.settle(later + MINUTE, later + HOUR).await;
    assert_eq!(listed(&platform, "cart"), ["GET /c"]);
    let outbox = agent.inventory.outbox(later + HOUR, agent.instance_of(), 10);
    assert!(outbox.set_aside[0].1.contains("removed from the platform twice"), "{outbox:?}");
    assert!(platform.violations().is_empty(), "{:?}", platform.violations());
}

#[tokio::test]
async fn fault_a_listing_that_cannot_be_read_says_nothing_about_what_is_there() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    agent.get("cart", "/a", begin);
    let mut at = agent.settle(begin, begin + HOUR).await + DAY + SECOND;
    for action in [Action::Cut, Action::Huge, Action::ResetBefore, Action::Revoked] {
        platform.set_faults(vec![Fault::times(Call::Listing, action.clone(), 1)], 0);
        assert!(!agent.verify(at).await, "{action:?}");
        let outbox = agent.inventory.outbox(at, agent.instance_of(), 10);
        assert_eq!((outbox.waiting, outbox.set_aside_count), (0, 0));
        at += HOUR;
    }
    assert!(agent.verify(at).await);
    assert_eq!(count(&platform, Call::Add), 1);
}

#[tokio::test]
async fn retry_of_what_was_set_aside_begins_anew_when_someone_asks_for_it() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    platform.set_faults(vec![Fault::always(Call::Add, Action::Forget)], 0);
    agent.get("cart", "/forgotten", begin);
    let mut at = agent.settle(begin, begin + HOUR).await;
    assert_eq!(agent.inventory.outbox(at, agent.instance_of(), 10).set_aside_count, 1);
    platform.set_faults(vec![], 0);
    at += HOUR;
    assert_eq!(agent.round(at).await, 0, "not by itself");
    assert_eq!(agent.inventory.retry_set_aside(|key| key.template == "/other"), 0);
    assert_eq!(agent.inventory.retry_set_aside(|key| key.template == "/forgotten"), 1);
    agent.settle(at, at + HOUR).await;
    assert_eq!(listed(&platform, "cart"), ["GET /forgotten"]);
}

#[tokio::test]
async fn a_mapping_that_changes_goes_or_comes_back_takes_its_endpoints_along() {
    let (platform, state) = (platform(&["cart", "pay"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    agent.get("cart", "/a", begin);
    agent.get("cart", "/b", begin);
    let mut at = agent.settle(begin, begin + HOUR).await;
    // To another instance: all of it is pushed there, from the start.
    agent.mappings[0].1 = place("pay");
    at = agent.settle(at, at + HOUR).await;
    assert_eq!(listed(&platform, "pay"), ["GET /a", "GET /b"]);
    // Removed: kept, also what is new, over a restart, and not pushed.
    agent.mappings.clear();
    agent.get("cart", "/c", at);
    assert_eq!(agent.round(at + MINUTE).await, 0);
    assert_eq!(agent.inventory.flush_all(at, PATIENCE).unsaved, 0);
    drop(agent);
    let mut agent = Agent::new(&platform, state.path(), &[]);
    assert_eq!((agent.round(at + HOUR).await, agent.inventory.len()), (0, 3));
    // Back at the first instance: what is there is found, what is missing is added.
    platform.clear_recorded();
    agent.mappings = vec![("cart".into(), place("cart"))];
    at = agent.settle(at + HOUR, at + 2 * HOUR).await;
    assert_eq!(listed(&platform, "cart"), ["GET /a", "GET /b", "GET /c"]);
    assert_eq!(count(&platform, Call::Add), 1, "only the new one");
    assert_eq!(agent.round(at + MINUTE).await, 0);
    assert!(platform.violations().is_empty(), "{:?}", platform.violations());
}

#[tokio::test]
async fn what_is_learned_later_is_one_update_and_nothing_new_is_no_call() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    agent.get("cart", "/a?x=1", begin);
    let at = agent.settle(begin, begin + HOUR).await;
    platform.clear_recorded();
    let mut query = "x=1".to_owned();
    for second in 0..120 {
        let now = at + second * SECOND;
        if second < 40 {
            query += &format!("&p{second}=1");
            agent.get("cart", &format!("/a?{query}"), now);
        }
        agent.get("cart", "/a?x=2", now);
        agent.round(now).await;
    }
    assert_eq!((count(&platform, Call::Commit), platform.recorded().len()), (1, 1));
    let endpoint = platform.listing("app-cart", "inst-cart").remove(0);
    assert_eq!(endpoint.query_params.len(), 41);
}

#[tokio::test]
async fn fault_clocks_that_jump_hold_nothing_up() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let begin = now();
    // An agent whose clock is a day ahead fails, and waits.
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    platform.set_faults(away(), 0);
    agent.get("cart", "/early", begin + DAY);
    agent.get("cart", "/maybe1x", begin + DAY);
    agent.round(begin + DAY).await;
    assert_eq!(agent.waiting(begin + DAY), 2);
    platform.set_faults(vec![], 0);
    // Its clock is set back: as the pusher does when it notices.
    agent.inventory.clock_was_set_back(begin);
    agent.inventory.retry_all();
    agent.engine.clock_was_set();
    let at = agent.settle(begin, begin + 2 * MINUTE).await;
    assert_eq!(listed(&platform, "cart").len(), 2);
    // A year forward: no harm, nothing twice.
    platform.clear_recorded();
    let year = at + 365 * DAY;
    agent.get("cart", "/late", year);
    agent.settle(year, year + 2 * MINUTE).await;
    assert_eq!((listed(&platform, "cart").len(), count(&platform, Call::Add)), (3, 1));
    // And back, over a restart: what was noted a year ahead is no reason to wait.
    assert_eq!(agent.inventory.flush_all(year, PATIENCE).unsaved, 0);
    drop(agent);
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    agent.inventory.clock_was_set_back(at);
    agent.get("cart", "/early?new=1", at + MINUTE);
    agent.settle(at + MINUTE, at + 4 * MINUTE).await;
    let early = platform.listing("app-cart", "inst-cart").into_iter().find(|e| e.path == "/early").unwrap();
    assert!(early.query_params.contains_key("new"));
    assert!(agent.verify(at + 5 * MINUTE).await, "what was verified in the future is verified now");
}

#[tokio::test]
async fn fault_a_key_that_is_revoked_and_renewed_delays_and_loses_nothing() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    let begin = now();
    agent.get("cart", "/before", begin);
    let at = agent.settle(begin, begin + HOUR).await;
    platform.set_key(Some("another-key".into()));
    platform.clear_recorded();
    for minute in 0..30 {
        agent.get("cart", &format!("/during{}", ["a", "b", "c"][minute as usize % 3]), at + minute * MINUTE);
        for second in 0..60 {
            agent.round(at + minute * MINUTE + second * SECOND).await;
        }
    }
    let probes = platform.recorded().len();
    assert!((20..=31).contains(&probes), "a slow probe: {probes} calls in 30 minutes");
    platform.set_key(Some(KEY.into()));
    agent.settle(at + 30 * MINUTE, at + 33 * MINUTE).await;
    assert_eq!(listed(&platform, "cart"), ["GET /before", "GET /duringa", "GET /duringb", "GET /duringc"]);
    assert!(platform.violations().is_empty());
}

#[tokio::test]
async fn fault_a_mapping_that_is_wrong_and_then_mended_loses_nothing_and_holds_up_no_other() {
    let (platform, state) = (platform(&["cart", "pay"]).await, folder());
    let mut agent = Agent::new(&platform, state.path(), &["cart", "pay"]);
    agent.mappings[0].1.instance = "no-such-instance".into();
    let begin = now();
    for path in ["/a", "/b"] {
        agent.get("cart", path, begin);
        agent.get("pay", path, begin);
    }
    for second in 0..600 {
        agent.round(begin + second * SECOND).await;
    }
    assert_eq!(listed(&platform, "pay"), ["GET /a", "GET /b"]);
    let wrong = platform.recorded().iter().filter(|call| call.path.contains("no-such-instance")).count();
    assert!((2..=6).contains(&wrong), "tried slowly: {wrong}");
    agent.mappings[0].1 = place("cart");
    agent.settle(begin + 600 * SECOND, begin + 660 * SECOND).await;
    assert_eq!(listed(&platform, "cart"), ["GET /a", "GET /b"]);
}

#[tokio::test]
async fn fault_everything_at_once_at_random_ends_in_the_truth_with_nothing_twice() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    let begin = now();
    for seed in 0..4_u32 {
        let at = begin + seed * HOUR;
        let status = |status, processed| Action::Status {
            status,
            body: AnswerBody::Html,
            retry_after: None,
            processed,
        };
        let faults = [
            status(502, false),
            status(500, true),
            status(429, false),
            status(408, true),
            Action::ResetBefore,
            Action::ResetAfter,
            Action::Cut,
            Action::OmitPath,
            Action::EmptyObject,
        ];
        let faults =
            faults.map(|action| Fault { probability: Some(0.05), ..Fault::always(Call::Any, action) });
        platform.set_faults(faults.to_vec(), seed.into());
        let mut agent = Agent::new(&platform, state.path(), &["cart"]);
        for number in 0..30 {
            let path =
                format!("/s{seed}/{}", ["a", "b", "c", "d", "e", "f"][number % 6].repeat(1 + number / 6));
            agent.ask("cart", "PUT", &path, "Content-Type: application/json\r\n", "{\"n\": 1}", at);
        }
        agent.settle(at, at + HOUR).await;
        assert_eq!(agent.inventory.flush_all(at, PATIENCE).unsaved, 0);
        let listed = listed(&platform, "cart");
        assert_eq!(listed.len(), 30 * (seed as usize + 1), "{listed:?}");
    }
    let at = place("cart");
    assert!(platform.listing(&at.app, &at.instance).iter().all(|endpoint| endpoint.body.is_some()));
    assert!(platform.violations().is_empty(), "{:?}", platform.violations());
}

#[tokio::test]
async fn outage_does_not_keep_what_was_learned_in_memory_alone() {
    let (platform, state) = (platform(&["cart"]).await, folder());
    platform.set_faults(away(), 0);
    let begin = now();
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    for number in 0..50 {
        agent.get("cart", &format!("/kept/{}", "x".repeat(number + 1)), begin);
        agent.round(begin + number as u32 * SECOND).await;
    }
    // What the keeper does within a second; then the process is gone without a farewell.
    assert_eq!(agent.inventory.flush(begin + MINUTE, PATIENCE).load, Default::default());
    drop(agent);
    let (inventory, report) = KeptInventory::open(state.path(), Default::default(), Default::default());
    assert_eq!((inventory.len(), report.damaged), (50, 0));
    drop(inventory);
    platform.set_faults(vec![], 0);
    let mut agent = Agent::new(&platform, state.path(), &["cart"]);
    agent.settle(begin + HOUR, begin + 2 * HOUR).await;
    assert_eq!(listed(&platform, "cart").len(), 50);
}
