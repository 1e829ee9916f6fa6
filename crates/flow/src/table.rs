//! The flow table: finds the connection of a segment, makes it, ends it, and keeps the limits.

use decode::{Flags, Segment, Timestamp, is_tunnelled};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::connection::{Connection, LIGHT, Step};
use crate::counters::{Counters, Reason};
use crate::event::{Direction, End, Flow};
use crate::key::{self, spread};
use crate::limits::{HEAVY, Limits, TIME_WAIT_SLOTS};
use crate::parked::{Parked, Rest};
use crate::sequence::Chunk;
use crate::sink::{Interest, Kept, Sink};
use crate::slab::Slab;
use crate::time_wait::TimeWait;
use crate::timers::Timers;
use crate::twins::Twins;

/// The connections that are followed, each with a state `C` of the stage above.
///
/// The state is made with [`Default`] when a connection begins. It is dropped when the connection ends, and replaced by a
/// default one when nothing more of the connection is wanted.
pub struct Table<C> {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) connections: Slab<Connection<C>>,
    /// Finds the place of a connection by its hash.
    pub(crate) places: HashTable<Place>,
    pub(crate) seed: RandomState,
    ended: TimeWait,
    parked: Parked,
    /// Whether anything was seen inside of a tunnel.
    tunnelled: bool,
    /// Where else connections are seen, with other addresses.
    pub(crate) twins: Twins,
    pub(crate) timers: Timers,
    /// Connections that hold much memory.
    pub(crate) heavy: Vec<u32>,
    /// The memory that connections take beyond their entries.
    held: usize,
    generation: u32,
    /// Where the search for something to evict goes on: among all, and among the heavy.
    pub(crate) cursor: usize,
    pub(crate) heavy_cursor: usize,
    /// Where the search for idle ones goes on.
    pub(crate) swept: usize,
    /// The time of the last tick that did something.
    pub(crate) ticked: Option<Timestamp>,
}

/// Where a connection is. Eight bytes, so that the table grows without a look at the connections.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) hash: u32,
    pub(crate) index: u32,
}

/// Memory for each place of a connection beside the connection: its part of the hash table (at most 21 bytes), of the
/// list of free places (4), of the list of heavy ones (8), of the timers (32).
const PLACE_COST: usize = 72;

impl<C: Default> Table<C> {
    /// The memory that one connection takes from the budget as soon as it exists, without what waits and what the
    /// stage above holds.
    pub const CONNECTION_COST: usize = size_of::<Option<Connection<C>>>() + PLACE_COST;

    /// Creates an empty table.
    #[must_use]
    pub fn new(limits: Limits) -> Table<C> {
        let most = (limits.memory / 4 * 3 / (Self::CONNECTION_COST + 16)).min(limits.connections).max(1);
        Table {
            limits,
            counters: Counters::default(),
            connections: Slab::new(most),
            places: HashTable::new(),
            seed: RandomState::default(),
            ended: TimeWait::new(most.min(TIME_WAIT_SLOTS) / 2 + 1),
            parked: Parked::new(limits.memory),
            tunnelled: false,
            twins: Twins::new(most, limits.memory),
            timers: Timers::new(most),
            heavy: Vec::new(),
            held: 0,
            generation: 0,
            cursor: 0,
            heavy_cursor: 0,
            swept: 0,
            ticked: None,
        }
    }

    /// Takes a segment, tells `sink` what it brings, and returns what is still wanted of its connection.
    ///
    /// `admit` is asked only when a connection would be created; on `false` the segment is counted and forgotten.
    pub fn segment<S: Sink<State = C>>(
        &mut self,
        segment: &Segment<'_>,
        admit: impl FnOnce(&Segment<'_>) -> bool,
        sink: &mut S,
    ) -> Interest {
        self.counters.segments.seen += 1;
        self.counters.bytes.seen += segment.payload.len() as u64;
        self.tunnelled |= is_tunnelled(segment.interface);
        let hash = key::hash(&self.seed, &segment.source, &segment.destination, segment.origin);
        let Some((index, direction)) = self.find(hash, segment) else {
            return self.begin(hash, segment, admit, sink);
        };
        loop {
            let taken = self.step(index, segment.time, sink, |step| {
                if step.connection.young && !segment.payload.is_empty() {
                    return None;
                }
                let taken = step.receive(segment, direction);
                Some((taken, step.interest(segment)))
            });
            return match taken {
                Some(Some((true, interest))) => interest,
                Some(Some((false, _))) => self.replace(index, segment, admit, sink),
                Some(None) => match self.first_data(Some(index), hash, segment, sink) {
                    Some(interest) => interest,
                    // It is its own, and not young any more.
                    None => continue,
                },
                None => Interest::All,
            };
        }
    }

    /// Takes a segment of this connection, off the usual way, of which no second copy is worth its place.
    #[inline(never)]
    pub(crate) fn take<S: Sink<State = C>>(
        &mut self,
        (index, direction): (u32, Direction),
        segment: &Segment<'_>,
        sink: &mut S,
    ) -> Interest {
        let taken = self.step(index, segment.time, sink, |step| {
            (step.unusual(segment, direction), step.interest(segment))
        });
        match taken {
            Some((true, interest)) => interest,
            Some((false, _)) => self.replace(index, segment, |_| true, sink),
            None => Interest::All,
        }
    }

    /// Finds the connection of a segment.
    #[inline(always)]
    fn find(&self, hash: u32, segment: &Segment<'_>) -> Option<(u32, Direction)> {
        if self.tunnelled {
            return self.find_among_overlays(hash, segment);
        }
        let mut direction = None;
        let place = self.places.find(spread(hash), |place| {
            let connection = self.connections.get(place.index).filter(|_| place.hash == hash);
            direction = connection.and_then(|connection| connection.flow.direction(segment));
            direction.is_some()
        })?;
        Some((place.index, direction?))
    }

    /// Ends a connection, since another one began with the same addresses, and takes what was held of that and the segment
    /// that acknowledges it.
    #[cold]
    fn replace<S: Sink<State = C>>(
        &mut self,
        index: u32,
        segment: &Segment<'_>,
        admit: impl FnOnce(&Segment<'_>) -> bool,
        sink: &mut S,
    ) -> Interest {
        let Some(connection) = self.connections.get_mut(index) else { return Interest::All };
        let (hash, flow, memory) = (connection.hash, connection.flow, connection.memory());
        let rival = connection.rival.take();
        self.held = self.held + connection.memory() - memory;
        self.close(index, End::Replaced, segment.time, sink);
        let admitted = admit(segment);
        if let Some(rival) = rival {
            self.counters.release(&rival);
            rival.segments(&flow).for_each(|held| _ = self.resume(hash, &held, admitted, sink));
        }
        self.resume(hash, segment, admitted, sink)
    }

    /// Takes a segment of a connection that begins in the place of another one.
    fn resume<S: Sink<State = C>>(
        &mut self,
        hash: u32,
        segment: &Segment<'_>,
        admitted: bool,
        sink: &mut S,
    ) -> Interest {
        if !admitted {
            self.counters.refuse(Reason::NotAdmitted, segment);
            return Interest::All;
        }
        let Some((index, direction)) = self.find(hash, segment) else {
            return self.create(hash, segment, sink);
        };
        let taken = self.step(index, segment.time, sink, |step| {
            // Off the usual way, which has one caller, so that it stays in one piece.
            let taken = step.unusual(segment, direction);
            (taken, step.interest(segment))
        });
        if let Some((false, _)) = taken {
            self.counters.refuse(Reason::OutsideWindow, segment);
        }
        taken.map_or(Interest::All, |(_, interest)| interest)
    }

    /// Finds the connection of a segment where overlays may use equal addresses: of several with its addresses the one that
    /// it fits best.
    #[inline(never)]
    pub(crate) fn find_among_overlays(&self, hash: u32, segment: &Segment<'_>) -> Option<(u32, Direction)> {
        let (mut best, mut possible) = (None, None);
        self.places.find(spread(hash), |place| {
            let connection = self.connections.get(place.index).filter(|_| place.hash == hash);
            let Some((connection, direction)) =
                connection.and_then(|it| Some((it, it.flow.direction(segment)?)))
            else {
                return false;
            };
            if connection.continues(segment, direction) {
                best = Some((place.index, direction));
            } else if possible.is_none() && connection.may_have(segment, direction) {
                possible = Some((place.index, direction));
            }
            best.is_some()
        });
        best.or(possible)
    }

    /// Takes a segment that belongs to no connection.
    pub(crate) fn begin<S: Sink<State = C>>(
        &mut self,
        hash: u32,
        segment: &Segment<'_>,
        admit: impl FnOnce(&Segment<'_>) -> bool,
        sink: &mut S,
    ) -> Interest {
        if let Some(interest) = self.through_alias(hash, segment, sink) {
            return interest;
        }
        let has = |flag| segment.flags.has(flag);
        let side = usize::from(!key::in_order(&segment.source, &segment.destination));
        let first = Chunk::of(segment).sequence;
        if self.ended.covers(hash, side, first, has(Flags::SYN), segment.time) {
            let control = has(Flags::SYN) || has(Flags::FIN) || has(Flags::RST);
            if !control && Chunk::of(segment).len == 0 {
                self.counters.segments.used += 1;
            } else {
                self.counters.refuse(Reason::AfterEnd, segment);
            }
        } else if has(Flags::RST) {
            self.counters.refuse(Reason::NoConnection, segment);
        } else if !admit(segment) {
            self.counters.refuse(Reason::NotAdmitted, segment);
        } else if self.is_bare(hash, segment) {
            self.counters.refuse(Reason::Retransmitted, segment);
        } else {
            let carries = !segment.payload.is_empty();
            let twin = if carries { self.first_data(None, hash, segment, sink) } else { None };
            return twin.unwrap_or_else(|| self.create(hash, segment, sink));
        }
        Interest::All
    }

    /// Returns whether a segment brings nothing to a connection that is parked: an acknowledgment, or a probe whether the other side is
    /// still there.
    fn is_bare(&mut self, hash: u32, segment: &Segment<'_>) -> bool {
        let bare =
            segment.payload_len <= 1 && !segment.flags.has(Flags::SYN) && !segment.flags.has(Flags::FIN);
        let Some(rest) = self.parked.get(hash).filter(|_| bare) else { return false };
        let low = key::in_order(&segment.source, &segment.destination);
        let next = rest.next(Direction::Forward, low);
        let end = segment.sequence.wrapping_add(segment.payload_len);
        next == end || next == end.wrapping_add(1)
    }

    /// Returns what is remembered of a connection that a segment goes on with, if it does. It is forgotten with that.
    fn unpark(&mut self, hash: u32, segment: &Segment<'_>) -> Option<Rest> {
        let rest = self.parked.get(hash)?;
        self.parked.remove(hash);
        let low = key::in_order(&segment.source, &segment.destination);
        let [here, there] = [Direction::Forward, Direction::Backward].map(|each| rest.next(each, low));
        let goes_on = segment.sequence == here && segment.acknowledgment == there;
        (goes_on && segment.flags.has(Flags::ACK) && !segment.flags.has(Flags::SYN)).then_some(rest)
    }

    /// Remembers a connection of which nothing is lost but what a later segment needs to go on. Returns whether it is one.
    fn park<S: Sink<State = C>>(&mut self, index: u32, sink: &S) -> bool {
        let Some(connection) = self.connections.get(index).filter(|one| one.unwanted.is_none()) else {
            return false;
        };
        let Kept::Client(client) = sink.kept(&connection.state) else { return false };
        let next = [Direction::Forward, Direction::Backward].map(|each| connection.half(each).open_next());
        let ([Some(forward), Some(backward)], false) = (next, connection.waits()) else { return false };
        let low = key::in_order(&connection.flow.first, &connection.flow.second);
        let next = if low { [forward, backward] } else { [backward, forward] };
        let client_is_low = (client == Direction::Forward) == low;
        self.parked.add(connection.hash, Rest { client_is_low, next });
        true
    }

    fn create<S: Sink<State = C>>(&mut self, hash: u32, segment: &Segment<'_>, sink: &mut S) -> Interest {
        self.make_room(segment.time, sink);
        let rest = self.unpark(hash, segment);
        let opened = segment.flags.has(Flags::SYN);
        let low = key::in_order(&segment.source, &segment.destination);
        let answers = rest.map_or(opened && segment.flags.has(Flags::ACK), |rest| rest.client_is_low != low);
        let direction = if answers { Direction::Backward } else { Direction::Forward };
        let (first, second) = (segment.source, segment.destination);
        let (first, second) = if answers { (second, first) } else { (first, second) };
        let flow = Flow { first, second, opened: opened || rest.is_some(), origin: segment.origin };
        self.generation = self.generation.wrapping_add(1);
        let mut connection = Connection::new(flow, hash, self.generation);
        if let Some(rest) = rest {
            let low = low != answers;
            connection.resume(rest.next(Direction::Forward, low), rest.next(Direction::Backward, low));
        }
        let Some(index) = self.connections.insert(connection) else {
            self.counters.refuse(Reason::NotAdmitted, segment);
            return Interest::All;
        };
        self.places.insert_unique(spread(hash), Place { hash, index }, |place| spread(place.hash));
        let count = &mut self.counters.connections;
        *if opened { &mut count.opened } else { &mut count.joined } += 1;
        count.open += 1;
        if !segment.payload.is_empty() {
            self.remember(index, segment);
        }
        let interest = self.step(index, segment.time, sink, |step| {
            step.unusual(segment, direction);
            step.interest(segment)
        });
        interest.unwrap_or(Interest::All)
    }

    /// Lets a connection work, and then does what follows from it for the table.
    #[inline]
    pub(crate) fn step<S: Sink<State = C>, R>(
        &mut self,
        index: u32,
        now: Timestamp,
        sink: &mut S,
        work: impl FnOnce(&mut Step<'_, S>) -> R,
    ) -> Option<R> {
        let connection = self.connections.get_mut(index)?;
        let before = connection.memory();
        let result = work(&mut Step { connection, counters: &mut self.counters, sink, now, skip: None });
        let (after, over) = (connection.memory(), connection.over);
        if before | after != 0 {
            self.account(index, before, after, now);
        }
        if let Some(end) = over {
            self.close(index, end, now, sink);
        } else if after > before && self.memory() > self.limits.memory {
            self.relieve(index, now, sink);
        }
        Some(result)
    }

    /// Takes note of how much a connection holds now, and sets a timer when something waits in it.
    fn account(&mut self, index: u32, before: usize, after: usize, now: Timestamp) {
        self.held = self.held - before + after;
        let Some(connection) = self.connections.get_mut(index) else { return };
        if connection.waits() && !connection.timed {
            connection.timed = self.timers.set(now, index, connection.generation);
        }
        if after >= HEAVY && connection.heavy == LIGHT {
            connection.heavy = self.heavy.len() as u32;
            self.heavy.push(index);
        } else if after < HEAVY && connection.heavy != LIGHT {
            let position = std::mem::replace(&mut connection.heavy, LIGHT);
            self.lighten(position);
        }
    }

    /// Takes a connection off the list of heavy ones.
    fn lighten(&mut self, position: u32) {
        self.heavy.swap_remove(position as usize);
        if let Some(moved) =
            self.heavy.get(position as usize).and_then(|index| self.connections.get_mut(*index))
        {
            moved.heavy = position;
        }
    }

    /// Ends a connection and removes it.
    pub(crate) fn close<S: Sink<State = C>>(&mut self, index: u32, end: End, now: Timestamp, sink: &mut S) {
        if matches!(end, End::Evicted | End::Idle) && self.park(index, sink) && end == End::Evicted {
            self.counters.connections.parked += 1;
        }
        let Some(connection) = self.connections.get_mut(index) else { return };
        self.held -= connection.memory();
        Step { connection, counters: &mut self.counters, sink, now, skip: None }.close(end);
        let (hash, heavy) = (connection.hash, connection.heavy);
        if matches!(end, End::Fin | End::Reset) {
            let mut next = [Direction::Forward, Direction::Backward]
                .map(|each| connection.half(each).next().unwrap_or(0));
            if !key::in_order(&connection.flow.first, &connection.flow.second) {
                next.swap(0, 1);
            }
            self.ended.add(hash, next, now);
        }
        if heavy != LIGHT {
            self.lighten(heavy);
        }
        if let Ok(place) = self.places.find_entry(spread(hash), |place| place.index == index) {
            place.remove();
        }
        self.connections.remove(index);
        self.counters.ended(end);
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns how many connections are followed now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether no connection is followed now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the bytes that count against [`Limits::memory`] now.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.fixed_memory() + self.held
    }

    /// Returns the bytes of that which no end of a connection gives back.
    pub(crate) fn fixed_memory(&self) -> usize {
        self.ended.memory()
            + self.parked.memory()
            + self.twins.memory()
            + self.connections.places() * Self::CONNECTION_COST
    }
}
