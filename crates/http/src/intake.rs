//! What comes with every event.

use flow::{Direction, Flow, Timestamp, Unwanted};

use crate::counters::Counters;
use crate::message::{Sink, Unreadable};

/// What comes with an event: of which connection it is, when it happened, where it is counted, and who gets what is
/// found.
pub(crate) struct Intake<'i, S> {
    pub(crate) flow: &'i Flow,
    pub(crate) time: Timestamp,
    pub(crate) counters: &'i mut Counters,
    pub(crate) sink: &'i mut S,
}

impl<S> Intake<'_, S> {
    /// Returns the same for another time: that of bytes that waited.
    pub(crate) fn at(&mut self, time: Timestamp) -> Intake<'_, S> {
        Intake { flow: self.flow, time, counters: self.counters, sink: self.sink }
    }

    /// Returns the same for another view of the connection.
    pub(crate) fn of<'o>(&'o mut self, flow: &'o Flow) -> Intake<'o, S> {
        Intake { flow, time: self.time, counters: self.counters, sink: self.sink }
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
