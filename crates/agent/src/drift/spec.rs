//! A document as operations that can be compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::references::resolved;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A document: its operations by method and shape of the path.
pub(super) struct Spec {
    pub(super) document: Value,
    pub(super) operations: BTreeMap<(String, String), Operation>,
}

/// An operation, as far as it is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    /// The path as it is written, behind what servers have before it.
    pub(super) path: String,
    pub(super) deprecated: bool,
    /// By where they stand and their names, headers in lower case.
    pub(super) parameters: BTreeMap<(String, String), Parameter>,
    /// The schema of a request's body by media type, if there is a body.
    pub(super) request: BTreeMap<String, Value>,
    /// The schemas of answers by status (`200`, `2XX`, `default`) and media type.
    pub(super) responses: BTreeMap<String, BTreeMap<String, Value>>,
    /// Whether credentials are asked for; none where the document does not say.
    pub(super) secured: Option<bool>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Parameter {
    pub(super) required: bool,
    pub(super) schema: Value,
}

impl Spec {
    /// Reads a document. `base` are beginnings of paths that are no part of it, beside those of its servers.
    pub(super) fn read(document: &Value, base: &[String]) -> Result<Spec, String> {
        let version = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let (old, new) = (version("swagger"), version("openapi"));
        if old != "2.0" && !new.starts_with("3.") {
            return Err(
                "is no document of OpenAPI 2.0, 3.0 or 3.1: it has no `swagger: 2.0` or `openapi: 3.x`"
                    .into(),
            );
        }
        let paths = document.get("paths").and_then(Value::as_object);
        let before = bases(document, base);
        let mut operations = BTreeMap::new();
        for (path, item) in paths.into_iter().flatten() {
            let Some(item) = resolved(document, item) else { continue };
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let mut read = Operation::read(document, item, operation);
                    read.path = format!("{}{path}", before.first().map_or("", String::as_str));
                    for base in &before {
                        let shape = shape(&format!("{base}{path}"));
                        operations.insert((method.to_ascii_uppercase(), shape), read.clone());
                    }
                }
            }
        }
        Ok(Spec { document: document.clone(), operations })
    }
}

/// What may stand before the paths of a document: `basePath`, the paths of servers, and what was said on the command line.
fn bases(document: &Value, said: &[String]) -> Vec<String> {
    let servers = document.get("servers").and_then(Value::as_array).into_iter().flatten();
    let urls = servers.filter_map(|server| server.get("url")?.as_str());
    let paths = urls.map(|url| match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| rest.get(at..).unwrap_or_default()),
        None => url,
    });
    let old = document.get("basePath").and_then(Value::as_str);
    let all = said.iter().map(String::as_str).chain(paths).chain(old);
    let mut bases: Vec<String> = all.map(|base| base.trim_end_matches('/').to_owned()).collect();
    if said.is_empty() && bases.is_empty() {
        bases.push(String::new());
    }
    bases.dedup();
    bases
}

/// A path in which each variable is `{}`, whatever its name.
pub(super) fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((_, after)) = behind.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = after;
    }
    shape.push_str(rest);
    shape
}

impl Operation {
    fn read(document: &Value, item: &Value, operation: &Value) -> Operation {
        let mut read = Operation {
            deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
            secured: secured(document, operation),
            ..Operation::default()
        };
        for parameters in [item.get("parameters"), operation.get("parameters")] {
            for parameter in parameters.and_then(Value::as_array).into_iter().flatten() {
                if let Some(parameter) = resolved(document, parameter) {
                    read.parameter(document, parameter);
                }
            }
        }
        if let Some(body) = operation.get("requestBody").and_then(|body| resolved(document, body)) {
            read.request = content(document, body);
        }
        for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten()
        {
            let Some(response) = resolved(document, response) else { continue };
            let mut content = content(document, response);
            // OpenAPI 2.0 has one schema, whatever the media type.
            if let Some(schema) = response.get("schema") {
                content.insert("*/*".into(), schema.clone());
            }
            read.responses.insert(status.to_ascii_uppercase().replace("DEFAULT", "default"), content);
        }
        read
    }

    fn parameter(&mut self, document: &Value, parameter: &Value) {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str);
        let (Some(place), Some(name)) = (text("in"), text("name")) else { return };
        let schema = parameter.get("schema").unwrap_or(parameter);
        match place {
            // OpenAPI 2.0 has bodies among the parameters.
            "body" => {
                self.request.insert("*/*".into(), schema.clone());
            }
            "formData" => {
                self.request.entry("*/*".into()).or_insert(Value::Bool(true));
            }
            _ => {
                let name = if place == "header" { name.to_ascii_lowercase() } else { name.to_owned() };
                let required = parameter.get("required") == Some(&Value::Bool(true));
                let schema = resolved(document, schema).cloned().unwrap_or(Value::Bool(true));
                self.parameters.insert((place.to_owned(), name), Parameter { required, schema });
            }
        }
    }
}

/// The schema of each media type.
fn content(document: &Value, of: &Value) -> BTreeMap<String, Value> {
    let content = of.get("content").and_then(Value::as_object).into_iter().flatten();
    let schema = |value: &Value| value.get("schema").cloned().unwrap_or(Value::Bool(true));
    content
        .filter_map(|(media, value)| {
            let media = media.split(';').next()?.trim().to_ascii_lowercase();
            Some((media, schema(resolved(document, value)?)))
        })
        .collect()
}

/// Returns whether an operation asks for credentials: by its own requirements, or by those of the document.
fn secured(document: &Value, operation: &Value) -> Option<bool> {
    let requirements = operation.get("security").or_else(|| document.get("security"))?.as_array()?;
    let open = |requirement: &Value| requirement.as_object().is_none_or(serde_json::Map::is_empty);
    Some(!requirements.is_empty() && !requirements.iter().any(open))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shapes_have_no_names() {
        assert_eq!(shape("/a/{b}/c({d}).json:{e}"), "/a/{}/c({}).json:{}");
        assert_eq!(shape("/a/{b"), "/a/{b");
    }

    #[test]
    fn all_versions_are_read() {
        let old = json!({"swagger": "2.0", "basePath": "/v2/", "paths": {"/pets/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": true, "type": "integer"}],
            "post": {"parameters": [{"in": "body", "name": "b", "schema": {"type": "object"}}], "responses": {"200": {"schema": {"type": "string"}}}},
        }}});
        let spec = Spec::read(&old, &[]).unwrap();
        let operation = &spec.operations[&("POST".to_owned(), "/v2/pets/{}".to_owned())];
        assert!(operation.parameters[&("path".to_owned(), "id".to_owned())].required);
        assert_eq!(operation.request["*/*"], json!({"type": "object"}));
        assert_eq!(operation.responses["200"]["*/*"], json!({"type": "string"}));
        let new = json!({"openapi": "3.0.1", "security": [{"key": []}], "servers": [{"url": "https://a.test/api"}, {"url": "/"}],
            "paths": {"/x": {"get": {"security": [{}, {"key": []}]}, "put": {"deprecated": true}}}});
        let spec = Spec::read(&new, &[]).unwrap();
        let of = |method: &str, path: &str| &spec.operations[&(method.to_owned(), path.to_owned())];
        assert_eq!((of("GET", "/api/x").secured, of("PUT", "/x").secured), (Some(false), Some(true)));
        assert!(of("PUT", "/x").deprecated && !of("GET", "/x").deprecated);
        assert!(Spec::read(&json!({"paths": {}}), &[]).is_err());
    }
}
