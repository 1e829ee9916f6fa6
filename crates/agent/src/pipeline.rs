//! The whole dataflow, from a frame to a named exchange.
//!
//! ```text
//! frame -> decode -> flow -> http -> identify -> the caller (learn, or print)
//! ```
//! It runs on one plain thread, shares nothing, and does not wait.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use decode::{Frame, Origin, Segment, Timestamp, Tunnels};
use flow::{At, Direction, End, Event, Flow, Interest, Missing, Unwanted, Verdict};
use http::{Exchange, Keep, RequestHead, Seen, Unreadable};
use identify::{Answer, Directory, Evidence};

use crate::admission::Admission;
use crate::targets::Targets;

/// What the pipeline finds, with the server that was asked and whose it is.
pub(crate) struct Found<'a> {
    /// Who asked.
    pub(crate) client: SocketAddr,
    /// Who was asked.
    pub(crate) server: SocketAddr,
    /// Whether the server is at the socket that was captured; none where frames are not captured at sockets.
    pub(crate) at_socket: Option<bool>,
    /// Whose server that is.
    pub(crate) answer: &'a Answer,
    /// What was found.
    pub(crate) what: What<'a>,
}

/// The kinds of things that the pipeline finds.
pub(crate) enum What<'a> {
    /// The head of a request; the answer is how much of its body to keep.
    Request(&'a RequestHead<'a>),
    /// A whole exchange.
    Exchange(&'a Exchange<'a>),
    /// A connection of HTTP/2 that is older than what was seen of it.
    Older,
    /// A connection that cannot be read.
    Unreadable(Unreadable<'a>),
}

/// What the stages of a pipeline counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) frames: decode::Counters,
    pub(crate) flow: flow::Counters,
    pub(crate) http: http::Counters,
}

/// What the pipeline keeps for a connection.
#[derive(Default)]
struct Conversation {
    http: http::Connection,
    /// The answer that the server's address alone gives, and the generation of the snapshot that gave it.
    named: Option<(u32, Answer)>,
}

/// The dataflow of one worker.
pub(crate) struct Pipeline<S> {
    table: flow::Table<Conversation>,
    frames: decode::Counters,
    upper: Upper<S>,
}

/// What a source that captures at sockets need not copy any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spare {
    /// The socket with this cookie, and why.
    Socket(u64, capture::Unwanted),
    /// What the socket with this cookie sends (`outgoing`) or receives, before this sequence number.
    Until { cookie: u64, outgoing: bool, sequence: u32 },
}

/// The stages above `flow`.
struct Upper<S> {
    directory: Arc<Directory>,
    /// Whose the captured sockets are, where frames are captured at sockets. Looked up with each use: an owner is known
    /// before the first packet of its sockets.
    targets: Option<Arc<ArcSwap<Targets>>>,
    /// Goes up with each new snapshot, so that answers of an older one are asked for again.
    generation: u32,
    counters: http::Counters,
    sink: S,
}

impl<S: FnMut(Found<'_>) -> Keep> Pipeline<S> {
    /// A pipeline that gives what it finds to `sink`.
    pub(crate) fn new(limits: flow::Limits, directory: Arc<Directory>, sink: S) -> Self {
        let counters = http::Counters::default();
        let upper = Upper { directory, targets: None, generation: 0, counters, sink };
        Pipeline { table: flow::Table::new(limits), frames: decode::Counters::default(), upper }
    }

    /// Takes the next frame. Gives what the source may spare, if that is more than before.
    pub(crate) fn frame(
        &mut self,
        frame: &Frame<'_>,
        tunnels: Tunnels,
        admission: &Admission,
    ) -> Option<Spare> {
        let decoded = decode::segment(frame, tunnels);
        self.frames.count(&decoded);
        let segment = decoded.as_ref().ok()?;
        let interest = self.table.segment(segment, |segment| admission.admits(segment), &mut self.upper);
        if self.upper.targets.is_some() { spare(segment, interest) } else { None }
    }

    /// Lets time pass: gaps that were waited for long enough, connections that are idle.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.table.tick(now, &mut self.upper);
    }

    /// Ends all connections: the source has ended.
    pub(crate) fn finish(&mut self, now: Timestamp) {
        self.table.finish(now, &mut self.upper);
    }

    /// Takes a new snapshot of what is known about Services.
    pub(crate) fn set_directory(&mut self, directory: Arc<Directory>) {
        if !Arc::ptr_eq(&self.upper.directory, &directory) {
            self.upper.directory = directory;
            self.upper.generation = self.upper.generation.wrapping_add(1);
        }
    }

    /// Frames are captured at sockets from now on, and these are the owners of the sockets.
    pub(crate) fn set_targets(&mut self, targets: Arc<ArcSwap<Targets>>) {
        self.upper.targets = Some(targets);
    }

    /// What the pipeline has counted so far.
    pub(crate) fn counters(&self) -> Counters {
        Counters { frames: self.frames, flow: *self.table.counters(), http: self.upper.counters.clone() }
    }

    /// How many connections are followed, and the bytes of memory they take.
    pub(crate) fn connections(&self) -> (usize, usize) {
        (self.table.len(), self.table.memory())
    }
}

/// What the source of a segment may spare. It costs a system call to say so: a short rest of a body is not worth it.
fn spare(segment: &Segment<'_>, interest: Interest) -> Option<Spare> {
    const WORTH: u32 = 128 << 10;
    let Origin::Socket(key) = segment.origin else { return None };
    match interest {
        Interest::Nothing(why) => Some(Spare::Socket(
            key.cookie(),
            match why {
                Unwanted::Tls => capture::Unwanted::Tls,
                Unwanted::NoHttp | Unwanted::AtClient => capture::Unwanted::NoHttp,
            },
        )),
        Interest::From(sequence) if !segment.payload.is_empty() => {
            let behind = segment.sequence.wrapping_add(segment.payload_len);
            let outgoing = key.is_local(segment.source, segment.destination);
            let worth = sequence.wrapping_sub(behind) >= WORTH;
            worth.then_some(Spare::Until { cookie: key.cookie(), outgoing, sequence })
        }
        Interest::From(_) | Interest::All => None,
    }
}

impl<S: FnMut(Found<'_>) -> Keep> flow::Sink for Upper<S> {
    type State = Conversation;

    fn data(&mut self, conversation: &mut Conversation, at: At<'_>, bytes: &[u8]) -> Verdict {
        self.event(conversation, at, Event::Data(bytes))
    }

    fn skip(&mut self, conversation: &mut Conversation, at: At<'_>, len: u64, why: Missing) -> Verdict {
        self.event(conversation, at, Event::Skip(len, why))
    }

    fn fin(&mut self, conversation: &mut Conversation, at: At<'_>) {
        self.event(conversation, at, Event::End(End::Fin));
    }

    fn end(&mut self, conversation: &mut Conversation, flow: &Flow, time: Timestamp, end: End) {
        // Both directions have told it.
        if end != End::Fin {
            self.event(conversation, At { flow, direction: Direction::Forward, time }, Event::End(end));
        }
    }

    fn held(&self, conversation: &Conversation) -> usize {
        conversation.http.held()
    }
}

impl<S: FnMut(Found<'_>) -> Keep> Upper<S> {
    fn event(&mut self, conversation: &mut Conversation, at: At<'_>, event: Event<'_>) -> Verdict {
        let Conversation { http, named } = conversation;
        let At { flow, direction, time } = at;
        let (directory, targets) = (&self.directory, self.targets.as_deref());
        let (generation, sink) = (self.generation, &mut self.sink);
        let mut at_client = false;
        let time = time.as_nanos();
        let verdict = http.event(flow, direction, time, event, &mut self.counters, &mut |seen| {
            let (direction, request, what) = match &seen {
                Seen::Request(head) => (head.direction, Some(head), What::Request(head)),
                Seen::Exchange(exchange) => {
                    (exchange.request.direction, Some(&exchange.request), What::Exchange(exchange))
                }
                Seen::Older(direction) => (*direction, None, What::Older),
                Seen::Unreadable(direction, why) => (*direction, None, What::Unreadable(*why)),
                Seen::Response(..) => return Keep(0),
            };
            let (client, server) = (flow.source(direction), flow.destination(direction));
            let time = request.map_or(time, |request| request.time);
            let host = || request.and_then(RequestHead::host);
            if let (Some(targets), Origin::Socket(key)) = (targets, flow.origin) {
                let local = key.is_local(server, client);
                at_client |= !local;
                let answer = targets.load().identify(key.target(), server, host);
                return sink(Found { client, server, at_socket: Some(local), answer: &answer, what });
            }
            if let Some((of, answer)) = named
                && *of == generation
            {
                return sink(Found { client, server, at_socket: None, answer, what });
            }
            let answer = directory.identify(server, time, host);
            let keep = sink(Found { client, server, at_socket: None, answer: &answer, what });
            if matches!(answer, Answer::Service(_, Evidence::Address)) {
                *named = Some((generation, answer));
            }
            keep
        });
        match verdict {
            Verdict::All | Verdict::After(_) if at_client => Verdict::Nothing(Unwanted::AtClient),
            verdict => verdict,
        }
    }
}
