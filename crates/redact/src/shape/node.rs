//! The shape of a value, and of what is in it.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::looks::Looks;
use super::span::Span;
use super::values::Values;
use crate::classify::{DIGIT, Labels, kinds_of};

/// The most properties of an object whose names are told apart. One with more is a map: its names are values. Of 91
/// published API documents none has more in one object.
const MAX_FIELDS: usize = 256;

/// From so many names on that have letters, digits and signs in the same places, such names of an object are values.
const MIN_ALIKE: usize = 8;

/// What an allocator adds to each allocation, in bytes.
const ALLOCATION: usize = 16;

/// What values at one place of documents look like: their types, and of each type what all values have in common. It holds
/// no value but those of enumerations.
///
/// Shapes are a join-semilattice: [`Shape::join`](Shape::join) is commutative, associative and idempotent, and a shape that
/// was joined accepts all that either accepted. Only the counts of values that may be an enumeration are none of it: they
/// add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    #[serde(rename = "null", skip_serializing_if = "is_false")]
    pub(super) null: bool,
    #[serde(rename = "bool", skip_serializing_if = "is_false")]
    pub(super) boolean: bool,
    /// The range of numbers, if there are any.
    #[serde(rename = "n", skip_serializing_if = "Span::is_empty")]
    pub(super) numbers: Span,
    /// Whether a number is no integer.
    #[serde(rename = "frac", skip_serializing_if = "is_false")]
    pub(super) fraction: bool,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Box<Text>>,
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub(super) array: Option<Box<Array>>,
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<Box<Object>>,
    #[serde(rename = "l", skip_serializing_if = "is_unlabelled")]
    pub(super) labels: Labels,
    /// Whether something in it was left out: it nests too deep, or has too much in it.
    #[serde(rename = "cut", skip_serializing_if = "is_false")]
    pub(super) cut: bool,
}

/// What texts have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Text {
    #[serde(rename = "f")]
    pub(super) looks: Looks,
    /// The range of their lengths, in characters.
    #[serde(rename = "c")]
    pub(super) length: Span,
    /// The range of the numbers that they look like.
    #[serde(rename = "n", skip_serializing_if = "Span::is_empty")]
    pub(super) numbers: Span,
    #[serde(rename = "v", skip_serializing_if = "Values::is_unknown")]
    pub(super) values: Values,
}

/// What arrays have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Array {
    /// The range of the numbers of their items.
    #[serde(rename = "c")]
    pub(super) length: Span,
    #[serde(rename = "i")]
    pub(super) items: Shape,
}

/// What objects have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Object {
    /// In the order of their names.
    #[serde(rename = "p", with = "fields", skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<(Box<str>, Field)>,
    /// What stands under names that are values.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub(super) rest: Option<Box<Shape>>,
    /// What those names are.
    #[serde(rename = "ml", skip_serializing_if = "is_unlabelled")]
    pub(super) names: Labels,
    /// Whether one of them was seen to its end: what it did not have is optional.
    #[serde(rename = "w", skip_serializing_if = "is_false")]
    pub(super) whole: bool,
    /// The forms of names of which there are so many that they are values: `a-9` stands for `item-12`.
    #[serde(rename = "k", skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) alike: BTreeSet<Box<str>>,
    /// Whether all names are values.
    #[serde(rename = "map", skip_serializing_if = "is_false")]
    pub(super) map: bool,
}

/// A property of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Field {
    #[serde(rename = "s")]
    pub(super) shape: Shape,
    /// Whether an object that was seen to its end did not have it.
    #[serde(rename = "opt", skip_serializing_if = "is_false")]
    pub(super) optional: bool,
    /// Whether its name came several times in one of them, in a syntax without lists.
    #[serde(rename = "rep", skip_serializing_if = "is_false")]
    pub(super) repeated: bool,
}

impl Shape {
    /// Returns whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Shape::default()
    }

    /// Returns the kinds of sensitive data that values at this place are, those inside of them left out.
    #[must_use]
    pub fn labels(&self) -> Labels {
        self.labels
    }

    /// Returns the kinds of sensitive data that values at this place are, or have inside of them.
    #[must_use]
    pub fn all_labels(&self) -> Labels {
        self.children().fold(self.labels, |labels, child| labels.with(child.all_labels()))
    }

    /// The names of its properties, or those of the objects in it if it is an array.
    pub(crate) fn outermost(&self) -> impl Iterator<Item = &str> {
        let items = self.array.as_ref().and_then(|array| array.items.object.as_deref());
        let object = self.object.as_deref().or(items);
        object.into_iter().flat_map(|object| object.fields.iter().map(|(name, _)| &**name))
    }

    /// Returns the number of shapes in it, with itself.
    #[must_use]
    pub fn nodes(&self) -> usize {
        1 + self.children().map(Shape::nodes).sum::<usize>()
    }

    /// Returns what it occupies beside itself, in bytes: an estimate on the high side.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let text =
            self.text.as_ref().map_or(0, |text| size_of::<Text>() + ALLOCATION + text.values.heap_bytes());
        let array = self.array.as_ref().map_or(0, |_| size_of::<Array>() + ALLOCATION);
        let object = self.object.as_ref().map_or(0, |object| {
            let names: usize = object.fields.iter().map(|(name, _)| name.len() + ALLOCATION).sum();
            let rest = object.rest.as_ref().map_or(0, |_| size_of::<Shape>() + ALLOCATION)
                + object.alike.iter().map(|mask| mask.len() + 2 * ALLOCATION).sum::<usize>();
            size_of::<Object>()
                + ALLOCATION
                + object.fields.capacity() * size_of::<(Box<str>, Field)>()
                + names
                + rest
        });
        text + array + object + self.children().map(Shape::heap_bytes).sum::<usize>()
    }

    /// Gives its properties other names: `renamed` has the old and the new ones in pairs. Those that are not in it go.
    pub(crate) fn rename(&mut self, renamed: &[(Option<String>, String)]) {
        let Some(object) = self.object.as_deref_mut() else { return };
        let mut known = std::mem::take(&mut object.fields);
        for (old, new) in renamed {
            let place = old.as_ref().and_then(|old| known.iter().position(|(name, _)| **name == **old));
            if let (Some(from), Err(to)) = (place, object.place(new)) {
                object.fields.insert(to, (new.as_str().into(), known.swap_remove(from).1));
            }
        }
    }

    /// Leaves out what is deepest in it, until it has no more shapes than so many.
    pub(super) fn trim(&mut self, most: usize) {
        let mut depth = self.depth();
        while depth > 0 && self.nodes() > most {
            depth -= 1;
            self.cut_below(depth);
        }
    }

    fn depth(&self) -> usize {
        self.children().map(|child| 1 + child.depth()).max().unwrap_or(0)
    }

    fn cut_below(&mut self, depth: usize) {
        if depth > 0 {
            self.children_mut().for_each(|child| child.cut_below(depth - 1));
            return;
        }
        let cut = self.children().next().is_some();
        self.cut |= cut;
        if let Some(array) = &mut self.array {
            array.items = Shape::default();
        }
        if let Some(object) = &mut self.object {
            object.fields = Vec::new();
            object.rest = None;
        }
    }

    fn children(&self) -> impl Iterator<Item = &Shape> {
        let items = self.array.iter().map(|array| &array.items).filter(|items| !items.is_empty());
        let fields =
            self.object.iter().flat_map(|object| object.fields.iter().map(|(_, field)| &field.shape));
        let rest = self.object.iter().filter_map(|object| object.rest.as_deref());
        items.chain(fields).chain(rest)
    }

    fn children_mut(&mut self) -> impl Iterator<Item = &mut Shape> {
        let (fields, rest) = match self.object.as_deref_mut() {
            Some(object) => (object.fields.as_mut_slice(), object.rest.as_deref_mut()),
            None => (&mut [][..], None),
        };
        let items = self.array.iter_mut().map(|array| &mut array.items);
        items.chain(fields.iter_mut().map(|(_, field)| &mut field.shape)).chain(rest)
    }
}

impl Object {
    /// Returns where a property is, or would be.
    pub(super) fn place(&self, name: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// Returns a property.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Field> {
        let at = self.place(name).ok()?;
        self.fields.get_mut(at).map(|(_, field)| field)
    }

    /// Returns whether a name is known to be one of many: a value.
    pub(super) fn is_value(&self, name: &str) -> bool {
        self.map || !self.alike.is_empty() && mask(name).is_some_and(|mask| self.alike.contains(&mask))
    }

    /// Takes note of the forms that so many names have that they are values.
    pub(super) fn find_alike(&mut self) {
        let mut masks: Vec<Box<str>> = self.fields.iter().filter_map(|(name, _)| mask(name)).collect();
        masks.sort_unstable();
        let many = masks.chunk_by(|one, other| one == other).filter(|all| all.len() >= MIN_ALIKE);
        self.alike.extend(many.filter_map(|all| all.first().cloned()));
        self.map |= self.fields.len() > MAX_FIELDS;
    }
}

/// Returns the form of a name with digits in it: a letter for each run of letters, a digit for each of digits.
fn mask(name: &str) -> Option<Box<str>> {
    if kinds_of(name.as_bytes()) & DIGIT == 0 {
        return None;
    }
    let mut mask = String::new();
    for one in name.chars() {
        let class = match one {
            _ if one.is_ascii_digit() => '9',
            _ if one.is_alphabetic() => 'a',
            _ => one,
        };
        if !mask.ends_with(class) || !matches!(class, '9' | 'a') {
            mask.push(class);
        }
    }
    Some(mask.into())
}

/// Properties as an object of JSON.
mod fields {
    use std::collections::BTreeMap;

    use super::{Deserialize, Deserializer, Field, Serializer};

    pub(super) fn serialize<S: Serializer>(fields: &[(Box<str>, Field)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(fields.iter().map(|(name, field)| (name, field)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(Box<str>, Field)>, D::Error> {
        Ok(BTreeMap::<Box<str>, Field>::deserialize(from)?.into_iter().collect())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_unlabelled(labels: &Labels) -> bool {
    labels.is_empty()
}
