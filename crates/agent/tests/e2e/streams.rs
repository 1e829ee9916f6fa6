//! Endpoints whose answers do not end: events, watches, long exports.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::support::{Agent, Stage};

const CART: &str = "127.0.0.1:8081";

/// A server that answers each request by a head and a first piece, one more piece a second, and never an end.
fn serve() {
    let listener = TcpListener::bind(CART).unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(|| drip(connection.unwrap()));
        }
    });
}

fn drip(mut connection: TcpStream) {
    let mut head = [0; 4096];
    let Ok(read) = connection.read(&mut head) else { return };
    let path = String::from_utf8_lossy(&head[..read]).split(' ').nth(1).unwrap_or_default().to_owned();
    let media = if path.starts_with("/events") { "text/event-stream" } else { "application/json" };
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.write_all(answer.as_bytes()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    // Until the client goes.
    while connection.write_all(b"4\r\n{ }\n\r\n").is_ok() && !matches!(connection.read(&mut head), Ok(0)) {}
}

fn ask(target: &str) -> TcpStream {
    let mut connection = TcpStream::connect(CART.parse::<SocketAddr>().unwrap()).unwrap();
    write!(connection, "GET {target} HTTP/1.1\r\nHost: cart\r\n\r\n").unwrap();
    connection
}

#[test]
fn what_does_not_end_is_known_when_it_begins_and_survives_a_kill() {
    let stage = Stage::live();
    stage.write_services(&[("cart", CART.parse().unwrap())]);
    stage.write_config(&["cart"]);
    serve();
    let agent = Agent::start(&stage, &[]);
    let targets = ["/events?topic=prices", "/pods?watch=true", "/export"];
    let open: Vec<TcpStream> = targets.iter().map(|target| ask(target)).collect();
    let expected = ["GET /events", "GET /export", "GET /pods"];
    expected.iter().for_each(|endpoint| agent.wait_for_push(&stage, "cart", endpoint));
    assert_eq!(stage.listed("cart"), expected);
    assert_eq!(agent.service("shop/cart")["requests"], 3, "each counts once, though none has ended");
    agent.wait_for_disk();
    agent.kill();

    let agent = Agent::start(&stage, &[]);
    assert_eq!(agent.service("shop/cart")["pushed"], 3);
    drop(open);
}
