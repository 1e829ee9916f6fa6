//! `run`: the agent. One plain thread captures, one keeps, a small runtime does the rest.

mod announce;
mod answers;
mod canary;
mod capture;
mod cluster;
mod confine;
mod disk;
mod generation;
mod keeper;
mod keylogs;
mod last_view;
mod nameless;
mod push;
mod queue;
mod reminder;
mod secrets;
mod settings;
mod shared;
mod sightings;
mod signals;
mod surroundings;

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use identify::Directory;
use inventory::openapi::Document;
use rustix::thread::CapabilitySet;
use store::StoreStatus;
use tokio::runtime::{Builder, Runtime};

use self::capture::{open, pods, rights, worker};
use self::push::pusher::{self, Mode};
use crate::cli::{AskArgs, DocumentArgs, ExplainArgs, ReportFormat, RetryArgs, RunArgs};
use crate::config;
use crate::environment;
use crate::failure::Failure;
use crate::node::ladder;
use crate::services;
pub(crate) use answers::control::{Question, ask, listens};
pub(crate) use answers::explain::Explanation;
pub(crate) use answers::status::Status;
pub(crate) use answers::tls::TlsLine;
use answers::{control, health, retry};
use cluster::Access;
use secrets::follow;
use shared::{Shared, TlsAsked};
use signals::Signals;

/// Stopping takes at most this long, and a moment to close the store: 5 s in all. What is not pushed by then is on disk.
const STOP: Duration = Duration::from_secs(4);
/// How much of that the push may still use.
const LAST_PUSH: Duration = Duration::from_secs(2);
/// How much of that is left for the disk, whatever came before.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// Why no secrets are taken though they could be.
const NO_CGROUPS: &str = "it takes capture at the sockets of cgroups (--capture cgroup says why that is not possible here): by them                           the kernel tells whose secrets are taken";

/// Runs until SIGTERM, SIGINT or SIGHUP.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let directory = match &args.services {
        Some(path) => services::load(path)?,
        // Until the cluster is known a Host must name nothing.
        None if Access::find(args).is_some() => Directory::default().of_cluster(HashSet::new()),
        None => Directory::default(),
    };
    let before = rights::Before::now();
    confine::agent();
    // Before anything takes time: what is asked to end meanwhile ends in order, also as the first process of a container,
    // which without a handler would not hear it at all.
    let runtime = without_rights(runtime)?;
    if args.tls.wanted {
        ladder::of_tls().iter().for_each(|rung| tracing::info!("Rights: {rung}"));
    }
    let taking = args.tls.wanted.then(secrets::start::start);
    let signals = {
        let _inside = runtime.enter();
        Signals::watch()?
    };
    let start = config::load(&args.config).unwrap_or_default();
    let memory = settings::memory(&start);
    let (monitored, mut taking) = match taking {
        Some(Ok(secrets::start::Started { monitored, taken, finder })) => {
            (Some(monitored), Some(Ok((taken, finder))))
        }
        Some(Err(why)) => (None, Some(Err(why))),
        None => (None, None),
    };
    let open::Opened { source, sockets, how, place, takes_secrets } = open::open(args, memory, monitored)?;
    if let (Some(Ok(_)), false) = (&taking, takes_secrets) {
        taking = Some(Err(NO_CGROUPS.into()));
    }
    let asked = match &taking {
        None => TlsAsked::No,
        Some(Ok(_)) => TlsAsked::Yes,
        Some(Err(why)) => TlsAsked::InVain(why.clone()),
    };
    rights::keep(rights::BPF | rights::NET_ADMIN);
    let inventory = without_rights(|| disk::open(&args.state, &start));
    let shared =
        Arc::new(Shared::new(directory, inventory, how, place.clone().err(), shows_only(args), asked));
    if let Some(attaching) = &sockets {
        shared.capture.set_targets(attaching.given.targets());
    }
    // What it gave is in force already.
    let _ = surroundings::look(&shared, &args.config, None);
    greet(args, &shared);
    // The threads that go on to need rights are there before all rights are given up here.
    let others = sockets.as_ref().map_or("", |sockets| sockets.keeps());
    let (taken, finder) = taking.and_then(Result::ok).unzip();
    let secrets = finder.map(|finder| follow::spawn(Arc::clone(&shared), finder)).transpose()?;
    let (giver, followed) = crate::pipeline::keylogs::channel();
    let key_logs = keylogs::spawn(Arc::clone(&shared), giver)?;
    let worker = worker::spawn(Arc::clone(&shared), source, taken, followed, args.vxlan.clone(), memory)?;
    let pods = sockets.map(|sockets| pods::spawn(Arc::clone(&shared), sockets)).transpose()?;
    rights::keep(CapabilitySet::empty());
    before.say(others);
    let keeper = keeper::spawn(Arc::clone(&shared))?;
    let agent = Agent { worker, pods, secrets, key_logs, keeper, place: place.ok(), shared };
    let ended = runtime.block_on(agent.live(args, signals));
    // What still hangs has had its time.
    runtime.shutdown_background();
    ended
}

/// Runs the control work: everything but capture and the disk.
fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).thread_name("control").enable_all().build()
}

/// Does what needs no rights, and starts threads that would inherit them.
fn without_rights<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            rights::keep(CapabilitySet::empty());
            work()
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn greet(args: &RunArgs, shared: &Shared) {
    tracing::info!("APISec Traffic Monitor {} {}", env!("CARGO_PKG_VERSION"), shared.capture.how());
    match shared.names.directory().services().len() {
        0 if Access::find(args).is_some() || !args.cgroup.is_empty() => {}
        0 => tracing::warn!(
            "No Services are known: give their names and addresses by --services FILE; until then a request is named by its Host alone, where that is safe"
        ),
        1 => tracing::info!("1 Service is known"),
        count => tracing::info!("{count} Services are known"),
    }
}

/// The name of this node. Guessed where nothing gives it, which is often right, and said.
fn node(args: &RunArgs) -> String {
    args.node.clone().filter(|node| !node.is_empty()).unwrap_or_else(|| {
        let node = rustix::system::uname().nodename().to_string_lossy().into_owned();
        tracing::error!(
            "NODE_NAME is not set (daemonset.yaml sets it from spec.nodeName): '{node}', the name of this host, is taken for it"
        );
        node
    })
}

struct Agent {
    worker: JoinHandle<Result<(), Failure>>,
    /// Attaches sockets, where traffic is captured there.
    pods: Option<JoinHandle<()>>,
    /// Follows the child that finds TLS libraries.
    secrets: Option<JoinHandle<()>>,
    /// Follows key logs.
    key_logs: JoinHandle<()>,
    keeper: JoinHandle<()>,
    /// Where the agent asks itself, if that passes what captures.
    place: Option<IpAddr>,
    shared: Arc<Shared>,
}

impl Agent {
    /// Starts the control work, waits for the end, and ends in order: capture, queue, inventory, push, disk.
    async fn live(self, args: &RunArgs, mut signals: Signals) -> Result<ExitCode, Failure> {
        let shared = &self.shared;
        let port = shared.config.load().monitor.port;
        tokio::spawn(health::keep(port, Arc::clone(shared)));
        let socket = tokio::spawn(control::keep(args.state.clone(), Arc::clone(shared)));
        tokio::spawn(surroundings::watch(Arc::clone(shared), args.config.clone()));
        if let Some(access) = Access::find(args) {
            tokio::spawn(cluster::follow(Arc::clone(shared), access, node(args), args.state.clone()));
        }
        if let Some(place) = self.place {
            let every = Duration::from_secs(args.canary_seconds);
            tokio::spawn(canary::keep(Arc::clone(shared), place, every));
        }
        let mode = mode(shared);
        let pusher = tokio::spawn(pusher::run(
            Arc::clone(shared),
            args.config.clone(),
            mode,
            Access::find(args).is_some(),
        ));
        tokio::select! {
            signal = signals.wait() => tracing::info!("{signal}: stopping"),
            () = stopped(shared) => {}
        }
        let deadline = Instant::now() + STOP;
        shared.ending.begin();
        let Agent { worker, pods, secrets, key_logs, keeper, shared, .. } = self;
        let detached = tokio::task::spawn_blocking(move || pods.map_or(Ok(()), JoinHandle::join));
        let unprobed = tokio::task::spawn_blocking(move || secrets.map_or(Ok(()), JoinHandle::join));
        let followed = tokio::task::spawn_blocking(move || key_logs.join());
        let captured = tokio::task::spawn_blocking(move || worker.join());
        let kept = tokio::task::spawn_blocking(move || keeper.join());
        let captured = within(deadline - LAST_WRITE, captured).await;
        let kept = within(deadline - LAST_WRITE, kept).await;
        // The kernel detaches what the process has not.
        let _ = within(deadline - LAST_WRITE, detached).await;
        let _ = within(deadline - LAST_WRITE, unprobed).await;
        let _ = within(deadline - LAST_WRITE, followed).await;
        let left = (deadline - LAST_WRITE).saturating_duration_since(Instant::now());
        let _ = tokio::time::timeout(left.min(LAST_PUSH), pusher).await;
        finish(&shared);
        socket.abort();
        // It takes the socket away.
        let _ = socket.await;
        match (captured, kept) {
            (Some(Ok(Err(failure))), _) => Err(failure),
            (Some(Ok(Ok(()))), Some(Ok(()))) => Ok(ExitCode::SUCCESS),
            _ => Err(Failure::new(
                "a thread of the agent did not end in order; what it had learned may be lost",
            )),
        }
    }
}

/// Returns why nothing is to be sent, only shown, if it is so.
fn shows_only(args: &RunArgs) -> Option<&'static str> {
    if args.dry_run { Some("--dry-run") } else { environment::shows_only() }
}

/// Returns whether to send, or only to show what would be sent, and logs the latter.
fn mode(shared: &Shared) -> Mode {
    let Some(why) = shared.push.shows_only() else { return Mode::Send };
    tracing::warn!("Nothing is sent to the platform ({why}): what would be sent is printed");
    Mode::Show
}

/// Waits for a thread to be joined, but not longer than until `deadline`.
async fn within<T>(
    deadline: Instant,
    joining: tokio::task::JoinHandle<std::thread::Result<T>>,
) -> Option<std::thread::Result<T>> {
    tokio::time::timeout_at(deadline.into(), joining).await.ok()?.ok()
}

/// Waits until a part of the agent has stopped it.
#[expect(clippy::disallowed_methods, reason = "polls the flag")]
async fn stopped(shared: &Shared) {
    while !shared.ending.has_begun() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Puts everything on disk and shows the accounts.
fn finish(shared: &Shared) {
    let (flushed, status) = shared.learned.change(|inventory| {
        let flushed = inventory.flush_all(crate::report::clock(), LAST_WRITE);
        let status = inventory.store_status();
        inventory.close();
        (flushed, status)
    });
    if flushed.unsaved > 0 {
        let why = match status {
            Some(StoreStatus::Away(why) | StoreStatus::Refused(why)) => why,
            _ => "the disk did not answer in time".into(),
        };
        tracing::error!("The store: {why}; what {} endpoints have taught is lost", flushed.unsaved);
    }
    let worker = shared.capture.report();
    let drops = worker.capture.kernel_drops;
    tracing::info!("capture: {} frames delivered, {drops} dropped by the kernel", worker.capture.frames);
    for line in worker.accounts.to_string().lines() {
        tracing::info!("{line}");
    }
    for line in worker.coverage.lines() {
        tracing::info!("{line}");
    }
}

/// `walk-store`: looks at the whole file of a store, as the child of an agent.
pub(crate) fn walk_store() -> Result<ExitCode, Failure> {
    disk::walk()
}

/// `take-secrets`: finds the TLS libraries of monitored processes, as the child of an agent.
pub(crate) fn take_secrets() -> Result<ExitCode, Failure> {
    secrets::child::take()
}

/// `find-places`: finds the TLS library in a file, as the child of that child.
pub(crate) fn find_places() -> Result<ExitCode, Failure> {
    secrets::reader::find()
}

/// `status`: asks the running agent.
pub(crate) fn status(state: &Path, format: ReportFormat) -> Result<String, Failure> {
    let status: Status = ask(state, &Question::Status)?;
    Ok(match format {
        ReportFormat::Table => status.table(),
        ReportFormat::Json => json(&status)?,
    })
}

/// Returns what the running agent says of the reading of TLS; nothing where none runs.
pub(crate) fn tls_lines(state: &Path) -> Vec<TlsLine> {
    let status: Result<Status, Failure> = ask(state, &Question::Status);
    status.map(|status| status.tls).unwrap_or_default()
}

/// `explain`: asks the running agent. Returns its answer, and whether anything is known of the subject.
pub(crate) fn explain(args: &ExplainArgs) -> Result<(String, bool), Failure> {
    let question = Question::Explain(args.subject.clone());
    let explanation: Explanation = ask(&args.state, &question)?;
    let text = match args.format {
        ReportFormat::Table => explanation.text(),
        ReportFormat::Json => json(&explanation)?,
    };
    Ok((text, explanation.found))
}

/// `ask`: prints the running agent's answers, as they are.
pub(crate) fn answer(args: &AskArgs) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for (number, question) in args.questions.iter().enumerate() {
        let question: Question = serde_json::from_str(question)
            .map_err(|error| Failure::new(format!("not a question that is known: {error}")))?;
        if matches!(question, Question::Retry(_)) {
            return Err(Failure::new(
                "`ask` only asks; `traffic-monitor retry` tells the agent to try again",
            ));
        }
        let answer = control::ask_plainly(&args.state, &question)?;
        let wrote =
            out.write_all(if number == 0 { b"[" } else { b"," }).and_then(|()| out.write_all(&answer));
        if !Failure::of_output(wrote)? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    Failure::of_output(out.write_all(b"]\n")).map(|_| ExitCode::SUCCESS)
}

/// `export`: asks the running agent for its documents.
pub(crate) fn documents(state: &Path, args: &DocumentArgs) -> Result<Vec<Document>, Failure> {
    ask(state, &Question::Export(args.clone()))
}

/// `retry`: tells the running agent.
pub(crate) fn retry(args: &RetryArgs) -> Result<String, Failure> {
    let question = Question::Retry(args.subject.clone());
    let retried: retry::Retried = ask(&args.state, &question)?;
    Ok(retried.text())
}

/// Returns a value as text that people read too.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(error.to_string()))
}
