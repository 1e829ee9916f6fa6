//! The failure table, against a scripted server.

mod support;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use inventory::{Outcome, Verdict};
use serde_json::{Value, json};
use support::*;
use traffic_monitor_push::{
    ApiKey, BaseUrl, CallKind, CallResult, Client, ClientSettings, Engine, PauseKind, UrlRules,
};

/// A platform that keeps what is added, and asks `fault` first.
fn platform(
    mut fault: impl FnMut(&Request) -> Option<Reply> + Send + 'static,
) -> impl FnMut(&Request) -> Reply + Send {
    let mut stored: Vec<(String, String)> = Vec::new();
    move |request| {
        if let Some(reply) = fault(request) {
            return reply;
        }
        if request.line.starts_with("GET") {
            let list: Vec<_> = stored
                .iter()
                .map(|(method, path)| json!({"id": path, "method": method, "path": path}))
                .collect();
            return answer(200, &json!({"endpointGroups": [{"endpoints": list}]}).to_string());
        }
        for endpoint in added(request) {
            stored.push(endpoint);
        }
        answer(200, "{}")
    }
}

/// Returns what an add asks for.
fn added(request: &Request) -> Vec<(String, String)> {
    if !request.line.contains("add-endpoints") {
        return Vec::new();
    }
    let list: Vec<Value> = serde_json::from_str(&request.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.iter().map(|endpoint| (text(&endpoint["method"]), text(&endpoint["endpoint"]))).collect()
}

/// Answers the first `times` calls of a kind with `reply`.
fn first(
    call: &'static str,
    times: usize,
    reply: fn() -> Reply,
) -> impl FnMut(&Request) -> Option<Reply> + Send {
    let mut left = times;
    move |request| {
        let hit = left > 0 && request.line.contains(call);
        left -= usize::from(hit);
        hit.then(reply)
    }
}

fn some() -> Vec<inventory::Item> {
    vec![item("GET", "/a"), with_body(item("POST", "/b/{id}"), "{}"), item("GET", "/c")]
}

/// Drives three items to their end; all must be pushed, with one add for each shape unless `again`.
async fn all_arrive(
    fault: impl FnMut(&Request) -> Option<Reply> + Send + 'static,
    again: bool,
) -> Vec<String> {
    let server = Server::start(platform(fault)).await;
    let outcomes = drive(&mut server.engine(), &instance(), some()).await;
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed), "{outcomes:?}");
    let adds: Vec<_> = server.requests.lock().unwrap().iter().flat_map(added).collect();
    assert!(again || adds.len() == adds.iter().collect::<HashSet<_>>().len(), "{adds:?}");
    server.calls()
}

#[tokio::test]
async fn retry_goes_on_after_every_status_that_may_pass() {
    for call in ["endpoints?", "preview", "add-endpoints", "commit"] {
        for reply in [
            || answer(500, "<html>oops</html>"),
            || answer(503, r#"{"message":"later"}"#),
            || answer(429, ""),
            || answer(408, ""),
            || answer(425, ""),
            || answer(302, ""),
        ] {
            all_arrive(first(call, 2, reply), true).await;
        }
    }
}

#[tokio::test]
async fn fault_resets_and_cut_answers_lose_nothing() {
    for call in ["endpoints?", "preview", "commit", "add-endpoints"] {
        all_arrive(first(call, 2, || Reply::Raw(Vec::new())), true).await;
        all_arrive(first(call, 2, || Reply::Raw(b"HTTP/1.1 20".to_vec())), true).await;
        all_arrive(first(call, 1, || Reply::Raw(b"nonsense\r\n\r\n".to_vec())), true).await;
    }
    for call in ["endpoints?", "preview"] {
        let cut =
            || Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"endpointGroups\":".to_vec());
        all_arrive(first(call, 2, cut), true).await;
    }
}

#[tokio::test]
async fn fault_silence_ends_with_the_deadline() {
    let began = Instant::now();
    all_arrive(first("preview", 1, || Reply::Silence), false).await;
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn fault_an_add_that_took_effect_without_an_answer_is_not_repeated() {
    // The first add is stored and then the connection breaks.
    let stored = Arc::new(Mutex::new(Vec::new()));
    let mut broken = false;
    let shared = Arc::clone(&stored);
    let server = Server::start(move |request| {
        shared.lock().unwrap().extend(added(request));
        if request.line.contains("add-endpoints") && !broken {
            broken = true;
            return Reply::Raw(Vec::new());
        }
        if request.line.starts_with("GET") {
            let stored = shared.lock().unwrap();
            let list: Vec<_> =
                stored.iter().map(|(m, path)| json!({"id": path, "method": m, "path": path})).collect();
            return answer(200, &json!({"endpointGroups": [{"endpoints": list}]}).to_string());
        }
        answer(200, "{}")
    })
    .await;
    let outcomes = drive(&mut server.engine(), &instance(), some()).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed && outcome.progress.added));
    assert_eq!(server.calls().iter().filter(|call| *call == "add-endpoints").count(), 1);
    assert_eq!(server.calls().iter().filter(|call| *call == "commit").count(), 3);
}

#[tokio::test]
async fn fault_nonsense_listings_are_not_taken_for_empty_ones() {
    for reply in [
        || answer(200, "<html>log in</html>"),
        || answer(200, "[1,"),
        || answer(200, r#"{"endpointGroups":7}"#),
    ] {
        let calls = all_arrive(first("endpoints?", 2, reply), false).await;
        assert_eq!(calls[..3], ["endpoints", "endpoints", "endpoints"]);
    }
}

#[tokio::test]
async fn fault_nonsense_answers_elsewhere_are_no_match_or_success() {
    for reply in [|| answer(200, ""), || answer(200, "<html>"), || answer(200, "null"), || answer(200, "[[")]
    {
        all_arrive(first("preview", 3, reply), false).await;
        all_arrive(first("commit", 3, reply), false).await;
    }
}

/// An answer of so many times 64 KiB.
fn spaces(pieces: usize) -> Vec<u8> {
    let piece = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", piece.repeat(pieces)).into_bytes()
}

#[tokio::test]
async fn fault_a_huge_answer_costs_the_cap() {
    for call in ["preview", "add-endpoints", "commit"] {
        let calls = all_arrive(first(call, 1, || Reply::Raw(spaces(400))), true).await;
        // A listing more, for the add that was not stored.
        assert!(calls.len() <= 14, "{calls:?}");
    }
}

#[tokio::test]
async fn fault_an_endless_listing_is_refused_at_its_cap() {
    let server = Server::start(|_| Reply::Raw(spaces(160))).await;
    let failure = server.client().listing(&instance()).await.unwrap_err();
    assert!(failure.to_string().contains("longer than 8 MiB"), "{failure}");
}

#[tokio::test]
async fn fault_redirects_are_followed_on_the_same_host_only_and_keep_method_and_body() {
    let there = Server::start(|_| answer(200, "{}")).await;
    let elsewhere = Box::leak(format!("location: http://{}/x\r\n", there.address).into_boxed_str());
    let elsewhere: &'static str = elsewhere;
    let server = Server::start(platform(move |request| {
        (!request.line.contains("/moved")).then(|| {
            if request.line.contains("preview") {
                return Reply::Answer(307, elsewhere, String::new());
            }
            Reply::Answer(308, "location: /moved\r\n", String::new())
        })
    }))
    .await;
    assert!(server.client().listing(&instance()).await.unwrap().is_empty());
    assert_eq!(server.lines()[1], "GET /moved");
    let outcomes = server.engine().push(&instance(), vec![item("GET", "/a")], now()).await;
    assert!(later(&outcomes[0].verdict).contains("redirect"), "{outcomes:?}");
    assert!(there.lines().is_empty(), "the key went to another host");
}

#[tokio::test]
async fn fault_a_refused_key_pauses_everything_until_a_probe_succeeds() {
    let good = Arc::new(Mutex::new(false));
    let shared = Arc::clone(&good);
    let server = Server::start(platform(move |_| {
        (!*shared.lock().unwrap()).then(|| answer(401, &format!(r#"{{"error":"token {KEY} expired"}}"#)))
    }))
    .await;
    let mut engine = server.engine();
    for id in ["I", "J"] {
        let outcomes = engine.push(&of(id), some(), now()).await;
        assert_eq!(outcomes.len(), 3);
        assert!(
            outcomes.iter().all(|o| later(&o.verdict) == "HTTP 401: token (key) expired"),
            "{outcomes:?}"
        );
    }
    assert_eq!(server.lines().len(), 1, "one call for all instances");
    let pause = engine.key_paused().cloned().unwrap();
    assert_eq!(pause.kind, PauseKind::Key);
    assert_eq!(engine.shared_status().lock().unwrap().key_paused.as_ref(), Some(&pause));
    *good.lock().unwrap() = true;
    let outcomes = drive(&mut engine, &of("J"), some()).await;
    assert!(outcomes.len() == 3 && engine.key_paused().is_none());
}

#[tokio::test]
async fn fault_a_new_client_ends_the_pause_of_the_key_at_once() {
    let server = Server::start(platform(first("endpoints?", 1, || answer(403, "")))).await;
    let mut settings = quick();
    settings.key_probe = Duration::from_secs(3600);
    let mut engine = Engine::new(server.client(), settings.clone());
    engine.push(&instance(), some(), now()).await;
    assert!(engine.key_paused().is_some());
    engine.replace_client(server.client(), settings);
    assert!(engine.key_paused().is_none());
    assert_eq!(drive(&mut engine, &instance(), some()).await.len(), 3);
}

#[tokio::test]
async fn fault_a_wrong_mapping_pauses_only_its_instance() {
    let known = Arc::new(Mutex::new(false));
    let shared = Arc::clone(&known);
    let server = Server::start(platform(move |request| {
        let wrong = request.line.contains("/instances/wrong/") && !*shared.lock().unwrap();
        wrong.then(|| answer(404, r#"{"title":"no such instance"}"#))
    }))
    .await;
    let mut engine = server.engine();
    let outcomes = engine.push(&of("wrong"), some(), now()).await;
    assert!(outcomes.iter().all(|o| later(&o.verdict) == "HTTP 404: no such instance"), "{outcomes:?}");
    assert_eq!(server.calls(), ["endpoints", "preview"]);
    let status = engine.shared_status().lock().unwrap().clone();
    assert_eq!(status.paused[&of("wrong")].kind, PauseKind::Mapping);
    assert_eq!(drive(&mut engine, &of("right"), some()).await.len(), 3);
    assert!(engine.push(&of("wrong"), some(), now()).await.iter().all(|o| !later(&o.verdict).is_empty()));
    *known.lock().unwrap() = true;
    assert_eq!(drive(&mut engine, &of("wrong"), some()).await.len(), 3);
    assert!(engine.shared_status().lock().unwrap().paused.is_empty());
}

#[tokio::test]
async fn retry_after_is_obeyed_and_nothing_is_called_meanwhile() {
    let server = Server::start(|_| Reply::Answer(429, "retry-after: 100\r\n", String::new())).await;
    let mut engine = server.engine();
    let (start, seconds) = (now(), Duration::from_secs);
    let outcomes = engine.push(&instance(), some(), start).await;
    for outcome in &outcomes {
        let Verdict::Later { not_before, .. } = outcome.verdict else { panic!() };
        assert!((start + seconds(100)..start + seconds(102)).contains(&not_before));
    }
    engine.push(&instance(), some(), start + seconds(99)).await;
    assert_eq!(server.lines().len(), 1);
    engine.push(&instance(), some(), start + seconds(102)).await;
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn outage_costs_one_call_for_each_try_of_an_instance() {
    let server = Server::start(|_| answer(503, "")).await;
    let mut engine = server.engine();
    let items: Vec<_> = (0..100).map(|i| item("GET", &format!("/p{i}"))).collect();
    assert_eq!(engine.push(&instance(), items, now()).await.len(), 100);
    assert_eq!(server.lines().len(), 1);
    let status = engine.shared_status().lock().unwrap().clone();
    assert_eq!(status.calls[&(CallKind::Listing, CallResult::Retry)], 1);
    assert_eq!(status.last_error.unwrap().text, "listing: HTTP 503 Service Unavailable");
}

#[tokio::test]
async fn fault_the_item_that_spoils_a_batch_is_found_and_set_aside() {
    for status in [400, 413, 422] {
        let server = Server::start(platform(move |request| {
            let bad = request.line.contains("add-endpoints") && request.body.contains("/bad");
            bad.then(|| answer(status, r#"{"detail":"bad path"}"#))
        }))
        .await;
        let mut items: Vec<_> = (0..20).map(|i| item("GET", &format!("/p{i}"))).collect();
        items.insert(13, with_body(item("POST", "/bad"), "{\"a\":1}"));
        let outcomes = drive(&mut server.engine(), &instance(), items).await;
        let (pushed, aside): (Vec<&Outcome>, Vec<_>) =
            outcomes.iter().partition(|o| o.verdict == Verdict::Pushed);
        assert_eq!((pushed.len(), aside.len()), (20, 1));
        let Verdict::SetAside { reason } = &aside[0].verdict else { panic!() };
        assert!(reason.contains("add") && reason.contains("bad path"), "{reason}");
        let bad = server.bodies("add-endpoints").into_iter().filter(|body| body.contains("/bad"));
        let last: Vec<_> = bad.rev().take(2).collect();
        assert!(last[0].contains(r#""payload":""}]"#) && last[1].contains(r#"{\"a\":1}"#), "{last:?}");
    }
}

#[tokio::test]
async fn fault_a_body_that_is_refused_is_left_out() {
    let server = Server::start(platform(|request| {
        request.body.contains("large").then(|| answer(413, "Payload Too Large"))
    }))
    .await;
    let outcomes =
        drive(&mut server.engine(), &instance(), vec![with_body(item("POST", "/a"), "\"large\"")]).await;
    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
}

#[tokio::test]
async fn fault_an_add_that_is_accepted_and_not_stored_is_repeated_once_without_its_body() {
    let server = Server::start(platform(|r| r.line.contains("add-endpoints").then(|| answer(200, "")))).await;
    let outcomes =
        drive(&mut server.engine(), &instance(), vec![with_body(item("PUT", "/a"), "{\"x\":1}")]).await;
    let Verdict::SetAside { reason } = &outcomes[0].verdict else { panic!("{outcomes:?}") };
    assert!(reason.contains("does not list it"), "{reason}");
    let adds = server.bodies("add-endpoints");
    assert_eq!(adds.len(), 2);
    assert!(adds[0].contains(r#"{\"x\":1}"#) && adds[1].contains(r#""payload":"""#));
    // Something new was learned: it is not added a third time.
    let again = after(&with_body(item("PUT", "/a"), "{}"), &outcomes[0]);
    server.engine().push(&instance(), vec![again], now()).await;
    assert_eq!(server.bodies("add-endpoints").len(), 2);
}

#[tokio::test]
async fn fault_a_listing_that_lags_behind_is_waited_for() {
    let mut listings = 0;
    let server = Server::start(platform(move |request| {
        listings += usize::from(request.line.starts_with("GET"));
        (request.line.starts_with("GET") && listings < 3).then(|| answer(200, ""))
    }))
    .await;
    let outcomes = drive(&mut server.engine(), &instance(), vec![item("GET", "/a")]).await;
    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
    assert_eq!(server.bodies("add-endpoints").len(), 1);
}

#[tokio::test]
async fn retry_of_one_poisoned_item_does_not_hold_up_the_others() {
    let server =
        Server::start(platform(|request| request.body.contains("/poison").then(|| answer(500, "")))).await;
    let mut engine = server.engine();
    let poison = item("GET", "/poison");
    let others = (0..30).map(|i| item("GET", &format!("/p{i}")));
    let items = [poison.clone()].into_iter().chain(others).collect();
    let outcomes = drive_some(&mut engine, &instance(), items, 30).await;
    let pushed = |outcome: &Outcome| outcome.verdict == Verdict::Pushed && outcome.key != poison.key;
    assert!(outcomes.len() == 30 && outcomes.iter().all(pushed), "{outcomes:#?}");
}

#[tokio::test]
async fn retry_a_push_that_is_dropped_half_way_loses_and_repeats_nothing() {
    let server = Server::start(platform(first("commit", 1, || Reply::Silence))).await;
    let mut engine = server.engine();
    let at = instance();
    tokio::select! {
        outcomes = engine.push(&at, some(), now()) => panic!("nobody answers the commit: {outcomes:?}"),
        () = until("the commit has come", || !server.bodies("commit").is_empty()) => {}
    }
    let outcomes = drive(&mut server.engine(), &instance(), some()).await;
    assert!(outcomes.len() == 3 && outcomes.iter().all(|o| o.verdict == Verdict::Pushed));
    assert_eq!(server.bodies("add-endpoints").len(), 1);
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn fault_no_text_ever_holds_the_key() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
    let mut texts = Vec::new();
    for status in [200, 302, 400, 401, 404, 500] {
        let echo = format!(r#"{{"message":"Bearer {KEY} \n ERROR \u001b[31m"}}"#);
        let server = Server::start(platform(move |request| {
            (!request.line.starts_with("GET") || status == 500).then(|| answer(status, &echo))
        }))
        .await;
        let client = server.client();
        texts.push(format!("{client:?} {:?}", client.listing(&instance()).await));
        let mut engine = server.engine();
        for _ in 0..3 {
            texts.push(format!("{:?}", engine.push(&instance(), some(), now()).await));
            engine.resume();
        }
        texts.push(format!("{engine:?} {:?}", engine.shared_status()));
    }
    let unreachable = client("http://127.0.0.1:1");
    texts.push(format!("{:?}", unreachable.listing(&instance()).await));
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in ["ERROR", "does not accept the API key", "mend serviceMappings", "cannot push"] {
        assert!(logged.contains(expected), "{expected}: {logged}");
    }
    texts.push(logged);
    for text in texts {
        assert!(!text.contains("canary") && !text.contains("456789"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test]
async fn fault_what_cannot_be_used_is_named_with_a_remedy() {
    let rules = UrlRules { allow_http: true, ..UrlRules::default() };
    let base = BaseUrl::parse("https://127.0.0.1:1", &rules).unwrap();
    let settings = |key: &str| ClientSettings::new(base.clone(), ApiKey::new(key).unwrap());
    let error = |settings| Client::new(settings).unwrap_err().to_string();
    let broken = error(settings("canary\nline"));
    assert!(broken.contains("copy it again") && !broken.contains("canary"));
    for (file, why) in [("/nonexistent/ca.pem", "No such file"), (file!(), "no certificate")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let text = error(ClientSettings { ca_file: Some(path), ..settings(KEY) });
        assert!(text.contains(why) && text.contains("PEM"), "{text}");
    }
}
