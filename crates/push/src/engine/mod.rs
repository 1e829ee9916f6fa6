//! The push algorithm: what to call for an endpoint, and in which order.
//!
//! An [`Engine`] keeps only what can be learned again (listings, pauses, counters). What must not be lost is in the outbox
//! and comes with each item; so a push that is dropped half-way loses nothing: the next one begins with the listing.

mod backoff;
mod batch;
mod gate;
mod listing;
mod onboard;
mod onboarding;
mod pass;
mod plan;
mod rate;
mod request;
mod shape;
mod status;
mod turn;
mod verify;
mod work;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use decode::Timestamp;
use inventory::Instance;
use redact::Owner;
use tracing::{error, info, warn};

use crate::client::answers::{Listed, Suggestion};
use crate::client::wire::{Details, NewEndpoint, PreviewRequest};
use crate::client::{CallKind, Client, Failure};
use backoff::{backoff, spread};
use gate::Gates;
pub use gate::{Pause, PauseKind};
use listing::Listings;
use onboarding::Onboarding;
pub use onboarding::{Onboarded, Wanted};
pub use plan::plan;
use rate::Rate;
pub use status::{CallResult, LastError, Status};
use turn::Turns;
use work::Halt;

/// The settings of an engine.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// How many requests go into one preview (`previewBatch`); more than one is not proven.
    pub preview_batch: usize,
    /// How many endpoints go into one add (`addBatch`).
    pub add_batch: usize,
    /// The most calls in any second, over all instances (`callsPerSecond`, 1 to 1,000).
    pub calls_per_second: u32,
    /// A listing older than this is read again before it is used.
    pub listing_age: Duration,
    /// The longest first wait after a failure; it doubles with each further one.
    pub retry_base: Duration,
    /// The longest wait after failures, but for what a `Retry-After` says.
    pub retry_longest: Duration,
    /// The wait before a key that was not accepted is tried again (and up to a quarter more, at random).
    pub key_probe: Duration,
    /// The wait before a mapping that the platform does not know is tried again (and up to a quarter more, at random).
    pub mapping_retry: Duration,
    /// The wait before the listing is read again for what was added and not listed.
    pub recheck: Duration,
    /// The pause between two looks for the instance of a new application.
    pub instance_pause: Duration,
    /// Whether this node adds what is new at once, as the only node does. Otherwise [`Engine::set_place`] tells whose turn
    /// it is.
    pub one_node: bool,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            preview_batch: 1,
            add_batch: 50,
            calls_per_second: 10,
            listing_age: Duration::from_secs(600),
            retry_base: Duration::from_secs(1),
            retry_longest: Duration::from_secs(300),
            key_probe: Duration::from_secs(60),
            mapping_retry: Duration::from_secs(300),
            recheck: Duration::from_secs(5),
            instance_pause: Duration::from_secs(1),
            one_node: true,
        }
    }
}

/// Pushes items and returns what came of them. It spawns nothing, and waits only for the platform and the rate limit.
#[derive(Debug)]
pub struct Engine {
    client: Client,
    settings: EngineSettings,
    rate: Rate,
    listings: Listings,
    gates: Gates,
    turns: Turns,
    onboarding: Onboarding,
    status: Arc<Mutex<Status>>,
}

impl Engine {
    /// Creates an engine that knows nothing yet.
    #[must_use]
    pub fn new(client: Client, settings: EngineSettings) -> Self {
        let rate = Rate::new(settings.calls_per_second);
        let (listings, gates, turns, onboarding, status) = Default::default();
        Self { client, settings, rate, listings, gates, turns, onboarding, status }
    }

    /// Returns the owners whose items wait until this node's place is told ([`Engine::set_place`]).
    pub fn take_wanted_places(&mut self) -> BTreeSet<Owner> {
        self.turns.take_wanted()
    }

    /// Tells the place of this node among those that run an owner's servers; 0 is the first. It is believed for 10
    /// minutes.
    pub fn set_place(&mut self, owner: Owner, place: usize, now: Timestamp) {
        self.turns.set(owner, place, now);
    }

    /// Goes on with another client and other settings: the configuration or the key has changed. Ends all pauses.
    pub fn replace_client(&mut self, client: Client, settings: EngineSettings) {
        self.client = client;
        self.rate = Rate::new(settings.calls_per_second);
        self.settings = settings;
        self.listings.clear();
        self.resume();
    }

    /// Ends all pauses: the configuration has changed, so what was wrong may be right now.
    pub fn resume(&mut self) {
        self.gates.open_all();
        self.onboarding.resume();
        self.publish_pauses();
    }

    /// Returns the pause of everything, if the platform does not accept the key. When it is over, one push tries.
    #[must_use]
    pub fn key_paused(&self) -> Option<&Pause> {
        self.gates.key()
    }

    /// Plans everything anew: the clock was set.
    pub fn clock_was_set(&mut self) {
        self.listings.clear();
        self.resume();
    }

    /// Returns what was done so far and what is paused. The engine updates it while it works; hold the lock briefly.
    #[must_use]
    pub fn shared_status(&self) -> Arc<Mutex<Status>> {
        Arc::clone(&self.status)
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the place of this node for an owner, 0 for the first; `None` while it is not known.
    fn place(&mut self, owner: &Owner, now: Timestamp) -> Option<usize> {
        if self.settings.one_node { Some(0) } else { self.turns.place(owner, now) }
    }

    fn admit(&self, instance: &Instance, now: Timestamp) -> Result<(), Halt> {
        match self.gates.closed(instance, now) {
            Some(pause) => Err(Halt { reason: pause.reason.clone(), until: pause.until }),
            None => Ok(()),
        }
    }

    async fn listing(&mut self, at: &Instance, now: Timestamp) -> Result<Vec<Listed>, Failure> {
        self.rate.take().await;
        let answer = self.client.listing(at).await;
        self.count(at, CallKind::Listing, answer, now)
    }

    async fn preview(
        &mut self,
        at: &Instance,
        all: &[PreviewRequest],
        now: Timestamp,
    ) -> Result<Vec<Suggestion>, Failure> {
        self.rate.take().await;
        let answer = self.client.preview(at, all).await;
        self.count(at, CallKind::Preview, answer, now)
    }

    async fn add_endpoints(
        &mut self,
        at: &Instance,
        all: &[NewEndpoint],
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.rate.take().await;
        let answer = self.client.add_endpoints(at, all).await;
        self.count(at, CallKind::Add, answer, now)
    }

    async fn commit(&mut self, at: &Instance, details: &Details, now: Timestamp) -> Result<(), Failure> {
        self.rate.take().await;
        let answer = self.client.commit(at, details).await;
        self.count(at, CallKind::Commit, answer, now)
    }

    /// Counts a call, and ends the pauses that its success disproves.
    fn count<T>(
        &mut self,
        at: &Instance,
        kind: CallKind,
        answer: Result<T, Failure>,
        now: Timestamp,
    ) -> Result<T, Failure> {
        self.status().count(kind, &answer, now);
        if answer.is_ok() {
            let key = self.accept_key();
            // A listing can be had, empty, even where the mapping is wrong, and says little about the other calls.
            let instance = kind != CallKind::Listing && self.gates.open(at);
            if key || instance {
                self.publish_pauses();
            }
        }
        answer
    }

    /// Notes that the platform accepts the key, and says so if it did not before. Returns whether it did not.
    fn accept_key(&mut self) -> bool {
        let again = self.gates.open_key();
        if again {
            info!("the platform accepts the API key again; pushing goes on");
        }
        again
    }

    /// Notes that a push ended with an answer for each item.
    fn all_went_well(&mut self, at: &Instance) {
        if self.gates.back(at) {
            self.publish_pauses();
        }
    }

    /// Pauses what the failure demands, and says so once.
    fn close(
        &mut self,
        at: &Instance,
        service: &str,
        failure: &Failure,
        longest: Duration,
        now: Timestamp,
    ) -> Halt {
        let settings = &self.settings;
        let (kind, wait) = match failure {
            Failure::Key { .. } => (PauseKind::Key, spread(settings.key_probe)),
            Failure::Mapping { .. } => (PauseKind::Mapping, spread(settings.mapping_retry)),
            Failure::Retry { after, .. } => {
                let wait = backoff(
                    self.gates.failures(at),
                    settings.retry_base,
                    longest.min(settings.retry_longest),
                );
                (PauseKind::Away, wait + after.unwrap_or_default())
            }
            Failure::Refused { .. } => (PauseKind::Away, longest),
        };
        let until = now + wait;
        let reason = failure.to_string();
        if self.gates.close(at, kind, &reason, now, until) {
            let Instance { app, instance } = at;
            match kind {
                PauseKind::Key => say_key_refused(&reason),
                PauseKind::Mapping => error!(
                    "the platform does not know application {app:?}, instance {instance:?} of service '{service}' \
                     ({reason}): its endpoints are kept; mend serviceMappings"
                ),
                PauseKind::Away => {
                    warn!("cannot push to instance {instance:?} ({reason}): kept, tried again");
                }
            }
        }
        self.publish_pauses();
        Halt { reason, until }
    }

    fn publish_pauses(&self) {
        let mut status = self.status();
        status.key_paused = self.gates.key().cloned();
        status.paused = self.gates.instances().map(|(at, pause)| (at.clone(), pause.clone())).collect();
    }
}

/// Says that pushing is paused because of the key.
fn say_key_refused(reason: &str) {
    error!(
        "the platform does not accept the API key ({reason}): pushing is paused and everything is kept; give a valid key"
    );
}
