//! What comes with every event.

use flow::{At, Direction, Flow, Timestamp, Unwanted};

use crate::counters::Counters;
use crate::message::{Sink, Unreadable};

/// What comes with an event: of which connection it is, when it happened, where it is counted, and who gets what is
/// found.
pub(crate) struct Intake<'i, S> {
    pub(crate) flow: &'i Flow,
    pub(crate) time: Timestamp,
    /// The sequence number behind the last byte that came, or of the first that did not.
    pub(crate) end: u32,
    /// How far the other direction had reached the sender ([`At::acknowledgment`]).
    pub(crate) acknowledgment: u32,
    pub(crate) counters: &'i mut Counters,
    pub(crate) sink: &'i mut S,
}

/// When and where bytes came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) time: Timestamp,
    /// The sequence number of the first byte.
    pub(crate) sequence: u32,
    /// See [`Intake::acknowledgment`].
    pub(crate) acknowledgment: u32,
}

/// Up to which sequence number the bytes of each direction, forward and backward, were acknowledged ([`flow::Over`]).
pub(crate) type Taken = [Option<u32>; 2];

/// Returns whether one place in a stream is another one, or behind it: sequence numbers stand on a circle (RFC 9293, section 3.4).
pub(crate) fn reaches(to: u32, from: u32) -> bool {
    to.wrapping_sub(from).cast_signed() >= 0
}

impl<'i, S> Intake<'i, S> {
    /// Creates what comes with `len` bytes.
    #[inline]
    pub(crate) fn of(at: At<'i>, len: usize, counters: &'i mut Counters, sink: &'i mut S) -> Intake<'i, S> {
        let end = at.sequence.wrapping_add(len as u32);
        Intake { flow: at.flow, time: at.time, end, acknowledgment: at.acknowledgment, counters, sink }
    }

    /// Returns the same for `len` other bytes: those that waited.
    pub(crate) fn at(&mut self, place: Place, len: usize) -> Intake<'_, S> {
        let Place { time, sequence, acknowledgment } = place;
        let end = sequence.wrapping_add(len as u32);
        Intake { flow: self.flow, time, end, acknowledgment, counters: self.counters, sink: self.sink }
    }

    /// Returns where the last `len` bytes of those that came begin.
    #[inline]
    pub(crate) fn place(&self, len: usize) -> Place {
        let sequence = self.end.wrapping_sub(len as u32);
        Place { time: self.time, sequence, acknowledgment: self.acknowledgment }
    }

    /// Returns the same for another view of the connection.
    pub(crate) fn seen_as<'o>(&'o mut self, flow: &'o Flow) -> Intake<'o, S> {
        let Intake { time, end, acknowledgment, .. } = *self;
        Intake { flow, time, end, acknowledgment, counters: self.counters, sink: self.sink }
    }
}

impl<S: Sink> Intake<'_, S> {
    /// Counts a connection that cannot be read, and tells the sink. Returns why it is not wanted.
    pub(crate) fn unreadable(&mut self, client: Direction, why: Unreadable<'_>) -> Unwanted {
        self.counters.unreadable += 1;
        self.sink.unreadable(client, why);
        if let Unreadable::Tls { .. } = why { Unwanted::Tls } else { Unwanted::NoHttp }
    }

    /// Counts a connection of HTTP/2 that was joined after its beginning, and tells the sink.
    pub(crate) fn older(&mut self, client: Direction) {
        self.counters.older += 1;
        self.sink.older(client);
    }
}
