//! The endpoints of an instance, as the platform lists them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::text::Text;
use crate::client::endpoint_id::identity;

/// How many parameters of a listed endpoint are kept: more than an endpoint of ours has.
const MAX_PARAMETERS: usize = 256;

/// An endpoint as the platform lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its method, here in upper case.
    pub method: String,
    /// Its path, with the platform's parameter names.
    pub path: String,
    /// The names of the parameters that the platform knows of it, if the listing has them.
    pub parameters: Option<BTreeSet<String>>,
}

/// Returns the endpoints of a listing. An empty answer, `null` and `{}` mean none; entries without id and path are left out.
///
/// # Errors
/// If it is no JSON, or was cut: 'unreadable' must not be taken for 'none', for then everything would be added again.
pub fn listing(answer: &[u8]) -> Result<Vec<Listed>, serde_json::Error> {
    if answer.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let Some(listing) = serde_json::from_slice::<Option<Listing>>(answer)? else { return Ok(Vec::new()) };
    let groups = listing.endpoint_groups.into_iter().flatten().flatten();
    Ok(groups.flat_map(|group| group.endpoints).flatten().flatten().filter_map(Entry::listed).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    endpoint_groups: Option<Vec<Option<Group>>>,
}

#[derive(Deserialize)]
struct Group {
    endpoints: Option<Vec<Option<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    path: Text,
    #[serde(default)]
    method: Text,
    #[serde(default)]
    metadata: Value,
}

impl Entry {
    fn listed(self) -> Option<Listed> {
        let (id, method, path) = identity(self.id.some(), self.method.some(), self.path.some())?;
        Some(Listed { id, method, path, parameters: parameters(&self.metadata) })
    }
}

/// Returns the names in the metadata of an endpoint; `None` where there is no such list.
fn parameters(metadata: &Value) -> Option<BTreeSet<String>> {
    let lists = ["sensitiveParams", "nonSensitiveParams"].map(|list| metadata.get(list)?.as_array());
    let names = lists.iter().flatten().copied().flatten();
    let names = names.filter_map(Value::as_str).take(MAX_PARAMETERS).map(str::to_owned);
    lists.iter().any(Option::is_some).then(|| names.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::error::Category;

    use super::*;

    #[test]
    fn a_listing_in_full_and_with_holes() {
        let answer = br#"{"endpointGroups":[{"groupId":"g","name":"n","endpoints":[
            {"id":"R0VUOi9hcGkvdjEvdXNlcnM=","path":"/api/v1/users","method":"get","requiresAuthorization":true,
             "metadata":{"numParams":0,"sensitiveParams":[],"nonSensitiveParams":[]}},
            {"id":"UFVUOi92Mi9jYXJ0cy97aWR9"}, {"path":"/x","method":"post"}, {"id":7,"path":"/y","method":"get"},
            {"path":null}, null, {}]}, null, {"endpoints":null}, {}]}"#;
        let found = listing(answer).unwrap();
        let short: Vec<_> = found.iter().map(|l| format!("{} {} {}", l.id, l.method, l.path)).collect();
        assert_eq!(
            short,
            [
                "R0VUOi9hcGkvdjEvdXNlcnM= GET /api/v1/users",
                "UFVUOi92Mi9jYXJ0cy97aWR9 PUT /v2/carts/{id}",
                "UE9TVDoveA== POST /x",
                "R0VUOi95 GET /y"
            ]
        );
    }

    #[test]
    fn nothing_listed_is_none_and_nonsense_is_an_error() {
        for answer in ["", " \n", "null", "{}", r#"{"endpointGroups":null}"#, r#"{"endpointGroups":[]}"#] {
            assert!(listing(answer.as_bytes()).unwrap().is_empty(), "{answer}");
        }
        for (answer, wrong) in [
            ("<html>", Category::Syntax),
            (r#"{"endpointGroups":[{"endpoi"#, Category::Eof),
            ("\"x\"", Category::Data),
            ("\u{0}", Category::Syntax),
        ] {
            let error = listing(answer.as_bytes()).err().map(|error| error.classify());
            assert_eq!(error, Some(wrong), "{answer}");
        }
    }
}
