//! Finds or makes an application and an instance for a Service that has none (`autoOnboardNewServices`).
//!
//! The platform is always asked first: an application with exactly the Service's name is used. Where there is none, only one
//! node makes one: the node with the Service's first ready endpoint. The others wait and list again. If the first does not
//! act (its pod gets no requests, or its agent is away), the next ones take over, minutes later. Whatever ends without a clear
//! answer is followed by another list, so nothing is made twice.

use std::time::Duration;

use decode::Timestamp;
use inventory::Instance;
use tracing::{error, warn};

use super::backoff::{backoff, spread, up_to};
use super::gate::PauseKind;
use super::onboarding::{MAX_CREATED, Onboarded, Wanted};
use super::{Engine, say_key_refused};
use crate::client::answers::Application;
use crate::client::{CallKind, Failure, Pages};

/// How long a node waits for the one before it, once the platform was seen to have nothing.
const TAKE_OVER: Duration = Duration::from_secs(120);
/// The last place that counts: the nodes behind it act at the same time, half an hour later.
const LAST_PLACE: usize = 15;
/// How long the nodes that need not act wait until they list again. It grows with the time that they have waited.
const LIST_AGAIN: Duration = Duration::from_secs(10);
const LIST_AGAIN_MOST: Duration = Duration::from_secs(300);
/// How often the instance of a new application is looked for.
const LOOKS: usize = 5;

impl Engine {
    /// Notes when this agent made applications before its last start, so that its limit of 20 an hour holds.
    pub fn note_created(&mut self, times: impl IntoIterator<Item = Timestamp>) {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort_unstable();
        self.onboarding.created = times.into();
    }

    /// Finds or makes the applications of these Services: one answer for each, in their order. The list of
    /// applications is read once for all.
    pub async fn onboard(&mut self, wanted: &[Wanted], now: Timestamp) -> Vec<Onboarded> {
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

    async fn list_applications(&mut self, now: Timestamp) -> Result<Vec<Application>, Failure> {
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
        now: Timestamp,
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
            return Ok(Onboarded::Later { reason, not_before: now + LIST_AGAIN_MOST });
        };
        let since = *self.onboarding.missing.entry(name.clone()).or_insert(now);
        let turn = since + TAKE_OVER * place.min(LAST_PLACE) as u32;
        if turn > now {
            let pause = now.saturating_since(since).clamp(LIST_AGAIN, LIST_AGAIN_MOST);
            let again = now + pause + up_to(pause / 2);
            let reason = "the node with its first ready endpoint makes its application".to_owned();
            return Ok(Onboarded::Later { reason, not_before: again.min(turn) });
        }
        let app = match same.next() {
            Some(application) => application.id.clone(),
            None => {
                if let Some(not_before) = self.onboarding.limit(now) {
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
    async fn make_instance(&mut self, app: &str, name: &str, now: Timestamp) -> Result<String, Failure> {
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

    fn count_onboarding<T>(
        &mut self,
        kind: CallKind,
        answer: Result<T, Failure>,
        now: Timestamp,
    ) -> Result<T, Failure> {
        self.status().count(kind, &answer, now);
        if answer.is_ok() && self.accept_key() {
            self.publish_pauses();
        }
        answer
    }

    /// Pauses onboarding after a failure, or everything if the failure is about the key.
    fn halt_onboarding(&mut self, failure: &Failure, now: Timestamp) -> (String, Timestamp) {
        // Who is to act when the platform is back is decided by a list from then.
        self.onboarding.missing.clear();
        let settings = &self.settings;
        let reason = failure.to_string();
        let wait = match failure {
            Failure::Key { .. } => spread(settings.key_probe),
            Failure::Retry { after, .. } => {
                backoff(self.onboarding.failures, settings.retry_base, settings.retry_longest)
                    + after.unwrap_or_default()
            }
            Failure::Mapping { .. } | Failure::Refused { .. } => spread(settings.mapping_retry),
        };
        let until = now + wait;
        let first = self.onboarding.failures == 0;
        self.onboarding.failures = self.onboarding.failures.saturating_add(1);
        match failure {
            Failure::Key { .. } => {
                let nowhere = Instance { app: String::new(), instance: String::new() };
                if self.gates.close(&nowhere, PauseKind::Key, &reason, now, until) {
                    say_key_refused(&reason);
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
