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

/// The decisions about the paths of all Services: a snapshot, shared and never changed.
#[derive(Debug)]
pub struct Decided {
    keys: Keys,
    owners: Map<Owner, usize>,
    /// The steps of each owner, at its number.
    steps: Vec<Steps>,
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
        Decided { keys, owners: Map::default(), steps: Vec::new() }
    }

    pub(super) fn of(keys: Keys, trees: &BTreeMap<Owner, Tree>) -> Decided {
        let steps = |tree: &Tree| {
            let (mut all, mut next) = (Steps::default(), 0);
            all.add(&tree.root, 0, &mut next);
            all
        };
        let owners = trees.keys().cloned().zip(0..).collect();
        Decided { keys, owners, steps: trees.values().map(steps).collect() }
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

    /// Returns whether a step leads to a variable, and the child that it leads to, as [`Node::key`] does.
    fn child(&self, place: u32, step: &Step<'_>, keys: Keys) -> (bool, Option<u32>) {
        let child = |key| self.children.get(&(place, key)).copied();
        let variable = variable_key(step.joint);
        if step.form.is_certain() {
            return (true, child(variable));
        }
        let hash = keys.of(step.joint, step.text);
        if let Some(found) = child(hash) {
            return (false, Some(found));
        }
        match self.variables.get(&place).filter(|_| step.joint == Joint::Slash) {
            Some((takes, also)) if takes.suits(step) || also.contains(&hash) => (true, child(variable)),
            _ => (false, None),
        }
    }
}

/// Walks over captured paths by what is decided, with memory that is used again.
#[derive(Debug)]
pub(crate) struct Decider {
    decided: Arc<Decided>,
    /// Whose path was looked at last, and its number: requests come in rows.
    last: Option<(Owner, Option<usize>)>,
    segments: Segments,
    before: String,
}

impl Default for Decider {
    fn default() -> Decider {
        let decided = Arc::new(Decided::empty(Keys::random()));
        Decider { decided, last: None, segments: Segments::default(), before: String::new() }
    }
}

impl Decider {
    /// Goes by these decisions; returns whether they are others than before.
    pub(crate) fn set(&mut self, decided: Arc<Decided>) -> bool {
        let others = !Arc::ptr_eq(&decided, &self.decided);
        if others {
            (self.decided, self.last) = (decided, None);
        }
        others
    }

    /// Adds the template of a path to a hash: words as they are, variables as such.
    pub(crate) fn hash(&mut self, owner: &Owner, path: &[u8], hasher: &mut impl Hasher) {
        let keys = self.decided.keys;
        let number = match &self.last {
            Some((last, number)) if last == owner => *number,
            _ => {
                let number = self.decided.owners.get(owner).copied();
                self.last = Some((owner.clone(), number));
                number
            }
        };
        let known = number.and_then(|number| self.decided.steps.get(number));
        let mut place = known.map(|_| 0);
        let before = &mut self.before;
        before.clear();
        let mut value_before = false;
        let deep = self.segments.each(path, |segment, last| {
            // The normal form is ASCII.
            let text = str::from_utf8(segment.normal).unwrap_or_default();
            steps(text, segment, Place { before, value_before, last }, |step, _| {
                let (variable, next) = match (known, place) {
                    (Some(known), Some(at)) => known.child(at, &step, keys),
                    _ => (step.form.is_certain(), None),
                };
                place = next;
                value_before = step.form.is_certain();
                hasher.write(&[step.joint as u8]);
                hasher.write(if variable { b"{}" } else { step.text.as_bytes() });
            });
            before.clear();
            before.push_str(text);
        });
        if deep {
            hasher.write(b"{rest}");
        }
    }
}
