//! What a segment means to its connection.

use decode::{Flags, Segment};

use crate::connection::Step;
use crate::counters::Reason;
use crate::event::{Direction, End};
use crate::limits::{
    AHEAD, BEHIND, INTERFACE_GONE, INTERFACE_NEARBY, INTERFACE_SILENCE, LATE_SYN, SEGMENT_LEN, STRAYS,
};
use crate::rival::Rival;
use crate::sequence::{Chunk, distance};
use crate::sink::Sink;
use crate::waiting::{Ending, Waiting};

/// What a SYN is to the connection that has its addresses.
enum Syn {
    /// One of its own, which was not seen before; and the direction in which it went.
    Own(Direction),
    /// One of its own again.
    Again,
    /// One of another connection with the same addresses, in another place.
    Elsewhere,
    /// One of a new connection.
    New,
}

impl<S: Sink> Step<'_, S> {
    /// Takes a segment and counts it. `false` if it belongs to a new connection, which replaces this one; then it is
    /// not counted.
    #[inline]
    pub(crate) fn receive(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        self.in_order(segment, direction) || self.unusual(segment, direction)
    }

    /// Takes the usual segment: the next one, in a connection where nothing waits. `false` if it is not.
    #[inline]
    fn in_order(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        const CONTROL: u8 = Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0 | Flags::ACK.0;
        let usual = segment.flags.0 & CONTROL == Flags::ACK.0 && segment.payload_len <= SEGMENT_LEN;
        let open = self.connection.unwanted.is_none() && self.connection.rival.is_none();
        let (half, other) = self.connection.halves(direction);
        let chunk = Chunk::of(segment);
        if !(usual && open && half.advance(other, chunk, segment.acknowledgment, segment.interface)) {
            return false;
        }
        self.counters.segments.used += 1;
        if chunk.len > 0 {
            self.hand_on(direction, chunk);
        }
        true
    }

    /// Takes any segment. The first one of a connection needs nothing else: it is never the next one.
    pub(crate) fn unusual(&mut self, segment: &Segment<'_>, mut direction: Direction) -> bool {
        if let Some(rival) = &self.connection.rival {
            if rival.is_acknowledged_by(segment, direction) {
                return false;
            }
            if rival.is_old(segment.time) {
                self.drop_rival();
            }
        }
        if segment.flags.has(Flags::SYN) {
            match self.syn(segment, direction) {
                Syn::New => return self.hold(segment, direction),
                Syn::Own(corrected) => direction = corrected,
                Syn::Again => return self.refuse(self.again(segment, direction), segment),
                Syn::Elsewhere => return self.refuse(Reason::OtherInterface, segment),
            }
        }
        if self.connection.unwanted.is_some() {
            self.pass_by(segment, direction);
            return self.refuse(Reason::Ignored, segment);
        }
        if !self.is_its_interface(segment, direction) {
            return self.refuse(Reason::OtherInterface, segment);
        }
        if segment.flags.has(Flags::RST) && !self.resets(segment, direction) {
            return self.refuse(Reason::OutsideWindow, segment);
        }
        if self.is_outside(segment, direction) && !self.rejoin(segment, direction) {
            return self.hold(segment, direction);
        }
        self.use_it(segment, direction);
        if self.connection.waits() {
            self.reconsider(true);
        }
        true
    }

    fn refuse(&mut self, reason: Reason, segment: &Segment<'_>) -> bool {
        self.counters.refuse(reason, segment);
        true
    }

    /// Holds what may begin another connection until the other side acknowledges it.
    fn hold(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        if segment.payload_len == 0 && !segment.flags.has(Flags::SYN) {
            return self.refuse(Reason::OutsideWindow, segment);
        }
        if !self.connection.rival.as_mut().is_some_and(|rival| rival.follow(segment, direction)) {
            self.drop_rival();
            self.connection.rival = Rival::new(segment, direction).map(Box::new);
            if self.connection.rival.is_none() {
                return self.refuse(Reason::OutsideWindow, segment);
            }
        }
        self.counters.segments.held += 1;
        self.counters.bytes.waiting += segment.payload.len() as u64;
        true
    }

    /// Gives up what nobody acknowledged.
    pub(crate) fn drop_rival(&mut self) {
        let Some(rival) = self.connection.rival.take() else { return };
        self.counters.release(&rival);
        self.counters.segments.outside_window += rival.len() as u64;
        self.counters.bytes.outside_window += rival.bytes() as u64;
    }

    /// Returns whether an RST is where its receiver takes it: at the very number that comes next (RFC 5961, section 3.2). One
    /// ahead may be that, where bytes before it were not captured; but it may be anyone's.
    fn resets(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        let half = self.connection.half(direction);
        let takes = half.takes_reset(segment.sequence);
        let ahead = half.known_next().is_some_and(|next| distance(next, segment.sequence) > 0);
        self.connection.doubted |= !takes && ahead;
        takes
    }

    fn again(&self, segment: &Segment<'_>, direction: Direction) -> Reason {
        let here = self.connection.half(direction).interface() == Some(segment.interface);
        if here { Reason::Retransmitted } else { Reason::OtherInterface }
    }

    /// Says what a SYN is. One that comes after bytes of its connection was captured late, and changes nothing but
    /// that the start is known now, and who opened the connection.
    fn syn(&mut self, segment: &Segment<'_>, direction: Direction) -> Syn {
        let start = segment.sequence.wrapping_add(1);
        let half = self.connection.half_mut(direction);
        let place = half.place();
        let near = |place: u32| (0..=LATE_SYN).contains(&distance(start, place));
        let own = half.start().map_or_else(|| place.is_none_or(near), |seen| seen == start);
        if !own {
            let gone = half.silence(segment.time) >= INTERFACE_GONE;
            let elsewhere = half.interface().is_some_and(|here| here != segment.interface);
            return if elsewhere && !gone { Syn::Elsewhere } else { Syn::New };
        }
        if half.start().is_some() {
            return Syn::Again;
        }
        half.open(start);
        if !segment.flags.has(Flags::ACK) {
            return Syn::Own(self.opened_by(direction, direction));
        }
        let client = self.connection.half_mut(direction.reverse());
        let near = |(head, _): (u32, _)| distance(segment.acknowledgment, head) >= 0;
        if client.head().is_none_or(near) {
            client.locate(segment.acknowledgment, segment.acknowledgment);
        }
        Syn::Own(self.opened_by(direction.reverse(), direction))
    }

    /// Takes note of who opened the connection, and gives `direction` as it is called from now on.
    fn opened_by(&mut self, client: Direction, direction: Direction) -> Direction {
        let connection = &mut *self.connection;
        if connection.flow.opened || client == Direction::Forward {
            connection.flow.opened = true;
            return direction;
        }
        if connection.half(client).has_moved() || connection.half(client.reverse()).has_moved() {
            return direction;
        }
        connection.turn();
        connection.flow.opened = true;
        direction.reverse()
    }

    /// Returns whether a segment may move its direction on, which sticks to the interface where it advances: commonly
    /// each packet shows on several. Another interface may give what comes next or fills a hole; and go on after
    /// silence.
    fn is_its_interface(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        let half = self.connection.half(direction);
        if half.interface().is_none_or(|here| here == segment.interface) {
            return true;
        }
        let silence = half.silence(segment.time);
        let Some(next) = half.known_next().filter(|_| silence < INTERFACE_GONE) else {
            return silence >= INTERFACE_GONE;
        };
        let offset = distance(next, segment.sequence);
        let end = segment.sequence.wrapping_add(segment.sequence_len());
        let comes_next = offset <= 0 && distance(next, end) > 0;
        let reset = offset == 0 && segment.flags.has(Flags::RST);
        let nearby = silence >= INTERFACE_SILENCE && offset.unsigned_abs() <= INTERFACE_NEARBY.unsigned_abs();
        comes_next || reset || nearby
    }

    fn is_outside(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        let half = self.connection.half(direction);
        let chunk = Chunk::of(segment);
        let far = |next: u32| !(-BEHIND..=AHEAD).contains(&distance(next, segment.acknowledgment));
        let other = self.connection.half(direction.reverse()).known_next();
        let jumps = chunk.len > 0 && half.known_next().is_some_and(|next| next != chunk.sequence);
        if jumps && segment.flags.has(Flags::ACK) && other.is_some_and(far) {
            return true;
        }
        let ahead =
            if half.known_next().is_some() && !segment.flags.has(Flags::RST) { AHEAD } else { BEHIND };
        let near = |place: u32| (-BEHIND..=ahead).contains(&distance(place, chunk.sequence));
        chunk.len > SEGMENT_LEN || !half.place().is_none_or(near)
    }

    /// Takes note of a segment outside of the window. Where the other side does not show, several of them, one behind the
    /// other, tell where the stream is now: after a long loss, or because its start was not seen. Then it goes on there.
    fn rejoin(&mut self, segment: &Segment<'_>, direction: Direction) -> bool {
        let chunk = Chunk::of(segment);
        if self.connection.half(direction.reverse()).interface().is_some() {
            return false;
        }
        let half = self.connection.half_mut(direction);
        if chunk.len == 0 || chunk.len > SEGMENT_LEN || !half.stray(chunk, STRAYS) {
            return false;
        }
        self.flush();
        let Some(next) = self.connection.half(direction).open_next() else { return false };
        self.skip(direction, chunk.sequence.wrapping_sub(next));
        self.connection.half_mut(direction).restart();
        self.connection.over.is_none()
    }

    fn use_it(&mut self, segment: &Segment<'_>, direction: Direction) {
        let half = self.connection.half_mut(direction);
        let stays = half.interface().filter(|_| half.waiting.is_some());
        half.see(segment.time, stays.unwrap_or(segment.interface));
        if segment.flags.has(Flags::ACK) {
            self.connection.half_mut(direction.reverse()).acknowledge(segment.acknowledgment);
        }
        if segment.flags.has(Flags::RST) {
            self.reset(segment, direction);
        } else {
            self.data(segment, direction);
        }
    }

    fn data(&mut self, segment: &Segment<'_>, direction: Direction) {
        let half = self.connection.half_mut(direction);
        let chunk = Chunk::of(segment);
        if chunk.len > 0 {
            half.begin_lower(chunk.sequence);
        }
        let behind = half.known_next().map_or(0, |next| distance(chunk.sequence, next).max(0));
        let (old, new) = chunk.split(behind.unsigned_abs());
        let (fin, ended) = (segment.flags.has(Flags::FIN), half.has_ended());
        let new_fin = fin && !ended && behind.unsigned_abs() <= chunk.len;
        let (segments, bytes) = (&mut self.counters.segments, &mut self.counters.bytes);
        bytes.retransmitted += old.bytes.len() as u64;
        if ended && new.len > 0 {
            bytes.after_end += new.bytes.len() as u64;
            segments.after_end += 1;
        } else if new.len > 0 || new_fin {
            segments.used += 1;
            let ending = Ending {
                sequence: chunk.end(),
                acknowledgment: chunk.acknowledgment,
                fin: true,
                reset: false,
            };
            self.place(direction, new, new_fin.then_some(ending));
        } else if old.len > 0 || fin {
            segments.retransmitted += 1;
        } else {
            segments.used += 1;
        }
    }

    /// An RST ends the connection where it stands, or once what comes before it is there.
    fn reset(&mut self, segment: &Segment<'_>, direction: Direction) {
        self.counters.segments.used += 1;
        self.counters.bytes.after_end += segment.payload.len() as u64;
        let half = self.connection.half(direction);
        let Some(next) = half.known_next() else {
            self.connection.over = Some(End::Reset);
            return;
        };
        let ahead = if half.has_ended() { 0 } else { distance(next, segment.sequence).max(0) };
        let sequence = next.wrapping_add(ahead.unsigned_abs());
        let place = Chunk { sequence, len: 0, bytes: &[], ..Chunk::of(segment) };
        let acknowledgment = place.acknowledgment;
        self.place(direction, place, Some(Ending { sequence, acknowledgment, fin: false, reset: true }));
    }

    /// Hands on what is next, or lets it wait.
    fn place(&mut self, direction: Direction, chunk: Chunk<'_>, ending: Option<Ending>) {
        let half = self.connection.half(direction);
        let next = half.waiting.is_none() && half.known_next() == Some(chunk.sequence);
        if next && self.is_turn(direction, chunk.acknowledgment) {
            if chunk.len > 0 {
                self.deliver(direction, chunk);
            }
            if let Some(ending) = ending {
                self.end(direction, ending);
            }
        } else {
            let now = self.now;
            let half = self.connection.half_mut(direction);
            let waiting = half.waiting.get_or_insert_with(|| Box::new(Waiting::new(now)));
            waiting.insert(chunk, &mut self.counters.bytes);
            if let Some(ending) = ending {
                waiting.end(ending);
            }
        }
        if self.connection.waits() {
            self.drain();
        }
    }

    /// Follows a connection that nobody wants just closely enough to know its end, and what comes late after it.
    fn pass_by(&mut self, segment: &Segment<'_>, direction: Direction) {
        let end = segment.sequence.wrapping_add(segment.sequence_len());
        let (half, other) = self.connection.halves(direction);
        half.pass(segment.time, end, segment.flags.has(Flags::FIN));
        if segment.flags.has(Flags::RST) {
            self.connection.over = Some(End::Reset);
        } else if half.has_ended() && other.has_ended() {
            self.connection.over = Some(End::Fin);
        }
    }
}
