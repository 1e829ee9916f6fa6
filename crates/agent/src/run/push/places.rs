//! The place of this node among those that run a Service, as Kubernetes lists them: who adds, who onboards.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use identify::ServiceName;
use tokio::time::timeout;

use crate::run::shared::Shared;

/// How old an order may be.
pub(super) const KEPT: Duration = Duration::from_secs(600);
/// How old it may be where something is made that cannot be removed again.
pub(super) const FRESH: Duration = Duration::from_secs(30);
/// How many orders are kept; beyond it all are asked for again.
const MAX_KEPT: usize = 10_000;
/// How long the API server may take: what is to be pushed waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long it is not asked again after it did not answer.
const PAUSE: Duration = Duration::from_secs(30);
/// The place of a node that cannot know it: not the first.
const UNKNOWN: usize = 1;

/// What is known of the orders.
#[derive(Default)]
pub(super) struct Places {
    known: HashMap<ServiceName, (Vec<String>, Instant)>,
    failed: Option<Instant>,
}

impl Places {
    /// The place of this node, 0 for the first. Where no ready server is listed there is nobody else: `alone` is its
    /// place then.
    pub(super) async fn of(
        &mut self,
        shared: &Shared,
        service: &ServiceName,
        age: Duration,
        alone: usize,
    ) -> usize {
        let Some((server, node)) = shared.view.server() else { return 0 };
        let known = self.known.get(service).filter(|(_, at)| at.elapsed() < age);
        let nodes = match known {
            Some((nodes, _)) => nodes,
            None => {
                let away = self.failed.is_some_and(|at| at.elapsed() < PAUSE);
                let Some(server) = server.filter(|_| !away) else { return UNKNOWN };
                match timeout(PATIENCE, server.nodes(service)).await {
                    Ok(Ok(nodes)) => {
                        if self.known.len() >= MAX_KEPT {
                            self.known.clear();
                        }
                        self.failed = None;
                        let entry = self.known.entry(service.clone()).insert_entry((nodes, Instant::now()));
                        &entry.into_mut().0
                    }
                    refused => {
                        let why = match refused {
                            Ok(Err(error)) => error.to_string(),
                            _ => "no answer in time".to_owned(),
                        };
                        tracing::warn!(
                            "Kubernetes: which nodes run {service} cannot be told ({why}); this one waits for the others"
                        );
                        self.failed = Some(Instant::now());
                        return UNKNOWN;
                    }
                }
            }
        };
        match nodes.iter().position(|other| *other == node) {
            Some(place) => place,
            None if nodes.is_empty() => alone,
            None => nodes.len(),
        }
    }
}
