//! Connections that ended before their secrets came: they end once these are there, or were waited for long enough.

use flow::{End, Flow, Over, Timestamp};
use http::PATIENCE;
use std::collections::VecDeque;

use super::conversation::Conversation;

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
    /// The bytes of memory behind it.
    held: usize,
}

impl Ended {
    pub(super) fn new(conversation: Conversation, over: &Over<'_>) -> Ended {
        let Over { flow, time, end, acknowledged } = *over;
        let held = conversation.http.held();
        Ended { conversation, flow: *flow, time, end, acknowledged, held }
    }

    /// Returns the connection, and how it ended.
    pub(super) fn parts(&mut self) -> (&mut Conversation, Over<'_>) {
        let Ended { conversation, flow, time, end, acknowledged, .. } = self;
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
    /// Takes one. Those of [`Self::over`] have to go for it.
    pub(super) fn add(&mut self, ended: Ended) {
        self.bytes += ended.held;
        self.ended.push_back(ended);
    }

    /// Returns the next one that has no room any longer.
    pub(super) fn over(&mut self) -> Option<Ended> {
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
        self.bytes = self.bytes.saturating_sub(ended.held);
        Some(ended)
    }

    /// Takes those out whose secrets are there.
    pub(super) fn ready(&mut self, mut is_there: impl FnMut(&[u8; tls::RANDOM_LEN]) -> bool) -> Vec<Ended> {
        let mut is_ready =
            |ended: &Ended| ended.conversation.http.waits_for_secrets().is_none_or(&mut is_there);
        if !self.ended.iter().any(&mut is_ready) {
            return Vec::new();
        }
        let (ready, ended) =
            std::mem::take(&mut self.ended).into_iter().partition::<VecDeque<_>, _>(|ended| is_ready(ended));
        self.ended = ended;
        self.bytes = self.ended.iter().map(|ended| ended.held).sum();
        ready.into()
    }

    /// Returns the bytes of memory that they hold.
    pub(super) fn memory(&self) -> usize {
        self.bytes + self.ended.capacity() * size_of::<Ended>()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn ended(held: usize) -> Ended {
        let end = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
        let flow = Flow { first: end, second: end, opened: true, origin: flow::Origin::Wire };
        let over = Over { flow: &flow, time: Timestamp::EPOCH, end: End::Idle, acknowledged: [None; 2] };
        Ended { held, ..Ended::new(Conversation::default(), &over) }
    }

    #[test]
    fn neither_more_nor_larger_ones_than_there_is_room_for_stay() {
        let mut parked = Parked::default();
        for held in std::iter::repeat_n(4 << 10, 2 * MAX).chain(std::iter::repeat_n(64 << 10, MAX)) {
            parked.add(ended(held));
            while parked.over().is_some() {}
            assert!(parked.ended.len() <= MAX && parked.bytes <= MAX_BYTES, "{}", parked.bytes);
            assert_eq!(parked.bytes, parked.ended.iter().map(|ended| ended.held).sum::<usize>());
        }
        assert!(parked.first().is_some());
    }
}
