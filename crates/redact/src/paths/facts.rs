//! What siblings have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::evidence::Facts;
use super::form::Form;
use super::node::Node;

/// Steps that are seen at most so often are rare: values are, words are not.
const RARE: u64 = 2;

/// A text of so many words is a title rather than the name of something to do.
const TITLE: u8 = 4;

/// What stands around siblings, and how much was seen of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'n> {
    pub(crate) variable: Option<&'n Node>,
    /// The log-odds of a variable after the word before.
    pub(crate) odds: f64,
    /// Whether enough was seen to call some rare.
    pub(crate) enough: bool,
    /// Whether too little was seen to call them unlike.
    pub(crate) slight: bool,
    /// How many known words stand beside them.
    pub(crate) company: usize,
}

/// Returns what is known of siblings, of which there is at least one.
pub(crate) fn facts(all: &[&Node], place: Place<'_>) -> Facts {
    let Place { variable, odds, enough, slight, company } = place;
    let count = all.len() as f64;
    let share = |is: &dyn Fn(&Node) -> bool| all.iter().filter(|child| is(child)).count() as f64 / count;
    let mut counts: Vec<u64> = all.iter().map(|child| child.count).collect();
    counts.sort_unstable();
    Facts {
        siblings: all.len(),
        odds,
        alike: likeness(all, variable),
        rare: enough.then(|| share(&|child| child.count <= RARE)),
        familiar: all.iter().map(|child| f64::from(child.familiar)).sum::<f64>() / count,
        mixed: share(&|child| child.form == Form::Mixed),
        titles: share(&|child| child.words >= TITLE),
        slight,
        median: counts.get(counts.len() / 2).copied().unwrap_or_default(),
        mean: counts.iter().sum::<u64>() as f64 / count,
        company: if variable.is_some() { 0 } else { company },
        camel: share(&|child| child.familiar >= COMPOSED && child.text().is_some_and(is_camel_case)),
    }
}

/// How far a name is made of known words to be more than a value with a hump.
const COMPOSED: f32 = 0.3;

/// Returns whether a text begins small and has a hump: `archiveAllCards`, as programs name what they do.
fn is_camel_case(text: &str) -> bool {
    let text = text.as_bytes();
    let hump = |pair: &[u8]| matches!(pair, [before, after] if before.is_ascii_lowercase() && after.is_ascii_uppercase());
    text.first().is_some_and(u8::is_ascii_lowercase) && text.windows(2).any(hump)
}

/// Returns how much of what the children show others of them show too, from 0 to 1; `None` where there is nothing to
/// compare.
pub(crate) fn likeness(all: &[&Node], variable: Option<&Node>) -> Option<f64> {
    let shows = all.iter().copied().chain(variable).map(features);
    // What shows nothing, since nothing but its being there was seen, says nothing about the others.
    let shows: Vec<BTreeSet<u64>> = shows.filter(|one| !one.is_empty()).collect();
    if shows.len() < 2 {
        return None;
    }
    let mut shown: BTreeMap<u64, u32> = BTreeMap::new();
    for feature in shows.iter().flatten() {
        *shown.entry(*feature).or_default() += 1;
    }
    let others = (shows.len() - 1) as f64;
    let share = |one: &BTreeSet<u64>| {
        let sum: u32 = one.iter().filter_map(|feature| shown.get(feature)).map(|count| count - 1).sum();
        f64::from(sum) / others / one.len() as f64
    };
    Some(shows.iter().map(share).sum::<f64>() / shows.len() as f64)
}

/// So many steps below one are compared to tell whether siblings are alike.
const DEEP: usize = 3;

/// Returns what a step shows below it, as hashes: its words, and the fields of its answers.
pub(crate) fn features(node: &Node) -> BTreeSet<u64> {
    let mut all = BTreeSet::new();
    collect(node, 0, DEEP, &mut all);
    all
}

fn collect(node: &Node, way: u64, left: usize, all: &mut BTreeSet<u64>) {
    let hash = |what: (u64, u64, u64)| FixedState::with_seed(0).hash_one(what);
    all.extend(node.fields.iter().map(|field| hash((way, 1, u64::from(*field)))));
    if left == 0 {
        return;
    }
    for (key, child) in &node.children {
        let word = child.familiar >= 0.5 && !child.form.is_numeric() && !child.is_variable();
        let way = hash((way, 2, if word { *key } else { 0 }));
        all.insert(way);
        collect(child, way, left - 1, all);
    }
}
