//! Any order of events, with crashes between them, against a model that is plainly right.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use decode::Timestamp;
use inventory::{Item, Settings, Verdict};
use proptest::prelude::*;
use redact::Repeats;
use redact::by_hand::Exchange;
use tempfile::TempDir;

use crate::testing::{WAIT, at, exchange, fingerprint, folder, mapping, outcome};
use crate::{KeptInventory, Options};

const MEMORY: usize = 2 << 20;

#[derive(Clone, Copy, Debug)]
enum Event {
    Observe { endpoint: u8, query: u8, status: Option<u16>, noise: bool },
    Repeat { endpoint: u8, count: u8 },
    Due { limit: u8 },
    Conclude { which: u8, verdict: u8 },
    ReleaseAll,
    Wait { seconds: u8 },
    Flush,
    Crash,
}

fn event() -> impl Strategy<Value = Event> {
    let status = prop_oneof![4 => Just(Some(200)), 1 => Just(Some(404)), 1 => Just(None)];
    prop_oneof![
        8 => (0..12_u8, 0..4_u8, status, prop::bool::weighted(0.1))
            .prop_map(|(endpoint, query, status, noise)| Event::Observe { endpoint, query, status, noise }),
        2 => (0..14_u8, 1..30_u8).prop_map(|(endpoint, count)| Event::Repeat { endpoint, count }),
        4 => (1..8_u8).prop_map(|limit| Event::Due { limit }),
        6 => (any::<u8>(), 0..6_u8).prop_map(|(which, verdict)| Event::Conclude { which, verdict }),
        1 => Just(Event::ReleaseAll),
        3 => (0..90_u8).prop_map(|seconds| Event::Wait { seconds }),
        3 => Just(Event::Flush),
        1 => Just(Event::Crash),
    ]
}

/// What must be true of one endpoint.
#[derive(Clone, Default, Debug)]
struct Truth {
    confirmed: bool,
    /// Parameters that good answers taught.
    names: BTreeSet<String>,
    /// Those that were pushed, by one request or several, if it was pushed.
    pushed: Option<BTreeSet<String>>,
    /// Those that were known when the platform could not take it.
    refused: Option<BTreeSet<String>>,
}

type Model = BTreeMap<String, Truth>;

struct World {
    dir: TempDir,
    inventory: KeptInventory,
    model: Model,
    /// The model as it was when all was last written.
    saved: Model,
    /// What is being pushed, with the parameters that were known then.
    in_flight: Vec<(Item, BTreeSet<String>)>,
    now: Timestamp,
}

fn template(endpoint: u8) -> String {
    format!("/things{endpoint}/{{id}}")
}

fn names(item: &Item) -> BTreeSet<String> {
    item.query.iter().map(|(name, _)| name.clone()).collect()
}

impl World {
    fn new() -> Self {
        let dir = folder();
        let (in_flight, now) = (Vec::new(), at(1));
        let inventory = open(dir.path());
        World { dir, inventory, model: Model::new(), saved: Model::new(), in_flight, now }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Observe { endpoint, query, status, noise } => self.observe(endpoint, query, status, noise),
            Event::Repeat { endpoint, count } => {
                let fingerprint = fingerprint(&format!("cart GET {}", template(endpoint)));
                self.inventory.repeat(Repeats { fingerprint, count: count.into(), last: self.now });
                // Repetition may confirm; the model only says what must be, so it learns of that by asking.
                for endpoint in self.inventory.endpoints() {
                    if let Some(truth) = self.model.get_mut(&endpoint.key.template) {
                        truth.confirmed |= endpoint.record.delivery.confirmed;
                    }
                }
            }
            Event::Due { limit } => self.due(limit.into()),
            Event::Conclude { which, verdict } => self.conclude(which, verdict),
            Event::ReleaseAll => {
                self.inventory.release_all();
                self.in_flight.clear();
            }
            Event::Wait { seconds } => self.now += Duration::from_secs(u64::from(seconds)),
            Event::Flush => {
                self.inventory.flush(self.now, WAIT);
                self.saved = self.model.clone();
            }
            Event::Crash => self.crash(),
        }
        assert!(self.inventory.balanced());
        assert!(self.inventory.memory() < MEMORY);
    }

    fn observe(&mut self, endpoint: u8, query: u8, status: Option<u16>, noise: bool) {
        let template = template(endpoint);
        let name = format!("q{query}");
        let exchange = Exchange {
            query: if query > 0 { vec![(name.clone(), "1".into())] } else { Vec::new() },
            status,
            noise: noise.then_some("probe"),
            ..exchange("cart", "GET", &template, self.now)
        };
        self.inventory.see(exchange);
        let record = &self.inventory.find(&template)[0].record;
        let truth = self.model.entry(template).or_default();
        truth.confirmed |= record.delivery.confirmed;
        assert!(truth.confirmed || noise || status != Some(200));
        if !noise && status != Some(404) && query > 0 {
            truth.names.insert(name);
        }
    }

    fn due(&mut self, limit: usize) {
        let items: Vec<Item> = self
            .inventory
            .due(self.now, mapping, limit, WAIT)
            .into_iter()
            .flat_map(|(_, items)| items)
            .collect();
        assert!(items.len() <= limit);
        for item in items {
            assert!(self.in_flight.iter().all(|(other, _)| other.key != item.key), "in flight twice");
            let truth = &self.model[&item.key.template];
            assert!(truth.confirmed, "pushed without being confirmed");
            assert!(names(&item).len() <= 1, "no request had more");
            assert!(names(&item).is_subset(&truth.names));
            assert_ne!(Some(&truth.names), truth.pushed.as_ref(), "pushed again without news");
            assert_ne!(Some(&truth.names), truth.refused.as_ref(), "tried again without news");
            self.in_flight.push((item, truth.names.clone()));
        }
    }

    fn conclude(&mut self, which: u8, verdict: u8) {
        if self.in_flight.is_empty() {
            return;
        }
        let (item, known) = self.in_flight.swap_remove(usize::from(which) % self.in_flight.len());
        let truth = self.model.get_mut(&item.key.template).unwrap();
        let verdict = match verdict {
            0 => Verdict::Later { reason: "503".into(), not_before: self.now + Duration::from_secs(10) },
            1 => {
                truth.refused = Some(known);
                Verdict::SetAside { reason: "422".into() }
            }
            _ => {
                truth.pushed.get_or_insert_default().extend(names(&item));
                truth.refused = None;
                Verdict::Pushed
            }
        };
        self.inventory.conclude(outcome(&item, verdict), self.now);
    }

    fn crash(&mut self) {
        let dir = folder();
        std::fs::copy(self.dir.path().join("inventory.redb"), dir.path().join("inventory.redb")).unwrap();
        self.inventory = open(dir.path());
        self.dir = dir;
        self.in_flight.clear();
        self.model = self.saved.clone();
        // What is not confirmed waits a minute to be written: it is as the disk has it.
        let inventory = &self.inventory;
        self.model.retain(|template, truth| match inventory.find(template).first() {
            None => truth.confirmed,
            Some(_) if truth.confirmed => true,
            Some(endpoint) => {
                truth.names = endpoint.record.details.query_names().into_iter().map(str::to_owned).collect();
                true
            }
        });
        self.saved = self.model.clone();
    }

    /// In the end everything that is confirmed is on the platform with all that is known, or was refused as it is.
    fn finish(mut self) {
        self.inventory.release_all();
        self.in_flight.clear();
        for _ in 0..4 {
            self.now += Duration::from_secs(3600);
            self.due(usize::MAX);
            while !self.in_flight.is_empty() {
                self.conclude(0, 5);
            }
        }
        self.now += Duration::from_secs(3600);
        self.due(usize::MAX);
        assert!(self.in_flight.is_empty(), "all was pushed");
        for (template, truth) in &self.model {
            let told =
                truth.pushed.as_ref() == Some(&truth.names) || truth.refused.as_ref() == Some(&truth.names);
            assert_eq!(told, truth.confirmed, "{template} {truth:?}");
        }
    }
}

fn open(dir: &std::path::Path) -> KeptInventory {
    let settings = Settings { memory: MEMORY, ..Settings::default() };
    let (inventory, report) = KeptInventory::open(dir, Options::default(), settings);
    assert_eq!((report.damaged, report.warnings.len()), (0, 0));
    inventory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn kill_and_any_order_of_events_keep_the_promises(events in prop::collection::vec(event(), 1..120)) {
        let mut world = World::new();
        for event in events {
            world.apply(event);
        }
        world.finish();
    }
}
