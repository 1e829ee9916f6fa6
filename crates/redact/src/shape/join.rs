//! Shapes become one: the least shape that accepts what either accepts.

use super::node::{Array, Field, Object, Shape, Text};

impl Shape {
    /// Takes in another shape of values at the same place.
    pub fn join(&mut self, other: Shape) {
        self.null |= other.null;
        self.boolean |= other.boolean;
        self.numbers = self.numbers.join(other.numbers);
        self.fraction |= other.fraction;
        self.labels = self.labels.with(other.labels);
        self.cut |= other.cut;
        joined(&mut self.text, other.text, Text::join);
        joined(&mut self.array, other.array, Array::join);
        joined(&mut self.object, other.object, Object::join);
    }
}

/// Joins what both have, or takes what one has.
fn joined<T>(mine: &mut Option<Box<T>>, other: Option<Box<T>>, join: impl FnOnce(&mut T, T)) {
    match (mine.as_deref_mut(), other) {
        (Some(mine), Some(other)) => join(mine, *other),
        (None, other) => *mine = other,
        (Some(_), None) => {}
    }
}

impl Text {
    pub(super) fn join(&mut self, other: Text) {
        self.looks = self.looks.with(other.looks);
        self.length = self.length.join(other.length);
        self.numbers = self.numbers.join(other.numbers);
        self.values.join(other.values);
    }
}

impl Array {
    fn join(&mut self, other: Array) {
        self.length = self.length.join(other.length);
        self.items.join(other.items);
    }
}

impl Object {
    /// A property is optional where an object that was seen to its end did not have it: one that is not known on a side is
    /// missing there, if there was such an object.
    fn join(&mut self, other: Object) {
        let (mine, theirs) = (self.whole, other.whole);
        let mut others = other.fields.into_iter().peekable();
        let mut fields = Vec::with_capacity(self.fields.len().max(others.len()));
        for (name, mut field) in std::mem::take(&mut self.fields) {
            while let Some(before) = others.next_if(|(other, _)| *other < name) {
                fields.push(lacking(before, mine));
            }
            match others.next_if(|(other, _)| *other == name) {
                Some((_, other)) => field.join(other),
                None => field.optional |= theirs,
            }
            fields.push((name, field));
        }
        fields.extend(others.map(|one| lacking(one, mine)));
        self.fields = fields;
        self.whole |= theirs;
        self.map |= other.map;
        self.names = self.names.with(other.names);
        self.alike.extend(other.alike);
        if let Some(rest) = other.rest {
            self.add_rest(*rest);
        }
        self.settle();
    }

    /// Takes in what stands under a name that is a value.
    pub(super) fn add_rest(&mut self, shape: Shape) {
        self.rest.get_or_insert_default().join(shape);
    }

    /// Gives up names that turn out to be values: what stands under them is one.
    pub(super) fn settle(&mut self) {
        self.find_alike();
        if !self.map && self.alike.is_empty() {
            return;
        }
        for (name, field) in std::mem::take(&mut self.fields) {
            match self.is_value(&name) {
                true => self.add_rest(field.shape),
                false => self.fields.push((name, field)),
            }
        }
    }
}

/// A property that the other side does not have.
fn lacking((name, mut field): (Box<str>, Field), whole: bool) -> (Box<str>, Field) {
    field.optional |= whole;
    (name, field)
}

impl Field {
    fn join(&mut self, other: Field) {
        self.shape.join(other.shape);
        self.optional |= other.optional;
        self.repeated |= other.repeated;
    }
}
