//! The JSON of the calls: what is sent, exactly; what is answered, as tolerantly as can be.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint_id;

/// How many parameters of a listed endpoint are kept: more than an endpoint of ours has.
const MAX_PARAMETERS: usize = 256;

/// Names and values of parameters or headers.
pub(crate) type Pairs = BTreeMap<String, String>;

/// One request of a preview: `POST .../bolt/preview`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewRequest {
    /// In upper case.
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) url: String,
    pub(crate) request_headers: Pairs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body: Option<String>,
}

/// What `bolt.json` of a preview holds.
#[derive(Serialize)]
pub(super) struct Preview<'a> {
    pub(super) requests: &'a [PreviewRequest],
}

/// The details of one endpoint: `POST .../bolt/commit`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Details {
    pub(crate) endpoint_id: String,
    pub(crate) include: bool,
    pub(crate) path_params: Pairs,
    pub(crate) query_params: Pairs,
    pub(crate) headers: Pairs,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_body_example: Option<Example>,
}

/// A body example of a commit.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Example {
    pub(crate) content_type: String,
    pub(crate) content: String,
}

/// What a commit sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit<'a> {
    pub(super) apply_request_bodies: bool,
    pub(super) endpoints: [&'a Details; 1],
}

/// One endpoint to create: `POST .../add-endpoints`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewEndpoint {
    /// In lower case.
    pub(crate) method: String,
    /// The template.
    pub(crate) endpoint: String,
    /// The body example, `""` for none.
    pub(crate) payload: String,
}

/// An instance to create: `POST .../instances/batch`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInstance {
    pub(super) host_url: &'static str,
    pub(super) instance_name: String,
}

/// What a creation of instances sends.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInstances {
    pub(super) instance_request_items: [NewInstance; 1],
}

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

/// An endpoint that the matcher found for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) path_params: Pairs,
    pub(crate) query_params: Pairs,
}

/// The endpoints of a listing. An empty answer, `null` and `{}` mean none; entries without id and path are left out.
///
/// # Errors
/// If it is no JSON, or was cut: 'unreadable' must not be taken for 'none', for then everything would be added again.
pub(super) fn listing(answer: &[u8]) -> Result<Vec<Listed>, serde_json::Error> {
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

/// The names in the metadata of an endpoint; `None` where there is no such list.
fn parameters(metadata: &Value) -> Option<BTreeSet<String>> {
    let lists = ["sensitiveParams", "nonSensitiveParams"].map(|list| metadata.get(list)?.as_array());
    let names = lists.iter().flatten().copied().flatten();
    let names = names.filter_map(Value::as_str).take(MAX_PARAMETERS).map(str::to_owned);
    lists.iter().any(Option::is_some).then(|| names.collect())
}

/// A text, or whatever else stands in its place.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Text(String),
    Other(IgnoredAny),
}

impl Default for Text {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl Text {
    pub(super) fn some(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Id, method (upper case) and path, where each may be missing as long as the id tells it, or they tell the id.
fn identity(
    id: Option<String>,
    method: Option<String>,
    path: Option<String>,
) -> Option<(String, String, String)> {
    let decoded = id.as_deref().and_then(endpoint_id::decode);
    let (id_method, id_path) = decoded.unzip();
    let method = method.or(id_method)?.to_ascii_uppercase();
    let path = path.or(id_path)?;
    let id = id.unwrap_or_else(|| endpoint_id::encode(&method, &path));
    Some((id, method, path))
}

/// All suggestions of a preview's answer. Anything unreadable, whole or in part, counts as 'no match'.
pub(super) fn suggestions(answer: &[u8]) -> Vec<Suggestion> {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let list = answer.get("endpointSuggestions").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(suggestion).collect()
}

fn suggestion(value: &Value) -> Option<Suggestion> {
    let text =
        |key| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let (id, method, path) = identity(text("endpointId"), text("method"), text("path"))?;
    let (path_params, query_params) = (pairs(value.get("pathParams")), pairs(value.get("queryParams")));
    Some(Suggestion { id, method, path, path_params, query_params })
}

fn pairs(value: Option<&Value>) -> Pairs {
    let map = value.and_then(Value::as_object);
    map.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), scalar(value)?))).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
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

    #[test]
    fn suggestions_are_read_around_what_is_missing() {
        let answer = br#"{"matchedRequests":1,"unmatched":null,"endpointSuggestions":[
            {"endpointId":"UFVUOi92Mi9jYXJ0cy97aWR9","pathParams":{"id":77,"n":null},"queryParams":null},
            {"endpointId":"???"}, 5, {"path":"/p","method":"get","queryParams":{"a":"b"}}]}"#;
        let found = suggestions(answer);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].method.as_str(), found[0].path.as_str()), ("PUT", "/v2/carts/{id}"));
        assert_eq!(found[0].path_params, Pairs::from([("id".into(), "77".into())]));
        assert_eq!(found[1].id, endpoint_id::encode("GET", "/p"));
        for nonsense in ["", "{}", "null", "[]", "<html>", r#"{"endpointSuggestions":{}}"#, "{\"endpointSugg"]
        {
            assert!(suggestions(nonsense.as_bytes()).is_empty(), "{nonsense}");
        }
    }
}
