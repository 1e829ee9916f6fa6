//! Which connection goes when there is no room for all: the one with the least value for its cost, among a few that
//! are looked at. Idle ones that hold much go before active ones that hold little, those that have not shown a conversation
//! before those that have, those at rest, which are parked, before those that have begun something, and last those whose
//! state cannot be learned again.

use decode::Timestamp;

use crate::connection::Connection;
use crate::event::{Direction, End};
use crate::limits::{EVICTIONS, RECENT, SAMPLE, SAMPLE_PLACES};
use crate::sink::{Kept, Sink};
use crate::table::Table;

impl<C: Default> Table<C> {
    /// Makes sure that there is a place for one more connection.
    pub(crate) fn make_room<S: Sink<State = C>>(&mut self, now: Timestamp, sink: &mut S) {
        let growth = self.connections.growth() * Self::CONNECTION_COST;
        let room = !self.connections.is_full() || growth > 0 && self.memory() + growth <= self.limits.memory;
        let worst = if room { None } else { self.worst(None, now, sink) };
        if let Some(index) = worst {
            self.close(index, End::Evicted, now, sink);
        }
    }

    /// Ends other connections, or at last `current`, until the memory is below its limit again.
    #[cold]
    pub(crate) fn relieve<S: Sink<State = C>>(&mut self, current: u32, now: Timestamp, sink: &mut S) {
        for _ in 0..EVICTIONS {
            if self.memory() <= self.limits.memory {
                return;
            }
            let worst =
                self.worst_heavy(Some(current), now, sink).or_else(|| self.worst(Some(current), now, sink));
            let Some(index) = worst else { break };
            self.close(index, End::Evicted, now, sink);
        }
        if self.memory() > self.limits.memory {
            self.close(current, End::Evicted, now, sink);
        }
    }

    /// Sets the limit of memory, in bytes, and ends connections until it is kept. The places of connections stay, so no limit
    /// is taken that is below what those need.
    pub fn set_memory<S: Sink<State = C>>(&mut self, memory: usize, now: Timestamp, sink: &mut S) {
        let fixed = self.fixed_memory();
        self.limits.memory = memory.max(fixed + fixed / 8);
        for _ in 0..self.len() {
            if self.memory() <= self.limits.memory {
                return;
            }
            let Some(index) = self.worst_heavy(None, now, sink).or_else(|| self.worst(None, now, sink))
            else {
                return;
            };
            self.close(index, End::Evicted, now, sink);
        }
    }

    fn worst_heavy<S: Sink<State = C>>(
        &mut self,
        current: Option<u32>,
        now: Timestamp,
        sink: &S,
    ) -> Option<u32> {
        let mut cursor = self.heavy_cursor;
        let sample = around(&mut cursor, self.heavy.len()).filter_map(|at| self.heavy.get(at).copied());
        let worst = self.worst_of(sample, current, now, sink);
        self.heavy_cursor = cursor;
        worst
    }

    fn worst<S: Sink<State = C>>(&mut self, current: Option<u32>, now: Timestamp, sink: &S) -> Option<u32> {
        let mut cursor = self.cursor;
        let sample = around(&mut cursor, self.connections.places()).map(|at| at as u32);
        let worst = self.worst_of(sample, current, now, sink);
        self.cursor = cursor;
        worst
    }

    /// The one that costs most among the first few of `places` that hold a connection, unless `current` costs more.
    fn worst_of<S: Sink<State = C>>(
        &self,
        places: impl Iterator<Item = u32>,
        current: Option<u32>,
        now: Timestamp,
        sink: &S,
    ) -> Option<u32> {
        let cost =
            |index| Some((cost(self.connections.get(index)?, Self::CONNECTION_COST, now, sink), index));
        let others = places.filter(|index| current != Some(*index)).filter_map(cost);
        let worst = others.take(SAMPLE).max()?;
        (current.and_then(cost) <= Some(worst)).then_some(worst.1)
    }
}

/// The next places after `cursor`, which moves along, in a round of `places`.
fn around(cursor: &mut usize, places: usize) -> impl Iterator<Item = usize> {
    (0..SAMPLE_PLACES.min(places)).map(move |_| {
        *cursor = if *cursor + 1 < places { *cursor + 1 } else { 0 };
        *cursor
    })
}

/// Returns what keeping a connection costs, against what it may still give: its memory, times how long it was idle,
/// times how little is lost with it.
fn cost<S: Sink>(connection: &Connection<S::State>, entry: usize, now: Timestamp, sink: &S) -> u64 {
    let shown = |each| {
        let half = connection.half(each);
        half.has_moved() || half.waiting.is_some()
    };
    let doubt = match [Direction::Forward, Direction::Backward].map(shown) {
        _ if connection.unwanted.is_some() => 1 << 24,
        [false, false] => 1 << 12,
        both => match (sink.kept(&connection.state), connection.waits()) {
            // What is parked is not lost.
            (Kept::Client(_), false) => 1 << 8,
            (Kept::Tables, _) => 1,
            _ if both == [true, true] => 1 << 4,
            _ => 1 << 6,
        },
    };
    let memory = (connection.memory() + entry) as u64;
    let idle = connection.silence(now).max(RECENT).as_micros();
    memory.saturating_mul(u64::try_from(idle).unwrap_or(u64::MAX)).saturating_mul(doubt)
}
