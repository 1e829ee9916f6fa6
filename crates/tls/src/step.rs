//! What a session is told of bytes, and what it gives of them.

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The side that opened the connection.
    Client,
    /// The other side.
    Server,
}

/// What comes next of a direction.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Nothing, before more bytes come.
    More,
    /// Bytes of the application, in their order.
    Data(&'a [u8]),
    /// Bytes of the application that cannot be opened; nobody knows how many.
    Lost,
    /// The sender says that it sends no more.
    Closed,
    /// Nothing more of the connection can be opened.
    GivenUp(GivenUp),
}

/// Why a connection cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// There is no secret for it.
    NoKey,
    /// It has a version or a cipher suite that is not read.
    Suite,
    /// A tag refused a record with nothing missing before it, or what came is no record.
    Refused,
    /// Missing bytes left it open which record comes next.
    Gap,
    /// It makes new keys by a handshake that is sealed itself (renegotiation).
    Renegotiated,
}

impl Sender {
    /// Returns the other side.
    #[must_use]
    pub fn other(self) -> Sender {
        match self {
            Sender::Client => Sender::Server,
            Sender::Server => Sender::Client,
        }
    }
}
