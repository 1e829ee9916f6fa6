//! Shapes as schemas of JSON Schema 2020-12, the dialect of OpenAPI 3.1.

use serde_json::{Map, Value, json};

use super::looks::Looks;
use super::node::{Array, Field, Object, Shape, Text};
use crate::classify::{Label, Labels};

/// From so many properties on, of which none is required and all have one type, an object is shown as a map.
const MIN_MAP: usize = 16;

/// The property that holds the text of an element of XML that has attributes or children too.
pub(super) const ELEMENT_TEXT: &str = "#text";

impl Shape {
    /// Returns a schema that accepts every value that the shape was learned from. The same shape gives the same schema, with
    /// its keys in order.
    ///
    /// `x-sensitive` lists the kinds of sensitive data that the redactor found at this place. `x-truncated` says that something
    /// inside was left out. Ends of ranges are powers of ten.
    #[must_use]
    pub fn schema(&self) -> Value {
        let (mut schema, mut types) = (Map::new(), Vec::new());
        let element = self.object.is_some() && self.text.as_ref().is_some_and(|text| !text.is_quoted());
        if let Some(array) = &self.array {
            types.push("array");
            array.describe(&mut schema);
        }
        if self.boolean {
            types.push("boolean");
        }
        if !self.numbers.is_empty() {
            types.push(if self.fraction { "number" } else { "integer" });
            describe_numbers(&mut schema, self.numbers);
        }
        if self.null {
            types.push("null");
        }
        if let Some(object) = &self.object {
            types.push("object");
            object.describe(&mut schema, if element { self.text.as_deref() } else { None });
        }
        if let Some(text) = self.text.as_deref().filter(|_| !element) {
            let typed = text.describe(&mut schema, types.iter().all(|one| *one == "null"), self.null);
            types.push(typed);
        }
        types.sort_unstable();
        match types.as_slice() {
            [] => {}
            [one] => drop(schema.insert("type".into(), json!(one))),
            several => drop(schema.insert("type".into(), json!(several))),
        }
        insert(&mut schema, "x-sensitive", listed(self.labels));
        if self.cut {
            schema.insert("x-truncated".into(), json!(true));
        }
        Value::Object(schema)
    }
}

impl Array {
    fn describe(&self, schema: &mut Map<String, Value>) {
        schema.insert("items".into(), self.items.schema());
        if !self.length.begins_at_zero() {
            insert(schema, "minItems", self.length.low());
        }
        insert(schema, "maxItems", self.length.high());
    }
}

impl Field {
    /// Returns the schema of all that stands under its name.
    pub(super) fn schema(&self) -> Value {
        let schema = self.shape.schema();
        if self.repeated { json!({ "type": "array", "items": schema }) } else { schema }
    }
}

impl Object {
    /// Adds the keywords of objects. `text` is that of an element of XML that has text too, and not always children.
    fn describe(&self, schema: &mut Map<String, Value>, text: Option<&Text>) {
        let (shown, rest) = if self.looks_like_map() {
            self.as_map()
        } else {
            (&self.fields[..], self.rest.as_deref().cloned())
        };
        let mut properties: Map<String, Value> =
            shown.iter().map(|(name, field)| (name.to_string(), field.schema())).collect();
        if let Some(text) = text {
            let text = Shape { text: Some(Box::new(text.clone())), ..Shape::default() };
            properties.insert(ELEMENT_TEXT.into(), text.schema());
        }
        if !properties.is_empty() {
            schema.insert("properties".into(), Value::Object(properties));
        }
        let required = shown.iter().filter(|(_, field)| self.whole && !field.optional && text.is_none());
        let required: Vec<&str> = required.map(|(name, _)| &**name).collect();
        if !required.is_empty() {
            schema.insert("required".into(), json!(required));
        }
        insert(schema, "additionalProperties", rest.map(|rest| rest.schema()));
        insert(schema, "propertyNames", listed(self.names).map(|labels| json!({ "x-sensitive": labels })));
    }

    /// Returns whether its names, though words, are values: there are many, none is in every object, and what they name is of one
    /// type.
    fn looks_like_map(&self) -> bool {
        let kind = |shape: &Shape| {
            (
                shape.object.is_some(),
                shape.array.is_some(),
                shape.text.is_some(),
                !shape.numbers.is_empty(),
                shape.boolean,
            )
        };
        let mut kinds = self.fields.iter().map(|(_, field)| kind(&field.shape));
        let first = kinds.next();
        self.fields.len() >= MIN_MAP
            && self.fields.iter().all(|(_, field)| field.optional && !field.repeated)
            && kinds.all(|kind| Some(kind) == first)
    }

    fn as_map(&self) -> (&[(Box<str>, Field)], Option<Shape>) {
        let mut all = self.rest.as_deref().cloned().unwrap_or_default();
        self.fields.iter().for_each(|(_, field)| all.join(field.shape.clone()));
        (&[], Some(all))
    }
}

impl Text {
    /// Returns whether it stood in a syntax that has numbers too.
    fn is_quoted(&self) -> bool {
        Looks::QUOTED.is_within(self.looks)
    }

    /// Adds the keywords of texts, or of the numbers that all of them are in a syntax without types. Returns the type. `alone` says that
    /// there is no other type, but perhaps that of `null`.
    fn describe(&self, schema: &mut Map<String, Value>, alone: bool, null: bool) -> &'static str {
        let integer = self.looks.is_within(Looks::INTEGER);
        if integer || self.looks.is_within(Looks::INTEGER.with(Looks::NUMBER)) {
            describe_numbers(schema, self.numbers);
            return if integer { "integer" } else { "number" };
        }
        if self.looks.is_within(Looks::BOOLEAN) {
            return "boolean";
        }
        if self.looks.is_within(Looks::BINARY) {
            schema.insert("contentMediaType".into(), json!("application/octet-stream"));
            return "string";
        }
        if self.looks.is_within(Looks::BASE64.with(Looks::QUOTED)) {
            schema.insert("contentEncoding".into(), json!("base64"));
            return "string";
        }
        if !self.length.begins_at_zero() {
            insert(schema, "minLength", self.length.low());
        }
        insert(schema, "maxLength", self.length.high());
        insert(schema, "format", self.looks.format().map(Value::from));
        if let Some(values) = self.values.enumerated().filter(|_| alone) {
            let mut values: Vec<Value> = values.map(Value::from).collect();
            values.extend(null.then_some(Value::Null));
            schema.insert("enum".into(), Value::Array(values));
        }
        "string"
    }
}

/// Returns the names of kinds, unless there are none.
fn listed(labels: Labels) -> Option<Value> {
    let names: Vec<_> = labels.iter().map(Label::name).collect();
    (!names.is_empty()).then(|| json!(names))
}

fn describe_numbers(schema: &mut Map<String, Value>, numbers: super::span::Span) {
    insert(schema, "minimum", numbers.low());
    insert(schema, "maximum", numbers.high());
}

fn insert(schema: &mut Map<String, Value>, keyword: &str, value: Option<Value>) {
    if let Some(value) = value {
        schema.insert(keyword.into(), value);
    }
}
