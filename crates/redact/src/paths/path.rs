//! A path as steps: as it was captured, and as a template has it.

use super::class::Classes;
use super::form::{Form, class_of};
use super::joint::Joint;
use super::keys::variable_key;
use super::steps::{Place, Step, plain, steps};
use crate::template::{Neighbours, Segments};

/// The bytes that mark a step in a template that is not decided: `{?`, its key in hexadecimal digits, `}`.
const UNDECIDED: &str = "{?";

/// A captured path in its normal form, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Path {
    steps: Vec<Owned>,
    /// Whether it was deeper than is read.
    pub(crate) deep: bool,
}

/// A step that has its text.
#[derive(Debug)]
struct Owned {
    joint: Joint,
    form: Form,
    class: Classes,
    text: Vec<u8>,
    /// Its text without any encoding.
    value: Vec<u8>,
}

impl Owned {
    fn step(&self) -> Step<'_> {
        Step { joint: self.joint, text: &self.text, form: self.form, class: self.class }
    }
}

impl Path {
    /// Takes a path apart, without its query.
    pub(crate) fn of(path: &[u8]) -> Path {
        let mut all: Vec<Owned> = Vec::new();
        let mut value_before = false;
        let deep = Segments::default().each(path, |segment, neighbours| {
            steps(segment, Place { neighbours, value_before }, |step, value| {
                let (text, value) = (step.text.to_owned(), value.to_owned());
                let class = class_of(&value);
                all.push(Owned { joint: step.joint, form: step.form, class, text, value });
            });
            value_before = all.last().is_some_and(|step| step.form.is_certain());
        });
        Path { steps: all, deep }
    }

    /// The steps in their order.
    pub(crate) fn steps(&self) -> Vec<Step<'_>> {
        self.steps.iter().map(Owned::step).collect()
    }

    /// The text of a step without any encoding.
    pub(crate) fn value(&self, at: usize) -> &[u8] {
        self.steps.get(at).map_or(&[], |step| &step.value)
    }
}

/// A step of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written<'a> {
    /// A word, with what it looks like.
    Word(Step<'a>),
    /// What has this key: something undecided, or a variable.
    Key(Joint, u64),
}

/// Takes the text of a template apart.
pub(crate) fn written(template: &str) -> Vec<Written<'_>> {
    let mut all = Vec::new();
    for segment in template.split('/').skip(1).filter(|segment| !segment.is_empty()) {
        if segment.contains('{') {
            parts(segment, &mut all);
        } else {
            let neighbours = Neighbours { last: true, ..Neighbours::default() };
            let place = Place { neighbours, value_before: false };
            steps(plain(segment), place, |step, _| all.push(Written::Word(step)));
        }
    }
    all
}

/// Takes a segment apart in which something is no word: `{id}.json`, `Orders({id})`, `{?1f}({id})`.
fn parts<'t>(segment: &'t str, all: &mut Vec<Written<'t>>) {
    let word = |joint, text| {
        Written::Word(Step { joint, text: str::as_bytes(text), form: Form::Word, class: Classes::default() })
    };
    let key = |joint, name: &str| {
        let undecided = name.strip_prefix('?').map(|key| u64::from_str_radix(key, 16).unwrap_or(UNKNOWN));
        Written::Key(joint, undecided.unwrap_or(variable_key(joint)))
    };
    let mut rest = match segment.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        Some((name, rest)) => {
            all.push(key(Joint::Slash, name));
            rest
        }
        None => {
            let (entity, rest) = segment.split_at(segment.find("({").unwrap_or(segment.len()));
            all.push(word(Joint::Slash, entity));
            rest
        }
    };
    if let Some((name, behind)) = rest.strip_prefix("({").and_then(|inner| inner.split_once("})")) {
        all.push(key(Joint::Key, name));
        rest = behind;
    }
    if let Some(extension) = rest.strip_prefix('.') {
        all.push(word(Joint::Dot, extension));
    } else if let Some(verb) = rest.strip_prefix(':') {
        all.push(word(Joint::Colon, verb));
    }
}

/// Adds a step with this text to a template.
pub(crate) fn write_step(template: &mut String, joint: Joint, text: &str) {
    template.push(match joint {
        Joint::Slash => '/',
        Joint::Dot => '.',
        Joint::Colon => ':',
        Joint::Key => '(',
    });
    template.push_str(text);
    if joint == Joint::Key {
        template.push(')');
    }
}

/// The key of steps that are not told apart.
pub(crate) const UNKNOWN: u64 = u64::MAX;

/// The text of a step that is not decided, by its key.
pub(crate) fn undecided(key: u64) -> String {
    if key == UNKNOWN { format!("{UNDECIDED}}}") } else { format!("{UNDECIDED}{key:x}}}") }
}

/// Returns whether a step of a template is not decided: it may be a variable or a word.
#[must_use]
pub fn is_undecided(template: &str) -> bool {
    template.contains(UNDECIDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_come_apart() {
        let word = |joint, text| {
            let mut one = None;
            steps(plain(text), Place::default(), |step, _| one = Some(Step { joint, ..step }));
            Written::Word(one.unwrap())
        };
        assert_eq!(written("/users/{userId}"), [word(Joint::Slash, "users"), Written::Key(Joint::Slash, 0)]);
        let found = written("/a/{?1f}:stop");
        assert!(matches!(found[1], Written::Key(Joint::Slash, 0x1f)));
        assert!(matches!(found[2], Written::Word(Step { joint: Joint::Colon, text: b"stop", .. })));
        assert!(matches!(written("/Users({id})")[1], Written::Key(Joint::Key, _)));
        assert!(matches!(written("/{?1f}({id})")[..], [Written::Key(_, 0x1f), Written::Key(Joint::Key, _)]));
        assert!(written("/").is_empty());
        assert!(is_undecided("/users/{?1f}") && !is_undecided("/users/{userId}"));
    }
}
