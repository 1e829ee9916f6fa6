//! A scripted server, items to push, and an outbox in memory.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod learn;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use decode::Timestamp;
use inventory::{BodyExample, EndpointKey, Instance, Item, Outcome, Progress, Verdict};
use redact::Owner;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use traffic_monitor_push::{ApiKey, BaseUrl, Client, ClientSettings, Engine, EngineSettings, UrlRules};

pub(crate) const KEY: &str = "canary-key.0123456789.abcdef";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        });
        found.map(str::trim)
    }
}

/// What a scripted server does with a request.
pub(crate) enum Reply {
    /// Answers with status, more header lines, and a body.
    Answer(u16, &'static str, String),
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Never answers.
    Silence,
}

pub(crate) fn answer(status: u16, body: &str) -> Reply {
    Reply::Answer(status, "", body.to_owned())
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, script) = (Arc::clone(&requests), Arc::new(Mutex::new(script)));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(request) = read(&mut stream).await {
                        seen.lock().unwrap().push(request.clone());
                        let reply = (script.lock().unwrap())(&request);
                        if !write(&mut stream, reply).await {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, requests, task }
    }

    pub(crate) fn client(&self) -> Client {
        client(&format!("http://{}", self.address))
    }

    pub(crate) fn engine(&self) -> Engine {
        Engine::new(self.client(), quick())
    }

    /// The request lines so far, without the version.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|request| request.line.clone()).collect()
    }

    /// The last parts of the paths so far: `endpoints`, `preview`, `add-endpoints`, `commit`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let last = |line: String| {
            let path = line.split(['?', ' ']).nth(1).unwrap_or_default().to_owned();
            path.rsplit('/').next().unwrap_or_default().to_owned()
        };
        self.lines().into_iter().map(last).collect()
    }

    pub(crate) fn bodies(&self, call: &str) -> Vec<String> {
        let all = self.requests.lock().unwrap();
        all.iter().filter(|request| request.line.contains(call)).map(|request| request.body.clone()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
                return Some(Request { line, head: head.to_owned(), body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn write(stream: &mut TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Answer(status, headers, body) => {
            let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).await.is_ok()
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            false
        }
        Reply::Silence => {
            std::future::pending::<()>().await;
            false
        }
    }
}

pub(crate) fn client(url: &str) -> Client {
    let rules = UrlRules { allow_http: true, ..UrlRules::default() };
    let base = BaseUrl::parse(url, &rules).unwrap();
    let mut settings = ClientSettings::new(base, ApiKey::new(KEY).unwrap());
    settings.call_timeout = Duration::from_millis(800);
    Client::new(settings).unwrap()
}

/// Settings with which a failure costs milliseconds.
pub(crate) fn quick() -> EngineSettings {
    EngineSettings {
        calls_per_second: 1000,
        retry_base: Duration::from_millis(2),
        retry_longest: Duration::from_millis(20),
        key_probe: Duration::from_millis(30),
        mapping_retry: Duration::from_millis(30),
        recheck: Duration::from_millis(5),
        instance_pause: Duration::from_millis(5),
        ..EngineSettings::default()
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp::EPOCH + SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

pub(crate) fn instance() -> Instance {
    of("I")
}

pub(crate) fn of(id: &str) -> Instance {
    Instance { app: "A".into(), instance: id.into() }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An item with one header; variable segments have the value `7`.
pub(crate) fn item(method: &str, template: &str) -> Item {
    let names = template.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let owner = Owner::Address(SocketAddr::from(([10, 0, 0, 1], 80)));
    Item {
        key: EndpointKey { owner, method: method.into(), template: template.into() },
        path: template.into(),
        path_params: names.map(|name| (name.to_owned(), "7".to_owned())).collect(),
        query: Vec::new(),
        headers: pairs(&[("accept", "*/*")]),
        example: None,
        has_body: true,
        body: None,
        revision: 1,
        progress: Progress::default(),
        apart: Vec::new(),
    }
}

pub(crate) fn with_query(mut item: Item, query: &[(&str, &str)]) -> Item {
    item.query = pairs(query);
    item
}

pub(crate) fn with_body(mut item: Item, content: &str) -> Item {
    item.headers.push(("content-type".into(), "application/json".into()));
    item.body = Some(BodyExample { content_type: "application/json".into(), content: content.into() });
    item
}

/// The item as it stands in the outbox after an outcome.
pub(crate) fn after(item: &Item, outcome: &Outcome) -> Item {
    Item { progress: outcome.progress.clone(), ..item.clone() }
}

pub(crate) fn later(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Later { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// Pushes as the agent does, until nothing is left but what was pushed or set aside. Returns the last outcomes.
pub(crate) async fn drive(engine: &mut Engine, instance: &Instance, items: Vec<Item>) -> Vec<Outcome> {
    let all = items.len();
    drive_some(engine, instance, items, all).await
}

/// Pushes as the agent does, until so many were pushed or set aside. Returns the last outcomes of these.
pub(crate) async fn drive_some(
    engine: &mut Engine,
    instance: &Instance,
    items: Vec<Item>,
    count: usize,
) -> Vec<Outcome> {
    let mut outbox: Vec<_> = items.into_iter().map(|item| (item, Timestamp::EPOCH)).collect();
    let mut done = Vec::new();
    for _ in 0..5000 {
        if done.len() >= count {
            return done;
        }
        let due: Vec<Item> =
            outbox.iter().filter(|(_, at)| *at <= now()).map(|(item, _)| item.clone()).collect();
        if due.is_empty() {
            let next = outbox.iter().map(|(_, at)| *at).min().unwrap_or(Timestamp::EPOCH);
            until("something is due", || now() >= next).await;
            continue;
        }
        for outcome in engine.push(instance, due, now()).await {
            let at = outbox.iter().position(|(item, _)| item.key == outcome.key);
            let at = at.unwrap_or_else(|| panic!("an outcome for nothing: {outcome:?}"));
            match outcome.verdict {
                Verdict::Later { not_before, .. } => {
                    outbox[at] = (after(&outbox[at].0, &outcome), not_before);
                }
                _ => {
                    outbox.remove(at);
                    done.push(outcome);
                }
            }
        }
    }
    let paths: Vec<_> = outbox.iter().map(|(item, _)| &item.key.template).collect();
    panic!("still waiting: {paths:?}");
}

/// How long anything may take that happens by itself: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(200);

/// Waits until `condition` holds.
///
/// # Panics
/// It does not.
#[expect(clippy::disallowed_methods, reason = "the one polling helper of these tests")]
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
