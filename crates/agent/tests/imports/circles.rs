//! Circles among modules that import each other.

use std::collections::BTreeSet;
use std::fmt;

use super::house::{Imports, Module};

/// Modules each of which reaches each other one, with the imports among them.
pub(crate) struct Circle(Vec<(Module, Module)>);

/// Returns all circles.
pub(crate) fn find(imports: &Imports) -> Vec<Circle> {
    let mut left: BTreeSet<&Module> = imports.keys().collect();
    let mut circles = Vec::new();
    while let Some(first) = left.pop_first() {
        let reached = reach(imports, first);
        let circle: BTreeSet<&Module> =
            reached.into_iter().filter(|other| reach(imports, other).contains(first)).collect();
        left.retain(|module| !circle.contains(module));
        let among = |from: &&Module| {
            let to = imports[*from].iter().filter(|to| circle.contains(to));
            to.map(|to| ((*from).clone(), to.clone())).collect::<Vec<_>>()
        };
        let ties: Vec<_> = circle.iter().flat_map(among).collect();
        circles.extend((!ties.is_empty()).then_some(Circle(ties)));
    }
    circles
}

/// The modules that can be reached from one, straight or through others.
fn reach<'i>(imports: &'i Imports, from: &'i Module) -> BTreeSet<&'i Module> {
    let (mut reached, mut ahead) = (BTreeSet::new(), vec![from]);
    while let Some(module) = ahead.pop() {
        ahead.extend(imports[module].iter().filter(|next| reached.insert(*next)));
    }
    reached
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |module: &Module| match module.is_empty() {
            true => "crate".to_owned(),
            false => module.join("::"),
        };
        let ties: Vec<_> =
            self.0.iter().map(|(from, to)| format!("{} -> {}", name(from), name(to))).collect();
        f.write_str(&ties.join(", "))
    }
}

#[test]
fn a_circle_is_found_with_what_ties_it() {
    let module = |name: &str| vec![name.to_owned()];
    let imports = [("a", "b c"), ("b", "c"), ("c", "b d"), ("d", "")];
    let imports = imports.map(|(from, to)| (module(from), to.split_whitespace().map(module).collect()));
    let found: Vec<_> = find(&imports.into()).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["b -> c, c -> b"]);
}
