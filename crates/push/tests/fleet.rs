//! Many agents, one platform: all see the same endpoints of one Service, and what they do is counted.
//!
//! Real engines and a real server; only time is quicker ([`Fleet::speed`]), rate limits included, so that agents overlap as
//! they do on a real platform.

#![allow(clippy::print_stderr, reason = "the figures of the benchmark")]

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::{Item, Verdict};
use serde_json::Value;
use stand_in::{Call, Preset, Running, Settings, start};
use support::*;
use traffic_monitor_push::{ApiKey, BaseUrl, Client, ClientSettings, Engine, EngineSettings, UrlRules};

/// As the agent's pusher has it: how often it looks, how many items it hands over, how its cold start is spread.
const INTERVAL: Duration = Duration::from_millis(300);
const BATCH: usize = 100;
const COLD_SPREAD: Duration = Duration::from_secs(30);

struct World {
    speed: u32,
    began: (Timestamp, Instant),
    skipped_seconds: AtomicU64,
    /// Items that are not pushed yet, over all agents.
    left: AtomicUsize,
}

impl World {
    fn now(&self) -> Timestamp {
        let passed = self.began.1.elapsed() * self.speed;
        self.began.0 + passed + Duration::from_secs(self.skipped_seconds.load(Ordering::Relaxed))
    }
}

/// Whether one more endpoint is seen.
#[derive(Clone, Copy)]
enum More {
    NotYet,
    At(Timestamp),
    /// It was, and all is over.
    Over,
}

/// What a fleet does.
struct Fleet {
    agents: usize,
    /// The agents at these places are not there.
    missing: usize,
    endpoints: usize,
    /// So much quicker time passes: what 2 cores can keep up with.
    speed: u32,
}

struct Report {
    calls: usize,
    adds_per_endpoint: f64,
    seconds_until_all_were_there: f64,
    seconds_for_one_more: f64,
}

fn endpoint(number: usize) -> Item {
    let item = match number % 3 {
        0 => with_body(item("POST", &format!("/r{number}/{{id}}")), r#"{"a": 1}"#),
        _ => item("GET", &format!("/r{number}/{{id}}")),
    };
    with_query(item, &[("page", "2")])
}

/// One agent: what its pusher does. It begins at `from`, sees all but the last endpoint then, and that one when `more` says so.
async fn agent(
    world: Arc<World>,
    mut engine: Engine,
    place: usize,
    fleet: (usize, Timestamp),
    more: Arc<Mutex<More>>,
) {
    let (endpoints, from) = fleet;
    let mut outbox: Vec<_> = (0..endpoints).map(|number| (endpoint(number), from)).collect();
    let mut told = false;
    let mut looks = tokio::time::interval(INTERVAL / world.speed);
    // As the pusher, which pauses between two rounds, however long they take.
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let now = world.now();
        let one_more = *more.lock().unwrap();
        match one_more {
            More::Over => return,
            More::At(seen) if !told => {
                told = true;
                // Not all nodes are asked in the same second.
                outbox
                    .push((endpoint(endpoints), seen + Duration::from_millis(place as u64 * 7919 % 10_000)));
            }
            More::At(_) | More::NotYet => {}
        }
        let due: Vec<_> =
            outbox.iter().filter(|(_, at)| *at <= now).take(BATCH).map(|(item, _)| item.clone()).collect();
        if due.is_empty() {
            continue;
        }
        for outcome in engine.push(&instance(), due, now).await {
            let at = outbox.iter().position(|(item, _)| item.key == outcome.key).unwrap();
            match outcome.verdict {
                Verdict::Later { not_before, .. } => {
                    outbox[at] = (after(&outbox[at].0, &outcome), not_before);
                }
                Verdict::Pushed => {
                    outbox.swap_remove(at);
                    world.left.fetch_sub(1, Ordering::Relaxed);
                }
                Verdict::SetAside { reason } => panic!("{reason}"),
            }
        }
        for owner in engine.take_wanted_places() {
            engine.set_place(owner, place, world.now());
        }
    }
}

/// A client as the agent has it: 30 s for a call.
fn patient(url: &str) -> Client {
    let rules = UrlRules { allow_http: true, ..UrlRules::default() };
    let base = BaseUrl::parse(url, &rules).unwrap();
    Client::new(ClientSettings::new(base, ApiKey::new(KEY).unwrap())).unwrap()
}

/// Endpoints in the bodies of adds.
fn added(platform: &Running) -> Vec<String> {
    let adds = platform.recorded().into_iter().filter(|call| call.call == Call::Add);
    let endpoints = adds.flat_map(|call| serde_json::from_slice::<Vec<Value>>(&call.body).unwrap());
    endpoints.map(|endpoint| format!("{} {}", endpoint["method"], endpoint["endpoint"])).collect()
}

async fn run(fleet: Fleet) -> Report {
    let at = instance();
    let preset =
        Preset { app_id: at.app.clone(), name: "cart".into(), instance_id: Some(at.instance.clone()) };
    let settings = Settings { key: Some(KEY.into()), applications: vec![preset], ..Settings::default() };
    let platform = start(settings).await.unwrap();
    let agents = fleet.agents - fleet.missing;
    let world = Arc::new(World {
        speed: fleet.speed,
        began: (now(), Instant::now()),
        skipped_seconds: AtomicU64::new(0),
        left: AtomicUsize::new(agents * fleet.endpoints),
    });
    let more = Arc::new(Mutex::new(More::NotYet));
    let settings = EngineSettings {
        calls_per_second: EngineSettings::default().calls_per_second * fleet.speed,
        recheck: EngineSettings::default().recheck / fleet.speed,
        one_node: false,
        ..EngineSettings::default()
    };
    let began = world.now();
    for place in fleet.missing..fleet.agents {
        // Those that come last in the order begin first: the worst case.
        let from = began + COLD_SPREAD * (fleet.agents - place) as u32 / fleet.agents as u32;
        let engine = Engine::new(patient(&platform.url()), settings.clone());
        tokio::spawn(agent(Arc::clone(&world), engine, place, (fleet.endpoints, from), Arc::clone(&more)));
    }
    let there = || platform.listing(&at.app, &at.instance).len();
    until("all endpoints are there", || there() == fleet.endpoints).await;
    let all_there = world.now().saturating_since(began);
    until("nothing waits", || world.left.load(Ordering::Relaxed) == 0).await;

    // Later, when all listings are old, one more is seen.
    world.skipped_seconds.fetch_add(1200, Ordering::Relaxed);
    world.left.store(agents, Ordering::Relaxed);
    let seen = world.now();
    *more.lock().unwrap() = More::At(seen);
    until("the new one is there", || there() == fleet.endpoints + 1).await;
    let one_there = world.now().saturating_since(seen);
    until("nothing waits", || world.left.load(Ordering::Relaxed) == 0).await;
    *more.lock().unwrap() = More::Over;

    let failed: usize =
        platform.recorded().iter().filter(|call| call.status.is_none_or(|s| s >= 500)).count();
    assert_eq!(failed, 0, "the machine is too slow for this speed");
    let listing = platform.listing(&at.app, &at.instance);
    let truth: HashSet<_> = (0..=fleet.endpoints).map(|number| endpoint(number).key.template).collect();
    assert_eq!(listing.iter().map(|endpoint| endpoint.path.clone()).collect::<HashSet<_>>(), truth);
    for endpoint in &listing {
        assert!(endpoint.query_params.contains_key("page"), "{} has its details", endpoint.path);
        assert_eq!(endpoint.body.is_some(), endpoint.method == "post");
    }
    Report {
        calls: platform.recorded().len(),
        adds_per_endpoint: added(&platform).len() as f64 / listing.len() as f64,
        seconds_until_all_were_there: all_there.as_secs_f64(),
        seconds_for_one_more: one_there.as_secs_f64(),
    }
}

/// Runs it, prints what it was, and holds it to the goals.
async fn meets_the_goals(fleet: Fleet) -> Report {
    let (agents, endpoints) = (fleet.agents, fleet.endpoints + 1);
    let report = run(fleet).await;
    let most = endpoints * 5 / 2 + 5 * agents;
    eprintln!(
        "{agents} agents, {endpoints} endpoints: {:.3} adds an endpoint, {} calls (at most {most}), all there after {:.0} s, one more after {:.1} s",
        report.adds_per_endpoint,
        report.calls,
        report.seconds_until_all_were_there,
        report.seconds_for_one_more
    );
    assert!(report.adds_per_endpoint <= 1.1, "{}", report.adds_per_endpoint);
    assert!(report.calls <= most, "{}", report.calls);
    report
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_fleet_adds_each_endpoint_once() {
    let report = meets_the_goals(Fleet { agents: 12, missing: 0, endpoints: 60, speed: 20 }).await;
    // The first node is asked up to 10 s after the others here, and needs no more than the 5 s of the contract.
    assert!(report.seconds_for_one_more < 15.0, "{}", report.seconds_for_one_more);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_whose_first_node_is_silent_still_pushes_everything() {
    let report = run(Fleet { agents: 4, missing: 1, endpoints: 30, speed: 20 }).await;
    assert!(report.adds_per_endpoint <= 2.0, "{}", report.adds_per_endpoint);
    assert!(report.seconds_for_one_more < 60.0, "{}", report.seconds_for_one_more);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the benchmark: benches/fleet"]
async fn a_fleet_of_two_hundred() {
    meets_the_goals(Fleet { agents: 200, missing: 0, endpoints: 500, speed: 5 }).await;
}
