//! The text of a template: what its steps are called.

use super::class::Classes;
use super::joint::Joint;
use super::keys::{Keys, variable_key};
use super::node::{Name, Node, Tree, Variable};
use super::path::{UNKNOWN, Written, undecided, write_step, written};
use super::words::{familiarity, is_plural};
use crate::template::noun;

/// A word less familiar than this is no name for a variable: it may be a value itself.
const NAMING: f32 = 0.5;

/// The names of the variables of one template, while it is put together.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: Vec<String>,
}

impl Names {
    /// The name of the next variable: by its class, or by the noun before it.
    pub(crate) fn next(&mut self, node: &Node, before: &Node) -> String {
        let class = match &node.name {
            Name::Variable(Variable { called: Some(name), .. }) => return self.free(name),
            Name::Variable(variable) => variable.class,
            _ => Classes::default(),
        };
        let name = match class {
            Classes { dates: true, emails: false, others: false } => "date".to_owned(),
            Classes { dates: false, emails: true, others: false } => "email".to_owned(),
            _ => noun_of(node, before).map_or_else(|| "id".to_owned(), |noun| noun + "Id"),
        };
        self.free(&name)
    }

    /// The name itself, or the first of `name2`, `name3`... that is not taken.
    pub(crate) fn free(&mut self, name: &str) -> String {
        let number = |number: usize| format!("{name}{number}");
        let mut free = name.to_owned();
        for at in 2.. {
            if !self.taken.contains(&free) {
                break;
            }
            free = number(at);
        }
        self.taken.push(free.clone());
        free
    }
}

/// The noun before a variable, if what stands there is a word for sure.
fn noun_of(node: &Node, before: &Node) -> Option<String> {
    match &before.name {
        Name::Literal(text) if node.joint == Joint::Slash => {
            let text = text.as_ref();
            (familiarity(text) >= NAMING || is_plural(text)).then(|| noun(text)).flatten()
        }
        _ => None,
    }
}

/// The text of a node in a template.
pub(crate) fn text_of<'n>(
    node: &'n Node,
    key: u64,
    before: &Node,
    names: &mut Names,
) -> std::borrow::Cow<'n, str> {
    match &node.name {
        Name::Literal(text) => text.as_ref().into(),
        Name::Undecided(_) => undecided(key).into(),
        Name::Variable(_) => format!("{{{}}}", names.next(node, before)).into(),
    }
}

/// Returns what an older template is now: steps were decided since, or became one with others.
pub(crate) fn current(tree: &Tree, template: &str, keys: Keys) -> Option<String> {
    let (mut text, mut names) = (String::new(), Names::default());
    let mut place = Some(&tree.root);
    for step in written(template) {
        let (joint, key) = match &step {
            Written::Word(step) => (step.joint, place.map_or(UNKNOWN, |node| node.key(step, keys))),
            Written::Key(joint, key) => (*joint, *key),
        };
        let child =
            |node: &'_ Node, key: u64| -> Option<u64> { node.children.contains_key(&key).then_some(key) };
        let found = place.and_then(|node| {
            // What is no longer there became a variable.
            let key = child(node, key)
                .or_else(|| child(node, variable_key(Joint::Slash)).filter(|_| joint == Joint::Slash))?;
            Some((node, key))
        });
        if let Some((before, key)) = found
            && let Some(node) = before.children.get(&key)
        {
            write_step(&mut text, joint, &text_of(node, key, before, &mut names));
            place = Some(node);
            continue;
        }
        // An extension that its variable was found not to have.
        if joint == Joint::Dot && place.is_some_and(Node::is_variable) {
            continue;
        }
        place = None;
        match &step {
            Written::Word(step) => write_step(&mut text, joint, step.word()),
            Written::Key(_, key) if *key == variable_key(joint) => {
                write_step(&mut text, joint, &format!("{{{}}}", names.free("id")));
            }
            Written::Key(_, key) => write_step(&mut text, joint, &undecided(*key)),
        }
    }
    if text.is_empty() {
        text.push('/');
    }
    Some(text)
}

/// The parameters of a template that was `old` before, by the values that they had there; one without a value has `1`.
#[must_use]
pub fn fitted<'v>(old: &str, new: &str, value: impl Fn(&str) -> Option<&'v str>) -> Vec<(String, String)> {
    let params = renamed(old, new).into_iter().map(|(older, name)| {
        let value = older.and_then(|older| value(&older)).unwrap_or("1");
        (name, value.to_owned())
    });
    params.collect()
}

/// The name of each variable of a template, behind the one that it had in `old`, if it was a variable there.
#[must_use]
pub fn renamed(old: &str, new: &str) -> Vec<(Option<String>, String)> {
    let name = |segment: &str| -> Option<String> {
        let (_, rest) = segment.split_once('{')?;
        Some(rest.split_once('}')?.0.to_owned())
    };
    let mut before = old.split('/').map(name);
    let names = new.split('/').filter_map(|segment| {
        let older = before.next().flatten();
        Some((older, name(segment)?))
    });
    names.collect()
}
