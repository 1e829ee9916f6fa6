//! Who gets what is found.

use flow::Direction;
use tls::{Label, RANDOM_LEN, Secret};

use super::{Begun, Exchange, Head, RequestHead};
use crate::outcome::TlsOutcome;

/// Takes what is found on a connection. What a sink does not want it need not implement.
pub trait Sink {
    /// The head of a request is complete and a body follows. Returns how much of the body to keep.
    fn request(&mut self, request: &RequestHead<'_>) -> Keep {
        let _ = request;
        Keep(0)
    }

    /// The head of a final response is complete and a body may follow. Returns how much of the body to keep.
    fn response(&mut self, request: &RequestHead<'_>, status: u16, fields: Head<'_>) -> Keep {
        let _ = (request, status, fields);
        Keep(0)
    }

    /// The answer of an exchange goes on, and may never end: events, a watch, a stream of messages. Shows what came so far;
    /// the exchange is given when it ends as any other is.
    fn begun(&mut self, exchange: &Exchange<'_>) -> Begun {
        let _ = exchange;
        Begun::Passed
    }

    /// An exchange has ended.
    fn exchange(&mut self, exchange: &Exchange<'_>) {
        let _ = exchange;
    }

    /// The connection is HTTP/2 and older than what was seen of it: names that were sent before are not known. At most
    /// once a connection, with the direction of the requests.
    fn older(&mut self, client: Direction) {
        let _ = client;
    }

    /// Returns why a TLS connection is not to be opened; none if it is, with the secrets that [`Sink::secret`] gives. Asked
    /// for each of them, at its ClientHello, with the client's direction.
    fn leaves_tls(&self, client: Direction) -> Option<TlsOutcome> {
        let _ = client;
        Some(TlsOutcome::NoKey)
    }

    /// Returns the secret of a TLS connection, which is known by its client's random. It is asked for when a record is there that
    /// needs it.
    fn secret(&mut self, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        let _ = (random, label);
        None
    }

    /// Returns whether secrets may come later than what they open, by another way. What comes meanwhile waits then, for 2 s and
    /// in 64 KiB at most, and [`Sink::secret`] is asked with each event whether they are there.
    fn secrets_come_late(&self) -> bool {
        false
    }

    /// The connection is TLS, and this became of it. If it was opened, what it gives from here on came over TLS. At most once a
    /// connection, before anything that it gives ends, with the client's direction.
    fn tls(&mut self, client: Direction, outcome: TlsOutcome) {
        let _ = (client, outcome);
    }

    /// The connection, from here on, cannot be read. At most once a connection, with the client's direction where it is
    /// known.
    fn unreadable(&mut self, client: Direction, why: Unreadable<'_>) {
        let _ = (client, why);
    }
}

/// How many bytes of a body to keep, up to [`crate::MAX_KEEP`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep(pub usize);

/// Why a connection cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable<'a> {
    /// TLS, with what the ClientHello says (empty when it says nothing, or was not seen).
    Tls {
        /// The server name (RFC 6066, section 3).
        server_name: &'a [u8],
        /// The protocol list of ALPN as on the wire: length-prefixed names (RFC 7301, section 3.1).
        alpn: &'a [u8],
    },
    /// HTTP/2 after an upgrade by a request that was not seen, or not to its end.
    Http2,
    /// WebSocket after an upgrade.
    WebSocket,
    /// The rest of a connection after CONNECT.
    Tunnel,
    /// Another protocol after an upgrade.
    Upgraded,
    /// Another protocol that was recognised, by its name as a metric label (`ssh`, `redis`, `postgres`...).
    Other(&'static str),
    /// Bytes that are no protocol that is known here.
    Unknown,
}

impl Unreadable<'_> {
    /// Returns the reason as a metric label.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Unreadable::Tls { .. } => "tls",
            Unreadable::Http2 => "http2",
            Unreadable::WebSocket => "websocket",
            Unreadable::Tunnel => "tunnel",
            Unreadable::Upgraded => "upgraded",
            Unreadable::Other(name) => name,
            Unreadable::Unknown => "unknown",
        }
    }
}
