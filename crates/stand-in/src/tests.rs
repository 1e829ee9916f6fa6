//! End to end over real sockets.

mod calls;
mod curl;
mod faults;
mod page;

use std::time::Duration;

use super::*;

const APP: &str = "app 1";
const INSTANCE: &str = "instance/1";
const KEY: &str = "secret-key-4711";

/// A stand-in platform with one application, and a client that keeps to the contract.
struct Bench {
    platform: Running,
    client: reqwest::Client,
}

impl Bench {
    async fn new() -> Bench {
        let preset = |app: &str, name: &str, instance: Option<&str>| Preset {
            app_id: app.to_owned(),
            name: name.to_owned(),
            instance_id: instance.map(str::to_owned),
        };
        let settings = Settings {
            key: Some(KEY.to_owned()),
            applications: vec![preset(APP, "cart", Some(INSTANCE)), preset("app-2", "users", None)],
            limits: Limits { page: 1, ..Limits::default() },
            ..Settings::default()
        };
        let platform = start(settings).await.expect("a free port");
        Bench { platform, client: client().build().expect("a client") }
    }

    /// The URL of a call of the preset instance.
    fn instance(&self, call: &str) -> String {
        format!("{}/v1/applications/app%201/instances/instance%2F1{call}", self.platform.url())
    }

    async fn get(&self, url: &str) -> (u16, serde_json::Value) {
        read(self.client.get(url)).await
    }

    async fn post(&self, url: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
        read(self.client.post(url).json(body)).await
    }

    async fn preview(&self, content: &serde_json::Value) -> (u16, serde_json::Value) {
        let part = reqwest::multipart::Part::text(content.to_string()).file_name("bolt.json");
        let part = part.mime_str("application/json").expect("a type");
        let form = reqwest::multipart::Form::new().part("file", part);
        read(self.client.post(self.instance("/bolt/preview")).multipart(form)).await
    }

    async fn listing(&self) -> (u16, serde_json::Value) {
        self.get(&self.instance("/endpoints?include=metadata&slim=true")).await
    }

    /// Returns what was written down so far.
    fn violations(&self) -> Vec<String> {
        self.platform.violations().into_iter().map(|violation| violation.what).collect()
    }

    async fn get_page(&self, path: &str) -> reqwest::Response {
        let plain = reqwest::Client::builder().no_proxy().build().expect("a client");
        plain.get(format!("{}{path}", self.platform.url())).send().await.expect("an answer")
    }
}

/// Waits until `condition` holds.
#[expect(clippy::disallowed_methods, reason = "the one polling helper of these tests")]
async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it happens in time");
}

fn client() -> reqwest::ClientBuilder {
    use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
    let bearer = HeaderValue::from_str(&format!("Bearer {KEY}")).expect("a value");
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (AUTHORIZATION, bearer),
    ]);
    let redirects = reqwest::redirect::Policy::none();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirects)
        .default_headers(headers)
        .user_agent("apisec-traffic-monitor/0.1.0")
}

async fn read(request: reqwest::RequestBuilder) -> (u16, serde_json::Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text)))
}
