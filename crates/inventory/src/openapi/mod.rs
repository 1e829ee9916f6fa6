//! Endpoints as OpenAPI 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>): a document for each owner.
//!
//! A document is made from what is redacted, and from nothing else. The same endpoints give the same document, in which all
//! is in order.

mod body;
mod dates;
mod join;
mod operation;
mod parameters;
mod path;
mod responses;
mod security;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use redact::{Owner, printable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Endpoint, State};
use operation::Operation;
use path::Path;
use security::Schemes;

/// The methods that a path item has a place for (section 4.8.9). Others stand there as extensions.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document of one owner.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Document {
    openapi: String,
    info: Info,
    servers: Vec<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Value>,
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    components: Value,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Info {
    title: String,
    version: String,
    description: String,
    /// Endpoints that have no place in the document, or whose place another one has.
    #[serde(rename = "x-left-out", default, skip_serializing_if = "is_zero")]
    left_out: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Returns whether an endpoint in this state is in a document without being asked for: one that is pushed, or would be.
#[must_use]
pub fn is_shown(state: &State) -> bool {
    !matches!(
        state,
        State::Noise(_)
            | State::Unconfirmed { .. }
            | State::Undecided
            | State::Wall { .. }
            | State::Overflow(_)
    )
}

/// Returns the documents of these endpoints, which come with their states, in the order of their owners.
#[must_use]
pub fn documents<'a>(endpoints: impl IntoIterator<Item = (&'a Endpoint, State)>) -> Vec<Document> {
    let mut owners: BTreeMap<&Owner, Vec<(&Endpoint, State)>> = BTreeMap::new();
    for (endpoint, state) in endpoints {
        owners.entry(&endpoint.key.owner).or_default().push((endpoint, state));
    }
    owners.into_iter().map(|(owner, endpoints)| document(owner, endpoints)).collect()
}

fn document(owner: &Owner, mut endpoints: Vec<(&Endpoint, State)>) -> Document {
    // Of two that have one place, the one that is asked more often has it, then the older one: what is not decided has another
    // key in each process, and must not decide.
    endpoints.sort_by_cached_key(|(endpoint, _)| {
        let counts = &endpoint.record.counts;
        (std::cmp::Reverse(counts.requests), counts.first, counts.last, endpoint.key.clone())
    });
    let names = path::canonical(endpoints.iter().map(|(endpoint, _)| endpoint.key.template.as_str()));
    let (mut paths, mut schemes, mut tags, mut left_out) =
        (BTreeMap::<String, BTreeMap<String, Operation>>::new(), Schemes::default(), BTreeSet::new(), 0);
    for (endpoint, state) in endpoints {
        let Some(path) = Path::of(&endpoint.key.template, &names) else {
            left_out += 1;
            continue;
        };
        let item = paths.entry(path.text.clone()).or_default();
        let method = endpoint.key.method.to_ascii_lowercase();
        let place = if METHODS.contains(&method.as_str()) { method } else { format!("x-method-{method}") };
        if item.contains_key(&place) {
            left_out += 1;
            continue;
        }
        tags.extend(path.tag().map(str::to_owned));
        item.insert(place, Operation::new(endpoint, &state, &path, &mut schemes));
    }
    operation::tell_apart(&mut paths);
    Document {
        openapi: "3.1.1".into(),
        info: Info {
            title: printable(owner.to_string().as_bytes()).into_owned(),
            version: "observed".into(),
            description:
                "Observed in traffic by the APISec Traffic Monitor. Values of examples are redacted.".into(),
            left_out,
        },
        servers: vec![json!({ "url": url(owner) })],
        tags: tags.into_iter().map(|name| json!({ "name": name })).collect(),
        paths,
        components: json!({ "securitySchemes": schemes.into_value() }),
    }
}

/// Where the owner is asked within its cluster, in plain text as it was captured.
fn url(owner: &Owner) -> String {
    let label = |text: &str| -> String {
        let plain = |one: char| if one.is_ascii_alphanumeric() || "-.".contains(one) { one } else { '-' };
        text.chars().map(plain).collect()
    };
    match owner {
        Owner::Service(name) => format!("http://{}.{}", label(&name.name), label(&name.namespace)),
        Owner::Address(address) => format!("http://{address}"),
    }
}

impl Document {
    /// Returns the name of the owner: `namespace/name`, or an address.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.info.title
    }
}
