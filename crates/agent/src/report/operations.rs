//! The operations of an endpoint as rows.

use decode::Timestamp;
use inventory::{OperationRecord, Operations};
use redact::printable;
use serde::{Deserialize, Serialize};

use super::ago;

/// What the requests of an endpoint ask for beside its URL. All text is escaped already.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct OperationRows {
    /// The most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    operations: Vec<OperationRow>,
    /// The number of requests in which one was read.
    #[serde(skip_serializing_if = "is_zero")]
    operations_read_in: u64,
    /// The number of calls without a row: there were too many, or they have no name that may be shown.
    #[serde(skip_serializing_if = "is_zero")]
    operations_left_out: u64,
}

/// One operation.
#[derive(Debug, Deserialize, Serialize)]
struct OperationRow {
    protocol: String,
    kind: String,
    name: String,
    /// The root fields of GraphQL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
    requests: u64,
    errors: u64,
    /// In seconds since the Unix epoch; 0 for never.
    first_seen: u64,
    /// In seconds since the Unix epoch; 0 for never.
    last_seen: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl OperationRow {
    fn of(one: &OperationRecord) -> OperationRow {
        let shown = |text: &str| printable(text.as_bytes()).into_owned();
        let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_secs);
        OperationRow {
            protocol: one.protocol.name().into(),
            kind: one.kind.name().into(),
            name: shown(&one.name),
            fields: one.fields.iter().map(shown).collect(),
            requests: one.requests,
            errors: one.errors,
            first_seen: seconds(one.first),
            last_seen: seconds(one.last),
        }
    }
}

impl OperationRows {
    pub(super) fn of(operations: &Operations) -> OperationRows {
        OperationRows {
            operations: operations.by_requests().into_iter().map(OperationRow::of).collect(),
            operations_read_in: operations.requests(),
            operations_left_out: operations.left_out(),
        }
    }

    /// The cells of a table of endpoints, under that of the endpoint: the kind in the place of a method, the name of that of a path,
    /// and how many failed in that of statuses.
    pub(super) fn cells(&self, owner: &str) -> impl Iterator<Item = [String; 8]> {
        self.operations.iter().map(move |one| {
            let failed = if one.errors > 0 { format!("failed:{}", one.errors) } else { "-".into() };
            let none = || String::from("-");
            let name = format!("  {}", one.name);
            let kind = one.kind.clone();
            [
                owner.to_owned(),
                kind,
                name,
                one.requests.to_string(),
                failed,
                none(),
                none(),
                one.protocol.clone(),
            ]
        })
    }

    /// The lines of `explain`, for an endpoint of so many requests.
    pub(super) fn lines(&self, requests: u64, now: Timestamp) -> Vec<String> {
        if self.operations.is_empty() {
            return Vec::new();
        }
        let read = format!("operations were read in {} of its {requests} requests:", self.operations_read_in);
        let each = self.operations.iter().map(|one| {
            let OperationRow { protocol, kind, name, requests, errors, .. } = one;
            let last = ago((one.last_seen > 0).then(|| Timestamp::from_secs(one.last_seen)), now);
            let failed = if *errors > 0 { format!(", {errors} known to have failed") } else { String::new() };
            let fields = match one.fields.as_slice() {
                [] => String::new(),
                _ if name.starts_with('{') => String::new(),
                fields => format!(" {{{}}}", fields.join(",")),
            };
            format!("operation {protocol} {kind} {name}{fields}: {requests} times, last {last}{failed}")
        });
        let left_out = self.operations_left_out;
        let left_out =
            (left_out > 0).then(|| format!("{left_out} calls more have no name here: see docs/protocols.md"));
        std::iter::once(read).chain(each).chain(left_out).collect()
    }
}
