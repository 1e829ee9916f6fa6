//! Segments made by hand, and a stage above that writes down what it is told and checks the promises of every table.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::net::SocketAddr;

use decode::{Flags, Segment, Timestamp};
use traffic_monitor_flow::{At, Direction, End, Flow, Limits, Missing, Origin, Over, Sink, Table, Verdict};

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
    /// Where each piece, gap and FIN stands, and what it acknowledges.
    pub places: Vec<(u32, u32)>,
    /// What was acknowledged when it ended.
    pub acknowledged: [Option<u32>; 2],
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
    pub notes: Notes,
    pub now: u64,
    pub admit: bool,
    limits: Limits,
}

/// A stage above that writes down what it is told.
#[derive(Default)]
pub struct Notes {
    pub seen: Vec<Seen>,
    /// What is answered, by the `first` of the connection, and what is held.
    answers: HashMap<SocketAddr, (Verdict, usize)>,
}

impl Monitor {
    pub fn new() -> Monitor {
        Monitor::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Monitor {
        Monitor { table: Table::new(limits), notes: Notes::default(), now: START, admit: true, limits }
    }

    /// From now on, the stage above answers this to events of connections with this `first`, and holds so much.
    pub fn answer(&mut self, first: &str, verdict: Verdict, held: usize) {
        self.notes.answers.insert(first.parse().unwrap(), (verdict, held));
    }

    /// A segment comes, a microsecond after the last one.
    pub fn take(&mut self, packet: &Packet) -> &mut Monitor {
        self.now += 1000;
        let segment = packet.segment(self.now);
        let admit = self.admit;
        self.table.segment(&segment, |_| admit, &mut self.notes);
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
        self.table.tick(Timestamp::from_nanos(self.now), &mut self.notes);
        self.check()
    }

    pub fn finish(&mut self) -> &mut Monitor {
        self.notes.answers.clear();
        self.table.finish(Timestamp::from_nanos(self.now), &mut self.notes);
        assert!(self.table.is_empty());
        assert_eq!(self.table.counters().bytes.waiting, 0);
        self.check()
    }

    /// Returns what each connection brought.
    pub fn seen(&self) -> &[Seen] {
        &self.notes.seen
    }

    /// The story of the only connection.
    pub fn story(&self) -> &str {
        assert_eq!(self.seen().len(), 1, "{:#?}", self.seen());
        &self.seen()[0].story
    }

    fn check(&mut self) -> &mut Monitor {
        let counters = self.table.counters();
        assert!(counters.balanced(), "{counters:#?}");
        assert_eq!(counters.connections.open as usize, self.table.len());
        assert!(self.table.memory() <= self.limits.memory, "{} bytes", self.table.memory());
        self
    }
}

impl Sink for Notes {
    type State = State;

    fn data(&mut self, state: &mut State, at: At<'_>, bytes: &[u8]) -> Verdict {
        assert!(!bytes.is_empty());
        let (connection, forward) = (self.of(state, at.flow), at.direction == Direction::Forward);
        match connection.turns.last_mut() {
            Some((of, len)) if *of == forward => *len += bytes.len(),
            _ => connection.turns.push((forward, bytes.len())),
        }
        let stream = connection.stream(at.direction);
        stream.bytes.extend_from_slice(bytes);
        stream.whole.extend_from_slice(bytes);
        connection.tell(at, &String::from_utf8_lossy(bytes));
        self.verdict(at.flow)
    }

    fn skip(&mut self, state: &mut State, at: At<'_>, len: u64, why: Missing) -> Verdict {
        let connection = self.of(state, at.flow);
        let stream = connection.stream(at.direction);
        stream.whole.resize(stream.whole.len() + len.min(1 << 20) as usize, 0);
        let told = match why {
            Missing::Gap => {
                stream.gaps += len;
                format!("[{len}]")
            }
            Missing::NotCopied => {
                stream.not_copied += len;
                format!("{{{len}}}")
            }
        };
        connection.tell(at, &told);
        self.verdict(at.flow)
    }

    fn fin(&mut self, state: &mut State, at: At<'_>) {
        let connection = self.of(state, at.flow);
        connection.stream(at.direction).fin = true;
        connection.tell(at, ".");
    }

    fn end(&mut self, state: &mut State, over: Over<'_>) {
        let Over { flow, end, .. } = over;
        let connection = self.of(state, flow);
        if end == End::Fin {
            assert!(connection.forward.fin && connection.backward.fin);
        } else {
            connection.story.push_str(&format!("{end:?}"));
        }
        connection.end = Some(end);
        connection.acknowledged = over.acknowledged;
    }

    fn held(&self, state: &State) -> usize {
        let first = state.0.map(|index| self.seen[index].flow.first);
        first.and_then(|first| self.answers.get(&first)).map_or(0, |(_, held)| *held)
    }
}

impl Notes {
    fn of(&mut self, state: &mut State, flow: &Flow) -> &mut Seen {
        let index = *state.0.get_or_insert_with(|| {
            let (forward, backward) = (Stream::default(), Stream::default());
            let (turns, story, places) = (Vec::new(), String::new(), Vec::new());
            self.seen.push(Seen {
                flow: *flow,
                forward,
                backward,
                end: None,
                turns,
                story,
                places,
                acknowledged: [None; 2],
            });
            self.seen.len() - 1
        });
        let connection = &mut self.seen[index];
        connection.flow = *flow;
        assert_eq!(connection.end, None, "nothing follows the end");
        connection
    }

    fn verdict(&self, flow: &Flow) -> Verdict {
        self.answers.get(&flow.first).map_or(Verdict::All, |(verdict, _)| *verdict)
    }
}

impl Seen {
    /// A direction, of which something comes.
    fn stream(&mut self, direction: Direction) -> &mut Stream {
        let stream = match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        };
        assert!(!stream.fin, "after the FIN");
        stream
    }

    fn tell(&mut self, at: At<'_>, what: &str) {
        self.places.push((at.sequence, at.acknowledgment));
        self.story.push(if at.direction == Direction::Forward { '>' } else { '<' });
        self.story.push_str(what);
    }
}

/// A segment that owns its bytes.
#[derive(Clone, Debug)]
pub struct Packet {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub interface: u32,
    pub origin: Origin,
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
            origin: self.origin,
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
            origin: Origin::Wire,
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
