//! What waits for what, and when the waiting ends.
//!
//! What waits in a direction waits for one of three things. *The start*: the direction was joined in the middle, and
//! it is not clear yet whether lower bytes come, or the SYN. *A hole*: bytes before it are missing. *The other direction*: it
//! acknowledges bytes of the other direction that were not handed on yet, so it was sent after them; handing it on
//! would show a response before its request. All three end when what was waited for comes, or when patience ends; then
//! what is missing becomes a gap. Two directions that wait for each other's lost bytes are freed the same way.

use crate::connection::Step;
use crate::event::Direction;
use crate::limits::{AHEAD, LOSS_TIME, REORDER_SEGMENTS, REORDER_TIME, WAITING_MEMORY, WAITING_PIECES};
use crate::sequence::distance;
use crate::sink::Sink;

const BOTH: [Direction; 2] = [Direction::Forward, Direction::Backward];

impl<S: Sink> Step<'_, S> {
    /// Returns whether something of a direction may be handed on although it acknowledges this number: whether the other
    /// direction is that far. One that is known to be absent is brought there.
    pub(crate) fn is_turn(&mut self, direction: Direction, number: Option<u32>) -> bool {
        let other = self.connection.half(direction.reverse());
        let (Some(number), Some(next), false) = (number, other.next(), other.has_ended()) else {
            return true;
        };
        if !(1..=AHEAD).contains(&distance(next, number)) {
            return true;
        }
        let absent = other.is_absent();
        if absent {
            self.advance(direction.reverse(), number);
        }
        absent
    }

    /// Hands on everything whose turn it is.
    pub(crate) fn drain(&mut self) {
        while BOTH.map(|direction| self.drain_one(direction)).contains(&true) {}
    }

    fn drain_one(&mut self, direction: Direction) -> bool {
        let mut moved = false;
        loop {
            let half = self.connection.half(direction);
            let Some((sequence, acknowledgment)) = half.head() else { return moved };
            if half.known_next() != Some(sequence) || !self.is_turn(direction, acknowledgment) {
                return moved;
            }
            self.deliver_waiting(direction);
            moved = true;
        }
    }

    /// Ends the waiting of directions that waited long enough. `arrived`: a segment of the connection came.
    pub(crate) fn reconsider(&mut self, arrived: bool) {
        for direction in BOTH {
            let mut arrived = arrived;
            while self.is_weary(direction, arrived) {
                self.give_up(direction);
                self.drain();
                arrived = false;
            }
        }
    }

    fn is_weary(&mut self, direction: Direction, arrived: bool) -> bool {
        let half = self.connection.half_mut(direction);
        let Some((sequence, _)) = half.head() else { return false };
        let lost = half.is_lost_before(sequence);
        let Some(waiting) = &mut half.waiting else { return false };
        if arrived {
            waiting.arrived();
        }
        let age = waiting.age(self.now);
        waiting.memory() > WAITING_MEMORY
            || waiting.len() > WAITING_PIECES
            || age >= if lost { LOSS_TIME } else { REORDER_TIME }
            || !lost && waiting.segments() > REORDER_SEGMENTS
    }

    /// Gives up what the first that waits in a direction waits for.
    fn give_up(&mut self, direction: Direction) {
        let (half, other) = self.connection.halves(direction);
        let Some((sequence, acknowledgment)) = half.head() else {
            half.waiting = None;
            return;
        };
        match half.known_next() {
            Some(next) if next != sequence => self.skip(direction, sequence.wrapping_sub(next)),
            Some(_) if !other.is_told() => {
                if let Some(number) = acknowledgment {
                    self.advance(direction.reverse(), number);
                }
            }
            _ => {
                half.settle();
                other.settle();
            }
        }
    }

    /// Brings a direction to a sequence number: by handing on what waits, whatever that waits for, and by skipping
    /// what is missing.
    fn advance(&mut self, direction: Direction, number: u32) {
        loop {
            let half = self.connection.half_mut(direction);
            let (Some(next), false) = (half.next(), half.has_ended()) else { return };
            let left = distance(next, number);
            if left <= 0 {
                return;
            }
            let hole = half.head().map_or(left, |(sequence, _)| distance(next, sequence).min(left));
            if hole > 0 {
                self.skip(direction, hole.unsigned_abs());
            } else {
                self.deliver_waiting(direction);
            }
        }
    }

    /// Hands on everything that waits, with gaps where something is missing.
    pub(crate) fn flush(&mut self) {
        self.drain();
        while let Some(direction) =
            BOTH.into_iter().find(|each| self.connection.half(*each).waiting.is_some())
        {
            self.give_up(direction);
            self.drain();
        }
    }
}
