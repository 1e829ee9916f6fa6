//! A document teaches a shape: an observer of the one walk over documents.

use std::hash::BuildHasher;
use std::ops::{ControlFlow, Range};

use foldhash::fast::FixedState;

use super::looks::Looks;
use super::names::{holds_names, is_name};
use super::node::{Field, Object, Shape};
use super::span::Span;
use crate::classify::{Labels, is_word};
use crate::document::{Container, Document, End, Kind, Observer, Scalar, Syntax};
use crate::redactor::{Cover, Covers, Redactor};

/// The deepest nesting that is told apart. Bodies of services have under ten levels.
const MAX_DEPTH: usize = 24;

/// The most shapes that one document gives.
const MAX_NODES: usize = 3072;

/// The first items of an array are looked through for sensitive data; in those behind them only fields that are new.
const MAX_SEARCHED: usize = 8;

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
        let mut learner = Learner {
            teacher: self,
            syntax: document.syntax,
            covers,
            root: Shape::default(),
            open: Vec::new(),
            passed: 0,
            nodes: 0,
            cut: false,
        };
        match document.walk(&mut learner) {
            End::Malformed { .. } => None,
            End::TooDeep { .. } => {
                learner.root.cut = true;
                Some(learner.root)
            }
            End::Whole | End::Cut { .. } | End::Stopped => Some(learner.root),
        }
        .filter(|shape| !shape.is_empty())
    }

    /// Takes a value in the place of a text without a type.
    pub(crate) fn text(self, shape: &mut Shape, (name, cover): (&str, Cover), value: &str, searched: bool) {
        let fresh = shape.text.is_none();
        let text = shape.text.get_or_insert_default();
        text.looks = text.looks.with(Looks::of(value));
        text.length = text.length.join(Span::of_length(value.chars().count()));
        text.numbers = text.numbers.join(Span::of_number(value).unwrap_or_default());
        if text.values.has(value) || !(searched || fresh || self.values && !text.values.is_many()) {
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

/// Where the shape of a value belongs in what is around it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    /// It is a document.
    Root,
    /// Under a name.
    Field(Box<str>),
    /// Under a name that is a value.
    Rest,
    /// In an array.
    Items,
    /// It is the text of an element.
    Own,
}

/// A container that is open.
struct Frame {
    container: Container,
    /// Its shape, taken out of what is around it until it ends.
    shape: Shape,
    slot: Slot,
    /// Where the next value belongs, if it has a name.
    next: Option<Slot>,
    /// Hashes of the names in it so far.
    seen: Vec<u64>,
    items: usize,
    /// Whether values in it are looked through for sensitive data.
    searched: bool,
}

struct Learner<'a> {
    teacher: Teacher<'a>,
    syntax: Syntax<'a>,
    covers: Covers,
    root: Shape,
    open: Vec<Frame>,
    /// How many containers are open of which nothing is learned.
    passed: usize,
    nodes: usize,
    /// Whether the document ended in the middle of what is open.
    cut: bool,
}

impl Learner<'_> {
    /// Where the next value belongs.
    fn slot(&mut self) -> Slot {
        let Some(frame) = self.open.last_mut() else { return Slot::Root };
        match (frame.next.take(), frame.container) {
            (Some(slot), _) => slot,
            (None, Container::Items) => Slot::Items,
            (None, Container::Element) => Slot::Own,
            (None, Container::Fields) => Slot::Rest,
        }
    }

    /// The shape at a place of what is open; none where there is no room for another.
    fn at(&mut self, slot: &Slot) -> Option<&mut Shape> {
        let Some(frame) = self.open.last_mut() else { return Some(&mut self.root) };
        if *slot == Slot::Own {
            return Some(&mut frame.shape);
        }
        let (nodes, shape) = (&mut self.nodes, &mut frame.shape);
        let full = *nodes >= MAX_NODES;
        let known = match slot {
            Slot::Items => shape.array.as_ref().is_some_and(|array| !array.items.is_empty()),
            Slot::Rest => shape.object.as_ref().is_some_and(|object| object.rest.is_some()),
            Slot::Field(name) => shape.object.as_ref().is_some_and(|object| object.place(name).is_ok()),
            Slot::Root | Slot::Own => true,
        };
        if full && !known {
            shape.cut = true;
            return None;
        }
        *nodes += usize::from(!known);
        Some(match slot {
            Slot::Items => &mut shape.array.get_or_insert_default().items,
            Slot::Rest => shape.object.get_or_insert_default().rest.get_or_insert_default(),
            Slot::Field(name) => {
                let repeats = self.syntax != Syntax::Json;
                shape.object.get_or_insert_default().field(name, &mut frame.seen, repeats)
            }
            Slot::Root | Slot::Own => shape,
        })
    }

    /// Puts back what was taken out to be read.
    fn put(&mut self, slot: &Slot, shape: Shape) {
        let Some(outer) = self.open.last_mut() else {
            self.root = shape;
            return;
        };
        match slot {
            Slot::Root | Slot::Own => {}
            Slot::Items => outer.shape.array.get_or_insert_default().items = shape,
            Slot::Rest => {
                outer.shape.object.get_or_insert_default().rest = Some(Box::new(shape));
            }
            Slot::Field(name) => outer.shape.object.get_or_insert_default().put(name, shape),
        }
    }

    /// Returns whether the next value is looked through for sensitive data.
    fn is_searched(&self) -> bool {
        let listed = |frame: &Frame| frame.container == Container::Items && frame.items > MAX_SEARCHED;
        self.open.last().is_none_or(|frame| frame.searched && !listed(frame))
    }

    /// Counts what comes next in an array.
    fn count(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.items += 1;
        }
    }
}

impl Observer for Learner<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.covers.enter(container, at);
        if self.passed > 0 {
            self.passed += 1;
            return ControlFlow::Continue(());
        }
        self.count();
        let searched = self.is_searched();
        let slot = self.slot();
        let deep = self.open.len() >= MAX_DEPTH;
        let Some(place) = self.at(&slot) else {
            self.passed = 1;
            return ControlFlow::Continue(());
        };
        if deep {
            place.cut = true;
            self.passed = 1;
            return ControlFlow::Continue(());
        }
        let mut shape = std::mem::take(place);
        match container {
            Container::Fields => drop(shape.object.get_or_insert_default()),
            Container::Items => drop(shape.array.get_or_insert_default()),
            Container::Element => {}
        }
        self.open.push(Frame { container, shape, slot, next: None, seen: Vec::new(), items: 0, searched });
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        self.covers.name(name);
        if self.passed == 0
            && let Some(frame) = self.open.last_mut()
        {
            let object = frame.shape.object.as_ref();
            let named = is_name(name, self.syntax) && !object.is_some_and(|object| object.is_value(name));
            frame.next = Some(if named { Slot::Field(name.into()) } else { Slot::Rest });
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        if self.passed == 0 {
            self.count();
            let searched = self.is_searched();
            let slot = self.slot();
            let (teacher, typed) = (self.teacher, self.syntax == Syntax::Json);
            let (name, cover) = self.covers.current();
            let name = name.to_owned();
            if let Some(shape) = self.at(&slot) {
                match value.kind {
                    Kind::Null => shape.null = true,
                    Kind::Bool => shape.boolean = true,
                    Kind::Number => teacher.number(shape, (&name, cover), value.text, searched),
                    Kind::Text => teacher.text(shape, (&name, cover), value.text, searched),
                    Kind::File | Kind::Binary => {
                        let text = shape.text.get_or_insert_default();
                        text.looks = text.looks.with(Looks::BINARY);
                    }
                }
                if let Some(text) = shape.text.as_mut().filter(|_| typed && value.kind == Kind::Text) {
                    text.looks = text.looks.with(Looks::QUOTED);
                }
            }
        }
        self.covers.passed(value.text);
        ControlFlow::Continue(())
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.covers.leave();
        if self.passed > 0 {
            self.passed -= 1;
            return ControlFlow::Continue(());
        }
        let Some(mut frame) = self.open.pop() else { return ControlFlow::Continue(()) };
        frame.end(!self.cut);
        self.put(&frame.slot, frame.shape);
        ControlFlow::Continue(())
    }

    fn cut(&mut self) {
        self.cut = true;
    }
}

impl Frame {
    /// Takes note that the container ends, or that the document ends in the middle of it.
    fn end(&mut self, whole: bool) {
        match self.container {
            Container::Items if whole => {
                let array = self.shape.array.get_or_insert_default();
                array.length = array.length.join(Span::of_length(self.items));
            }
            Container::Element if self.items == 0 && whole => {
                let text = self.shape.text.get_or_insert_default();
                text.looks = text.looks.with(Looks::PLAIN);
                text.length = text.length.join(Span::of_length(0));
                text.values.set_many();
            }
            _ => {}
        }
        if let Some(object) = &mut self.shape.object {
            object.end(&mut self.seen, whole);
        }
    }
}

impl Object {
    /// The shape under a name, which is new if it was never seen. `seen` are the hashes of the names in the object that is being
    /// read; with `repeats` a name that comes again is one of several values.
    pub(super) fn field(&mut self, name: &str, seen: &mut Vec<u64>, repeats: bool) -> &mut Shape {
        let hash = hash(name);
        let again = seen.contains(&hash);
        if !again {
            seen.push(hash);
        }
        if let Err(at) = self.place(name) {
            // What objects before this one did not have is optional.
            let field = Field { optional: self.whole, ..Field::default() };
            self.fields.insert(at, (name.into(), field));
            self.settle();
        }
        match self.place(name).ok().and_then(|at| self.fields.get_mut(at)) {
            Some((_, field)) => {
                field.repeated |= again && repeats;
                &mut field.shape
            }
            // With this name there are so many that they are values.
            None => self.rest.get_or_insert_default(),
        }
    }

    /// Puts back what was taken out to be read.
    fn put(&mut self, name: &str, shape: Shape) {
        match self.get_mut(name) {
            Some(field) => field.shape = shape,
            None => self.add_rest(shape),
        }
    }

    /// Takes note that an object ends: what it did not have is optional.
    pub(super) fn end(&mut self, seen: &mut [u64], whole: bool) {
        if !whole {
            return;
        }
        seen.sort_unstable();
        for (name, field) in &mut self.fields {
            field.optional |= seen.binary_search(&hash(name)).is_err();
        }
        self.whole = true;
    }
}

fn hash(name: &str) -> u64 {
    FixedState::with_seed(0).hash_one(name)
}
