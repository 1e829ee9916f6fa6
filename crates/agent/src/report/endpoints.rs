//! Endpoints as rows: for `replay`, `status` and `explain`.

use std::collections::BTreeMap;
use std::time::Duration;

use decode::Timestamp;
use identify::ServiceName;
use inventory::{Endpoint, Finding, Instance, Inventory, State};
use redact::{Owner, Shapes, printable};
use serde::{Deserialize, Serialize};

use super::auth::AuthRow;
use super::example::ExampleRow;
use super::operations::OperationRows;
use super::{Table, ago};

/// An endpoint as it is printed. All text is escaped or redacted already.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    /// `namespace/name`, if the Service could be named.
    service: Option<String>,
    /// The server's address, if it could not.
    server: Option<String>,
    method: String,
    path: String,
    requests: u64,
    /// How often each status code was seen.
    statuses: BTreeMap<u16, u64>,
    /// Requests without an answer.
    unanswered: u64,
    query: Vec<String>,
    headers: Vec<String>,
    request_types: Vec<String>,
    response_types: Vec<String>,
    /// How a method of gRPC is called: `unary`, `server streaming, compressed`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calls: Option<String>,
    /// What its requests ask for beside its URL, the most frequent first.
    #[serde(flatten)]
    operations: OperationRows,
    /// What parameters, requests and responses look like, as schemas, where that was asked and something is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shapes: Option<serde_json::Value>,
    /// How it is protected.
    #[serde(default)]
    auth: AuthRow,
    /// What a security engineer should look at.
    #[serde(default)]
    findings: Vec<Finding>,
    /// In seconds since the Unix epoch; 0 for never.
    first_seen: u64,
    /// In seconds since the Unix epoch; 0 for never.
    last_seen: u64,
    /// For how many days it was not seen, if that is long enough to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unseen_days: Option<u64>,
    /// One word.
    state: String,
    /// One sentence.
    reason: String,
    /// Why the body example that it had is missing, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_missing: Option<String>,
    /// A sentence for each step of the path, what it is and why, where that was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    /// A request, where that was asked and one is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    example: Option<ExampleRow>,
}

impl Row {
    /// The row of an endpoint that stands where `state` says.
    pub(crate) fn new(endpoint: &Endpoint, state: &State) -> Row {
        let (key, counts, details) = (&endpoint.key, &endpoint.record.counts, &endpoint.record.details);
        let (service, server) = match &key.owner {
            Owner::Service(name) => (Some(name.to_string()), None),
            Owner::Address(address) => (None, Some(address.to_string())),
        };
        let shown = |text: &str| printable(text.as_bytes()).into_owned();
        Row {
            service,
            server,
            method: shown(&key.method),
            path: shown(&key.template),
            requests: counts.requests,
            statuses: endpoint.statuses().collect(),
            unanswered: counts.unanswered,
            query: details.query_names().into_iter().map(shown).collect(),
            headers: details.header_names().into_iter().map(shown).collect(),
            request_types: details.request_types.iter().map(shown).collect(),
            response_types: details.response_types.iter().map(shown).collect(),
            calls: details.calls.map(|calls| calls.to_string()),
            operations: OperationRows::of(&endpoint.record.operations),
            shapes: None,
            auth: AuthRow::new(&endpoint.record.auth),
            findings: endpoint.findings().into_iter().map(printed).collect(),
            first_seen: counts.first.map_or(0, Timestamp::as_secs),
            last_seen: counts.last.map_or(0, Timestamp::as_secs),
            unseen_days: None,
            state: state.label().into(),
            reason: state.to_string(),
            body_missing: details.body_dropped.map(|why| why.reason().to_owned()),
            steps: Vec::new(),
            example: None,
        }
    }

    /// The row with what each step of the path is, and why.
    fn with_steps(mut self, steps: Vec<String>) -> Row {
        self.steps = steps.into_iter().map(|step| printable(step.as_bytes()).into_owned()).collect();
        self
    }

    /// The row of an endpoint that was not seen for so long.
    fn unseen_for(mut self, unseen: Option<Duration>) -> Row {
        self.unseen_days = unseen.map(|unseen| unseen.as_secs() / 86_400);
        self
    }

    /// The row with schemas of what the endpoint takes and gives.
    pub(crate) fn with_shapes(mut self, endpoint: &Endpoint) -> Row {
        self.shapes = endpoint.shapes().map(Shapes::to_json);
        self
    }

    /// The row with an example of a request.
    pub(crate) fn with_example(mut self, endpoint: &Endpoint) -> Row {
        self.example = ExampleRow::of(endpoint);
        self
    }

    /// The row of an endpoint of this inventory with why it is named so, and for how long it was not seen.
    pub(crate) fn explained(
        inventory: &Inventory,
        endpoint: &Endpoint,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    ) -> Row {
        let state = inventory.state(endpoint, now, instance_of);
        Row::new(endpoint, &state)
            .with_steps(inventory.explain_path(&endpoint.key))
            .unseen_for(endpoint.unseen(now, inventory.settings()))
    }

    /// Returns the number of its requests.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns whether both are of the same endpoint.
    pub(crate) fn is_same(&self, other: &Row) -> bool {
        (self.owner(), &self.method, &self.path) == (other.owner(), &other.method, &other.path)
    }

    fn owner(&self) -> &str {
        self.service.as_deref().or(self.server.as_deref()).unwrap_or("-")
    }
}

/// The rows as a table.
pub(crate) fn table(rows: &[Row]) -> Table {
    let mut table =
        Table::new(&["SERVICE", "METHOD", "PATH", "REQUESTS", "STATUS", "QUERY", "AUTH", "STATE"]);
    for row in rows {
        let statuses: Vec<String> = row.statuses.keys().map(ToString::to_string).collect();
        table.row([
            row.owner().to_owned(),
            row.method.clone(),
            row.path.clone(),
            row.requests.to_string(),
            if statuses.is_empty() { "-".into() } else { statuses.join(",") },
            if row.query.is_empty() { "-".into() } else { row.query.join(",") },
            row.auth.cell(),
            row.state.clone(),
        ]);
        row.operations.cells(row.owner()).for_each(|cells| table.row(cells));
    }
    table
}

/// The rows with the reason of each, for `explain`.
pub(crate) fn explained(rows: &[Row], now: Timestamp) -> String {
    let mut text = String::new();
    for row in rows {
        let last = (row.last_seen > 0).then(|| Timestamp::from_secs(row.last_seen));
        let seen = ago(last, now);
        let calls = row.calls.as_ref().map(|calls| format!(", calls {calls}")).unwrap_or_default();
        text.push_str(&format!(
            "{} {} of {}\n  {}\n  {} requests, last {seen}{calls}\n",
            row.method,
            row.path,
            row.owner(),
            row.reason,
            row.requests
        ));
        if let Some(days) = row.unseen_days {
            text.push_str(&format!("  not seen for {days} days: it may be gone\n"));
        }
        for step in &row.steps {
            text.push_str(&format!("  path: {step}\n"));
        }
        for line in row.operations.lines(row.requests, now) {
            text.push_str(&format!("  {line}\n"));
        }
        for line in row.auth.lines() {
            text.push_str(&format!("  auth: {line}\n"));
        }
        for finding in &row.findings {
            text.push_str(&format!("  finding {}: {finding}\n", finding.id));
        }
        for line in row.shapes.iter().flat_map(super::shapes::lines) {
            text.push_str(&format!("  {line}\n"));
        }
        if let Some(why) = &row.body_missing {
            text.push_str(&format!("  its body example is missing: {why}; the next one is taken\n"));
        }
    }
    text
}

/// A finding with its names as they are printed.
fn printed(mut finding: Finding) -> Finding {
    let names = finding.evidence.iter_mut().flat_map(|one| &mut one.names);
    names.for_each(|name| *name = printable(name.as_bytes()).into_owned());
    finding
}
