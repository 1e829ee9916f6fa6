//! Applications of the platform that have the name of a Service without a mapping: what to paste.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identify::ServiceName;
use push::Client;
use redact::printable;
use serde_json::json;

use tokio::time::timeout;

use crate::run::shared::Shared;

/// How often the platform is asked for its applications, while there are Services without a mapping.
const INTERVAL: Duration = Duration::from_secs(600);

/// How long the platform may take: what is to be pushed waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks for Services without a mapping among the platform's applications.
pub(super) struct Suggestions {
    client: Client,
    asked: Option<Instant>,
    said: HashSet<Arc<ServiceName>>,
}

impl Suggestions {
    pub(super) fn new(client: Client) -> Suggestions {
        Suggestions { client, asked: None, said: HashSet::new() }
    }

    /// Asks, if something new waits and it is time.
    pub(super) async fn round(&mut self, shared: &Shared) {
        if self.asked.is_some_and(|asked| asked.elapsed() < INTERVAL) {
            return;
        }
        let mut services = shared.push.take_unmapped();
        if services.is_empty() {
            return;
        }
        self.asked = Some(Instant::now());
        services.retain(|service| !self.said.contains(service));
        let Ok(Ok(applications)) = timeout(PATIENCE, self.client.applications()).await else {
            // They are looked for again when it is time.
            services.iter().for_each(|service| shared.push.note_unmapped(service));
            return;
        };
        // Of two Services with one name, nothing says whose application it is.
        let names = shared.names.directory();
        let is_alone = |service: &ServiceName| {
            names.services().iter().filter(|other| other.name == service.name).count() <= 1
        };
        let mappings = shared.names.mappings();
        // It may have been mapped meanwhile.
        services.retain(|service| mappings.find(service).is_none() && is_alone(service));
        for service in services {
            let of_name = applications.iter().find(|application| application.name == service.name);
            let Some((application, instance)) =
                of_name.and_then(|found| Some((found, found.instances.first()?)))
            else {
                continue;
            };
            let ids = json!({"appId": application.id, "instanceId": instance.id}).to_string();
            tracing::info!(
                "No mapping found for service '{}' in namespace '{}', but the platform has an application of this name. To use it, put into serviceMappings: \"{service}\": {}",
                service.name,
                service.namespace,
                printable(ids.as_bytes()),
            );
            self.said.insert(service);
        }
    }
}
