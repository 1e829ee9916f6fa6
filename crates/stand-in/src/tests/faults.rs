//! Each misbehaviour, as a client sees it.

use std::time::Duration;

use serde_json::json;

use super::*;

fn status(status: u16, body: AnswerBody, processed: bool) -> Action {
    Action::Status { status, body, retry_after: Some("7".to_owned()), processed }
}

async fn add(bench: &Bench) -> Result<reqwest::Response, reqwest::Error> {
    let items = json!([{"method": "get", "endpoint": "/a", "payload": ""}]);
    bench.client.post(bench.instance("/add-endpoints")).json(&items).send().await
}

fn stored(bench: &Bench) -> usize {
    bench.platform.listing(APP, INSTANCE).len()
}

#[tokio::test]
async fn a_status_comes_before_or_after_the_effect() {
    let bench = Bench::new().await;
    let faults = vec![
        Fault::times(Call::Add, status(503, AnswerBody::Html, false), 1),
        Fault::times(Call::Add, status(500, AnswerBody::Empty, true), 1),
    ];
    bench.platform.set_faults(faults, 0);
    let answer = add(&bench).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"7".parse().expect("value"))
    );
    assert!(answer.text().await.expect("text").starts_with("<html>"));
    assert_eq!(stored(&bench), 0);
    let answer = add(&bench).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.text().await.expect("text").len()), (500, 0));
    assert_eq!(stored(&bench), 1);
    assert_eq!(add(&bench).await.expect("an answer").status(), 200);
    let statuses: Vec<_> = bench.platform.recorded().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(503), Some(500), Some(200)]);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::new().await;
    bench.platform.set_faults(vec![Fault::always(Call::Add, Action::ResetAfter)], 0);
    let mut stream = tokio::net::TcpStream::connect(bench.platform.address).await.expect("connected");
    let body = r#"[{"method":"get","endpoint":"/a","payload":""}]"#;
    let head = format!(
        "POST /v1/applications/app%201/instances/instance%2F1/add-endpoints HTTP/1.1\r\nHost: x\r\n\
         Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).await.expect("written");
    let error = stream.read(&mut [0; 10]).await.expect_err("a reset, not an end");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(stored(&bench), 1);

    bench.platform.set_faults(vec![Fault::always(Call::Any, Action::ResetBefore)], 0);
    assert!(bench.platform.remove(APP, INSTANCE, "get", "/a"));
    assert!(add(&bench).await.expect_err("a reset, not an answer").is_request());
    assert_eq!(stored(&bench), 0);
    assert_eq!(bench.platform.recorded().last().map(|request| request.status), Some(None));
}

#[tokio::test]
async fn answers_are_cut_slow_or_huge() {
    let bench = Bench::new().await;
    bench.platform.set_faults(vec![Fault::always(Call::Add, Action::Cut)], 0);
    let answer = add(&bench).await.expect("the head of an answer");
    assert_eq!(answer.content_length(), Some(29));
    assert!(answer.bytes().await.expect_err("half of an answer").is_decode());
    assert_eq!(stored(&bench), 1);

    bench.platform.set_faults(vec![Fault::always(Call::Add, Action::Trickle)], 0);
    let mut answer = add(&bench).await.expect("the head of an answer");
    for _ in 0..3 {
        // Without a pause between them they would come together.
        assert_eq!(answer.chunk().await.expect("a piece").map(|piece| piece.len()), Some(1));
    }

    bench.platform.set_faults(vec![Fault::always(Call::Listing, Action::Huge)], 0);
    let mut answer = bench.client.get(bench.instance("/endpoints")).send().await.expect("an answer");
    assert_eq!(answer.content_length(), Some(100 << 20));
    assert!(answer.chunk().await.expect("a piece").is_some());
}

#[tokio::test]
async fn delays_redirects_and_revoked_keys() {
    let bench = Bench::new().await;
    let delay = Action::Delay { milliseconds: 10, processed: true };
    let redirect = Action::Redirect { location: "http://127.0.0.2:1/elsewhere".to_owned(), status: 308 };
    bench.platform.set_faults(vec![Fault::always(Call::Add, delay), Fault::times(Call::Add, redirect, 1)], 0);
    let answer = add(&bench).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), stored(&bench)), (308, 0));
    assert_eq!(answer.headers()["location"], "http://127.0.0.2:1/elsewhere");

    let hour = Action::Delay { milliseconds: 3_600_000, processed: true };
    bench.platform.set_faults(vec![Fault::always(Call::Add, hour)], 0);
    let mut answer = std::pin::pin!(add(&bench));
    tokio::select! {
        answer = &mut answer => panic!("an answer without delay: {answer:?}"),
        () = until(|| stored(&bench) == 1) => {}
    }
    tokio::select! {
        answer = &mut answer => panic!("an answer without delay: {answer:?}"),
        // Only this call is late.
        (status, _) = bench.listing() => assert_eq!(status, 200),
    }
    assert!(bench.platform.remove(APP, INSTANCE, "get", "/a"));

    bench.platform.set_faults(vec![Fault::times(Call::Any, Action::Revoked, 1)], 0);
    assert_eq!(add(&bench).await.expect("an answer").status(), 401);
    assert_eq!(add(&bench).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_quirks_of_single_calls() {
    let bench = Bench::new().await;
    bench.platform.set_faults(vec![Fault::times(Call::Add, Action::Forget, 1)], 0);
    assert_eq!(add(&bench).await.expect("an answer").status(), 200);
    assert_eq!(stored(&bench), 0);
    assert!(bench.platform.add(APP, INSTANCE, "get", "/a"));
    let faults = vec![
        Fault::times(Call::Preview, Action::OmitPath, 1),
        Fault::times(Call::Preview, Action::EmptyObject, 1),
    ];
    bench.platform.set_faults(faults, 0);
    let observed = json!({"requests": [{"method": "GET", "url": "/a", "requestHeaders": {}}]});
    let (_, answer) = bench.preview(&observed).await;
    assert_eq!(answer["endpointSuggestions"][0]["endpointId"], "R0VUOi9h");
    assert!(answer["endpointSuggestions"][0].get("path").is_none());
    assert_eq!(bench.preview(&observed).await.1, json!({}));
    assert_eq!(bench.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn faults_are_switched_over_http() {
    let bench = Bench::new().await;
    let control = format!("{}/control/faults", bench.platform.url());
    let wanted = json!({"seed": 3, "faults": [
        {"call": "add", "action": "status", "status": 429, "retryAfter": "2", "body": "text", "times": 5},
        {"action": "delay", "milliseconds": 1, "probability": 0.5}]});
    let (code, now) = bench.post(&control, &wanted).await;
    assert_eq!((code, &now["faults"][0]["retryAfter"]), (200, &json!("2")));
    assert_eq!(add(&bench).await.expect("an answer").status(), 429);
    assert_eq!(bench.get(&control).await.1["faults"][0]["times"], 4);
    let unknown = json!({"faults": [{"call": "add", "action": "explode"}]});
    assert_eq!(bench.post(&control, &unknown).await.0, 422);
    let simple = bench.client.post(&control).header("content-type", "text/plain").body(wanted.to_string());
    assert_eq!(read(simple).await.0, 415);
    assert_eq!(read(bench.client.delete(&control)).await.1, json!({"faults": []}));
    assert_eq!(add(&bench).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn it_ends_with_its_connections_when_stopped_or_dropped() {
    let bench = Bench::new().await;
    let delay = Action::Delay { milliseconds: 60_000, processed: false };
    bench.platform.set_faults(vec![Fault::always(Call::Add, delay)], 0);
    let Bench { platform, client } = bench;
    let (address, url) =
        (platform.address, format!("{}/v1/applications/a/instances/i/add-endpoints", platform.url()));
    let waiting = tokio::spawn(client.post(url).body("[]").send());
    until(|| !platform.recorded().is_empty()).await;
    platform.shutdown().await;
    let ended = tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("ended");
    assert!(ended.expect("no panic").expect_err("no answer").is_request());
    let refused = tokio::net::TcpStream::connect(address).await.expect_err("nobody listens");
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}
