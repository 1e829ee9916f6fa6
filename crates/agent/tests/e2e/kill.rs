//! The agent killed at random moments under traffic: nothing that it learned is lost, and nothing is added twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use stand_in::{Action, Call, Fault};

use crate::support::{Agent, Server, Stage, eventually, exchange, request, word};

/// How often a new endpoint comes into being.
const NEW_EVERY: Duration = Duration::from_millis(60);
/// The longest life of an agent, in new endpoints and calls of the platform; the shortest is none.
const LIFE: u64 = 30;

#[test]
fn kill_twenty_times_under_traffic() {
    kill_under_traffic(20);
}

/// Takes some two minutes.
#[test]
#[ignore = "long"]
fn kill_two_hundred_times_under_traffic() {
    kill_under_traffic(200);
}

fn kill_under_traffic(times: u32) {
    let stage = Stage::live();
    let cart = Server::start();
    stage.write_services(&[("cart", cart.address)]);
    stage.write_config(&["cart"]);
    // A slow platform, so that many agents die between what a call does and its answer. (It does it first: so every call
    // that was recorded has been done.)
    let slow = Fault::always(Call::Any, Action::Delay { milliseconds: 25, processed: true });
    stage.platform.set_faults(vec![slow], 0);
    let mut random = Random::new();
    let (end, ended) = channel();
    let asked = Mutex::new(Vec::new());
    let happened = || (asked.lock().unwrap().len() + stage.platform.recorded().len()) as u64;
    let mut adds = BTreeMap::new();
    std::thread::scope(|scope| {
        // Dropped also when the test fails: the traffic ends then.
        let _end: std::sync::mpsc::Sender<()> = end;
        let asked = &asked;
        scope.spawn(move || traffic(cart.address, &ended, asked));
        for round in 0..times {
            let agent = Agent::spawn(&stage);
            // One in three dies while it starts; all others when they have begun to work.
            if round % 3 != 0 {
                agent.wait_for("captures packets");
            }
            let death = happened() + random.below(LIFE);
            eventually("enough has happened", || happened() >= death, || agent.log());
            let log = agent.log();
            assert!(!log.contains("The store:"), "round {round}: {log}");
            agent.kill();
            collect_adds(&stage, &mut adds);
        }
    });

    stage.platform.set_faults(vec![], 0);
    let asked = asked.into_inner().unwrap();
    assert!(asked.len() as u64 >= u64::from(times) * 2, "{} endpoints are no traffic", asked.len());
    let agent = Agent::start(&stage, &[]);
    assert!(agent.log().contains("endpoints are known from before"), "{}", agent.log());
    // What was asked while no agent was there is news for this one, all else it knows.
    for path in &asked {
        exchange(cart.address, &request("GET", path, "", b""));
    }
    let truth: BTreeSet<_> = asked.iter().map(|path| format!("GET {path}")).collect();
    let listed = || stage.listed("cart").into_iter().collect::<BTreeSet<_>>();
    agent.until("all is on the platform", || listed().len() >= truth.len());
    agent.until("all is verified", || agent.service("shop/cart")["verified"] == truth.len());
    let log = agent.stop();
    assert!(!log.contains("The store:"), "{log}");
    assert_eq!(listed(), truth);
    collect_adds(&stage, &mut adds);
    let mut count = BTreeMap::new();
    for path in adds.values().flatten() {
        *count.entry(path.clone()).or_insert(0) += 1;
    }
    let twice: Vec<_> = count.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "added twice: {twice:?}");
    assert_eq!(count.len(), truth.len());
    stage.assert_contract();
}

/// Asks for something new every now and then, and between that again for what there is, until the other end is dropped.
fn traffic(cart: SocketAddr, ended: &Receiver<()>, asked: &Mutex<Vec<String>>) {
    for number in 0.. {
        if ended.recv_timeout(NEW_EVERY) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let new = format!("/{}/{}", word(number / 4), word(1000 + number));
        exchange(cart, &request("GET", &new, "", b""));
        let mut asked = asked.lock().unwrap();
        asked.push(new);
        let old = asked[number * 7 % asked.len()].clone();
        drop(asked);
        exchange(cart, &request("GET", old, "", b""));
    }
}

/// The paths of each `add-endpoints` that the platform took, by the number of the call.
fn collect_adds(stage: &Stage, adds: &mut BTreeMap<u64, Vec<String>>) {
    for call in stage.calls(Call::Add) {
        let items: Vec<Value> = serde_json::from_slice(&call.body).unwrap();
        let path = |item: &Value| item["endpoint"].as_str().unwrap().to_owned();
        adds.insert(call.number, items.iter().map(path).collect());
    }
}

/// A generator of moments (Knuth's MMIX); its seed is in the output of a test that fails.
struct Random(u64);

impl Random {
    #[allow(clippy::print_stderr, reason = "who looks for the cause of a failure needs the seed")]
    fn new() -> Random {
        let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        // Shown if the test fails.
        let _ = writeln!(std::io::stderr(), "seed {seed}");
        Random(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
