//! Where a message stands, and what is known of what came before it.

use crate::intake::reaches;

/// What is known of what the client sent between one request and the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Before {
    /// No request.
    #[default]
    Known,
    /// Bytes that are no request.
    Junk,
    /// Bytes that are missing.
    Lost,
    /// A request that may have no response yet.
    Asked,
}

/// Where a message stands in both streams: sequence numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stand {
    /// Of a request: how far the server's stream had reached its client. Of a response: where it begins.
    pub(crate) server: u32,
    /// Of a request: where its head ends. Of a response: how far the client's stream had reached its server.
    pub(crate) client: u32,
}

impl Stand {
    /// Returns whether a response that stands here can answer a request that stands there.
    pub(crate) fn can_answer(self, request: Stand) -> bool {
        reaches(self.server, request.server) && reaches(self.client, request.client)
    }
}
