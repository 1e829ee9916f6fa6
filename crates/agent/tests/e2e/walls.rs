//! What says nothing about the path that was asked for, through `replay` on captures that are made here.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Stage, conversation, monitor, pcap, text};

/// What is listed for these exchanges, each as `GET /path`, by whether it would be pushed.
fn listed(exchanges: &[(String, String)]) -> (Vec<String>, Vec<Value>) {
    listed_in(&[capture(40_000, exchanges)])
}

/// A capture of these exchanges on one connection.
fn capture(client_port: u16, exchanges: &[(String, String)]) -> Vec<u8> {
    let bytes: Vec<(&[u8], &[u8])> =
        exchanges.iter().map(|(request, answer)| (request.as_bytes(), answer.as_bytes())).collect();
    pcap(&conversation(client_port, &bytes))
}

/// The same for captures that follow each other.
fn listed_in(captures: &[Vec<u8>]) -> (Vec<String>, Vec<Value>) {
    let stage = Stage::new();
    let files = captures.iter().enumerate().map(|(n, bytes)| stage.write(&format!("{n}.pcap"), bytes));
    let args = ["replay", "--format", "json"].map(PathBuf::from);
    let ended = monitor(args.into_iter().chain(files));
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let rows: Vec<Value> = serde_json::from_str(text(&ended.stdout)).unwrap();
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let (pushed, kept): (Vec<Value>, Vec<Value>) =
        rows.into_iter().partition(|row| row["state"] == "unmapped");
    let mut pushed: Vec<String> =
        pushed.iter().map(|row| format!("{} {}", word(row, "method"), word(row, "path"))).collect();
    pushed.sort();
    (pushed, kept)
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: cart\r\n\r\n")
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn json() -> String {
    answer("200 OK\r\nContent-Type: application/json", "{\"id\":7}")
}

/// Words that no public API has.
fn guess(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("/qx{}{}{}zw", letter(n), letter(n / 26), letter(n / 676))
}

const REAL: [&str; 4] = ["/v1/orders/7", "/v1/users", "/v1/invoices", "/v1/status"];

#[test]
fn guesses_behind_a_wall_are_not_pushed_and_real_endpoints_are() {
    let page = "<!doctype html><div id=app></div>";
    let walls = [
        answer("401 Unauthorized\r\nContent-Type: application/json", "{\"error\":\"unauthorized\"}"),
        answer("403 Forbidden", "no"),
        answer("302 Found\r\nLocation: /login", ""),
        answer("200 OK\r\nContent-Type: text/html; charset=utf-8", page),
    ];
    for wall in walls {
        let guesses = (0..6000).map(|n| (get(&guess(n)), wall.clone()));
        let real = REAL.iter().map(|path| (get(path), json()));
        let (pushed, kept) = listed(&guesses.chain(real).collect::<Vec<_>>());
        let all = ["GET /v1/invoices", "GET /v1/orders/{orderId}", "GET /v1/status", "GET /v1/users"];
        assert_eq!(pushed, all, "{wall}");
        assert!(!kept.is_empty() && kept.iter().all(|row| row["state"] == "wall"), "{kept:?}");
        assert!(kept.len() < 20, "what a wall answers is no evidence about paths: {kept:?}");
    }
}

#[test]
fn files_are_one_line_and_preflights_are_noise() {
    let css = answer("200 OK\r\nContent-Type: text/css", "b{}");
    let mut all: Vec<_> =
        (0..300).map(|n| (get(&format!("/assets/index-{n:08x}.css")), css.clone())).collect();
    all.push((get("/avatars/7.png"), answer("200 OK\r\nContent-Type: image/png", "png")));
    let preflight = "OPTIONS /v1/orders HTTP/1.1\r\nHost: cart\r\nOrigin: http://a\r\n\
                     Access-Control-Request-Method: POST\r\n\r\n";
    all.push((preflight.to_owned(), "HTTP/1.1 204 No Content\r\n\r\n".to_owned()));
    let (pushed, kept) = listed(&all);
    assert_eq!(pushed, ["GET /avatars/{avatarId}.png"]);
    let kept: Vec<_> = kept.iter().map(|row| (row["path"].clone(), row["requests"].clone())).collect();
    assert_eq!(kept, [("/v1/orders".into(), 1.into()), ("/{file}".into(), 300.into())]);
}

/// The same capture, so many seconds later.
fn later(mut capture: Vec<u8>, seconds: u32) -> Vec<u8> {
    let word = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut at = 24;
    while at < capture.len() {
        let (time, len) = (word(&capture, at) + seconds, word(&capture, at + 8));
        capture[at..at + 4].copy_from_slice(&time.to_le_bytes());
        at += 16 + len as usize;
    }
    capture
}

#[test]
fn what_is_refused_for_long_is_an_endpoint() {
    let refused = |path: &str| (get(path), answer("403 Forbidden", "not yours"));
    let day = |port, seconds| later(capture(port, &[refused("/v1/payouts")]), seconds);
    // Connections are told apart by two bits: these are as many as it takes.
    let captures: Vec<_> = (0..40).map(|n| day(40_000 + n, u32::from(n) * 20)).collect();
    assert_eq!(listed_in(&captures).0, ["GET /v1/payouts"]);
    assert!(listed_in(&captures[..20]).0.is_empty(), "these are not yet ten minutes");
}
