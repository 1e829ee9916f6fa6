//! What a rule finds, and what rules read text with.

use std::ops::Range;

use super::super::bytes::{from, until};
use super::super::flags::is_flag;
use super::super::label::Label;
use super::super::names::Meaning;
use super::super::persons::fits;
use super::super::tokens::run;

/// What values may stand between.
pub(super) const QUOTES: &[u8] = b"\"'`";

/// The longest personal value that is read without quotes, in bytes.
pub(super) const MAX_PERSONAL: usize = 128;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where in the text. It begins with a character; a rule that reads so many bytes at most may end it inside of one, and
    /// [`super::Scan`] takes all of that one in.
    pub(crate) range: Range<usize>,
    /// What it is.
    pub(crate) label: Label,
}

impl Hit {
    /// Returns whether it is a credential; else it is personal data.
    pub(crate) fn is_credential(&self) -> bool {
        self.label == Label::Credential
    }
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

/// Returns a text without these bytes at its end.
pub(super) fn trim_end<'a>(text: &'a [u8], what: &[u8]) -> &'a [u8] {
    until(text, text.len() - run_back(text, |byte| what.contains(&byte)))
}

/// Returns how many bytes at the end are such.
pub(super) fn run_back(text: &[u8], such: impl Fn(u8) -> bool) -> usize {
    text.iter().rev().take_while(|byte| such(**byte)).count()
}

/// Returns the word at the end of a text.
pub(super) fn last_word(text: &[u8]) -> &[u8] {
    from(
        text,
        text.len() - run_back(text, |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80),
    )
}

/// Returns where the value that begins here stands: to its quote, or to what follows words.
pub(super) fn value_at(text: &[u8], start: usize) -> Range<usize> {
    let quote = text.get(start).copied().filter(|byte| QUOTES.contains(byte));
    let start = start + usize::from(quote.is_some());
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || byte == b'\\',
        None => byte.is_ascii_whitespace() || b"&;,\"'<>(){}[]|\\".contains(&byte),
    };
    start..start + run(from(text, start), |byte| !ends(byte))
}

/// Returns a value that a name says this of, unless it is none of the kind.
pub(super) fn under(meaning: Meaning, text: &[u8], range: Range<usize>) -> Option<Hit> {
    let value = String::from_utf8_lossy(from(until(text, range.end), range.start));
    match meaning {
        Meaning::Credential if !is_flag(&value) => Some(Hit { range, label: Label::Credential }),
        Meaning::Personal(label, shape) if fits(shape, &value) => Some(Hit { range, label }),
        _ => None,
    }
}
