//! The list of applications, against the stand-in platform and against one that misbehaves.

mod support;

use stand_in::{Action, Call, Fault, Limits, Preset, Running, Settings, start};
use support::*;
use traffic_monitor_push::{Client, Failure};

/// A platform with seven applications of one instance each, three on a page.
async fn platform() -> Running {
    let preset = |i: usize| Preset {
        app_id: format!("app {i}/&"),
        name: format!("name-{i}"),
        instance_id: Some(format!("inst-{i}")),
    };
    let limits = Limits { page: 3, ..Limits::default() };
    let applications = (0..7).map(preset).collect();
    start(Settings { key: Some(KEY.into()), applications, limits, ..Settings::default() }).await.unwrap()
}

#[tokio::test]
async fn all_pages_are_read_within_the_contract() {
    let platform = platform().await;
    let found = client(&platform.url()).applications().await.unwrap();
    let short: Vec<_> =
        found.iter().map(|app| (app.id.clone(), app.name.clone(), app.instances[0].id.clone())).collect();
    let expected: Vec<_> =
        (0..7).map(|i| (format!("app {i}/&"), format!("name-{i}"), format!("inst-{i}"))).collect();
    assert_eq!(short, expected);
    assert_eq!(platform.recorded().len(), 3);
    assert!(platform.violations().is_empty(), "{:?}", platform.violations());
}

#[tokio::test]
async fn an_error_on_any_page_is_an_error() {
    let platform = platform().await;
    platform.set_key(Some("another".into()));
    let client = client(&platform.url());
    assert!(matches!(client.applications().await, Err(Failure::Key { .. })));
    platform.set_key(Some(KEY.into()));
    let cut = Fault { skip: 2, ..Fault::always(Call::Applications, Action::Cut) };
    platform.set_faults(vec![cut], 0);
    let cut = client.applications().await;
    assert!(matches!(cut, Err(Failure::Retry { after: None, .. })), "{cut:?}");
}

async fn fails(client: &Client, part: &str) {
    let error = client.applications().await.unwrap_err().to_string();
    assert!(error.contains(part), "{part:?} is not in {error:?}");
}

#[tokio::test]
async fn pages_that_go_in_a_circle_or_on_for_ever_end_in_an_error() {
    let server =
        Server::start(|_| answer(200, r#"{"applications": [{"applicationId": "a"}], "nextToken": "t"}"#))
            .await;
    fails(&server.client(), "names itself").await;
    assert_eq!(server.lines().len(), 2);
    let mut count = 0;
    let server = Server::start(move |_| {
        count += 1;
        answer(200, &format!(r#"{{"applications": [], "nextToken": "t{count}"}}"#))
    })
    .await;
    fails(&server.client(), "do not end").await;
    assert_eq!(server.lines().len(), 1000);
}
