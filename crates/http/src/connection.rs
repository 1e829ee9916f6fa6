//! One connection: what it is, and what it turns into.
//!
//! ```text
//!              first bytes        response 101, h2c
//!  Detecting ─────────────► Http1 ─────────────────► Http2
//!   │  │  └── preface, frames ──────────────────────► ▲│
//!   │  │                     │                         │
//!   │  │                     │ response 101, CONNECT   │ wrong frames
//!   │  └────────────────────►▼◄────────────────────────┘
//!   │    another protocol   Unreadable
//!   ▼
//!  Ended: from Detecting, Http1, Http2 and Sealed, when both directions have ended
//!
//!  Detecting ── ClientHello, if its secrets may be had ──► Sealed, with another connection inside
//! ```

use flow::{At, Direction, Kept, Missing, Over, Unwanted, Verdict};

use crate::counters::{Counters, Reason, Unanswered};
use crate::detect::{Detecting, Found};
use crate::h1::{After, Http1};
use crate::h2::Http2;
use crate::intake::{Intake, Taken};
use crate::late::Late;
use crate::message::Sink;
use crate::sealed::{Inside, Sealed, Unsealed};
use crate::turn::Turn;

/// The state of one connection.
///
/// It holds memory only for what waits: a head of which a part is missing, and requests until their responses have
/// ended. At most two heads ([`crate::MAX_HEAD`]), [`crate::MAX_WAITING`] and one more request with its response, in
/// buffers that may be twice as large as what is in them.
#[derive(Debug, Default)]
pub struct Connection {
    state: State,
}

/// What a connection is, with what belongs to it.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are HTTP/1: a box would be one more place to fetch for each packet"
)]
enum State {
    /// That is not known yet.
    Detecting(Detecting),
    /// HTTP/1.
    Http1(Http1),
    /// HTTP/2, in a box: it is several times as large as the other states.
    Http2(Box<Http2>),
    /// TLS that may be opened, with what is inside.
    Sealed(Box<Late<Connection>>),
    /// It cannot be read, or no longer, and so is not wanted.
    Unreadable(Unwanted),
    /// Both directions have ended.
    Ended,
}

impl Default for State {
    fn default() -> State {
        State::Detecting(Detecting::default())
    }
}

impl From<Found> for State {
    fn from(found: Found) -> State {
        match found {
            Found::Http1(http1) => State::Http1(http1),
            Found::Http2(http2) => State::Http2(http2),
            Found::Sealed(hello) => {
                let sealed = Sealed::new(hello, Connection::inside_of_tls());
                State::Sealed(Box::new(Late::new(sealed)))
            }
            Found::Unreadable(why) => State::Unreadable(why),
        }
    }
}

impl From<After> for State {
    fn from(after: After) -> State {
        match after {
            After::Http2(http2) => State::Http2(http2),
            After::Unreadable(why) => State::Unreadable(why),
        }
    }
}

impl From<Unsealed> for State {
    fn from(unsealed: Unsealed) -> State {
        match unsealed {
            Unsealed::Unreadable(why) => State::Unreadable(why),
            Unsealed::Ended => State::Ended,
        }
    }
}

impl State {
    /// What a connection is that ended, whose protocol was not known.
    fn ended(unwanted: Option<Unwanted>) -> State {
        unwanted.map_or(State::Ended, State::Unreadable)
    }
}

impl Connection {
    /// Takes the next bytes of a direction. Returns what is still wanted: [`Verdict::Nothing`] when nothing more of this
    /// connection can be read.
    pub fn data(
        &mut self,
        at: At<'_>,
        bytes: &[u8],
        counters: &mut Counters,
        sink: &mut impl Sink,
    ) -> Verdict {
        counters.bytes += bytes.len() as u64;
        let mut intake = Intake::of(at, bytes.len(), counters, sink);
        self.read(at.direction, bytes, &mut intake);
        self.verdict(at.direction)
    }

    /// Takes note that the next `len` bytes of a direction are not here. Returns what is still wanted.
    pub fn skip(
        &mut self,
        at: At<'_>,
        len: u64,
        why: Missing,
        counters: &mut Counters,
        sink: &mut impl Sink,
    ) -> Verdict {
        match why {
            Missing::NotCopied => counters.not_copied_bytes += len,
            Missing::Gap => counters.gap_bytes += len,
        }
        let mut intake = Intake::of(at, 0, counters, sink);
        match &mut self.state {
            State::Http1(http1) => http1.skip(at.direction, len, why, &mut intake),
            State::Http2(http2) => http2.skip(at.direction, len, why, &mut intake),
            State::Sealed(sealed) => {
                if let Some(unsealed) = sealed.skip(at.direction, len, why, &mut intake) {
                    self.state = unsealed.into();
                }
            }
            State::Detecting(detecting) => {
                if let Some(unwanted) = detecting.skip(at.direction, why, &mut intake) {
                    self.state = State::Unreadable(unwanted);
                }
            }
            State::Unreadable(_) | State::Ended => {}
        }
        self.verdict(at.direction)
    }

    /// Takes note that a direction is complete. The other one may go on.
    pub fn fin(&mut self, at: At<'_>, counters: &mut Counters, sink: &mut impl Sink) {
        self.finish(at.direction, &mut Intake::of(at, 0, counters, sink));
    }

    /// Takes note that the connection is over, and hands on what waits.
    pub fn end(&mut self, over: Over<'_>, counters: &mut Counters, sink: &mut impl Sink) {
        let Over { flow, time, end, acknowledged } = over;
        let mut intake = Intake { flow, time, end: 0, acknowledgment: 0, counters, sink };
        self.stop(Unanswered::of(end), acknowledged, &mut intake);
    }

    /// Returns what is lost with it when memory is short.
    #[must_use]
    pub fn kept(&self) -> Kept {
        match &self.state {
            State::Http1(http1) => http1.kept(),
            State::Http2(_) | State::Sealed(_) => Kept::Tables,
            State::Detecting(_) | State::Unreadable(_) | State::Ended => Kept::Usual,
        }
    }

    /// Returns the bytes of memory that it holds beyond its own size. It is exact.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.state {
            State::Http1(http1) => http1.held(),
            State::Http2(http2) => http2.held(),
            State::Detecting(detecting) => detecting.held(),
            State::Sealed(sealed) => sealed.held(),
            State::Unreadable(_) | State::Ended => 0,
        }
    }

    /// Returns the client's random of a TLS connection that waits for its secrets, so that it is worth the while to end it
    /// later ([`Sink::secrets_come_late`]).
    #[must_use]
    pub fn waits_for_secrets(&self) -> Option<&[u8; tls::RANDOM_LEN]> {
        if let State::Sealed(sealed) = &self.state { sealed.waits_for() } else { None }
    }

    /// What is inside of a TLS connection, which is not opened if it is TLS again.
    fn inside_of_tls() -> Connection {
        Connection { state: State::Detecting(Detecting::inside_of_tls()) }
    }

    /// From here on it is something else, which reads the bytes that were not read.
    fn turn<T: Into<State>, S: Sink>(
        &mut self,
        turn: Turn<'_, T>,
        direction: Direction,
        intake: &mut Intake<'_, S>,
    ) {
        self.state = turn.into.into();
        let (waited, place) = turn.waited;
        if !waited.is_empty() {
            self.read(direction.reverse(), &waited, &mut intake.at(place, waited.len()));
        }
        self.read(direction, turn.rest, &mut intake.at(turn.place, turn.rest.len()));
    }

    /// Gives back the buffer of bytes that waited for the protocol, unless nothing will wait in it any more.
    fn give_back(&mut self, direction: Direction, buffer: Vec<u8>) {
        match &mut self.state {
            State::Detecting(detecting) => detecting.reuse(direction, buffer),
            State::Http1(http1) => http1.reuse(direction, buffer),
            State::Http2(_) | State::Sealed(_) | State::Unreadable(_) | State::Ended => {}
        }
    }

    #[inline]
    fn verdict(&mut self, direction: Direction) -> Verdict {
        match &mut self.state {
            State::Http1(http1) => Verdict::After(http1.unneeded(direction)),
            State::Unreadable(why) => Verdict::Nothing(*why),
            State::Http2(_) | State::Sealed(_) | State::Detecting(_) | State::Ended => Verdict::All,
        }
    }
}

impl Inside for Connection {
    fn unwanted(&self) -> Option<Unwanted> {
        if let State::Unreadable(why) = self.state { Some(why) } else { None }
    }

    fn is_http(&self) -> bool {
        matches!(self.state, State::Http1(_) | State::Http2(_))
    }

    fn finish<S: Sink>(&mut self, direction: Direction, intake: &mut Intake<'_, S>) {
        let ended = match &mut self.state {
            State::Http1(http1) => http1.fin(direction, intake).then_some(State::Ended),
            State::Http2(http2) => http2.fin(direction, intake).then_some(State::Ended),
            State::Sealed(sealed) => sealed.fin(direction, intake).map(State::from),
            State::Detecting(detecting) => {
                detecting.fin(direction).then(|| State::ended(detecting.end(intake)))
            }
            State::Unreadable(_) | State::Ended => None,
        };
        if let Some(ended) = ended {
            self.state = ended;
        }
    }

    fn stop<S: Sink>(&mut self, reason: Unanswered, taken: Taken, intake: &mut Intake<'_, S>) {
        let of = |direction: Direction| {
            taken.get(usize::from(direction == Direction::Backward)).copied().flatten()
        };
        self.state = match &mut self.state {
            State::Http1(http1) => {
                http1.end(reason, of(http1.client()), intake);
                State::Ended
            }
            State::Http2(http2) => {
                http2.end(reason, of(http2.direction()), intake);
                State::Ended
            }
            State::Sealed(sealed) => sealed.end(reason, taken, intake).into(),
            State::Detecting(detecting) => State::ended(detecting.end(intake)),
            State::Unreadable(why) => State::Unreadable(*why),
            State::Ended => State::Ended,
        };
    }

    fn lose<S: Sink>(&mut self, direction: Direction, missing: Missing, intake: &mut Intake<'_, S>) {
        match &mut self.state {
            State::Http1(http1) => http1.lose(direction, missing, intake),
            State::Http2(http2) => http2.skip(direction, u64::MAX, missing, intake),
            State::Detecting(detecting) => {
                if let Some(unwanted) = detecting.skip(direction, missing, intake) {
                    self.state = State::Unreadable(unwanted);
                }
            }
            State::Sealed(_) | State::Unreadable(_) | State::Ended => {}
        }
    }

    fn read<S: Sink>(&mut self, direction: Direction, data: &[u8], intake: &mut Intake<'_, S>) {
        match &mut self.state {
            State::Http1(http1) => {
                if let Some(turn) = http1.data(direction, data, intake) {
                    self.turn(turn, direction, intake);
                }
            }
            State::Http2(http2) => {
                if let Err(unwanted) = http2.data(direction, data, intake) {
                    self.state = State::Unreadable(unwanted);
                }
            }
            State::Detecting(detecting) => {
                let mut held = Vec::new();
                if let Some(turn) = detecting.data(direction, data, &mut held, intake) {
                    self.turn(turn, direction, intake);
                }
                if held.capacity() > 0 {
                    self.give_back(direction, held);
                }
            }
            State::Sealed(sealed) => {
                if let Some(unsealed) = sealed.data(direction, data, intake) {
                    self.state = unsealed.into();
                }
            }
            State::Unreadable(_) => intake.counters.skip(Reason::Unreadable, data.len()),
            State::Ended => intake.counters.skip(Reason::Ended, data.len()),
        }
    }

    fn memory(&self) -> usize {
        self.held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Connection>() <= 320, "{}", size_of::<Connection>());
        assert_eq!(Connection::default().held(), 0);
    }
}
