//! Documents of one owner by several agents, as one.

use serde_json::Value;

use super::Document;
use super::operation::Operation;

impl Document {
    /// Takes in the document of another agent about the same owner: its operations join those that are there. Of an operation
    /// that both have, the description of the agent that saw more of it stands.
    pub fn join(&mut self, other: Document) {
        self.info.left_out = self.info.left_out.max(other.info.left_out);
        for tag in other.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        for (path, item) in other.paths {
            let known = self.paths.entry(path).or_default();
            for (method, operation) in item {
                match known.get_mut(&method) {
                    Some(known) => known.join(operation),
                    None => drop(known.insert(method, operation)),
                }
            }
        }
        unite(&mut self.components, other.components);
    }
}

impl Operation {
    fn join(&mut self, mut other: Operation) {
        if other.requests > self.requests {
            std::mem::swap(self, &mut other);
        }
        self.requests = self.requests.saturating_add(other.requests);
        for (status, response) in other.responses {
            self.responses.entry(status).or_insert(response);
        }
        add_operations(&mut self.operations, other.operations);
        // Times of RFC 3339 in UTC, whose order is that of their text.
        self.first_seen = match (self.first_seen.take(), other.first_seen) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.last_seen = self.last_seen.take().max(other.last_seen);
    }
}

/// Adds what requests asked for beside the URL.
fn add_operations(known: &mut Vec<Value>, others: Vec<Value>) {
    let same = |a: &Value, b: &Value| ["protocol", "kind", "name"].iter().all(|key| a.get(key) == b.get(key));
    for other in others {
        let Some(one) = known.iter_mut().find(|one| same(one, &other)) else {
            known.push(other);
            continue;
        };
        for key in ["requests", "errors"] {
            let count = |value: &Value| value.get(key).and_then(Value::as_u64).unwrap_or(0);
            let sum = count(one).saturating_add(count(&other));
            if let Some(object) = one.as_object_mut() {
                object.insert(key.into(), sum.into());
            }
        }
    }
}

/// Adds what an object lacks, within objects too.
fn unite(value: &mut Value, other: Value) {
    let Value::Object(other) = other else { return };
    let Some(object) = value.as_object_mut() else { return };
    for (key, theirs) in other {
        match object.get_mut(&key) {
            Some(ours) => unite(ours, theirs),
            None => drop(object.insert(key, theirs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(path: &str, requests: u64, status: &str, seen: (&str, &str), scheme: &str) -> Document {
        let operation = json!({"operationId": format!("of{requests}"), "summary": "", "responses": {status: {}}, "security": [],
            "x-requests": requests, "x-first-seen": seen.0, "x-last-seen": seen.1, "x-confidence": "high", "x-state": "pushed",
            "x-protection": "open", "x-operations": [{"protocol": "graphql", "kind": "query", "name": scheme, "requests": requests,
            "errors": 1}]});
        let document = json!({"openapi": "3.1.1", "info": {"title": "shop/cart", "version": "observed", "description": ""},
            "servers": [], "tags": [{"name": scheme}], "paths": {path: {"get": operation}},
            "components": {"securitySchemes": {scheme: {"type": "http"}}}});
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn what_is_asked_for_beside_the_url_adds_up() {
        let mut all = document("/a", 5, "200", ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"), "basic");
        all.join(document("/a", 7, "200", ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), "basic"));
        let operations = &serde_json::to_value(&all).unwrap()["paths"]["/a"]["get"]["x-operations"];
        assert_eq!(
            (operations[0]["requests"].as_u64(), operations[0]["errors"].as_u64()),
            (Some(12), Some(2))
        );
        assert_eq!(operations.as_array().unwrap().len(), 1);
    }

    #[test]
    fn operations_are_united_and_what_was_seen_adds_up() {
        let mut all = document("/a", 5, "200", ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"), "basic");
        all.join(document("/a", 7, "404", ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), "bearer"));
        all.join(document("/b", 1, "200", ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), "basic"));
        let all = serde_json::to_value(&all).unwrap();
        let a = &all["paths"]["/a"]["get"];
        assert_eq!((&a["x-requests"], &a["operationId"]), (&json!(12), &json!("of7")));
        assert_eq!(
            (&a["x-first-seen"], &a["x-last-seen"]),
            (&json!("2026-01-01T00:00:00Z"), &json!("2026-01-03T00:00:00Z"))
        );
        let asked = |place: usize| (&a["x-operations"][place]["name"], &a["x-operations"][place]["requests"]);
        assert_eq!([asked(0), asked(1)], [(&json!("bearer"), &json!(7)), (&json!("basic"), &json!(5))]);
        assert_eq!(a["responses"], json!({"200": {}, "404": {}}));
        assert_eq!(all["paths"]["/b"]["get"]["x-requests"], 1);
        let schemes = json!({"basic": {"type": "http"}, "bearer": {"type": "http"}});
        assert_eq!(all["components"]["securitySchemes"], schemes);
        assert_eq!(all["tags"], json!([{"name": "basic"}, {"name": "bearer"}]));
    }
}
