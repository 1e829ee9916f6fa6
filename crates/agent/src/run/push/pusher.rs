//! The pusher: takes what is due out of the inventory, hands it to the engine, and records what came of it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::{Instance, Item, Outcome, Verdict};
use push::{BaseUrl, Client, Connected, Engine, EngineSettings};
use redact::{Owner, printable};
use store::KeptInventory;

use super::doubts::Doubts;
use super::key;
use super::onboarding::Onboarding;
use super::places::{KEPT, Places};
use super::suggestions::Suggestions;
use super::trial::Trial;
use super::watch::{Clock, Verification, up_to};
use crate::config::{self, Config, ConfigArgs, Problem};
use crate::platform::{client_that_tells, engine_settings, key_expiry, print_plan};
use crate::report::clock;
use crate::run::shared::Shared;

/// How often the outbox is looked at: what is new is pushed within this time.
const INTERVAL: Duration = Duration::from_millis(300);
/// Items handed to the engine at once: it works through them under its rate limit.
const BATCH: usize = 100;

/// For so long after the start a backlog counts as a cold start, from so many items on, and is spread over so much time.
const COLD_START: Duration = Duration::from_secs(60);
const BULK: usize = 20;
const COLD_SPREAD: Duration = Duration::from_secs(30);

/// Pushes until the agent stops.
#[expect(clippy::disallowed_methods, reason = "polls the outbox")]
pub(in crate::run) async fn run(shared: Arc<Shared>, args: ConfigArgs, mode: Mode, many_nodes: bool) {
    shared.learned.change(|inventory| inventory.clock_was_set_back(clock()));
    let mut pusher = Pusher {
        shared,
        args,
        mode,
        many_nodes,
        config: None,
        target: Target::Nowhere,
        suggestions: None,
        onboarding: Onboarding::default(),
        places: Places::default(),
        verification: Verification::new(),
        doubts: Doubts::new(),
        trial: Trial::new(),
        clock: Clock::new(),
        cold_start: None,
    };
    while !pusher.shared.ending.has_begun() {
        let generation = pusher.shared.generations.in_force();
        pusher.take_config();
        pusher.shared.generations.pusher.tell(generation);
        pusher.take_clock();
        pusher.take_retry();
        if !pusher.is_second() {
            pusher.round().await;
            pusher.look_after().await;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Mode {
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
    /// Whether other nodes may push the same.
    many_nodes: bool,
    onboarding: Onboarding,
    places: Places,
    verification: Verification,
    doubts: Doubts,
    trial: Trial,
    clock: Clock,
    /// Until when what was found at a cold start is held back.
    cold_start: Option<Instant>,
}

impl Pusher {
    /// Makes the target anew when the configuration has changed.
    fn take_config(&mut self) {
        let config = Arc::clone(&self.shared.config.load());
        if self.config.as_ref().is_some_and(|old| Arc::ptr_eq(old, &config)) {
            return;
        }
        self.config = Some(Arc::clone(&config));
        let problem = self.retarget(&config).err();
        if let Some(problem) = &problem {
            self.target = Target::Nowhere;
            tracing::error!("{problem}");
        }
        self.shared.learned.change(|inventory| inventory.retry_all());
        self.shared.push.set_problem(problem);
    }

    fn retarget(&mut self, config: &Config) -> Result<(), Problem> {
        let platform = match config::platform(config, &self.args) {
            // What would be sent is shown without a key too.
            Err(_) if self.mode == Mode::Show => {
                self.target = Target::Output(config::platform_url(config, &self.args)?);
                return Ok(());
            }
            platform => platform?,
        };
        self.suggestions = Some(Suggestions::new(self.client(platform.clone())?));
        let settings = EngineSettings { one_node: !self.many_nodes, ..engine_settings(config) };
        self.onboarding.resume();
        self.trial.set(&platform, self.many_nodes);
        self.shared.push.set_key_expiry(key_expiry(&platform.key));
        let client = self.client(platform.clone())?;
        match (&mut self.target, self.mode) {
            (target, Mode::Show) => *target = Target::Output(platform.url),
            (Target::Platform(engine), Mode::Send) => {
                engine.replace_client(client, settings);
            }
            (target, Mode::Send) => {
                let key = key::shown(&self.shared);
                tracing::info!("Endpoints are pushed to {}; the key {key}", platform.url);
                let engine = Engine::new(client, settings);
                self.shared.push.follow(engine.shared_status());
                *target = Target::Platform(Box::new(engine));
            }
        }
        Ok(())
    }

    /// Makes a client whose connections are known to be the agent's own.
    fn client(&self, platform: config::Platform) -> Result<Client, Problem> {
        let own = Arc::clone(&self.shared.own);
        client_that_tells(platform, Some(Connected::new(move || own.look())))
    }

    /// Lets nothing wait, after the clock was set back, for a time that it will only reach again.
    fn take_clock(&mut self) {
        if !self.clock.was_set_back() {
            return;
        }
        tracing::warn!("The clock was set back: what waited is tried again");
        self.shared.learned.change(|inventory| {
            inventory.clock_was_set_back(clock());
            inventory.retry_all();
        });
        self.onboarding.resume();
        if let Target::Platform(engine) = &mut self.target {
            engine.clock_was_set();
        }
    }

    /// Someone asked for everything to be tried again.
    fn take_retry(&mut self) {
        if !self.shared.push.take_retry() {
            return;
        }
        self.shared.learned.change(|inventory| inventory.retry_all());
        self.onboarding.resume();
        if let Target::Platform(engine) = &mut self.target {
            engine.resume();
        }
    }

    /// Returns whether another agent works on the same store, and this one therefore sends nothing. What that one has
    /// pushed is known here only when it has ended.
    fn is_second(&self) -> bool {
        self.mode == Mode::Send && self.shared.learned.read(KeptInventory::is_held_elsewhere)
    }

    /// Does what goes on beside pushing.
    async fn look_after(&mut self) {
        let engine = match &mut self.target {
            Target::Platform(engine) => engine,
            Target::Output(_) => return self.onboarding.show(&self.shared),
            Target::Nowhere => return,
        };
        for owner in engine.take_wanted_places() {
            let place = match owner.service() {
                Some(service) => self.places.of(&self.shared, service, KEPT, 0).await,
                None => 0,
            };
            engine.set_place(owner, place, clock());
        }
        self.trial.round(&self.shared, engine).await;
        self.onboarding.round(&self.shared, engine, &mut self.places).await;
        self.verification.round(&self.shared, engine, self.many_nodes).await;
        self.doubts.round(&self.shared, engine).await;
        if let Some(suggestions) = &mut self.suggestions
            && !self.shared.config.load().onboard
        {
            suggestions.round(&self.shared).await;
        }
    }

    /// Returns whether what was found at a cold start is still held back: many agents that start together must not all
    /// begin in the same second. What comes one by one goes at once.
    fn is_held_back(&mut self, due: usize) -> bool {
        let young = self.shared.started.elapsed() < COLD_START && matches!(self.target, Target::Platform(_));
        if self.cold_start.is_none() && self.many_nodes && young && due > BULK {
            self.cold_start = Some(Instant::now() + up_to(COLD_SPREAD));
        }
        self.cold_start.is_some_and(|until| Instant::now() < until)
    }

    /// Hands on what is due now.
    async fn round(&mut self) {
        // By names of an earlier run, somebody else may have the address by now.
        let confirmed = self.shared.view.is_ready();
        if !confirmed || matches!(self.target, Target::Nowhere) || self.is_held_back(0) {
            return;
        }
        let instance_of = self.shared.names.instance_of();
        let (due, held) = self.shared.learned.change(|inventory| {
            let due = inventory.due(clock(), instance_of, BATCH, Duration::ZERO);
            (due, inventory.held_for_bodies())
        });
        // After a restart most of a backlog waits for the disk at first: it counts, or it would go at once when that answers.
        if self.is_held_back(held + due.iter().map(|(_, items)| items.len()).sum::<usize>()) {
            self.shared.learned.change(KeptInventory::release_all);
            return;
        }
        for (instance, items) in due {
            match &mut self.target {
                Target::Platform(engine) => {
                    let now = clock();
                    for outcome in engine.push(&instance, items, now).await {
                        say(&outcome, now);
                        self.shared.learned.change(|inventory| inventory.conclude(outcome, clock()));
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
fn say(outcome: &Outcome, began: Timestamp) {
    let key = &outcome.key;
    let path = outcome.progress.platform_path.as_ref().unwrap_or(&key.template);
    let (method, path) = (printable(key.method.as_bytes()), printable(path.as_bytes()));
    match &outcome.verdict {
        Verdict::Pushed if outcome.progress.pushed_at < Some(began) => {
            tracing::debug!("{method} {path} of {} is on the platform", key.owner);
        }
        Verdict::Pushed => {
            tracing::info!(
                "\u{2713} Done! Pushed endpoint to dev website: {method} {path}{}",
                of_service(&key.owner)
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

/// The Service of an endpoint, in the form that the line of a sighting has it.
fn of_service(owner: &Owner) -> String {
    match owner.service() {
        Some(service) => format!(" (service={}) namespace={}", service.name, service.namespace),
        None => format!(" (service={owner})"),
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
