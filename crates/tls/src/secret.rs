//! What an end of a connection gives away: secrets, and what each is of.

use zeroize::Zeroize;

/// The number of bytes of a client's random (RFC 8446, section 4.1.2).
pub const RANDOM_LEN: usize = 32;

/// The most bytes of a secret: what SHA-384 gives, and the master secret of TLS 1.2.
pub(crate) const MAX_SECRET: usize = 48;

/// What a secret is of. Those of a key log (RFC 9850, section 2) are known by the client's random; of the others that it may hold
/// nothing is opened. Those of the key schedule (RFC 8446, section 7.1), of which a traffic secret is expanded, are known by the
/// first 32 bytes of the hash of the handshake that goes into that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS 1.2.
    Master,
    /// `CLIENT_EARLY_TRAFFIC_SECRET`.
    ClientEarly,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    ClientHandshake,
    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    ServerHandshake,
    /// `CLIENT_TRAFFIC_SECRET_0`.
    Client,
    /// `SERVER_TRAFFIC_SECRET_0`.
    Server,
    /// The Early Secret of the key schedule, by the hash of the ClientHello.
    EarlyStage,
    /// The Handshake Secret of the key schedule, by the hash up to the ServerHello.
    HandshakeStage,
    /// The Master Secret of the key schedule, by the hash up to the server's Finished.
    ApplicationStage,
}

impl Label {
    /// Returns whether the secrets that open a connection's data are `there`: that of TLS 1.2, or those of both directions of
    /// TLS 1.3.
    pub fn open_data(mut there: impl FnMut(Label) -> bool) -> bool {
        there(Label::Client) && there(Label::Server) || there(Label::Master)
    }

    /// Returns what a secret is of that has this label in a key log; none if nothing is opened with it.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Label> {
        Some(match name {
            b"CLIENT_RANDOM" => Label::Master,
            b"CLIENT_EARLY_TRAFFIC_SECRET" => Label::ClientEarly,
            b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Label::ClientHandshake,
            b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Label::ServerHandshake,
            b"CLIENT_TRAFFIC_SECRET_0" => Label::Client,
            b"SERVER_TRAFFIC_SECRET_0" => Label::Server,
            _ => return None,
        })
    }

    /// Returns what a secret of the key schedule is of that is expanded with this label; none if nothing is opened with it. Of
    /// both sides' traffic secrets one names it.
    #[must_use]
    pub fn expanded_to(label: &[u8]) -> Option<Label> {
        Some(match label {
            b"tls13 c e traffic" => Label::EarlyStage,
            b"tls13 s hs traffic" => Label::HandshakeStage,
            b"tls13 s ap traffic" => Label::ApplicationStage,
            _ => return None,
        })
    }
}

/// A secret of a connection. It is shown nowhere, there is one copy of it, and its memory is wiped when it is dropped.
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Returns a secret with a copy of these bytes; none unless there are 32 or 48, as all have.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Secret> {
        matches!(bytes.len(), 32 | MAX_SECRET).then(|| Secret(bytes.into()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
