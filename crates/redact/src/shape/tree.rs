//! The shape of a document while it is read: what is open is taken out of what is around it, and put back when it ends.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::looks::Looks;
use super::node::{Field, Object, Shape};
use super::span::Span;
use crate::classify::Labels;
use crate::document::Container;

/// The deepest nesting that is told apart. Bodies of services have under ten levels.
const MAX_DEPTH: usize = 24;

/// The most shapes that one document gives.
const MAX_NODES: usize = 3072;

/// The first items of an array are looked through for sensitive data; in those behind them only fields that are new.
const MAX_SEARCHED: usize = 8;

/// Where the shape of a value belongs in what is around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is a document.
    Root,
    /// A property, by its place.
    Field(usize),
    /// Under a name that is a value.
    Rest,
    /// In an array.
    Items,
    /// It is the text of an element.
    Own,
    /// There is no room for it.
    Nowhere,
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

/// The shape of a document while it is read.
pub(super) struct Tree {
    pub(super) root: Shape,
    open: Vec<Frame>,
    /// How many containers are open of which nothing is learned.
    passed: usize,
    nodes: usize,
    /// Whether a name that comes again is one of several values.
    repeats: bool,
    /// Whether the document ended in the middle of what is open.
    pub(super) cut: bool,
}

impl Tree {
    pub(super) fn new(repeats: bool) -> Tree {
        Tree { root: Shape::default(), open: Vec::new(), passed: 0, nodes: 0, repeats, cut: false }
    }

    /// Enters a container.
    pub(super) fn enter(&mut self, container: Container) {
        if self.passed > 0 {
            self.passed += 1;
            return;
        }
        let (deep, full) = (self.open.len() >= MAX_DEPTH, self.nodes >= MAX_NODES);
        let slot = self.slot();
        let Some((place, searched)) = self.at(slot) else {
            self.passed = 1;
            return;
        };
        let fresh = place.is_empty();
        if deep || full && fresh {
            place.cut = true;
            self.passed = 1;
            return;
        }
        let mut shape = std::mem::take(place);
        match container {
            Container::Fields => drop(shape.object.get_or_insert_default()),
            Container::Items => drop(shape.array.get_or_insert_default()),
            Container::Element => {}
        }
        self.nodes += usize::from(fresh);
        self.open.push(Frame { container, shape, slot, next: None, seen: Vec::new(), items: 0, searched });
    }

    /// The next value has this name, unless it is no name: then it is a value. Returns where what it names belongs.
    pub(super) fn name(&mut self, name: &str, named: bool) -> Slot {
        let Some(frame) = self.open.last_mut().filter(|_| self.passed == 0) else { return Slot::Nowhere };
        let object = frame.shape.object.get_or_insert_default();
        let known = object.place(name).is_ok();
        let slot = match () {
            () if !named || object.is_value(name) => Slot::Rest,
            () if !known && self.nodes >= MAX_NODES => Slot::Nowhere,
            () => object.field(name, &mut frame.seen, self.repeats),
        };
        frame.shape.cut |= slot == Slot::Nowhere;
        self.nodes += usize::from(!known);
        frame.next = Some(slot);
        slot
    }

    /// Takes note of what the last name is, which is a value.
    pub(super) fn find_name(&mut self, found: Labels) {
        if let Some(object) = self.open.last_mut().and_then(|frame| frame.shape.object.as_mut()) {
            object.names = object.names.with(found);
        }
    }

    /// Returns the shape of the next value, and whether that is looked through for sensitive data; none where nothing is
    /// learned of it.
    pub(super) fn value(&mut self) -> Option<(&mut Shape, bool)> {
        if self.passed > 0 {
            return None;
        }
        let slot = self.slot();
        self.at(slot)
    }

    /// Leaves the container that was entered last.
    pub(super) fn leave(&mut self) {
        if self.passed > 0 {
            self.passed -= 1;
            return;
        }
        let Some(mut frame) = self.open.pop() else { return };
        frame.end(!self.cut);
        if frame.slot == Slot::Root {
            self.root = frame.shape;
        } else if let Some(place) = self.place(frame.slot) {
            *place = frame.shape;
        }
    }

    /// Where the next value belongs, which is counted.
    fn slot(&mut self) -> Slot {
        let Some(frame) = self.open.last_mut() else { return Slot::Root };
        frame.items += 1;
        match (frame.next.take(), frame.container) {
            (Some(slot), _) => slot,
            (None, Container::Items) => Slot::Items,
            (None, Container::Element) => Slot::Own,
            (None, Container::Fields) => Slot::Rest,
        }
    }

    /// The shape at a place of what is open, and whether it is looked through for sensitive data.
    fn at(&mut self, slot: Slot) -> Option<(&mut Shape, bool)> {
        let listed = |frame: &Frame| frame.container == Container::Items && frame.items > MAX_SEARCHED;
        let searched = self.open.last().is_none_or(|frame| frame.searched && !listed(frame));
        let place = match slot {
            Slot::Root => &mut self.root,
            slot => self.place(slot)?,
        };
        Some((place, searched))
    }

    /// The shape at a place in the container that is open.
    fn place(&mut self, slot: Slot) -> Option<&mut Shape> {
        let shape = &mut self.open.last_mut()?.shape;
        match slot {
            Slot::Root | Slot::Nowhere => None,
            Slot::Own => Some(shape),
            Slot::Items => Some(&mut shape.array.get_or_insert_default().items),
            Slot::Rest => Some(shape.object.get_or_insert_default().rest.get_or_insert_default()),
            Slot::Field(at) => {
                let object = shape.object.get_or_insert_default();
                object.fields.get_mut(at).map(|(_, field)| &mut field.shape)
            }
        }
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
    /// Returns where the shape under a name is, which is new if it was never seen. `seen` are the hashes of the names in the object
    /// that is being read; with `repeats` a name that comes again is one of several values.
    pub(super) fn field(&mut self, name: &str, seen: &mut Vec<u64>, repeats: bool) -> Slot {
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
        match self.place(name) {
            Ok(at) => {
                if let Some((_, field)) = self.fields.get_mut(at).filter(|_| again && repeats) {
                    field.repeated = true;
                }
                Slot::Field(at)
            }
            // With this name there are so many that they are values.
            Err(_) => Slot::Rest,
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
