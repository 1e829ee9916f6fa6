//! The connections of this process: its own calls are known by where they come from, which nobody else can claim.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};

/// How long a connection that is closed is remembered: its last packets may still be read.
const REMEMBER: Duration = Duration::from_secs(10);
/// The most that are known at once: the agent has some tens.
const MAX: usize = 1024;

/// The local addresses of the connections of this process. Reading them waits for nothing.
#[derive(Default)]
pub(crate) struct OwnConnections {
    all: ArcSwap<Vec<One>>,
    /// The client that asks only to be seen.
    canary: ArcSwapOption<SocketAddr>,
    /// One looks at a time, so that what is older never takes the place of what is newer.
    looking: Mutex<()>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody.
    Other,
    /// This process.
    Own,
    /// This process, to see whether it is seen.
    Canary,
}

#[derive(Clone, Copy)]
struct One {
    local: SocketAddr,
    /// When it was last there.
    seen: Instant,
}

impl OwnConnections {
    /// Looks which connections this process has now. Called before a request is sent on a new one.
    pub(crate) fn look(&self) {
        let _one_at_a_time = self.looking.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Where they cannot be read, the agent's calls count like those of others.
        self.take(capture::own_connections().unwrap_or_default(), Instant::now());
    }

    fn take(&self, there: Vec<SocketAddr>, now: Instant) {
        let mut all: Vec<_> = there.into_iter().map(|local| One { local, seen: now }).collect();
        let before = self.all.load();
        let gone = before.iter().filter(|one| {
            now.duration_since(one.seen) < REMEMBER && !all.iter().any(|other| other.local == one.local)
        });
        let gone: Vec<_> = gone.copied().collect();
        all.extend(gone);
        all.truncate(MAX);
        self.all.store(all.into());
    }

    /// From this address of its own the process asks to be seen, and from no other any more.
    pub(crate) fn expect_canary(&self, client: SocketAddr) {
        self.canary.store(Some(Arc::new(client)));
    }

    /// Returns who a client is.
    pub(crate) fn caller(&self, client: SocketAddr) -> Caller {
        if self.canary.load().as_deref() == Some(&client) {
            Caller::Canary
        } else if self.all.load().iter().any(|one| one.local == client) {
            Caller::Own
        } else {
            Caller::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_known_while_it_stands_and_a_moment_longer() {
        let own = OwnConnections::default();
        let [first, second] = [1, 2].map(|port| SocketAddr::from(([10, 0, 0, 1], port)));
        let start = Instant::now();
        own.take(vec![first], start);
        own.take(vec![second], start + REMEMBER / 2);
        assert_eq!([first, second].map(|client| own.caller(client)), [Caller::Own, Caller::Own]);
        own.take(vec![second], start + REMEMBER);
        assert_eq!([first, second].map(|client| own.caller(client)), [Caller::Other, Caller::Own]);
        own.expect_canary(first);
        assert_eq!([first, second].map(|client| own.caller(client)), [Caller::Canary, Caller::Own]);
    }

    #[test]
    fn those_that_stand_go_before_those_that_are_gone() {
        let own = OwnConnections::default();
        let many = |net| (0..MAX as u16).map(move |port| SocketAddr::from(([10, 0, net, 1], port))).collect();
        own.take(many(0), Instant::now());
        own.take(many(1), Instant::now());
        assert_eq!(own.all.load().len(), MAX);
        let callers = [1, 0].map(|net| own.caller(([10, 0, net, 1], 7).into()));
        assert_eq!(callers, [Caller::Own, Caller::Other]);
    }
}
