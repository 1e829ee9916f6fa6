//! What the pipeline keeps of a connection.

use super::naming::Remembered;

/// The state that the pipeline keeps for a connection.
#[derive(Default)]
pub(super) struct Conversation {
    pub(super) http: http::Connection,
    pub(super) remembered: Remembered,
}
