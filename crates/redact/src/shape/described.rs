//! Shapes that a description gives, and no document.

use super::looks::Looks;
use super::node::{Array, Field, Object, Shape, Text};
use super::span::Span;

/// What a description says of a value.
pub(crate) enum Described {
    Boolean,
    Integer,
    Number,
    Text,
    /// Bytes in base64.
    Bytes,
    /// A `date-time`.
    Instant,
    /// An object with these properties, of which none must be there.
    Object(Vec<(String, Shape)>),
    /// An object whose names are values.
    Map(Shape),
    Array(Shape),
}

impl Shape {
    /// Returns the shape of a value that is described so.
    pub(crate) fn described(what: Described) -> Shape {
        let text = |looks: Looks| Shape {
            text: Some(Box::new(Text { looks: looks.with(Looks::QUOTED), ..Text::default() })),
            ..Shape::default()
        };
        let object = |object| Shape { object: Some(Box::new(object)), ..Shape::default() };
        match what {
            Described::Boolean => Shape { boolean: true, ..Shape::default() },
            Described::Integer => Shape { numbers: Span::ANY, ..Shape::default() },
            Described::Number => Shape { numbers: Span::ANY, fraction: true, ..Shape::default() },
            Described::Text => text(Looks::PLAIN),
            Described::Bytes => text(Looks::BASE64),
            Described::Instant => text(Looks::DATE_TIME),
            Described::Object(fields) => {
                let mut fields: Vec<(Box<str>, Field)> = fields
                    .into_iter()
                    .map(|(name, shape)| (name.into(), Field { shape, optional: true, repeated: false }))
                    .collect();
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                fields.dedup_by(|(one, _), (other, _)| one == other);
                object(Object { fields, whole: true, ..Object::default() })
            }
            Described::Map(value) => {
                object(Object { rest: Some(Box::new(value)), whole: true, map: true, ..Object::default() })
            }
            Described::Array(items) => {
                Shape { array: Some(Box::new(Array { length: Span::default(), items })), ..Shape::default() }
            }
        }
    }

    /// Returns it with the mark that something in it was left out.
    pub(crate) fn truncated(self) -> Shape {
        Shape { cut: true, ..self }
    }
}
