//! The laws of shapes, what documents teach, and what hostile ones cost.

mod documents;
mod hostile;
mod laws;

use serde_json::Value;

use super::{Shape, Teacher};
use crate::document::{Document, Syntax};
use crate::{Examples, Redactor};

/// What a document teaches.
fn learned(syntax: Syntax<'_>, bytes: &[u8], whole: bool) -> Option<Shape> {
    let judge = Redactor::new(Examples::Redacted);
    Teacher { judge: &judge, values: true }.document(Document { syntax, bytes, whole })
}

/// The schema of what several documents teach.
fn schema_of(syntax: Syntax<'_>, documents: &[&str]) -> Value {
    let mut all = Shape::default();
    documents
        .iter()
        .filter_map(|text| learned(syntax, text.as_bytes(), true))
        .for_each(|shape| all.join(shape));
    all.schema()
}
