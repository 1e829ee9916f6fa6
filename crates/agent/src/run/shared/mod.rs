//! What the parts of the agent share, each in the hands of one owner. None of it is touched for a packet.

mod canary;
mod capture;
mod configuration;
mod ending;
mod health;
mod learned;
mod lock;
mod names;
mod push;
mod tls;
mod view;

use std::sync::Arc;
use std::time::Instant;

use identify::Directory;
use store::KeptInventory;

use self::canary::Canary;
pub(super) use self::canary::{News, Outcome};
use self::capture::Capture;
pub(super) use self::capture::WorkerReport;
use self::push::Push;
use self::tls::Tls;
pub(super) use self::tls::{Asked as TlsAsked, TlsReport};
use super::generation::Generations;
use super::settings;
use crate::config::Config;
use crate::pipeline::own::OwnConnections;
use crate::run::queue::Queue;
use configuration::Configuration;
use ending::Ending;
use health::Health;
use learned::Learned;
use names::Names;
use view::View;

/// What the parts of the agent share.
pub(super) struct Shared {
    /// When the agent started.
    pub(super) started: Instant,
    /// Whether it ends.
    pub(super) ending: Ending,
    /// The configuration in force.
    pub(super) config: Configuration,
    /// How often what is in force has changed, and how far each part has taken that in.
    pub(super) generations: Generations,
    /// Whether health is served.
    pub(super) health: Health,
    /// Who the servers are.
    pub(super) names: Names,
    /// What is known about the view of Kubernetes.
    pub(super) view: View,
    /// How capture does.
    pub(super) capture: Capture,
    /// The connections of this process.
    pub(super) own: Arc<OwnConnections>,
    /// How the reading of TLS does.
    pub(super) tls: Tls,
    /// Whether capture sees.
    pub(super) canary: Canary,
    /// From capture to the keeper.
    pub(super) queue: Queue,
    /// What was learned.
    pub(super) learned: Learned,
    /// How the push does.
    pub(super) push: Push,
}

impl Shared {
    /// Begins with these names and endpoints. `how` says how traffic is captured, `nowhere` why the agent cannot test
    /// that, `shows_only` why nothing is sent, if it is so, `tls` whether TLS is to be read.
    pub(super) fn new(
        directory: Directory,
        inventory: KeptInventory,
        how: String,
        nowhere: Option<String>,
        shows_only: Option<&'static str>,
        tls: TlsAsked,
    ) -> Shared {
        Shared {
            started: Instant::now(),
            ending: Ending::default(),
            config: Configuration::default(),
            generations: Generations::new(),
            health: Health::default(),
            names: Names::new(directory),
            view: View::default(),
            capture: Capture::new(how),
            own: Arc::default(),
            tls: Tls::new(tls),
            canary: Canary::new(nowhere),
            queue: Queue::default(),
            learned: Learned::new(inventory),
            push: Push::new(shows_only),
        }
    }

    /// Puts a configuration in force.
    pub(super) fn set_config(&self, config: Config) {
        self.learned.change(|inventory| inventory.set_settings(settings::of_inventory(&config)));
        self.config.set(config);
        self.merge_mappings();
        self.generations.configured();
    }

    /// Puts a snapshot of what is known about Services in force.
    pub(super) fn set_directory(&self, directory: Directory) {
        self.names.set_directory(directory);
        self.merge_mappings();
        self.generations.changed();
    }

    /// Brings the mappings in force up to date. What onboarding learned counts as long as it is switched on.
    pub(super) fn merge_mappings(&self) {
        let config = self.config.load();
        let mut merged = config.mappings.with_annotations(&self.names.directory());
        if config.onboard {
            merged = self.learned.read(|inventory| {
                let learned = inventory.learned_mappings();
                merged.with_learned(learned.map(|(service, mapping)| (service, &mapping.instance)))
            });
        }
        if self.names.set_mappings(merged) {
            self.generations.changed();
        }
    }
}
