//! What speaks for a variable at a place, and what for words, as log-odds that are added up.
//!
//! The weights were found on traffic made from published API documents, a third of which were kept apart
//! (`tests/templates`).

use super::form::Form;
use super::node::Node;

/// Asked for so often, a step in doubt is taken for a word where no more speaks for a variable than this.
pub(crate) const MANY: u64 = 20;
const IN_DOUBT: f64 = -0.14;

/// Steps that are seen at most so often are rare: values are, words are not.
const RARE: u64 = 2;

/// A text of so many words is a title rather than the name of something to do.
const TITLE: u8 = 4;

/// Above this sum, siblings are values of a variable; below the other, words.
const VARIABLE: f64 = 1.2;
const WORD: f64 = -0.44;

/// The word before counts as much as it says, but for this.
const ODDS: f64 = 1.0;
/// For each doubling of siblings.
const SIBLINGS: f64 = 0.88;
/// For how far siblings are alike below, beyond what any are.
const ALIKE: (f64, f64) = (4.8, 0.35);
/// For the part of them that is rare, beyond what is usual.
const RARENESS: (f64, f64) = (2.5, 0.3);
/// Against, for how far they are words of public APIs.
const FAMILIARITY: f64 = 2.64;
/// For the part of them that mixes letters and digits.
const MIXTURE: f64 = 1.27;
/// For the part of them that are titles.
const TITLES: f64 = 1.22;
/// Against, for how often one of them is asked for (the logarithm of the median), up to a limit.
const USE: (f64, f64) = (0.5, 2.33);

/// The evidence about the siblings of one position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// How many there are.
    pub(crate) siblings: usize,
    /// What speaks for a variable (positive) or for words (negative): the word before, the number of siblings, how alike
    /// they are, how rare, how familiar, how mixed, how long, how much used.
    pub(crate) parts: [(&'static str, f64); 8],
}

impl Evidence {
    /// Returns the log-odds of a variable.
    pub(crate) fn sum(&self) -> f64 {
        self.parts.iter().map(|(_, part)| part).sum()
    }

    pub(crate) fn is_variable(&self) -> bool {
        self.sum() >= VARIABLE
    }

    /// Returns whether one of them is a word that was asked for so often, or has been there for long enough.
    pub(crate) fn is_word(&self, count: u64, waited: bool) -> bool {
        self.sum() <= WORD || (count >= MANY || waited) && self.sum() <= IN_DOUBT
    }
}

/// Adds up what is known of siblings, of which there is at least one. Before enough was seen (`enough`), all are rare, and
/// that says nothing.
pub(crate) fn sum_up(all: &[&Node], odds: f64, like: Option<f64>, enough: bool) -> Evidence {
    let count = all.len() as f64;
    let share = |is: &dyn Fn(&Node) -> bool| all.iter().filter(|child| is(child)).count() as f64 / count;
    let rare = share(&|child| child.count <= RARE);
    let mixed = share(&|child| child.form == Form::Mixed);
    let titles = share(&|child| child.words >= TITLE);
    let familiar = all.iter().map(|child| f64::from(child.familiar)).sum::<f64>() / count;
    let mut counts: Vec<u64> = all.iter().map(|child| child.count).collect();
    counts.sort_unstable();
    let median = counts.get(counts.len() / 2).map_or(1.0, |count| (*count).max(1) as f64);
    let parts = [
        ("the word before", ODDS * odds),
        ("siblings", SIBLINGS * count.log2()),
        ("alike below", like.map_or(0.0, |like| ALIKE.0 * (like - ALIKE.1))),
        ("rare", if enough { RARENESS.0 * (rare - RARENESS.1) } else { 0.0 }),
        ("words of public APIs", -FAMILIARITY * familiar),
        ("letters and digits mixed", MIXTURE * mixed),
        ("long titles", TITLES * titles),
        ("asked for often", -USE.0 * median.ln().min(USE.1)),
    ];
    Evidence { siblings: all.len(), parts }
}
