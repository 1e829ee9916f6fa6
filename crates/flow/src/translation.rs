//! Connections that are seen twice with other addresses: before and after a node translated them (NAT).
//!
//! A translation changes addresses and ports, and leaves sequence numbers and bytes. So two connections are one if their
//! first data are equal: sequence and acknowledgment number, length and content, at nearly the same time, while neither was
//! answered. From then on segments with either addresses are those of one connection, in another place, where what comes
//! twice counts once. Sequence numbers begin at random places (RFC 9293, section 3.4.1): by chance nobody else has them.

use std::time::Duration;

use decode::{Flags, Origin, Segment};

use crate::counters::Reason;
use crate::event::{Direction, End, Flow};
use crate::key::{self, spread};
use crate::sink::{Interest, Sink};
use crate::table::{Place, Table};
use crate::twins::{Alias, Data, First, may_be_same};

/// How long after each other the same data may be captured: the two places are read by turns, each at its time.
const APART: Duration = Duration::from_millis(100);
impl<C: Default> Table<C> {
    /// Takes a segment whose addresses stand for those of a connection. None if they do not.
    pub(crate) fn through_alias<S: Sink<State = C>>(
        &mut self,
        hash: u32,
        segment: &Segment<'_>,
        sink: &mut S,
    ) -> Option<Interest> {
        if self.twins.aliases.is_empty() || segment.origin != Origin::Wire {
            return None;
        }
        let translated = self.twins.translated(hash, segment)?;
        let to = key::hash(&self.seed, &translated.source, &translated.destination, translated.origin);
        let Some(found) = self.find_among_overlays(to, &translated) else {
            if segment.flags.has(Flags::SYN) {
                // A new connection may be translated in another way.
                self.twins.forget(hash, [segment.source, segment.destination]);
                return None;
            }
            return Some(self.begin(to, &translated, |_| true, sink));
        };
        Some(self.take(found, &translated, sink))
    }

    /// Takes the first data of a connection, which has this place if it has one yet. None if no other connection had the
    /// same; else it is that one from now on.
    #[inline(never)]
    pub(crate) fn first_data<S: Sink<State = C>>(
        &mut self,
        index: Option<u32>,
        hash: u32,
        segment: &Segment<'_>,
        sink: &mut S,
    ) -> Option<Interest> {
        if segment.origin != Origin::Wire {
            return None;
        }
        let data = Data::of(&self.seed, segment);
        let first = self.twins.place(&data).and_then(|place| *place).filter(|first| first.data == data);
        let twin = first.filter(|first| index != Some(first.index) && self.is_twin(first, segment));
        let Some(twin) = twin else {
            if let Some(index) = index {
                self.remember(index, segment);
            }
            return None;
        };
        if let Some(index) = index {
            self.close(index, End::Merged, segment.time, sink);
        } else {
            self.counters.connections.joined += 1;
            self.counters.connections.merged += 1;
        }
        self.join(&twin, hash, segment);
        let interest = self.take_copy(&twin, segment, sink);
        if self.memory() > self.limits.memory {
            self.relieve(twin.index, segment.time, sink);
        }
        Some(interest)
    }

    /// Gives a connection its first data again, as they were seen with other addresses.
    fn take_copy<S: Sink<State = C>>(
        &mut self,
        twin: &First,
        segment: &Segment<'_>,
        sink: &mut S,
    ) -> Interest {
        let Some(connection) = self.connections.get(twin.index) else {
            self.counters.refuse(Reason::Retransmitted, segment);
            return Interest::All;
        };
        let (flow, direction) = (connection.flow, twin.direction);
        let (source, destination) = (flow.source(direction), flow.destination(direction));
        let translated = Segment { source, destination, ..*segment };
        self.take((twin.index, direction), &translated, sink)
    }

    /// Remembers the first data of a connection.
    pub(crate) fn remember(&mut self, index: u32, segment: &Segment<'_>) {
        let data = Data::of(&self.seed, segment);
        let Some(connection) = self.connections.get_mut(index).filter(|it| it.young) else { return };
        connection.young = false;
        let Some(direction) = connection.flow.direction(segment) else { return };
        let generation = connection.generation;
        if let Some(place) = self.twins.place(&data) {
            *place = Some(First { data, time: segment.time, index, generation, direction });
        }
    }

    /// Returns whether a connection that had these data first is there, was not answered since, and may have the addresses of
    /// the segment.
    fn is_twin(&self, first: &First, segment: &Segment<'_>) -> bool {
        let connection = self.connections.get(first.index).filter(|it| it.generation == first.generation);
        let Some(connection) = connection else { return false };
        let flow = &connection.flow;
        let ends = [flow.source(first.direction), flow.destination(first.direction)];
        let answers = connection.half(first.direction.reverse()).next();
        first.time.abs_diff(segment.time) <= APART
            && answers.is_none_or(|next| next == segment.acknowledgment)
            && may_be_same(ends, [segment.source, segment.destination])
    }

    /// Lets the addresses of a segment stand for a connection: the ones that are nearer to the server are kept.
    fn join(&mut self, twin: &First, hash: u32, segment: &Segment<'_>) {
        let theirs = [segment.source, segment.destination];
        let Some(connection) = self.connections.get_mut(twin.index) else { return };
        let (flow, before) = (connection.flow, connection.hash);
        let ours = [flow.source(twin.direction), flow.destination(twin.direction)];
        // What comes from the client is seen last where it arrives.
        let is_request = segment.source.port() >= segment.destination.port();
        let moves = is_request && flow.destination(twin.direction) != segment.destination;
        if !moves {
            return self.add_alias(Alias { hash, from: theirs, to: ours });
        }
        let [source, destination] = theirs;
        let (first, second) = match twin.direction {
            Direction::Forward => (source, destination),
            Direction::Backward => (destination, source),
        };
        (connection.flow, connection.hash) = (Flow { first, second, ..flow }, hash);
        let index = twin.index;
        if let Ok(place) = self.places.find_entry(spread(before), |place| place.index == index) {
            place.remove();
        }
        self.places.insert_unique(spread(hash), Place { hash, index }, |place| spread(place.hash));
        self.add_alias(Alias { hash: before, from: ours, to: theirs });
    }

    fn add_alias(&mut self, alias: Alias) {
        let [one, other] = &alias.to;
        let to = key::hash(&self.seed, one, other, Origin::Wire);
        self.twins.forget(to, alias.to);
        self.twins.forget(alias.hash, alias.from);
        if self.twins.aliases.len() >= self.twins.sweep.min(self.twins.most) {
            self.sweep_aliases();
        }
        if self.twins.aliases.len() < self.twins.most {
            self.twins.aliases.insert_unique(spread(alias.hash), alias, |alias| spread(alias.hash));
        }
    }

    /// Forgets the aliases of connections that are gone.
    fn sweep_aliases(&mut self) {
        let (places, connections, seed) = (&self.places, &self.connections, &self.seed);
        self.twins.aliases.retain(|alias| {
            let [one, other] = alias.to;
            let hash = key::hash(seed, &one, &other, Origin::Wire);
            let is_it = |place: &Place| {
                let flow = connections.get(place.index).map(|connection| connection.flow);
                flow.is_some_and(|flow| [[one, other], [other, one]].contains(&[flow.first, flow.second]))
            };
            places.find(spread(hash), is_it).is_some()
        });
        self.twins.sweep = (self.twins.aliases.len() * 2).max(64);
    }
}
