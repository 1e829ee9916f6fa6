//! A TLS connection whose secrets are asked for: what is opened is read as a connection of its own.

use std::fmt;

use flow::{Direction, Flow, Missing, Timestamp, Unwanted};
use tls::{Ahead, GivenUp, Label, RANDOM_LEN, Secret, Sender, Session, Step};

use crate::counters::{Counters, Reason, Unanswered};
use crate::intake::{Intake, Place, Taken};
use crate::message::{Sink, Unreadable};
use crate::outcome::TlsOutcome;

/// The longest name that is kept until it is known whether the connection can be opened: that of a server has 255 bytes at
/// most, and lists of protocols are shorter.
const MAX_NAME: usize = 256;

/// What a connection says of itself before it is sealed.
#[derive(Debug)]
pub(crate) struct Hello {
    client: Direction,
    server_name: Box<[u8]>,
    alpn: Box<[u8]>,
}

impl Hello {
    /// Of this client, with its server name and list of protocols.
    pub(crate) fn new(client: Direction, names: (&[u8], &[u8])) -> Hello {
        let kept = |name: &[u8]| if name.len() <= MAX_NAME { name.into() } else { Box::default() };
        Hello { client, server_name: kept(names.0), alpn: kept(names.1) }
    }
}

/// What is inside of a TLS connection: a connection, which is defined by means of this file.
pub(crate) trait Inside {
    /// Takes the next bytes of a direction.
    fn read<S: Sink>(&mut self, direction: Direction, data: &[u8], intake: &mut Intake<'_, S>);
    /// Takes note that bytes of a direction are missing, and nobody knows how many.
    fn lose<S: Sink>(&mut self, direction: Direction, missing: Missing, intake: &mut Intake<'_, S>);
    /// Takes the end of a direction.
    fn finish<S: Sink>(&mut self, direction: Direction, intake: &mut Intake<'_, S>);
    /// Ends it, and hands on what waits; `reason` is why that has no response, and `taken` what was acknowledged.
    fn stop<S: Sink>(&mut self, reason: Unanswered, taken: Taken, intake: &mut Intake<'_, S>);
    /// Returns why nothing more of it is wanted, if that is so.
    fn unwanted(&self) -> Option<Unwanted>;
    /// Returns whether it is HTTP.
    fn is_http(&self) -> bool;
    /// Returns the number of bytes of memory behind it.
    fn memory(&self) -> usize;
}

/// A TLS connection that may be opened.
pub(crate) struct Sealed<I> {
    session: Session,
    /// What its ClientHello says.
    hello: Hello,
    /// What is inside of it.
    inside: I,
    /// What became of it, once that is known.
    outcome: Option<TlsOutcome>,
    /// Whether bytes of it were missing.
    gapped: bool,
    /// The directions that have ended inside: that of the client, and of the server.
    ended: [bool; 2],
    /// Where the directions stand.
    client: Along,
    server: Along,
}

/// Where a direction stands, in the stream of the sealed bytes: what is inside has no numbers of its own.
#[derive(Clone, Copy, Debug, Default)]
struct Along {
    /// Where the next record begins.
    next: Next,
    /// Behind the last byte that came.
    end: u32,
    /// How far the other direction had reached the sender when it sent that.
    acknowledgment: u32,
}

/// Where the next record of a direction begins.
#[derive(Clone, Copy, Debug, Default)]
enum Next {
    /// Where the first bytes do.
    #[default]
    First,
    At(u32),
    /// That is open: bytes are missing.
    Lost,
}

impl Along {
    /// Takes note that `len` bytes come.
    fn come<S>(&mut self, len: usize, intake: &Intake<'_, S>) {
        (self.end, self.acknowledgment) = (intake.end, intake.acknowledgment);
        if matches!(self.next, Next::First) {
            self.next = Next::At(intake.end.wrapping_sub(len as u32));
        }
    }

    /// Returns the place of so many bytes that were in a record with so many bytes behind it. They begin where the record does, as
    /// acknowledgments see it.
    fn opened(&mut self, len: usize, behind: usize, time: Timestamp) -> Place {
        let after = self.end.wrapping_sub(behind as u32);
        let sequence = match self.next {
            Next::At(next) => next,
            Next::First | Next::Lost => after.wrapping_sub(len as u32),
        };
        self.next = Next::At(after);
        Place { time, sequence, acknowledgment: self.acknowledgment }
    }
}

impl<I: fmt::Debug> fmt::Debug for Sealed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("inside", &self.inside).finish_non_exhaustive()
    }
}

/// What a connection is that is sealed no longer.
pub(crate) enum Unsealed {
    /// It cannot be read, or what is inside of it cannot.
    Unreadable(Unwanted),
    /// Both directions have ended.
    Ended,
}

/// Asks a sink for secrets.
struct Ask<'a, S>(&'a mut S);

impl<S: Sink> tls::Secrets for Ask<'_, S> {
    fn secret(&mut self, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        self.0.secret(random, label)
    }
}

impl<I: Inside> Sealed<I> {
    /// Begins with a connection that has nothing inside yet.
    pub(crate) fn new(hello: Hello, inside: I) -> Sealed<I> {
        let session = Session::default();
        let (client, server) = Default::default();
        Sealed { session, hello, inside, outcome: None, gapped: false, ended: [false; 2], client, server }
    }

    /// Returns the client's random, once it is known.
    pub(crate) fn random(&self) -> Option<[u8; RANDOM_LEN]> {
        self.session.client_random()
    }

    /// Returns who reads the hellos of what it has not read yet.
    pub(crate) fn ahead(&self) -> Ahead {
        Ahead::of(&self.session)
    }

    /// Takes bytes. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn data<S: Sink>(
        &mut self,
        direction: Direction,
        data: &[u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        let came = self.session.bytes() + data.len();
        self.along(direction).come(data.len(), intake);
        intake.counters.waiting_bytes -= self.session.bytes() as u64;
        let (mut rest, mut plain) = (data, 0);
        let mut unsealed = self.drain(direction, &mut rest, &mut plain, intake);
        // What one direction says may be what the other one waits for.
        for direction in [direction.reverse(), direction] {
            if unsealed.is_none() && self.session.waits(self.sender(direction)) {
                unsealed = self.drain(direction, &mut &[][..], &mut plain, intake);
            }
        }
        let left = self.session.bytes();
        match unsealed {
            None => intake.counters.waiting_bytes += left as u64,
            Some(_) => intake.counters.skip(Reason::Unreadable, left + rest.len()),
        }
        let unopened = self.unopened(intake.counters);
        let read = plain + left + rest.len() + unopened;
        intake.counters.tls_bytes += came.saturating_sub(read) as u64;
        unsealed
    }

    /// Takes note that bytes are missing. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn skip<S: Sink>(
        &mut self,
        direction: Direction,
        len: u64,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        self.gapped = true;
        self.along(direction).next = Next::Lost;
        intake.counters.waiting_bytes -= self.session.bytes() as u64;
        let lost = self.session.lose(self.sender(direction), len);
        self.unopened(intake.counters);
        let left = self.session.bytes();
        if let Err(why) = lost {
            intake.counters.skip(Reason::Unreadable, left);
            return Some(self.give_up(why, intake));
        }
        intake.counters.waiting_bytes += left as u64;
        self.inside(intake, |inside, intake| inside.lose(direction, missing, intake));
        self.judge(intake)
    }

    /// Takes the end of a direction. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn fin<S: Sink>(
        &mut self,
        direction: Direction,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        self.end_inside(direction, intake);
        self.ended.iter().all(|ended| *ended).then(|| self.end(Unanswered::Closed, Taken::default(), intake))
    }

    /// Takes the end of the connection; `reason` is why what waits has no response, and `taken` what was acknowledged.
    pub(crate) fn end<S: Sink>(
        &mut self,
        reason: Unanswered,
        taken: Taken,
        intake: &mut Intake<'_, S>,
    ) -> Unsealed {
        let left = self.session.bytes();
        intake.counters.waiting_bytes -= left as u64;
        intake.counters.skip(Reason::Ended, left);
        self.inside(intake, |inside, intake| inside.stop(reason, taken, intake));
        if let Some(unsealed) = self.judge(intake) {
            return unsealed;
        }
        if self.outcome.is_some() {
            return Unsealed::Ended;
        }
        let outcome = if self.gapped { TlsOutcome::Gap } else { TlsOutcome::Ended };
        self.decide(outcome, intake);
        Unsealed::Unreadable(self.tell(intake))
    }

    /// Returns the number of bytes of memory behind it, and its own.
    pub(crate) fn held(&self) -> usize {
        let names = self.hello.server_name.len() + self.hello.alpn.len();
        size_of::<Sealed<I>>() + names + self.session.held() + self.inside.memory()
    }

    /// Hands on what bytes of a direction hold, and adds their number to `plain`.
    fn drain<S: Sink>(
        &mut self,
        direction: Direction,
        bytes: &mut &[u8],
        plain: &mut usize,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        let from = self.sender(direction);
        loop {
            let flow = self.flow(intake.flow);
            let Sealed { session, inside, client, server, .. } = self;
            let along = if from == Sender::Client { client } else { server };
            match session.next(from, bytes, &mut Ask(&mut *intake.sink)) {
                Step::More => return None,
                Step::Data(data) => {
                    *plain += data.len();
                    let place = along.opened(data.len(), bytes.len(), intake.time);
                    inside.read(direction, data, &mut intake.seen_as(&flow).at(place, data.len()));
                }
                Step::Lost => {
                    self.gapped = true;
                    along.next = Next::Lost;
                    inside.lose(direction, Missing::Gap, &mut intake.seen_as(&flow));
                }
                Step::Closed => self.end_inside(direction, intake),
                Step::GivenUp(why) => return Some(self.give_up(why, intake)),
            }
            if let Some(unsealed) = self.judge(intake) {
                return Some(unsealed);
            }
        }
    }

    /// Looks at what is inside. Returns what the connection is if that is not read any longer.
    fn judge<S: Sink>(&mut self, intake: &mut Intake<'_, S>) -> Option<Unsealed> {
        let unwanted = self.inside.unwanted();
        if self.outcome.is_none() && (unwanted.is_some() || self.inside.is_http()) {
            let outcome = if unwanted.is_some() { TlsOutcome::NotHttp } else { TlsOutcome::Opened };
            self.decide(outcome, intake);
        }
        unwanted.map(Unsealed::Unreadable)
    }

    /// Nothing more of it can be opened.
    fn give_up<S: Sink>(&mut self, why: GivenUp, intake: &mut Intake<'_, S>) -> Unsealed {
        self.inside(intake, |inside, intake| inside.stop(Unanswered::Unreadable, Taken::default(), intake));
        if let Some(unsealed) = self.judge(intake) {
            return unsealed;
        }
        match self.outcome {
            Some(_) => intake.counters.tls_in_part += 1,
            None => self.decide(why.into(), intake),
        }
        Unsealed::Unreadable(self.tell(intake))
    }

    fn decide<S: Sink>(&mut self, outcome: TlsOutcome, intake: &mut Intake<'_, S>) {
        self.outcome = Some(outcome);
        intake.counters.tls.decide(outcome);
        intake.sink.tls(self.hello.client, outcome);
    }

    /// Tells that from here on it cannot be read.
    fn tell<S: Sink>(&self, intake: &mut Intake<'_, S>) -> Unwanted {
        let why = Unreadable::Tls { server_name: &self.hello.server_name, alpn: &self.hello.alpn };
        intake.unreadable(self.hello.client, why)
    }

    fn end_inside<S: Sink>(&mut self, direction: Direction, intake: &mut Intake<'_, S>) {
        let [client, server] = &mut self.ended;
        let ended = if direction == self.hello.client { client } else { server };
        if !std::mem::replace(ended, true) {
            self.inside(intake, |inside, intake| inside.finish(direction, intake));
        }
    }

    fn inside<S>(&mut self, intake: &mut Intake<'_, S>, what: impl FnOnce(&mut I, &mut Intake<'_, S>)) {
        let flow = self.flow(intake.flow);
        what(&mut self.inside, &mut intake.seen_as(&flow));
    }

    /// The connection as what is inside of it sees it: its beginning was seen.
    fn flow(&self, flow: &Flow) -> Flow {
        Flow { opened: flow.opened || self.hello.client == Direction::Forward, ..*flow }
    }

    fn along(&mut self, direction: Direction) -> &mut Along {
        if direction == self.hello.client { &mut self.client } else { &mut self.server }
    }

    /// Returns who sends in a direction.
    pub(crate) fn sender(&self, direction: Direction) -> Sender {
        if direction == self.hello.client { Sender::Client } else { Sender::Server }
    }

    /// Counts what could not be opened since it was asked last, and returns how many bytes that are.
    fn unopened(&mut self, counters: &mut Counters) -> usize {
        let unopened = usize::try_from(self.session.take_unopened()).unwrap_or(usize::MAX);
        counters.skip(Reason::Gap, unopened);
        unopened
    }
}
