//! The page and the calls behind it.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn the_page_comes_under_a_strict_policy_and_without_foreign_resources() {
    let bench = Bench::new().await;
    for (path, kind) in [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")] {
        let answer = bench.get_page(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert!(header("content-type").starts_with(kind), "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        let text = answer.text().await.expect("text");
        let foreign = text.contains("http://") || text.contains("https://");
        assert!(!foreign && !text.contains("innerHTML") && !text.contains(" style="), "{path}");
    }
    assert!(bench.platform.recorded().is_empty(), "the page is no call");
}

#[tokio::test]
async fn other_names_are_turned_away_from_page_and_control() {
    let bench = Bench::new().await;
    for path in ["/", "/page.js", "/control/state", "/control/requests", "/control/faults"] {
        let url = format!("{}{path}", bench.platform.url());
        let (status, _) = read(bench.client.get(&url).header("host", "attacker.example")).await;
        assert_eq!(status, 403, "{path}");
        assert_eq!(read(bench.client.get(&url).header("host", "localhost:1")).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn the_state_tells_what_changed_in_pieces() {
    let bench = Bench::new().await;
    for number in 0..700 {
        assert!(bench.platform.add(APP, INSTANCE, "get", &format!("/a/{number}")));
    }
    let base = format!("{}/control/state", bench.platform.url());
    let (_, first) = bench.get(&base).await;
    assert_eq!((first["endpoints"].as_array().map(Vec::len), &first["more"]), (Some(500), &json!(true)));
    let next = |state: &Value| format!("{base}?epoch={}&since={}", state["epoch"], state["revision"]);
    let (_, second) = bench.get(&next(&first)).await;
    assert_eq!((second["endpoints"].as_array().map(Vec::len), &second["more"]), (Some(200), &json!(false)));
    assert_eq!(second["applications"][0]["instances"][0]["endpoints"], 700);
    assert_eq!(bench.get(&next(&second)).await.1["endpoints"], json!([]));
    bench.platform.add(APP, INSTANCE, "get", "/new");
    let (_, third) = bench.get(&next(&second)).await;
    assert_eq!(third["endpoints"][0]["path"], "/new");
    bench.platform.remove(APP, INSTANCE, "get", "/new");
    assert_eq!(bench.get(&next(&third)).await.1["endpoints"].as_array().map(Vec::len), Some(500));
}

#[tokio::test]
async fn hostile_text_is_escaped_and_cut() {
    let bench = Bench::new().await;
    let long = format!("/{}", "x".repeat(8192));
    for path in ["/a\u{202e}b", "/\u{1b}[31m\r\n", "/<script>alert(1)</script>", &long] {
        let items = json!([{"method": "get", "endpoint": path, "payload": "\u{202e}\u{0}"}]);
        assert_eq!(bench.post(&bench.instance("/add-endpoints"), &items).await.0, 200);
    }
    let location = "http://\u{202e}/".to_owned();
    bench
        .platform
        .set_faults(vec![Fault::always(Call::Other, Action::Redirect { location, status: 307 })], 0);
    let text = bench.get_page("/control/state").await.text().await.expect("text");
    assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'));
    let state: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(state["endpoints"][0]["path"], "/a\\u{202e}b");
    assert_eq!(state["endpoints"][0]["body"]["content"], "\\u{202e}\\0");
    let shown = state["endpoints"][3]["path"].as_str().expect("a path");
    assert!(shown.chars().count() < 600 && shown.ends_with("more characters)"), "{shown}");
}

#[tokio::test]
async fn requests_and_violations_are_told_without_the_key() {
    let bench = Bench::new().await;
    bench.post(&bench.instance("/add-endpoints"), &json!([])).await;
    let (_, requests) = bench.get(&format!("{}/control/requests?last=1", bench.platform.url())).await;
    assert_eq!((&requests[0]["call"], &requests[0]["body"]), (&json!("add"), &json!("[]")));
    assert!(!requests.to_string().contains(KEY));
    let (_, violations) = bench.get(&format!("{}/control/violations", bench.platform.url())).await;
    assert_eq!(
        violations,
        json!({"count": 1, "violations": [{"number": 1, "call": "add", "what": "an empty array"}]})
    );
}
