//! How the client of a connection asks: whether it waits for an answer before it asks again.

/// So many flights of one request in a row, and the client counts as one that waits.
const CALM: u8 = 8;

/// What is known of how the client asks. It decides only where something is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Habit {
    /// It asks once the answer before is there, as far as was seen.
    #[default]
    Waits,
    /// It asked ahead of an answer, and it is not known yet whether it ever waits.
    Ahead,
    /// It asks several in a burst, and goes on once all are answered. So many times in a row the burst was a single
    /// request.
    Bursts(u8),
    /// It goes on asking while answers come.
    Streams,
}

impl Habit {
    /// Takes note that it asked when everything before was answered.
    pub(crate) fn rested(&mut self) {
        *self = match *self {
            Habit::Waits => Habit::Waits,
            Habit::Ahead => Habit::Bursts(0),
            Habit::Bursts(CALM..) => Habit::Waits,
            Habit::Bursts(calm) => Habit::Bursts(calm + 1),
            Habit::Streams => Habit::Streams,
        };
    }

    /// Takes note that it asked when a request before had no answer, or only a part of it. `since`: more of the server
    /// had reached it than when it asked that one.
    pub(crate) fn asked_ahead(&mut self, since: bool) {
        *self = match *self {
            _ if since => Habit::Streams,
            Habit::Waits | Habit::Ahead => Habit::Ahead,
            Habit::Bursts(_) => Habit::Bursts(0),
            Habit::Streams => Habit::Streams,
        };
    }

    /// Returns whether it goes on only when everything before is answered: then bytes of the server that reached it since
    /// the request before say that this one was.
    pub(crate) fn waits(self) -> bool {
        matches!(self, Habit::Waits | Habit::Bursts(_))
    }
}
