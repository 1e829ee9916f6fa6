//! A TLS connection whose secrets may come later than what they open: what comes meanwhile waits, and is read as it came.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use flow::{Direction, Missing, Timestamp};
use tls::{Ahead, Label, RANDOM_LEN, Sender};

use crate::counters::{Reason, Unanswered};
use crate::intake::{Intake, Place, Taken};
use crate::message::Sink;
use crate::sealed::{Inside, Sealed, Unsealed};

/// The time that a connection waits for its secrets: a program writes them before it sends what they seal, so it is about the
/// way through a file.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// The most bytes that wait: those of a handshake, of requests and of the beginning of an answer.
const MAX_BYTES: usize = 64 << 10;
/// The most events that wait, of a byte each at worst.
const MAX_EVENTS: usize = 256;

/// A TLS connection, with what waits for its secrets.
pub(crate) struct Late<I> {
    sealed: Sealed<I>,
    waits: Waits,
}

/// Whether what comes waits.
enum Waits {
    /// The client's random is not known yet, by which secrets are known.
    Unknown,
    Until(Waiting),
    /// The secrets are there, or were waited for long enough.
    No,
}

struct Waiting {
    random: [u8; RANDOM_LEN],
    /// Reads the hellos of what waits.
    ahead: Ahead,
    since: Timestamp,
    events: VecDeque<(Direction, Place, Event)>,
    bytes: usize,
}

enum Event {
    Data(Box<[u8]>),
    Missing(u64, Missing),
    Fin,
}

impl<I: fmt::Debug> fmt::Debug for Late<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sealed.fmt(f)
    }
}

impl<I: Inside> Late<I> {
    pub(crate) fn new(sealed: Sealed<I>) -> Late<I> {
        Late { sealed, waits: Waits::Unknown }
    }

    /// Takes bytes. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn data<S: Sink>(
        &mut self,
        direction: Direction,
        data: &[u8],
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        self.take(direction, data, intake, || Event::Data(data.into()))
            .unwrap_or_else(|intake| self.sealed.data(direction, data, intake))
    }

    /// Takes note that bytes are missing. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn skip<S: Sink>(
        &mut self,
        direction: Direction,
        len: u64,
        missing: Missing,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        self.take(direction, &[], intake, || Event::Missing(len, missing))
            .unwrap_or_else(|intake| self.sealed.skip(direction, len, missing, intake))
    }

    /// Takes the end of a direction. Returns what the connection is if it is not sealed any longer.
    pub(crate) fn fin<S: Sink>(
        &mut self,
        direction: Direction,
        intake: &mut Intake<'_, S>,
    ) -> Option<Unsealed> {
        self.take(direction, &[], intake, || Event::Fin)
            .unwrap_or_else(|intake| self.sealed.fin(direction, intake))
    }

    /// Takes the end of the connection; `reason` is why what waits has no response, and `taken` what was acknowledged.
    pub(crate) fn end<S: Sink>(
        &mut self,
        reason: Unanswered,
        taken: Taken,
        intake: &mut Intake<'_, S>,
    ) -> Unsealed {
        let unsealed = self.read_on(intake);
        unsealed.unwrap_or_else(|| self.sealed.end(reason, taken, intake))
    }

    /// Returns whether it waits for secrets, of a connection with this random.
    pub(crate) fn waits_for(&self) -> Option<&[u8; RANDOM_LEN]> {
        if let Waits::Until(waiting) = &self.waits { Some(&waiting.random) } else { None }
    }

    /// Returns the number of bytes of memory behind it, and its own.
    pub(crate) fn held(&self) -> usize {
        let waits = match &self.waits {
            Waits::Until(waiting) => {
                waiting.bytes
                    + waiting.ahead.held()
                    + waiting.events.capacity() * size_of::<(Direction, Place, Event)>()
            }
            Waits::Unknown | Waits::No => 0,
        };
        self.sealed.held() + waits + size_of::<Waits>()
    }

    /// Lets an event wait if it has to. Gives the intake back if the event is to be read now.
    fn take<'i, 'o, S: Sink>(
        &mut self,
        direction: Direction,
        data: &[u8],
        intake: &'i mut Intake<'o, S>,
        event: impl FnOnce() -> Event,
    ) -> Result<Option<Unsealed>, &'i mut Intake<'o, S>> {
        if let (Waits::Unknown, Some(random)) = (&self.waits, self.sealed.random()) {
            self.waits = if intake.sink.secrets_come_late() {
                let (since, events, ahead) = (intake.time, VecDeque::new(), self.sealed.ahead());
                Waits::Until(Waiting { random, since, events, bytes: 0, ahead })
            } else {
                Waits::No
            };
        }
        let (len, from) = (data.len(), self.sealed.sender(direction));
        let Waits::Until(waiting) = &mut self.waits else { return Err(intake) };
        if waiting.goes_on(from, data, intake) {
            waiting.bytes += len;
            intake.counters.waiting_bytes += len as u64;
            waiting.events.push_back((direction, intake.place(len), event()));
            return Ok(None);
        }
        match self.read_on(intake) {
            None => Err(intake),
            unsealed => {
                intake.counters.skip(Reason::Unreadable, len);
                Ok(unsealed)
            }
        }
    }

    /// Reads what waited, as it came. Returns what the connection is if it is not sealed any longer.
    fn read_on<S: Sink>(&mut self, intake: &mut Intake<'_, S>) -> Option<Unsealed> {
        let Waits::Until(waiting) = std::mem::replace(&mut self.waits, Waits::No) else { return None };
        let mut unsealed = None;
        intake.counters.waiting_bytes -= waiting.bytes as u64;
        for (direction, place, event) in waiting.events {
            let len = if let Event::Data(data) = &event { data.len() } else { 0 };
            if unsealed.is_some() {
                intake.counters.skip(Reason::Unreadable, len);
                continue;
            }
            let intake = &mut intake.at(place, len);
            unsealed = match event {
                Event::Data(data) => self.sealed.data(direction, &data, intake),
                Event::Missing(len, missing) => self.sealed.skip(direction, len, missing, intake),
                Event::Fin => self.sealed.fin(direction, intake),
            };
        }
        unsealed
    }
}

impl Waiting {
    /// Returns whether these bytes are to wait too.
    fn goes_on<S: Sink>(&mut self, from: Sender, data: &[u8], intake: &mut Intake<'_, S>) -> bool {
        intake.time.saturating_since(self.since) < PATIENCE
            && self.bytes.saturating_add(data.len()) <= MAX_BYTES
            && self.events.len() < MAX_EVENTS
            && !Label::open_data(|label| intake.sink.secret(&self.random, label).is_some())
            && !self.are_expanded(from, data, intake.sink)
    }

    /// Returns whether the connection has secrets that are taken where its library expands them. These come before what is sealed
    /// with them.
    fn are_expanded<S: Sink>(&mut self, from: Sender, data: &[u8], sink: &mut S) -> bool {
        if self.ahead.is_over() {
            return false;
        }
        if sink.secret(&self.random, Label::ServerHandshake).is_some() {
            self.ahead.stop();
            return false;
        }
        let name = self.ahead.read(from, data);
        name.is_some_and(|name| sink.secret(&name, Label::HandshakeStage).is_some())
    }
}
