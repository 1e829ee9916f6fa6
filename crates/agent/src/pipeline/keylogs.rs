//! The secrets of key logs that are followed, on their way to the connections that they open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use decode::Timestamp;
use tls::{Label, RANDOM_LEN, Secret};

use super::kept::Kept;

/// The most secrets that are on their way: of some 800 connections, in about 200 KiB. A file waits.
const MAX_ON_THEIR_WAY: usize = 4096;
/// The owner of all of them: nobody knows which program wrote a line.
const OWNER: u32 = 0;

/// A secret that stood in a key log.
pub(crate) struct Logged {
    pub(crate) random: [u8; RANDOM_LEN],
    pub(crate) label: Label,
    pub(crate) secret: Secret,
}

/// The end into which the follower of key logs puts what it reads.
pub(crate) struct Giver {
    secrets: SyncSender<Logged>,
    on: Arc<AtomicBool>,
}

/// The end from which the connections get it.
pub(crate) struct Followed {
    secrets: Receiver<Logged>,
    on: Arc<AtomicBool>,
    kept: Kept,
    /// Whether any came since time last passed.
    came: bool,
}

/// Returns both ends.
pub(crate) fn channel() -> (Giver, Followed) {
    let (giver, secrets) = sync_channel(MAX_ON_THEIR_WAY);
    let on = Arc::new(AtomicBool::new(false));
    let followed = Followed { secrets, on: Arc::clone(&on), kept: Kept::default(), came: false };
    (Giver { secrets: giver, on }, followed)
}

impl Giver {
    /// Says whether key logs are followed, so that connections wait for what stands in them.
    pub(crate) fn set_on(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Gives a secret. It comes back if there is no room now; what comes to an agent that ends is dropped.
    pub(crate) fn give(&self, logged: Logged) -> Option<Logged> {
        if let Err(TrySendError::Full(logged)) = self.secrets.try_send(logged) { Some(logged) } else { None }
    }
}

impl Followed {
    /// Returns whether key logs are followed.
    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Returns the secret of a connection.
    pub(crate) fn get(&mut self, random: &[u8; RANDOM_LEN], label: Label) -> Option<&Secret> {
        if self.kept.recent.secret(OWNER, random, label).is_none() {
            self.drain();
        }
        self.kept.recent.secret(OWNER, random, label)
    }

    /// Returns whether the secrets of a connection came, for both of its directions. Those that are on their way come when
    /// time passes.
    pub(crate) fn has(&mut self, random: &[u8; RANDOM_LEN]) -> bool {
        Label::open_data(|label| self.kept.recent.secret(OWNER, random, label).is_some())
    }

    /// Lets time pass: what came is taken out, and what nobody asked for is forgotten. Returns whether anything came.
    pub(crate) fn pass(&mut self, now: Timestamp) -> bool {
        self.drain();
        self.kept.pass(now);
        std::mem::take(&mut self.came)
    }

    fn drain(&mut self) {
        while let Ok(Logged { random, label, secret }) = self.secrets.try_recv() {
            self.kept.recent.add(OWNER, random, label, secret);
            self.came = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(byte: u8) -> Logged {
        Logged { random: [byte; RANDOM_LEN], label: Label::Master, secret: Secret::new(&[byte; 48]).unwrap() }
    }

    #[test]
    fn a_secret_is_there_when_it_is_asked_for_and_is_forgotten_when_nobody_does() {
        let (giver, mut followed) = channel();
        giver.set_on(true);
        assert!(followed.is_on() && followed.get(&[1; RANDOM_LEN], Label::Master).is_none());
        assert!(giver.give(logged(1)).is_none());
        assert!(followed.get(&[1; RANDOM_LEN], Label::Master).is_some());
        assert!(followed.get(&[1; RANDOM_LEN], Label::Client).is_none());
        assert!(followed.has(&[1; RANDOM_LEN]) && !followed.has(&[2; RANDOM_LEN]));
        assert!(followed.pass(Timestamp::from_secs(20)), "it came since time last passed");
        assert!(!followed.pass(Timestamp::from_secs(20)), "it came before");
        assert!(followed.get(&[1; RANDOM_LEN], Label::Master).is_some());
        followed.pass(Timestamp::from_secs(40));
        assert!(followed.get(&[1; RANDOM_LEN], Label::Master).is_none());
    }

    #[test]
    fn what_finds_no_room_comes_back() {
        let (giver, mut followed) = channel();
        for _ in 0..MAX_ON_THEIR_WAY {
            assert!(giver.give(logged(1)).is_none());
        }
        let back = giver.give(logged(2)).unwrap();
        assert!(followed.pass(Timestamp::EPOCH));
        assert!(giver.give(back).is_none());
        assert!(followed.get(&[2; RANDOM_LEN], Label::Master).is_some());
        drop(followed);
        assert!(giver.give(logged(1)).is_none(), "nobody is there any more");
    }
}
