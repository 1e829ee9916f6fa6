//! Endpoints as the page lists them: all of them, each with what a table shows and filters.

use decode::Timestamp;
use inventory::{Endpoint, Inventory, State};
use redact::{Labels, Owner, Shapes, printable};
use serde::{Deserialize, Serialize};

/// At most so many endpoints are listed: the most that a store's file has room for are fewer.
pub(crate) const MAX_LISTED: usize = 100_000;

/// Endpoints as they are listed.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Listing {
    pub(crate) endpoints: Vec<Listed>,
    /// How many there was no room for.
    pub(crate) left_out: usize,
}

/// An endpoint as it is listed. All text is escaped or redacted already.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Listed {
    /// By this it is asked for.
    pub(crate) id: String,
    /// `namespace/name`, or the server's address.
    service: String,
    /// Whether the Service could be named.
    named: bool,
    method: String,
    path: String,
    requests: u64,
    /// How often each status code was seen.
    statuses: Vec<(u16, u64)>,
    unanswered: u64,
    /// The number of query parameters.
    query: usize,
    /// How it is called, if it is a method of gRPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calls: Option<String>,
    /// The number of operations that its requests ask for beside its URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operations: Option<usize>,
    /// `open`, `protected`, `optional`, `used` or `unknown`.
    protection: String,
    /// The kinds of credentials that requests carried.
    credentials: Vec<String>,
    /// The kinds of sensitive data in what it takes and gives.
    labels: Vec<String>,
    /// Severity and kind of what a security engineer should look at: `high works-without-credentials`.
    findings: Vec<String>,
    /// In seconds since the Unix epoch; 0 for never.
    first_seen: u64,
    /// In seconds since the Unix epoch; 0 for never.
    last_seen: u64,
    /// One word.
    state: String,
}

/// Protections, those first that say most: one request that succeeded without credentials shows more than all with them.
const PROTECTIONS: [&str; 5] = ["open", "optional", "protected", "used", "unknown"];

/// Returns the place of a word; that of an unknown one is the last.
fn rank(words: &[&str], word: &str) -> usize {
    words.iter().position(|known| *known == word).unwrap_or(words.len())
}

fn unite(words: &mut Vec<String>, others: Vec<String>) {
    words.extend(others);
    words.sort_unstable();
    words.dedup();
}

/// Returns the endpoint with this id.
pub(crate) fn with_id<'a>(inventory: &'a Inventory, id: &str) -> Option<&'a Endpoint> {
    let number = u64::from_str_radix(id, 16).ok()?;
    inventory.endpoints().find(|endpoint| endpoint.key.number() == number)
}

/// Returns the id by which an endpoint is asked for.
fn id(endpoint: &Endpoint) -> String {
    format!("{:016x}", endpoint.key.number())
}

/// States in which endpoints stand, those first that are further on their way to the platform.
const STATES: [&str; 14] = [
    "verified",
    "covered",
    "pushed",
    "updating",
    "removed",
    "set aside",
    "waiting",
    "settling",
    "undecided",
    "unconfirmed",
    "wall",
    "noise",
    "unmapped",
    "overflow",
];

impl Listed {
    /// Takes in what another agent says of the same endpoint: what was seen adds up, the state is that of whom it stands
    /// furthest with.
    pub(crate) fn join(&mut self, other: Listed) {
        self.requests = self.requests.saturating_add(other.requests);
        self.unanswered = self.unanswered.saturating_add(other.unanswered);
        for (status, count) in other.statuses {
            match self.statuses.iter_mut().find(|(known, _)| *known == status) {
                Some((_, known)) => *known = known.saturating_add(count),
                None => self.statuses.push((status, count)),
            }
        }
        self.statuses.sort_unstable();
        self.query = self.query.max(other.query);
        self.calls = self.calls.take().or(other.calls);
        self.operations = self.operations.max(other.operations);
        // One that was asked without and with credentials is what the weaker says.
        if rank(&PROTECTIONS, &other.protection) < rank(&PROTECTIONS, &self.protection) {
            self.protection = other.protection;
        }
        unite(&mut self.credentials, other.credentials);
        unite(&mut self.labels, other.labels);
        unite(&mut self.findings, other.findings);
        self.first_seen = match (self.first_seen, other.first_seen) {
            (0, time) | (time, 0) => time,
            (one, two) => one.min(two),
        };
        self.last_seen = self.last_seen.max(other.last_seen);
        if rank(&STATES, &other.state) < rank(&STATES, &self.state) {
            self.state = other.state;
        }
    }

    /// Returns its Service, or its server's address.
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// Returns the number of its requests.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns the word for where it stands.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// The line of an endpoint that stands where `state` says.
    pub(crate) fn new(endpoint: &Endpoint, state: &State) -> Listed {
        let (key, record) = (&endpoint.key, &endpoint.record);
        let shown = |text: &str| printable(text.as_bytes()).into_owned();
        let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_secs);
        let credentials = record.auth.seen().filter(|seen| !seen.credentials.is_none());
        let labels = endpoint.shapes().map(Shapes::labels).unwrap_or_default();
        let findings = endpoint.findings();
        Listed {
            id: id(endpoint),
            service: shown(&key.owner.to_string()),
            named: matches!(key.owner, Owner::Service(_)),
            method: shown(&key.method),
            path: shown(&key.template),
            requests: record.counts.requests,
            statuses: endpoint.statuses().collect(),
            unanswered: record.counts.unanswered,
            query: record.details.query_names().len(),
            calls: record.details.calls.map(|calls| calls.to_string()),
            operations: Some(record.operations.len()).filter(|operations| *operations > 0),
            protection: record.auth.protection().label().into(),
            credentials: credentials.map(|seen| seen.credentials.to_string()).collect(),
            labels: Labels::iter(labels).map(|label| label.name().to_owned()).collect(),
            findings: findings
                .iter()
                .map(|one| format!("{} {}", one.severity.name(), one.kind.name()))
                .collect(),
            first_seen: seconds(record.counts.first),
            last_seen: seconds(record.counts.last),
            state: state.label().into(),
        }
    }
}
