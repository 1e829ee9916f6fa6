//! One connection: its entry in the table, and how bytes and endings are handed on.

use std::time::Duration;

use decode::{Origin, Segment, Timestamp};

use crate::counters::Counters;
use crate::event::{Direction, End, Flow, Missing};
use crate::half::Half;
use crate::limits::AHEAD;
use crate::rival::Rival;
use crate::sequence::Chunk;
use crate::sink::{At, Interest, Over, Sink, Unwanted, Verdict};
use crate::waiting::Ending;

/// No place in the list of heavy connections.
pub(crate) const LIGHT: u32 = u32::MAX;

/// An entry of the table: about 200 bytes and the state of the stage above.
pub(crate) struct Connection<C> {
    pub(crate) state: C,
    pub(crate) flow: Flow,
    halves: [Half; 2],
    /// The hash of `flow`.
    pub(crate) hash: u32,
    /// Tells it from others that had the same place before.
    pub(crate) generation: u32,
    /// What the stage above holds for it beyond `state`, in bytes ([`Sink::held`]).
    pub(crate) held: u32,
    /// Its position in the list of heavy connections, or [`LIGHT`].
    pub(crate) heavy: u32,
    /// Whether no data of it was seen yet, which may be those of another one with other addresses.
    pub(crate) young: bool,
    /// Whether a timer is set for it.
    pub(crate) timed: bool,
    /// Whether an RST was refused that may have been right, had all before it been captured.
    pub(crate) doubted: bool,
    /// What may begin another connection with the same addresses.
    pub(crate) rival: Option<Box<Rival>>,
    /// Why nothing more of it is wanted, once that is so.
    pub(crate) unwanted: Option<Unwanted>,
    /// Set when it is over: the table removes it then.
    pub(crate) over: Option<End>,
}

impl<C: Default> Connection<C> {
    pub(crate) fn new(flow: Flow, hash: u32, generation: u32) -> Connection<C> {
        Connection {
            state: C::default(),
            flow,
            halves: [Half::default(), Half::default()],
            hash,
            generation,
            held: 0,
            heavy: LIGHT,
            young: flow.origin == Origin::Wire,
            timed: false,
            doubted: false,
            rival: None,
            unwanted: None,
            over: None,
        }
    }

    /// Goes on with a connection that was forgotten, whose directions stand there.
    pub(crate) fn resume(&mut self, forward: u32, backward: u32) {
        self.halves = [Half::resume(forward), Half::resume(backward)];
    }

    #[inline]
    pub(crate) fn half(&self, direction: Direction) -> &Half {
        let [forward, backward] = &self.halves;
        match direction {
            Direction::Forward => forward,
            Direction::Backward => backward,
        }
    }

    /// Returns a direction, and the other one.
    #[inline]
    pub(crate) fn halves(&mut self, direction: Direction) -> (&mut Half, &mut Half) {
        let [forward, backward] = &mut self.halves;
        match direction {
            Direction::Forward => (forward, backward),
            Direction::Backward => (backward, forward),
        }
    }

    #[inline]
    pub(crate) fn half_mut(&mut self, direction: Direction) -> &mut Half {
        self.halves(direction).0
    }

    /// Returns up to where the bytes of a direction were acknowledged, if that shows. At sockets bare acknowledgments are not
    /// captured.
    fn acknowledged(&self, direction: Direction) -> Option<u32> {
        let shows = self.half(direction.reverse()).interface().is_some();
        let whole = !matches!(self.flow.origin, Origin::Socket(_));
        if shows && whole { self.half(direction).acked() } else { None }
    }

    /// Makes the other side the one that opened it.
    pub(crate) fn turn(&mut self) {
        self.halves.swap(0, 1);
        std::mem::swap(&mut self.flow.first, &mut self.flow.second);
    }

    /// Returns whether something waits.
    #[inline]
    pub(crate) fn waits(&self) -> bool {
        self.halves.iter().any(|half| half.waiting.is_some())
    }

    /// Returns the memory that it takes beyond its entry.
    #[inline]
    pub(crate) fn memory(&self) -> usize {
        let waiting: usize = self.halves.iter().map(Half::memory).sum();
        waiting + self.held as usize + self.rival.as_ref().map_or(0, |rival| rival.memory())
    }

    /// Returns how long nothing of it was seen.
    pub(crate) fn silence(&self, now: Timestamp) -> Duration {
        let [forward, backward] = &self.halves;
        forward.silence(now).min(backward.silence(now))
    }

    /// Drops what waits, and returns how many bytes that were.
    pub(crate) fn drop_waiting(&mut self) -> u64 {
        self.halves.iter_mut().filter_map(|half| half.waiting.take()).map(|waiting| waiting.bytes()).sum()
    }
}

/// When and where something happened in a direction.
#[derive(Clone, Copy)]
struct Place {
    time: Timestamp,
    sequence: u32,
    acknowledgment: Option<u32>,
}

/// A connection at work: where its bytes go, and what they count as.
pub(crate) struct Step<'a, S: Sink> {
    pub(crate) connection: &'a mut Connection<S::State>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) sink: &'a mut S,
    pub(crate) now: Timestamp,
    /// The bytes of the last [`Verdict::After`], and its direction.
    pub(crate) skip: Option<(Direction, u64)>,
}

impl<S: Sink> Step<'_, S> {
    /// Hands on the next bytes of a direction.
    #[inline]
    pub(crate) fn deliver(&mut self, direction: Direction, chunk: Chunk<'_>) {
        self.connection.half_mut(direction).deliver_to(chunk.end());
        if self.connection.unwanted.is_some() {
            self.counters.bytes.ignored += chunk.bytes.len() as u64;
        } else {
            self.hand_on(direction, chunk);
        }
    }

    /// Tells the sink the bytes of a wanted connection, after its direction went on behind them.
    #[inline]
    pub(crate) fn hand_on(&mut self, direction: Direction, chunk: Chunk<'_>) {
        let len = chunk.bytes.len() as u64;
        self.counters.bytes.delivered += len;
        let place =
            Place { time: chunk.time, sequence: chunk.sequence, acknowledgment: chunk.acknowledgment };
        if len > 0 {
            self.tell(direction, place, |sink, state, at| sink.data(state, at, chunk.bytes));
        }
        if u64::from(chunk.len) > len && self.connection.unwanted.is_none() {
            let rest = u64::from(chunk.len) - len;
            self.counters.missing.not_copied += 1;
            self.counters.missing.not_copied_bytes += rest;
            let place = Place { sequence: chunk.sequence.wrapping_add(chunk.bytes.len() as u32), ..place };
            self.tell(direction, place, |sink, state, at| sink.skip(state, at, rest, Missing::NotCopied));
        }
    }

    /// Gives up the next `len` bytes of a direction.
    pub(crate) fn skip(&mut self, direction: Direction, len: u32) {
        let half = self.connection.half_mut(direction);
        let place = Place { time: self.now, sequence: half.next().unwrap_or(0), acknowledgment: None };
        half.skip(len);
        if len > 0 && self.connection.unwanted.is_none() {
            let len = u64::from(len);
            self.counters.missing.gaps += 1;
            self.counters.missing.gap_bytes += len;
            self.tell(direction, place, |sink, state, at| sink.skip(state, at, len, Missing::Gap));
        }
    }

    /// Hands on the first of what waits, whose turn it is.
    pub(crate) fn deliver_waiting(&mut self, direction: Direction) {
        let half = self.connection.half_mut(direction);
        let Some(waiting) = &mut half.waiting else { return };
        let piece = waiting.pop(self.now);
        let ending = waiting.ending();
        if waiting.is_empty() || piece.is_none() {
            half.waiting = None;
        }
        if let Some(piece) = piece {
            self.counters.bytes.waiting -= piece.chunk().bytes.len() as u64;
            self.deliver(direction, piece.chunk());
        } else if let Some(ending) = ending {
            self.end(direction, ending);
        }
    }

    /// Hands on the end of a direction, or takes note of that of the connection.
    pub(crate) fn end(&mut self, direction: Direction, ending: Ending) {
        let (half, other) = self.connection.halves(direction);
        half.end(ending);
        if ending.fin {
            if other.has_ended() {
                self.connection.over = Some(End::Fin);
            }
            if self.connection.unwanted.is_none() {
                let Ending { sequence, acknowledgment, .. } = ending;
                self.tell(
                    direction,
                    Place { time: self.now, sequence, acknowledgment },
                    |sink, state, at| {
                        sink.fin(state, at);
                        Verdict::All
                    },
                );
            }
        }
        if ending.reset {
            self.connection.over = Some(End::Reset);
        }
    }

    /// Hands on the end of the connection: what waits first, and then how it ended.
    pub(crate) fn close(&mut self, end: End) {
        self.drop_rival();
        self.flush();
        if end == End::Merged {
            return;
        }
        let acknowledged =
            [Direction::Forward, Direction::Backward].map(|each| self.connection.acknowledged(each));
        let Connection { state, flow, unwanted: None, .. } = &mut *self.connection else { return };
        self.sink.end(state, Over { flow, time: self.now, end, acknowledged });
    }

    /// Returns what is still wanted of the connection, after a segment of it.
    #[inline]
    pub(crate) fn interest(&self, segment: &Segment<'_>) -> Interest {
        if let Some(why) = self.connection.unwanted {
            return Interest::Nothing(why);
        }
        match self.skip {
            Some((direction, bytes)) if self.connection.flow.source(direction) == segment.source => {
                // Further ahead than sequence numbers can tell apart nothing can be said.
                let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).min(AHEAD.unsigned_abs());
                let next = self.connection.half(direction).next();
                next.map_or(Interest::All, |next| Interest::From(next.wrapping_add(bytes)))
            }
            _ => Interest::All,
        }
    }

    /// Tells the sink something of a wanted connection, and takes its answer.
    #[inline]
    fn tell(
        &mut self,
        direction: Direction,
        place: Place,
        what: impl FnOnce(&mut S, &mut S::State, At<'_>) -> Verdict,
    ) {
        let connection = &mut *self.connection;
        let Place { time, sequence, acknowledgment } = place;
        let acknowledgment =
            acknowledgment.unwrap_or_else(|| connection.half(direction.reverse()).next().unwrap_or_default());
        let at = At { flow: &connection.flow, direction, time, sequence, acknowledgment };
        let verdict = what(self.sink, &mut connection.state, at);
        self.skip = None;
        match verdict {
            Verdict::Nothing(why) => return self.ignore(why),
            Verdict::After(bytes) if bytes > 0 => self.skip = Some((direction, bytes)),
            Verdict::All | Verdict::After(_) => {}
        }
        connection.held = u32::try_from(self.sink.held(&connection.state)).unwrap_or(u32::MAX);
    }

    #[cold]
    fn ignore(&mut self, why: Unwanted) {
        self.connection.unwanted = Some(why);
        self.connection.held = 0;
        self.connection.state = S::State::default();
        let dropped = self.connection.drop_waiting();
        self.counters.bytes.waiting -= dropped;
        self.counters.bytes.ignored += dropped;
    }
}
