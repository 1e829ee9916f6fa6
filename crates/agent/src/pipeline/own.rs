//! The connections of this process: its own calls are known by both ends of them, which nobody else can have.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};

/// The time for which a closed connection is remembered: its last packets may still be read.
const REMEMBER: Duration = Duration::from_secs(10);
/// The most that are known at once: the agent has some tens.
const MAX: usize = 1024;

/// The connections of this process. Reading them waits for nothing.
#[derive(Default)]
pub(crate) struct OwnConnections {
    all: ArcSwap<Vec<One>>,
    /// The one that asks only to be seen: its client and its server.
    canary: ArcSwapOption<(SocketAddr, SocketAddr)>,
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
    peer: SocketAddr,
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

    fn take(&self, there: Vec<(SocketAddr, SocketAddr)>, now: Instant) {
        let mut all: Vec<_> = there.into_iter().map(|(local, peer)| One { local, peer, seen: now }).collect();
        let before = self.all.load();
        let gone = before.iter().filter(|one| {
            now.duration_since(one.seen) < REMEMBER
                && !all.iter().any(|other| (other.local, other.peer) == (one.local, one.peer))
        });
        let gone: Vec<_> = gone.copied().collect();
        all.extend(gone);
        all.truncate(MAX);
        self.all.store(all.into());
    }

    /// On this connection of its own, from `client` to `server`, the process asks to be seen; on no other any more.
    pub(crate) fn expect_canary(&self, client: SocketAddr, server: SocketAddr) {
        self.canary.store(Some(Arc::new((client, server))));
    }

    /// Returns who a client is. `leads` says of an address whether it only leads to a server (a ClusterIP): our end of a
    /// connection knows that address, and not the server's. An address and port of ours alone would not do: others of this
    /// host may use them towards other servers at the same time.
    pub(crate) fn caller(
        &self,
        client: SocketAddr,
        server: SocketAddr,
        leads: impl Fn(SocketAddr) -> bool,
    ) -> Caller {
        let is_own = |one: &One| one.local == client && (one.peer == server || leads(one.peer));
        if self.canary.load().as_deref() == Some(&(client, server)) {
            Caller::Canary
        } else if self.all.load().iter().any(is_own) {
            Caller::Own
        } else {
            Caller::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(net: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, net, 1], port))
    }

    #[test]
    fn a_connection_is_known_while_it_stands_and_a_moment_longer() {
        let own = OwnConnections::default();
        let (server, [first, second]) = (address(9, 443), [1, 2].map(|port| address(0, port)));
        let callers = || [first, second].map(|client| own.caller(client, server, |_| false));
        let start = Instant::now();
        own.take(vec![(first, server)], start);
        own.take(vec![(second, server)], start + REMEMBER / 2);
        assert_eq!(callers(), [Caller::Own, Caller::Own]);
        own.take(vec![(second, server)], start + REMEMBER);
        assert_eq!(callers(), [Caller::Other, Caller::Own]);
        own.expect_canary(first, server);
        assert_eq!(callers(), [Caller::Canary, Caller::Own]);
    }

    #[test]
    fn who_has_our_port_towards_another_server_is_somebody_else() {
        let own = OwnConnections::default();
        let (client, platform, cart, leads) = (address(0, 1), address(1, 80), address(2, 80), address(3, 80));
        own.take(vec![(client, platform)], Instant::now());
        own.expect_canary(client, leads);
        let caller = |server| own.caller(client, server, |peer| peer == leads);
        assert_eq!([platform, cart, leads].map(caller), [Caller::Own, Caller::Other, Caller::Canary]);
        // By an address that only leads there.
        own.take(vec![(client, leads)], Instant::now());
        assert_eq!(caller(cart), Caller::Own);
    }

    #[test]
    fn those_that_stand_go_before_those_that_are_gone() {
        let own = OwnConnections::default();
        let server = address(9, 443);
        let many = |net| (0..MAX as u16).map(move |port| (address(net, port), server)).collect();
        own.take(many(0), Instant::now());
        own.take(many(1), Instant::now());
        assert_eq!(own.all.load().len(), MAX);
        let callers = [1, 0].map(|net| own.caller(address(net, 7), server, |_| false));
        assert_eq!(callers, [Caller::Own, Caller::Other]);
    }
}
