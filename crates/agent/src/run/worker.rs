//! The capture worker: one plain thread from the ring to the queue.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use capture::{FrameSource, Ring};
use decode::Tunnels;

use super::shared::{Shared, WorkerReport, lock};
use crate::admission::Admission;
use crate::failure::Failure;
use crate::learn::{Learner, Nameless};
use crate::pipeline::{Found, Pipeline};
use crate::report::{Accounts, clock};

/// How long the worker sleeps when nothing comes.
const IDLE: Duration = Duration::from_millis(100);
/// How often counts are handed on, and changes of the surroundings taken in.
const CHORES: Duration = Duration::from_millis(250);

/// Captures until the agent stops, then ends all connections and closes the queue.
///
/// # Errors
/// The ring cannot go on.
pub(super) fn run(shared: &Shared, ring: &mut Ring, memory: usize) -> Result<(), Failure> {
    let admission = admission(shared);
    let learner = Learner::new(
        &shared.config.load().monitor,
        shared.mappings.load_full(),
        admission.clone(),
        Nameless::Count,
        |exchange| shared.queue.give(exchange),
    );
    let learner = RefCell::new(learner);
    let limits = flow::Limits { memory, ..flow::Limits::default() };
    let sink = |found: Found<'_>| learner.borrow_mut().found(&found);
    let mut pipeline = Pipeline::new(limits, shared.directory.load_full(), sink);
    let (mut admission, mut mirrors) = (admission, ring.mirrors());
    let mut chores = Instant::now();
    let result = loop {
        if shared.stopping() {
            break Ok(());
        }
        shared.beat();
        let polled = ring.poll(IDLE, |frame| {
            let mirrored = mirrors.contains(&frame.interface);
            let (tunnels, admission) =
                if mirrored { (Tunnels::Open, &Admission::All) } else { (Tunnels::Closed, &admission) };
            pipeline.frame(&frame, tunnels, admission);
        });
        if let Err(error) = polled {
            break Err(Failure::new(format!("capture failed: {error}")));
        }
        pipeline.tick(clock());
        if chores.elapsed() >= CHORES {
            chores = Instant::now();
            admission = self::admission(shared);
            mirrors = ring.mirrors();
            pipeline.set_directory(shared.directory.load_full());
            let mut learner = learner.borrow_mut();
            learner.admission = admission.clone();
            learner.mappings = shared.mappings.load_full();
            learner.set_monitor(&shared.config.load().monitor);
            shared.queue.give_repeats(learner.take_repeats());
            report(shared, ring, &pipeline, &learner);
        }
    };
    pipeline.finish(clock());
    let mut learner = learner.borrow_mut();
    shared.queue.give_repeats(learner.take_repeats());
    report(shared, ring, &pipeline, &learner);
    shared.queue.close();
    result
}

fn admission(shared: &Shared) -> Admission {
    Admission::Node { directory: shared.directory.load_full(), local: shared.local.load_full() }
}

fn report<S: FnMut(Found<'_>) -> http::Keep, T: FnMut(inventory::RedactedExchange) -> bool>(
    shared: &Shared,
    ring: &mut Ring,
    pipeline: &Pipeline<S>,
    learner: &Learner<T>,
) {
    let counters = learner.counters();
    let (connections, memory) = pipeline.connections();
    let report = WorkerReport {
        accounts: Accounts::new(&pipeline.counters(), (counters.seen, &counters.ways()), learner.coverage()),
        coverage: learner.coverage().clone(),
        capture: ring.statistics(),
        connections,
        memory,
        missing: ring.missing_interfaces(),
    };
    *lock(&shared.worker) = report;
}

/// Starts the worker on a thread of its own.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(
    shared: Arc<Shared>,
    mut ring: Ring,
    memory: usize,
) -> std::io::Result<std::thread::JoinHandle<Result<(), Failure>>> {
    std::thread::Builder::new().name("capture".into()).spawn(move || {
        let result = run(&shared, &mut ring, memory);
        shared.queue.close();
        shared.stop();
        result
    })
}
