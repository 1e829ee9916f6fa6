//! The evidence, added up: which steps are variables and which are words.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use decode::Timestamp;

use super::evidence::{Evidence, MANY};
use super::facts::{Place, facts, features, likeness};
use super::form::Form;
use super::joint::Joint;
use super::keys::variable_key;
use super::node::{Judge, Name, Node, Takes, Tree};
use super::pace::Pace;
use super::rules::Pattern;
use super::words::{is_special, odds_after};

/// A step as familiar as this is a word, unless what it shows is what a variable beside it shows.
pub(crate) const FAMILIAR: f32 = 0.84;

/// At most so many small numbers at the beginning of a path are versions of an API.
const VERSIONS: usize = 3;

/// Dates at the beginning of a path are versions of an API where what is below them is less alike than this.
const UNLIKE: f64 = 0.5;

/// The log-odds that a variable on the platform, or in a description, adds.
const HINT: f64 = 4.0;

/// So many exchanges through a place are enough to find a variable among its words while more may come.
const ENOUGH: u64 = 24;

/// Among words that are asked for, values are asked for so much less, and there are at least some of them.
const MUCH_LESS: u64 = 3;
const SOME: usize = 3;

/// Where some words are asked for so much more than the others, and so often, the others are looked at by themselves first.
const GAP: u64 = 3;
const OFTEN: u64 = 8;

/// A text with so many digits is a code, no word, where others stand beside it.
const CODE: usize = 3;

/// Extensions that at most this part of the values has belong to the values.
const RARE_EXTENSION: f64 = 0.2;

/// What others say about the paths of a tree, from one of its nodes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sayings<'a> {
    /// Rules of people, which win over all evidence.
    pub(crate) rules: Vec<&'a [Pattern]>,
    /// Templates on the platform. A variable there is strong evidence.
    pub(crate) hints: Vec<&'a [Pattern]>,
    /// Templates in the description that the Service serves: a variable there is as strong, and a word is one.
    pub(crate) described: Vec<&'a [Pattern]>,
}

impl<'a> Sayings<'a> {
    /// Returns the part of it that is about what stands behind a child.
    fn behind(&self, child: &Node) -> Sayings<'a> {
        let of = |all: &[&'a [Pattern]]| all.iter().filter_map(|one| behind(one, child)).collect();
        Sayings { rules: of(&self.rules), hints: of(&self.hints), described: of(&self.described) }
    }

    /// Returns whether the platform, or the description, has a variable here.
    fn has_variable(&self) -> bool {
        self.hints
            .iter()
            .chain(&self.described)
            .any(|hint| matches!(hint.first(), Some(Pattern::Variable(_))))
    }

    /// Returns whether rules or the description say that this text is a word here.
    fn has_word(&self, text: &str) -> bool {
        let said = |step: &Pattern| matches!(step, Pattern::Word(word) if **word == *text);
        self.rules.iter().chain(&self.described).filter_map(|one| one.first()).any(said)
    }
}

/// Judges a tree by what is said about it and by its evidence; returns whether a verdict has changed.
pub(crate) fn judge(tree: &mut Tree, said: &Sayings<'_>, pace: Pace) -> bool {
    let above = Above { after_variable: false, anew: pace == Pace::AtEnd };
    let changed = judge_below(&mut tree.root, said, above, pace);
    if changed {
        tree.size = tree.root.size();
    }
    changed
}

/// What is above a node.
#[derive(Clone, Copy)]
struct Above {
    after_variable: bool,
    /// Whether all below is to be judged.
    anew: bool,
}

/// Judges what stands behind a node, unless nothing more is known of it.
fn judge_below(node: &mut Node, said: &Sayings<'_>, above: Above, pace: Pace) -> bool {
    let anew = above.anew || node.judge == Judge::Anew;
    if node.judge == Judge::Done && !anew {
        return false;
    }
    let mut changed = apply(node, said);
    // Somebody saw enough already.
    let (odds, pace) = match said.has_variable() {
        true => (odds_after(node.before()).max(0.0) + HINT, Pace::AtEnd),
        false => (odds_after(node.before()), pace),
    };
    changed |= judge_numbers(node, odds, above.after_variable, pace);
    changed |= judge_words(node, odds, pace);
    let mut done = !changed && !waits(node, pace);
    for child in node.children.values_mut() {
        let below = said.behind(child);
        let above = Above { after_variable: above.after_variable || child.is_variable(), anew };
        changed |= judge_below(child, &below, above, pace);
        done &= child.judge == Judge::Done && !child.is_undecided();
    }
    node.judge = if done { Judge::Done } else { Judge::Again };
    changed
}

/// Does what is said for certain about the segments behind a node; returns whether that changed anything.
fn apply(node: &mut Node, said: &Sayings<'_>) -> bool {
    let mut changed = false;
    let next = || said.rules.iter().filter_map(|rule| rule.first());
    let words = next().any(|step| matches!(step, Pattern::Words | Pattern::AllWords));
    if words
        && matches!(node.variable().map(|variable| &variable.name), Some(Name::Variable(known)) if known.takes > Takes::Values)
    {
        // What was taken for values is told apart again when it is seen again.
        node.children.remove(&variable_key(Joint::Slash));
        changed = true;
    }
    for child in node.children.values_mut().filter(|child| child.joint == Joint::Slash) {
        child.pinned = match &child.name {
            Name::Literal(text) | Name::Undecided(Some(text)) => {
                words && !child.form.is_numeric() || said.has_word(text)
            }
            _ => false,
        };
        changed |= child.pinned && child.settle();
    }
    let Some(called) =
        next().find_map(|step| if let Pattern::Variable(name) = step { Some(name) } else { None })
    else {
        return changed;
    };
    let keys = segments(node, |_| true);
    changed |= merge(node, &keys, Takes::Words);
    if let Name::Variable(variable) = &mut node.variable_mut().name
        && variable.called.as_ref() != Some(called)
    {
        variable.called = Some(called.clone());
        variable.takes = Takes::Words;
        changed = true;
    }
    changed
}

/// Returns the rest of a rule behind a child, if it leads there.
fn behind<'r>(rule: &'r [Pattern], child: &Node) -> Option<&'r [Pattern]> {
    let (first, rest) = rule.split_first()?;
    let leads = match (first, &child.name) {
        (Pattern::AllWords, _) => return Some(rule),
        (Pattern::Words, _) | (Pattern::Variable(_), Name::Variable(_)) => true,
        (Pattern::Word(word), Name::Literal(text)) => word == text,
        _ => false,
    };
    leads.then_some(rest)
}

/// Numbers and dates are values, but for a few that stand where no value is expected.
fn judge_numbers(node: &mut Node, odds: f64, after_variable: bool, pace: Pace) -> bool {
    let keys = segments(node, |child| child.form.is_numeric() && child.is_evidence());
    if keys.is_empty() {
        return false;
    }
    let all = nodes(node, &keys);
    let dates = all.iter().all(|child| child.form != Form::Small);
    let unlike = || dates && likeness(&all, None).is_some_and(|like| like < UNLIKE);
    let versions = !after_variable && (keys.len() <= VERSIONS || unlike());
    if node.variable().is_some() || odds >= 0.0 || !(keys.len() == 1 || versions) {
        return merge(node, &keys, Takes::Values);
    }
    let mut changed = false;
    for key in keys {
        let Some(child) = node.children.get_mut(&key) else { continue };
        let leads_on = child.children.values().any(|one| one.joint == Joint::Slash);
        if leads_on && is_mature(child, pace) || child.count >= MANY {
            changed |= child.settle();
        }
    }
    changed
}

/// Words are judged together with what stands beside them.
fn judge_words(node: &mut Node, odds: f64, pace: Pace) -> bool {
    let mut changed = merge_forms(node);
    for keys in candidates(node) {
        let found = evidence(node, &keys, odds, pace).filter(Evidence::is_variable);
        if let Some(why) = found.filter(|_| is_enough(node, &keys, pace)) {
            changed |= merge(node, &keys, Takes::Words);
            if let Name::Variable(known) = &mut node.variable_mut().name {
                known.why.get_or_insert(why);
            }
            changed |= absorb_late(node);
            break;
        }
    }
    changed |= absorb_extensions(node);
    let evidence = evidence(node, &doubtful(node), odds, pace);
    for child in node.children.values_mut().filter(|child| child.is_undecided() && !child.form.is_numeric()) {
        let is_word = |evidence: &Evidence| {
            let code = evidence.siblings > 1 && is_code(child);
            !code && evidence.is_word(child.count, waited(child, pace))
        };
        let word = child.is_evidence() && evidence.as_ref().is_none_or(is_word);
        if is_known(child) || word {
            changed |= child.settle();
        }
    }
    changed
}

/// The evidence about these children of a node, as siblings of one position; `None` where there are none.
pub(crate) fn evidence(node: &Node, keys: &[u64], odds: f64, pace: Pace) -> Option<Evidence> {
    let all = nodes(node, keys);
    let enough = is_enough(node, keys, pace);
    let slight = pace != Pace::AtEnd && all.iter().map(|child| child.count).sum::<u64>() < ENOUGH;
    let known = |child: &Node| !child.form.is_numeric() && is_known(child) && child.is_evidence();
    let company = || segments(node, known).len();
    let variable = node.variable();
    (!all.is_empty())
        .then(|| Evidence::of(facts(&all, Place { variable, odds, enough, slight, company: company() })))
}

/// Where values may be found among the words of a place, in the order in which they are looked for.
fn candidates(node: &Node) -> [Vec<u64>; 3] {
    [below_gap(node), doubtful(node), rarer(node)]
}

/// The words at a place whose evidence is added up.
pub(crate) fn doubtful(node: &Node) -> Vec<u64> {
    segments(node, |child| !child.form.is_numeric() && !is_known(child) && child.is_evidence())
}

/// Those of them that are asked for less than some others by a gap, with those others that show the same: values, whose place
/// words share. Without a gap, none.
fn below_gap(node: &Node) -> Vec<u64> {
    let mut keys = doubtful(node);
    let count = |key: &u64| node.children.get(key).map_or(0, |child| child.count);
    keys.sort_by_key(count);
    let counts: Vec<u64> = keys.iter().map(count).collect();
    let mut widest = (0, 0.0);
    for (at, pair) in counts.windows(2).enumerate().skip(SOME - 1) {
        let [less, more] = *pair else { continue };
        let ratio = more as f64 / less.max(1) as f64;
        if more >= OFTEN && more >= GAP.saturating_mul(less) && ratio > widest.1 {
            widest = (at + 1, ratio);
        }
    }
    let above = keys.split_off(widest.0);
    let below = Shown::of(&nodes(node, &keys));
    keys.extend(
        above.iter().filter(|key| node.children.get(key).is_some_and(|child| below.explains(child, HALF))),
    );
    keys
}

/// Those of them that are asked for much less than the most wanted: values among words, if there are some.
fn rarer(node: &Node) -> Vec<u64> {
    let keys = doubtful(node);
    let most = nodes(node, &keys).iter().map(|child| child.count).max().unwrap_or(0);
    let rare = |key: &u64| node.children.get(key).is_some_and(|child| child.count <= most / MUCH_LESS);
    let rare: Vec<u64> = keys.into_iter().filter(rare).collect();
    if rare.len() < SOME { Vec::new() } else { rare }
}

/// Returns whether a step is a word by itself.
fn is_known(child: &Node) -> bool {
    child.familiar >= FAMILIAR || is_named_special(child)
}

fn is_code(child: &Node) -> bool {
    child.text().is_some_and(|text| text.bytes().filter(u8::is_ascii_digit).count() >= CODE)
}

fn is_named_special(child: &Node) -> bool {
    child.text().is_some_and(is_special)
}

/// Returns whether enough was seen to call words values: more may come that tells them apart.
fn is_enough(node: &Node, keys: &[u64], pace: Pace) -> bool {
    let all = nodes(node, keys);
    pace == Pace::AtEnd
        || all.iter().map(|child| child.count).sum::<u64>() >= ENOUGH
        || all.iter().any(|child| waited(child, pace))
}

/// Returns whether time alone may still make a variable of words of a place, however settled each of them is.
fn waits(node: &Node, pace: Pace) -> bool {
    candidates(node).iter().any(|keys| !keys.is_empty() && !is_enough(node, keys, pace))
}

/// Returns whether a number was seen long or often enough to be called a word.
fn is_mature(child: &Node, pace: Pace) -> bool {
    pace == Pace::AtEnd || child.count >= MANY || waited(child, pace)
}

/// Returns whether a step has been there for as long as is enough.
fn waited(child: &Node, pace: Pace) -> bool {
    let since = |now: Timestamp| -> Duration { now.saturating_since(Timestamp::from_nanos(child.first)) };
    match pace {
        Pace::AtEnd => false,
        Pace::Going { now, settle } => since(now) >= settle,
    }
}

/// Siblings of one form, with letters, digits and signs in the same places, are values.
fn merge_forms(node: &mut Node) -> bool {
    let mut groups: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for (key, child) in &node.children {
        if let (false, Form::Mixed, Some(mask)) =
            (child.is_variable() || child.pinned, child.form, child.mask)
            && !is_known(child)
            && child.is_evidence()
        {
            groups.entry(mask).or_default().push(*key);
        }
    }
    let keys: Vec<u64> = groups.into_values().filter(|keys| keys.len() > 1).flatten().collect();
    merge(node, &keys, Takes::Mixed)
}

/// Words that the variable beside them explains belong to it: nothing is asked of them that is not asked of it.
fn absorb_late(node: &mut Node) -> bool {
    let Some(variable) = node.variable() else { return false };
    let known = Shown::of(&[variable]);
    let fits = |child: &Node| {
        let telling = features(child).len() > 2 && !child.children.is_empty();
        (child.familiar < 1.0 || telling) && known.explains(child, ALL)
    };
    let keys = segments(node, |child| !child.form.is_numeric() && !is_named_special(child) && fits(child));
    merge(node, &keys, Takes::Words)
}

/// How much of what a step shows values have to show too, to explain it.
const ALL: f64 = 1.0;
const HALF: f64 = 0.5;

/// What values of one variable show together.
struct Shown {
    features: BTreeSet<u64>,
    methods: u16,
    /// Whether no answer was read of any. Bodies are read now and then, so one may have been read of another step alone.
    unread: bool,
}

impl Shown {
    fn of(values: &[&Node]) -> Shown {
        Shown {
            features: values.iter().copied().flat_map(features).collect(),
            methods: values.iter().fold(0, |all, value| all | value.methods),
            unread: values.iter().all(|value| value.fields.is_empty()),
        }
    }

    /// Returns whether a step may be one of the values: nothing else is asked of it, and it shows what they show, to this share.
    fn explains(&self, child: &Node, share: f64) -> bool {
        let shows = features(child);
        let known = shows.intersection(&self.features).count() as f64;
        let alike = known >= share * shows.len() as f64 || self.unread && child.children.is_empty();
        child.methods & !self.methods == 0 && alike
    }
}

/// Extensions that only some of the values have belong to the values: `my.app.js` among names.
fn absorb_extensions(node: &mut Node) -> bool {
    let Some(variable) = node.variable().filter(|variable| variable.takes_more_than_values()) else {
        return false;
    };
    let rare = |child: &Node| {
        child.joint == Joint::Dot
            && child.methods & !variable.methods == 0
            && child.count as f64 <= RARE_EXTENSION * variable.count as f64
    };
    let keys: Vec<u64> =
        variable.children.iter().filter(|(_, child)| rare(child)).map(|(key, _)| *key).collect();
    let variable = node.variable_mut();
    for key in &keys {
        if let Some(mut child) = variable.children.remove(key) {
            // Its exchanges are counted with the variable already.
            child.count = 0;
            variable.absorb(child);
        }
    }
    !keys.is_empty()
}

/// The segments behind a node that are no variable, as far as they are wanted.
fn segments(node: &Node, wanted: impl Fn(&Node) -> bool) -> Vec<u64> {
    let open = node.children.iter().filter(|(_, child)| {
        child.joint == Joint::Slash && !child.is_variable() && !child.pinned && wanted(child)
    });
    open.map(|(key, _)| *key).collect()
}

fn nodes<'n>(node: &'n Node, keys: &[u64]) -> Vec<&'n Node> {
    keys.iter().filter_map(|key| node.children.get(key)).collect()
}

/// Makes these children one variable; returns whether there were any.
fn merge(node: &mut Node, keys: &[u64], takes: Takes) -> bool {
    for key in keys {
        let Some(child) = node.children.remove(key) else { continue };
        let stays = child.familiar >= 1.0;
        let variable = node.variable_mut();
        if let Name::Variable(known) = &mut variable.name {
            known.takes = known.takes.max(takes);
            known.class.join(child.form.classes());
            if stays {
                known.remember(*key);
            }
        }
        variable.absorb(child);
    }
    !keys.is_empty()
}
