//! One direction of a connection: where its stream stands, what of it waits, and when it was seen.

use std::time::Duration;

use decode::Timestamp;

use crate::limits::{ABSENT_SEGMENTS, AHEAD, LATE_SYN, SEGMENT_LEN};
use crate::sequence::{Chunk, distance};
use crate::waiting::{Ending, Waiting};

/// One direction.
#[derive(Default)]
pub(crate) struct Half {
    /// What came before its turn.
    pub(crate) waiting: Option<Box<Waiting>>,
    /// When and where it was seen last.
    pub(crate) sight: Sight,
    stand: Stand,
}

/// Where the stream of a direction stands.
///
/// ```text
///            an acknowledgment of it
///    Unknown ──────────────────────► Told
///       │                             │
///       │   its SYN, an answer to its SYN, or the
///       │   end of the patience with what waits
///       └──────────► Known ◄──────────┘
///                      │
///                      │ its FIN or RST is handed on
///                      ▼
///                    Ended
/// ```
///
/// Of a connection that nobody wants, a FIN leads from every state to `Ended`.
#[derive(Default)]
enum Stand {
    /// Nothing says where.
    #[default]
    Unknown,
    /// Only acknowledgments say where: at the lowest of them or before it.
    Told {
        /// The lowest acknowledgment number; further ahead once bytes were given up that nobody saw.
        next: u32,
        /// The highest acknowledgment number.
        acked: u32,
        missed: u8,
        moved: bool,
    },
    /// It is clear where.
    Known(Known),
    /// Its FIN or RST was handed on.
    Ended {
        /// The sequence number behind the FIN, or where the RST was.
        next: u32,
        /// The highest acknowledgment number that the receiver sent.
        acked: u32,
        /// The sequence number behind the SYN, if that was seen.
        start: Option<u32>,
    },
}

/// A stream of which it is clear where it stands.
struct Known {
    /// The sequence number of the next byte to hand on.
    next: u32,
    /// The highest acknowledgment number that the receiver sent.
    acked: u32,
    /// The sequence number behind the SYN, if that was seen.
    start: Option<u32>,
    /// Where the last segment outside of the window ended.
    stray_end: u32,
    /// How many of these followed each other.
    strays: u8,
    /// How many segments acknowledged bytes that were not seen, since a segment was seen.
    missed: u8,
    /// Whether anything was handed on, or skipped.
    moved: bool,
}

impl Known {
    /// Goes on to this sequence number: what comes before it was handed on.
    #[inline]
    fn deliver_to(&mut self, to: u32) {
        self.next = to;
        self.moved = true;
        self.strays = 0;
    }
}

/// When and where a direction was seen last.
#[derive(Clone, Copy, Default)]
pub(crate) enum Sight {
    /// Never.
    #[default]
    Never,
    /// At this time, when nobody wanted its connection any more.
    PassedBy(Timestamp),
    /// At this time a segment of it was used. It advances on this interface.
    Used { time: Timestamp, interface: u32 },
}

impl Sight {
    fn time(self) -> Option<Timestamp> {
        match self {
            Sight::Never => None,
            Sight::PassedBy(time) | Sight::Used { time, .. } => Some(time),
        }
    }
}

/// What can be asked.
impl Half {
    /// Returns the sequence number of the next byte, as far as anything tells it.
    #[inline]
    pub(crate) fn next(&self) -> Option<u32> {
        match self.stand {
            Stand::Unknown => None,
            Stand::Told { next, .. } | Stand::Known(Known { next, .. }) | Stand::Ended { next, .. } => {
                Some(next)
            }
        }
    }

    /// Returns the sequence number of the next byte, if that is clear.
    #[inline]
    pub(crate) fn known_next(&self) -> Option<u32> {
        match self.stand {
            Stand::Unknown | Stand::Told { .. } => None,
            Stand::Known(Known { next, .. }) | Stand::Ended { next, .. } => Some(next),
        }
    }

    /// Returns the sequence number of the next byte, if that is clear and more may come.
    #[inline]
    pub(crate) fn open_next(&self) -> Option<u32> {
        match self.stand {
            Stand::Known(Known { next, .. }) => Some(next),
            Stand::Unknown | Stand::Told { .. } | Stand::Ended { .. } => None,
        }
    }

    /// Returns a sequence number near to which the next segment should be, if there is one.
    pub(crate) fn place(&self) -> Option<u32> {
        let first = || self.head().map(|head| head.0);
        self.known_next().or_else(first).or(self.next())
    }

    /// Returns the sequence number behind the SYN, if that was seen.
    pub(crate) fn start(&self) -> Option<u32> {
        match self.stand {
            Stand::Unknown | Stand::Told { .. } => None,
            Stand::Known(Known { start, .. }) | Stand::Ended { start, .. } => start,
        }
    }

    /// Returns whether only acknowledgments tell where it stands.
    pub(crate) fn is_told(&self) -> bool {
        matches!(self.stand, Stand::Told { .. })
    }

    /// Returns whether its FIN or RST was handed on.
    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.stand, Stand::Ended { .. })
    }

    /// Returns whether anything of it was handed on, or skipped.
    pub(crate) fn has_moved(&self) -> bool {
        match self.stand {
            Stand::Unknown => false,
            Stand::Told { moved, .. } | Stand::Known(Known { moved, .. }) => moved,
            Stand::Ended { .. } => true,
        }
    }

    /// Returns whether it does not show although others do that answer it: then it is not waited for until it does.
    pub(crate) fn is_absent(&self) -> bool {
        match self.stand {
            Stand::Told { missed, .. } | Stand::Known(Known { missed, .. }) => missed > ABSENT_SEGMENTS,
            Stand::Unknown | Stand::Ended { .. } => false,
        }
    }

    /// Returns the highest acknowledgment number that its receiver sent, or where it began.
    pub(crate) fn acked(&self) -> Option<u32> {
        match self.stand {
            Stand::Unknown => None,
            Stand::Told { acked, .. } | Stand::Known(Known { acked, .. }) | Stand::Ended { acked, .. } => {
                Some(acked)
            }
        }
    }

    /// Returns whether its receiver takes an RST with this number: whether that is what comes next, as far as its bytes were
    /// seen or the receiver acknowledged them.
    pub(crate) fn takes_reset(&self, sequence: u32) -> bool {
        match self.stand {
            Stand::Unknown => true,
            Stand::Told { acked, .. } => sequence == acked,
            Stand::Known(Known { next, acked, .. }) => {
                let waits = self.waiting.as_ref().is_some_and(|waiting| waiting.ends_at(sequence));
                waits || sequence == next || sequence == acked && distance(next, acked) > 0
            }
            Stand::Ended { next, .. } => sequence == next || sequence.wrapping_add(1) == next,
        }
    }

    /// Returns whether bytes before `sequence` are missing that their receiver has not acknowledged.
    pub(crate) fn is_lost_before(&self, sequence: u32) -> bool {
        match self.stand {
            Stand::Known(Known { next, acked, .. }) => sequence != next && distance(sequence, acked) < 0,
            Stand::Unknown | Stand::Told { .. } | Stand::Ended { .. } => false,
        }
    }

    /// Returns the interface where it advances, once a segment of it was used.
    #[inline]
    pub(crate) fn interface(&self) -> Option<u32> {
        match self.sight {
            Sight::Used { interface, .. } => Some(interface),
            Sight::Never | Sight::PassedBy(_) => None,
        }
    }

    /// Returns how long nothing of it was seen.
    pub(crate) fn silence(&self, now: Timestamp) -> Duration {
        self.sight.time().map_or(Duration::MAX, |time| now.saturating_since(time))
    }

    /// Returns the place and the acknowledgment number of the first that waits.
    pub(crate) fn head(&self) -> Option<(u32, Option<u32>)> {
        self.waiting.as_ref()?.head()
    }

    /// Returns the bytes of memory that it takes beyond its own size.
    pub(crate) fn memory(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.memory())
    }
}

/// What can happen to it.
impl Half {
    /// Takes the next bytes, or an acknowledgment alone, as long as nothing waits and all that is acknowledged of `other`
    /// was seen. Returns `false`, and changes nothing, if they are not that.
    #[inline]
    pub(crate) fn advance(
        &mut self,
        other: &mut Half,
        chunk: Chunk<'_>,
        acknowledgment: u32,
        interface: u32,
    ) -> bool {
        let (Stand::Known(known), Sight::Used { time, interface: here }) = (&mut self.stand, &mut self.sight)
        else {
            return false;
        };
        let placed = known.next == chunk.sequence && *here == interface;
        if !placed || self.waiting.is_some() || other.waiting.is_some() {
            return false;
        }
        if let Stand::Known(Known { next, acked, .. }) = &mut other.stand {
            if distance(*next, acknowledgment) > 0 {
                return false;
            }
            if distance(*acked, acknowledgment) > 0 {
                *acked = acknowledgment;
            }
        } else if other.known_next().is_none_or(|next| distance(next, acknowledgment) > 0) {
            return false;
        } else {
            other.acknowledge(acknowledgment);
        }
        *time = chunk.time;
        known.missed = 0;
        if chunk.len > 0 {
            known.deliver_to(chunk.end());
        }
        true
    }

    /// Takes note of a segment that is used.
    #[inline]
    pub(crate) fn see(&mut self, time: Timestamp, interface: u32) {
        self.sight = Sight::Used { time, interface };
        match &mut self.stand {
            Stand::Told { missed, .. } | Stand::Known(Known { missed, .. }) => *missed = 0,
            Stand::Unknown | Stand::Ended { .. } => {}
        }
    }

    /// Takes note of what its receiver has acknowledged.
    #[inline]
    pub(crate) fn acknowledge(&mut self, number: u32) {
        match &mut self.stand {
            // What it acknowledges was not seen either.
            Stand::Unknown => {
                self.stand = Stand::Told { next: number, acked: number, missed: 1, moved: false };
            }
            Stand::Told { next, acked, missed, .. } => {
                let ahead = distance(*next, number);
                *missed = missed.saturating_add(u8::from(ahead > 0));
                if ahead < 0 {
                    *next = number;
                } else if distance(*acked, number) > 0 && ahead <= AHEAD {
                    *acked = number;
                }
            }
            Stand::Known(Known { next, acked, missed, .. }) => {
                let ahead = distance(*next, number);
                *missed = missed.saturating_add(u8::from(ahead > 0));
                if distance(*acked, number) > 0 && ahead <= AHEAD {
                    *acked = number;
                }
            }
            Stand::Ended { next, acked, .. } => {
                if distance(*acked, number) > 0 && distance(*next, number) <= 0 {
                    *acked = number;
                }
            }
        }
    }

    /// Takes note that its stream begins with this sequence number: its SYN was seen. Bytes that were handed on before
    /// stay handed on.
    pub(crate) fn open(&mut self, at: u32) {
        self.locate(at, at);
        match &mut self.stand {
            Stand::Known(known) => {
                known.start = Some(at);
                if !known.moved {
                    known.next = at;
                }
            }
            Stand::Ended { start, .. } => *start = Some(at),
            Stand::Unknown | Stand::Told { .. } => {}
        }
    }

    /// Says where it stands, unless that is clear already.
    pub(crate) fn locate(&mut self, next: u32, acked: u32) {
        let (missed, moved) = match self.stand {
            Stand::Unknown => (0, false),
            Stand::Told { missed, moved, .. } => (missed, moved),
            Stand::Known(_) | Stand::Ended { .. } => return,
        };
        let (start, stray_end, strays) = (None, 0, 0);
        self.stand = Stand::Known(Known { next, acked, start, stray_end, strays, missed, moved });
    }

    /// Goes on where it stood when its connection was forgotten.
    pub(crate) fn resume(next: u32) -> Half {
        let known = Known { next, acked: next, start: None, stray_end: 0, strays: 0, missed: 0, moved: true };
        Half { stand: Stand::Known(known), ..Half::default() }
    }

    /// Decides where it stands, if anything tells it: at the lowest number that its receiver acknowledged, or where the
    /// first bytes are that wait.
    pub(crate) fn settle(&mut self) {
        let head = self.head().map(|(head, _)| head);
        let (next, acked) = match (&self.stand, head) {
            (Stand::Told { next, acked, .. }, Some(head))
                if !(0..=LATE_SYN).contains(&distance(*next, head)) =>
            {
                (head, *acked)
            }
            (Stand::Told { next, acked, .. }, _) => (*next, *acked),
            (Stand::Unknown, Some(head)) => (head, head),
            (Stand::Unknown, None) | (Stand::Known(_) | Stand::Ended { .. }, _) => return,
        };
        self.locate(next, if distance(next, acked) > 0 { acked } else { next });
    }

    /// Lets its stream begin lower, at bytes that came late, if nothing of it was handed on and its SYN was not seen.
    pub(crate) fn begin_lower(&mut self, sequence: u32) {
        if let Stand::Known(Known { next, start: None, moved: false, .. }) = &mut self.stand
            && (0..=LATE_SYN).contains(&distance(sequence, *next))
        {
            *next = sequence;
        }
    }

    /// Goes on to this sequence number: what comes before it was handed on.
    #[inline]
    pub(crate) fn deliver_to(&mut self, to: u32) {
        match &mut self.stand {
            Stand::Known(known) => known.deliver_to(to),
            _ => self.go_on(to),
        }
    }

    /// Goes on by so many bytes, which are given up.
    pub(crate) fn skip(&mut self, len: u32) {
        if let Some(next) = self.next() {
            self.go_on(next.wrapping_add(len));
        }
    }

    #[inline]
    fn go_on(&mut self, to: u32) {
        match &mut self.stand {
            Stand::Told { next, moved, .. } | Stand::Known(Known { next, moved, .. }) => {
                *next = to;
                *moved = true;
            }
            Stand::Ended { next, .. } => *next = to,
            Stand::Unknown => {}
        }
    }

    /// Ends with this FIN or RST.
    pub(crate) fn end(&mut self, ending: Ending) {
        let here = self.next().unwrap_or(ending.sequence);
        let next = if ending.fin { ending.sequence.wrapping_add(1) } else { here };
        self.stand = Stand::Ended { next, acked: self.acked().unwrap_or(here), start: self.start() };
    }

    /// Takes note of a segment outside of the window. Returns whether several of them, one behind the other, show where
    /// the stream is now.
    pub(crate) fn stray(&mut self, chunk: Chunk<'_>, enough: u8) -> bool {
        let Stand::Known(known) = &mut self.stand else { return false };
        let follows = (0..=SEGMENT_LEN.cast_signed()).contains(&distance(known.stray_end, chunk.sequence));
        known.strays = if follows { known.strays.saturating_add(1) } else { 1 };
        known.stray_end = chunk.end();
        known.strays >= enough
    }

    /// Begins anew at this sequence number, after what was between was given up.
    pub(crate) fn restart(&mut self) {
        if let Stand::Known(known) = &mut self.stand {
            known.strays = 0;
            known.acked = known.next;
            known.start = None;
        }
    }

    /// Follows a segment that nobody wants: `end` is the sequence number behind it.
    pub(crate) fn pass(&mut self, time: Timestamp, end: u32, fin: bool) {
        match &mut self.sight {
            Sight::Used { time: last, .. } => *last = time,
            sight => *sight = Sight::PassedBy(time),
        }
        if let Stand::Told { next, .. } | Stand::Known(Known { next, .. }) | Stand::Ended { next, .. } =
            &mut self.stand
            && (0..=AHEAD).contains(&distance(*next, end))
        {
            *next = end;
        }
        if fin {
            let (next, acked) = (self.next().unwrap_or(end), self.acked().unwrap_or(end));
            self.stand = Stand::Ended { next, acked, start: self.start() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_is_small() {
        assert!(size_of::<Half>() <= 48, "{}", size_of::<Half>());
    }

    #[test]
    fn acknowledgments_tell_where_a_direction_stands_until_it_is_clear() {
        let mut half = Half::default();
        assert_eq!((half.next(), half.place()), (None, None));
        for number in [500, 400, 900] {
            half.acknowledge(number);
        }
        assert_eq!((half.next(), half.known_next(), half.is_told()), (Some(400), None, true));
        half.settle();
        assert_eq!((half.known_next(), half.is_told()), (Some(400), false));
        assert!(half.is_lost_before(901) && !half.is_lost_before(900));
        half.open(300);
        assert_eq!((half.next(), half.start()), (Some(300), Some(300)));
        half.end(Ending { sequence: 310, acknowledgment: None, fin: true, reset: false });
        assert_eq!((half.known_next(), half.open_next(), half.has_ended()), (Some(311), None, true));
        half.locate(7, 7);
        assert_eq!((half.next(), half.start()), (Some(311), Some(300)));
    }
}
