//! The endpoints that the platform's matcher finds for requests.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::endpoint_id::identity;

/// An endpoint that the matcher found for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its id.
    pub id: String,
    /// Its method, here in upper case.
    pub method: String,
    /// Its path, with the platform's parameter names.
    pub path: String,
    /// The values that the matcher found for the path's parameters, by their names.
    pub path_params: BTreeMap<String, String>,
    /// The values of query parameters, by their names.
    pub query_params: BTreeMap<String, String>,
}

/// Returns all suggestions of a preview's answer. Anything unreadable, whole or in part, counts as 'no match'.
#[must_use]
pub fn suggestions(answer: &[u8]) -> Vec<Suggestion> {
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

fn pairs(value: Option<&Value>) -> BTreeMap<String, String> {
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
    use super::*;
    use crate::client::endpoint_id;

    #[test]
    fn suggestions_are_read_around_what_is_missing() {
        let answer = br#"{"matchedRequests":1,"unmatched":null,"endpointSuggestions":[
            {"endpointId":"UFVUOi92Mi9jYXJ0cy97aWR9","pathParams":{"id":77,"n":null},"queryParams":null},
            {"endpointId":"???"}, 5, {"path":"/p","method":"get","queryParams":{"a":"b"}}]}"#;
        let found = suggestions(answer);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].method.as_str(), found[0].path.as_str()), ("PUT", "/v2/carts/{id}"));
        assert_eq!(found[0].path_params, BTreeMap::from([("id".into(), "77".into())]));
        assert_eq!(found[1].id, endpoint_id::encode("GET", "/p"));
        for nonsense in ["", "{}", "null", "[]", "<html>", r#"{"endpointSuggestions":{}}"#, "{\"endpointSugg"]
        {
            assert!(suggestions(nonsense.as_bytes()).is_empty(), "{nonsense}");
        }
    }
}
