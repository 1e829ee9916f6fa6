//! `demo`: everything on one machine. Sample services and their clients, the agent as a process of its own, and a
//! stand-in platform; and `platform`, which is the last of these alone.

mod agent;
mod grpc;
mod serve;
mod services;
mod tls;
mod traffic;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use capture::{OpenError, Ring, RingOptions};
use stand_in::Running;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::DemoArgs;
use crate::failure::Failure;
use crate::report::Table;
use crate::terminal::say;
use crate::view::{self, Page, Source};
use agent::{Agent, STATE};
pub(crate) use serve::alone as stand_in_alone;
use services::SAMPLES;

/// The time that a demo runs which ends by Ctrl-C.
const FOREVER: Duration = Duration::from_hours(24 * 365);
/// How often the demo looks whether the first endpoint has arrived.
const LOOK: Duration = Duration::from_millis(20);
/// The last part of the demo in which nothing new is asked for, so that what was seen arrives.
const SETTLE: Duration = Duration::from_secs(2);

/// Runs the demo.
pub(crate) fn demo(args: &DemoArgs) -> Result<ExitCode, Failure> {
    let folder = tempfile::Builder::new().prefix("traffic-monitor-demo-").tempdir()?;
    // The page listens, and the browser begins, before the namespace is another one: so any browser reaches it.
    let page =
        Page::new(view::listen(args.page_port, "--page-port")?, Source::Agent(folder.path().join(STATE)))?;
    page.open();
    let alone = ensure_rights()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(show(args, alone, folder.path(), page))?;
    Ok(ExitCode::SUCCESS)
}

/// Without the right to capture, goes on in a user and network namespace of its own, where it has it. Gives whether it
/// did.
fn ensure_rights() -> Result<bool, Failure> {
    let options = RingOptions { interfaces: vec!["lo".into()], ring_bytes: 0, ..RingOptions::default() };
    match Ring::open(&options) {
        Ok(_) => Ok(false),
        Err(OpenError::NotPermitted) => match capture::enter_private_network() {
            Ok(()) => Ok(true),
            Err(error) => Err(Failure::new(format!(
                "the demo captures packets on loopback, which needs root (or CAP_NET_RAW), or the right to make a user namespace ({error}); run it as root: sudo make demo"
            ))),
        },
        Err(error) => Err(error.into()),
    }
}

async fn show(args: &DemoArgs, alone: bool, folder: &Path, page: Page) -> Result<(), Failure> {
    // From here on Ctrl-C ends all of it in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let running = services::start().await?;
    let stand_in = serve::start(args.port, &SAMPLES).await?;
    let address = page.address();
    say(&introduction(&running, &stand_in, &address, alone));
    let started = Instant::now();
    let mut agent = Agent::start(folder, &running, &stand_in.url())?;
    let page = tokio::spawn(page.serve());
    agent.ready().await?;
    let ends = started + lasting(args.seconds);
    let traffic = tokio::spawn(traffic::run(running.clients(), ends.checked_sub(SETTLE).unwrap_or(started)));
    let first = tokio::select! {
        first = first_endpoint(&stand_in, started) => {
            say(&format!("\n  first endpoint after {:.1} s; the page has it: {address}\n", first.as_secs_f64()));
            tokio::select! {
                () = tokio::time::sleep_until(ends.into()) => {}
                _ = interrupted.recv() => {}
            }
            true
        }
        () = tokio::time::sleep_until(ends.into()) => false,
        _ = interrupted.recv() => false,
    };
    traffic.abort();
    let status = agent.status().await;
    let clean = agent.stop().await;
    page.abort();
    say(&listing(&stand_in));
    say(&status.unwrap_or_default());
    if args.seconds > 0 {
        say("The page ended with the demo. `make demo SECONDS=0` keeps both until Ctrl-C.");
    }
    stand_in.shutdown().await;
    if !first {
        return Err(Failure::new("no endpoint reached the platform in this time; the lines above say why"));
    }
    clean
}

/// The time that the demo runs; 0 seconds mean until Ctrl-C.
fn lasting(seconds: u64) -> Duration {
    if seconds == 0 { FOREVER } else { Duration::from_secs(seconds) }
}

fn introduction(running: &services::Services, stand_in: &Running, page: &str, alone: bool) -> String {
    let mut text = String::from("APISec Traffic Monitor demo\n\n");
    let mut table = Table::new(&["  SAMPLE SERVICE", "ADDRESS", "SPEAKS"]);
    for (sample, address) in running.addresses() {
        table.row([format!("  demo/{}", sample.name), address.to_string(), sample.speaks().into()]);
    }
    text.push_str(&format!("{table}\n  the page: {page} (open it in a browser)\n"));
    text.push_str(&format!("  stand-in platform: {}/\n", stand_in.url()));
    if alone {
        text.push_str("  (not root: all but the page runs in a network namespace of its own)\n");
    }
    text.push_str("\nWhat the agent says:\n");
    text
}

/// Waits until the stand-in has an endpoint. Returns how long after the start of the agent that was.
#[expect(clippy::disallowed_methods, reason = "polls the stand-in")]
async fn first_endpoint(stand_in: &Running, started: Instant) -> Duration {
    while SAMPLES.iter().all(|sample| stand_in.listing(&sample.app(), &sample.instance()).is_empty()) {
        tokio::time::sleep(LOOK).await;
    }
    started.elapsed()
}

/// Returns the endpoints as the stand-in lists them.
fn listing(stand_in: &Running) -> String {
    let mut table = Table::new(&["SERVICE", "METHOD", "PATH", "PARAMETERS", "BODY"]);
    for sample in &SAMPLES {
        for endpoint in serve::endpoints(stand_in, sample) {
            table.row(endpoint);
        }
    }
    format!("\nWhat the platform lists now:\n\n{table}\n")
}
