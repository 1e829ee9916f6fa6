//! A document teaches a shape: an observer of the one walk over documents.

use std::ops::{ControlFlow, Range};

use super::looks::Looks;
use super::names::{holds_names, is_name};
use super::node::Shape;
use super::span::Span;
use super::tree::{Slot, Tree};
use crate::classify::{Labels, is_word};
use crate::document::{Container, Document, End, Kind, Observer, Scalar, Syntax};
use crate::redactor::{Cover, Covers, Redactor};

/// So much of a text is looked through for sensitive data, in bytes.
const MAX_TEXT: usize = 4096;

/// Shorter numbers are no one's: phone numbers have eight digits.
const MIN_DIGITS: usize = 8;

/// Learns shapes. Its verdicts are those of a redactor that replaces credentials and personal data.
#[derive(Clone, Copy)]
pub(crate) struct Teacher<'a> {
    /// Says what is sensitive.
    pub(crate) judge: &'a Redactor,
    /// Whether values may be kept that turn out to be an enumeration.
    pub(crate) values: bool,
}

impl Teacher<'_> {
    /// Returns the shape of a document; none where it is not written in its syntax. Of one that was cut, what is not whole
    /// makes nothing optional.
    pub(crate) fn document(self, document: Document<'_>) -> Option<Shape> {
        let covers = Covers::of(document);
        let tree = Tree::new(document.syntax != Syntax::Json);
        let mut learner = Learner { teacher: self, syntax: document.syntax, covers, tree };
        let end = document.walk(&mut learner);
        let mut root = learner.tree.root;
        root.cut |= matches!(end, End::TooDeep { .. });
        let such = !matches!(end, End::Malformed { .. }) && !root.is_empty();
        such.then_some(root)
    }

    /// Takes a value in the place of a text without a type.
    pub(crate) fn text(self, shape: &mut Shape, (name, cover): (&str, Cover), value: &str, searched: bool) {
        let fresh = shape.text.is_none();
        let text = shape.text.get_or_insert_default();
        text.looks = text.looks.with(Looks::of(value));
        text.length = text.length.join(Span::of_length(value.chars().count()));
        text.numbers = text.numbers.join(Span::of_number(value).unwrap_or_default());
        let known = cover == Cover::Open && text.values.has(value);
        if known || !(searched || fresh || self.values && !text.values.is_many()) {
            return;
        }
        let labels = self.labels((name, cover), value);
        if !self.values {
            // They are not looked at, and none is kept.
        } else if labels.is_empty() && cover == Cover::Open && shape.labels.is_empty() && !holds_names(name) {
            text.values.add(value);
        } else {
            text.values.set_many();
        }
        shape.labels = shape.labels.with(labels);
    }

    /// Returns what the redactor finds in a text.
    fn labels(self, (name, cover): (&str, Cover), value: &str) -> Labels {
        if cover == Cover::Open && is_word(value.as_bytes()) {
            return Labels::default();
        }
        let beginning = value.get(..value.floor_char_boundary(MAX_TEXT)).unwrap_or_default();
        self.judge.finds(|judge| drop(judge.value(name, beginning, cover)))
    }

    /// Takes in a number of JSON.
    fn number(self, shape: &mut Shape, (name, cover): (&str, Cover), text: &str, searched: bool) {
        let searched = searched || shape.numbers.is_empty();
        shape.numbers = shape.numbers.join(Span::of_number(text).unwrap_or_default());
        shape.fraction |= text.bytes().any(|byte| b".eE".contains(&byte));
        if searched && (cover != Cover::Open || text.len() >= MIN_DIGITS) {
            let found = self.judge.finds(|judge| drop(judge.number(name, text, cover)));
            shape.labels = shape.labels.with(found);
        }
    }
}

struct Learner<'a> {
    teacher: Teacher<'a>,
    syntax: Syntax<'a>,
    covers: Covers,
    tree: Tree,
}

impl Observer for Learner<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.covers.enter(container, at);
        self.tree.enter(container);
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        self.covers.name(name);
        let named = is_name(name, self.syntax);
        if self.tree.name(name, named) == Slot::Rest {
            self.tree.find_name(self.teacher.labels(("", Cover::Open), name));
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let named = self.covers.current();
        if let Some((shape, searched)) = self.tree.value() {
            match value.kind {
                Kind::Null => shape.null = true,
                Kind::Bool => shape.boolean = true,
                Kind::Number => self.teacher.number(shape, named, value.text, searched),
                Kind::Text => self.teacher.text(shape, named, value.text, searched),
                Kind::File | Kind::Binary => {
                    let text = shape.text.get_or_insert_default();
                    text.looks = text.looks.with(Looks::BINARY);
                }
            }
            let typed = self.syntax == Syntax::Json && value.kind == Kind::Text;
            if let Some(text) = shape.text.as_mut().filter(|_| typed) {
                text.looks = text.looks.with(Looks::QUOTED);
            }
        }
        self.covers.passed(value.text);
        ControlFlow::Continue(())
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.covers.leave();
        self.tree.leave();
        ControlFlow::Continue(())
    }

    fn cut(&mut self) {
        self.tree.cut = true;
    }
}
