//! Paths made to forge log lines, move the cursor of a terminal or run as markup: only printable ASCII of them is shown.

use serde_json::Value;

use crate::support::{
    Agent, Server, Stage, conversation, exchange, get, monitor, pcap, request, text, unprintable,
};

/// Request targets as bytes.
fn targets() -> Vec<Vec<u8>> {
    let mut targets: Vec<Vec<u8>> = [
        &b"/esc/\x1b[2J\x1b]0;owned\x07"[..],
        b"/direction/\xe2\x80\xaegpj.exe",
        b"/markup/<script>alert(1)</script>",
        b"/quote/\"><img/src=x/onerror=alert(1)>'",
        b"/invalid/\xff\xfe\x80\xc3",
        b"/control/\x01\x02\x7f\x08",
        b"/return/x\r2026-01-01T00:00:00Z",
        b"/encoded/%1b%5b2J%0a%0dERROR%e2%80%ae",
        b"/null/%00/\xc2\x85/\xe2\x80\xa8",
        b"/query?\x1b[31m=\xe2\x80\xae&a\x07=\x1b]0;x",
        b"/%7Bname%7D/{id}/../..%2f",
        b"//\x1b//\\",
        b"http://\x1b[2J\xe2\x80\xae/absolute/\x1b",
        b"\x1b\xe2\x80\xae",
    ]
    .map(<[u8]>::to_vec)
    .into();
    targets.push([b"/long/".to_vec(), vec![b'a'; 8_000]].concat());
    targets.push([b"/long-esc/".to_vec(), b"\x1b[A".repeat(2_600)].concat());
    targets
}

/// The other places where a stranger's text may stand.
const FIELDS: &str = "User-Agent: \u{1b}[2J\u{202e}agent\r\nX-\u{1b}: x\r\nX-Note: a\u{7}b\r\nContent-Type: text/\u{1b}[1m\r\n";

/// # Panics
/// There is more than printable ASCII in it.
#[track_caller]
fn printable(place: &str, text: &str) {
    for line in text.lines() {
        assert_eq!(unprintable(line), None, "{place}: {line:?}");
    }
}

/// Calls `each` with every text in a JSON value.
fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(all) => all.iter().for_each(|one| texts(one, each)),
        Value::Object(all) => all.iter().for_each(|(name, one)| {
            each(name);
            texts(one, each);
        }),
        _ => {}
    }
}

#[test]
fn live_in_the_log_in_tables_and_on_the_page() {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    let agent = Agent::start(&stage, &[]);
    for target in targets() {
        exchange(cart.address, &request("PATCH", &target, FIELDS, b"\x1b[2J"));
        exchange(cart.address, &request("GET", &target, "Host: \u{1b}[2J\r\n", b""));
    }
    exchange(cart.address, b"G\x1bT / HTTP/1.1\r\n\r\n");
    exchange(cart.address, &request("GET", "/last", "", b""));
    agent.wait_for_push(&stage, "cart", "GET /last");
    agent.until("most are pushed", || stage.listed("cart").len() > 10);
    agent.until("nothing waits", || agent.service("shop/cart")["waiting"] == 0);

    let (status, page) = get(stage.platform.address, "/control/state");
    assert_eq!(status, 200);
    let page: Value = serde_json::from_str(&page).unwrap();
    assert!(page["endpoints"].as_array().unwrap().len() > 10, "{page}");
    texts(&page, &mut |text| printable("the page", text));
    for path in ["/", "/esc", "/markup", "/long"] {
        printable("explain", &agent.ask(&["explain", path]));
    }
    let json: Value = serde_json::from_str(&agent.ask(&["explain", "/", "--format", "json"])).unwrap();
    texts(&json, &mut |text| printable("explain as JSON", text));
    printable("status", &agent.ask(&["status"]));
    stage.assert_contract();

    let log = agent.stop();
    printable("the log", &log);
    assert!(!log.contains("panic"), "{log}");
    let forged = log.lines().filter(|line| line.starts_with("2026-01-01") || line.starts_with("ERROR"));
    assert_eq!(forged.collect::<Vec<_>>(), Vec::<&str>::new());
    for shown in ["/direction/%E2%80%AEgpj.exe", "/invalid/%FF%FE%80", "/encoded/", "/markup/"] {
        assert!(log.contains(shown), "{shown} is not in\n{log}");
    }
    // A request line with control characters is no HTTP: nothing of it is shown, and it is said that it was there.
    let refused = 1 + 2 * targets().iter().filter(|target| target.iter().any(u8::is_ascii_control)).count();
    assert!(log.contains(&format!("cannot be read at shop/cart: unknown {refused}\n")), "{refused}:\n{log}");
    let longest = log.lines().map(str::len).max().unwrap();
    assert!(longest < 1_000, "a line of {longest} bytes");
}

#[test]
fn in_what_replay_prints() {
    let stage = Stage::new();
    let requests: Vec<_> = targets().iter().map(|target| request("GET", target, FIELDS, b"")).collect();
    let answer: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let packets: Vec<_> = (40_000..)
        .zip(&requests)
        .flat_map(|(port, request)| conversation(port, &[(request, answer)]))
        .collect();
    let file = stage.write("hostile.pcap", pcap(&packets));
    for output in ["exchanges", "endpoints"] {
        for format in ["table", "json", "jsonl"] {
            let args = ["replay", "--output", output, "--format", format, file.to_str().unwrap()];
            let ended = monitor(args);
            let (out, err) = (text(&ended.stdout), text(&ended.stderr));
            let told = if output == "exchanges" { "/markup/" } else { "/{?" };
            assert!(ended.status.success() && out.contains(told), "{args:?}: {err}");
            printable("standard error", err);
            if format == "table" {
                printable("the table", out);
                continue;
            }
            assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "{out:?}");
            let rows = match format {
                "json" => serde_json::from_str(out).unwrap(),
                _ => out.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>(),
            };
            for row in &rows {
                for name in ["target", "path", "method", "host"] {
                    printable(name, row[name].as_str().unwrap_or_default());
                }
            }
        }
    }
    let raw = monitor(["replay", "--output", "exchanges", "--raw", file.to_str().unwrap()]);
    let lines: Vec<Value> =
        text(&raw.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let readable = targets().iter().filter(|target| !target.iter().any(u8::is_ascii_control)).count();
    assert_eq!(lines.len(), readable, "{}", text(&raw.stderr));
    for line in lines {
        printable("a raw target", line["target"].as_str().unwrap());
    }
}
