//! The capture worker: one plain thread from the source to the queue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use capture::Poll;
use decode::{LinkType, Tunnels};

use super::rights;
use super::source::Source;
use crate::budget::{self, Governor};
use crate::cli::VxlanArgs;
use crate::failure::Failure;
use crate::learn::{Learner, Nameless};
use crate::pipeline::Pipeline;
use crate::pipeline::admission::Admission;
use crate::pipeline::keylogs::Followed;
use crate::pipeline::secrets::Taken;
use crate::report::{Accounts, clock};
use crate::run::shared::{Shared, WorkerReport};

/// How long the worker sleeps when nothing comes.
const IDLE: Duration = Duration::from_millis(100);
/// How often counts are handed on, and changes of the surroundings taken in.
const CHORES: Duration = Duration::from_millis(250);

/// Captures until the agent stops, with the secrets of TLS connections where they are taken and those of key logs that are
/// followed, in a budget of so many bytes for the whole process, then ends all connections and closes the queue.
///
/// # Errors
/// The source cannot go on.
pub(in crate::run) fn run(
    shared: &Shared,
    source: &mut Source,
    taken: Option<Taken>,
    followed: Followed,
    vxlan: &VxlanArgs,
    memory: usize,
) -> Result<(), Failure> {
    let share = budget::of_connections(memory);
    let mut governor = Governor::new(memory, share);
    let admission = admission(shared);
    let learner = Learner::new(
        &shared.config.load().monitor,
        Arc::clone(&shared.names.mappings()),
        admission.clone(),
        Nameless::Count,
        |exchange| shared.queue.give(exchange),
    );
    let limits = flow::Limits { memory: share, ..flow::Limits::default() };
    let mut pipeline = Pipeline::new(limits, Arc::clone(&shared.names.directory()), learner);
    pipeline.set_own(Arc::clone(&shared.own));
    pipeline.follow(followed);
    if let Some(taken) = taken {
        pipeline.take_secrets(taken);
    }
    let (mut admission, mut mirrors) = (admission, source.mirrors());
    if let Source::Sockets(_) = source {
        pipeline.set_targets(shared.capture.follow_targets());
    }
    let mut spared = Vec::new();
    let mut chores = Instant::now();
    let result = loop {
        if shared.ending.has_begun() {
            break Ok(());
        }
        shared.capture.beat();
        let polled = source.poll(IDLE, |frame| {
            let mirrored = mirrors.contains(&frame.interface);
            let everything = mirrored || frame.link == LinkType::Socket;
            let (tunnels, admission) =
                if everything { (vxlan.open(), &Admission::All) } else { (Tunnels::Closed, &admission) };
            spared.extend(pipeline.frame(&frame, tunnels, admission));
        });
        spared.drain(..).for_each(|spare| source.spare(spare));
        let frames = match polled {
            Ok(Poll::Frames(frames)) => frames,
            Ok(Poll::Idle | Poll::End) => 0,
            Err(error) => break Err(Failure::new(format!("capture failed: {error}"))),
        };
        pipeline.after_batch(frames, &mut governor, clock());
        if chores.elapsed() >= CHORES {
            chores = Instant::now();
            let generation = shared.generations.in_force();
            admission = self::admission(shared);
            mirrors = source.mirrors();
            pipeline.set_directory(Arc::clone(&shared.names.directory()));
            let learner = pipeline.findings_mut();
            learner.admission = admission.clone();
            learner.mappings = Arc::clone(&shared.names.mappings());
            learner.set_monitor(&shared.config.load().monitor);
            if let Some(decided) = shared.capture.decided() {
                learner.set_decided(decided);
            }
            learner.follow(shared.capture.routes().iter().copied());
            shared.queue.give_repeats(learner.take_repeats());
            report(shared, source, &pipeline);
            shared.generations.capture.tell(generation);
        }
    };
    pipeline.finish(clock());
    shared.queue.give_repeats(pipeline.findings_mut().take_repeats());
    report(shared, source, &pipeline);
    shared.queue.close();
    result
}

fn admission(shared: &Shared) -> Admission {
    Admission::Node {
        directory: Arc::clone(&shared.names.directory()),
        local: Arc::clone(&shared.names.local()),
    }
}

fn report<T: FnMut(redact::RedactedExchange) -> bool>(
    shared: &Shared,
    source: &mut Source,
    pipeline: &Pipeline<Learner<T>>,
) {
    let learner = pipeline.findings();
    let (connections, memory) = pipeline.connections();
    let counters = pipeline.counters();
    let accounts = Accounts::new(&counters, learner.counters().account(), learner.coverage());
    let report = WorkerReport {
        accounts: accounts.with_sockets(source.socket_counts().as_ref()),
        coverage: Arc::clone(learner.coverage()),
        capture: source.statistics(),
        connections,
        memory,
        tls: counters.http.tls,
        operations_unread: learner.unread_operations(),
        canaries: learner.counters().canary,
        missing: source.missing(),
    };
    shared.capture.set_report(report);
}

/// Starts the worker on a thread of its own.
///
/// # Errors
/// The system has no thread for it.
pub(in crate::run) fn spawn(
    shared: Arc<Shared>,
    mut source: Source,
    taken: Option<Taken>,
    followed: Followed,
    vxlan: VxlanArgs,
    memory: usize,
) -> std::io::Result<std::thread::JoinHandle<Result<(), Failure>>> {
    std::thread::Builder::new().name("capture".into()).spawn(move || {
        rights::keep(source.rights());
        let result = run(&shared, &mut source, taken, followed, &vxlan, memory);
        shared.queue.close();
        shared.ending.begin();
        result
    })
}
