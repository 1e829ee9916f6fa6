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
const PARTS: [&str; 8] = [
    "the word before",
    "how many they are",
    "alike below",
    "rare",
    "words of public APIs",
    "letters and digits mixed",
    "long titles",
    "asked for often",
];

/// Which of them says how far they are alike.
const UNLIKE: usize = 2;

impl Evidence {
    /// Adds up what is known.
    pub(crate) fn of(facts: Facts) -> Evidence {
        let Facts { siblings, odds, alike, rare, familiar, mixed, titles, slight, median } = facts;
        let parts = vec![
            ODDS * odds,
            SIBLINGS * (siblings as f64).log2(),
            alike.map_or(0.0, |alike| ALIKE.0 * (alike - ALIKE.1)),
            rare.map_or(0.0, |rare| RARENESS.0 * (rare - RARENESS.1)),
            -FAMILIARITY * familiar,
            MIXTURE * mixed,
            TITLES * titles,
            -USE.0 * (median.max(1) as f64).ln().min(USE.1),
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
