//! What the passing of time does to a table.

use std::time::Duration;

use decode::Timestamp;

use crate::connection::Connection;
use crate::event::{Direction, End};
use crate::limits::{IDLE_BEGUN, IDLE_UNUSED, SWEEP_TIME, TICK};
use crate::sink::{Kept, Sink};
use crate::table::Table;

impl<C: Default> Table<C> {
    /// Lets time pass: gives up what was waited for too long, and forgets idle connections (some of them each time, so
    /// that all were looked at after some seconds). `now` is of the same clock as the times of the
    /// segments. Cheap, and nothing within a millisecond: call it after each batch of segments.
    pub fn tick<S: Sink<State = C>>(&mut self, now: Timestamp, sink: &mut S) {
        let passed = self.ticked.map_or(SWEEP_TIME, |last| now.abs_diff(last));
        if passed < TICK {
            return;
        }
        self.ticked = Some(now);
        self.end_timers(now, sink);
        self.sweep(passed, now, sink);
    }

    fn end_timers<S: Sink<State = C>>(&mut self, now: Timestamp, sink: &mut S) {
        for _ in 0..self.timers.len() {
            let Some((index, generation)) = self.timers.next(now) else { return };
            if let Some(connection) = self.connections.get_mut(index).filter(|it| it.generation == generation)
            {
                connection.timed = false;
                self.step(index, now, sink, |step| step.reconsider(false));
            }
        }
    }

    fn sweep<S: Sink<State = C>>(&mut self, passed: Duration, now: Timestamp, sink: &mut S) {
        let places = self.connections.places();
        let share = passed.min(SWEEP_TIME).as_nanos() * places as u128 / SWEEP_TIME.as_nanos();
        for _ in 0..places.min(share as usize + 1) {
            self.swept = if self.swept + 1 < places { self.swept + 1 } else { 0 };
            let index = self.swept as u32;
            let Some(connection) = self.connections.get(index) else { continue };
            let silence = connection.silence(now);
            if silence > IDLE_UNUSED.min(self.limits.idle)
                && silence > patience(connection, self.limits.idle, sink)
            {
                self.close(index, End::Idle, now, sink);
            } else if connection.waits() && !connection.timed {
                self.step(index, now, sink, |step| step.reconsider(false));
            }
        }
    }

    /// Ends all connections with [`End::Stopped`], after handing on what waits.
    pub fn finish<S: Sink<State = C>>(&mut self, now: Timestamp, sink: &mut S) {
        for index in 0..self.connections.places() {
            self.close(index as u32, End::Stopped, now, sink);
        }
    }
}

/// Returns how long a connection may be idle.
fn patience<S: Sink>(connection: &Connection<S::State>, most: Duration, sink: &S) -> Duration {
    let halves = [Direction::Forward, Direction::Backward].map(|direction| connection.half(direction));
    let unused = halves.iter().all(|half| !half.has_moved()) || halves.iter().any(|half| half.has_ended());
    if unused || connection.doubted {
        return most.min(IDLE_UNUSED);
    }
    match sink.kept(&connection.state) {
        _ if connection.unwanted.is_some() => most,
        Kept::Client(_) => most,
        Kept::Usual => most.max(IDLE_BEGUN),
        Kept::Tables => Duration::MAX,
    }
}
