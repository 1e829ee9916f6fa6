//! What all agents say, as one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kubernetes::PodName;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::report::{Listed, Listing, ServiceLine, Unseen};
use crate::run::Status;

/// The answers of one agent to three questions.
#[derive(Deserialize)]
pub(super) struct Said(pub(super) Status, pub(super) Unseen, pub(super) Listing);

/// The answers of all agents.
#[derive(Default)]
pub(crate) struct Together {
    /// Those that answered, with what they say of themselves.
    pub(crate) agents: Vec<Agent>,
    /// Those that did not.
    pub(crate) silent: Vec<SilentAgent>,
    pub(crate) unseen: Unseen,
    endpoints: HashMap<String, Listed>,
    left_out: usize,
    services: BTreeMap<String, Notes>,
}

/// An agent that answered.
pub(crate) struct Agent {
    pub(crate) node: String,
    pub(crate) pod: String,
    pub(crate) status: Status,
    /// The requests that it saw of Services.
    pub(crate) requests: u64,
}

/// An agent that did not answer.
#[derive(Debug, Serialize)]
pub(crate) struct SilentAgent {
    pub(crate) node: String,
    pub(crate) pod: String,
    pub(crate) why: String,
}

/// The notes of agents about a Service, each once.
#[derive(Default)]
struct Notes {
    mapped: bool,
    unreadable: BTreeSet<String>,
    why: BTreeSet<String>,
}

impl Together {
    /// Takes in what an agent says.
    pub(super) fn add(&mut self, pod: &PodName, said: Said) {
        let Said(mut status, unseen, listing) = said;
        let mut requests = 0_u64;
        for line in std::mem::take(&mut status.services) {
            requests = requests.saturating_add(line.requests);
            let notes = self.services.entry(line.service).or_default();
            notes.mapped |= line.mapped;
            notes.unreadable.extend(Some(line.unreadable).filter(|text| !text.is_empty()));
            notes.why.extend(Some(line.why).filter(|text| !text.is_empty() && text != "-"));
        }
        self.unseen.join(unseen);
        self.left_out += listing.left_out;
        for one in listing.endpoints {
            match self.endpoints.get_mut(&one.id) {
                Some(known) => known.join(one),
                None => drop(self.endpoints.insert(one.id.clone(), one)),
            }
        }
        self.agents.push(Agent { node: node(pod), pod: pod.name.clone(), status, requests });
    }

    /// Takes note of an agent that does not answer.
    pub(super) fn silent(&mut self, pod: &PodName, why: String) {
        self.silent.push(SilentAgent { node: node(pod), pod: pod.name.clone(), why });
    }

    /// Puts it in order.
    ///
    /// # Errors
    /// Nobody answered.
    pub(super) fn finish(mut self) -> Result<Together, Failure> {
        self.agents.sort_by(|a, b| (&a.node, &a.pod).cmp(&(&b.node, &b.pod)));
        self.silent.sort_by(|a, b| (&a.node, &a.pod).cmp(&(&b.node, &b.pod)));
        match (&self.agents[..], &self.silent[..]) {
            ([], [first, others @ ..]) => Err(Failure::new(format!(
                "none of {} agents answered; that of {}: {}",
                others.len() + 1,
                first.node,
                first.why
            ))),
            _ => Ok(self),
        }
    }

    /// Returns a line for each Service: its endpoints united, and counted where they stand furthest.
    pub(crate) fn services(&self) -> Vec<ServiceLine> {
        let mut lines: BTreeMap<&str, ServiceLine> = BTreeMap::new();
        for one in self.endpoints.values() {
            let line = lines.entry(one.service()).or_insert_with(|| ServiceLine::empty(one.service().into()));
            line.count(one);
        }
        for (service, notes) in &self.services {
            let line = lines.entry(service).or_insert_with(|| ServiceLine::empty(service.clone()));
            line.mapped = notes.mapped;
            line.unreadable = joined(&notes.unreadable);
            line.why = if notes.why.is_empty() { "-".into() } else { joined(&notes.why) };
        }
        let mut lines: Vec<_> = lines.into_values().collect();
        lines.sort_by(|a, b| (!a.mapped, &a.service).cmp(&(!b.mapped, &b.service)));
        lines
    }

    /// Returns the endpoints, each once.
    pub(crate) fn listing(&self) -> Listing {
        let mut endpoints: Vec<_> = self.endpoints.values().cloned().collect();
        endpoints.sort_by(|a, b| a.id.cmp(&b.id));
        Listing { endpoints, left_out: self.left_out }
    }

    /// Returns what the agents say of themselves, with their nodes.
    pub(crate) fn nodes(&self) -> Vec<Value> {
        let of = |agent: &Agent| {
            let mut value = serde_json::to_value(&agent.status).unwrap_or_default();
            value["node"] = agent.node.clone().into();
            value["pod"] = agent.pod.clone().into();
            value
        };
        self.agents.iter().map(of).collect()
    }
}

/// Returns the node of a pod, or its name where none runs it yet.
fn node(pod: &PodName) -> String {
    if pod.node.is_empty() { format!("(no node, pod {})", pod.name) } else { pod.node.clone() }
}

/// The most different notes that are shown.
const SHOWN: usize = 3;

fn joined(notes: &BTreeSet<String>) -> String {
    let first: Vec<&str> = notes.iter().take(SHOWN).map(String::as_str).collect();
    match notes.len().saturating_sub(SHOWN) {
        0 => first.join("; "),
        more => format!("{}; and {more} more", first.join("; ")),
    }
}
