//! How the calls of a method of gRPC are made.

use std::fmt;
use std::ops::BitOrAssign;

use http::Grpc;
use serde::{Deserialize, Serialize};

/// What was seen of it: nothing of this can be taken back by calls that are made otherwise. A stream of one message looks like
/// none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calls {
    /// A request had several messages.
    pub client_streams: bool,
    /// A response had.
    pub server_streams: bool,
    /// A message was compressed.
    pub compressed: bool,
}

impl Calls {
    /// Of one exchange.
    pub(crate) fn of(grpc: Grpc) -> Calls {
        Calls {
            client_streams: grpc.request_messages > 1,
            server_streams: grpc.response_messages > 1,
            compressed: grpc.compressed,
        }
    }

    /// As a number below 8.
    pub(crate) fn bits(self) -> u8 {
        u8::from(self.client_streams) | u8::from(self.server_streams) << 1 | u8::from(self.compressed) << 2
    }
}

impl BitOrAssign for Calls {
    fn bitor_assign(&mut self, other: Calls) {
        self.client_streams |= other.client_streams;
        self.server_streams |= other.server_streams;
        self.compressed |= other.compressed;
    }
}

/// For people: `server streaming, compressed`.
impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.client_streams, self.server_streams) {
            (false, false) => "unary",
            (true, false) => "client streaming",
            (false, true) => "server streaming",
            (true, true) => "bidirectional streaming",
        })?;
        f.write_str(if self.compressed { ", compressed" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_adds_up() {
        let grpc = |request_messages, response_messages, compressed| {
            Calls::of(Grpc { status: Some(0), request_messages, response_messages, compressed })
        };
        let mut calls = grpc(1, 1, false);
        assert_eq!((calls.to_string().as_str(), calls.bits()), ("unary", 0));
        calls |= grpc(1, 5, true);
        assert_eq!(calls.to_string(), "server streaming, compressed");
        calls |= grpc(2, 0, false);
        assert_eq!((calls.to_string().as_str(), calls.bits()), ("bidirectional streaming, compressed", 7));
        assert_eq!(grpc(3, 1, false).to_string(), "client streaming");
    }
}
