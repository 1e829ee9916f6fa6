//! Why something is, or is not, on the platform.

use serde::{Deserialize, Serialize};

use super::shared::{Shared, lock};
use super::status;
use crate::report::{Row, clock, explained};

/// The most endpoints that an answer has.
const MAX_ROWS: usize = 1_000;

/// The answer.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Explanation {
    /// The endpoints that were meant.
    pub(crate) endpoints: Vec<Row>,
    /// What else has to do with it.
    pub(crate) notes: Vec<String>,
}

impl Explanation {
    /// Looks for an answer.
    pub(crate) fn find(shared: &Shared, subject: &str) -> Explanation {
        let now = clock();
        let endpoints = {
            let inventory = lock(&shared.inventory);
            let found = inventory.find(subject).into_iter().take(MAX_ROWS);
            found
                .map(|endpoint| Row::new(endpoint, &inventory.state(endpoint, now, shared.instance_of())))
                .collect()
        };
        let mut notes = Vec::new();
        let worker = lock(&shared.worker);
        for (server, requests) in worker.coverage.nameless_servers() {
            if server.to_string() == subject || server.ip().to_string() == subject {
                notes.push(format!(
                    "{server} had {requests} requests and belongs to no known Service: add it to the services file"
                ));
            }
        }
        for (owner, tally) in worker.coverage.owners() {
            let name = owner.to_string();
            if name == subject || name.ends_with(&format!("/{subject}")) {
                if !tally.unreadable.is_empty() {
                    notes.push(format!("{name} has connections that cannot be read: {tally}"));
                }
                notes.extend(tally.older().map(|older| format!("{name} has {older}")));
            }
        }
        notes.extend(status::errors(shared, &worker.missing));
        Explanation { endpoints, notes }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = explained(&self.endpoints, clock());
        if self.endpoints.is_empty() {
            text.push_str("No endpoint like this was seen. Was there a request since the agent started, to a Service that it knows (see `traffic-monitor status`)?\n");
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}
