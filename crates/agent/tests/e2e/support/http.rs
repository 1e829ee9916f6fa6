//! Servers and clients that are as small as can be, and send any bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Nobody waits longer for the other side.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A server that answers every request, whatever its bytes: 404 below `/missing`, else 200. One request a connection.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Starts one on any free port of loopback.
    pub(crate) fn start() -> Server {
        Server::start_at("127.0.0.1:0")
    }

    /// Starts one at this address; port 0 is any free one.
    pub(crate) fn start_at(address: &str) -> Server {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // A client that goes away is no concern of the others.
                let _ = stream.and_then(serve);
            }
        });
        Server { address, stop }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Only to wake it.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&piece[..count]),
        }
    }
    let missing = request.windows(9).take(20).any(|part| part == b" /missing");
    let status = if missing { "404 Not Found" } else { "200 OK" };
    let body = r#"{"accessToken": "planted-in-answer-31", "ok": true}"#;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nSet-Cookie: sid=planted-cookie-of-answer-32\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Returns whether the head and as much body as it says are there.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|part| part == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    request.len() - end - 4 >= length.map_or(0, |length| length.parse().unwrap())
}

/// Sends these bytes on a connection of their own and gives all that comes back.
#[track_caller]
pub(crate) fn exchange(server: SocketAddr, request: &[u8]) -> Vec<u8> {
    try_exchange(server, request).unwrap()
}

fn try_exchange(server: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    // A server that is tired of hostile bytes may reset the connection.
    let _ = stream.read_to_end(&mut answer);
    Ok(answer)
}

/// A request in bytes. `fields` are whole header lines, each with its line end.
pub(crate) fn request(method: &str, target: impl AsRef<[u8]>, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = [method.as_bytes(), b" ", target.as_ref(), b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"].concat();
    bytes.extend_from_slice(fields.as_bytes());
    if !body.is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// Gets a path: the status and the body.
#[track_caller]
pub(crate) fn get(server: SocketAddr, path: &str) -> (u16, String) {
    read(exchange(server, &request("GET", path, "", b""))).expect("an answer")
}

/// The same of a server that may not be there, or break the connection off.
pub(crate) fn try_get(server: SocketAddr, path: &str) -> Option<(u16, String)> {
    read(try_exchange(server, &request("GET", path, "", b"")).ok()?)
}

fn read(answer: Vec<u8>) -> Option<(u16, String)> {
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
