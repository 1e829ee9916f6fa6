//! What a connection gave, in a form that can be compared.

// Each test binary uses a part of it.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod frames;

use std::ops::{Deref, DerefMut};

use std::time::Duration;

use flow::{At, Direction, End, Flow, Missing, Origin, Over, Timestamp, Verdict};
use traffic_monitor_http::{
    Begun, Connection, Counters, Exchange, Head, Keep, RequestHead, Sink, TlsOutcome, Unreadable,
};

/// An exchange, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    pub time: u64,
    pub direction: Direction,
    pub protocol: &'static str,
    pub request: String,
    pub request_fields: Vec<(String, String)>,
    pub status: Option<u16>,
    pub response_fields: Vec<(String, String)>,
    pub request_body: (u64, String, bool),
    pub response_body: (u64, String, bool),
    pub complete: bool,
    pub grpc: Option<traffic_monitor_http::Grpc>,
    pub host: Option<String>,
    pub told: bool,
}

impl Got {
    fn of(exchange: &Exchange<'_>) -> Got {
        let request = exchange.request;
        let body = |body: traffic_monitor_http::Body<'_>| (body.len, text(body.kept), body.whole);
        Got {
            time: request.time.as_nanos(),
            direction: request.direction,
            protocol: request.protocol.name(),
            request: format!("{} {}", text(request.method), text(request.target)),
            request_fields: fields(request.headers),
            status: exchange.status,
            response_fields: fields(exchange.response_headers),
            request_body: body(exchange.request_body),
            response_body: body(exchange.response_body),
            complete: exchange.complete,
            grpc: exchange.grpc,
            host: request.host().map(text),
            told: exchange.told,
        }
    }

    /// `GET /a 200 complete 0 5`: method, target, status, completeness, lengths of the bodies.
    pub fn line(&self) -> String {
        let status = self.status.map_or("-".into(), |status| status.to_string());
        let complete = if self.complete { "complete" } else { "incomplete" };
        format!("{} {status} {complete} {} {}", self.request, self.request_body.0, self.response_body.0)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn fields(head: Head<'_>) -> Vec<(String, String)> {
    head.iter().map(|(name, value)| (text(name), text(value))).collect()
}

/// What happens next in one direction of a connection, or to both.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    Data(&'a [u8]),
    Skip(u64, Missing),
    End(End),
}

/// What a connection answered last.
#[derive(Default)]
pub struct Answer {
    /// Whether it wants nothing more.
    pub ignore: bool,
    /// What it holds.
    pub held: usize,
}

/// A connection under test.
pub struct Tested {
    pub flow: Flow,
    pub connection: Connection,
    pub counters: Counters,
    pub found: Found,
    pub verdict: Answer,
    pub most_held: usize,
    time: u64,
    /// What is acknowledged of the two directions when the connection is over.
    pub acknowledged: [Option<u32>; 2],
    /// Where the two directions stand: all that came in one was there when the next came in the other.
    stand: [u32; 2],
}

/// What it gave.
pub struct Found {
    pub keep: usize,
    pub got: Vec<Got>,
    /// What was shown before its end, and what is made of it.
    pub begun: Vec<Got>,
    pub take_begun: Begun,
    pub requests: Vec<String>,
    pub responses: Vec<u16>,
    pub unreadable: Vec<(Direction, String)>,
    pub names: (String, Vec<u8>),
    pub older: usize,
    /// Where TLS may be opened: the secrets.
    pub secrets: Option<tls::Store>,
    /// Whether they come late, until when there are none.
    pub late: Option<tls::Store>,
    /// What became of TLS connections.
    pub tls: Vec<(Direction, TlsOutcome)>,
}

impl Deref for Tested {
    type Target = Found;

    fn deref(&self) -> &Found {
        &self.found
    }
}

impl DerefMut for Tested {
    fn deref_mut(&mut self) -> &mut Found {
        &mut self.found
    }
}

impl Sink for Found {
    fn request(&mut self, request: &RequestHead<'_>) -> Keep {
        self.requests.push(format!("{} {}", text(request.method), text(request.target)));
        Keep(self.keep)
    }

    fn response(&mut self, _: &RequestHead<'_>, status: u16, _: Head<'_>) -> Keep {
        self.responses.push(status);
        Keep(self.keep)
    }

    fn begun(&mut self, exchange: &Exchange<'_>) -> Begun {
        self.begun.push(Got::of(exchange));
        self.take_begun
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) {
        self.got.push(Got::of(exchange));
    }

    fn older(&mut self, _: Direction) {
        self.older += 1;
    }

    fn leaves_tls(&self, _: Direction) -> Option<TlsOutcome> {
        self.secrets.is_none().then_some(TlsOutcome::NoKey)
    }

    fn secret(&mut self, random: &[u8; tls::RANDOM_LEN], label: tls::Label) -> Option<&tls::Secret> {
        self.secrets.as_mut().and_then(|secrets| tls::Secrets::secret(secrets, random, label))
    }

    fn secrets_come_late(&self) -> bool {
        self.late.is_some()
    }

    fn tls(&mut self, client: Direction, outcome: TlsOutcome) {
        self.tls.push((client, outcome));
    }

    fn unreadable(&mut self, client: Direction, why: Unreadable<'_>) {
        if let Unreadable::Tls { server_name, alpn } = why {
            self.names = (text(server_name), alpn.to_vec());
        }
        self.unreadable.push((client, why.label().to_owned()));
    }
}

impl Tested {
    /// Seen from its first segment.
    pub fn opened() -> Tested {
        Tested::new(true)
    }

    /// Joined somewhere.
    pub fn joined() -> Tested {
        Tested::new(false)
    }

    pub fn new(opened: bool) -> Tested {
        let flow = Flow {
            first: "10.0.0.1:40000".parse().unwrap(),
            second: "10.0.0.2:8080".parse().unwrap(),
            opened,
            origin: Origin::Wire,
        };
        let found = Found {
            keep: 1 << 16,
            got: Vec::new(),
            begun: Vec::new(),
            take_begun: Begun::Told,
            requests: Vec::new(),
            responses: Vec::new(),
            unreadable: Vec::new(),
            names: Default::default(),
            older: 0,
            secrets: None,
            late: None,
            tls: Vec::new(),
        };
        Tested {
            flow,
            connection: Connection::default(),
            counters: Counters::default(),
            found,
            verdict: Answer::default(),
            most_held: 0,
            time: 0,
            acknowledged: [None, None],
            stand: [1 << 31, u32::MAX - 100],
        }
    }

    /// Lets the secrets come that are late.
    pub fn come(&mut self) {
        self.secrets = self.late.replace(tls::Store::default());
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) -> &mut Tested {
        self.time += time.as_nanos() as u64;
        self
    }

    pub fn event(&mut self, direction: Direction, event: Event<'_>) -> &mut Tested {
        let acknowledgment = self.stand[usize::from(direction == Direction::Forward)];
        self.event_at(direction, acknowledgment, event)
    }

    /// The same when so much of the other direction was there.
    pub fn event_at(&mut self, direction: Direction, acknowledgment: u32, event: Event<'_>) -> &mut Tested {
        self.time += 1;
        let stand = &mut self.stand[usize::from(direction == Direction::Backward)];
        let sequence = *stand;
        *stand = sequence.wrapping_add(match event {
            Event::Data(data) => data.len() as u32,
            Event::Skip(bytes, _) => bytes as u32,
            Event::End(_) => 0,
        });
        let Tested { flow, connection, counters, found, time, acknowledged, .. } = self;
        let at = At { flow, direction, time: Timestamp::from_nanos(*time), sequence, acknowledgment };
        let verdict = match event {
            Event::Data(data) => Some(connection.data(at, data, counters, found)),
            Event::Skip(bytes, missing) => Some(connection.skip(at, bytes, missing, counters, found)),
            Event::End(End::Fin) => {
                connection.fin(at, counters, found);
                None
            }
            Event::End(end) => {
                let acknowledged = *acknowledged;
                connection.end(Over { flow, time: at.time, end, acknowledged }, counters, found);
                None
            }
        };
        if let Some(verdict) = verdict {
            self.verdict.ignore = matches!(verdict, Verdict::Nothing(_));
        }
        self.verdict.held = self.connection.held();
        self.most_held = self.most_held.max(self.verdict.held);
        assert!(self.counters.balanced(), "{:?}", self.counters);
        for outcome in TlsOutcome::ALL {
            let told = self.found.tls.iter().filter(|(_, told)| *told == outcome).count();
            assert_eq!(
                told as u64, self.counters.tls.outcomes[outcome],
                "{outcome:?} is told as it is counted"
            );
        }
        self
    }

    /// Returns the sequence number that comes next in a direction.
    pub fn stand(&self, direction: Direction) -> u32 {
        self.stand[usize::from(direction == Direction::Backward)]
    }

    /// Lets so many nanoseconds pass.
    pub fn later(&mut self, nanoseconds: u64) -> &mut Tested {
        self.time += nanoseconds;
        self
    }

    /// Bytes of the side that is the client, as long as nothing says otherwise.
    pub fn client(&mut self, data: impl AsRef<[u8]>) -> &mut Tested {
        self.event(Direction::Forward, Event::Data(data.as_ref()))
    }

    /// Bytes of the other side.
    pub fn server(&mut self, data: impl AsRef<[u8]>) -> &mut Tested {
        self.event(Direction::Backward, Event::Data(data.as_ref()))
    }

    pub fn client_gap(&mut self, bytes: u64) -> &mut Tested {
        self.event(Direction::Forward, Event::Skip(bytes, Missing::Gap))
    }

    pub fn server_gap(&mut self, bytes: u64) -> &mut Tested {
        self.event(Direction::Backward, Event::Skip(bytes, Missing::Gap))
    }

    pub fn client_fin(&mut self) -> &mut Tested {
        self.event(Direction::Forward, Event::End(End::Fin))
    }

    pub fn server_fin(&mut self) -> &mut Tested {
        self.event(Direction::Backward, Event::End(End::Fin))
    }

    pub fn end(&mut self, end: End) -> &mut Tested {
        self.event(Direction::Forward, Event::End(end))
    }

    /// The exchanges so far, as lines.
    pub fn lines(&self) -> Vec<String> {
        self.got.iter().map(Got::line).collect()
    }

    /// Checks the exchanges, and that nothing waits in vain.
    pub fn gives(&mut self, lines: &[&str]) -> &mut Tested {
        assert_eq!(self.lines(), lines, "{:#?}", self.counters);
        self
    }
}

/// A response with a length.
pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A request without a body.
pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")
}

/// A request with a body.
pub fn post(target: &str, body: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
