//! The stage above a table: what it is told of a connection, and what it answers.

use decode::Timestamp;

use crate::event::{Direction, End, Flow, Missing};

/// The stage above a table, which is told what happens on each connection.
///
/// Of a direction come, in the order of the stream, its bytes ([`Sink::data`]) and what is missing between them
/// ([`Sink::skip`]), then its end ([`Sink::fin`]). The end of the connection ([`Sink::end`]) comes last. Nothing comes of a
/// connection after its end, or after [`Verdict::Nothing`].
///
/// A stage may also take these events and give events of its own to a sink above it, with that sink's state inside of
/// its own: [`At`] is all that they need.
///
/// ```
/// use traffic_monitor_flow::{At, Sink, Verdict};
///
/// /// Counts the bytes of each direction that come before the first zero.
/// struct UpToZero(u64);
///
/// impl Sink for UpToZero {
///     type State = ();
///
///     fn data(&mut self, (): &mut (), _: At<'_>, bytes: &[u8]) -> Verdict {
///         self.0 += bytes.iter().take_while(|byte| **byte != 0).count() as u64;
///         Verdict::All
///     }
/// }
/// ```
pub trait Sink {
    /// What the stage keeps for each connection. A new connection begins with the default, and one of which nothing more
    /// is wanted goes back to it.
    type State: Default;

    /// Takes the next bytes of a direction, at least one.
    fn data(&mut self, state: &mut Self::State, at: At<'_>, bytes: &[u8]) -> Verdict {
        let _ = (state, at, bytes);
        Verdict::All
    }

    /// Takes note that the next `len` bytes of a direction, at least one, are not here.
    fn skip(&mut self, state: &mut Self::State, at: At<'_>, len: u64, why: Missing) -> Verdict {
        let _ = (state, at, len, why);
        Verdict::All
    }

    /// Takes note that a direction is complete: nothing more comes of it. The other one may go on.
    fn fin(&mut self, state: &mut Self::State, at: At<'_>) {
        let _ = (state, at);
    }

    /// Takes note that the connection is over; its state is dropped afterwards. After [`End::Fin`] both directions were
    /// complete, else those that were not end here.
    fn end(&mut self, state: &mut Self::State, over: Over<'_>) {
        let _ = (state, over);
    }

    /// Returns what is lost with the state when memory is short.
    fn kept(&self, state: &Self::State) -> Kept {
        let _ = state;
        Kept::Usual
    }

    /// Returns how many bytes of memory the stage holds for a connection, beyond the size of its state. It is asked after
    /// each event.
    fn held(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }
}

/// Where and when something happened.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// The connection.
    pub flow: &'a Flow,
    /// Its direction.
    pub direction: Direction,
    /// When the segment was captured that brought it; for what did not come, when it was given up.
    pub time: Timestamp,
    /// The sequence number of its first byte, or of the FIN.
    pub sequence: u32,
    /// How far the other direction had reached the sender when it sent this: the segment's acknowledgment number
    /// (RFC 9293, section 3.1). Where there is none, how far the other direction was handed on.
    pub acknowledgment: u32,
}

/// What is lost with the state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing: a new state reads on, once it is known which direction is the client's.
    Client(Direction),
    /// What has begun and not ended.
    Usual,
    /// What cannot be learned again, and later bytes need.
    Tables,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a> {
    /// The connection.
    pub flow: &'a Flow,
    /// When that was noticed.
    pub time: Timestamp,
    /// How.
    pub end: End,
    /// Up to which sequence number the bytes of each direction, forward and backward, were acknowledged. None where nothing
    /// of the side that would was captured, or not all of it.
    pub acknowledged: [Option<u32>; 2],
}

impl Over<'_> {
    /// Returns up to which sequence number the bytes of a direction were acknowledged, if that is known.
    #[must_use]
    pub fn acknowledged(&self, direction: Direction) -> Option<u32> {
        let [forward, backward] = self.acknowledged;
        match direction {
            Direction::Forward => forward,
            Direction::Backward => backward,
        }
    }
}

/// What the stage above still wants of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// All that comes.
    #[default]
    All,
    /// All but the next bytes of the direction of the event, so many of them. They come nevertheless, unless the source of
    /// segments spares itself to capture them.
    After(u64),
    /// Nothing: the rest of the connection is counted and not delivered.
    Nothing(Unwanted),
}

/// Why nothing more of a connection is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// It is TLS, which cannot be read.
    Tls,
    /// It is no HTTP, or none that can be read.
    NoHttp,
    /// It was captured at its client, and will be captured at its server.
    AtClient,
}

/// What the source of segments may spare itself, as [`crate::Table::segment`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Everything of the connection is wanted.
    All,
    /// Of the direction of this segment, nothing before this sequence number is looked at.
    From(u32),
    /// Nothing more of the connection is wanted.
    Nothing(Unwanted),
}
