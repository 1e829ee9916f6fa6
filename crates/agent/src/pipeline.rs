//! The whole dataflow, from a frame to a named exchange.
//!
//! ```text
//! frame -> decode -> flow -> http -> identify -> the caller (learn, or print)
//! ```
//! It runs on one plain thread, shares nothing, and does not wait.

use std::net::SocketAddr;
use std::sync::Arc;

use capture::Frame;
use decode::{Skipped, Tunnels};
use flow::{Direction, Event, Flow, Verdict};
use http::{Exchange, Keep, RequestHead, Seen, Unreadable};
use identify::{Answer, Directory, Evidence};

use crate::admission::Admission;

/// What the pipeline finds, with the server that was asked and whose it is.
pub(crate) struct Found<'a> {
    /// Who asked.
    pub(crate) client: SocketAddr,
    /// Who was asked.
    pub(crate) server: SocketAddr,
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

/// Frames by what became of them: `seen = segments + skipped`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameCounters {
    /// Frames that came in.
    pub(crate) seen: u64,
    /// Those that were TCP segments.
    pub(crate) segments: u64,
    /// Those that were not, by reason.
    pub(crate) skipped: [u64; Skipped::ALL.len()],
}

/// What the stages of a pipeline counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) frames: FrameCounters,
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
    frames: FrameCounters,
    upper: Upper<S>,
}

/// The stages above `flow`.
struct Upper<S> {
    directory: Arc<Directory>,
    /// Goes up with each new snapshot, so that answers of an older one are asked for again.
    generation: u32,
    counters: http::Counters,
    sink: S,
}

impl<S: FnMut(Found<'_>) -> Keep> Pipeline<S> {
    /// A pipeline that gives what it finds to `sink`.
    pub(crate) fn new(limits: flow::Limits, directory: Arc<Directory>, sink: S) -> Self {
        let upper = Upper { directory, generation: 0, counters: http::Counters::default(), sink };
        Pipeline { table: flow::Table::new(limits), frames: FrameCounters::default(), upper }
    }

    /// Takes the next frame.
    pub(crate) fn frame(&mut self, frame: &Frame<'_>, tunnels: Tunnels, admission: &Admission) {
        self.frames.seen += 1;
        let segment = match decode::segment(frame, tunnels) {
            Ok(segment) => segment,
            Err(skipped) => {
                self.frames.skipped[skipped as usize] += 1;
                return;
            }
        };
        self.frames.segments += 1;
        let upper = &mut self.upper;
        self.table.segment(
            &segment,
            |segment| admission.admits(segment),
            &mut |conversation, flow, direction, time, event| {
                upper.event(conversation, flow, direction, time, event)
            },
        );
    }

    /// Lets time pass: gaps that were waited for long enough, connections that are idle.
    pub(crate) fn tick(&mut self, now: u64) {
        let upper = &mut self.upper;
        self.table.tick(now, &mut |conversation, flow, direction, time, event| {
            upper.event(conversation, flow, direction, time, event)
        });
    }

    /// Ends all connections: the source has ended.
    pub(crate) fn finish(&mut self, now: u64) {
        let upper = &mut self.upper;
        self.table.finish(now, &mut |conversation, flow, direction, time, event| {
            upper.event(conversation, flow, direction, time, event)
        });
    }

    /// Takes a new snapshot of what is known about Services.
    pub(crate) fn set_directory(&mut self, directory: Arc<Directory>) {
        if !Arc::ptr_eq(&self.upper.directory, &directory) {
            self.upper.directory = directory;
            self.upper.generation = self.upper.generation.wrapping_add(1);
        }
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

impl<S: FnMut(Found<'_>) -> Keep> Upper<S> {
    fn event(
        &mut self,
        conversation: &mut Conversation,
        flow: &Flow,
        direction: Direction,
        time: u64,
        event: Event<'_>,
    ) -> Verdict {
        let Conversation { http, named } = conversation;
        let (directory, generation, sink) = (&self.directory, self.generation, &mut self.sink);
        http.event(flow, direction, time, event, &mut self.counters, &mut |seen| {
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
            if let Some((of, answer)) = named
                && *of == generation
            {
                return sink(Found { client, server, answer, what });
            }
            let time = request.map_or(time, |request| request.time);
            let answer = directory.identify(server, time, || request.and_then(RequestHead::host));
            let keep = sink(Found { client, server, answer: &answer, what });
            if matches!(answer, Answer::Service(_, Evidence::Address)) {
                *named = Some((generation, answer));
            }
            keep
        })
    }
}
