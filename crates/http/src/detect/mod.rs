//! The first bytes of a connection: which protocol it is, and which direction is the client's.
//!
//! `first` says what bytes are; `protocols` recognises what is not HTTP.

mod first;
mod protocols;

use flow::{Direction, Flow, Missing, Unwanted};

use self::first::{Detected, Known, TLS, detect};
use self::protocols::Side;
use crate::counters::Reason;
use crate::h1::half::{Stage, holds_long_line};
use crate::h1::line::{may_become_request_line, may_become_status_line};
use crate::h1::resync::after_head;
use crate::h1::{Before, Http1};
use crate::h2::{From, Http2};
use crate::intake::Intake;
use crate::message::{Sink, Unreadable};
use crate::outcome::TlsOutcome;
use crate::sealed::Hello;
use crate::turn::Turn;
use crate::waiting::Waiting;

/// The most bytes of a direction that are searched for HTTP when a connection was joined: more than the rest of most
/// bodies.
pub(crate) const MAX_SEARCHED: u32 = 1 << 20;

/// The most segments that are searched: what comes in small ones is no body.
pub(crate) const MAX_SEGMENTS: u16 = 256;

/// A connection of which the protocol is not known yet.
#[derive(Debug, Default)]
pub(crate) struct Detecting {
    forward: Beginning,
    backward: Beginning,
    /// It is inside of a TLS connection.
    in_tls: bool,
}

/// What a connection turned out to be.
#[expect(clippy::large_enum_variant, reason = "it moves once, into the state of the connection")]
pub(crate) enum Found {
    /// HTTP/1.
    Http1(Http1),
    /// HTTP/2.
    Http2(Box<Http2>),
    /// TLS that may be opened.
    Sealed(Hello),
    /// Something that cannot be read.
    Unreadable(Unwanted),
}

/// What was seen of one direction.
#[derive(Debug, Default)]
struct Beginning {
    place: Place,
    waiting: Waiting,
    /// The bytes that were searched since the connection was joined.
    searched: u32,
    /// In how many segments they came.
    segments: u16,
}

/// Where in a direction the next bytes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At its beginning, or at that of what was seen.
    #[default]
    Start,
    /// Behind bytes that said nothing, or are missing.
    Inside(Reason),
    /// Nothing comes any more.
    Ended,
}

impl Beginning {
    /// Gives up what waits, which may have become a request.
    fn give_up<S: Sink>(&mut self, reason: Reason, intake: &mut Intake<'_, S>) {
        if !self.waiting.is_empty() && may_become_request_line(self.waiting.bytes()) {
            intake.counters.requests += 1;
            intake.counters.give_up(reason);
        }
        self.waiting.discard(reason, intake.counters);
    }
}

impl Detecting {
    /// What is inside of a TLS connection.
    pub(crate) fn inside_of_tls() -> Detecting {
        Detecting { in_tls: true, ..Detecting::default() }
    }

    fn side(&mut self, direction: Direction) -> &mut Beginning {
        match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        }
    }

    /// Takes bytes. Returns what the connection turns into once that is known; its bytes may be in `held`.
    pub(crate) fn data<'d, S: Sink>(
        &mut self,
        direction: Direction,
        data: &'d [u8],
        held: &'d mut Vec<u8>,
        intake: &mut Intake<'_, S>,
    ) -> Option<Turn<'d, Found>> {
        let side = self.side(direction);
        if side.place == Place::Ended {
            intake.counters.skip(Reason::Ended, data.len());
            return None;
        }
        if side.waiting.is_empty() {
            return self.first_bytes(direction, data, intake);
        }
        let place = side.waiting.place;
        let waits = holds_long_line(side.waiting.bytes()) && !data.iter().any(|&byte| byte < 0x20);
        side.waiting.hold(data, place, intake.counters);
        if waits {
            return None;
        }
        *held = side.waiting.release(intake.counters);
        let known = self.known(intake.flow, direction);
        if known != Known::Opened && detect(held, known) == Detected::Unknown {
            // The segment before was no beginning, but this one may be.
            intake.counters.skip(Reason::Joined, held.len().saturating_sub(data.len()));
            return self.first_bytes(direction, data, intake);
        }
        self.first_bytes(direction, held, &mut intake.at(place, held.len()))
    }

    fn known(&mut self, flow: &Flow, direction: Direction) -> Known {
        match (flow.opened, self.side(direction).place) {
            (true, Place::Start) => Known::Opened,
            (false, Place::Start) => Known::Joined,
            _ => Known::Inside,
        }
    }

    fn first_bytes<'d, S: Sink>(
        &mut self,
        direction: Direction,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Turn<'d, Found>> {
        let (mut rest, flow) = (data, intake.flow);
        while !rest.is_empty() {
            let known = self.known(flow, direction);
            return match detect(rest, known) {
                Detected::Before(len) => {
                    intake.counters.framing_bytes += len as u64;
                    rest = rest.get(len..).unwrap_or_default();
                    continue;
                }
                Detected::More => {
                    self.side(direction).waiting.hold(rest, intake.place(rest.len()), intake.counters);
                    None
                }
                Detected::Request => Some(self.http1(direction, direction, None, rest, intake)),
                Detected::Response => Some(self.http1(direction.reverse(), direction, None, rest, intake)),
                Detected::Preface => Some(self.http2(direction, direction, true, rest, intake)),
                Detected::Frames(start, from) => {
                    intake.counters.skip(Reason::Joined, start);
                    let client = if from == From::Client { direction } else { direction.reverse() };
                    let frames = rest.get(start..).unwrap_or_default();
                    Some(self.http2(client, direction, false, frames, intake))
                }
                Detected::Hello(hello) => Some(self.hello(direction, &hello, rest, intake)),
                Detected::Other(TLS, _) if self.may_be_answer(direction, rest, intake) => {
                    Some(self.sealed(direction.reverse(), (&[], &[]), rest, intake))
                }
                Detected::Other(why, side) => {
                    let client = client(flow, direction, side);
                    if why == TLS {
                        self.count(client, TlsOutcome::Older, intake);
                    }
                    Some(self.other(client, why, rest, intake))
                }
                Detected::Unknown if known == Known::Opened => {
                    Some(self.other(Direction::Forward, Unreadable::Unknown, rest, intake))
                }
                Detected::Unknown => self.look_through(direction, rest, intake),
            };
        }
        None
    }

    /// It is HTTP/1. `rest` begins with the first message that was found, in `direction`; `before` is what that follows.
    fn http1<'d, S: Sink>(
        &mut self,
        client: Direction,
        direction: Direction,
        before: Option<Before>,
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Turn<'d, Found> {
        let other = self.side(direction.reverse());
        let stage = match other.place {
            Place::Start if intake.flow.opened => Stage::Start,
            Place::Start => Stage::Search(Reason::Joined),
            Place::Inside(reason) => Stage::Search(reason),
            Place::Ended => Stage::Ended,
        };
        let waited = (other.waiting.release(intake.counters), other.waiting.place);
        let (requests, responses) =
            if direction == client { (Stage::Start, stage) } else { (stage, Stage::Start) };
        let inside = |side: &Beginning| matches!(side.place, Place::Inside(_));
        let missed = if inside(self.side(client)) { Before::Lost } else { Before::Known };
        let astray = before.is_none() && (!intake.flow.opened || inside(self.side(client.reverse())));
        let mut http1 = Http1::new(client, requests, responses, before.unwrap_or(missed), astray);
        // What follows the server's end was not there when the server ended.
        http1.taken_to(intake.place(rest.len()).sequence);
        Turn { into: Found::Http1(http1), waited, rest, place: intake.place(rest.len()) }
    }

    /// It is HTTP/2. `rest` begins with the preface, or with a frame in `direction`.
    fn http2<'d, S: Sink>(
        &mut self,
        client: Direction,
        direction: Direction,
        preface: bool,
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Turn<'d, Found> {
        let other = self.side(direction.reverse());
        let server_whole = preface && other.place == Place::Start;
        let mut http2 = Box::new(Http2::new(client, preface, server_whole));
        if !preface || !server_whole {
            intake.older(client);
        }
        let waited = (other.waiting.release(intake.counters), other.waiting.place);
        if other.place == Place::Ended {
            http2.fin(direction.reverse(), intake);
        }
        Turn { into: Found::Http2(http2), waited, rest, place: intake.place(rest.len()) }
    }

    /// It is TLS, and `rest` begins with this ClientHello; an old one has no body.
    fn hello<'d, S: Sink>(
        &mut self,
        client: Direction,
        hello: &[u8],
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Turn<'d, Found> {
        let (server_name, alpn) = tls::names(hello);
        let place = self.side(client.reverse()).place;
        let outcome = match place {
            _ if hello.is_empty() => TlsOutcome::Suite,
            Place::Start if self.in_tls => TlsOutcome::NoKey,
            Place::Start => match intake.sink.leaves_tls(client) {
                None => return self.sealed(client, (server_name, alpn), rest, intake),
                Some(outcome) => outcome,
            },
            Place::Inside(_) => TlsOutcome::Gap,
            Place::Ended => TlsOutcome::Ended,
        };
        self.count(client, outcome, intake);
        self.other(client, Unreadable::Tls { server_name, alpn }, rest, intake)
    }

    /// Returns whether these bytes may be the answer to a ClientHello that comes later: captures of several queues are out of
    /// order by a few segments.
    fn may_be_answer<S: Sink>(&mut self, direction: Direction, rest: &[u8], intake: &Intake<'_, S>) -> bool {
        let opens = !self.in_tls && intake.sink.leaves_tls(direction.reverse()).is_none();
        let first = self.known(intake.flow, direction) == Known::Opened && direction == Direction::Backward;
        let other = self.side(direction.reverse());
        opens
            && first
            && other.place == Place::Start
            && other.waiting.is_empty()
            && tls::is_server_hello_start(rest)
    }

    /// It is TLS that may be opened.
    fn sealed<'d, S: Sink>(
        &mut self,
        client: Direction,
        names: (&[u8], &[u8]),
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Turn<'d, Found> {
        intake.counters.tls.begin();
        // Of the direction that does not have `rest`.
        let (forward, backward) = (&mut self.forward.waiting, &mut self.backward.waiting);
        let waiting = if forward.is_empty() { backward } else { forward };
        let waited = (waiting.release(intake.counters), waiting.place);
        Turn { into: Found::Sealed(Hello::new(client, names)), waited, rest, place: intake.place(rest.len()) }
    }

    /// Counts a TLS connection that is not opened.
    fn count<S: Sink>(&self, client: Direction, outcome: TlsOutcome, intake: &mut Intake<'_, S>) {
        if !self.in_tls {
            intake.counters.tls.count(outcome);
            intake.sink.tls(client, outcome);
        }
    }

    /// It is something else, as which `rest` is passed over.
    fn other<'d, S: Sink>(
        &mut self,
        client: Direction,
        why: Unreadable<'_>,
        rest: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Turn<'d, Found> {
        let unwanted = self.unreadable(client, why, intake);
        let place = intake.place(rest.len());
        Turn { into: Found::Unreadable(unwanted), waited: (Vec::new(), place), rest, place }
    }

    /// Nothing of it can be read.
    fn unreadable<S: Sink>(
        &mut self,
        client: Direction,
        why: Unreadable<'_>,
        intake: &mut Intake<'_, S>,
    ) -> Unwanted {
        self.forward.waiting.discard(Reason::Unreadable, intake.counters);
        self.backward.waiting.discard(Reason::Unreadable, intake.counters);
        intake.unreadable(client, why)
    }

    /// Searches a segment of a connection that was joined. It begins with nothing that is known, so it may be in the middle
    /// of a body.
    fn look_through<'d, S: Sink>(
        &mut self,
        direction: Direction,
        data: &'d [u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Turn<'d, Found>> {
        if let Some((before, request)) = after_head(data).and_then(|start| data.split_at_checked(start)) {
            intake.counters.skip(Reason::Joined, before.len());
            return Some(self.http1(direction, direction, Some(Before::Asked), request, intake));
        }
        intake.counters.skip(Reason::Joined, data.len());
        let side = self.side(direction);
        side.place = Place::Inside(Reason::Joined);
        side.searched = side.searched.saturating_add(u32::try_from(data.len()).unwrap_or(u32::MAX));
        side.segments = side.segments.saturating_add(1);
        let enough = side.searched >= MAX_SEARCHED || side.segments >= MAX_SEGMENTS;
        // While only one side sends, it may be one long body.
        if enough && self.side(direction.reverse()).segments > 0 {
            let client = client(intake.flow, direction, Side::Either);
            return Some(self.other(client, Unreadable::Unknown, &[], intake));
        }
        None
    }

    /// Takes note that bytes are missing. Returns why the connection is not wanted, if it is unreadable with that.
    pub(crate) fn skip<S: Sink>(
        &mut self,
        direction: Direction,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unwanted> {
        let side = self.side(direction);
        if tls::is_hello_start(side.waiting.bytes()) {
            self.count(direction, TlsOutcome::Gap, intake);
            return Some(self.unreadable(direction, TLS, intake));
        }
        side.give_up(Reason::of(missing), intake);
        side.place = Place::Inside(Reason::of(missing));
        None
    }

    /// Takes the end of a direction. Returns whether both have ended: then [`Detecting::end`] says as what.
    pub(crate) fn fin(&mut self, direction: Direction) -> bool {
        self.side(direction).place = Place::Ended;
        self.forward.place == Place::Ended && self.backward.place == Place::Ended
    }

    /// Takes the end of the connection. Returns why it was not wanted, if what waits is no beginning of HTTP.
    pub(crate) fn end<S: Sink>(&mut self, intake: &mut Intake<'_, S>) -> Option<Unwanted> {
        for direction in [Direction::Forward, Direction::Backward] {
            let side = self.side(direction);
            let bytes = side.waiting.bytes();
            if tls::is_hello_start(bytes) {
                self.count(direction, TlsOutcome::Ended, intake);
                return Some(self.unreadable(direction, TLS, intake));
            }
            let http = may_become_request_line(bytes) || may_become_status_line(bytes);
            if side.segments > 0 || (!bytes.is_empty() && !http) {
                let client = client(intake.flow, direction, Side::Either);
                return Some(self.unreadable(client, Unreadable::Unknown, intake));
            }
            side.give_up(Reason::Ended, intake);
        }
        None
    }

    /// Takes back the buffer in which bytes waited.
    pub(crate) fn reuse(&mut self, direction: Direction, buffer: Vec<u8>) {
        self.side(direction).waiting.reuse(buffer);
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.forward.waiting.capacity() + self.backward.waiting.capacity()
    }
}

/// Returns the client's direction, where bytes of this side came in `direction`. When nothing says which side it is, the
/// server is the one with the lower port.
fn client(flow: &Flow, direction: Direction, side: Side) -> Direction {
    match side {
        Side::Client => direction,
        Side::Server => direction.reverse(),
        Side::Either if flow.opened || flow.second.port() <= flow.first.port() => Direction::Forward,
        Side::Either => Direction::Backward,
    }
}
