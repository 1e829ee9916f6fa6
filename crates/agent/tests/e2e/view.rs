//! The page of `view` as programs see it: what it answers, to whom, and over what. What people see of it, `page/tests` looks at.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{
    Agent, Server, Stage, conversation, eventually, exchange, get, pcap, program, request, text,
};

const USER: &[u8] = b"GET /users/42?page=1&api_key=5ecret5ecret HTTP/1.1\r\nHost: cart\r\nAuthorization: Bearer secret-of-ann\r\n\r\n";
const ORDER: &[u8] = b"POST /orders HTTP/1.1\r\nHost: cart\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"sku\": \"A1\", \"password\": \"hunter2hunter\"}";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"token\": \"0123456\"}";

/// A page that is served. It ends when this is dropped.
pub(crate) struct Viewer {
    child: Child,
    address: SocketAddr,
    /// `/TOKEN/`
    base: String,
}

impl Viewer {
    #[track_caller]
    pub(crate) fn start(args: &[&Path]) -> Viewer {
        let mut command = program();
        command.args(["view", "--no-open"]).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim().strip_prefix("The page is at http://") else {
            panic!("{line:?} {}", text(&child.wait_with_output().unwrap().stderr));
        };
        let (address, token) = url.split_once('/').unwrap();
        Viewer { child, address: address.parse().unwrap(), base: format!("/{token}") }
    }

    fn over(state: &Path) -> Viewer {
        Viewer::start(&[Path::new("--state"), state])
    }

    /// Asks for something below the token.
    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> String {
        let (status, text) = get(self.address, &format!("{}{path}", self.base));
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    #[track_caller]
    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// Asks with these bytes, and gives the status, and the answer in full.
    fn raw(&self, method: &str, path: &str, host: &str) -> (u16, String) {
        let bytes = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = String::from_utf8(exchange(self.address, bytes.as_bytes())).unwrap();
        (answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap(), answer)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `METHOD PATH` of the endpoints of an answer, in order.
pub(crate) fn names(answer: &Value) -> Vec<String> {
    let name = |one: &Value| format!("{} {}", one["method"].as_str().unwrap(), one["path"].as_str().unwrap());
    let mut names: Vec<_> = answer["endpoints"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_page_over_a_capture_shows_it_to_whoever_has_its_address() {
    let stage = Stage::new();
    let capture = stage.write("a.pcap", pcap(&conversation(40_000, &[(USER, OK), (ORDER, OK)])));
    let page = Viewer::start(&[&capture]);
    let state = page.json("api/state?epoch=0&since=0");
    assert_eq!((state["kind"].as_str(), state["name"].as_str()), (Some("captures"), Some("a.pcap")));
    assert_eq!(names(&state), ["GET /users/{userId}", "POST /orders"]);
    let service = state["services"][0]["service"].as_str().unwrap();
    assert_eq!(state["services"][0]["why"], "-", "of a capture nothing has to be pushed");
    let user = state["endpoints"].as_array().unwrap().iter().find(|one| one["method"] == "GET").unwrap();
    let endpoint = page.text(&format!("api/endpoint?id={}", user["id"].as_str().unwrap()));
    assert!(endpoint.contains("{userId}: a variable, "), "why it has this name: {endpoint}");
    assert!(!endpoint.contains("unseen_days"), "a capture is as old as it is: {endpoint}");
    let explained = page.text("api/explain?subject=/orders");
    assert!(explained.contains("POST"), "{explained}");
    let document = page.text(&format!("api/openapi?service={service}"));
    assert!(
        document.starts_with("openapi: \"3.1.") && document.contains("\"/users/{userId}\":"),
        "{document}"
    );
    for secret in ["5ecret5ecret", "secret-of-ann", "hunter2hunter", "0123456"] {
        for shown in [&state.to_string(), &endpoint, &explained, &document] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert_eq!(get(page.address, &format!("{}api/endpoint?id=0", page.base)).0, 404);
}

#[test]
fn a_page_answers_no_stranger_and_changes_nothing() {
    let stage = Stage::new();
    let capture = stage.write("a.pcap", pcap(&conversation(40_000, &[(USER, OK)])));
    let page = Viewer::start(&[&capture]);
    let (index, script) = (page.base.clone(), format!("{}page.js", page.base));
    for path in [&index, &script] {
        let (status, answer) = page.raw("GET", path, "localhost:1");
        assert_eq!(status, 200, "{answer}");
        let head = answer.to_ascii_lowercase();
        for line in [
            "content-security-policy: default-src 'none'; script-src 'self';",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(head.contains(line), "{line} is not in {answer}");
        }
        // Another page that reaches this address under a name of its own.
        for host in ["shop.example", "127.0.0.1.shop.example:80", ""] {
            assert_eq!(page.raw("GET", path, host).0, 403, "{host:?}");
        }
        assert_eq!(page.raw("POST", path, "localhost").0, 405);
    }
    let other = format!("/{}/", "0".repeat(32));
    for path in ["/", "/page.js", "/api/state", &other, "/open/0", &page.base[..page.base.len() - 2]] {
        let (status, answer) = page.raw("GET", path, "localhost");
        assert!([404, 410].contains(&status) && !answer.contains("<script"), "{path}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("content-security-policy: "), "{answer}");
    }
}

#[test]
fn a_page_over_the_agent_gets_what_is_new_and_says_when_nobody_answers() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    let ask =
        |path: &str| exchange(cart.address, &request("GET", path, "Cookie: sid=planted-cookie-33\r\n", b""));
    ask("/first?page=1");
    agent.wait_for_push(&stage, "cart", "GET /first");
    let page = Viewer::over(&stage.path("state"));
    let mut at = (0, 0);
    let mut news = |wanted: &str, then: &dyn Fn(&Value) -> bool| {
        let mut last = Value::Null;
        eventually(
            wanted,
            || {
                last = page.json(&format!("api/state?epoch={}&since={}", at.0, at.1));
                let done = then(&last);
                if done {
                    at = (last["epoch"].as_u64().unwrap(), last["revision"].as_u64().unwrap());
                }
                done
            },
            String::new,
        );
        last
    };
    // The capture thread tells of itself now and then.
    let is_told = |state: &Value| state["nodes"][0]["frames"].as_u64() > Some(0);
    let first = news("the page has all", &|state| names(state) == ["GET /first"] && is_told(state));
    assert_eq!((first["kind"].as_str(), first["trouble"].is_null()), (Some("agent"), true));
    assert_eq!(first["endpoints"][0]["service"], "shop/cart");
    // The page's own port is no server without a name.
    assert_eq!(first["unseen"]["nameless"].as_array().map(Vec::len), Some(0), "{first}");
    assert_eq!(first["unseen"]["nameless_requests"], 0, "{first}");
    ask("/second");
    let second =
        news("the new endpoint comes by itself", &|state| names(state).contains(&"GET /second".into()));
    assert!(!names(&second).contains(&"GET /first".into()), "what did not change does not come again");
    for one in first["endpoints"].as_array().unwrap() {
        let shown = page.text(&format!("api/endpoint?id={}", one["id"].as_str().unwrap()));
        assert!(shown.contains("\"example\"") && !shown.contains("planted-"), "{shown}");
    }
    agent.wait_for_disk();
    agent.stop();
    let state = page.json("api/state?epoch=0&since=0");
    assert_eq!(names(&state), ["GET /first", "GET /second"], "what was known last stays");
    let lost = news("the page says that nobody answers", &|state| state["trouble"].is_string());
    assert!(lost["trouble"].as_str().unwrap().contains("no agent listens"), "{}", lost["trouble"]);

    let store = Viewer::over(&stage.path("state")).json("api/state");
    assert_eq!((store["kind"].as_str(), names(&store)), (Some("store"), names(&state)));
    assert_eq!(store["nodes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_page_over_nothing_says_what_is_missing() {
    let stage = Stage::new();
    let nowhere = stage.path("nowhere");
    let output = program().args(["view", "--no-open", "--state"]).arg(&nowhere).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("nowhere") && said.contains("its store cannot be read"), "{said}");
}
