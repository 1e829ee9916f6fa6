//! Where the secrets of TLS connections come from.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwap;
use capture::SecretRing;
use decode::{SocketKey, Timestamp};
use http::TlsOutcome;
use tls::{Label, RANDOM_LEN, Secret, Secrets as _, Store};

use super::kept::Kept;
use super::keylogs::Followed;

/// Where the secrets of TLS connections come from. Without any no connection is opened.
#[derive(Default)]
pub(crate) struct Secrets {
    /// From key logs that were read before.
    pub(super) logged: Option<Store>,
    /// From processes of this node, while they make the connections.
    pub(super) taken: Option<Box<Taken>>,
    /// From key logs that are followed, which are slower than capture.
    pub(super) followed: Option<Box<Followed>>,
}

impl Secrets {
    /// Returns why a connection is not to be opened; none if it is. `at` is the socket where it was captured, and whether the
    /// server is there.
    pub(crate) fn leave(&self, at: Option<(SocketKey, bool)>) -> Option<TlsOutcome> {
        if self.logged.is_some() {
            return None;
        }
        if self.follow_logs() {
            let at_client = matches!(at, Some((_, false)));
            return at_client.then_some(TlsOutcome::AtClient);
        }
        match (&self.taken, at) {
            (Some(_), Some((_, false))) => Some(TlsOutcome::AtClient),
            (Some(taken), Some((key, true))) => taken.expected.leave(key.target()),
            (None, _) | (_, None) => Some(TlsOutcome::NoKey),
        }
    }

    /// Returns the secret of a connection; `target` is the number of its server's cgroup.
    pub(crate) fn get(&mut self, target: u32, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        let Secrets { logged, taken, followed } = self;
        let logged = logged.as_mut().and_then(|store| store.secret(random, label));
        logged
            .or_else(|| taken.as_mut()?.get(target, random, label))
            .or_else(|| followed.as_mut()?.get(random, label))
    }

    /// Returns whether key logs are followed, whose secrets may come when a connection has ended.
    pub(super) fn follow_logs(&self) -> bool {
        self.followed.as_ref().is_some_and(|followed| followed.is_on())
    }

    /// Returns whether the secrets of a connection were in a key log that is followed.
    pub(super) fn were_logged(&mut self, random: &[u8; RANDOM_LEN]) -> bool {
        self.followed.as_mut().is_some_and(|followed| followed.has(random))
    }

    /// Returns whether secrets may come later than what they open. A library gives a secret before it sends what is sealed with
    /// it; but OpenSSL gives the client's only when it reads the client's Finished, and with that the client may have sent a
    /// request already.
    pub(crate) fn come_late(&self) -> bool {
        self.taken.is_some() || self.follow_logs()
    }

    /// Takes note of what became of a connection.
    pub(crate) fn note(&self, outcome: TlsOutcome) {
        // Where no process has a library, another look finds none: one that comes is found by the regular ones.
        if let (Some(taken), TlsOutcome::NoKey) = (&self.taken, outcome)
            && taken.expected.on.load(Ordering::Relaxed)
        {
            taken.expected.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets time pass: what came is taken out, and what nobody asked for is forgotten. Returns whether anything came out of
    /// key logs.
    pub(crate) fn pass(&mut self, now: Timestamp) -> bool {
        if let Some(taken) = &mut self.taken {
            taken.drain();
            taken.kept.pass(now);
        }
        self.followed.as_mut().is_some_and(|followed| followed.pass(now))
    }
}

/// Secrets that processes gave, by the cgroups of these.
pub(crate) struct Taken {
    ring: SecretRing,
    kept: Kept,
    expected: Arc<Expected>,
}

impl Taken {
    /// Begins with the ring that they come out of.
    pub(crate) fn new(ring: SecretRing, expected: Arc<Expected>) -> Taken {
        Taken { ring, kept: Kept::default(), expected }
    }

    fn get(&mut self, target: u32, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        if self.kept.recent.secret(target, random, label).is_none() {
            self.drain();
        }
        self.kept.recent.secret(target, random, label)
    }

    fn drain(&mut self) {
        let recent = &mut self.kept.recent;
        self.ring.drain(|taken| {
            let label = Label::named(taken.label).or_else(|| Label::expanded_to(taken.label));
            if let (Some(label), Some(secret)) = (label, Secret::new(taken.secret)) {
                recent.add(taken.target, *taken.name, label, secret);
            }
        });
    }
}

/// What the capture thread and those who find libraries tell each other.
#[derive(Default)]
pub(crate) struct Expected {
    /// Whether connections are to be opened.
    on: AtomicBool,
    /// The numbers of the cgroups none of whose processes has a library that gives secrets.
    without: ArcSwap<HashSet<u32>>,
    /// The number of connections that had no secret.
    missed: AtomicU64,
}

impl Expected {
    /// Says whether connections are to be opened.
    pub(crate) fn set_on(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Says which cgroups give no secrets. Of those that nobody has looked at yet they may come.
    pub(crate) fn set_without(&self, without: HashSet<u32>) {
        self.without.store(Arc::new(without));
    }

    /// Returns the number of connections so far that had no secret.
    pub(crate) fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    fn leave(&self, target: u32) -> Option<TlsOutcome> {
        if !self.on.load(Ordering::Relaxed) {
            return Some(TlsOutcome::NoKey);
        }
        self.without.load().contains(&target).then_some(TlsOutcome::NoLibrary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_left_where_no_secret_is_to_be_expected() {
        let expected = Expected::default();
        assert_eq!(expected.leave(1), Some(TlsOutcome::NoKey), "it is off");
        expected.set_on(true);
        expected.set_without([2].into());
        assert_eq!([1, 2].map(|target| expected.leave(target)), [None, Some(TlsOutcome::NoLibrary)]);
        assert_eq!(Secrets::default().leave(None), Some(TlsOutcome::NoKey));
        assert_eq!(Secrets { logged: Some(Store::default()), ..Secrets::default() }.leave(None), None);
    }
}
