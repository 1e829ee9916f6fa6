//! What speaks for a variable at a place, and what for words, as log-odds that are added up.
//!
//! The weights were found on traffic made from published API documents, a third of which were kept apart
//! (`tests/templates`).

use serde::{Deserialize, Serialize};

/// Asked for so often, a step in doubt is taken for a word where no more speaks for a variable than this.
pub(crate) const MANY: u64 = 20;
const IN_DOUBT: f64 = -0.14;

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
/// Against, for each doubling of known words beside them, up to a limit, as far as they are not alike: values are alike
/// whatever stands beside them.
const COMPANY: (f64, f64) = (0.6, 3.0);
/// Against, for the part of them that is written in camel case out of known words.
const CAMEL: f64 = 2.5;
/// Against, for each doubling of their mean use beyond the first of the doublings and up to the second, as far as they neither
/// mix letters and digits nor are alike: values that are asked for so much would be more.
const CLOSED: f64 = 2.0;
const DOUBLINGS: (f64, f64) = (5.0, 9.0);
/// Siblings that are alike to more than this are not touched by that.
const ALIKE_ENOUGH: f64 = 1.0 / 1.4;
/// How far siblings are taken to be alike where there is nothing to compare.
const UNKNOWN: f64 = 0.5;

/// What is known of the siblings of one position, of which there is at least one. Shares are from 0 to 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) siblings: usize,
    /// The log-odds of a variable after the word before.
    pub(crate) odds: f64,
    /// How much of what they show below others of them show too, if there is anything to compare.
    pub(crate) alike: Option<f64>,
    /// The share of those that are rare; none before enough was seen, when all are.
    pub(crate) rare: Option<f64>,
    /// How far they are words of public APIs, on average.
    pub(crate) familiar: f64,
    /// The share of those that mix letters and digits.
    pub(crate) mixed: f64,
    /// The share of those that are of many words.
    pub(crate) titles: f64,
    /// Whether too little was seen of them to call them unlike.
    pub(crate) slight: bool,
    /// How often one of them is asked for: the median.
    pub(crate) median: u64,
    /// The same, as the mean.
    pub(crate) mean: f64,
    /// How many known words stand beside them, where there is no variable.
    pub(crate) company: usize,
    /// The share of those that are written in camel case out of known words.
    pub(crate) camel: f64,
}

/// The evidence about the siblings of one position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// How many there are.
    pub(crate) siblings: usize,
    /// What speaks for a variable (positive) or for words (negative), in the order of [`PARTS`].
    parts: Vec<f64>,
    /// Whether little was seen of them.
    #[serde(default)]
    slight: bool,
}

/// What the parts of the evidence are about.
const PARTS: [&str; 11] = [
    "the word before",
    "how many they are",
    "alike below",
    "rare",
    "words of public APIs",
    "letters and digits mixed",
    "long titles",
    "asked for often",
    "known words beside",
    "camel case",
    "few for so many requests",
];

/// Which of them says how far they are alike.
const UNLIKE: usize = 2;

impl Evidence {
    /// Adds up what is known.
    pub(crate) fn of(facts: Facts) -> Evidence {
        let Facts { siblings, odds, alike, rare, familiar, mixed, titles, slight, median, .. } = facts;
        let like = alike.unwrap_or(UNKNOWN);
        let company = (1.0 + facts.company as f64).log2().min(COMPANY.1);
        let doublings = facts.mean.max(1.0).log2().min(DOUBLINGS.1) - DOUBLINGS.0;
        let closed = doublings.max(0.0) * (1.0 - like / ALIKE_ENOUGH).max(0.0);
        let parts = vec![
            ODDS * odds,
            SIBLINGS * (siblings as f64).log2(),
            alike.map_or(0.0, |alike| ALIKE.0 * (alike - ALIKE.1)),
            rare.map_or(0.0, |rare| RARENESS.0 * (rare - RARENESS.1)),
            -FAMILIARITY * familiar,
            MIXTURE * mixed,
            TITLES * titles,
            -USE.0 * (median.max(1) as f64).ln().min(USE.1),
            -COMPANY.0 * company * (1.0 - like),
            -CAMEL * facts.camel,
            -CLOSED * closed * (1.0 - mixed),
        ];
        Evidence { siblings, parts, slight }
    }

    /// Returns the log-odds of a variable.
    pub(crate) fn sum(&self) -> f64 {
        self.parts.iter().sum()
    }

    /// Returns what speaks for a variable and against, with what it is about.
    pub(crate) fn parts(&self) -> Vec<(&'static str, f64)> {
        PARTS.into_iter().zip(self.parts.iter().copied()).collect()
    }

    pub(crate) fn is_variable(&self) -> bool {
        self.sum() >= VARIABLE
    }

    /// Returns whether one of them is a word that was asked for so often, or has been there for long enough.
    pub(crate) fn is_word(&self, count: u64, waited: bool) -> bool {
        // Two of which little was seen show different things, whatever they are.
        let unlike = if self.slight { self.parts.get(UNLIKE).map_or(0.0, |part| part.min(0.0)) } else { 0.0 };
        let sum = self.sum() - unlike;
        sum <= WORD || (count >= MANY || waited) && sum <= IN_DOUBT
    }
}
