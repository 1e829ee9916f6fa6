//! The decisions as the capture thread has them: which steps are variables, without any text and without the evidence.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use hashbrown::HashMap;

use super::chain::Chain;
use super::joint::Joint;
use super::keys::{Keys, variable_key};
use super::node::{Name, Node, Takes, Tree, leads_to};
use super::steps::{Place, Step, steps};
use crate::owner::Owner;
use crate::template::Segments;

/// The decisions about the paths of all Services: a snapshot, shared and never changed.
#[derive(Debug)]
pub struct Decided {
    keys: Keys,
    owners: BTreeMap<Owner, usize>,
    /// The places of each owner, at its number.
    places: Vec<Places>,
    nowhere: Places,
}

/// The places in the paths of one Service, each by the steps that lead to it.
#[derive(Debug, Default)]
struct Places(HashMap<Chain, Role, foldhash::fast::RandomState>);

/// What is at a place.
#[derive(Debug)]
enum Role {
    /// A word, or what is not decided.
    Itself,
    /// A variable: what it takes, and the keys of the well-known words that belong to it.
    Variable(Takes, Vec<u64>),
}

impl Decided {
    pub(super) fn empty(keys: Keys) -> Decided {
        Decided { keys, owners: BTreeMap::new(), places: Vec::new(), nowhere: Places::default() }
    }

    pub(super) fn of(keys: Keys, trees: &BTreeMap<Owner, Tree>) -> Decided {
        let places = |tree: &Tree| {
            let mut all = Places::default();
            all.add(&tree.root, Chain::default());
            all
        };
        let owners = trees.keys().cloned().zip(0..).collect();
        let places = trees.values().map(places).collect();
        Decided { keys, owners, places, nowhere: Places::default() }
    }
}

impl Places {
    fn add(&mut self, node: &Node, place: Chain) {
        for (key, child) in &node.children {
            let role = match &child.name {
                Name::Variable(variable) => Role::Variable(variable.takes, variable.also.clone()),
                Name::Literal(_) | Name::Undecided(_) => Role::Itself,
            };
            let place = place.then(*key);
            self.0.insert(place, role);
            self.add(child, place);
        }
    }

    /// Returns where a step leads.
    #[inline]
    fn after(&self, place: Chain, step: &Step<'_>, keys: Keys) -> Chain {
        let known = |key| self.0.contains_key(&place.then(key));
        let variable = || match self.0.get(&place.then(variable_key(Joint::Slash))) {
            Some(Role::Variable(takes, also)) => Some((*takes, also.as_slice())),
            _ => None,
        };
        place.then(leads_to(step, keys, known, variable))
    }
}

/// Walks over captured paths by what is decided, with memory that is used again.
#[derive(Debug)]
pub(crate) struct Decider {
    decided: Arc<Decided>,
    segments: Segments,
}

impl Default for Decider {
    fn default() -> Decider {
        let decided = Arc::new(Decided::empty(Keys::random()));
        Decider { decided, segments: Segments::default() }
    }
}

impl Decider {
    /// Goes by these decisions; returns whether they are others than before.
    pub(crate) fn set(&mut self, decided: Arc<Decided>) -> bool {
        let others = !Arc::ptr_eq(&decided, &self.decided);
        if others {
            self.decided = decided;
        }
        others
    }

    /// Adds what decides about a path to a hash: its words as they are, and of what is a value by its form nothing but that. Two
    /// paths with one hash lead to one place.
    pub(crate) fn outline(&mut self, path: &[u8], hasher: &mut impl Hasher) {
        let mut value_before = false;
        let deep = self.segments.each(path, |segment, neighbours| {
            steps(segment, Place { neighbours, value_before }, |step, _| {
                value_before = step.form.is_certain();
                hasher.write(&[step.joint as u8]);
                hasher.write(if value_before { b"{}" } else { step.text });
            });
        });
        if deep {
            hasher.write(b"{rest}");
        }
    }

    /// Adds the template of a path to a hash: where its steps lead.
    pub(crate) fn hash(&mut self, owner: &Owner, path: &[u8], hasher: &mut impl Hasher) {
        let Decided { keys, owners, places, nowhere } = &*self.decided;
        let places = owners.get(owner).and_then(|number| places.get(*number)).unwrap_or(nowhere);
        let (mut place, mut value_before) = (Chain::default(), false);
        let deep = self.segments.each(path, |segment, neighbours| {
            steps(segment, Place { neighbours, value_before }, |step, _| {
                place = places.after(place, &step, *keys);
                value_before = step.form.is_certain();
            });
        });
        hasher.write(&place.bytes());
        if deep {
            hasher.write(b"{rest}");
        }
    }
}
