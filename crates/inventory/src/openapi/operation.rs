//! An endpoint as an operation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dates::date;
use super::path::Path;
use super::security::{Requirement, Schemes};
use super::{body, parameters, responses};
use crate::fnv::fnv;
use crate::{Endpoint, OperationRecord, State};

/// An endpoint as an operation (section 4.8.10).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    operation_id: String,
    summary: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_body: Option<Value>,
    pub(super) responses: BTreeMap<String, Value>,
    security: Vec<Requirement>,
    /// How often it was asked.
    #[serde(rename = "x-requests")]
    pub(super) requests: u64,
    #[serde(rename = "x-first-seen", default, skip_serializing_if = "Option::is_none")]
    pub(super) first_seen: Option<String>,
    #[serde(rename = "x-last-seen", default, skip_serializing_if = "Option::is_none")]
    pub(super) last_seen: Option<String>,
    /// `high` where it succeeded for certain, `medium` where it is believed otherwise, else `low`.
    #[serde(rename = "x-confidence")]
    confidence: String,
    #[serde(rename = "x-state")]
    state: String,
    /// What requests ask for beside the URL, the most frequent first.
    #[serde(rename = "x-operations", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) operations: Vec<Value>,
    /// What answers say about credentials.
    #[serde(rename = "x-protection")]
    protection: String,
}

impl Operation {
    pub(super) fn new(endpoint: &Endpoint, state: &State, path: &Path, schemes: &mut Schemes) -> Operation {
        let record = &endpoint.record;
        let confidence = match () {
            () if endpoint.succeeded() => "high",
            () if record.delivery.confirmed => "medium",
            () => "low",
        };
        Operation {
            operation_id: id(&endpoint.key.method, &path.text),
            summary: format!("{} {}", endpoint.key.method, path.text),
            tags: path.tag().map(str::to_owned).into_iter().collect(),
            parameters: parameters::of(endpoint, path),
            request_body: body::of(endpoint),
            responses: responses::of(endpoint),
            security: schemes.of(&record.auth),
            requests: record.counts.requests,
            first_seen: date(record.counts.first),
            last_seen: date(record.counts.last),
            confidence: confidence.into(),
            state: state.label().into(),
            operations: record.operations.by_requests().into_iter().map(asked).collect(),
            protection: record.auth.protection().label().into(),
        }
    }
}

/// What requests ask for beside the URL.
fn asked(one: &OperationRecord) -> Value {
    let fields: Vec<_> = one.fields.iter().collect();
    json!({
        "protocol": one.protocol.name(), "kind": one.kind.name(), "name": one.name, "fields": fields,
        "requests": one.requests, "errors": one.errors,
    })
}

/// A name for method and path: `get_users_userId`.
fn id(method: &str, path: &str) -> String {
    let mut id = method.to_ascii_lowercase();
    let words = path.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.for_each(|word| id.extend(['_'].into_iter().chain(word.chars())));
    id.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '_' }).collect()
}

/// Gives operations whose names came out the same others: all but the first have a number of their path behind it, which does not
/// depend on what else there is.
pub(super) fn tell_apart(paths: &mut BTreeMap<String, BTreeMap<String, Operation>>) {
    let mut known = BTreeSet::new();
    for (path, item) in paths {
        for operation in item.values_mut() {
            if !known.insert(operation.operation_id.clone()) {
                operation.operation_id = format!("{}_{:08x}", operation.operation_id, fnv(path) as u32);
                known.insert(operation.operation_id.clone());
            }
        }
    }
}
