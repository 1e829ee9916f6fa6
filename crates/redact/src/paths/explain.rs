//! Why a step of a template is what it is, for people.

use super::Paths;
use super::evidence::Evidence;
use super::form::Form;
use super::joint::Joint;
use super::judge::{FAMILIAR, doubtful, evidence};
use super::naming::{Names, text_of};
use super::node::{Name, Node, Takes, Variable};
use super::pace::Pace;
use super::path::{Written, write_step, written};
use super::words::{familiarity, is_special, odds_after};
use crate::owner::Owner;

impl Paths {
    /// Returns a sentence for each step of a template, as far as something is known about it: what it is, and why.
    #[must_use]
    pub fn explain(&self, owner: &Owner, template: &str) -> Vec<String> {
        let Some(tree) = self.trees.get(owner) else { return Vec::new() };
        let (mut node, mut names, mut all) = (&tree.root, Names::default(), Vec::new());
        let mut path = String::new();
        for step in written(template) {
            let (joint, key) = match &step {
                Written::Word(step) => (step.joint, node.key(step, self.keys)),
                Written::Key(joint, key) => (*joint, *key),
            };
            let Some(child) = node.children.get(&key) else { break };
            let text = text_of(child, key, node, &mut names);
            all.push(format!("{text}: {}", because(node, child, &path)));
            write_step(&mut path, joint, if child.is_undecided() { "*" } else { &text });
            node = child;
        }
        all
    }
}

/// Why a child is what it is. `path` is what stands before it.
fn because(node: &Node, child: &Node, path: &str) -> String {
    match (&child.name, child.joint) {
        (_, Joint::Dot) => "an extension".to_owned(),
        (_, Joint::Colon) => "a verb".to_owned(),
        (_, Joint::Key) => "a variable, the key of an entity".to_owned(),
        (Name::Variable(variable), _) => variable_because(variable),
        (Name::Literal(_), _) if child.pinned => "a word, by a rule".to_owned(),
        (Name::Literal(text), _) => word_because(child, text, || sum(node)),
        (Name::Undecided(_), _) => format!(
            "not decided{}; decide it in monitor.pathRules by \"{path}/{{name}}\" or \"{path}/*\"",
            sum(node)
        ),
    }
}

fn variable_because(variable: &Variable) -> String {
    match (&variable.called, &variable.why, variable.takes) {
        (Some(_), ..) => "a variable, by a rule".to_owned(),
        (_, _, Takes::Values) => "a variable, its values have the form of one".to_owned(),
        (_, _, Takes::Mixed) => "a variable, its values have a form in common".to_owned(),
        (_, Some(why), Takes::Words) => format!("a variable{}", told(why)),
        (_, None, Takes::Words) => "a variable, as it was learned before".to_owned(),
    }
}

fn word_because(child: &Node, text: &str, sum: impl Fn() -> String) -> String {
    match child.form {
        _ if is_special(text) => "a word that never stands for a value".to_owned(),
        Form::Small | Form::Dated | Form::Numbered => {
            "a word, the version of an API: no value is expected here".to_owned()
        }
        _ if familiarity(text) >= FAMILIAR => "a word, as public APIs have it".to_owned(),
        _ => format!("a word{}", sum()),
    }
}

/// The evidence about the words behind a node, as it is now.
fn sum(node: &Node) -> String {
    let evidence = evidence(node, &doubtful(node), odds_after(node.before()), Pace::AtEnd);
    evidence.map(|evidence| told(&evidence)).unwrap_or_default()
}

/// The evidence for people: `, 2.1 by the word before +0.6, 12 siblings +3.1...`.
fn told(evidence: &Evidence) -> String {
    let parts = evidence.parts();
    let parts = parts.iter().filter(|(_, part)| part.abs() >= 0.05);
    let parts: Vec<String> = parts.map(|(what, part)| format!("{what} {part:+.1}")).collect();
    format!(
        ", {:+.1} as log-odds of a variable among {} ({})",
        evidence.sum(),
        evidence.siblings,
        parts.join(", ")
    )
}
