//! The calls, their shapes and their state.

use serde_json::json;

use super::*;

#[tokio::test]
async fn an_endpoint_is_added_listed_matched_and_committed() {
    let bench = Bench::new().await;
    assert_eq!(bench.listing().await.0, 404);
    let item = json!({"method": "put", "endpoint": "/v2/carts/{id}", "payload": "{\"qty\":1}"});
    assert_eq!(bench.post(&bench.instance("/add-endpoints"), &json!([item, item])).await.0, 200);
    let (status, listing) = bench.listing().await;
    assert_eq!(status, 200);
    assert_eq!(
        listing,
        json!({"endpointGroups": [{"groupId": "group-v2", "name": "v2", "endpoints": [{
            "id": "UFVUOi92Mi9jYXJ0cy97aWR9", "path": "/v2/carts/{id}", "method": "put",
            "requiresAuthorization": false,
            "metadata": {"numParams": 1, "sensitiveParams": [], "nonSensitiveParams": ["id"]}}]}]})
    );

    let observed = json!({"method": "PUT", "url": "/v2/carts/77?notify=1",
        "requestHeaders": {"Content-Type": "application/json"}, "requestBody": "{\"qty\": 3}"});
    let (status, preview) = bench.preview(&json!({"requests": [observed]})).await;
    assert_eq!(status, 200);
    assert_eq!(
        preview,
        json!({"matchedRequests": 1, "unmatchedRequests": 0, "unmatched": [], "endpointSuggestions": [{
            "endpointId": "UFVUOi92Mi9jYXJ0cy97aWR9", "method": "put", "path": "/v2/carts/{id}",
            "pathParams": {"id": "77"}, "queryParams": {"notify": "1"}}]})
    );

    let commit = json!({"applyRequestBodies": true, "endpoints": [{
        "endpointId": "UFVUOi92Mi9jYXJ0cy97aWR9", "include": true, "pathParams": {"id": "77"},
        "queryParams": {"notify": "1"}, "headers": {"authorization": "Bearer x"},
        "requestBodyExample": {"contentType": "application/json", "content": "{\"qty\": 3}"}}]});
    let (status, committed) = bench.post(&bench.instance("/bolt/commit"), &commit).await;
    assert_eq!((status, committed), (200, json!({"endpointsUpdated": 1, "endpointsAdded": 0})));

    let endpoints = bench.platform.listing(APP, INSTANCE);
    assert_eq!(endpoints.len(), 1);
    assert_eq!(endpoints[0].commits, 1);
    assert_eq!(endpoints[0].query_params["notify"], "1");
    assert_eq!(endpoints[0].body.as_ref().map(|body| body.content.as_str()), Some("{\"qty\": 3}"));
    let metadata = &bench.listing().await.1["endpointGroups"][0]["endpoints"][0]["metadata"];
    let expected =
        json!({"numParams": 3, "sensitiveParams": ["authorization"], "nonSensitiveParams": ["id", "notify"]});
    assert_eq!(*metadata, expected);
    assert_eq!(bench.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_preview_gives_all_matches_of_all_requests_the_most_literal_first() {
    let bench = Bench::new().await;
    for path in ["/{kind}/{id}", "/users/{id}", "/users/me"] {
        assert!(bench.platform.add(APP, INSTANCE, "get", path));
    }
    let observed = |url: &str| json!({"method": "GET", "url": url, "requestHeaders": {}});
    let (_, answer) = bench.preview(&json!({"requests": [observed("/users/me"), observed("/x")]})).await;
    let paths: Vec<_> =
        answer["endpointSuggestions"].as_array().expect("a list").iter().map(|s| &s["path"]).collect();
    assert_eq!(paths, ["/users/me", "/users/{id}", "/{kind}/{id}"]);
    assert_eq!(answer["unmatched"], json!([{"method": "GET", "url": "/x"}]));
    assert_eq!((&answer["matchedRequests"], &answer["unmatchedRequests"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn onboarding_makes_an_application_and_an_instance() {
    let bench = Bench::new().await;
    let base = format!("{}/v1/applications", bench.platform.url());
    let (_, page) = bench.get(&format!("{base}?include=metadata")).await;
    assert_eq!(page["applications"][0]["instances"][0]["instanceId"], INSTANCE);
    let token = page["nextToken"].as_str().expect("a second page");
    let (_, last) = bench.get(&format!("{base}?include=metadata&nextToken={token}")).await;
    assert_eq!(last["applications"][0]["applicationName"], "users");
    assert_eq!(last["nextToken"], json!(null));

    let spec = "openapi: 3.0.3\ninfo: {title: orders, version: '1'}\nservers: [{url: /}]\npaths: {}\n";
    let file = reqwest::multipart::Part::text(spec).file_name("openapi-spec.yaml");
    let form = reqwest::multipart::Form::new()
        .text("applicationName", "orders")
        .text("origin", "K8S_DAEMONSET")
        .part("fileUpload", file.mime_str("application/x-yaml").expect("a type"));
    let (status, made) = read(bench.client.post(format!("{base}/oas")).multipart(form)).await;
    assert_eq!((status, &made["hostUrls"]), (201, &json!(["/"])));
    let app = made["applicationId"].as_str().expect("an id");
    assert_eq!(app.len(), 36);
    let items = json!({"instanceRequestItems": [{"hostUrl": "/", "instanceName": "orders_instance"}]});
    let (status, made) = bench.post(&format!("{base}/{app}/instances/batch"), &items).await;
    assert_eq!(status, 201);
    let (_, one) = bench.get(&format!("{base}/{app}")).await;
    assert_eq!(one["instances"][0]["instanceId"], made["instanceIds"][0]);
    assert_eq!(bench.violations(), Vec::<String>::new());

    let wrong = reqwest::multipart::Form::new().text("origin", "K8S_DAEMONSET").text("applicationName", "x");
    assert_eq!(read(bench.client.post(format!("{base}/oas")).multipart(wrong)).await.0, 422);
    assert_eq!(bench.get(&format!("{base}?include=metadata&nextToken=nonsense")).await.0, 400);
}

#[tokio::test]
async fn what_is_unknown_or_malformed_is_refused_in_several_shapes() {
    let bench = Bench::new().await;
    let base = format!("{}/v1/applications", bench.platform.url());
    let (status, body) =
        bench.get(&format!("{base}/none/instances/i/endpoints?include=metadata&slim=true")).await;
    assert_eq!((status, &body["title"]), (404, &json!("instance not found")));
    assert_eq!(bench.get(&format!("{base}/none")).await.0, 404);
    assert_eq!(bench.post(&format!("{base}/app%201/instances/none/add-endpoints"), &json!([])).await.0, 404);
    assert!(bench.violations().is_empty(), "a wrong id is a matter of configuration");

    let (status, body) = bench.post(&bench.instance("/add-endpoints"), &json!({"endpoints": []})).await;
    assert!(status == 422 && body["detail"].is_string(), "{status} {body}");
    let broken =
        bench.client.post(bench.instance("/add-endpoints")).header("content-type", "application/json");
    let (status, body) = read(broken.body("[{")).await;
    assert!(status == 400 && body["message"].is_string(), "{status} {body}");
    assert_eq!(read(bench.client.delete(bench.instance("/add-endpoints"))).await.0, 405);
    let large = bench.client.post(bench.instance("/add-endpoints")).body(vec![b' '; 17 << 20]).send().await;
    assert!(large.map_or(true, |answer| answer.status() == 413));
    let bare = reqwest::Client::builder().no_proxy().build().expect("a client");
    let unauthorized = read(bare.get(base)).await;
    assert!(unauthorized.0 == 401 && unauthorized.1["error"].is_string());
}

#[tokio::test]
async fn what_the_contract_forbids_is_written_down_though_it_succeeds() {
    let bench = Bench::new().await;
    let bare = reqwest::Client::builder().no_proxy().build().expect("a client");
    let bare = bare.post(bench.instance("/add-endpoints")).header("authorization", format!("Bearer {KEY}"));
    let items = json!([{"method": "GET", "endpoint": "/a/{x}", "payload": ""}, {"method": "get", "endpoint": "/a/{y}", "payload": ""}]);
    assert_eq!(read(bare.json(&items)).await.0, 200);
    let (status, _) = bench.post(&bench.instance("/reload-spec"), &json!({"deleteEndpoints": true})).await;
    assert_eq!(status, 200);
    assert_eq!(bench.get(&bench.instance("/endpoints")).await.0, 200);
    let violations = bench.violations();
    let expected = [
        "User-Agent is not apisec-traffic-monitor/<version>",
        "Accept is not application/json",
        "/a/{x}: the method \"GET\" is not one in lower case",
        "/a/{y} has the shape of /a/{x}",
        "reload-spec is never to be called",
        "the query is not that of this call",
    ];
    assert_eq!(violations, expected);
    assert_eq!(bench.platform.listing(APP, INSTANCE).len(), 2, "reload-spec deletes nothing here");
}

#[tokio::test]
async fn requests_are_recorded_as_they_came_without_the_key() {
    let bench = Bench::new().await;
    bench.post(&bench.instance("/add-endpoints?x=1"), &json!([])).await;
    let recorded = bench.platform.recorded();
    let [request] = recorded.as_slice() else { panic!("one request, not {}", recorded.len()) };
    assert_eq!(request.path, "/v1/applications/app%201/instances/instance%2F1/add-endpoints");
    assert_eq!(
        (request.call, request.method.as_str(), request.query.as_deref()),
        (Call::Add, "POST", Some("x=1"))
    );
    assert_eq!((&request.body[..], request.status), (&b"[]"[..], Some(200)));
    assert_eq!(request.header("authorization"), Some("Bearer <15 bytes>"));
    assert!(!format!("{request:?}").contains(KEY));
}
