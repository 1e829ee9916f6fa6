//! The pusher: takes what is due out of the inventory, hands it to the engine, and records what came of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use inventory::{Instance, Item, Outcome, Verdict, printable};
use push::{BaseUrl, Engine};

use super::shared::{Shared, lock};
use super::status;
use super::suggestions::Suggestions;
use crate::cli::ConfigArgs;
use crate::config::{self, Config, Problem};
use crate::platform::{client, engine, engine_settings, print_plan};
use crate::report::clock;

/// How often the outbox is looked at: what is new is pushed within this time.
const INTERVAL: Duration = Duration::from_millis(300);
/// Items handed to the engine at once: it works through them under its rate limit.
const BATCH: usize = 100;

/// Pushes until the agent stops.
pub(super) async fn run(shared: Arc<Shared>, args: ConfigArgs, mode: Mode) {
    let mut pusher = Pusher { shared, args, mode, config: None, target: Target::Nowhere, suggestions: None };
    while !pusher.shared.stopping() {
        pusher.take_config();
        pusher.round().await;
        if let (Some(suggestions), Mode::Send) = (&mut pusher.suggestions, mode) {
            suggestions.round(&pusher.shared).await;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// What is due is sent.
    Send,
    /// What would be sent is printed.
    Show,
}

/// Where things go under the configuration in force.
enum Target {
    /// There is no key, or it may not be used: things wait.
    Nowhere,
    /// To the platform.
    Platform(Box<Engine>),
    /// To standard output.
    Output(BaseUrl),
}

struct Pusher {
    shared: Arc<Shared>,
    args: ConfigArgs,
    mode: Mode,
    /// The configuration that the target was made from.
    config: Option<Arc<Config>>,
    target: Target,
    suggestions: Option<Suggestions>,
}

impl Pusher {
    /// Makes the target anew when the configuration has changed.
    fn take_config(&mut self) {
        let config = self.shared.config.load_full();
        if self.config.as_ref().is_some_and(|old| Arc::ptr_eq(old, &config)) {
            return;
        }
        self.config = Some(Arc::clone(&config));
        let problem = self.retarget(&config).err();
        if let Some(problem) = &problem {
            self.target = Target::Nowhere;
            tracing::error!("{problem}");
        }
        lock(&self.shared.inventory).retry_all();
        *lock(&self.shared.push_problem) = problem;
    }

    fn retarget(&mut self, config: &Config) -> Result<(), Problem> {
        let platform = config::platform(config, &self.args)?;
        self.suggestions = Some(Suggestions::new(client(config, platform.clone())?));
        self.shared.key_expiry.store(platform.key.expiry().unwrap_or(0), Ordering::Relaxed);
        match (&mut self.target, self.mode) {
            (target, Mode::Show) => *target = Target::Output(platform.url),
            (Target::Platform(engine), Mode::Send) => {
                engine.replace_client(client(config, platform)?, engine_settings(config));
            }
            (target, Mode::Send) => {
                let key = status::key(&self.shared, clock());
                tracing::info!("Endpoints are pushed to {}; the key {key}", platform.url);
                let engine = engine(config, platform)?;
                *lock(&self.shared.push) = engine.shared_status();
                *target = Target::Platform(Box::new(engine));
            }
        }
        Ok(())
    }

    /// Hands on what is due now.
    async fn round(&mut self) {
        if matches!(self.target, Target::Nowhere) {
            return;
        }
        let due = lock(&self.shared.inventory).due(clock(), self.shared.instance_of(), BATCH);
        for (instance, items) in due {
            match &mut self.target {
                Target::Platform(engine) => {
                    let now = clock();
                    for outcome in engine.push(&instance, items, now).await {
                        say(&outcome, now);
                        lock(&self.shared.inventory).conclude(outcome, clock());
                    }
                }
                Target::Output(url) => show(url, &instance, &items),
                Target::Nowhere => return,
            }
        }
    }
}

/// The line that operators look for, if something was pushed since `began`: what was only found to be there already, as
/// it should, is no push.
fn say(outcome: &Outcome, began: u64) {
    let key = &outcome.key;
    let path = outcome.progress.platform_path.as_ref().unwrap_or(&key.template);
    let (method, path) = (printable(key.method.as_bytes()), printable(path.as_bytes()));
    match &outcome.verdict {
        Verdict::Pushed if outcome.progress.pushed_at < began => {
            tracing::debug!("{method} {path} of {} is on the platform", key.owner);
        }
        Verdict::Pushed => {
            tracing::info!(
                "\u{2713} Done! Pushed endpoint to dev website: {method} {path} (service={})",
                key.owner
            );
        }
        Verdict::SetAside { reason } => {
            tracing::error!(
                "{method} {path} of {} is set aside: {}",
                key.owner,
                printable(reason.as_bytes())
            );
        }
        Verdict::Later { reason, .. } => {
            tracing::debug!("{method} {path} of {} waits: {}", key.owner, printable(reason.as_bytes()));
        }
    }
}

/// Prints what would be sent. Nothing of it is recorded: the items stay handed out, so that each is shown once.
fn show(url: &BaseUrl, instance: &Instance, items: &[Item]) {
    let mut out = io::stdout().lock();
    for item in items {
        if let Err(error) = print_plan(&mut out, url, instance, item) {
            tracing::warn!("what would be sent cannot be printed: {error}");
        }
    }
}
