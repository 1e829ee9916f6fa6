//! The paths of one Service, as a tree of steps.

use std::collections::BTreeMap;

use decode::Timestamp;
use serde::{Deserialize, Serialize};

use super::class::Classes;
use super::evidence::Evidence;
use super::form::{Form, mask};
use super::joint::Joint;
use super::keys::{Keys, variable_key};
use super::path::Written;
use super::steps::Step;
use super::words::{Before, familiarity, stays};

/// At most so many different names of fields of an answer are kept: the smallest hashes, so that order does not matter.
const FIELDS: usize = 16;

/// At most so many steps hang on one: what comes then is not told apart.
pub(crate) const MAX_CHILDREN: usize = 512;

/// At most so many steps make the tree of a Service.
pub(crate) const MAX_NODES: usize = 16_384;

/// At most so many well-known words are remembered that belong to one variable.
const MAX_ALSO: usize = 64;

/// What an exchange says about the place where its path ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// A bit for its method.
    pub(crate) method: u16,
    /// Hashes of the names of the fields in its answer.
    pub(crate) fields: &'a [u32],
    /// When it was.
    pub(crate) time: Timestamp,
    /// How much it says.
    pub(crate) weight: Weight,
}

/// How much an exchange says about the steps of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Nothing: it was refused. Its steps are told apart, and are no evidence until something else is seen of them.
    None,
    /// That its service knows the path.
    One,
}

/// What a step is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Name {
    /// A word of the path.
    Literal(Box<str>),
    /// Not decided. The text is known as long as this process lives: it is never stored.
    Undecided(#[serde(skip)] Option<Box<str>>),
    /// A variable.
    Variable(Variable),
}

/// What a variable stands for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Variable {
    /// What belongs to it, besides what it was made of.
    pub(crate) takes: Takes,
    /// The keys of words that belong to it though they are well known.
    pub(crate) also: Vec<u64>,
    /// Whether all its values are dates, or e-mail addresses.
    pub(crate) class: Classes,
    /// What a rule calls it.
    pub(crate) called: Option<Box<str>>,
    /// What made words its values.
    pub(crate) why: Option<Evidence>,
}

/// What belongs to a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Takes {
    /// What has the form of a value, and numbers.
    #[default]
    Values,
    /// Also what mixes letters and digits.
    Mixed,
    /// Also words.
    Words,
}

/// What a node needs when its tree is judged next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Judge {
    /// All behind it is to be judged: what it is has changed.
    #[default]
    Anew,
    /// More was seen behind it, or something there is not decided.
    Again,
    /// Nothing.
    Done,
}

/// A step and all that was seen behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) joint: Joint,
    pub(crate) name: Name,
    /// Whether a rule says that it is a word.
    #[serde(skip)]
    pub(crate) pinned: bool,
    /// Whether it is to be judged.
    #[serde(skip)]
    pub(crate) judge: Judge,
    pub(crate) form: Form,
    /// How far its text is made of words of public APIs.
    pub(crate) familiar: f32,
    /// How many words its text is made of.
    pub(crate) words: u8,
    /// Its mask, if it has digits.
    pub(crate) mask: Option<u32>,
    /// The exchanges whose path goes through it.
    pub(crate) count: u64,
    /// The methods of those that end here, a bit for each.
    pub(crate) methods: u16,
    /// Hashes of the fields in their answers, in order.
    pub(crate) fields: Vec<u32>,
    /// When the first of them was, in nanoseconds since the Unix epoch.
    pub(crate) first: u64,
    pub(crate) children: BTreeMap<u64, Node>,
}

impl Takes {
    /// Returns whether a step that was not seen yet belongs to such a variable.
    pub(crate) fn suits(self, step: &Step<'_>) -> bool {
        match step.form {
            Form::Typed | Form::Small | Form::Dated | Form::Numbered => true,
            Form::Mixed => self >= Takes::Mixed && !stays(step.word()),
            Form::Word => self == Takes::Words && !stays(step.word()),
        }
    }
}

impl Variable {
    /// Takes in what another variable of the same place stands for.
    fn join(&mut self, other: &Variable) {
        self.takes = self.takes.max(other.takes);
        for key in &other.also {
            self.remember(*key);
        }
        self.class.join(other.class);
    }

    /// Remembers that a well-known word belongs to it.
    pub(crate) fn remember(&mut self, key: u64) {
        if self.also.len() < MAX_ALSO && !self.also.contains(&key) {
            self.also.push(key);
        }
    }
}

/// Returns the key of the child that a step leads to. `known` says of which keys there are children, and `variable` what
/// the variable beside them takes, and the keys of well-known words that belong to it.
///
/// It is one function, so that the capture thread ([`super::Decided`]) goes the way that the tree goes.
#[inline]
pub(super) fn leads_to<'v>(
    step: &Step<'_>,
    keys: Keys,
    known: impl FnOnce(u64) -> bool,
    variable: impl FnOnce() -> Option<(Takes, &'v [u64])>,
) -> u64 {
    let of_variable = variable_key(step.joint);
    match step.joint {
        Joint::Key => return of_variable,
        Joint::Slash if step.form.is_certain() => return of_variable,
        Joint::Slash | Joint::Dot | Joint::Colon => {}
    }
    let hash = keys.of(step.joint, step.text);
    if step.joint != Joint::Slash || known(hash) {
        return hash;
    }
    match variable() {
        Some((takes, also)) if takes.suits(step) || also.contains(&hash) => of_variable,
        _ => hash,
    }
}

impl Node {
    pub(crate) fn new(joint: Joint, name: Name, form: Form, time: Timestamp) -> Node {
        let text = match &name {
            Name::Undecided(Some(text)) => Some(text),
            _ => None,
        };
        let words = text.map_or(1, |text| text.split(['-', '_', '.']).count());
        Node {
            joint,
            pinned: false,
            judge: Judge::Anew,
            form,
            familiar: text.map_or(1.0, |text| familiarity(text)),
            words: u8::try_from(words).unwrap_or(u8::MAX),
            mask: text.and_then(|text| mask(text.as_bytes())),
            name,
            count: 0,
            methods: 0,
            fields: Vec::new(),
            first: time.as_nanos(),
            children: BTreeMap::new(),
        }
    }

    pub(crate) fn is_variable(&self) -> bool {
        matches!(self.name, Name::Variable(_))
    }

    pub(crate) fn is_literal(&self) -> bool {
        matches!(self.name, Name::Literal(_))
    }

    /// Returns whether anything but refusals was seen of it.
    pub(crate) fn is_evidence(&self) -> bool {
        self.count > 0
    }

    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.name, Name::Undecided(_))
    }

    /// Returns whether it is a variable whose values need not have the form of one.
    pub(crate) fn takes_more_than_values(&self) -> bool {
        matches!(&self.name, Name::Variable(variable) if variable.takes > Takes::Values)
    }

    /// The variable among the segments behind this.
    pub(crate) fn variable(&self) -> Option<&Node> {
        self.children.get(&variable_key(Joint::Slash))
    }

    /// The same, made where there is none.
    pub(crate) fn variable_mut(&mut self) -> &mut Node {
        let time = Timestamp::from_nanos(self.first);
        let new = || Node::new(Joint::Slash, Name::Variable(Variable::default()), Form::Typed, time);
        self.children.entry(variable_key(Joint::Slash)).or_insert_with(new)
    }

    /// What stands before the children of this one.
    pub(crate) fn before(&self) -> Before<'_> {
        match &self.name {
            Name::Literal(text) if text.is_empty() => Before::Start,
            // The version of an API, as what follows one that says so.
            Name::Literal(_) if self.form.is_numeric() => Before::Word("v1"),
            Name::Literal(text) => Before::Word(text),
            Name::Undecided(_) => Before::Doubtful,
            Name::Variable(_) => Before::Variable,
        }
    }

    /// Returns the key of the child that a step leads to: one that is there, or the one that would be made.
    pub(crate) fn key(&self, step: &Step<'_>, keys: Keys) -> u64 {
        let variable = || match self.variable().map(|node| &node.name) {
            Some(Name::Variable(known)) => Some((known.takes, known.also.as_slice())),
            _ => None,
        };
        leads_to(step, keys, |hash| self.children.contains_key(&hash), variable)
    }

    /// The child that a step leads to, made where there is none; `None` where there is no room for one.
    fn enter(&mut self, step: &Step<'_>, keys: Keys, room: &mut usize, time: Timestamp) -> Option<&mut Node> {
        let key = self.key(step, keys);
        if !self.children.contains_key(&key) {
            if *room == 0 || self.children.len() >= MAX_CHILDREN {
                return None;
            }
            *room -= 1;
        }
        let child = self.children.entry(key).or_insert_with(|| {
            let name = match step.joint {
                _ if key == variable_key(step.joint) => Name::Variable(Variable::default()),
                Joint::Slash => Name::Undecided(Some(step.word().into())),
                _ => Name::Literal(step.word().into()),
            };
            Node::new(step.joint, name, step.form, time)
        });
        match &mut child.name {
            Name::Variable(variable) => variable.class.join(step.class),
            Name::Undecided(text) if text.is_none() => *text = Some(step.word().into()),
            _ => {}
        }
        Some(child)
    }

    /// Returns its text, unless it is a variable, or not decided since before a restart.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.name {
            Name::Literal(text) | Name::Undecided(Some(text)) => Some(text),
            Name::Undecided(None) | Name::Variable(_) => None,
        }
    }

    /// Takes a step for a word, if its text is known; returns whether it was not decided before.
    pub(crate) fn settle(&mut self) -> bool {
        if let Name::Undecided(text) = &mut self.name
            && let Some(text) = text.take()
        {
            self.name = Name::Literal(text);
            self.judge = Judge::Anew;
            return true;
        }
        false
    }

    /// Takes in all that another node knows: the two are one place.
    pub(crate) fn absorb(&mut self, other: Node) {
        self.judge = Judge::Anew;
        self.count = self.count.saturating_add(other.count);
        self.methods |= other.methods;
        self.first = self.first.min(other.first);
        self.add_fields(&other.fields);
        for (key, child) in other.children {
            let Some(mine) = self.children.get_mut(&key) else {
                self.children.insert(key, child);
                continue;
            };
            match (&mut mine.name, &child.name) {
                (Name::Variable(mine), Name::Variable(theirs)) => mine.join(theirs),
                (mine @ Name::Undecided(_), theirs @ Name::Literal(_)) => *mine = theirs.clone(),
                _ => {}
            }
            mine.absorb(child);
        }
    }

    /// Takes note that more was seen behind it.
    pub(crate) fn touch(&mut self) {
        if self.judge == Judge::Done {
            self.judge = Judge::Again;
        }
    }

    /// Takes in what was seen at the end of these steps. Returns whether there was room for all of them.
    fn learn(&mut self, steps: &[Step<'_>], seen: Seen<'_>, keys: Keys, room: &mut usize) -> bool {
        self.touch();
        match steps {
            [step, rest @ ..] if is_part_of_value(self, step, keys) => self.learn(rest, seen, keys, room),
            [step, rest @ ..] => {
                self.count = self.count.saturating_add(seen.weight as u64);
                if seen.weight == Weight::One {
                    self.make_room(room);
                }
                let next = self.enter(step, keys, room, seen.time);
                next.is_some_and(|next| next.learn(rest, seen, keys, room))
            }
            [] if seen.weight == Weight::None => true,
            [] => {
                self.count = self.count.saturating_add(1);
                self.methods |= seen.method;
                self.add_fields(seen.fields);
                true
            }
        }
    }

    /// Forgets the steps behind this that are no evidence, when there is no room for others.
    fn make_room(&mut self, room: &mut usize) {
        if *room > 0 && self.children.len() < MAX_CHILDREN {
            return;
        }
        self.children.retain(|_, child| {
            let stays = child.is_evidence();
            *room += if stays { 0 } else { child.size() };
            stays
        });
    }

    fn add_fields(&mut self, fields: &[u32]) {
        for field in fields {
            if let Err(place) = self.fields.binary_search(field)
                && place < FIELDS
            {
                self.fields.insert(place, *field);
                self.fields.truncate(FIELDS);
            }
        }
    }

    /// Returns whether anything from here on is not decided.
    pub(crate) fn has_undecided(&self) -> bool {
        self.is_undecided() || self.children.values().any(Node::has_undecided)
    }

    /// Returns the number of nodes from here on.
    pub(crate) fn size(&self) -> usize {
        self.children.values().map(Node::size).sum::<usize>() + 1
    }
}

/// The paths of one Service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tree {
    pub(crate) root: Node,
    /// How many nodes there are.
    pub(crate) size: usize,
    /// Nodes that were made since the tree was judged last.
    #[serde(skip)]
    pub(crate) new: usize,
    /// Whether anything was counted since then.
    #[serde(skip)]
    pub(crate) counted: bool,
    /// So often there was no room for something since then.
    #[serde(skip)]
    pub(crate) missed: usize,
    /// So often there must be none before it is judged for that: more each time that it made no room.
    #[serde(skip)]
    pub(crate) patience: usize,
}

impl Tree {
    pub(crate) fn new(time: Timestamp) -> Tree {
        let root = Node::new(Joint::Slash, Name::Literal("".into()), Form::Word, time);
        Tree { root, size: 1, new: 0, counted: false, missed: 0, patience: 0 }
    }

    /// Judges all of it the next time: what is said about it has changed.
    pub(crate) fn doubt(&mut self) {
        self.counted = true;
        self.root.judge = Judge::Anew;
    }

    /// Takes note that it was judged, and had so many nodes before.
    pub(crate) fn judged(&mut self, before: usize) {
        self.patience = match self.missed > self.patience {
            true if self.size < before => 0,
            true => (self.patience * 2).clamp(1, MAX_NODES),
            false => self.patience,
        };
        (self.new, self.missed) = (0, 0);
    }

    /// Takes in a path, as far as there is room for it.
    pub(crate) fn observe(&mut self, steps: &[Step<'_>], seen: Seen<'_>, keys: Keys) {
        let mut room = MAX_NODES.saturating_sub(self.size);
        let before = room;
        let learned = self.root.learn(steps, seen, keys, &mut room);
        self.missed += usize::from(!learned && seen.weight == Weight::One);
        self.size = self.size + before - room;
        self.new += before.saturating_sub(room);
        self.counted = true;
    }

    /// Takes in a template of an earlier version, whose words were taken for such.
    pub(crate) fn recall(&mut self, steps: &[Written<'_>], requests: u64, keys: Keys, first: Timestamp) {
        let mut room = MAX_NODES.saturating_sub(self.size);
        let before = room;
        let mut node = &mut self.root;
        for step in steps {
            let variable = |joint| Step { joint, text: b"", form: Form::Typed, class: Classes::default() };
            let entered = match step {
                Written::Word(step) => node.enter(step, keys, &mut room, first),
                Written::Key(joint, key) if *key == variable_key(*joint) => {
                    node.enter(&variable(*joint), keys, &mut room, first)
                }
                Written::Key(..) => None,
            };
            let Some(next) = entered else { break };
            node = next;
            node.judge = Judge::Anew;
            node.settle();
            node.count = node.count.saturating_add(requests);
        }
        self.size += before - room;
        self.new += before - room;
        self.counted = true;
    }
}

/// Returns whether a step is an extension that is a part of the value before it: one that a variable was found not to have.
fn is_part_of_value(node: &Node, step: &Step<'_>, keys: Keys) -> bool {
    let known = || node.children.contains_key(&keys.of(step.joint, step.text));
    step.joint == Joint::Dot && node.takes_more_than_values() && node.methods != 0 && !known()
}
