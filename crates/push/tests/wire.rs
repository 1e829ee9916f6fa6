//! The calls, byte for byte, against a scripted server.

mod support;

use inventory::Verdict;
use serde_json::{Value, json};
use support::*;
use traffic_monitor_push::{Engine, EngineSettings, plan};

const EMPTY: &str = r#"{"endpointGroups":[]}"#;

/// A listing of endpoints, with the ids that follow from their paths.
fn listing(endpoints: &[(&str, &str, &str)]) -> String {
    let list: Vec<_> = endpoints
        .iter()
        .map(|(id, method, path)| json!({"id": id, "method": method, "path": path}))
        .collect();
    json!({"endpointGroups": [{"groupId": "g", "name": "n", "endpoints": list}]}).to_string()
}

/// A platform that knows nothing, takes everything, and lists `listed` from the second listing on.
fn takes_everything(listed: String) -> impl FnMut(&Request) -> Reply + Send + 'static {
    let mut listings = 0;
    move |request: &Request| {
        if request.line.starts_with("GET") {
            listings += 1;
            return if listings == 1 { answer(404, "{}") } else { answer(200, &listed) };
        }
        answer(200, if request.line.contains("preview") { r#"{"endpointSuggestions":[]}"# } else { "" })
    }
}

#[tokio::test]
async fn a_new_endpoint_takes_five_calls_of_the_documented_form() {
    let id = "UFVUOi92Mi9jYXJ0cy97Y2FydElkfQ==";
    let server = Server::start(takes_everything(listing(&[(id, "put", "/v2/carts/{cartId}")]))).await;
    let item = with_body(with_query(item("PUT", "/v2/carts/{cartId}"), &[("notify", "1")]), "{\"qty\": 3}");
    let outcomes = server.engine().push(&instance(), vec![item], now()).await;

    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
    let progress = &outcomes[0].progress;
    assert_eq!(progress.platform_path.as_deref(), Some("/v2/carts/{cartId}"));
    assert!(
        progress.added && progress.adds == 1 && progress.commits.len() == 1 && progress.verified_at.is_some()
    );
    assert_eq!(progress.pushed_revision, 1);
    let at = "/v1/applications/A/instances/I";
    assert_eq!(
        server.lines(),
        [
            format!("GET {at}/endpoints?include=metadata&slim=true"),
            format!("POST {at}/bolt/preview"),
            format!("POST {at}/add-endpoints"),
            format!("GET {at}/endpoints?include=metadata&slim=true"),
            format!("POST {at}/bolt/commit"),
        ]
    );
    let requests = server.requests.lock().unwrap().clone();
    for request in &requests {
        assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("apisec-traffic-monitor/"));
    }
    let content_type = requests[1].header("content-type").unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let part = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bolt.json\"\r\n\
         Content-Type: application/json\r\n\r\n"
    );
    let json = requests[1]
        .body
        .strip_prefix(&part)
        .unwrap()
        .strip_suffix(&format!("\r\n--{boundary}--\r\n"))
        .unwrap();
    let headers = json!({"accept": "*/*", "content-type": "application/json"});
    assert_eq!(
        serde_json::from_str::<Value>(json).unwrap(),
        json!({"requests": [{"method": "PUT", "url": "/v2/carts/7?notify=1", "requestHeaders": headers,
            "requestBody": "{\"qty\": 3}"}]})
    );
    assert_eq!(requests[2].header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_str::<Value>(&requests[2].body).unwrap(),
        json!([{"method": "put", "endpoint": "/v2/carts/{cartId}", "payload": "{\"qty\": 3}"}])
    );
    assert_eq!(
        serde_json::from_str::<Value>(&requests[4].body).unwrap(),
        json!({"applyRequestBodies": true, "endpoints": [{"endpointId": id, "include": true,
            "pathParams": {"cartId": "7"}, "queryParams": {"notify": "1"}, "headers": headers,
            "requestBodyExample": {"contentType": "application/json", "content": "{\"qty\": 3}"}}]})
    );
}

#[tokio::test]
async fn without_a_body_there_is_an_empty_payload_and_no_example() {
    let server = Server::start(takes_everything(listing(&[("R0VUOi9h", "get", "/a")]))).await;
    let item = item("GET", "/a");
    server.engine().push(&instance(), vec![item], now()).await;
    assert!(!server.bodies("preview")[0].contains("requestBody"));
    assert_eq!(server.bodies("add-endpoints"), [r#"[{"method":"get","endpoint":"/a","payload":""}]"#]);
    let commit: Value = serde_json::from_str(&server.bodies("commit")[0]).unwrap();
    let expected = json!({"endpointId": "R0VUOi9h", "include": true, "pathParams": {}, "queryParams": {},
        "headers": {"accept": "*/*"}});
    assert_eq!(commit["endpoints"][0], expected);
}

#[tokio::test]
async fn what_is_listed_gets_its_details_under_the_platforms_names() {
    let listed = listing(&[("some-id_", "put", "/v2/carts/{id}")]);
    let server =
        Server::start(move |request| answer(200, if request.line.starts_with("GET") { &listed } else { "" }))
            .await;
    let outcomes = server.engine().push(&instance(), vec![item("PUT", "/v2/carts/{cartId}")], now()).await;
    assert_eq!(server.calls(), ["endpoints", "commit"]);
    let commit: Value = serde_json::from_str(&server.bodies("commit")[0]).unwrap();
    assert_eq!(commit["endpoints"][0]["endpointId"], "some-id_");
    assert_eq!(commit["endpoints"][0]["pathParams"], json!({"id": "7"}));
    assert_eq!(outcomes[0].progress.platform_path.as_deref(), Some("/v2/carts/{id}"));
    assert!(!outcomes[0].progress.added);
}

#[tokio::test]
async fn a_covering_template_is_adopted_among_all_suggestions_even_without_its_path() {
    // `R0VUOi91c2Vycy97dXNlcl9pZH0` is `GET:/users/{user_id}`, unpadded.
    let suggestions = json!({"endpointSuggestions": [
        {"endpointId": "R0VUOi91c2Vycy9qYW5l", "method": "get", "path": "/users/jane"},
        {"endpointId": "R0VUOi97YX0ve2J9", "method": "get", "path": "/{a}/{b}"},
        {"endpointId": "R0VUOi91c2Vycy97dXNlcl9pZH0", "pathParams": {"user_id": "john"}, "queryParams": {"q": "0"}}]});
    let suggestions = suggestions.to_string();
    let server = Server::start(move |request| match &request.line {
        line if line.starts_with("GET") => answer(200, EMPTY),
        line if line.contains("preview") => answer(200, &suggestions),
        _ => answer(200, r#"{"endpointsUpdated": 1, "endpointsAdded": 0}"#),
    })
    .await;
    let outcomes = server
        .engine()
        .push(&instance(), vec![with_query(item("GET", "/users/john"), &[("q", "1")])], now())
        .await;
    assert_eq!(server.calls(), ["endpoints", "preview", "commit"]);
    let commit: Value = serde_json::from_str(&server.bodies("commit")[0]).unwrap();
    assert_eq!(commit["endpoints"][0]["endpointId"], "R0VUOi91c2Vycy97dXNlcl9pZH0");
    assert_eq!(commit["endpoints"][0]["pathParams"], json!({"user_id": "john"}));
    assert_eq!(commit["endpoints"][0]["queryParams"], json!({"q": "0"}));
    assert_eq!(outcomes[0].progress.platform_path.as_deref(), Some("/users/{user_id}"));
    assert!(outcomes[0].verdict == Verdict::Pushed && !outcomes[0].progress.added);
}

#[tokio::test]
async fn a_literal_that_our_template_generalises_is_superseded() {
    let after =
        listing(&[("x", "get", "/users/1"), ("R0VUOi91c2Vycy97dXNlcklkfQ==", "get", "/users/{userId}")]);
    let mut listings = 0;
    let server = Server::start(move |request| match &request.line {
        line if line.starts_with("GET") => {
            listings += 1;
            answer(200, if listings == 1 { EMPTY } else { &after })
        }
        line if line.contains("preview") => {
            answer(200, r#"{"endpointSuggestions":[{"endpointId":"x","method":"get","path":"/users/1"}]}"#)
        }
        _ => answer(204, ""),
    })
    .await;
    let mut engine = server.engine();
    let outcomes = engine.push(&instance(), vec![item("GET", "/users/{userId}")], now()).await;
    assert_eq!(server.calls(), ["endpoints", "preview", "add-endpoints", "endpoints", "commit"]);
    assert_eq!(outcomes[0].progress.superseded, ["/users/1"]);
    let status = engine.shared_status().lock().unwrap().clone();
    assert_eq!(status.superseded_count(), 1);
    assert!(status.superseded[&instance()].contains("GET /users/1"));
}

#[tokio::test]
async fn additions_go_in_batches_and_the_listing_is_read_once_for_all() {
    let paths: Vec<String> = (0..25).map(|i| format!("/p{i}/x")).collect();
    let listed: Vec<_> = paths.iter().map(|path| ("i", "get", path.as_str())).collect();
    let server = Server::start(takes_everything(listing(&listed))).await;
    let settings = EngineSettings { add_batch: 10, preview_batch: 5, ..quick() };
    let items = paths.iter().map(|path| item("GET", path)).collect();
    let outcomes = Engine::new(server.client(), settings).push(&instance(), items, now()).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed));
    let sizes: Vec<_> =
        server.bodies("add-endpoints").iter().map(|body| body.matches("endpoint\"").count()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    let count = |call: &str| server.calls().iter().filter(|made| *made == call).count();
    assert_eq!((count("endpoints"), count("preview"), count("commit")), (2, 5, 25));
}

#[tokio::test]
async fn two_services_with_the_same_endpoint_at_one_instance_add_it_once() {
    let server = Server::start(takes_everything(listing(&[("i", "get", "/a/{x}")]))).await;
    let items = vec![item("GET", "/a/{x}"), item("GET", "/a/{y}")];
    let outcomes = server.engine().push(&instance(), items, now()).await;
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pushed));
    assert_eq!(server.bodies("add-endpoints").len(), 1);
    assert_eq!(server.bodies("add-endpoints")[0].matches("method").count(), 1);
}

#[tokio::test]
async fn a_plan_shows_exactly_what_is_sent() {
    let id = "R0VUOi9hL3t4fQ==";
    let server = Server::start(takes_everything(listing(&[(id, "get", "/a/{x}")]))).await;
    let item = with_query(item("GET", "/a/{x}"), &[("q", "1")]);
    let client = server.client();
    let planned = plan(client.base_url(), &instance(), &item);
    assert!(server.lines().is_empty());
    server.engine().push(&instance(), vec![item], now()).await;
    let base = client.base_url().to_string();
    let planned: Vec<_> = planned
        .into_iter()
        .map(|call| (format!("{} {}", call.method, call.url.strip_prefix(&base).unwrap()), call.body))
        .collect();
    let sent: Vec<_> = server
        .requests
        .lock()
        .unwrap()
        .iter()
        .map(|request| (request.line.clone(), request.body.clone()))
        .collect();
    assert_eq!(planned, sent);
}

#[tokio::test]
async fn one_connection_serves_all_calls() {
    let hosts = std::sync::Arc::new(std::sync::Mutex::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::start(takes_everything(listing(&[("i", "get", "/a")]))).await;
    let (target, counter) = (server.address, std::sync::Arc::clone(&hosts));
    let relay = tokio::spawn(async move {
        while let Ok((mut inbound, _)) = listener.accept().await {
            *counter.lock().unwrap() += 1;
            let mut outbound = tokio::net::TcpStream::connect(target).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut inbound, &mut outbound).await });
        }
    });
    let mut engine = Engine::new(client(&format!("http://{address}")), quick());
    let outcomes = engine.push(&instance(), vec![item("GET", "/a")], now()).await;
    relay.abort();
    assert_eq!(outcomes[0].verdict, Verdict::Pushed);
    assert_eq!((server.calls().len(), *hosts.lock().unwrap()), (5, 1));
}
