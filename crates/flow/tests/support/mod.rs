//! Segments made by hand, and a stage above that writes down what it is told and checks the promises of every table.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::net::SocketAddr;

use decode::{Flags, Segment, Timestamp};
use traffic_monitor_flow::{Direction, End, Event, Flow, Limits, Missing, Table, Verdict};

pub const SYN: u8 = Flags::SYN.0;
pub const ACK: u8 = Flags::ACK.0;
pub const FIN: u8 = Flags::FIN.0;
pub const RST: u8 = Flags::RST.0;

pub const MILLISECOND: u64 = 1_000_000;
pub const SECOND: u64 = 1000 * MILLISECOND;
/// When the tests begin, in nanoseconds.
pub const START: u64 = 1_760_000_000 * SECOND;

/// The state of a connection in these tests: which one it is.
#[derive(Default)]
pub struct State(Option<usize>);

/// What one connection brought.
#[derive(Clone, Debug)]
pub struct Seen {
    pub flow: Flow,
    pub forward: Stream,
    pub backward: Stream,
    pub end: Option<End>,
    /// How many bytes came from `first` (true) and `second` (false) in turn.
    pub turns: Vec<(bool, usize)>,
    /// Everything in the order in which it was told: `>` or `<`, and the bytes, `[n]` for a gap, `{n}` for a known
    /// skip, `.` for a FIN.
    pub story: String,
}

/// What one direction brought.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pub bytes: Vec<u8>,
    /// The same with a zero for each byte that was skipped (up to a MiB at once).
    pub whole: Vec<u8>,
    pub gaps: u64,
    pub not_copied: u64,
    pub fin: bool,
}

/// A table and what it told.
pub struct Monitor {
    pub table: Table<State>,
    pub seen: Vec<Seen>,
    pub now: u64,
    pub admit: bool,
    limits: Limits,
    verdicts: HashMap<SocketAddr, Verdict>,
}

impl Monitor {
    pub fn new() -> Monitor {
        Monitor::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Monitor {
        let (table, seen, verdicts) = (Table::new(limits), Vec::new(), HashMap::new());
        Monitor { table, seen, now: START, admit: true, limits, verdicts }
    }

    /// From now on, the stage above answers this to events of connections with this `first`.
    pub fn answer(&mut self, first: &str, verdict: Verdict) {
        self.verdicts.insert(first.parse().unwrap(), verdict);
    }

    /// A segment comes, a microsecond after the last one.
    pub fn take(&mut self, packet: &Packet) -> &mut Monitor {
        self.now += 1000;
        let segment = packet.segment(self.now);
        let (seen, admit, verdicts) = (&mut self.seen, self.admit, &self.verdicts);
        self.table.segment(&segment, |_| admit, &mut |state, flow, direction, _, event| {
            note(seen, state, flow, direction, event);
            verdicts.get(&flow.first).copied().unwrap_or_default()
        });
        self.check()
    }

    pub fn take_all<'a>(&mut self, packets: impl IntoIterator<Item = &'a Packet>) -> &mut Monitor {
        for packet in packets {
            self.take(packet);
        }
        self
    }

    /// Time passes.
    pub fn wait(&mut self, time: u64) -> &mut Monitor {
        self.now += time;
        let (seen, verdicts) = (&mut self.seen, &self.verdicts);
        self.table.tick(Timestamp::from_nanos(self.now), &mut |state, flow, direction, _, event| {
            note(seen, state, flow, direction, event);
            verdicts.get(&flow.first).copied().unwrap_or_default()
        });
        self.check()
    }

    pub fn finish(&mut self) -> &mut Monitor {
        let seen = &mut self.seen;
        self.table.finish(Timestamp::from_nanos(self.now), &mut |state, flow, direction, _, event| {
            note(seen, state, flow, direction, event);
            Verdict::default()
        });
        assert!(self.table.is_empty());
        assert_eq!(self.table.counters().bytes.waiting, 0);
        self.check()
    }

    /// The story of the only connection.
    pub fn story(&self) -> &str {
        assert_eq!(self.seen.len(), 1, "{:#?}", self.seen);
        &self.seen[0].story
    }

    fn check(&mut self) -> &mut Monitor {
        let counters = self.table.counters();
        assert!(counters.balanced(), "{counters:#?}");
        assert_eq!(counters.connections.open as usize, self.table.len());
        assert!(self.table.memory() <= self.limits.memory, "{} bytes", self.table.memory());
        self
    }
}

fn note(seen: &mut Vec<Seen>, state: &mut State, flow: &Flow, direction: Direction, event: Event<'_>) {
    let index = *state.0.get_or_insert_with(|| {
        let (forward, backward) = (Stream::default(), Stream::default());
        let (turns, story) = (Vec::new(), String::new());
        seen.push(Seen { flow: *flow, forward, backward, end: None, turns, story });
        seen.len() - 1
    });
    let connection = &mut seen[index];
    connection.flow = *flow;
    assert_eq!(connection.end, None, "nothing follows the end: {event:?}");
    let (sign, stream) = match direction {
        Direction::Forward => ('>', &mut connection.forward),
        Direction::Backward => ('<', &mut connection.backward),
    };
    assert!(!stream.fin || matches!(event, Event::End(end) if end != End::Fin), "after the FIN: {event:?}");
    if let Event::Skip(len, _) = event {
        stream.whole.resize(stream.whole.len() + len.min(1 << 20) as usize, 0);
    }
    let told = match event {
        Event::Data(bytes) => {
            assert!(!bytes.is_empty());
            match connection.turns.last_mut() {
                Some((forward, len)) if *forward == (sign == '>') => *len += bytes.len(),
                _ => connection.turns.push((sign == '>', bytes.len())),
            }
            stream.bytes.extend_from_slice(bytes);
            stream.whole.extend_from_slice(bytes);
            String::from_utf8_lossy(bytes).into_owned()
        }
        Event::Skip(len, Missing::Gap) => {
            stream.gaps += len;
            format!("[{len}]")
        }
        Event::Skip(len, Missing::NotCopied) => {
            stream.not_copied += len;
            format!("{{{len}}}")
        }
        Event::End(End::Fin) => {
            stream.fin = true;
            ".".into()
        }
        Event::End(end) => {
            connection.end = Some(end);
            format!("{end:?}")
        }
    };
    if !matches!(event, Event::End(end) if end != End::Fin) {
        connection.story.push(sign);
    }
    connection.story.push_str(&told);
}

/// A segment that owns its bytes.
#[derive(Clone, Debug)]
pub struct Packet {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub interface: u32,
    pub tunnel: u64,
    pub sequence: u32,
    pub acknowledgment: u32,
    pub flags: u8,
    pub payload: Vec<u8>,
    pub payload_len: Option<u32>,
}

impl Packet {
    /// It comes at `time`, in nanoseconds.
    pub fn segment(&self, time: u64) -> Segment<'_> {
        Segment {
            time: Timestamp::from_nanos(time),
            interface: self.interface,
            tunnel: self.tunnel,
            source: self.source,
            destination: self.destination,
            sequence: self.sequence,
            acknowledgment: self.acknowledgment,
            flags: Flags(self.flags),
            payload: &self.payload,
            payload_len: self.payload_len.unwrap_or(self.payload.len() as u32),
        }
    }

    /// On another interface.
    pub fn on(&self, interface: u32) -> Packet {
        Packet { interface, ..self.clone() }
    }

    /// With only the first `len` bytes captured.
    pub fn cut(&self, len: usize) -> Packet {
        let payload = self.payload[..len].to_vec();
        Packet { payload, payload_len: Some(self.payload.len() as u32), ..self.clone() }
    }

    pub fn with(&self, flags: u8) -> Packet {
        Packet { flags: self.flags | flags, ..self.clone() }
    }
}

/// Two ends of a connection, which make segments as ends do: with running numbers.
#[derive(Clone)]
pub struct Ends {
    pub client: SocketAddr,
    pub server: SocketAddr,
    pub client_next: u32,
    pub server_next: u32,
}

impl Ends {
    pub fn new(client: &str, client_start: u32, server_start: u32) -> Ends {
        Ends {
            client: client.parse().unwrap(),
            server: "10.0.0.2:80".parse().unwrap(),
            client_next: client_start,
            server_next: server_start,
        }
    }

    /// The three segments of the handshake.
    pub fn open(&mut self) -> [Packet; 3] {
        let syn = Packet { flags: SYN, acknowledgment: 0, ..self.client("") };
        self.client_next = self.client_next.wrapping_add(1);
        let answer = self.server("").with(SYN);
        self.server_next = self.server_next.wrapping_add(1);
        [syn, answer, self.client("")]
    }

    /// The client sends.
    pub fn client(&mut self, payload: impl AsRef<[u8]>) -> Packet {
        let payload = payload.as_ref().to_vec();
        let (sequence, acknowledgment) = (self.client_next, self.server_next);
        self.client_next = sequence.wrapping_add(payload.len() as u32);
        let (source, destination) = (self.client, self.server);
        Packet {
            source,
            destination,
            interface: 1,
            tunnel: 0,
            sequence,
            acknowledgment,
            flags: ACK,
            payload,
            payload_len: None,
        }
    }

    /// The server sends.
    pub fn server(&mut self, payload: impl AsRef<[u8]>) -> Packet {
        let payload = payload.as_ref().to_vec();
        let (sequence, acknowledgment) = (self.server_next, self.client_next);
        self.server_next = sequence.wrapping_add(payload.len() as u32);
        let (source, destination) = (self.server, self.client);
        Packet { source, destination, sequence, acknowledgment, payload, ..self.client("") }
    }

    /// The client sends, and closes.
    pub fn client_fin(&mut self, payload: &str) -> Packet {
        let packet = self.client(payload).with(FIN);
        self.client_next = self.client_next.wrapping_add(1);
        packet
    }

    /// The server sends, and closes.
    pub fn server_fin(&mut self, payload: &str) -> Packet {
        let packet = self.server(payload).with(FIN);
        self.server_next = self.server_next.wrapping_add(1);
        packet
    }
}
