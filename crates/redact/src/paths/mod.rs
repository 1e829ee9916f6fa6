//! What of a path is a variable, judged by position: what stands at the same place in other paths of the same Service.
//!
//! A [`Tree`] holds the paths of one Service, step by step. A step that is no variable by its form is undecided
//! until `judge.rs` has enough evidence about it and its siblings: the word before it, how many siblings there are and how
//! rare they are, how far they are words that public APIs use, whether they have a form in common, and how alike they are
//! below. What is undecided has no name: its text stays here, in memory alone, and a key stands for it in templates.

mod chain;
mod class;
mod decided;
mod evidence;
mod explain;
mod facts;
mod fields;
mod form;
mod joint;
mod judge;
mod keys;
mod naming;
mod node;
mod opened;
mod pace;
mod path;
mod rules;
mod served;
mod steps;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use decode::Timestamp;
use serde::{Deserialize, Serialize};

pub use decided::Decided;
pub(crate) use decided::Decider;
pub(crate) use fields::answer_fields;
pub use naming::{fitted, renamed};
pub use pace::Pace;
pub use path::is_undecided;
pub use rules::{NoPathRule, PathRule};
pub(crate) use served::{MAX_DESCRIPTION, described, may_describe};

use judge::Sayings;
use keys::Keys;
use node::{Seen, Tree};
use path::{Path, Written, written};
use rules::Pattern;

use crate::files::FILES;
use crate::owner::Owner;
use crate::redacted::RedactedExchange;

/// Trees are judged anew when so large a part of their nodes is new, the small ones when anything is, and all at each turn.
const NEW_SHARE: usize = 16;
const SMALL: usize = 256;

/// The most templates of the platform that are looked at for an owner.
const MAX_HINTS: usize = 4096;

/// The memory that a node takes with its text, its place in a map and what an allocator adds: an estimate, not measured.
const NODE_BYTES: usize = 320;

/// The paths of all Services.
#[derive(Debug)]
pub struct Paths {
    keys: Keys,
    trees: BTreeMap<Owner, Tree>,
    rules: Arc<[PathRule]>,
    /// The templates with variables that the platform has, by owner.
    hints: BTreeMap<Owner, Vec<Vec<Pattern>>>,
    /// The templates in the descriptions that Services serve, by owner.
    described: BTreeMap<Owner, Vec<Vec<Pattern>>>,
    /// Those whose verdicts changed since it was last asked.
    changed: Vec<Owner>,
    decided: Arc<Decided>,
    /// Whether `decided` is behind.
    behind: bool,
}

/// The part of the paths that a store keeps: those of a Service, and the secret under which texts are hashed.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredPaths {
    keys: Keys,
    tree: Tree,
}

impl StoredPaths {
    /// Returns how many exchanges it knows of.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.tree.root.count
    }
}

impl Default for Paths {
    fn default() -> Paths {
        Paths::with(Keys::random())
    }
}

impl Paths {
    fn with(keys: Keys) -> Paths {
        let decided = Arc::new(Decided::empty(keys));
        Paths {
            keys,
            trees: BTreeMap::new(),
            rules: [].into(),
            hints: BTreeMap::new(),
            described: BTreeMap::new(),
            changed: Vec::new(),
            decided,
            behind: false,
        }
    }

    /// Paths whose keys are the same in every run, for tests.
    #[cfg(any(test, feature = "by-hand"))]
    #[must_use]
    pub fn fixed() -> Paths {
        Paths::with(Keys::fixed())
    }

    /// Goes by these rules from here on.
    pub fn set_rules(&mut self, rules: &Arc<[PathRule]>) {
        if self.rules != *rules {
            self.rules = Arc::clone(rules);
            self.trees.values_mut().for_each(Tree::doubt);
        }
    }

    /// Takes in the templates that the platform has for an owner. A variable there is strong evidence for one here.
    pub fn hint<'t>(&mut self, owner: &Owner, templates: impl Iterator<Item = &'t str>) {
        let hints: Vec<Vec<Pattern>> = templates.take(MAX_HINTS).map(rules::of_template).collect();
        if self.hints.get(owner) != Some(&hints) {
            self.hints.insert(owner.clone(), hints);
            self.trees.get_mut(owner).into_iter().for_each(Tree::doubt);
        }
    }

    /// Takes in the templates of the description that a Service serves.
    fn describe(&mut self, owner: &Owner, templates: &[String]) {
        let described: Vec<Vec<Pattern>> = templates.iter().map(|path| rules::of_template(path)).collect();
        if self.described.get(owner) != Some(&described) {
            self.described.insert(owner.clone(), described);
            self.trees.get_mut(owner).into_iter().for_each(Tree::doubt);
        }
    }

    /// Counts further exchanges with this template.
    pub fn again(&mut self, owner: &Owner, template: &str, count: u64) {
        self.count(owner, template, |known| known.saturating_add(count));
    }

    /// Takes back so many exchanges with this template: what was seen of them turned out to say nothing.
    pub fn take_back(&mut self, owner: &Owner, template: &str, count: u64) {
        self.count(owner, template, |known| known.saturating_sub(count));
    }

    /// Changes the counts of the steps of a template.
    fn count(&mut self, owner: &Owner, template: &str, change: impl Fn(u64) -> u64) {
        let Some(tree) = self.trees.get_mut(owner).filter(|_| template != FILES) else { return };
        let keys = self.keys;
        let mut node = &mut tree.root;
        node.touch();
        node.count = change(node.count);
        for step in written(template) {
            let key = match &step {
                Written::Word(step) => node.key(step, keys),
                Written::Key(_, key) => *key,
            };
            let Some(next) = node.children.get_mut(&key) else { break };
            node = next;
            node.touch();
            node.count = change(node.count);
        }
        tree.counted = true;
    }

    /// Returns whether so much of the paths of a Service is new that they are to be judged before the next turn.
    #[must_use]
    pub fn is_due(&self, owner: &Owner) -> bool {
        let due = |tree: &Tree| tree.new > 0 && (tree.size < SMALL || tree.new * NEW_SHARE >= tree.size);
        self.trees.get(owner).is_some_and(due)
    }

    /// Returns whether there is no room for more of the paths of a Service: they are to be judged by what there is.
    #[must_use]
    pub fn is_full(&self, owner: &Owner) -> bool {
        self.trees.get(owner).is_some_and(|tree| tree.missed > tree.patience)
    }

    /// Judges the Services about which something new is known, and returns those whose templates have changed since this
    /// was last called: [`Paths::current`] says into what.
    pub fn judge(&mut self, pace: Pace) -> Vec<Owner> {
        for (owner, tree) in self.trees.iter_mut().filter(|(_, tree)| tree.counted) {
            let said = Sayings {
                rules: PathRule::of(&self.rules, owner),
                hints: templates_of(&self.hints, owner),
                described: templates_of(&self.described, owner),
            };
            let before = tree.size;
            if judge::judge(tree, &said, pace) {
                self.changed.push(owner.clone());
                self.behind = true;
            }
            tree.judged(before);
            tree.counted = pace != Pace::AtEnd && tree.root.has_undecided();
        }
        self.changed.sort_unstable();
        self.changed.dedup();
        std::mem::take(&mut self.changed)
    }

    /// The decisions as they are, for whoever asks of each exchange whether it is new.
    pub fn decided(&mut self) -> Arc<Decided> {
        if self.behind {
            self.decided = Arc::new(Decided::of(self.keys, &self.trees));
            self.behind = false;
        }
        Arc::clone(&self.decided)
    }

    /// Returns what an older template is now.
    #[must_use]
    pub fn current(&self, owner: &Owner, template: &str) -> Option<String> {
        // What stands for files is no path.
        let tree = self.trees.get(owner).filter(|_| template != FILES)?;
        naming::current(tree, template, self.keys)
    }

    /// Returns what the paths occupy, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.trees.values().map(|tree| tree.size * NODE_BYTES).sum()
    }

    /// Returns the part that a store is to keep about a Service.
    #[must_use]
    pub fn stored(&self, owner: &Owner) -> Option<StoredPaths> {
        let tree = self.trees.get(owner)?.clone();
        Some(StoredPaths { keys: self.keys, tree })
    }

    /// Takes over what a store kept about a Service, unless more is known by now.
    pub fn restore(&mut self, owner: Owner, stored: StoredPaths) {
        if self.trees.is_empty() {
            self.keys = stored.keys;
        }
        if self.keys == stored.keys {
            self.trees.entry(owner).or_insert(stored.tree);
            self.behind = true;
        }
    }

    /// Takes in an endpoint of a store that knows no paths. What is a word there stays one, unless the evidence of all of
    /// them says otherwise.
    pub fn recall(&mut self, owner: &Owner, template: &str, requests: u64, first: Timestamp) {
        let keys = self.keys;
        let tree = self.trees.entry(owner.clone()).or_insert_with(|| Tree::new(first));
        tree.recall(&written(template), requests, keys, first);
    }

    /// Returns whether anything is known about the paths of a Service.
    #[must_use]
    pub fn knows(&self, owner: &Owner) -> bool {
        self.trees.contains_key(owner)
    }

    /// Forgets the Services that are not wanted any more, and returns them.
    pub fn keep(&mut self, wanted: impl Fn(&Owner) -> bool) -> Vec<Owner> {
        let gone: Vec<Owner> = self.trees.keys().filter(|owner| !wanted(owner)).cloned().collect();
        for owner in &gone {
            self.trees.remove(owner);
            self.hints.remove(owner);
            self.described.remove(owner);
            self.behind = true;
        }
        gone
    }

    /// Gives an exchange whose path was opened the template that it has now.
    pub fn rename(&self, exchange: &mut RedactedExchange) {
        let Some(template) = self.current(&exchange.owner, &exchange.template) else { return };
        let known = |name: &str| exchange.path_params.iter().find(|(one, _)| one == name);
        let value = |name: &str| known(name).map(|(_, value)| value.as_str());
        exchange.path_params = fitted(&exchange.template, &template, value);
        exchange.path_shape.rename(&renamed(&exchange.template, &template));
        exchange.template = template;
    }

    /// Takes in a path.
    fn observe(&mut self, owner: &Owner, path: &Path, seen: Seen<'_>) {
        let tree = self.trees.entry(owner.clone()).or_insert_with(|| Tree::new(seen.time));
        tree.observe(&path.steps(), seen, self.keys);
    }
}

/// The templates that are known of an owner.
fn templates_of<'t>(all: &'t BTreeMap<Owner, Vec<Vec<Pattern>>>, owner: &Owner) -> Vec<&'t [Pattern]> {
    all.get(owner).into_iter().flatten().map(Vec::as_slice).collect()
}

#[cfg(test)]
mod tests;
