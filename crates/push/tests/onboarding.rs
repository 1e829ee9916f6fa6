//! Applications for new Services, against the stand-in platform and its faults.

mod support;

use std::time::Duration;

use decode::Timestamp;
use stand_in::{Action, AnswerBody, Call, Fault, Limits, Preset, Running, Settings, start};
use support::*;
use traffic_monitor_push::{Engine, EngineSettings, Onboarded, Wanted};

const SECOND: Duration = Duration::from_secs(1);

async fn platform(applications: Vec<Preset>) -> Running {
    let limits = Limits { page: 2, ..Limits::default() };
    start(Settings { key: Some(KEY.into()), applications, limits, ..Settings::default() }).await.unwrap()
}

fn preset(app: &str, name: &str, instance: Option<&str>) -> Preset {
    Preset { app_id: app.into(), name: name.into(), instance_id: instance.map(Into::into) }
}

fn wanted(service: &str, place: usize) -> Wanted {
    Wanted { service: service.into(), place: Some(place) }
}

fn engine(platform: &Running) -> Engine {
    Engine::new(client(&platform.url()), quick())
}

#[track_caller]
fn mapped(result: &Onboarded) -> (&str, &str, bool) {
    match result {
        Onboarded::Mapped { instance, created } => (&instance.app, &instance.instance, *created),
        later => panic!("{later:?}"),
    }
}

#[track_caller]
fn not_before(result: &Onboarded) -> (&str, Timestamp) {
    match result {
        Onboarded::Later { reason, not_before } => (reason, *not_before),
        mapped => panic!("{mapped:?}"),
    }
}

fn count(platform: &Running, call: Call) -> usize {
    platform.recorded().iter().filter(|recorded| recorded.call == call).count()
}

#[tokio::test]
async fn what_is_there_is_used_and_what_is_missing_is_made_once() {
    let platform = platform(vec![
        preset("a1", "carts", Some("x")),
        preset("a2", "Cart", Some("x")),
        preset("a3", "bare", None),
        preset("a4", "cart", Some("i4")),
        preset("a5", "cart", Some("i5")),
    ])
    .await;
    let mut engine = engine(&platform);
    let all = [wanted("cart", 0), wanted("bare", 0), wanted("new", 0)];
    let first = engine.onboard(&all, now()).await;
    assert_eq!(mapped(&first[0]), ("a4", "i4", false), "exactly this name, the first of them");
    let (bare, made) = (mapped(&first[1]), mapped(&first[2]));
    assert_eq!((bare.0, bare.2, made.2), ("a3", true, true));
    assert_eq!((count(&platform, Call::Create), count(&platform, Call::Instances)), (1, 2));
    let again = engine.onboard(&all, now()).await;
    assert_eq!((mapped(&again[1]).1, mapped(&again[2]).1), (bare.1, made.1));
    assert_eq!(platform.applications().len(), 6);
    assert!(platform.violations().is_empty(), "{:?}", platform.violations());
}

#[tokio::test]
async fn one_node_makes_it_and_the_others_wait_and_list_again() {
    let platform = platform(vec![preset("a1", "pay", Some("x"))]).await;
    let start = now();
    let mut agents: Vec<_> = (0..50).map(|_| (engine(&platform), start)).collect();
    // The first one comes last.
    for (place, (agent, again)) in agents.iter_mut().enumerate().rev() {
        let result = agent.onboard(&[wanted("cart", place)], start).await;
        match place {
            0 => assert!(mapped(&result[0]).2),
            _ => {
                let (reason, not_before) = not_before(&result[0]);
                assert!(reason.contains("first ready endpoint"), "{reason}");
                assert!((start + 10 * SECOND..=start + 15 * SECOND).contains(&not_before));
                *again = not_before;
            }
        }
    }
    for (place, (agent, again)) in agents.iter_mut().enumerate().skip(1) {
        let result = agent.onboard(&[wanted("cart", place)], *again).await;
        assert!(!mapped(&result[0]).2);
    }
    assert_eq!(platform.applications().len(), 2);
    assert!(platform.violations().is_empty());
}

#[tokio::test]
async fn a_first_node_that_does_not_act_is_followed_by_the_next_one() {
    let platform = platform(vec![]).await;
    let (mut second, mut third, mut at) = (engine(&platform), engine(&platform), now());
    let start = at;
    while platform.applications().is_empty() {
        assert!(at < start + 130 * SECOND);
        let results =
            [second.onboard(&[wanted("cart", 1)], at).await, third.onboard(&[wanted("cart", 2)], at).await];
        assert!(!matches!(results[1][0], Onboarded::Mapped { created: true, .. }));
        at += 5 * SECOND;
    }
    assert!(at >= start + 120 * SECOND, "not before its time");
    assert!(!mapped(&third.onboard(&[wanted("cart", 2)], at).await[0]).2);
}

#[tokio::test]
async fn outage_ends_and_the_order_holds_as_if_it_began_then() {
    let platform = platform(vec![]).await;
    let away = Action::Status { status: 503, body: AnswerBody::Html, retry_after: None, processed: false };
    let mut second = engine(&platform);
    let start = now();
    second.onboard(&[wanted("cart", 1)], start).await;
    platform.set_faults(vec![Fault::always(Call::Any, away)], 0);
    let failed = second.onboard(&[wanted("cart", 1)], start + 60 * SECOND).await;
    let (reason, _) = not_before(&failed[0]);
    assert!(reason.contains("503"), "{reason}");
    platform.set_faults(vec![], 0);
    let later = second.onboard(&[wanted("cart", 1)], start + 3600 * SECOND).await;
    assert!(not_before(&later[0]).1 < start + 3630 * SECOND);
    assert!(platform.applications().is_empty(), "the first node is still to act first");
}

#[tokio::test]
async fn fault_an_error_of_the_list_is_never_taken_for_none() {
    let away =
        |status| Action::Status { status, body: AnswerBody::Json, retry_after: None, processed: false };
    for action in [away(500), away(404), away(429), Action::ResetBefore, Action::Cut, Action::Huge] {
        for page in 0..2 {
            let names = ["a", "b", "cart"].map(|name| preset(name, name, Some("i")));
            let platform = platform(names.to_vec()).await;
            let fault = Fault { skip: page, ..Fault::times(Call::Applications, action.clone(), 1) };
            platform.set_faults(vec![fault], 0);
            let mut engine = engine(&platform);
            let at = now();
            let (_, again) = not_before(&engine.onboard(&[wanted("cart", 0)], at).await[0]);
            assert_eq!(count(&platform, Call::Create), 0, "{action:?}");
            let paused = engine.onboard(&[wanted("cart", 0)], at).await;
            assert!(again <= at || matches!(paused[0], Onboarded::Later { .. }));
            let found = engine.onboard(&[wanted("cart", 0)], again.max(at)).await;
            assert_eq!(mapped(&found[0]), ("cart", "i", false));
        }
    }
}

#[tokio::test]
async fn fault_a_creation_without_an_answer_makes_nothing_twice() {
    for call in [Call::Create, Call::Instances] {
        for action in [
            Action::ResetAfter,
            Action::ResetBefore,
            Action::Cut,
            Action::Status { status: 502, body: AnswerBody::Html, retry_after: None, processed: true },
            Action::Status { status: 200, body: AnswerBody::Empty, retry_after: None, processed: true },
        ] {
            let platform = platform(vec![]).await;
            platform.set_faults(vec![Fault::times(call, action.clone(), 1)], 0);
            let mut engine = engine(&platform);
            let mut at = now();
            let place = loop {
                match engine.onboard(&[wanted("cart", 0)], at).await.remove(0) {
                    Onboarded::Mapped { instance, .. } => break instance,
                    Onboarded::Later { not_before, .. } => at = not_before.max(at) + Duration::from_nanos(1),
                }
            };
            let there = platform.applications();
            let expected = vec![(place.app.clone(), "cart".to_owned(), vec![place.instance.clone()])];
            assert_eq!(there, expected, "{call:?} {action:?}");
            assert!(platform.violations().is_empty(), "{:?}", platform.violations());
        }
    }
}

#[tokio::test]
async fn fault_a_new_application_that_hides_its_instance_is_looked_at_five_times() {
    let mut looks = 0;
    let server = Server::start(move |request| {
        let line = request.line.as_str();
        match line {
            _ if line.starts_with("GET /v1/applications?") => {
                answer(200, r#"{"applications":[],"nextToken":null}"#)
            }
            _ if line.ends_with("/oas") => answer(201, r#"{"applicationId":"a","hostUrls":["/"]}"#),
            _ if line.ends_with("/batch") => answer(200, ""),
            _ => {
                looks += 1;
                answer(
                    200,
                    if looks < 4 { r#"{"instances":[]}"# } else { r#"{"instances":[{"instanceId":"i"}]}"# },
                )
            }
        }
    })
    .await;
    let result = server.engine().onboard(&[wanted("cart", 0)], now()).await;
    assert_eq!(mapped(&result[0]), ("a", "i", true));
    assert_eq!(server.calls()[3..], ["a", "a", "a", "a"]);
}

#[tokio::test]
async fn retry_of_onboarding_waits_longer_each_time_and_obeys_the_platform() {
    let server = Server::start(|_| Reply::Answer(429, "retry-after: 100\r\n", String::new())).await;
    let mut engine = server.engine();
    let at = now();
    let (_, again) = not_before(&engine.onboard(&[wanted("cart", 0), wanted("pay", 0)], at).await[0]);
    assert!((at + 100 * SECOND..at + 101 * SECOND).contains(&again));
    engine.onboard(&[wanted("cart", 0)], at + 99 * SECOND).await;
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn fault_a_refused_key_pauses_onboarding_with_everything_else() {
    let platform = platform(vec![]).await;
    platform.set_key(Some("another".into()));
    let mut engine = Engine::new(
        client(&platform.url()),
        EngineSettings { key_probe: Duration::from_secs(60), ..quick() },
    );
    let at = now();
    engine.onboard(&[wanted("cart", 0)], at).await;
    assert!(engine.key_paused().is_some());
    engine.push(&instance(), vec![item("GET", "/a")], at + SECOND).await;
    assert_eq!(platform.recorded().len(), 1, "the key is tried once for all");
    platform.set_key(Some(KEY.into()));
    let result = engine.onboard(&[wanted("cart", 0)], at + 80 * SECOND).await;
    assert!(mapped(&result[0]).2 && engine.key_paused().is_none());
}

#[tokio::test]
async fn at_most_twenty_applications_are_made_in_an_hour() {
    let platform = platform(vec![]).await;
    let mut engine = engine(&platform);
    let at = now();
    // Two were made before the agent was started, one of them long ago.
    engine.note_created([at.saturating_sub(3700 * SECOND), at.saturating_sub(600 * SECOND)]);
    let all: Vec<_> = (0..25).map(|n| wanted(&format!("s{n}"), 0)).collect();
    let results = engine.onboard(&all, at).await;
    assert_eq!(platform.applications().len(), 19);
    let (reason, again) = not_before(&results[24]);
    assert!(reason.contains("20 applications") && again == at + 3000 * SECOND, "{reason}");
    engine.onboard(&all, again).await;
    assert_eq!(platform.applications().len(), 20);
    engine.onboard(&all, at + 3601 * SECOND).await;
    assert_eq!(platform.applications().len(), 25);
}

#[tokio::test]
async fn who_is_not_to_make_anything_makes_nothing() {
    let platform = platform(vec![preset("a", "cart", Some("i")), preset("b", "pay", None)]).await;
    let mut engine = engine(&platform);
    let quiet = |service: &str| Wanted { service: service.into(), place: None };
    let results = engine.onboard(&[quiet("cart"), quiet("pay"), quiet("new")], now()).await;
    assert_eq!(mapped(&results[0]), ("a", "i", false));
    assert!(results[1..].iter().all(|result| matches!(result, Onboarded::Later { .. })));
    assert_eq!(count(&platform, Call::Create) + count(&platform, Call::Instances), 0);
}
