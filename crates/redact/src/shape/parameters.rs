//! The parameters of a request: what stands in its query, its header and its cookies.

use super::learn::Teacher;
use super::names::is_name;
use super::node::{Object, Shape};
use super::shapes::{Location, Shapes};
use crate::document::{Document, Syntax};
use crate::redactor::{Cover, header_cover, is_parameter_header};
use crate::sealed::SealedFields;

impl Teacher<'_> {
    /// Takes in the parameters of a request.
    pub(crate) fn parameters(self, shapes: &mut Shapes, fields: &SealedFields) {
        let query = Document { syntax: Syntax::Form, bytes: &fields.query, whole: true };
        let shape = if fields.query.is_empty() { Some(Pairs::default().end()) } else { self.document(query) };
        shape.into_iter().for_each(|shape| shapes.add_parameters(Location::Query, shape));
        let (mut headers, mut cookies) = (Pairs::default(), Pairs::default());
        for (name, value) in fields.headers() {
            // In lower case a token does not look like one.
            let name = String::from_utf8_lossy(name);
            let such = is_name(&name, Syntax::Form);
            let name = name.to_ascii_lowercase();
            let value = String::from_utf8_lossy(value);
            if name == "cookie" {
                let pairs = value.split(';').filter_map(|pair| pair.trim().split_once('='));
                // What a cookie holds is the client's, and no enumeration.
                let teacher = Teacher { values: false, ..self };
                pairs.for_each(|(name, value)| cookies.add(teacher, name, Cover::of(name), value));
            } else if such && is_parameter_header(&name) {
                headers.add(self, &name, header_cover(&name), &value);
            }
        }
        shapes.add_parameters(Location::Header, headers.end());
        shapes.add_parameters(Location::Cookie, cookies.end());
    }

    /// Returns the shape of the variables of a path: names, the words before them, and values.
    pub(crate) fn path<'v>(self, variables: impl Iterator<Item = (&'v str, &'v str, &'v [u8])>) -> Shape {
        let mut pairs = Pairs::default();
        // A word in such a place may be the name of someone.
        let teacher = Teacher { values: false, ..self };
        for (name, noun, value) in variables {
            pairs.add(teacher, name, Cover::of(noun), &String::from_utf8_lossy(value));
        }
        pairs.end()
    }
}

/// Names with values, as an object.
#[derive(Default)]
struct Pairs {
    object: Object,
    seen: Vec<u64>,
}

impl Pairs {
    fn add(&mut self, teacher: Teacher<'_>, name: &str, cover: Cover, value: &str) {
        if is_name(name, Syntax::Form) && !self.object.is_value(name) {
            self.object.field(name, &mut self.seen, false);
            if let Some(field) = self.object.get_mut(name) {
                teacher.text(&mut field.shape, (name, cover), value, true);
            }
        }
    }

    fn end(mut self) -> Shape {
        self.object.end(&mut self.seen, true);
        Shape { object: Some(Box::new(self.object)), ..Shape::default() }
    }
}
