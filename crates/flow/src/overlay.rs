//! Connections with equal addresses in several overlays: which of them a segment belongs to.
//!
//! The tunnels around a segment do not identify its connection: many have another identifier in each direction, and a
//! packet may be captured inside of a tunnel and outside of it. So a segment from another place belongs to a connection
//! whose sequence numbers are near, and to another one if they are not.

use decode::{Segment, is_tunnelled};

use crate::connection::Connection;
use crate::event::Direction;
use crate::half::Half;
use crate::limits::BEHIND;
use crate::sequence::{Chunk, distance};

impl<C: Default> Connection<C> {
    /// Returns whether a segment with its addresses goes on where this connection stands.
    #[inline]
    pub(crate) fn continues(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        self.half(direction).next() == Some(segment.sequence) || self.is_near(segment, direction)
    }

    #[inline(never)]
    fn is_near(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        let (half, other) = (self.half(direction), self.half(direction.reverse()));
        let chunk = Chunk::of(segment);
        is_near(half, chunk.sequence)
            .or_else(|| chunk.acknowledgment.and_then(|number| is_near(other, number)))
            .unwrap_or(true)
    }

    /// Returns whether a segment with its addresses that is not near may still be one of this connection. Tunnels tell
    /// overlays apart; interfaces alone tell nothing apart.
    #[inline(never)]
    pub(crate) fn may_have(&self, segment: &Segment<'_>, direction: Direction) -> bool {
        let (half, other) = (self.half(direction), self.half(direction.reverse()));
        let Some(place) = half.interface().or(other.interface()) else { return true };
        place == segment.interface || !(is_tunnelled(place) || is_tunnelled(segment.interface))
    }
}

/// Returns whether a sequence number is near to where a direction stands; nothing if that is not known.
fn is_near(half: &Half, sequence: u32) -> Option<bool> {
    let places = [half.next(), half.head().map(|(head, _)| head)];
    let near = |place: u32| distance(place, sequence).unsigned_abs() <= BEHIND.unsigned_abs();
    let mut known = places.into_iter().flatten().peekable();
    known.peek()?;
    Some(known.any(near))
}
