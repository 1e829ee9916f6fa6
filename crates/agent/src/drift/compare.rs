//! How two documents differ: what one side promises, and the other side shows.

use serde::Serialize;

use super::schema::{Schema, differences, other_type};
use super::spec::{Operation, Spec};

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// It is asked for, and not documented.
    Shadow,
    /// It is deprecated, and still asked for.
    Zombie,
    /// It works without credentials that the document asks for.
    Security,
    /// A parameter is not documented, is of another type, or is left out though it is required.
    Parameter,
    /// A request's body is of another media type, or has other fields.
    Request,
    /// An answer has a status, a media type or fields that are not documented.
    Response,
    /// It is documented, and was not seen.
    Orphan,
}

/// One difference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Drift {
    pub(super) kind: Kind,
    pub(super) method: String,
    pub(super) path: String,
    /// The part of the operation that differs, and how it does.
    pub(super) what: String,
}

/// Returns how what was seen differs from what the team says, in order; `unseen` says of what is documented only where it was not
/// seen.
pub(super) fn compare(team: &Spec, seen: &Spec, unseen: &str) -> Vec<Drift> {
    let mut found = Vec::new();
    let mut met = Vec::new();
    for ((method, shape), operation) in &seen.operations {
        let mut add = |kind, what: String| {
            found.push(Drift { kind, method: method.clone(), path: operation.path.clone(), what });
        };
        match documented(team, method, shape) {
            None => add(Kind::Shadow, "is asked for, and not documented".into()),
            Some(said) => {
                met.push((method.as_str(), said.path.as_str()));
                if said.deprecated {
                    add(Kind::Zombie, "is deprecated, and still asked for".into());
                }
                if said.secured == Some(true) && operation.secured == Some(false) {
                    add(Kind::Security, "works without the credentials that are documented".into());
                }
                parameters(said, operation, &mut add);
                request((team, said), (seen, operation), &mut add);
                responses((team, said), (seen, operation), &mut add);
            }
        }
    }
    for ((method, _), said) in &team.operations {
        if !met.contains(&(method.as_str(), said.path.as_str())) {
            let (method, path) = (method.clone(), said.path.clone());
            found.push(Drift { kind: Kind::Orphan, method, path, what: unseen.to_owned() });
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The operation that a path means: of the same shape, or one whose variables cover its words.
fn documented<'s>(team: &'s Spec, method: &str, shape: &str) -> Option<&'s Operation> {
    let same = team.operations.get(&(method.to_owned(), shape.to_owned()));
    let covers = |((one, said), _): &(&(String, String), _)| one == method && covers(said, shape);
    same.or_else(|| team.operations.iter().find(covers).map(|(_, operation)| operation))
}

/// Returns whether a shape covers another one: its variables stand for words.
fn covers(said: &str, seen: &str) -> bool {
    let (said, seen): (Vec<&str>, Vec<&str>) = (said.split('/').collect(), seen.split('/').collect());
    let fits = |(said, seen): (&&str, &&str)| *said == "{}" && !seen.is_empty() || said == seen;
    said.len() == seen.len() && said.iter().zip(&seen).all(fits)
}

fn parameters(said: &Operation, seen: &Operation, add: &mut impl FnMut(Kind, String)) {
    for ((place, name), parameter) in seen.parameters.iter().filter(|((place, _), _)| place != "path") {
        match said.parameters.get(&(place.clone(), name.clone())) {
            None => add(Kind::Parameter, format!("{place} parameter {name} is not documented")),
            // All of them are text on the wire.
            Some(known) if known.schema.get("type").is_some_and(|of| of == "string") => {}
            Some(known) => {
                if let Some(why) = other_type(&known.schema, &parameter.schema) {
                    add(Kind::Parameter, format!("{place} parameter {name} {why}"));
                }
            }
        }
    }
    for ((place, name), parameter) in said.parameters.iter().filter(|(_, one)| one.required) {
        let key = (place.clone(), name.clone());
        let left_out = seen.parameters.get(&key).is_none_or(|seen| !seen.required);
        // Headers that say nothing about an API, and those with credentials, are not among those that were seen.
        if parameter.required && left_out && matches!(place.as_str(), "query" | "cookie") {
            add(Kind::Parameter, format!("{place} parameter {name} is required, and left out"));
        }
    }
}

fn request(
    (team, said): (&Spec, &Operation),
    (seen, operation): (&Spec, &Operation),
    add: &mut impl FnMut(Kind, String),
) {
    for (media, value) in &operation.request {
        match said.request.get(media).or_else(|| said.request.get("*/*")) {
            None => add(Kind::Request, format!("body of type {media} is not documented")),
            Some(schema) => {
                let said = Schema { document: &team.document, value: schema };
                for (place, why) in differences(said, Schema { document: &seen.document, value }) {
                    add(Kind::Request, format!("body: {} {why}", named(&place)));
                }
            }
        }
    }
}

fn responses(
    (team, said): (&Spec, &Operation),
    (seen, operation): (&Spec, &Operation),
    add: &mut impl FnMut(Kind, String),
) {
    for (status, contents) in operation.responses.iter().filter(|(status, _)| *status != "default") {
        let class = format!("{}XX", status.get(..1).unwrap_or_default());
        let known = [status.as_str(), &class, "default"].into_iter().find_map(|key| said.responses.get(key));
        let Some(known) = known else {
            add(Kind::Response, format!("status {status} is not documented"));
            continue;
        };
        for (media, value) in contents {
            // Nothing is said of bodies: then any is right.
            if known.is_empty() {
                continue;
            }
            match known.get(media).or_else(|| known.get("*/*")) {
                None => add(Kind::Response, format!("{status}: type {media} is not documented")),
                Some(schema) => {
                    let said = Schema { document: &team.document, value: schema };
                    for (place, why) in differences(said, Schema { document: &seen.document, value }) {
                        add(Kind::Response, format!("{status}: {} {why}", named(&place)));
                    }
                }
            }
        }
    }
}

fn named(place: &str) -> &str {
    if place.is_empty() { "it" } else { place }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn lines(team: &Value, seen: &Value) -> Vec<String> {
        let read = |document| Spec::read(document, &[]).unwrap();
        let found = compare(&read(team), &read(seen), "is not seen");
        found.iter().map(|one| format!("{:?} {} {} {}", one.kind, one.method, one.path, one.what)).collect()
    }

    #[test]
    fn each_kind_of_difference() {
        let team = json!({"openapi": "3.1.0", "security": [{"key": []}], "paths": {
            "/users/{id}": {
                "get": {"parameters": [{"in": "query", "name": "page", "schema": {"type": "integer"}, "required": true}],
                    "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "integer"}}}}}}}},
                "delete": {"deprecated": true, "responses": {"default": {}}},
            },
            "/orders": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {"2XX": {}}}},
            "/gone": {"get": {}},
        }});
        let seen = json!({"openapi": "3.1.0", "paths": {
            "/users/{userId}": {
                "get": {"security": [{}], "parameters": [
                    {"in": "query", "name": "page", "schema": {"type": "string"}}, {"in": "query", "name": "debug"}],
                    "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "integer"}, "ssn": {}}}}}}, "500": {}}},
                "delete": {"responses": {"204": {}}},
            },
            "/users/me": {"get": {"parameters": [{"in": "query", "name": "page", "required": true}], "responses": {"200": {}}}},
            "/orders": {"post": {"requestBody": {"content": {"text/xml": {}}}, "responses": {"201": {}}}},
            "/admin": {"get": {}},
        }});
        let expected = [
            "Shadow GET /admin is asked for, and not documented",
            "Zombie DELETE /users/{userId} is deprecated, and still asked for",
            "Security GET /users/{userId} works without the credentials that are documented",
            "Parameter GET /users/{userId} query parameter debug is not documented",
            "Parameter GET /users/{userId} query parameter page is required, and left out",
            "Parameter GET /users/{userId} query parameter page is string, documented as integer",
            "Request POST /orders body of type text/xml is not documented",
            "Response GET /users/{userId} 200: ssn is not documented",
            "Response GET /users/{userId} status 500 is not documented",
            "Orphan GET /gone is not seen",
        ];
        assert_eq!(lines(&team, &seen), expected);
        assert_eq!(lines(&seen, &seen), Vec::<String>::new());
        assert_eq!(lines(&team, &team), ["Zombie DELETE /users/{id} is deprecated, and still asked for"]);
    }
}
