//! Connections that ended before their secrets came: they end once these are there, or were waited for long enough.

use std::collections::VecDeque;
use std::time::Duration;

use flow::{End, Flow, Over, Timestamp};

use super::conversation::Conversation;

/// How long is waited: as long as `http` lets a connection wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most that wait, and the most bytes that they hold together.
const MAX: usize = 1024;
const MAX_BYTES: usize = 4 << 20;

/// A connection that has ended.
pub(super) struct Ended {
    pub(super) conversation: Conversation,
    flow: Flow,
    time: Timestamp,
    end: End,
    acknowledged: [Option<u32>; 2],
}

impl Ended {
    pub(super) fn new(conversation: Conversation, over: &Over<'_>) -> Ended {
        let Over { flow, time, end, acknowledged } = *over;
        Ended { conversation, flow: *flow, time, end, acknowledged }
    }

    /// Returns the connection, and how it ended.
    pub(super) fn parts(&mut self) -> (&mut Conversation, Over<'_>) {
        let Ended { conversation, flow, time, end, acknowledged } = self;
        (conversation, Over { flow, time: *time, end: *end, acknowledged: *acknowledged })
    }
}

/// Those that wait, in the order in which they ended.
#[derive(Default)]
pub(super) struct Parked {
    ended: VecDeque<Ended>,
    bytes: usize,
}

impl Parked {
    /// Takes one. Returns the one that has to go for it, if there is no more room.
    pub(super) fn add(&mut self, ended: Ended) -> Option<Ended> {
        self.bytes += ended.conversation.http.held();
        self.ended.push_back(ended);
        if self.ended.len() > MAX || self.bytes > MAX_BYTES { self.first() } else { None }
    }

    /// Returns the next one that has waited for long enough.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<Ended> {
        let first = self.ended.front()?;
        if now.saturating_since(first.time) >= PATIENCE { self.first() } else { None }
    }

    /// Takes the next one out.
    pub(super) fn first(&mut self) -> Option<Ended> {
        let ended = self.ended.pop_front()?;
        self.bytes = self.bytes.saturating_sub(ended.conversation.http.held());
        Some(ended)
    }

    /// Takes those out whose secrets are there.
    pub(super) fn ready(&mut self, mut is_there: impl FnMut(&[u8; tls::RANDOM_LEN]) -> bool) -> Vec<Ended> {
        let (ready, ended) =
            std::mem::take(&mut self.ended).into_iter().partition::<VecDeque<_>, _>(|ended| {
                ended.conversation.http.waits_for_secrets().is_none_or(&mut is_there)
            });
        self.ended = ended;
        self.bytes = self.ended.iter().map(|ended| ended.conversation.http.held()).sum();
        ready.into()
    }

    /// Returns the bytes of memory that they hold.
    pub(super) fn memory(&self) -> usize {
        self.bytes + self.ended.capacity() * size_of::<Ended>()
    }
}
