//! The stretches of a stream.

/// A stretch of the stream with keys of its own. TLS 1.2 has one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Epoch {
    /// Data that a client sends before the server has answered.
    Early,
    /// The rest of the handshake.
    Handshake,
    Application,
}
