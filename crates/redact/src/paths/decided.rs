//! The decisions as the capture thread has them: which steps are variables, without any text and without the evidence.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use hashbrown::HashMap;

use super::joint::Joint;
use super::keys::{Keys, variable_key};
use super::node::{Name, Node, Takes, Tree};
use super::steps::{Place, Step, steps};
use crate::owner::Owner;
use crate::template::Segments;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What is decided about the paths of all Services: a snapshot, shared and never changed.
#[derive(Debug)]
pub struct Decided {
    keys: Keys,
    owners: Map<Owner, Steps>,
}

/// The steps of one Service that are decided, each with what hangs on it.
#[derive(Debug, Default)]
struct Steps {
    /// From a step and the key of a child to that child. The beginning of paths is 0.
    children: Map<(u32, u64), u32>,
    /// What the variable behind a step takes, where there is one, and the well-known words that belong to it.
    variables: Map<u32, (Takes, Vec<u64>)>,
}

impl Decided {
    pub(super) fn empty(keys: Keys) -> Decided {
        Decided { keys, owners: Map::default() }
    }

    pub(super) fn of(keys: Keys, trees: &BTreeMap<Owner, Tree>) -> Decided {
        let steps = |tree: &Tree| {
            let (mut all, mut next) = (Steps::default(), 0);
            all.add(&tree.root, 0, &mut next);
            all
        };
        Decided { keys, owners: trees.iter().map(|(owner, tree)| (owner.clone(), steps(tree))).collect() }
    }
}

impl Steps {
    fn add(&mut self, node: &Node, number: u32, next: &mut u32) {
        for (key, child) in node.children.iter().filter(|(_, child)| !child.is_undecided()) {
            *next += 1;
            let child_number = *next;
            self.children.insert((number, *key), child_number);
            if let (Name::Variable(variable), Joint::Slash) = (&child.name, child.joint) {
                self.variables.insert(number, (variable.takes, variable.also.clone()));
            }
            self.add(child, child_number, next);
        }
    }

    /// Returns the key of the child that a step leads to, as [`Node::key`] does.
    fn key(&self, place: u32, step: &Step<'_>, hash: u64) -> u64 {
        let variable = variable_key(step.joint);
        match step.joint {
            Joint::Key => variable,
            Joint::Dot | Joint::Colon => hash,
            Joint::Slash if self.children.contains_key(&(place, hash)) => hash,
            Joint::Slash if step.form.is_certain() => variable,
            Joint::Slash => match self.variables.get(&place) {
                Some((takes, also)) if takes.suits(step) || also.contains(&hash) => variable,
                _ => hash,
            },
        }
    }
}

/// Walks over captured paths by what is decided, with memory that is used again.
#[derive(Debug)]
pub(crate) struct Decider {
    pub(crate) decided: Arc<Decided>,
    segments: Segments,
    before: String,
}

impl Default for Decider {
    fn default() -> Decider {
        let decided = Arc::new(Decided::empty(Keys::random()));
        Decider { decided, segments: Segments::default(), before: String::new() }
    }
}

impl Decider {
    /// Adds the template of a path to a hash: words as they are, variables as such.
    pub(crate) fn hash(&mut self, owner: &Owner, path: &[u8], hasher: &mut impl Hasher) {
        let keys = self.decided.keys;
        let known = self.decided.owners.get(owner);
        let mut place = known.map(|_| 0);
        let before = &mut self.before;
        before.clear();
        let mut value_before = false;
        let deep = self.segments.each(path, |normal, decoded, last| {
            let text = String::from_utf8_lossy(normal);
            steps(&text, decoded, Place { before, value_before, last }, |step, _| {
                let (key, next) = match (known, place) {
                    (Some(known), Some(at)) => {
                        let key = known.key(at, &step, keys.of(step.joint, step.text));
                        (key, known.children.get(&(at, key)).copied())
                    }
                    _ if step.form.is_certain() => (variable_key(step.joint), None),
                    _ => (u64::MAX, None),
                };
                place = next;
                value_before = step.form.is_certain();
                hasher.write(&[step.joint as u8]);
                hasher.write(if key == variable_key(step.joint) { b"{}" } else { step.text.as_bytes() });
            });
            before.clear();
            before.push_str(&text);
        });
        if deep {
            hasher.write(b"{rest}");
        }
    }
}
