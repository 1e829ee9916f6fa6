//! From what the pipeline finds to something new, or one more of what is known.

pub(crate) mod coverage;
pub(crate) mod owner;

use std::sync::Arc;

use decode::Timestamp;
use http::{Begun, Body, Exchange, Keep, RequestHead, TlsOutcome, Unreadable};
use identify::Answer;
use redact::{Decided, Known, Look, Novelty, Owner, RedactedExchange, Redactor, Repeats, Route};

use self::coverage::Coverage;
use crate::config::{Mappings, Monitor};
use crate::pipeline::admission::Admission;
use crate::pipeline::naming::{Asked, Findings};
use crate::pipeline::own::Caller;
use crate::report::Account;

/// What the novelty filter remembers: more than a node's Services have. Its tables have 131,072 places for that, and seven of eight may
/// be in use.
const KNOWN: usize = 114_688;

/// What became of exchanges: `seen` is the sum of the others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LearnCounters {
    /// Exchanges that came out of the pipeline.
    pub(crate) seen: u64,
    /// Those that taught nothing new: counted.
    pub(crate) repeated: u64,
    /// Those that taught something, and were taken.
    pub(crate) taken: u64,
    /// Those that taught something, but the queue was full. They teach the same when they come again.
    pub(crate) refused: u64,
    /// Those whose method or path is not known, since their connection is older than the agent.
    pub(crate) unknown_names: u64,
    /// Those whose server belongs to no known Service.
    pub(crate) nameless: u64,
    /// The agent's own calls, to a platform on this node say.
    pub(crate) own: u64,
    /// The agent's own requests that were made to be seen.
    pub(crate) canary: u64,
    /// Those whose server runs on another node.
    pub(crate) elsewhere: u64,
}

impl LearnCounters {
    /// The account of exchanges, with every way out of one.
    pub(crate) fn account(&self) -> Account {
        let ways = [
            ("new", self.taken),
            ("repeated", self.repeated),
            ("queue_full", self.refused),
            ("unknown_name", self.unknown_names),
            ("unknown_service", self.nameless),
            ("own_calls", self.own),
            ("canary", self.canary),
            ("other_node", self.elsewhere),
        ];
        Account::new("exchanges", self.seen, ways)
    }
}

/// The end of a worker's pipeline: names owners, asks whether there is something new, redacts it and hands it on.
pub(crate) struct Learner<T> {
    /// Which Services are mapped.
    pub(crate) mappings: Arc<Mappings>,
    /// Which servers are this node's.
    pub(crate) admission: Admission,
    known: Known,
    redactor: Redactor,
    nameless: Nameless,
    take: T,
    counters: LearnCounters,
    /// Copied with the first change after it was given away.
    coverage: Arc<Coverage>,
}

/// What becomes of requests whose server belongs to no known Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nameless {
    /// They are shown under the server's address.
    Keep,
    /// They are counted.
    Count,
}

impl<T: FnMut(RedactedExchange) -> bool> Learner<T> {
    /// A learner that hands what is new to `take`, which says whether it had room.
    pub(crate) fn new(
        monitor: &Monitor,
        mappings: Arc<Mappings>,
        admission: Admission,
        nameless: Nameless,
        take: T,
    ) -> Self {
        let known = Known::new(KNOWN, monitor.body_bytes);
        let redactor = Redactor::new(monitor.examples);
        let (counters, coverage) = (LearnCounters::default(), Arc::default());
        Learner { mappings, admission, known, redactor, nameless, take, counters, coverage }
    }

    /// How far values are replaced, and how much of a body is read, follow the configuration.
    pub(crate) fn set_monitor(&mut self, monitor: &Monitor) {
        self.known.set_body_bytes(monitor.body_bytes);
        self.redactor.set_examples(monitor.examples);
    }

    /// Takes over these decisions about variables in paths.
    pub(crate) fn set_decided(&mut self, decided: Arc<Decided>) {
        self.known.set_decided(decided);
    }

    /// Keeps the bodies of requests with these routes, as far as the allowance goes.
    pub(crate) fn follow(&mut self, routes: impl IntoIterator<Item = Route>) {
        routes.into_iter().for_each(|route| self.known.follow(route));
    }

    /// Returns how many bodies of what is followed were not kept, for lack of allowance.
    pub(crate) fn unread_operations(&self) -> u64 {
        self.known.unread()
    }

    /// Returns whether the server of something is this node's.
    fn is_ours(&self, asked: &Asked<'_>) -> bool {
        asked.at_socket.unwrap_or_else(|| self.admission.serves(asked.server))
    }

    /// The owner of a server: that of its address where it belongs to no known Service.
    fn owner(&self, asked: &Asked<'_>) -> Owner {
        owner::named(asked.answer, &self.mappings).unwrap_or(Owner::Address(asked.server))
    }

    /// The owner of a server, unless it belongs to no known Service and such ones are only counted.
    fn shown_owner(&self, asked: &Asked<'_>) -> Option<Owner> {
        let nameless = (self.nameless == Nameless::Keep).then_some(Owner::Address(asked.server));
        owner::named(asked.answer, &self.mappings).or(nameless)
    }

    /// Counts an exchange, or redacts it and hands it on. Only what was taken becomes known.
    fn learn(&mut self, owner: &Owner, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        let novelty = match self.known.look(owner, asked.client, exchange) {
            Look::Repeat => {
                self.counters.repeated += 1;
                return;
            }
            Look::New(novelty) => novelty,
        };
        if self.hand_on(owner, asked, &novelty, exchange) {
            self.known.accept(novelty, exchange.request.time);
            self.counters.taken += 1;
        } else {
            self.counters.refused += 1;
        }
    }

    /// Hands on an exchange that teaches something though its answer goes on. It is counted when it ends.
    fn learn_begun(&mut self, owner: &Owner, asked: &Asked<'_>, exchange: &Exchange<'_>) -> Begun {
        let Look::New(novelty) = self.known.peek(owner, asked.client, exchange) else { return Begun::Passed };
        if !self.hand_on(owner, asked, &novelty, exchange) {
            return Begun::Later;
        }
        self.known.accept(novelty, exchange.request.time);
        Begun::Told
    }

    /// Hands on what the end of an exchange teaches that was handed on when its answer began.
    fn learn_rest(&mut self, owner: &Owner, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        self.counters.taken += 1;
        let rest = &Exchange { request_body: Body::default(), ..*exchange };
        if let Look::New(novelty) = self.known.peek(owner, asked.client, rest)
            && self.hand_on(owner, asked, &novelty, rest)
        {
            self.known.accept(novelty, exchange.request.time);
        }
    }

    /// Redacts an exchange and hands it on. Returns whether it was taken.
    fn hand_on(
        &mut self,
        owner: &Owner,
        asked: &Asked<'_>,
        novelty: &Novelty,
        exchange: &Exchange<'_>,
    ) -> bool {
        let redacted = self.redactor.exchange(owner.clone(), novelty, exchange);
        (self.take)(if asked.over_tls { redacted.over_tls() } else { redacted })
    }

    /// The counts of what was known, since they were last taken.
    pub(crate) fn take_repeats(&mut self) -> Vec<Repeats> {
        let mut all = Vec::new();
        self.known.take_repeats(|repeats| all.push(repeats));
        all
    }

    pub(crate) fn counters(&self) -> LearnCounters {
        self.counters
    }

    pub(crate) fn coverage(&self) -> &Arc<Coverage> {
        &self.coverage
    }
}

impl<T: FnMut(RedactedExchange) -> bool> Findings for Learner<T> {
    fn request(&mut self, asked: &Asked<'_>, request: &RequestHead<'_>) -> Keep {
        if asked.caller != Caller::Other || !self.is_ours(asked) || !request.is_known() {
            return Keep(0);
        }
        let owner = self.shown_owner(asked);
        owner.map_or(Keep(0), |owner| Keep(self.known.keep(&owner, request)))
    }

    fn wants_answer(&mut self, time: Timestamp) -> bool {
        self.known.wants_answer(time)
    }

    fn answer(&mut self, asked: &Asked<'_>, request: &RequestHead<'_>, status: u16) -> Keep {
        if asked.caller != Caller::Other || !self.is_ours(asked) || !request.is_known() {
            return Keep(0);
        }
        let owner = self.shown_owner(asked);
        owner.map_or(Keep(0), |owner| Keep(self.known.keep_answer(&owner, request, status)))
    }

    fn begun(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) -> Begun {
        if asked.caller != Caller::Other || !self.is_ours(asked) || !exchange.request.is_known() {
            return Begun::Passed;
        }
        self.known.spend_answer();
        // Its name may come later.
        let owner = self.shown_owner(asked);
        owner.map_or(Begun::Later, |owner| self.learn_begun(&owner, asked, exchange))
    }

    fn exchange(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        self.counters.seen += 1;
        match asked.caller {
            Caller::Other => {}
            Caller::Own => {
                self.counters.own += 1;
                return;
            }
            Caller::Canary => {
                self.counters.canary += 1;
                return;
            }
        }
        if !self.is_ours(asked) {
            self.counters.elsewhere += 1;
            return;
        }
        if let Answer::Ambiguous(all) = asked.answer {
            Arc::make_mut(&mut self.coverage).ambiguous_request(all);
        }
        match self.shown_owner(asked) {
            None => {
                self.counters.nameless += 1;
                Arc::make_mut(&mut self.coverage).nameless(asked.server);
            }
            Some(owner) if !exchange.request.is_known() => {
                self.counters.unknown_names += 1;
                Arc::make_mut(&mut self.coverage).unknown_name(owner);
            }
            Some(owner) if exchange.told => self.learn_rest(&owner, asked, exchange),
            Some(owner) => self.learn(&owner, asked, exchange),
        }
    }

    fn older(&mut self, asked: &Asked<'_>) {
        if asked.caller == Caller::Other && self.is_ours(asked) {
            let owner = self.owner(asked);
            Arc::make_mut(&mut self.coverage).older(owner);
        }
    }

    fn tls(&mut self, asked: &Asked<'_>, outcome: TlsOutcome) {
        if asked.caller == Caller::Other && self.is_ours(asked) {
            let owner = self.owner(asked);
            Arc::make_mut(&mut self.coverage).tls(owner, outcome);
        }
    }

    fn unreadable(&mut self, asked: &Asked<'_>, why: Unreadable<'_>) {
        if asked.caller == Caller::Other && self.is_ours(asked) {
            let owner = self.owner(asked);
            Arc::make_mut(&mut self.coverage).unreadable(owner, why);
        }
    }
}
