//! Pushes to the stand-in platform, compared with what it has in the end.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use inventory::{Item, Verdict};
use stand_in::{Action, Call, Fault, Preset, Running, Settings, start};
use support::*;
use traffic_monitor_push::{Engine, EngineSettings};

async fn platform() -> Running {
    let instances =
        ["I", "J"].map(|id| Preset { app_id: "A".into(), name: "shop".into(), instance_id: Some(id.into()) });
    start(Settings { key: Some(KEY.into()), applications: instances.to_vec(), ..Settings::default() })
        .await
        .unwrap()
}

fn engine(platform: &Running) -> Engine {
    Engine::new(client(&platform.url()), quick())
}

fn many() -> Vec<Item> {
    let path = |i: usize| match i % 3 {
        0 => format!("/plain/p{i}"),
        1 => format!("/items{i}/{{itemId}}"),
        _ => format!("/users/{{userId}}/o{i}/{{orderId}}"),
    };
    let all = (0..60).map(|i| match i % 4 {
        0 => with_query(item("GET", &path(i)), &[("page", "1"), ("q[]", "a b&c")]),
        1 => with_body(item("POST", &path(i)), "{\"name\":\"ü\"}"),
        2 => with_body(item("DELETE", &path(i)), "{}"),
        _ => item("OPTIONS", &path(i)),
    });
    all.collect()
}

fn truth(items: &[Item]) -> BTreeSet<(String, String)> {
    items.iter().map(|item| (item.key.method.to_lowercase(), item.key.template.clone())).collect()
}

fn listed(platform: &Running) -> BTreeSet<(String, String)> {
    platform.listing("A", "I").into_iter().map(|endpoint| (endpoint.method, endpoint.path)).collect()
}

/// Returns how often each endpoint was asked for by `add-endpoints`.
fn adds(platform: &Running) -> Vec<(String, String)> {
    let recorded = platform.recorded();
    let adds = recorded.iter().filter(|recorded| recorded.call == Call::Add);
    let bodies =
        adds.map(|add| serde_json::from_slice::<Vec<serde_json::Value>>(&add.body).unwrap_or_default());
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    bodies.flatten().map(|endpoint| (text(&endpoint["method"]), text(&endpoint["endpoint"]))).collect()
}

fn calls(platform: &Running, call: Call) -> usize {
    platform.recorded().iter().filter(|recorded| recorded.call == call).count()
}

#[tokio::test]
async fn endpoints_arrive_once_with_all_details_and_again_only_when_more_was_learned() {
    let platform = platform().await;
    let mut engine = engine(&platform);
    let outcomes = drive(&mut engine, &instance(), many()).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed));
    assert_eq!(listed(&platform), truth(&many()));
    assert_eq!(adds(&platform).len(), 60);
    assert_eq!(platform.violations(), []);
    for endpoint in platform.listing("A", "I") {
        let item = many().into_iter().find(|item| item.key.template == endpoint.path).unwrap();
        assert_eq!(endpoint.commits, 1);
        assert_eq!(endpoint.query_params.len(), item.query.len());
        assert_eq!(endpoint.path_params.len(), item.path_params.len());
        assert_eq!(endpoint.headers.get("accept").map(String::as_str), Some("*/*"));
        let body = endpoint.body.filter(|body| !body.content.is_empty()).map(|body| body.content);
        assert_eq!(body, item.body.map(|body| body.content));
    }

    // Nothing new: no call, as the listing is still fresh.
    platform.clear_recorded();
    let stored: Vec<_> = many()
        .into_iter()
        .map(|item| after(&item, outcomes.iter().find(|outcome| outcome.key == item.key).unwrap()))
        .collect();
    engine.push(&instance(), stored.clone(), now()).await;
    assert_eq!(platform.recorded().len(), 0);

    // A parameter more: one commit.
    let mut more = with_query(stored[0].clone(), &[("page", "1"), ("size", "9")]);
    more.revision = 2;
    let outcomes = engine.push(&instance(), vec![more], now()).await;
    assert_eq!((outcomes[0].verdict.clone(), outcomes[0].progress.pushed_revision), (Verdict::Pushed, 2));
    assert_eq!((platform.recorded().len(), calls(&platform, Call::Commit)), (1, 1));
}

#[tokio::test]
async fn at_most_three_commits_a_day() {
    let platform = platform().await;
    let mut engine = engine(&platform);
    let (start, day) = (now(), Duration::from_hours(24));
    let mut item = item("GET", "/a");
    for revision in 1..=5 {
        item.revision = revision;
        let outcome = engine.push(&instance(), vec![item.clone()], start).await.remove(0);
        item = after(&item, &outcome);
        match outcome.verdict {
            Verdict::Pushed => assert!(revision <= 3),
            Verdict::Later { not_before, .. } => assert!(revision > 3 && not_before >= start + day),
            Verdict::SetAside { .. } => panic!("{outcome:?}"),
        }
    }
    assert_eq!(calls(&platform, Call::Commit), 3);
    let outcome = engine.push(&instance(), vec![item], start + day + Duration::from_mins(1)).await.remove(0);
    assert_eq!(outcome.verdict, Verdict::Pushed);
}

#[tokio::test]
async fn what_someone_removed_is_added_again_once() {
    let platform = platform().await;
    let mut item = item("GET", "/a/{id}");
    for (round, expected) in [(1, 1), (2, 2), (3, 2)] {
        let outcome = drive(&mut engine(&platform), &instance(), vec![item.clone()]).await.remove(0);
        assert_eq!(adds(&platform).len(), expected, "{outcome:?}");
        assert_eq!(outcome.verdict == Verdict::Pushed, round < 3);
        item = after(&item, &outcome);
        platform.remove("A", "I", "GET", "/a/{id}");
    }
}

#[tokio::test]
async fn the_teams_own_endpoints_are_adopted() {
    let platform = platform().await;
    for path in ["/users/{user_id}", "/orders/{id}", "/users/{user_id}/orders/99"] {
        assert!(platform.add("A", "I", "GET", path));
    }
    let items = vec![item("GET", "/users/{userId}"), item("GET", "/orders/latest")];
    let outcomes = drive(&mut engine(&platform), &instance(), items).await;
    let mut paths: Vec<_> =
        outcomes.iter().filter_map(|outcome| outcome.progress.platform_path.as_deref()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/orders/{id}", "/users/{user_id}"]);
    assert_eq!((calls(&platform, Call::Add), calls(&platform, Call::Commit)), (0, 2));
    let user =
        platform.listing("A", "I").into_iter().find(|endpoint| endpoint.path == "/users/{user_id}").unwrap();
    assert_eq!(user.path_params.get("user_id").map(String::as_str), Some("7"));
    let latest =
        platform.listing("A", "I").into_iter().find(|endpoint| endpoint.path == "/orders/{id}").unwrap();
    assert_eq!(latest.path_params.get("id").map(String::as_str), Some("latest"));
    assert_eq!(platform.violations(), []);

    let outcome =
        drive(&mut engine(&platform), &instance(), vec![item("GET", "/users/{userId}/orders/{o}")]).await;
    assert_eq!(outcome[0].progress.superseded, ["/users/{user_id}/orders/99"]);
}

#[tokio::test]
async fn fault_everything_arrives_in_the_end_and_nothing_twice() {
    let flaky = |call, action| Fault { probability: Some(0.3), ..Fault::always(call, action) };
    let status =
        |status, processed| Action::Status { status, body: Default::default(), retry_after: None, processed };
    let kinds: Vec<(&str, Vec<Fault>)> = vec![
        ("errors", vec![flaky(Call::Any, status(503, false))]),
        ("errors after the effect", vec![flaky(Call::Any, status(502, true))]),
        ("resets before", vec![flaky(Call::Any, Action::ResetBefore)]),
        ("resets after the effect", vec![flaky(Call::Any, Action::ResetAfter)]),
        ("cuts after the effect", vec![flaky(Call::Any, Action::Cut)]),
        ("forgotten adds", vec![Fault::times(Call::Add, Action::Forget, 1)]),
        ("no path", vec![Fault::always(Call::Preview, Action::OmitPath)]),
        ("empty previews", vec![Fault::always(Call::Preview, Action::EmptyObject)]),
        ("a revoked key", vec![Fault { skip: 40, ..Fault::times(Call::Any, Action::Revoked, 3) }]),
    ];
    for (name, faults) in kinds {
        let platform = platform().await;
        platform.set_faults(faults, 7);
        let settings = EngineSettings { add_batch: 8, preview_batch: 2, ..quick() };
        let mut engine = Engine::new(client(&platform.url()), settings);
        let outcomes = drive(&mut engine, &instance(), many()).await;
        assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed), "{name}: {outcomes:?}");
        assert_eq!(listed(&platform), truth(&many()), "{name}");
        assert_eq!(platform.listing("A", "I").len(), 60, "{name}");
        // Where every call takes effect, whatever its answer, none may be made twice.
        if name.ends_with("after the effect") {
            assert_eq!(adds(&platform).len(), 60, "{name}");
        }
        assert_eq!(platform.violations(), [], "{name}");
    }
}

#[tokio::test]
async fn outage_of_one_instance_does_not_delay_another() {
    let platform = platform().await;
    let mut engine = engine(&platform);
    assert!(
        engine
            .push(&of("gone"), many(), now())
            .await
            .iter()
            .all(|o| matches!(o.verdict, Verdict::Later { .. }))
    );
    assert_eq!(drive(&mut engine, &instance(), many()).await.len(), 60);
    assert_eq!(platform.recorded().iter().filter(|recorded| recorded.path.contains("gone")).count(), 2);
}
