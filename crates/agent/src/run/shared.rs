//! What the parts of the agent share. None of it is touched for a packet.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use identify::{Directory, ServiceName};
use inventory::Instance;
use store::KeptInventory;

use super::cluster::View;
use super::generation::Generations;
use super::settings;
use crate::config::{Config, Mappings, Problem};
use crate::coverage::Coverage;
use crate::queue::Queue;
use crate::report::Accounts;
use crate::targets::Targets;

/// The most Services without a mapping that are looked for on the platform at once.
const MAX_UNMAPPED: usize = 100;

/// What the parts of the agent share.
pub(crate) struct Shared {
    /// The configuration in force; swapped as a whole.
    pub(crate) config: ArcSwap<Config>,
    /// How often what is in force has changed, and how far each part has taken that in.
    pub(super) generations: Generations,
    /// Why the configuration file as it stands is not in force, if it is not.
    pub(crate) config_problem: Mutex<Option<Problem>>,
    /// Whether a configuration was ever read.
    pub(crate) config_read: AtomicBool,
    /// What of the descriptor sets cannot be read.
    pub(crate) descriptor_problems: Mutex<Vec<Problem>>,
    /// Why nothing is pushed, if nothing can be.
    pub(crate) push_problem: Mutex<Option<Problem>>,
    /// What is known about Services.
    pub(crate) directory: ArcSwap<Directory>,
    /// Which Service goes where, by configuration, annotations and onboarding, in this order.
    pub(crate) mappings: ArcSwap<Mappings>,
    /// What is known about the view of Kubernetes.
    pub(super) view: Mutex<View>,
    /// Services with traffic and without a mapping that were said lately; the pusher looks for them on the platform.
    pub(crate) unmapped: Mutex<Vec<Arc<ServiceName>>>,
    /// Services that wait for an application, and why.
    pub(crate) onboarding: Mutex<BTreeMap<ServiceName, String>>,
    /// Someone asked for everything to be tried again.
    pub(crate) retry: AtomicBool,
    /// The addresses of this host.
    pub(crate) local: ArcSwap<HashSet<IpAddr>>,
    /// Whose the captured sockets are, where traffic is captured at sockets.
    pub(crate) targets: Arc<ArcSwap<Targets>>,
    /// Why nothing is sent but only shown, if it is so.
    pub(crate) shows_only: OnceLock<&'static str>,
    /// How traffic is captured, for people.
    pub(crate) how: OnceLock<String>,
    /// From capture to the keeper.
    pub(crate) queue: Queue,
    /// What was learned.
    pub(crate) inventory: Mutex<KeptInventory>,
    /// What the worker last reported.
    pub(crate) worker: Mutex<WorkerReport>,
    /// When the key in use expires, in seconds since the Unix epoch; 0 when it does not say.
    pub(crate) key_expiry: AtomicU64,
    /// What the push last reported.
    pub(crate) push: Mutex<Arc<Mutex<push::Status>>>,
    /// When the packet loop last moved, in milliseconds since `started`.
    heartbeat: AtomicU64,
    /// Set once: everything ends.
    stop: AtomicBool,
    /// When the agent started.
    pub(crate) started: Instant,
}

/// What the worker tells about itself, some times a second.
#[derive(Clone, Default)]
pub(crate) struct WorkerReport {
    /// Where everything went.
    pub(crate) accounts: Accounts,
    /// What could not be read or named.
    pub(crate) coverage: Coverage,
    /// What the kernel delivered and dropped.
    pub(crate) capture: capture::Statistics,
    /// Connections followed now.
    pub(crate) connections: usize,
    /// The memory they take, in bytes.
    pub(crate) memory: usize,
    /// Interfaces that were named and do not exist.
    pub(crate) missing: Vec<String>,
}

impl Shared {
    pub(crate) fn new(config: Config, directory: Directory, inventory: KeptInventory) -> Shared {
        Shared {
            config: ArcSwap::from_pointee(config),
            generations: Generations::new(),
            config_problem: Mutex::default(),
            config_read: AtomicBool::new(false),
            descriptor_problems: Mutex::default(),
            push_problem: Mutex::default(),
            directory: ArcSwap::from_pointee(directory),
            mappings: ArcSwap::default(),
            view: Mutex::default(),
            unmapped: Mutex::default(),
            onboarding: Mutex::default(),
            retry: AtomicBool::new(false),
            local: ArcSwap::default(),
            targets: Arc::default(),
            shows_only: OnceLock::new(),
            how: OnceLock::new(),
            queue: Queue::default(),
            inventory: Mutex::new(inventory),
            worker: Mutex::default(),
            key_expiry: AtomicU64::new(0),
            push: Mutex::default(),
            heartbeat: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            started: Instant::now(),
        }
    }

    /// Where endpoints of a Service go now.
    pub(crate) fn instance_of(&self) -> impl Fn(&ServiceName) -> Option<Instance> + use<> {
        let mappings = self.mappings.load_full();
        move |service| mappings.find(service).cloned()
    }

    /// A Service without a mapping was said.
    pub(crate) fn note_unmapped(&self, service: &Arc<ServiceName>) {
        let mut unmapped = lock(&self.unmapped);
        if unmapped.len() < MAX_UNMAPPED && !unmapped.contains(service) {
            unmapped.push(Arc::clone(service));
        }
    }

    /// Puts a configuration in force.
    pub(crate) fn set_config(&self, config: Config) {
        lock(&self.inventory).set_settings(settings::of_inventory(&config));
        self.config.store(Arc::new(config));
        self.merge_mappings();
        self.generations.configured();
    }

    /// Puts a snapshot of what is known about Services in force.
    pub(crate) fn set_directory(&self, directory: Directory) {
        self.directory.store(Arc::new(directory));
        self.merge_mappings();
        self.generations.changed();
    }

    /// Brings the mappings in force up to date. What onboarding learned counts as long as it is switched on.
    pub(crate) fn merge_mappings(&self) {
        let config = self.config.load();
        let mut merged = config.mappings.with_annotations(&self.directory.load());
        if config.onboard {
            let inventory = lock(&self.inventory);
            let learned = inventory.learned_mappings();
            merged = merged.with_learned(learned.map(|(service, mapping)| (service, &mapping.instance)));
        }
        if **self.mappings.load() != merged {
            self.mappings.store(Arc::new(merged));
            self.generations.changed();
        }
    }

    /// The packet loop moves.
    pub(crate) fn beat(&self) {
        self.heartbeat.store(self.uptime_ms(), Ordering::Relaxed);
    }

    /// How long ago the packet loop last moved, in milliseconds.
    pub(crate) fn since_beat_ms(&self) -> u64 {
        self.uptime_ms().saturating_sub(self.heartbeat.load(Ordering::Relaxed))
    }

    fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Everything is to end.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Locks a mutex. That a holder panicked does not make the data worse than it was: each change is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
