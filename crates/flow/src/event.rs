//! What the stage above sees of a connection.

use std::net::SocketAddr;

use decode::{Origin, Segment};

/// One of the two directions of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From [`Flow::first`] to [`Flow::second`].
    Forward,
    /// From [`Flow::second`] to [`Flow::first`].
    Backward,
}

impl Direction {
    /// Returns the other direction.
    #[must_use]
    pub fn reverse(self) -> Direction {
        match self {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        }
    }
}

/// Who talks to whom: the identity of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// The side that opened the connection if `opened`, else the sender of the first segment that was seen.
    pub first: SocketAddr,
    /// The other side.
    pub second: SocketAddr,
    /// Whether a SYN or SYN-ACK was seen, which makes `first` the client for certain.
    pub opened: bool,
    /// Where it was captured.
    pub origin: Origin,
}

impl Flow {
    /// Returns the direction of a segment, if it belongs to this connection.
    // Inlined, all parts of both ends would be read for each segment before the search begins.
    #[inline(never)]
    pub(crate) fn direction(&self, segment: &Segment<'_>) -> Option<Direction> {
        let is = |from: &SocketAddr, to: &SocketAddr| self.first == *from && self.second == *to;
        if self.origin != segment.origin {
            None
        } else if is(&segment.source, &segment.destination) {
            Some(Direction::Forward)
        } else {
            is(&segment.destination, &segment.source).then_some(Direction::Backward)
        }
    }

    /// Returns who sends in this direction.
    #[must_use]
    pub fn source(&self, direction: Direction) -> SocketAddr {
        match direction {
            Direction::Forward => self.first,
            Direction::Backward => self.second,
        }
    }

    /// Returns who receives in this direction.
    #[must_use]
    pub fn destination(&self, direction: Direction) -> SocketAddr {
        self.source(direction.reverse())
    }
}

/// Why bytes are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The packet was seen, these bytes of it were not copied (snap length): a known skip, nothing is in doubt.
    NotCopied,
    /// The packet was never seen, although it was waited for.
    Gap,
}

/// How a direction or a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// FIN: this direction is complete. The other one may go on.
    Fin,
    /// RST: both directions ended.
    Reset,
    /// Nothing was seen for the idle time.
    Idle,
    /// It was given up to keep the limit of memory.
    Evicted,
    /// A new connection uses the same addresses and ports.
    Replaced,
    /// It is another one, which was seen with other addresses before and after a translation (NAT). No data of it was told, and
    /// neither is its end.
    Merged,
    /// The source of segments ended: the end of the file, or the agent stops.
    Stopped,
}
