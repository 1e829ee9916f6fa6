//! A message as JSON (<https://protobuf.dev/programming-guides/json/>), with a value of its type in each field.

use serde_json::{Map, Value, json};

use super::messages::{Descriptors, Field};
use crate::redacted::RedactedBody;
use crate::redactor::MAX_FIELDS;

/// How deep messages are shown in messages. Trees that go on for ever end there.
const MAX_DEPTH: usize = 5;

/// The longest example, in bytes. One that would be larger is shown less deep.
const MAX_EXAMPLE: usize = 16 * 1024;

/// What a field needs beside its name: quotes, and a short value.
const PER_FIELD: usize = 12;

/// The example of a message, and the names of its fields.
pub(super) fn of(descriptors: &Descriptors, message: &str) -> Option<(RedactedBody, Vec<String>)> {
    // As deep as it fits.
    let value = (1..=MAX_DEPTH).rev().find_map(|deepest| {
        let mut room = MAX_EXAMPLE;
        shown(descriptors, message, deepest, &mut room)
    })?;
    let names = value.as_object().map(|object| object.keys().take(MAX_FIELDS).cloned().collect());
    let example = RedactedBody { content_type: "application/json".into(), content: value.to_string() };
    (example.content.len() <= MAX_EXAMPLE).then(|| (example, names.unwrap_or_default()))
}

/// A message, with so many levels of messages; none when it is not known, or there is no more room for it.
fn shown(descriptors: &Descriptors, name: &str, levels: usize, room: &mut usize) -> Option<Value> {
    if let Some(value) = well_known(name) {
        return Some(value);
    }
    let message = descriptors.messages.get(name)?;
    let (mut object, mut choices) = (Map::new(), Vec::new());
    for field in &message.fields {
        // Of several of which only one can be there, the first.
        if field.choice.is_some() && choices.contains(&field.choice) {
            continue;
        }
        choices.push(field.choice);
        *room = room.checked_sub(field.name.len() + PER_FIELD)?;
        if let Some(value) = field_value(descriptors, field, levels, room)? {
            object.insert(field.name.clone(), value);
        }
    }
    Some(Value::Object(object))
}

/// A field; the outer none when there is no more room, the inner one for a message that would be too deep or is not known.
fn field_value(
    descriptors: &Descriptors,
    field: &Field,
    levels: usize,
    room: &mut usize,
) -> Option<Option<Value>> {
    let value = match field.kind {
        1 | 2 => json!(1.5),
        // 64 bits are text in JSON.
        3 | 4 | 6 | 16 | 18 => json!("1"),
        5 | 7 | 13 | 15 | 17 => json!(1),
        8 => json!(true),
        9 => json!("text"),
        12 => json!("Ynl0ZXM="),
        14 => match descriptors.enums.get(&field.type_name) {
            Some(first) => json!(first),
            None => return Some(None),
        },
        11 if levels > 1 => match descriptors.messages.get(&field.type_name) {
            Some(message) if message.entry => return entry(descriptors, &message.fields, levels, room),
            Some(_) => shown(descriptors, &field.type_name, levels - 1, room)?,
            None => match well_known(&field.type_name) {
                Some(value) => value,
                None => return Some(None),
            },
        },
        _ => return Some(None),
    };
    Some(Some(if field.repeated { json!([value]) } else { value }))
}

/// An entry of a map.
fn entry(
    descriptors: &Descriptors,
    fields: &[Field],
    levels: usize,
    room: &mut usize,
) -> Option<Option<Value>> {
    let [key, value] = fields else { return Some(None) };
    let key = field_value(descriptors, key, levels, room)?;
    let value = field_value(descriptors, value, levels, room)?;
    Some(key.zip(value).map(|(key, value)| {
        let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        json!({ key: value })
    }))
}

/// The messages that JSON has a form of its own for.
fn well_known(name: &str) -> Option<Value> {
    Some(match name.strip_prefix(".google.protobuf.")? {
        "Timestamp" => json!("2024-01-01T00:00:00Z"),
        "Duration" => json!("1s"),
        "FieldMask" => json!("field"),
        "StringValue" | "Value" => json!("text"),
        "BytesValue" => json!("Ynl0ZXM="),
        "BoolValue" => json!(true),
        "Int32Value" | "UInt32Value" => json!(1),
        "Int64Value" | "UInt64Value" => json!("1"),
        "FloatValue" | "DoubleValue" => json!(1.5),
        "ListValue" => json!([]),
        "Struct" | "Any" | "Empty" => json!({}),
        _ => return None,
    })
}
