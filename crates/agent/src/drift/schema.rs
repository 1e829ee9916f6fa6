//! What bodies have, against what their schemas say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::references::resolved;

/// The depth to which values are compared.
const MAX_DEPTH: usize = 12;

/// The most differences of one body.
const MAX_FOUND: usize = 32;

/// A schema, with the document in which its references stand.
#[derive(Clone, Copy)]
pub(super) struct Schema<'d> {
    pub(super) document: &'d Value,
    pub(super) value: &'d Value,
}

/// Returns how what was seen differs from what is said, each with the place in the body: `items[].id`.
pub(super) fn differences(said: Schema<'_>, seen: Schema<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(said, seen, "", 0, &mut found);
    found.truncate(MAX_FOUND);
    found
}

fn walk(said: Schema<'_>, seen: Schema<'_>, place: &str, depth: usize, found: &mut Vec<(String, String)>) {
    if depth > MAX_DEPTH || found.len() >= MAX_FOUND {
        return;
    }
    let (Some(said_here), Some(seen_here)) =
        (resolved(said.document, said.value), resolved(seen.document, seen.value))
    else {
        return;
    };
    // Which of several schemas holds is not asked.
    if ["oneOf", "anyOf", "not", "if", "discriminator"].iter().any(|key| said_here.get(key).is_some()) {
        return;
    }
    if let Some(why) = other_type(said_here, seen_here) {
        found.push((place.to_owned(), why));
        return;
    }
    let (said_fields, open) = properties(said.document, said_here, 0);
    let (seen_fields, _) = properties(seen.document, seen_here, 0);
    if said_fields.is_empty() && open {
        // Nothing is said about fields.
    } else {
        for (name, value) in &seen_fields {
            let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            match said_fields.get(name) {
                Some(of) => {
                    let said = Schema { value: of, ..said };
                    walk(said, Schema { value, ..seen }, &place, depth + 1, found);
                }
                None if !said_here.get("additionalProperties").is_some_and(Value::is_object) => {
                    found.push((place, "is not documented".into()));
                }
                None => {}
            }
        }
    }
    if let (Some(of), Some(value)) = (said_here.get("items"), seen_here.get("items")) {
        let said = Schema { value: of, ..said };
        walk(said, Schema { value, ..seen }, &format!("{place}[]"), depth + 1, found);
    }
}

/// The fields of an object, those of `allOf` too, and whether some of them may be elsewhere.
fn properties<'d>(
    document: &'d Value,
    schema: &'d Value,
    depth: usize,
) -> (BTreeMap<String, &'d Value>, bool) {
    let mut all = BTreeMap::new();
    let mut open = schema.get("properties").is_none() && schema.get("allOf").is_none();
    for (name, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        all.insert(name.clone(), value);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        match resolved(document, part).filter(|_| depth < MAX_DEPTH) {
            Some(part) => {
                let (fields, more) = properties(document, part, depth + 1);
                all.extend(fields);
                open |= more && part.get("type").is_none();
            }
            None => open = true,
        }
    }
    (all, open)
}

/// Returns why what was seen is of another type, if it is.
pub(super) fn other_type(said: &Value, seen: &Value) -> Option<String> {
    let (said_types, seen_types) = (types(said), types(seen));
    if said_types.is_empty() || seen_types.is_empty() {
        return None;
    }
    let nullable = said.get("nullable") == Some(&Value::Bool(true));
    let fits = |one: &&str| {
        said_types.contains(one)
            || *one == "integer" && said_types.contains(&"number")
            || *one == "null" && nullable
    };
    let other: Vec<&str> = seen_types.iter().copied().filter(|one| !fits(one)).collect();
    (!other.is_empty())
        .then(|| format!("is {}, documented as {}", other.join(" or "), said_types.join(" or ")))
}

/// The types that a schema names.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(said: &Value, seen: &Value) -> Vec<(String, String)> {
        let document = json!({"defs": {"id": {"type": "integer"}, "loop": {"properties": {"l": {"$ref": "#/defs/loop"}}}}});
        let schema = |value| Schema { document: &document, value };
        differences(schema(said), schema(seen))
    }

    #[test]
    fn fields_and_types() {
        let said = json!({"type": "object", "properties": {
            "id": {"$ref": "#/defs/id"}, "price": {"type": "number"}, "note": {"type": "string", "nullable": true},
            "items": {"type": "array", "items": {"allOf": [{"properties": {"sku": {"type": "string"}}}]}}}});
        let seen = json!({"type": "object", "properties": {
            "id": {"type": ["integer", "string"]}, "price": {"type": "integer"}, "note": {"type": ["null", "string"]}, "secret": {},
            "items": {"type": "array", "items": {"properties": {"sku": {"type": "string"}, "n": {}}}}}});
        let expected = [
            ("id", "is string, documented as integer"),
            ("items[].n", "is not documented"),
            ("secret", "is not documented"),
        ];
        assert_eq!(found(&said, &seen), expected.map(|(place, why)| (place.to_owned(), why.to_owned())));
        assert_eq!(found(&seen, &seen), []);
    }

    #[test]
    fn what_is_not_said_is_no_difference_and_loops_end() {
        let any = json!({"type": "object", "properties": {"a": {"properties": {"b": {"type": "string"}}}}});
        for open in [json!({}), json!(true), json!({"type": "object"}), json!({"oneOf": []})] {
            assert_eq!(found(&open, &any), [], "{open}");
        }
        let map = json!({"properties": {"b": {}}, "additionalProperties": {"type": "object"}});
        assert_eq!(found(&map, &any), []);
        let endless = json!({"$ref": "#/defs/loop"});
        assert_eq!(found(&endless, &endless), []);
    }
}
