//! Shapes in a few lines, for people: `explain` prints them.

use std::fmt::Write;

use redact::printable;
use serde_json::Value;

/// What is inside of a body is shown so deep.
const DEPTH: usize = 3;
/// At most so many properties of an object are shown.
const PROPERTIES: usize = 16;
/// A line has no more bytes than about so many.
const LINE: usize = 600;

/// Returns a line for the parameters of each place, each request body and each response body.
pub(super) fn lines(shapes: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for place in ["path", "query", "header", "cookie"] {
        let all = shapes["parameters"].as_array().into_iter().flatten();
        let here: Vec<String> = all.filter(|one| one["in"] == place).map(parameter).collect();
        if !here.is_empty() {
            lines.push(format!("{place}: {}", here.join(", ")));
        }
    }
    for (media, body) in members(&shapes["request"]) {
        lines.push(format!("request {}: {}", shown(media), brief(&body["schema"])));
    }
    for (status, types) in members(&shapes["responses"]) {
        for (media, body) in members(types) {
            lines.push(format!("response {} {}: {}", shown(status), shown(media), brief(&body["schema"])));
        }
    }
    lines
}

fn parameter(one: &Value) -> String {
    let optional = if one["required"] == true { "" } else { "?" };
    format!("{}{optional} {}", shown(one["name"].as_str().unwrap_or_default()), brief(&one["schema"]))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn shown(text: &str) -> String {
    printable(text.as_bytes()).into_owned()
}

/// Returns a schema in one line: `{id: integer, mail?: string(email) <email>}`.
fn brief(schema: &Value) -> String {
    let mut text = String::new();
    write(schema, DEPTH, &mut text);
    text
}

fn write(schema: &Value, depth: usize, text: &mut String) {
    let begin = text.len();
    let one = schema["type"].as_str();
    let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for (at, kind) in one.into_iter().chain(several).enumerate() {
        text.push_str(if at > 0 { "|" } else { "" });
        match kind {
            "object" => object(schema, depth, text),
            "array" if depth > 0 => {
                text.push('[');
                write(&schema["items"], depth - 1, text);
                text.push(']');
            }
            "string" => string(schema, text),
            kind => text.push_str(&shown(kind)),
        }
    }
    if text.len() == begin {
        text.push_str("anything");
    }
    let labels: Vec<&str> =
        schema["x-sensitive"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !labels.is_empty() {
        // Writing to a String does not fail.
        let _ = write!(text, " <{}>", shown(&labels.join(", ")));
    }
}

fn string(schema: &Value, text: &mut String) {
    let values: Vec<&str> =
        schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match schema["format"].as_str() {
        _ if !values.is_empty() => text.push_str(&format!("\"{}\"", shown(&values.join("\"|\"")))),
        Some(format) => text.push_str(&format!("string({})", shown(format))),
        None => text.push_str("string"),
    }
}

fn object(schema: &Value, depth: usize, text: &mut String) {
    let rest = &schema["additionalProperties"];
    if depth == 0 || schema.get("properties").is_none() && rest.is_null() {
        text.push_str("{...}");
        return;
    }
    text.push('{');
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (at, (name, inner)) in members(&schema["properties"]).enumerate() {
        text.push_str(if at > 0 { ", " } else { "" });
        if at == PROPERTIES || text.len() > LINE {
            text.push_str("...");
            break;
        }
        text.push_str(&shown(name));
        text.push_str(if required.contains(&name.as_str()) { ": " } else { "?: " });
        let mut value = String::new();
        write(inner, depth - 1, &mut value);
        text.push_str(&value);
    }
    if !rest.is_null() {
        text.push_str(if text.ends_with('{') { "*: " } else { ", *: " });
        let mut value = String::new();
        write(rest, depth - 1, &mut value);
        text.push_str(&value);
    }
    text.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_for_each_part() {
        let shapes = json!({
            "parameters": [
                {"in": "path", "name": "id", "required": true, "schema": {"type": "integer"}},
                {"in": "query", "name": "mail", "required": false, "schema": {"type": "string", "format": "email", "x-sensitive": ["email"]}},
            ],
            "request": {"application/json": {"samples": 1, "schema": {
                "type": "object", "required": ["a"],
                "properties": {"a": {"type": ["null", "string"], "enum": ["x", null]}, "b": {"type": "array", "items": {}}},
                "additionalProperties": {"type": "boolean"},
            }}},
            "responses": {"200": {"application/json": {"samples": 1, "schema": {"type": "array", "items": {"type": "object"}}}}},
        });
        let expected = [
            "path: id integer",
            "query: mail? string(email) <email>",
            "request application/json: {a: null|\"x\", b?: [anything], *: boolean}",
            "response 200 application/json: [{...}]",
        ];
        assert_eq!(lines(&shapes), expected);
        assert!(lines(&json!(null)).is_empty());
    }
}
