//! The parameters of an operation (section 4.8.12).

use std::collections::BTreeMap;

use redact::auth::Place;
use redact::{Location, is_common_header};
use serde_json::{Value, json};

use super::path::Path;
use crate::Endpoint;

/// Fields that parameters cannot describe (section 4.8.12.2.1), and those that have a place of their own in a document.
const LEFT_OUT: [&str; 6] = ["accept", "authorization", "content-type", "cookie", "host", "content-length"];

/// What is known of one parameter.
#[derive(Default)]
struct Known {
    schema: Option<Value>,
    required: bool,
    example: Option<String>,
}

/// Returns the parameters: those of the path in their order, then those of query, header and cookies by name.
pub(super) fn of(endpoint: &Endpoint, path: &Path) -> Vec<Value> {
    let mut known = known(endpoint);
    let in_path = path.variables.iter().map(|variable| {
        let mut one = known.remove(&(Location::Path, variable.known.clone())).unwrap_or_default();
        one.required = true;
        one.into_value(Location::Path, &variable.name)
    });
    let mut all: Vec<Value> = in_path.collect();
    let others = known.into_iter().filter(|((location, _), _)| *location != Location::Path);
    all.extend(others.map(|((location, name), one)| one.into_value(location, &name)));
    all
}

/// Returns what is known of parameters, by where they stand and their names. What carries credentials stands elsewhere.
fn known(endpoint: &Endpoint) -> BTreeMap<(Location, String), Known> {
    let (details, auth) = (&endpoint.record.details, &endpoint.record.auth);
    let mut known: BTreeMap<(Location, String), Known> = BTreeMap::new();
    for one in endpoint.shapes().into_iter().flat_map(|shapes| shapes.parameters()) {
        let parameter = known.entry((one.location, one.name.to_owned())).or_default();
        parameter.schema = Some(one.schema());
        parameter.required = one.required;
    }
    for (location, pairs) in
        [Location::Path, Location::Query, Location::Header].into_iter().zip(details.seen())
    {
        for (name, value) in pairs {
            let example = (!value.is_empty()).then(|| value.to_owned());
            known.entry((location, name.to_owned())).or_default().example = example;
        }
    }
    let carries = |place, name: &str| {
        auth.seen().any(|seen| seen.names_in(place).any(|one| one.eq_ignore_ascii_case(name)))
    };
    known.retain(|(location, name), _| match location {
        Location::Path => true,
        Location::Query => !carries(Place::Query, name),
        Location::Cookie => !carries(Place::Cookie, name),
        Location::Header => {
            let such = LEFT_OUT.contains(&name.as_str()) || is_common_header(name);
            !such && !carries(Place::Header, name) && !carries(Place::Certificate, name)
        }
    });
    known
}

impl Known {
    fn into_value(self, location: Location, name: &str) -> Value {
        let schema = self.schema.unwrap_or_else(|| json!({ "type": "string" }));
        let mut value = json!({ "name": name, "in": location.name() });
        if self.required {
            value["required"] = true.into();
        }
        if let Some(example) = self.example.and_then(|example| typed(example, &schema)) {
            value["example"] = example;
        }
        value["schema"] = schema;
        value
    }
}

/// An example as its schema has it; none where it is of another type.
fn typed(example: String, schema: &Value) -> Option<Value> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => return Some(example.into()),
    };
    if types.contains(&"string") {
        return Some(example.into());
    }
    let parsed: Value = serde_json::from_str(&example).ok()?;
    let fits = match &parsed {
        Value::Bool(_) => types.contains(&"boolean"),
        Value::Number(number) => {
            types.contains(&"number") || types.contains(&"integer") && (number.is_i64() || number.is_u64())
        }
        _ => false,
    };
    fits.then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_of_their_type() {
        let of = |example: &str, kind: Value| typed(example.into(), &json!({ "type": kind }));
        assert_eq!(of("7", json!("integer")), Some(json!(7)));
        assert_eq!(of("7", json!("string")), Some(json!("7")));
        assert_eq!(of("x", json!("integer")), None);
        assert_eq!(of("7.5", json!("integer")), None);
        assert_eq!(of("true", json!(["boolean", "null"])), Some(json!(true)));
        assert_eq!(typed("x".into(), &json!({})), Some(json!("x")));
    }
}
