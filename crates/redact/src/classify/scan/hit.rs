//! What a rule finds, and what rules read text with.

use std::ops::Range;

use super::super::bytes::{from, until};
use super::super::tokens::run;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where in the text. Both ends lie at ASCII bytes, or at the ends of runs of other bytes.
    pub(crate) range: Range<usize>,
    /// Whether it is a credential; else personal data.
    pub(crate) credential: bool,
}

/// What is looked for beside credentials that name themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Personal data too.
    pub(crate) personal: bool,
    /// What looks random or passes a check, too: not where the name says that this is public.
    pub(crate) guessed: bool,
}

impl Wanted {
    /// All there is.
    pub(crate) const ALL: Wanted = Wanted { personal: true, guessed: true };
}

/// A text without these bytes at its end.
pub(super) fn trim_end<'a>(text: &'a [u8], what: &[u8]) -> &'a [u8] {
    until(text, text.len() - run_back(text, |byte| what.contains(&byte)))
}

/// Returns how many bytes at the end are such.
pub(super) fn run_back(text: &[u8], such: impl Fn(u8) -> bool) -> usize {
    text.iter().rev().take_while(|byte| such(**byte)).count()
}

/// The word at the end of a text.
pub(super) fn last_word(text: &[u8]) -> &[u8] {
    from(
        text,
        text.len() - run_back(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80),
    )
}

/// Where the value that begins here ends: at its quote, or at what follows words.
pub(super) fn value_at(text: &[u8], start: usize) -> Range<usize> {
    let quote = text.get(start).copied().filter(|byte| b"\"'`".contains(byte));
    let start = start + usize::from(quote.is_some());
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || byte == b'\\',
        None => byte.is_ascii_whitespace() || b"&;,\"'<>(){}[]|\\".contains(&byte),
    };
    start..start + run(from(text, start), |byte| !ends(byte))
}
