//! A whole agent without capture: exchanges in, inventory and store, engine, the stand-in platform; time as an argument.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use decode::Timestamp;
use flow::Direction;
use http::{Body, Exchange, Head, Protocol, RequestHead};
use identify::ServiceName;
use inventory::Instance;
use redact::{Descriptors, Examples, Known, Look, Owner, Redactor, by_hand};
use stand_in::{Call, Preset, Running, Settings, start};
use store::{KeptInventory, Options};
use traffic_monitor_push::{Engine, EngineSettings};

use super::{KEY, client};

/// How long a store may take to do what it is told.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Returns where a Service goes here: to the instance of its name.
pub(crate) fn place(service: &str) -> Instance {
    Instance { app: format!("app-{service}"), instance: format!("inst-{service}") }
}

/// The platform with an application for each of these Services.
pub(crate) async fn platform(services: &[&str]) -> Running {
    let preset = |name: &&str| {
        let Instance { app, instance } = place(name);
        Preset { app_id: app, name: (*name).into(), instance_id: Some(instance) }
    };
    let applications = services.iter().map(preset).collect();
    start(Settings { key: Some(KEY.into()), applications, ..Settings::default() }).await.unwrap()
}

pub(crate) struct Agent {
    pub(crate) inventory: KeptInventory,
    pub(crate) engine: Engine,
    /// Which Services are mapped, and where.
    pub(crate) mappings: Vec<(String, Instance)>,
    known: Known,
    redactor: Redactor,
}

impl Agent {
    pub(crate) fn new(platform: &Running, state: &Path, mapped: &[&str]) -> Agent {
        Agent::with(platform, state, mapped, inventory::Settings::default())
    }

    /// One with another memory.
    pub(crate) fn with(
        platform: &Running,
        state: &Path,
        mapped: &[&str],
        of_inventory: inventory::Settings,
    ) -> Agent {
        let options = Options { wait: PATIENCE, ..Options::default() };
        let inventory = KeptInventory::open(state, options, of_inventory).0;
        let settings = EngineSettings { calls_per_second: 1000, ..EngineSettings::default() };
        Agent {
            inventory,
            engine: Engine::new(client(&platform.url()), settings),
            mappings: mapped.iter().map(|name| ((*name).to_owned(), place(name))).collect(),
            known: Known::new(65_536, 65_536),
            redactor: Redactor::new(Examples::Redacted),
        }
    }

    /// A request to a Service, answered by 200, with these lines of its head and this body.
    pub(crate) fn ask(
        &mut self,
        service: &str,
        method: &str,
        target: &str,
        fields: &str,
        body: &str,
        at: Timestamp,
    ) {
        let (owner, exchange) = answered(service, (method, target), (fields, body), at);
        if let Look::New(novelty) = self.known.look(&owner, ([10, 0, 0, 9], 40_000).into(), &exchange) {
            let mut redacted = self.redactor.exchange(owner, &novelty, &exchange);
            self.known.accept(novelty, at);
            let body = self.redactor.open(&mut redacted, &Descriptors::default());
            by_hand::open_plainly(&mut redacted);
            self.inventory.observe(&redacted, &body);
        }
        let inventory = &mut self.inventory;
        self.known.take_repeats(|repeats| drop(inventory.repeat(repeats)));
    }

    /// A request to a Service without a body, whose path is judged by what is known of others.
    pub(crate) fn hear(&mut self, service: &str, method: &str, target: &str, at: Timestamp) {
        let (owner, exchange) = answered(service, (method, target), ("Accept: */*\r\n", ""), at);
        if let Look::New(novelty) = self.known.look(&owner, ([10, 0, 0, 9], 40_000).into(), &exchange) {
            let mut redacted = self.redactor.exchange(owner, &novelty, &exchange);
            self.known.accept(novelty, at);
            let body = self.redactor.open(&mut redacted, &Descriptors::default());
            self.inventory.take_in(&mut redacted, &body, &self.redactor);
        }
    }

    /// Does what the agent does once a second.
    pub(crate) fn judge(&mut self, now: Timestamp) {
        let inventory = &mut self.inventory;
        self.known.take_repeats(|repeats| drop(inventory.repeat(repeats)));
        inventory.judge(now);
        self.known.set_decided(inventory.decided());
    }

    /// Says at which place of the nodes of its Services this one is.
    pub(crate) fn take_places(&mut self, place: usize, now: Timestamp) {
        for owner in self.engine.take_wanted_places() {
            self.engine.set_place(owner, place, now);
        }
    }

    /// Takes in what the platform's listing has for paths in doubt.
    pub(crate) async fn look_at_listing(&mut self, now: Timestamp) {
        for instance in self.inventory.in_doubt() {
            self.engine.verify(&instance, Vec::new(), now).await;
            if let Some((_, templates)) = self.engine.templates(&instance, None) {
                self.inventory.hint(&instance, &templates);
            }
        }
    }

    pub(crate) fn get(&mut self, service: &str, path: &str, at: Timestamp) {
        self.ask(service, "GET", path, "Accept: */*\r\n", "", at);
    }

    pub(crate) fn instance_of(&self) -> impl Fn(&ServiceName) -> Option<Instance> + use<> {
        let mappings = self.mappings.clone();
        move |service| mappings.iter().find(|(name, _)| *name == service.name).map(|(_, at)| at.clone())
    }

    /// Does what the pusher does in one round. Returns the number of items that it handed over.
    pub(crate) async fn round(&mut self, now: Timestamp) -> usize {
        let mut count = 0;
        let instance_of = self.instance_of();
        for (instance, items) in self.inventory.due(now, instance_of, 100, PATIENCE) {
            count += items.len();
            for outcome in self.engine.push(&instance, items, now).await {
                self.inventory.conclude(outcome, now);
            }
        }
        count
    }

    /// Rounds until nothing is due any more; gives the time then, which goes on by 300 ms a round and over waits.
    pub(crate) async fn settle(&mut self, mut now: Timestamp, until: Timestamp) -> Timestamp {
        while now < until {
            if self.round(now).await == 0 && self.waiting(now) == 0 {
                return now;
            }
            now += Duration::from_millis(300);
        }
        panic!("{} still wait: {:?}", self.waiting(now), self.engine.shared_status().lock().unwrap());
    }

    pub(crate) fn waiting(&self, now: Timestamp) -> usize {
        self.inventory.outbox(now, self.instance_of(), 0).waiting
    }

    /// Does what the pusher does once a day.
    pub(crate) async fn verify(&mut self, now: Timestamp) -> bool {
        let Some((instance, believed)) = self.inventory.to_verify(now) else { return false };
        let Some(checked) = self.engine.verify(&instance, believed, now).await else { return false };
        self.inventory.checked(&instance, checked, now);
        true
    }
}

/// A request to a Service by method and target, with fields and a body, that was answered by 200.
fn answered<'a>(
    service: &str,
    (method, target): (&'a str, &'a str),
    (fields, body): (&'a str, &'a str),
    at: Timestamp,
) -> (Owner, Exchange<'a>) {
    let name = ServiceName { namespace: "shop".into(), name: service.into() };
    let owner = Owner::Service(Arc::new(name));
    let exchange = Exchange {
        request: RequestHead {
            time: at,
            direction: Direction::Forward,
            protocol: Protocol::Http11,
            method: method.as_bytes(),
            target: target.as_bytes(),
            authority: b"",
            headers: Head::new(fields.as_bytes()),
        },
        request_body: Body { len: body.len() as u64, kept: body.as_bytes(), whole: true },
        status: Some(200),
        response_headers: Head::new(b"Content-Type: application/json\r\n"),
        response_body: Body::default(),
        complete: true,
        grpc: None,
        told: false,
    };
    (owner, exchange)
}

/// `METHOD path` of what the platform lists for a Service, in order.
pub(crate) fn listed(platform: &Running, service: &str) -> Vec<String> {
    let at = place(service);
    let listing = platform.listing(&at.app, &at.instance);
    let mut all: Vec<_> = listing.iter().map(|e| format!("{} {}", e.method.to_uppercase(), e.path)).collect();
    all.sort();
    all
}

pub(crate) fn count(platform: &Running, call: Call) -> usize {
    platform.recorded().iter().filter(|recorded| recorded.call == call).count()
}

/// A folder that is removed when it is dropped; in memory where there is such a place, since an fsync can be slow.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
