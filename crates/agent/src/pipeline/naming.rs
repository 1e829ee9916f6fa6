//! Whose the server is of what `http` finds.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use decode::Origin;
use flow::{Direction, Flow, Timestamp};
use http::{Begun, Exchange, Head, Keep, RequestHead, TlsOutcome, Unreadable};
use identify::{Answer, Directory, Evidence};
use tls::{Label, RANDOM_LEN, Secret};

use crate::node::self_test::NUMBER as OWN_CGROUP;
use crate::pipeline::own::{Caller, OwnConnections};
use crate::pipeline::secrets::Secrets;
use crate::pipeline::targets::Targets;

/// Who asked whom, and whose the server is.
pub(crate) struct Asked<'a> {
    /// Who asked.
    pub(crate) client: SocketAddr,
    /// Who was asked.
    pub(crate) server: SocketAddr,
    /// `true` if the server is at the socket that was captured; none where frames are not captured at sockets.
    pub(crate) at_socket: Option<bool>,
    /// Who asked: this process, or another.
    pub(crate) caller: Caller,
    /// Whether the connection is TLS, which was opened.
    pub(crate) over_tls: bool,
    /// The owner of that server.
    pub(crate) answer: &'a Answer,
}

/// Takes what the pipeline finds.
pub(crate) trait Findings {
    /// Takes the head of a request that a body follows. Returns how much of the body to keep.
    fn request(&mut self, asked: &Asked<'_>, request: &RequestHead<'_>) -> Keep {
        let _ = (asked, request);
        Keep(0)
    }

    /// Returns whether an answer is wanted at all at this time. Asked of each answer, so it must cost next to nothing.
    fn wants_answer(&mut self, time: Timestamp) -> bool {
        let _ = time;
        false
    }

    /// Returns whether the body of an answer with these fields is of use.
    fn reads(&self, fields: Head<'_>) -> bool {
        is_document(fields)
    }

    /// Takes the head of an answer that a body follows, by its request. Returns how much of the body to keep.
    fn answer(&mut self, asked: &Asked<'_>, request: &RequestHead<'_>, status: u16) -> Keep {
        let _ = (asked, request, status);
        Keep(0)
    }

    /// Takes an exchange whose answer goes on, as far as it came. It comes again when it has ended.
    fn begun(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) -> Begun {
        let _ = (asked, exchange);
        Begun::Passed
    }

    /// Takes a whole exchange.
    fn exchange(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>);

    /// Takes a connection of HTTP/2 that is older than what was seen of it.
    fn older(&mut self, asked: &Asked<'_>) {
        let _ = asked;
    }

    /// Takes what became of a TLS connection.
    fn tls(&mut self, asked: &Asked<'_>, outcome: TlsOutcome) {
        let _ = (asked, outcome);
    }

    /// Takes a connection that cannot be read.
    fn unreadable(&mut self, asked: &Asked<'_>, why: Unreadable<'_>);
}

/// The knowledge of servers that is in force.
pub(crate) struct Names {
    directory: Arc<Directory>,
    /// The owners of the captured sockets, where frames are captured at sockets. Looked up with each use: an owner is known
    /// before the first packet of its sockets.
    targets: Option<Arc<ArcSwap<Targets>>>,
    /// The connections of this process; none where frames come from a file.
    own: Option<Arc<OwnConnections>>,
    /// Goes up with each new snapshot, so that answers of an older one are asked for again.
    generation: u32,
}

impl Names {
    /// The names of a snapshot.
    pub(crate) fn new(directory: Arc<Directory>) -> Names {
        Names { directory, targets: None, own: None, generation: 0 }
    }

    /// Takes a new snapshot.
    pub(crate) fn set_directory(&mut self, directory: Arc<Directory>) {
        if !Arc::ptr_eq(&self.directory, &directory) {
            self.directory = directory;
            self.generation = self.generation.wrapping_add(1);
        }
    }

    /// Takes the owners of the sockets, at which frames are captured from now on.
    pub(crate) fn set_targets(&mut self, targets: Arc<ArcSwap<Targets>>) {
        self.targets = Some(targets);
    }

    /// Takes the connections of this process.
    pub(crate) fn set_own(&mut self, own: Arc<OwnConnections>) {
        self.own = Some(own);
    }

    /// Returns who a client is, of a connection that was seen there.
    fn caller(&self, client: SocketAddr, server: SocketAddr, origin: Origin) -> Caller {
        let leads = |address| self.directory.forwards(address, false);
        let caller = self.own.as_ref().map_or(Caller::Other, |own| own.caller(client, server, leads));
        match (caller, origin) {
            // What others ask the agent itself is no traffic of the node either.
            (Caller::Other, Origin::Socket(key)) if key.target() == OWN_CGROUP => Caller::Own,
            (caller, _) => caller,
        }
    }
}

/// What is remembered of a connection, so that it is asked for once.
#[derive(Default)]
pub(crate) struct Remembered {
    /// The answer that the server's address alone gave, with the generation of the snapshot that gave it.
    answer: Option<(u32, Answer)>,
    /// Who the client is, if it is this process.
    caller: Option<Caller>,
    /// How often it was somebody else.
    strange: u8,
    /// Whether it is TLS, which was opened.
    over_tls: bool,
}

/// With so many findings of a connection it is asked whose it is. A connection of ours through a proxy is known only after
/// the proxy was asked, in plain text, for the way; so with the first finding it may be nobody's yet. With each of
/// somebody else's many requests it would cost a look through some tens of pairs.
const ASKED: u8 = 4;

impl Names {
    /// Returns whose a server is.
    pub(crate) fn identify(&self, server: SocketAddr, time: Timestamp, host: Option<&[u8]>) -> Answer {
        self.directory.identify(server, time, || host)
    }
}

impl Remembered {
    fn caller(&mut self, ask: impl FnOnce() -> Caller) -> Caller {
        if let Some(caller) = self.caller {
            return caller;
        }
        if self.strange == ASKED {
            return Caller::Other;
        }
        let caller = ask();
        match caller {
            Caller::Other => self.strange += 1,
            Caller::Own | Caller::Canary => self.caller = Some(caller),
        }
        caller
    }
}

/// Names the server of what is found on one connection, and hands it on.
pub(crate) struct Namer<'n, F> {
    pub(crate) names: &'n Names,
    pub(crate) remembered: &'n mut Remembered,
    pub(crate) flow: &'n Flow,
    /// When it was found.
    pub(crate) time: Timestamp,
    pub(crate) findings: &'n mut F,
    /// The secrets of TLS connections.
    pub(crate) secrets: &'n mut Secrets,
    /// Set when the socket that was captured turns out to be the client's.
    pub(crate) at_client: bool,
}

impl<F: Findings> Namer<'_, F> {
    /// Hands something on that was found in the direction of the requests. The server is named as of `time`.
    #[inline]
    fn named<'h, R>(
        &mut self,
        direction: Direction,
        time: Timestamp,
        host: impl FnOnce() -> Option<&'h [u8]> + Copy,
        hand_on: impl FnOnce(&mut F, &Asked<'_>) -> R,
    ) -> R {
        let (client, server) = (self.flow.source(direction), self.flow.destination(direction));
        let origin = self.flow.origin;
        let caller = self.remembered.caller(|| self.names.caller(client, server, origin));
        let over_tls = self.remembered.over_tls;
        if let (Some(targets), Origin::Socket(key)) = (&self.names.targets, self.flow.origin) {
            let local = key.is_local(server, client);
            self.at_client |= !local;
            let mut answer = targets.load().identify(key.target(), server, host);
            if matches!(answer, Answer::Ambiguous(_)) {
                answer = self.names.directory.narrow(answer, host());
            }
            let answer = &answer;
            let asked = &Asked { client, server, at_socket: Some(local), caller, over_tls, answer };
            return hand_on(self.findings, asked);
        }
        if let Some((generation, answer)) = &self.remembered.answer
            && *generation == self.names.generation
        {
            return hand_on(
                self.findings,
                &Asked { client, server, at_socket: None, caller, over_tls, answer },
            );
        }
        let answer = self.names.directory.identify(server, time, host);
        let handed = hand_on(
            self.findings,
            &Asked { client, server, at_socket: None, caller, over_tls, answer: &answer },
        );
        if matches!(answer, Answer::Service(_, Evidence::Address)) {
            self.remembered.answer = Some((self.names.generation, answer));
        }
        handed
    }
}

/// Returns whether an answer says that it is JSON or XML (`application/json`, `application/problem+json`, `text/xml`), or a stream of
/// events, as MCP answers.
fn is_document(fields: Head<'_>) -> bool {
    fields.content_type().is_some_and(|value| {
        value.windows(4).any(|word| word.eq_ignore_ascii_case(b"json"))
            || value.starts_with(b"text/event-stream")
            || value.windows(3).any(|word| word.eq_ignore_ascii_case(b"xml"))
    })
}

impl<F: Findings> http::Sink for Namer<'_, F> {
    fn request(&mut self, request: &RequestHead<'_>) -> Keep {
        let hand_on = |findings: &mut F, asked: &Asked<'_>| findings.request(asked, request);
        self.named(request.direction, request.time, || request.host(), hand_on)
    }

    fn response(&mut self, request: &RequestHead<'_>, status: u16, fields: Head<'_>) -> Keep {
        if !self.findings.wants_answer(request.time) || !self.findings.reads(fields) {
            return Keep(0);
        }
        let hand_on = |findings: &mut F, asked: &Asked<'_>| findings.answer(asked, request, status);
        self.named(request.direction, request.time, || request.host(), hand_on)
    }

    fn begun(&mut self, exchange: &Exchange<'_>) -> Begun {
        if !self.findings.wants_answer(self.time) {
            return Begun::Later;
        }
        let request = &exchange.request;
        let hand_on = |findings: &mut F, asked: &Asked<'_>| findings.begun(asked, exchange);
        self.named(request.direction, request.time, || request.host(), hand_on)
    }

    fn exchange(&mut self, exchange: &Exchange<'_>) {
        let request = &exchange.request;
        let hand_on = |findings: &mut F, asked: &Asked<'_>| findings.exchange(asked, exchange);
        self.named(request.direction, request.time, || request.host(), hand_on);
    }

    fn leaves_tls(&self, client: Direction) -> Option<TlsOutcome> {
        let at = match self.flow.origin {
            Origin::Socket(key) => {
                Some((key, key.is_local(self.flow.destination(client), self.flow.source(client))))
            }
            Origin::Wire => None,
        };
        self.secrets.leave(at)
    }

    fn secret(&mut self, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        let target = if let Origin::Socket(key) = self.flow.origin { key.target() } else { 0 };
        self.secrets.get(target, random, label)
    }

    fn secrets_come_late(&self) -> bool {
        self.secrets.come_late()
    }

    fn tls(&mut self, client: Direction, outcome: TlsOutcome) {
        self.remembered.over_tls |= outcome == TlsOutcome::Opened;
        self.secrets.note(outcome);
        self.named(client, self.time, || None, |findings, asked| findings.tls(asked, outcome));
    }

    fn older(&mut self, client: Direction) {
        self.named(client, self.time, || None, Findings::older);
    }

    fn unreadable(&mut self, client: Direction, why: Unreadable<'_>) {
        self.named(client, self.time, || None, |findings, asked| findings.unreadable(asked, why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_is_known_late_is_ours_from_then_on() {
        let mut remembered = Remembered::default();
        let asked = [Caller::Other, Caller::Own].map(|caller| remembered.caller(|| caller));
        assert_eq!(asked, [Caller::Other, Caller::Own]);
        assert_eq!(remembered.caller(|| panic!("it is known")), Caller::Own);
    }

    #[test]
    fn somebody_else_is_asked_for_a_few_times() {
        let mut remembered = Remembered::default();
        let mut asked = 0;
        for _ in 0..100 {
            let ask = || {
                asked += 1;
                Caller::Other
            };
            assert_eq!(remembered.caller(ask), Caller::Other);
        }
        assert_eq!(asked, ASKED);
    }
}
