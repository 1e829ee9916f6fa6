//! The keeper: takes exchanges out of the queue, folds them into the inventory, and keeps the store in step.

use std::sync::Arc;
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::{Endpoint, Inventory, Sighting};
use redact::{Owner, Redactor, Route, printable};
use store::{FlushReport, KeptInventory};

use super::disk::Teller;
use super::shared::Shared;
use crate::config::descriptors::DescriptorSets;
use crate::log::SIGHTINGS;
use crate::report::clock;
use crate::run::announce::Announcer;
use crate::run::nameless::{Nameless, both};
use crate::run::sightings::Sightings;
use crate::similar::nearest_service;

/// How long the keeper sleeps when nothing comes.
const IDLE: Duration = Duration::from_millis(200);
/// How often what is urgent goes to the store.
const FLUSH: Duration = Duration::from_millis(500);
/// So many routes are handed to capture at once; others come again.
const FOLLOW: usize = 256;
/// Exchanges taken out of the queue at once.
const BATCH: usize = 64;

/// Runs until the queue is closed and empty; then everything is on its way to the disk.
pub(super) fn run(shared: &Shared) {
    let mut keeper = Keeper {
        shared,
        redactor: Redactor::new(shared.config.load().monitor.examples),
        descriptors: DescriptorSets::default(),
        announcer: Announcer::default(),
        sightings: Sightings::default(),
        teller: Teller::default(),
        to_follow: Vec::new(),
    };
    let mut flushed = Instant::now();
    loop {
        let batch = shared.queue.take(IDLE, BATCH);
        keeper.configure();
        for exchange in batch.exchanges {
            keeper.exchange(exchange);
        }
        for repeats in batch.repeats {
            shared.learned.change(|inventory| {
                if let Some(sighting) = inventory.repeat(repeats) {
                    keeper.announce(inventory, &sighting, repeats.count);
                }
            });
        }
        keeper.announce_unsaid();
        if flushed.elapsed() >= FLUSH || shared.learned.read(|inventory| inventory.is_crowded()) {
            flushed = Instant::now();
            keeper.judge();
            keeper.flush(KeptInventory::flush);
            keeper.announce_nameless();
        }
        if batch.closed {
            keeper.announce_nameless();
            keeper.flush(KeptInventory::flush_all);
            return;
        }
    }
}

/// Starts the keeper on a thread of its own.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(shared: Arc<Shared>) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("keeper".into()).spawn(move || run(&shared))
}

struct Keeper<'a> {
    shared: &'a Shared,
    redactor: Redactor,
    descriptors: DescriptorSets,
    announcer: Announcer,
    sightings: Sightings,
    teller: Teller,
    /// Routes that capture is to follow, and does not yet. Those that it forgets come again by themselves.
    to_follow: Vec<Route>,
}

impl Keeper<'_> {
    /// Follows the configuration.
    fn configure(&mut self) {
        let generation = self.shared.generations.in_force();
        let config = self.shared.config.load();
        self.redactor.set_examples(config.monitor.examples);
        if self.descriptors.update(&config.monitor.descriptor_sets) {
            self.descriptors.problems.iter().for_each(crate::config::Problem::log);
            self.shared.config.set_descriptor_problems(&self.descriptors.problems);
        }
        self.shared.generations.keeper.tell(generation);
    }

    fn exchange(&mut self, mut exchange: redact::RedactedExchange) {
        // The body is opened before the inventory is locked: it may take a while.
        let body = self.redactor.open(&mut exchange, self.descriptors.all());
        let route = exchange.to_follow(&body);
        self.to_follow
            .extend(route.filter(|route| self.to_follow.len() < FOLLOW && !self.to_follow.contains(route)));
        self.shared.learned.change(|inventory| {
            let sighting = inventory.take_in(&mut exchange, &body, &self.redactor);
            self.announce(inventory, &sighting, 1);
        });
    }

    /// Judges paths, and lets capture go by what was decided, and follow what it does not yet.
    fn judge(&mut self) {
        let decided = self.shared.learned.change(|inventory| {
            inventory.judge(clock());
            inventory.decided()
        });
        self.shared.capture.decide(decided);
        self.shared.capture.follow(std::mem::take(&mut self.to_follow));
    }

    /// Says that an endpoint was seen, or that its Service has no mapping, as often as is useful.
    fn announce(&mut self, inventory: &Inventory, sighting: &Sighting, count: u64) {
        let Owner::Service(service) = &sighting.key.owner else { return };
        let now = Instant::now();
        if let Some(more) = self.sightings.saw(&sighting.key, count, now, self.shared.health.stands()) {
            let path =
                inventory.get(&sighting.key).map_or_else(|| sighting.key.template.clone(), example_path);
            let since = if more > 0 { format!(" (+{more} since)") } else { String::new() };
            let hold = sighting.hold.as_ref().map(|hold| format!("; {hold}")).unwrap_or_default();
            tracing::info!(
                target: SIGHTINGS,
                "\u{2713} Successfully parsed HTTP REQUEST: {} {} (service={}) namespace={}{since}{hold}",
                printable(sighting.key.method.as_bytes()),
                printable(path.as_bytes()),
                service.name,
                service.namespace,
            );
        }
        if self.shared.names.mappings().find(service).is_none()
            && let Some(requests) = self.announcer.unmapped(service, count, now)
        {
            if self.shared.config.load().onboard && self.shared.names.directory().services().contains(service)
            {
                tracing::info!(
                    "No mapping found for service '{}' in namespace '{}': {requests} requests since last said; its endpoints are kept until it is onboarded",
                    service.name,
                    service.namespace,
                );
                return;
            }
            let mappings = self.shared.names.mappings();
            let near = nearest_service((&service.namespace, &service.name), &mappings.keys());
            let near = near
                .map(|key| format!("; did you mean it by \"{key}\"? Names are exact"))
                .unwrap_or_default();
            tracing::warn!(
                "No mapping found for service '{}' in namespace '{}': {requests} requests since last said; its endpoints are kept and pushed when serviceMappings has \"{service}\"{near}",
                service.name,
                service.namespace,
            );
            self.shared.push.note_unmapped(service);
        }
    }

    /// Says how many endpoints were new without a line of their own.
    fn announce_unsaid(&mut self) {
        if let Some(more) = self.sightings.take_unsaid(Instant::now()) {
            tracing::info!(
                target: SIGHTINGS,
                "{more} more endpoints were seen for the first time; `traffic-monitor status` counts them by Service"
            );
        }
    }

    /// Says which servers are asked that belong to no known Service.
    fn announce_nameless(&mut self) {
        if self.shared.view.begins(self.shared.started.elapsed()) {
            // What has no name yet may get one.
            return;
        }
        let worker = self.shared.capture.report();
        let servers = worker.coverage.nameless_servers();
        let servers = servers.map(|(server, requests)| (server, requests, Nameless::of(self.shared, server)));
        let servers = servers.filter(|(.., what)| *what != Nameless::OfTheNode);
        for (server, requests, what) in self.announcer.nameless(servers, Instant::now()) {
            let says = what.says();
            let line =
                format!("Skipping unknown service at {server}: {requests} requests since last said; {says}");
            match what {
                Nameless::OfAPod | Nameless::OfTheNode => tracing::info!("{line}"),
                Nameless::Unselected(_) | Nameless::Unknown => tracing::warn!("{line}"),
            }
        }
        for (services, requests) in self.announcer.ambiguous(worker.coverage.ambiguous(), Instant::now()) {
            tracing::warn!(
                "Ambiguous: {requests} requests since last said; {}",
                both(self.shared, &services)
            );
        }
    }

    /// Hands the store what has changed. Waits for no disk.
    fn flush(&mut self, flush: impl Fn(&mut KeptInventory, Timestamp, Duration) -> FlushReport) {
        let (report, status) = self
            .shared
            .learned
            .change(|inventory| (flush(inventory, clock(), Duration::ZERO), inventory.store_status()));
        self.teller.tell(&report, status);
    }
}

/// The template with the surrogates of one request in it: a path as it may have been asked for.
fn example_path(endpoint: &Endpoint) -> String {
    let mut params = endpoint.record.details.path_params().iter();
    let fill = |segment: &str| match segment.starts_with('{') {
        true => params.next().map_or_else(|| segment.to_owned(), |(_, value)| value.to_owned()),
        false => segment.to_owned(),
    };
    endpoint.key.template.split('/').map(fill).collect::<Vec<_>>().join("/")
}
