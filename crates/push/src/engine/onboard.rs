//! An application and an instance for a Service that has none (`autoOnboardNewServices`).
//!
//! The platform is asked first, always: an application with exactly the Service's name is used. Only one node makes one where
//! there is none: that with the Service's first ready endpoint. The others wait and list again; should the first not act (its
//! pod is asked nothing, its agent is away), the next ones take over, minutes later. Whatever ends without a clear answer ends
//! in another list, so nothing is made twice.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use inventory::Instance;
use tracing::{error, warn};

use super::Engine;
use super::backoff::{backoff, nanos, up_to};
use super::gate::PauseKind;
use crate::client::{Application, CallKind, Failure, Pages};

/// How many applications this agent makes within [`HOUR`]: a cluster that is described wrongly must not fill the platform.
const MAX_CREATED: usize = 20;
const HOUR: u64 = 3_600_000_000_000;
/// How long the node before is waited for, once the platform was seen to have nothing.
const TAKE_OVER: Duration = Duration::from_secs(120);
/// The last place that counts: the nodes behind it act at the same time, half an hour later.
const LAST_PLACE: usize = 15;
/// How long those wait that have not to act, until they list again; it grows with the time that it takes.
const LIST_AGAIN: Duration = Duration::from_secs(10);
const LIST_AGAIN_MOST: Duration = Duration::from_secs(300);
/// How often the instance of a new application is looked for.
const LOOKS: usize = 5;

/// A Service that needs an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name without the namespace, which is the name of its application.
    pub service: String,
    /// The place of this node among those that run it, 0 for the first; `None` if this node is not to make anything.
    pub place: Option<usize>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onboarded {
    /// Its endpoints go here.
    Mapped {
        /// Where.
        instance: Instance,
        /// Whether this agent made the application or the instance.
        created: bool,
    },
    /// Not now. With the reason and the time (nanoseconds since the Unix epoch) of the next try.
    Later {
        /// Why, for people.
        reason: String,
        /// Not before this time.
        not_before: u64,
    },
}

/// What is to be remembered between tries.
#[derive(Debug, Default)]
pub(super) struct Onboarding {
    /// Since when each name is known to be missing, without a failure in between.
    missing: HashMap<String, u64>,
    /// When applications were made, or may have been.
    created: VecDeque<u64>,
    failures: u32,
    pause: Option<(String, u64)>,
}

impl Onboarding {
    pub(super) fn resume(&mut self) {
        self.missing.clear();
        (self.failures, self.pause) = (0, None);
    }
}

impl Engine {
    /// Notes when this agent made applications before it was started, so that its limit of 20 an hour holds.
    pub fn note_created(&mut self, times: impl IntoIterator<Item = u64>) {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort_unstable();
        self.onboarding.created = times.into();
    }

    /// Finds or makes the applications of these Services: one answer for each, in their order. `now` is in nanoseconds since
    /// the Unix epoch. The list of applications is read once for all.
    pub async fn onboard(&mut self, wanted: &[Wanted], now: u64) -> Vec<Onboarded> {
        let all_later = |reason: &str, not_before| {
            wanted.iter().map(|_| Onboarded::Later { reason: reason.to_owned(), not_before }).collect()
        };
        let key = self.gates.key().map(|pause| (pause.reason.clone(), pause.until));
        for (reason, until) in key.into_iter().chain(self.onboarding.pause.clone()) {
            if until > now {
                return all_later(&reason, until);
            }
        }
        let applications = match self.list_applications(now).await {
            Ok(applications) => applications,
            Err(failure) => {
                let (reason, until) = self.halt_onboarding(&failure, now);
                return all_later(&reason, until);
            }
        };
        let mut results = Vec::new();
        for one in wanted {
            let result = match self.onboarding.pause.clone() {
                // A failure says nothing about the others, but the platform gets its pause.
                Some((reason, not_before)) => Onboarded::Later { reason, not_before },
                None => self.onboard_one(one, &applications, now).await.unwrap_or_else(|failure| {
                    let (reason, not_before) = self.halt_onboarding(&failure, now);
                    Onboarded::Later { reason, not_before }
                }),
            };
            results.push(result);
        }
        results
    }

    async fn list_applications(&mut self, now: u64) -> Result<Vec<Application>, Failure> {
        let mut pages = Pages::default();
        loop {
            self.rate.take().await;
            let answer = self.client.next_page(&mut pages).await;
            if !self.count_onboarding(CallKind::Applications, answer, now)? {
                (self.onboarding.failures, self.onboarding.pause) = (0, None);
                return Ok(pages.all);
            }
        }
    }

    async fn onboard_one(
        &mut self,
        wanted: &Wanted,
        applications: &[Application],
        now: u64,
    ) -> Result<Onboarded, Failure> {
        let name = &wanted.service;
        let mut same = applications.iter().filter(|application| application.name == *name);
        let found = same.clone().find_map(|found| Some((found, found.instances.first()?)));
        if let Some((application, instance)) = found {
            self.onboarding.missing.remove(name);
            let instance = Instance { app: application.id.clone(), instance: instance.id.clone() };
            return Ok(Onboarded::Mapped { instance, created: false });
        }
        let Some(place) = wanted.place else {
            let reason = format!("the platform has no application {name:?} with an instance");
            return Ok(Onboarded::Later { reason, not_before: now + nanos(LIST_AGAIN_MOST) });
        };
        let since = *self.onboarding.missing.entry(name.clone()).or_insert(now);
        let turn = since.saturating_add(nanos(TAKE_OVER) * place.min(LAST_PLACE) as u64);
        if turn > now {
            let waited = Duration::from_nanos(now.saturating_sub(since));
            let pause = waited.clamp(LIST_AGAIN, LIST_AGAIN_MOST);
            let again = now.saturating_add(nanos(pause + up_to(pause / 2)));
            let reason = "the node with its first ready endpoint makes its application".to_owned();
            return Ok(Onboarded::Later { reason, not_before: again.min(turn) });
        }
        let app = match same.next() {
            Some(application) => application.id.clone(),
            None => {
                if let Some(not_before) = self.limit(now) {
                    let reason = format!("{MAX_CREATED} applications were made within an hour");
                    return Ok(Onboarded::Later { reason, not_before });
                }
                self.onboarding.created.push_back(now);
                self.rate.take().await;
                let answer = self.client.create_application(name).await;
                let unclear = || Failure::unreadable("it does not tell the id of the new application");
                self.count_onboarding(CallKind::NewApplication, answer, now)?.ok_or_else(unclear)?
            }
        };
        let instance = self.make_instance(&app, name, now).await?;
        self.onboarding.missing.remove(name);
        Ok(Onboarded::Mapped { instance: Instance { app, instance }, created: true })
    }

    #[expect(clippy::disallowed_methods, reason = "waits for the platform to make the instance")]
    async fn make_instance(&mut self, app: &str, name: &str, now: u64) -> Result<String, Failure> {
        self.rate.take().await;
        let answer = self.client.create_instance(app, name).await;
        if let Some(instance) = self.count_onboarding(CallKind::NewInstance, answer, now)? {
            return Ok(instance);
        }
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(self.settings.instance_pause).await;
            }
            self.rate.take().await;
            let answer = self.client.first_instance(app).await;
            if let Some(instance) = self.count_onboarding(CallKind::Application, answer, now)? {
                return Ok(instance);
            }
        }
        Err(Failure::unreadable("the new application does not show its instance"))
    }

    /// When another application may be made, if not now.
    fn limit(&mut self, now: u64) -> Option<u64> {
        // What is in the future was noted before the clock was set back.
        self.onboarding.created.retain(|&at| at <= now && at.saturating_add(HOUR) > now);
        let oldest = self.onboarding.created.len().checked_sub(MAX_CREATED)?;
        self.onboarding.created.get(oldest).map(|at| at.saturating_add(HOUR))
    }

    fn count_onboarding<T>(
        &mut self,
        kind: CallKind,
        answer: Result<T, Failure>,
        now: u64,
    ) -> Result<T, Failure> {
        self.status().count(kind, &answer, now);
        if answer.is_ok() && self.gates.open_key() {
            tracing::info!("the platform accepts the API key again; pushing goes on");
            self.publish_pauses();
        }
        answer
    }

    /// Pauses onboarding after a failure, or everything where it is about the key.
    fn halt_onboarding(&mut self, failure: &Failure, now: u64) -> (String, u64) {
        // Who is to act when the platform is back is decided by a list from then.
        self.onboarding.missing.clear();
        let settings = &self.settings;
        let reason = failure.to_string();
        let wait = match failure {
            Failure::Key { .. } => settings.key_probe + up_to(settings.key_probe / 4),
            Failure::Retry { after, .. } => {
                backoff(self.onboarding.failures, settings.retry_base, settings.retry_longest)
                    + after.unwrap_or_default()
            }
            Failure::Mapping { .. } | Failure::Refused { .. } => {
                settings.mapping_retry + up_to(settings.mapping_retry / 4)
            }
        };
        let until = now.saturating_add(nanos(wait));
        let first = self.onboarding.failures == 0;
        self.onboarding.failures = self.onboarding.failures.saturating_add(1);
        match failure {
            Failure::Key { .. } => {
                let nowhere = Instance { app: String::new(), instance: String::new() };
                if self.gates.close(&nowhere, PauseKind::Key, &reason, now, until) {
                    error!(
                        "the platform does not accept the API key ({reason}): pushing is paused and everything is kept; give a valid key"
                    );
                }
                self.publish_pauses();
            }
            Failure::Retry { .. } if first => {
                warn!("cannot onboard new Services ({reason}): tried again");
            }
            Failure::Mapping { .. } | Failure::Refused { .. } if first => {
                error!(
                    "the platform refuses to onboard new Services ({reason}): tried again; or map them in serviceMappings"
                );
            }
            _ => {}
        }
        self.onboarding.pause = Some((reason.clone(), until));
        (reason, until)
    }
}
