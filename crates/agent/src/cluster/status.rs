//! `status --cluster`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::together::{Agent, SilentAgent, Together};
use crate::report::{ServiceLine, Table, plural, span};

/// The state of all agents.
#[derive(Serialize)]
pub(super) struct ClusterStatus {
    services: Vec<ServiceLine>,
    agents: Vec<AgentLine>,
    /// The agents that did not answer.
    silent: Vec<SilentAgent>,
    /// Differences between nodes that should have the same.
    differences: Vec<String>,
    /// Errors that someone has to do something about, each with the nodes that have it.
    errors: Vec<ErrorOfNodes>,
    /// Servers that are asked and belong to no known Service, with their requests.
    unknown_servers: Vec<(String, u64)>,
}

/// An agent.
#[derive(Serialize)]
struct AgentLine {
    node: String,
    pod: String,
    version: String,
    uptime_seconds: u64,
    requests: u64,
    waiting: usize,
    set_aside: usize,
    frames: u64,
    kernel_drops: u64,
    connections: usize,
    errors: usize,
    capture: String,
}

#[derive(Serialize)]
struct ErrorOfNodes {
    error: String,
    nodes: Vec<String>,
}

/// The most nodes that are named.
const NAMED: usize = 3;
/// The most servers without a name that are shown.
const SERVERS: usize = 10;

impl ClusterStatus {
    pub(super) fn of(together: Together) -> ClusterStatus {
        let services = together.services();
        let unknown = together.unseen.nameless.iter().map(|line| (line.server.clone(), line.requests));
        let unknown_servers = unknown.collect();
        let errors =
            by_text(together.agents.iter().flat_map(|agent| {
                agent.status.errors.iter().map(|error| (error.clone(), agent.node.clone()))
            }));
        ClusterStatus {
            services,
            differences: differences(&together.agents),
            errors: errors.into_iter().map(|(error, nodes)| ErrorOfNodes { error, nodes }).collect(),
            unknown_servers,
            agents: together.agents.iter().map(AgentLine::new).collect(),
            silent: together.silent,
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for ErrorOfNodes { error, nodes } in &self.errors {
            text.push_str(&format!("ERROR: {error} ({})\n", named(nodes)));
        }
        let by_reason = by_text(self.silent.iter().map(|one| (one.why.clone(), one.node.clone())));
        for (why, nodes) in by_reason {
            text.push_str(&format!("ERROR: no answer of {}: {why}\n", named(&nodes)));
        }
        for difference in &self.differences {
            text.push_str(&format!("WARN: {difference}\n"));
        }
        text.push_str(&services(&self.services));
        for (server, requests) in self.unknown_servers.iter().take(SERVERS) {
            text.push_str(&format!("unknown service at {server}: {requests} requests\n"));
        }
        let (answered, all) = (self.agents.len(), self.agents.len() + self.silent.len());
        text.push_str(&format!("\n{answered} of {} answered\n", plural(all, "agent")));
        text.push_str(&agents(&self.agents));
        text
    }
}

fn services(lines: &[ServiceLine]) -> String {
    if lines.is_empty() {
        return "No Service was seen yet.\n".into();
    }
    let mut table = Table::new(&ServiceLine::HEADS);
    lines.iter().for_each(|line| table.row(line.cells()));
    table.to_string()
}

fn agents(lines: &[AgentLine]) -> String {
    let heads = ["NODE", "VERSION", "UP", "REQUESTS", "WAITING", "FRAMES", "DROPPED", "ERRORS", "CAPTURE"];
    let mut table = Table::new(&heads);
    for line in lines {
        table.row([
            line.node.clone(),
            line.version.clone(),
            span(Duration::from_secs(line.uptime_seconds)),
            line.requests.to_string(),
            line.waiting.to_string(),
            line.frames.to_string(),
            line.kernel_drops.to_string(),
            line.errors.to_string(),
            line.capture.clone(),
        ]);
    }
    table.to_string()
}

impl AgentLine {
    fn new(agent: &Agent) -> AgentLine {
        let Agent { node, pod, status, requests } = agent;
        AgentLine {
            node: node.clone(),
            pod: pod.clone(),
            version: status.version.clone(),
            uptime_seconds: status.uptime_seconds,
            requests: *requests,
            waiting: status.outbox.waiting,
            set_aside: status.outbox.set_aside,
            frames: status.frames,
            kernel_drops: status.kernel_drops,
            connections: status.connections,
            errors: status.errors.len(),
            capture: status.capture.clone(),
        }
    }
}

/// Returns each text once, with the nodes that say it.
fn by_text(said: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (text, node) in said {
        by_text.entry(text).or_default().push(node);
    }
    by_text
}

/// Says which agents have another version, or other mappings, than most.
fn differences(agents: &[Agent]) -> Vec<String> {
    let versions = odd_ones(agents, |agent| format!("version {}", agent.status.version));
    let mappings = odd_ones(agents, |agent| {
        let configured = agent.status.mappings.iter().filter(|line| line.source == "configuration");
        let mut all: Vec<_> = configured
            .map(|line| format!("{} -> {}/{}", line.name, line.application, line.instance))
            .collect();
        all.sort_unstable();
        format!("mappings {}", if all.is_empty() { "none".into() } else { all.join(", ") })
    });
    versions.into_iter().chain(mappings).collect()
}

/// Returns a sentence for each group of agents that say something else than the largest group.
fn odd_ones(agents: &[Agent], say: impl Fn(&Agent) -> String) -> Vec<String> {
    let groups = by_text(agents.iter().map(|agent| (say(agent), agent.node.clone())));
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, nodes)| std::cmp::Reverse(nodes.len()));
    let usual = groups.first().map(|(text, _)| text.clone()).unwrap_or_default();
    let others = groups.into_iter().skip(1);
    others.map(|(text, nodes)| format!("{} has {text}; most have {usual}", named(&nodes))).collect()
}

fn named(nodes: &[String]) -> String {
    let first: Vec<&str> = nodes.iter().take(NAMED).map(String::as_str).collect();
    match nodes.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        others => format!("{} and {}", first.join(", "), plural(others, "other node")),
    }
}
