//! Services without a mapping get an application (`autoOnboardNewServices`), and what was learned is kept in the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use decode::Timestamp;
use identify::ServiceName;
use inventory::{Instance, LearnedMapping};
use push::{Engine, Onboarded, PauseKind, Wanted};
use redact::printable;

use super::places::{FRESH, Places};
use crate::report::clock;
use crate::run::shared::Shared;

/// How often it is looked whether there are new ones.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many go at once: the list of applications is read once for all of them, and others are not to be held up for long.
const BATCH: usize = 5;
/// How often the platform is asked about an application that it no longer knows.
const GONE_AGAIN: Duration = Duration::from_secs(600);

/// What onboarding waits for.
#[derive(Default)]
pub(super) struct Onboarding {
    looked: Option<Instant>,
    not_before: HashMap<ServiceName, Timestamp>,
    /// Whether the engine knows what was made before the agent started.
    noted: bool,
    /// What was said that it would be onboarded, where nothing is sent.
    shown: HashSet<ServiceName>,
}

impl Onboarding {
    /// What waits is tried again at once.
    pub(super) fn resume(&mut self) {
        self.not_before.clear();
        self.looked = None;
    }

    /// Onboards what is new, if it is wanted and time.
    pub(super) async fn round(&mut self, shared: &Shared, engine: &mut Engine, places: &mut Places) {
        if !shared.config.load().onboard {
            shared.push.keep_waiting(|_| false);
            return;
        }
        if self.looked.is_some_and(|looked| looked.elapsed() < INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        if !std::mem::replace(&mut self.noted, true) {
            shared.learned.read(|inventory| {
                let made = inventory.learned_mappings().filter(|(_, mapping)| mapping.created);
                engine.note_created(made.filter_map(|(_, mapping)| mapping.learned_at));
            });
        }
        let (services, wanted) = self.wanted(shared, places).await;
        if services.is_empty() {
            return;
        }
        let results = engine.onboard(&wanted, clock()).await;
        for ((service, wanted), result) in services.into_iter().zip(&wanted).zip(results) {
            self.take(shared, service, wanted, result);
        }
        shared.merge_mappings();
    }

    /// Says what would be onboarded, once each. Nothing is asked and nothing made.
    pub(super) fn show(&mut self, shared: &Shared) {
        if !shared.config.load().onboard || self.looked.is_some_and(|looked| looked.elapsed() < INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        for service in unmapped(shared) {
            if self.shown.insert(service.clone()) {
                let ServiceName { namespace, name } = service;
                tracing::info!(
                    "Service '{name}' in namespace '{namespace}' would be onboarded: to the application of its name, or to a new one"
                );
            }
        }
    }

    /// The Services that need an application and whose time has come.
    async fn wanted(&mut self, shared: &Shared, places: &mut Places) -> (Vec<ServiceName>, Vec<Wanted>) {
        let now = clock();
        let directory = Arc::clone(&shared.names.directory());
        let unmapped = unmapped(shared);
        shared.push.keep_waiting(|service| unmapped.contains(service));
        let lost = lost(shared);
        self.not_before.retain(|service, _| unmapped.contains(service) || lost.contains(service));
        let due = |service: &&ServiceName| self.not_before.get(service).is_none_or(|at| *at <= now);
        let (mut services, mut wanted) = (Vec::new(), Vec::new());
        for service in unmapped.iter().filter(due).take(BATCH) {
            // Services of the same name share an application: those of one namespace go first.
            let twins = directory.services().iter().filter(|other| other.name == service.name);
            let before = twins.filter(|other| other.namespace < service.namespace).count();
            let place = places.of(shared, service, FRESH, 1).await + before;
            services.push(service.clone());
            wanted.push(Wanted { service: service.name.clone(), place: Some(place) });
        }
        for service in lost.iter().filter(due).take(BATCH) {
            services.push(service.clone());
            wanted.push(Wanted { service: service.name.clone(), place: None });
        }
        (services, wanted)
    }

    fn take(&mut self, shared: &Shared, service: ServiceName, wanted: &Wanted, result: Onboarded) {
        let now = clock();
        match result {
            Onboarded::Mapped { instance, created } => {
                let is_known = shared.learned.read(|inventory| {
                    inventory.learned_mapping(&service).is_some_and(|before| before.instance == instance)
                });
                if is_known {
                    self.not_before.insert(service, now + GONE_AGAIN);
                    return;
                }
                say(&service, &instance, created);
                shared.push.keep_waiting(|waiting| *waiting != service);
                let mapping = LearnedMapping { instance, learned_at: Some(now), created };
                if !shared.learned.change(|inventory| inventory.learn_mapping(service, mapping)) {
                    tracing::error!(
                        "There is no room for another learned mapping; map Services in serviceMappings"
                    );
                }
            }
            Onboarded::Later { reason, not_before } => {
                tracing::debug!("{service} is not onboarded yet: {reason}");
                self.not_before.insert(service.clone(), not_before);
                // One that is mapped already has a line of its own.
                if wanted.place.is_some() {
                    shared.push.wait_for_application(service, reason);
                }
            }
        }
    }
}

/// Services with traffic and without a mapping. A bare Host is anybody's word: only what Kubernetes or the services file knows
/// is onboarded.
fn unmapped(shared: &Shared) -> Vec<ServiceName> {
    let directory = Arc::clone(&shared.names.directory());
    let unmapped = shared.learned.read(|inventory| inventory.unmapped(shared.names.instance_of()));
    let known = |service: &ServiceName| directory.services().iter().any(|known| **known == *service);
    unmapped.into_iter().filter(known).collect()
}

/// Services whose learned application the platform no longer knows. A new one is looked for, and not made: someone removed it.
fn lost(shared: &Shared) -> Vec<ServiceName> {
    let push = shared.push.status();
    let is_lost =
        |instance: &Instance| push.paused.get(instance).is_some_and(|pause| pause.kind == PauseKind::Mapping);
    shared.learned.read(|inventory| {
        let lost = inventory.learned_mappings().filter(|(_, mapping)| is_lost(&mapping.instance));
        lost.map(|(service, _)| service.clone()).collect()
    })
}

fn say(service: &ServiceName, instance: &Instance, created: bool) {
    let how = if created { "was made for it" } else { "was there" };
    tracing::info!(
        "Service '{}' in namespace '{}' is onboarded: application {}, instance {} {how}",
        service.name,
        service.namespace,
        printable(instance.app.as_bytes()),
        printable(instance.instance.as_bytes()),
    );
}
