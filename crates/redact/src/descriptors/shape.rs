//! A message as the shape of its JSON (<https://protobuf.dev/programming-guides/json/>): all fields are optional.

use super::messages::{Descriptors, Field};
use crate::shape::{Described, Shape};

/// How deep messages are told apart in messages. Trees that go on for ever end there.
const MAX_DEPTH: usize = 5;

/// The most shapes of a message.
const MAX_NODES: usize = 512;

/// The shape of a message, if it is known.
pub(super) fn of(descriptors: &Descriptors, message: &str) -> Option<Shape> {
    message_shape(descriptors, message, MAX_DEPTH, &mut MAX_NODES.clone())
}

fn message_shape(descriptors: &Descriptors, name: &str, levels: usize, room: &mut usize) -> Option<Shape> {
    if let Some(shape) = well_known(name) {
        return Some(shape);
    }
    let message = descriptors.messages.get(name)?;
    let mut fields = Vec::new();
    for field in &message.fields {
        if *room == 0 || levels == 0 {
            return Some(Shape::described(Described::Object(fields)).truncated());
        }
        *room -= 1;
        fields.push((field.name.clone(), field_shape(descriptors, field, levels, room)));
    }
    Some(Shape::described(Described::Object(fields)))
}

fn field_shape(descriptors: &Descriptors, field: &Field, levels: usize, room: &mut usize) -> Shape {
    let shape = match field.kind {
        1 | 2 => Shape::described(Described::Number),
        5 | 7 | 13 | 15 | 17 => Shape::described(Described::Integer),
        8 => Shape::described(Described::Boolean),
        12 => Shape::described(Described::Bytes),
        // 64 bits are text in JSON, and enumerations have their names.
        3 | 4 | 6 | 9 | 14 | 16 | 18 => Shape::described(Described::Text),
        11 => match descriptors.messages.get(&field.type_name) {
            Some(message) if message.entry => return map(descriptors, &message.fields, levels, room),
            _ => message_shape(descriptors, &field.type_name, levels.saturating_sub(1), room)
                .unwrap_or_default(),
        },
        _ => Shape::default(),
    };
    if field.repeated { Shape::described(Described::Array(shape)) } else { shape }
}

/// A field of entries: a map, whose keys are values.
fn map(descriptors: &Descriptors, fields: &[Field], levels: usize, room: &mut usize) -> Shape {
    let value = fields.get(1).map(|value| field_shape(descriptors, value, levels.saturating_sub(1), room));
    Shape::described(Described::Map(value.unwrap_or_default()))
}

/// The messages that JSON has a form of its own for.
fn well_known(name: &str) -> Option<Shape> {
    Some(match name.strip_prefix(".google.protobuf.")? {
        "Timestamp" => Shape::described(Described::Instant),
        "Duration" | "FieldMask" | "StringValue" | "Int64Value" | "UInt64Value" => {
            Shape::described(Described::Text)
        }
        "BytesValue" => Shape::described(Described::Bytes),
        "BoolValue" => Shape::described(Described::Boolean),
        "Int32Value" | "UInt32Value" => Shape::described(Described::Integer),
        "FloatValue" | "DoubleValue" => Shape::described(Described::Number),
        "ListValue" => Shape::described(Described::Array(Shape::default())),
        "Struct" | "Any" | "Empty" => Shape::described(Described::Map(Shape::default())),
        "Value" => Shape::default(),
        _ => return None,
    })
}
