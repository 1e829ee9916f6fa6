//! How the agent is doing: for `status` and, as numbers, for metrics.

use decode::Timestamp;
use identify::{Directory, ServiceName};
use inventory::EndpointKey;
use push::LastError;
use redact::printable;
use serde::{Deserialize, Serialize};
use store::{KeptInventory, Losses, StoreStatus};

use super::errors;
use super::mappings::{self, MappingLine};
use super::tls::{self, TlsLine};
use crate::config::covers;
use crate::report::{ServiceLine, Table, ago, clock};
use crate::run::generation::Generation;
use crate::run::nameless::Nameless;
use crate::run::push::key;
use crate::run::shared::Shared;

/// How the agent is doing.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) uptime_seconds: u64,
    /// What is in force, and how far each part has taken that in.
    pub(crate) generation: Generation,
    /// Errors that someone has to do something about.
    pub(crate) errors: Vec<String>,
    pub(crate) services: Vec<ServiceLine>,
    /// Servers that are asked and belong to no known Service, with their requests.
    pub(crate) unknown_servers: Vec<(String, u64)>,
    /// The pods of this node that no Service selects.
    #[serde(default)]
    pub(crate) unselected_pods: Vec<String>,
    /// The accounts, one line each.
    pub(crate) accounts: Vec<String>,
    pub(crate) balanced: bool,
    /// Request bodies that gave no example, by reason; empty when there are none.
    pub(crate) bodies_without_example: Vec<(String, u64)>,
    /// Body examples that were given up, by reason; empty when there are none.
    #[serde(default)]
    pub(crate) body_examples_dropped: Vec<(String, u64)>,
    /// Endpoints that lack the body example that they had, until the next one comes.
    #[serde(default)]
    pub(crate) body_examples_missing: usize,
    /// How traffic is captured.
    pub(crate) capture: String,
    pub(crate) frames: u64,
    pub(crate) kernel_drops: u64,
    /// Whether capture sees the agent's own requests.
    pub(crate) canary: String,
    /// How the reading of TLS does; empty where nobody asked for it.
    #[serde(default)]
    pub(crate) tls: Vec<TlsLine>,
    pub(crate) connections: usize,
    pub(crate) connection_memory_bytes: usize,
    pub(crate) inventory_memory_bytes: usize,
    pub(crate) queue: usize,
    pub(crate) store: String,
    /// Where the names of Services come from.
    pub(crate) names: String,
    pub(crate) platform: String,
    pub(crate) key: String,
    /// Where Services go, and how that stands.
    pub(crate) mappings: Vec<MappingLine>,
    /// What waits to be pushed.
    pub(crate) outbox: OutboxLine,
    /// What the platform could not take; the first hundred.
    pub(crate) set_aside: Vec<SetAsideLine>,
    /// The last calls that failed, newest first.
    pub(crate) last_errors: Vec<ErrorLine>,
    /// Literals on the platform that templates superseded; the first hundred. There is no call to remove them.
    pub(crate) superseded: Vec<String>,
}

/// What waits to be pushed.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct OutboxLine {
    pub(crate) waiting: usize,
    /// For how long the oldest of it has waited, in seconds.
    pub(crate) oldest_seconds: Option<u64>,
    pub(crate) set_aside: usize,
    pub(crate) superseded: usize,
}

/// An endpoint that the platform could not take.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SetAsideLine {
    pub(crate) service: String,
    pub(crate) endpoint: String,
    pub(crate) reason: String,
}

/// A call that failed.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ErrorLine {
    pub(crate) seconds_ago: u64,
    pub(crate) text: String,
}

/// At most so many endpoints are listed one by one.
const LISTED: usize = 100;

impl Status {
    /// Asks all parts.
    pub(in crate::run) fn gather(shared: &Shared) -> Status {
        let now = clock();
        let worker = shared.capture.report();
        let mapped = shared.names.mappings();
        let instance_of = || shared.names.instance_of();
        let (owners, outbox, totals, memory, missing, store) = shared.learned.read(|inventory| {
            let outbox = inventory.outbox(now, instance_of(), LISTED);
            let (owners, missing) = (inventory.owners(now, instance_of()), inventory.bodies_missing());
            (owners, outbox, *inventory.totals(), inventory.memory(), missing, store(inventory))
        });
        let push = shared.push.status();
        let is_mapped = |name: &ServiceName| mapped.find(name).is_some();
        let mut services = ServiceLine::all(&owners, &worker.coverage, true, is_mapped);
        let directory = shared.names.directory();
        for key in mapped.keys() {
            let known = |line: &ServiceLine| names(key, &line.service);
            if !services.iter().any(known) {
                services.push(silent(key, &directory));
            }
        }
        services.sort_by(|a, b| (!a.mapped, &a.service).cmp(&(!b.mapped, &b.service)));
        let nameless = worker.coverage.nameless_servers();
        let nameless = nameless.filter(|(server, _)| Nameless::of(shared, *server) != Nameless::OfTheNode);
        let mut unknown: Vec<_> = nameless.map(|(server, count)| (server.to_string(), count)).collect();
        unknown.sort_by_key(|(server, count)| (std::cmp::Reverse(*count), server.clone()));
        Status {
            version: env!("CARGO_PKG_VERSION").into(),
            uptime_seconds: shared.started.elapsed().as_secs(),
            generation: shared.generations.show(),
            errors: errors::all(shared, &worker.missing),
            services,
            unknown_servers: unknown,
            unselected_pods: directory.all_unselected().into_iter().map(str::to_owned).collect(),
            balanced: worker.accounts.balanced(),
            bodies_without_example: nonzero(&totals.unopened.ways()),
            body_examples_dropped: nonzero(&totals.dropped.ways()),
            body_examples_missing: missing,
            accounts: worker.accounts.to_string().lines().map(str::to_owned).collect(),
            capture: shared.capture.how().to_owned(),
            frames: worker.capture.frames,
            kernel_drops: worker.capture.kernel_drops,
            canary: shared.canary.shown(),
            tls: tls::lines(shared),
            connections: worker.connections,
            connection_memory_bytes: worker.memory,
            inventory_memory_bytes: memory,
            queue: shared.queue.len(),
            store,
            names: shared
                .view
                .source(shared.names.directory().services().len(), shared.capture.targets().named()),
            platform: platform(shared, now),
            key: key::shown(shared),
            mappings: mappings::lines(shared),
            outbox: OutboxLine {
                waiting: outbox.waiting,
                oldest_seconds: outbox.oldest.map(|at| now.saturating_since(at).as_secs()),
                set_aside: outbox.set_aside_count,
                superseded: outbox.superseded_count,
            },
            set_aside: outbox.set_aside.iter().map(set_aside).collect(),
            last_errors: push.last_errors.iter().rev().map(|error| ErrorLine::new(error, now)).collect(),
            superseded: outbox.superseded.iter().map(|path| shown(path)).collect(),
        }
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new(&ServiceLine::HEADS);
        self.services.iter().for_each(|line| table.row(line.cells()));
        let mut text = String::new();
        for error in &self.errors {
            text.push_str(&format!("ERROR: {error}\n"));
        }
        if table.is_empty() {
            text.push_str("No Service was seen yet.\n");
        } else {
            text.push_str(&table.to_string());
        }
        for (server, requests) in self.unknown_servers.iter().take(10) {
            text.push_str(&format!("unknown service at {server}: {requests} requests\n"));
        }
        if !self.unselected_pods.is_empty() {
            let first: Vec<&str> = self.unselected_pods.iter().take(5).map(String::as_str).collect();
            let (count, first) = (self.unselected_pods.len(), first.join(", "));
            let more = if count > 5 { ", ..." } else { "" };
            text.push_str(&format!("pods on this node that no Service selects: {count} ({first}{more})\n"));
        }
        text.push_str(&self.lists());
        text.push_str(&format!("names        {}\n", self.names));
        text.push_str(&format!("platform     {}\nkey          {}\n", self.platform, self.key));
        let oldest = self.outbox.oldest_seconds.map(|seconds| format!(", the oldest for {seconds} s"));
        let OutboxLine { waiting, set_aside, superseded, .. } = self.outbox;
        text.push_str(&format!(
            "outbox       {waiting} waiting{}, {set_aside} set aside, {superseded} superseded\n",
            oldest.unwrap_or_default()
        ));
        text.push_str(&format!("store        {}\nqueue        {} waiting\n", self.store, self.queue));
        text.push_str(&format!(
            "capture      {}; {} frames, {} dropped by the kernel, {} connections\n",
            self.capture, self.frames, self.kernel_drops, self.connections
        ));
        text.push_str(&format!("canary       {}\n", self.canary));
        for line in &self.tls {
            text.push_str(&format!("https        {}\n", line.text));
        }
        for line in &self.accounts {
            text.push_str(line);
            text.push('\n');
        }
        if !self.bodies_without_example.is_empty() {
            let reasons = listed(&self.bodies_without_example);
            text.push_str(&format!("bodies       without an example: {reasons}\n"));
        }
        if !self.body_examples_dropped.is_empty() || self.body_examples_missing > 0 {
            let (missing, reasons) = (self.body_examples_missing, listed(&self.body_examples_dropped));
            text.push_str(&format!(
                "bodies       {missing} endpoints wait for another; given up: {reasons}\n"
            ));
        }
        text.push_str(&format!("in force     {}\n", self.generation));
        text.push_str(&format!("up           {} s, version {}\n", self.uptime_seconds, self.version));
        text
    }
}

/// Returns reasons with their counts as a list in a line.
fn listed(reasons: &[(String, u64)]) -> String {
    match reasons {
        [] => "none since the start".into(),
        _ => reasons.iter().map(|(why, count)| format!("{count} {why}")).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the reasons that there were, with their counts.
fn nonzero(ways: &[(&str, u64)]) -> Vec<(String, u64)> {
    ways.iter().filter(|way| way.1 > 0).map(|(why, count)| ((*why).to_owned(), *count)).collect()
}

impl Status {
    /// Returns what is told one by one: mappings that are not simply in force, what was set aside, the last errors.
    fn lists(&self) -> String {
        let mut text = String::new();
        for line in
            self.mappings.iter().filter(|line| line.source != "configuration" || line.state != "in force")
        {
            let place = match line.application.as_str() {
                "" => String::new(),
                app => format!(" -> {app}/{}", line.instance),
            };
            text.push_str(&format!("mapping      {}{place} ({}): {}\n", line.name, line.source, line.state));
        }
        for SetAsideLine { service, endpoint, reason } in &self.set_aside {
            text.push_str(&format!("set aside    {endpoint} of {service}: {reason}\n"));
        }
        let more = self.outbox.set_aside.saturating_sub(self.set_aside.len());
        if more > 0 {
            text.push_str(&format!("set aside    {more} more\n"));
        }
        if self.outbox.set_aside > 0 {
            text.push_str("             to try again: traffic-monitor retry [PATH|SERVICE]\n");
        }
        for error in &self.last_errors {
            text.push_str(&format!("last error   {} s ago: {}\n", error.seconds_ago, error.text));
        }
        text
    }
}

impl ErrorLine {
    fn new(error: &LastError, now: Timestamp) -> ErrorLine {
        let seconds_ago = now.saturating_since(error.at).as_secs();
        ErrorLine { seconds_ago, text: shown(&error.text) }
    }
}

fn set_aside((key, reason): &(EndpointKey, String)) -> SetAsideLine {
    SetAsideLine {
        service: key.owner.to_string(),
        endpoint: shown(&format!("{} {}", key.method, key.template)),
        reason: shown(reason),
    }
}

fn shown(text: &str) -> String {
    printable(text.as_bytes()).into_owned()
}

/// Returns the line of a mapping whose Service was not asked. In a cluster it may have no pod here, or not be there at all.
fn silent(key: &str, directory: &Directory) -> ServiceLine {
    let service = printable(key.as_bytes()).into_owned();
    let is_known = directory.sees_cluster() && !directory.services().is_empty();
    let meant: Vec<_> = directory.services().iter().filter(|service| covers(key, service)).collect();
    let why = match meant.iter().any(|service| directory.has_pod_of(service)) {
        false if is_known && meant.is_empty() => "mapped, and the cluster has no such Service",
        false if is_known => "mapped, and its selector matches no pod on this node",
        _ => "mapped, no traffic seen",
    };
    ServiceLine { mapped: true, why: why.into(), ..ServiceLine::empty(service) }
}

/// Returns whether a mapping key can mean the Service `namespace/name`.
fn names(key: &str, service: &str) -> bool {
    let (namespace, name) = service.split_once('/').unwrap_or(("", service));
    covers(key, &ServiceName { namespace: namespace.into(), name: name.into() })
}

fn store(inventory: &KeptInventory) -> String {
    let Losses { salvaged, lost } = inventory.losses();
    let damage = match salvaged + lost {
        0 => String::new(),
        _ => format!("; it was damaged: {salvaged} records were salvaged, {lost} values lost"),
    };
    format!("{}{damage}", store_stands(inventory))
}

fn store_stands(inventory: &KeptInventory) -> String {
    let unsaved = inventory.unsaved();
    match inventory.store_status() {
        Some(StoreStatus::Open) => {
            let bytes = inventory.store_bytes().unwrap_or(0) >> 10;
            let limit = inventory.store_max_bytes().unwrap_or(0) >> 20;
            format!(
                "open, {bytes} KiB of at most {limit} MiB; {unsaved} endpoints with changes to be written"
            )
        }
        Some(StoreStatus::Away(why) | StoreStatus::Refused(why)) => {
            format!("in memory only: {why}; {unsaved} endpoints with changes to be written")
        }
        None => "in memory only".into(),
    }
}

fn platform(shared: &Shared, now: Timestamp) -> String {
    if let Some(why) = shared.push.shows_only() {
        return format!("nothing is sent, only shown ({why})");
    }
    let push = shared.push.status();
    let calls: u64 = push.calls.values().sum();
    let mut text = format!("{calls} calls, last success {}", ago(push.last_success, now));
    if let Some(pause) = &push.key_paused {
        text.push_str(&format!("; everything is paused: {}", pause.reason));
    }
    for (instance, pause) in &push.paused {
        text.push_str(&format!("; paused {}/{}: {}", instance.app, instance.instance, pause.reason));
    }
    if let Some(error) = &push.last_error {
        text.push_str(&format!("; last error {}: {}", ago(Some(error.at), now), error.text));
    }
    text
}
