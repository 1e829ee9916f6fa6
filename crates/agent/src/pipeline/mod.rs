//! The whole dataflow, from a frame to a named exchange.
//!
//! ```text
//! frame -> decode ──────────► flow -> http -> identify -> the caller (learn, or print)
//!            └─► fragments ─┘
//! ```
//! It runs on one plain thread, shares nothing, and does not wait.

pub(crate) mod admission;
mod conversation;
mod kept;
pub(crate) mod keylogs;
pub(crate) mod naming;
pub(crate) mod own;
mod parked;
pub(crate) mod secrets;
pub(crate) mod targets;

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use decode::{Frame, LinkType, Origin, Segment, Skipped, Timestamp, Tunnels};
use flow::{At, Flow, Interest, Kept, Missing, Over, Unwanted, Verdict};
use fragments::Fragments;
use identify::Directory;

use self::admission::Admission;
use self::conversation::Conversation;
use self::keylogs::Followed;
use self::naming::{Asked, Findings, Namer, Names};
use self::own::{Caller, OwnConnections};
use self::parked::{Ended, Parked};
use self::secrets::{Secrets, Taken};
use self::targets::Targets;
use crate::budget::Governor;

/// Fragmented packets inside of each other that are put together: one in each tunnel that is opened.
const MAX_FRAGMENTED: usize = 4;

/// The counts of the stages of a pipeline.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) frames: decode::Counters,
    pub(crate) flow: flow::Counters,
    pub(crate) http: http::Counters,
}

/// The dataflow of one worker.
pub(crate) struct Pipeline<F> {
    table: flow::Table<Conversation>,
    frames: decode::Counters,
    fragments: Fragments,
    upper: Upper<F>,
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
struct Upper<F> {
    names: Names,
    counters: http::Counters,
    secrets: Secrets,
    /// Connections that wait for those of key logs.
    parked: Parked,
    findings: F,
}

impl<F: Findings> Pipeline<F> {
    /// A pipeline that gives what it finds to `findings`.
    pub(crate) fn new(limits: flow::Limits, directory: Arc<Directory>, findings: F) -> Self {
        let (names, counters) = (Names::new(directory), http::Counters::default());
        let (secrets, parked) = (Secrets::default(), Parked::default());
        let upper = Upper { names, counters, secrets, parked, findings };
        let (table, frames) = (flow::Table::new(limits), decode::Counters::default());
        Pipeline { table, frames, fragments: Fragments::default(), upper }
    }

    /// Takes the next frame. Gives what the source may spare, if that is more than before.
    pub(crate) fn frame(
        &mut self,
        frame: &Frame<'_>,
        tunnels: Tunnels<'_>,
        admission: &Admission,
    ) -> Option<Spare> {
        let decoded = decode::segment(frame, tunnels);
        self.frames.count(&decoded);
        match &decoded {
            Ok(segment) => {
                let interest =
                    self.table.segment(segment, |segment| admission.admits(segment), &mut self.upper);
                spare(segment, interest)
            }
            Err(Skipped::Fragment) => {
                self.fragment(frame, tunnels, admission);
                None
            }
            Err(_) => None,
        }
    }

    /// Takes a frame with a fragment, and the packet that it completes: what that carries may be a fragment again, in a
    /// tunnel.
    #[cold]
    fn fragment(&mut self, frame: &Frame<'_>, tunnels: Tunnels<'_>, admission: &Admission) {
        let mut within = None;
        for _ in 0..MAX_FRAGMENTED {
            let last = within.as_ref().map_or(*frame, |whole: &fragments::Whole| whole_frame(frame, whole));
            let Ok(fragment) = decode::fragment(&last, tunnels) else { return };
            let Some(whole) = self.fragments.add(&fragment, frame.time) else { return };
            let decoded = decode::segment(&whole_frame(frame, &whole), tunnels);
            self.frames.join(whole.fragments, &decoded);
            match decoded {
                Ok(segment) => {
                    self.table.segment(&segment, |segment| admission.admits(segment), &mut self.upper);
                    return;
                }
                Err(Skipped::Fragment) => {}
                Err(_) => return,
            }
            within = Some(whole);
        }
    }

    /// Does what is to be done after each batch of frames, an empty one too: lets time pass, for gaps that were waited for
    /// long enough and for connections that are idle, and keeps the process within its budget.
    pub(crate) fn after_batch(&mut self, frames: usize, governor: &mut Governor, now: Timestamp) {
        self.tick(now);
        governor.frames(frames);
        if governor.is_due() {
            self.govern(governor, now);
        }
    }

    fn tick(&mut self, now: Timestamp) {
        self.upper.end_parked(now);
        self.table.tick(now, &mut self.upper);
    }

    /// Sets what connections may take, and ends those that are too much.
    fn govern(&mut self, governor: &mut Governor, now: Timestamp) {
        if let Some(limit) = governor.look(self.table.memory()) {
            self.table.set_memory(limit, now, &mut self.upper);
        }
    }

    /// Takes what was recorded as an exchange, and not on a wire: `take` is given who was asked.
    pub(crate) fn recorded(
        &mut self,
        (client, server): (SocketAddr, SocketAddr),
        time: Timestamp,
        host: Option<&[u8]>,
        take: impl FnOnce(&mut F, &Asked<'_>),
    ) {
        let answer = &self.upper.names.identify(server, time, host);
        let asked = Asked { client, server, at_socket: None, caller: Caller::Other, over_tls: false, answer };
        take(&mut self.upper.findings, &asked);
    }

    /// Ends all connections: the source has ended.
    pub(crate) fn finish(&mut self, now: Timestamp) {
        self.table.finish(now, &mut self.upper);
        while let Some(ended) = self.upper.parked.first() {
            self.upper.end_now(ended);
        }
    }

    /// Takes a new snapshot of what is known about Services.
    pub(crate) fn set_directory(&mut self, directory: Arc<Directory>) {
        self.upper.names.set_directory(directory);
    }

    /// Takes the owners of the sockets, at which frames are captured from now on.
    pub(crate) fn set_targets(&mut self, targets: Arc<ArcSwap<Targets>>) {
        self.upper.names.set_targets(targets);
    }

    /// Takes the connections of this process, whose calls are told apart from now on.
    pub(crate) fn set_own(&mut self, own: Arc<OwnConnections>) {
        self.upper.names.set_own(own);
    }

    /// Returns a place for the secrets of TLS connections, which are opened from now on.
    pub(crate) fn secrets(&mut self) -> &mut tls::Store {
        self.upper.secrets.logged.get_or_insert_default()
    }

    /// Opens TLS connections from now on, with secrets that processes of this node give.
    pub(crate) fn take_secrets(&mut self, taken: Taken) {
        self.upper.secrets.taken = Some(Box::new(taken));
    }

    /// Opens TLS connections from now on with the secrets of key logs, while any are followed.
    pub(crate) fn follow(&mut self, followed: Followed) {
        self.upper.secrets.followed = Some(Box::new(followed));
    }

    /// Returns the receiver of what is found.
    pub(crate) fn findings(&self) -> &F {
        &self.upper.findings
    }

    /// Returns the receiver of what is found, to be changed.
    pub(crate) fn findings_mut(&mut self) -> &mut F {
        &mut self.upper.findings
    }

    /// Gives back who got what was found.
    pub(crate) fn into_findings(self) -> F {
        self.upper.findings
    }

    /// Returns the counts of all stages so far.
    pub(crate) fn counters(&self) -> Counters {
        Counters { frames: self.frames, flow: *self.table.counters(), http: self.upper.counters.clone() }
    }

    /// Returns the number of connections that are followed, and the bytes of memory that they take, with the fragments of
    /// packets that are not whole.
    pub(crate) fn connections(&self) -> (usize, usize) {
        let memory = self.table.memory() + self.fragments.memory() + self.upper.parked.memory();
        (self.table.len(), memory)
    }
}

/// Returns the frame of a packet that fragments became, the last of which came in `last`.
fn whole_frame<'w>(last: &Frame<'_>, whole: &'w fragments::Whole) -> Frame<'w> {
    let wire_len = u32::try_from(whole.bytes.len()).unwrap_or(u32::MAX);
    let (time, interface) = (last.time, whole.interface);
    Frame { time, link: LinkType::RawIp, bytes: &whole.bytes, wire_len, interface }
}

/// Returns what the source of a segment may spare. It costs a system call to say so: a short rest of a body is not
/// worth it.
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

impl<F: Findings> Upper<F> {
    /// Lets `read` read an event with what belongs to it. Returns what it returns, and whether the connection was
    /// captured at its client.
    #[inline]
    fn with<R>(
        &mut self,
        conversation: &mut Conversation,
        (flow, time): (&Flow, Timestamp),
        read: impl FnOnce(&mut http::Connection, &mut http::Counters, &mut Namer<'_, F>) -> R,
    ) -> (R, bool) {
        let Conversation { http, remembered } = conversation;
        let (names, findings, secrets) = (&self.names, &mut self.findings, &mut self.secrets);
        let mut namer = Namer { names, remembered, flow, time, findings, secrets, at_client: false };
        let read = read(http, &mut self.counters, &mut namer);
        (read, namer.at_client)
    }

    fn end_now(&mut self, mut ended: Ended) {
        let (conversation, over) = ended.parts();
        self.with(conversation, (over.flow, over.time), |http, counters, namer| {
            http.end(over, counters, namer);
        });
    }

    /// Ends connections that waited for secrets: those whose secrets came since, and those that waited for long enough.
    fn end_parked(&mut self, now: Timestamp) {
        if self.secrets.pass(now) {
            let secrets = &mut self.secrets;
            for ended in self.parked.ready(|random| secrets.were_logged(random)) {
                self.end_now(ended);
            }
        }
        while let Some(ended) = self.parked.due(now) {
            self.end_now(ended);
        }
    }
}

impl<F: Findings> flow::Sink for Upper<F> {
    type State = Conversation;

    fn data(&mut self, conversation: &mut Conversation, at: At<'_>, bytes: &[u8]) -> Verdict {
        wanted(self.with(conversation, (at.flow, at.time), |http, counters, namer| {
            http.data(at, bytes, counters, namer)
        }))
    }

    fn skip(&mut self, conversation: &mut Conversation, at: At<'_>, len: u64, why: Missing) -> Verdict {
        wanted(self.with(conversation, (at.flow, at.time), |http, counters, namer| {
            http.skip(at, len, why, counters, namer)
        }))
    }

    fn fin(&mut self, conversation: &mut Conversation, at: At<'_>) {
        self.with(conversation, (at.flow, at.time), |http, counters, namer| http.fin(at, counters, namer));
    }

    fn end(&mut self, conversation: &mut Conversation, over: Over<'_>) {
        if self.secrets.follow_logs() && conversation.http.waits_for_secrets().is_some() {
            self.parked.add(Ended::new(std::mem::take(conversation), &over));
            while let Some(ended) = self.parked.over() {
                self.end_now(ended);
            }
            return;
        }
        self.with(conversation, (over.flow, over.time), |http, counters, namer| {
            http.end(over, counters, namer);
        });
    }

    fn kept(&self, conversation: &Conversation) -> Kept {
        conversation.http.kept()
    }

    fn held(&self, conversation: &Conversation) -> usize {
        conversation.http.held()
    }
}

/// Returns what is wanted of a connection: the pod's own calls are captured where their server runs.
fn wanted((verdict, at_client): (Verdict, bool)) -> Verdict {
    match verdict {
        Verdict::All | Verdict::After(_) if at_client => Verdict::Nothing(Unwanted::AtClient),
        verdict => verdict,
    }
}
