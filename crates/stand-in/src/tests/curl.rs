//! The same with a client of other people: curl.

use std::process::Stdio;

use super::*;

/// Runs curl; gives the status and the body of the answer.
async fn curl(arguments: Vec<String>) -> (u16, String) {
    let run = move || {
        let mut command = std::process::Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--max-time",
            "10",
            "--write-out",
            "\n%{http_code}",
        ]);
        command.args(arguments).stdin(Stdio::null()).output().expect("curl is installed")
    };
    let output = tokio::task::spawn_blocking(run).await.expect("no panic");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let (body, status) = text.rsplit_once('\n').expect("the status");
    (status.parse().expect("a number"), body.to_owned())
}

fn arguments(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[tokio::test]
async fn the_bearer_token_is_checked() {
    let bench = Bench::new().await;
    let url = format!("{}/v1/applications?include=metadata", bench.platform.url());
    let with = |authorization: &str| arguments(&["-H", &format!("Authorization: {authorization}"), &url]);
    assert_eq!(curl(arguments(&[&url])).await.0, 401);
    assert_eq!(curl(with("Bearer wrong")).await.0, 401);
    assert_eq!(curl(with(&format!("Basic {KEY}"))).await.0, 401);
    assert_eq!(curl(with(&format!("Bearer {KEY}"))).await.0, 200);
    bench.platform.set_key(Some("next".to_owned()));
    assert_eq!(curl(with(&format!("Bearer {KEY}"))).await.0, 401);
    bench.platform.set_key(None);
    assert_eq!(curl(with("Bearer anything")).await.0, 200);
    assert_eq!(curl(with("Bearer ")).await.0, 401);
}

#[tokio::test]
async fn a_preview_by_curl_is_checked_part_by_part() {
    let bench = Bench::new().await;
    bench.platform.add(APP, INSTANCE, "get", "/users/{id}");
    let content = r#"{"requests":[{"method":"GET","url":"/users/7","requestHeaders":{}}]}"#;
    let url = bench.instance("/bolt/preview");
    let bearer = format!("Authorization: Bearer {KEY}");
    let with = |part: &str| {
        let mut words = arguments(&["-H", &bearer, "-H", "Accept: application/json"]);
        words.extend(arguments(&["-A", "apisec-traffic-monitor/1", "-F", part, &url]));
        words
    };
    let quoted = content.replace('"', "\\\"");
    let (status, body) =
        curl(with(&format!("file=\"{quoted}\";filename=bolt.json;type=application/json"))).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(r#""path":"/users/{id}""#), "{body}");
    assert_eq!(bench.violations(), Vec::<String>::new());

    assert_eq!(curl(with(&format!("file=\"{quoted}\""))).await.0, 200);
    let expected = ["the file is not named bolt.json", "the part's type is not application/json"];
    assert_eq!(bench.violations(), expected);
    assert_eq!(
        curl(with(&format!("other=\"{quoted}\";filename=bolt.json;type=application/json"))).await.0,
        400
    );
    assert_eq!(curl(with("file={;filename=bolt.json;type=application/json")).await.0, 400);
}
