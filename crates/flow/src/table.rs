//! The flow table.

use crate::{Counters, Direction, Event, Flow, Limits, Verdict};
use decode::Segment;

/// The connections that are followed, each with a state `C` of the stage above.
pub struct Table<C> {
    limits: Limits,
    counters: Counters,
    states: Vec<C>,
}

impl<C: Default> Table<C> {
    /// An empty table.
    #[must_use]
    pub fn new(limits: Limits) -> Table<C> {
        Table { limits, counters: Counters::default(), states: Vec::new() }
    }

    /// Takes a segment, and hands `sink` what it brings: the state of its connection, the connection, the
    /// direction, the time of the segment that brought it (nanoseconds since the Unix epoch) and the event.
    ///
    /// `admit` is asked only when a connection would be created; on `false` the segment is counted and forgotten.
    pub fn segment<S>(
        &mut self,
        segment: &Segment<'_>,
        admit: impl FnOnce(&Segment<'_>) -> bool,
        sink: &mut S,
    ) where
        S: FnMut(&mut C, &Flow, Direction, u64, Event<'_>) -> Verdict,
    {
        self.counters.segments.seen += 1;
        if !admit(segment) {
            self.counters.segments.not_admitted += 1;
            return;
        }
        let flow = Flow {
            first: segment.source,
            second: segment.destination,
            opened: false,
            tunnel: segment.tunnel,
        };
        let mut state = C::default();
        sink(&mut state, &flow, Direction::Forward, segment.time, Event::Data(segment.payload));
        self.states.push(state);
    }

    /// Lets time pass: gives up what was waited for too long and forgets idle connections. `now` is in nanoseconds
    /// since the Unix epoch, in the same clock as the segments. Cheap: call it after each batch of segments.
    pub fn tick<S>(&mut self, _now: u64, _sink: &mut S)
    where
        S: FnMut(&mut C, &Flow, Direction, u64, Event<'_>) -> Verdict,
    {
    }

    /// Ends all connections with [`crate::End::Stopped`], after delivering what waits.
    pub fn finish<S>(&mut self, _now: u64, _sink: &mut S)
    where
        S: FnMut(&mut C, &Flow, Direction, u64, Event<'_>) -> Verdict,
    {
    }

    /// The counts so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many connections are followed now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether no connection is followed now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// The bytes that count against [`Limits::memory`] now.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.limits.memory
    }
}
