//! Connections of HTTP/2 that are older than the agent: what cannot be known is said, and never pushed.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::{Agent, Nginx, Stage};

const CART: &str = "127.0.0.1:8084";

const NGINX: &str = r#"
daemon off; master_process off; user root; pid nginx.pid; error_log error.log;
events {}
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    default_type application/json;
    server { listen 127.0.0.1:8084 http2; location /api/ { return 200 '{"items": []}'; } location / { return 404; } }
}
"#;

/// A client as those of gRPC are: it inserts each path into its table, and then only refers to it.
struct Client {
    socket: TcpStream,
    stream: u32,
    /// The paths, in the order in which they were inserted.
    inserted: Vec<&'static str>,
}

impl Client {
    fn connect() -> Client {
        let mut socket = TcpStream::connect(CART).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
        Client { socket, stream: 1, inserted: Vec::new() }
    }

    /// Asks for a path, and waits for the answer.
    fn get(&mut self, path: &'static str) {
        // GET, http, and the host without a place in the table.
        let mut block = vec![0x82, 0x86, 0x01, 4];
        block.extend_from_slice(b"cart");
        match self.inserted.iter().rev().position(|known| *known == path) {
            Some(back) => block.push(0x80 | (62 + back as u8)),
            None => {
                block.extend_from_slice(&[0x44, path.len() as u8]);
                block.extend_from_slice(path.as_bytes());
                self.inserted.push(path);
            }
        }
        let head = [&[0, 0, block.len() as u8, 1, 5][..], &self.stream.to_be_bytes()].concat();
        self.socket.write_all(&[head, block].concat()).unwrap();
        self.wait();
        self.stream += 2;
    }

    /// Reads frames up to the end of the stream.
    fn wait(&mut self) {
        loop {
            let mut head = [0; 9];
            self.socket.read_exact(&mut head).expect("an answer of nginx");
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            self.socket.read_exact(&mut payload).unwrap();
            assert!(!matches!(kind, 3 | 7), "frame {kind} of nginx: {payload:?}");
            if kind < 2 && flags & 1 != 0 && u32::from_be_bytes(stream) == self.stream {
                return;
            }
        }
    }
}

#[test]
fn names_from_before_the_agent_are_counted_and_never_pushed() {
    let stage = Stage::live();
    let _nginx = Nginx::start(&stage.path("nginx"), NGINX, CART);
    stage.write_services(&[("cart", CART.parse::<SocketAddr>().unwrap())]);
    stage.write_config(&["cart"]);
    let mut older = Client::connect();
    (0..3).for_each(|_| older.get("/api/v1/secret-plans"));

    let agent = Agent::start(&stage, &[]);
    (0..5).for_each(|_| older.get("/api/v1/secret-plans"));
    older.get("/api/v1/new");
    (0..2).for_each(|_| older.get("/api/v1/new"));
    older.get("/api/v1/secret-plans");
    agent.wait_for_push(&stage, "cart", "GET /api/v1/new");

    let said = "1 HTTP/2 connections older than the monitor, or forgotten when memory was short, 6 requests with an \
                unknown path (resolved when they reconnect)";
    agent.until("status says what is not known", || agent.ask(&["status"]).contains(said));
    assert!(agent.ask(&["explain", "cart"]).contains(said));
    agent.until("every request with a known name is counted", || agent.service("shop/cart")["requests"] == 3);
    assert_eq!(stage.listed("cart"), ["GET /api/v1/new"]);
    assert!(!stage.pushes().iter().any(|push| push.contains("secret-plans")));

    // When it reconnects, the name is there.
    Client::connect().get("/api/v1/secret-plans");
    agent.wait_for_push(&stage, "cart", "GET /api/v1/secret-plans");
    agent.until("the new connection is none of those", || agent.ask(&["status"]).contains(said));
    stage.assert_contract();
    let log = agent.stop();
    assert!(!log.contains("ERROR"), "{log}");
}
