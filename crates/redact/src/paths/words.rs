//! What public APIs have as words in their paths, and what follows them.

use std::sync::LazyLock;

/// What stands before a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Before<'a> {
    /// Nothing.
    Start,
    /// A variable.
    Variable,
    /// A step that is not decided.
    Doubtful,
    /// A word.
    Word(&'a str),
}

/// What is known of a word.
#[derive(Clone, Copy, Default)]
struct Word {
    /// How many providers have it as a literal.
    providers: u16,
    /// How often a variable follows it.
    variables: u16,
    /// How often a word does.
    words: u16,
}

/// A word a line, in order; comments stand before them.
const LINES: &str = include_str!("../../data/path-words.tsv");

/// The words in order: 48 KiB.
static WORDS: LazyLock<Box<[(&str, Word)]>> = LazyLock::new(|| LINES.lines().filter_map(read).collect());

/// Reads a line.
fn read(line: &'static str) -> Option<(&'static str, Word)> {
    let (word, numbers) = line.split_once('\t').filter(|_| !line.starts_with('#'))?;
    let mut numbers = numbers.split('\t').map(|number| number.parse().ok());
    let mut number = || numbers.next().flatten();
    Some((word, Word { providers: number()?, variables: number()?, words: number()? }))
}

/// Returns what is known of a word, as it is written.
fn find(word: &str) -> Option<Word> {
    let at = WORDS.binary_search_by_key(&word, |known| known.0).ok()?;
    WORDS.get(at).map(|known| known.1)
}

/// Words that stand for one thing beside ids, and are never taken for one.
const SPECIAL: [&str; 9] = ["-", "@me", "current", "default", "latest", "me", "search", "self", "~"];

/// So many imagined cases of the average word are added to what was counted: few cases say little.
const WEIGHT: f64 = 3.0;

/// How likely a variable is after a word that is not listed, if it is a plural, and if not.
const AFTER_PLURAL: f64 = 0.5;
const AFTER_OTHER: f64 = 0.25;

/// Returns whether a text is one of the words that are never taken for an id.
pub(crate) fn is_special(text: &str) -> bool {
    SPECIAL.binary_search(&text).is_ok()
}

/// How familiar a text can be that is put together of words, and not listed itself.
const COMPOSED: f32 = 0.8;

/// Returns whether a word is so well known that it is not taken for a value where values are words.
pub(crate) fn stays(text: &str) -> bool {
    is_special(text) || familiarity(text) >= 1.0
}

/// Returns the log-odds of a variable at a position, by what stands before it.
pub(crate) fn odds_after(before: Before<'_>) -> f64 {
    let (word, prior) = match before {
        Before::Start => (Some(""), 0.06),
        Before::Variable => (Some("{}"), 0.3),
        Before::Doubtful => (None, AFTER_OTHER),
        Before::Word(word) => (Some(word), if is_plural(word) { AFTER_PLURAL } else { AFTER_OTHER }),
    };
    let known = word.map(either_number).unwrap_or_default();
    let (variables, words) = (f64::from(known.variables), f64::from(known.words));
    let share = (variables + WEIGHT * prior) / (variables + words + WEIGHT);
    (share / (1.0 - share)).ln()
}

fn look_up(word: &str) -> Word {
    let lower = || find(&word.to_ascii_lowercase());
    find(word).or_else(lower).unwrap_or_default()
}

/// What is known of a word, or of its other number: `apis` is used as `api` is.
fn either_number(word: &str) -> Word {
    let known = look_up(word);
    if known.variables + known.words > 0 || word.is_empty() {
        return known;
    }
    word.strip_suffix('s').map_or_else(|| look_up(&format!("{word}s")), look_up)
}

/// Returns whether a word looks like the plural of a noun.
pub(crate) fn is_plural(word: &str) -> bool {
    word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end))
}

/// Returns how far a text is made of words that public APIs have as literals: 0 for none, 1 for a well-known word.
pub(crate) fn familiarity(text: &str) -> f32 {
    let whole = weight(look_up(text).providers);
    if whole >= 1.0 {
        return whole;
    }
    let parts = split(text);
    match parts.as_slice() {
        [] => return whole,
        [part] => return whole.max(weight(look_up(part).providers)),
        _ => {}
    }
    let sum: f32 = parts.iter().map(|part| weight(look_up(part).providers)).sum();
    // A name put together of words is no word itself.
    whole.max((sum / parts.len() as f32).min(COMPOSED))
}

/// How much the number of providers that have a word says: two may be chance.
fn weight(providers: u16) -> f32 {
    match providers {
        0 => 0.0,
        1..=2 => 0.7,
        3..=4 => 0.85,
        _ => 1.0,
    }
}

/// The words of a text: split at humps and signs, in lower case; digits at the end go.
fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for one in text.chars() {
        let hump = one.is_ascii_uppercase() && before.is_ascii_lowercase();
        if hump || !one.is_ascii_alphanumeric() {
            parts.push(String::new());
        }
        if one.is_ascii_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.push(one.to_ascii_lowercase());
        }
        before = one;
    }
    for part in &mut parts {
        let letters = part.trim_end_matches(|one: char| one.is_ascii_digit()).len();
        if letters > 0 {
            part.truncate(letters);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_word() {
        assert!(odds_after(Before::Word("users")) > 0.0);
        assert!(odds_after(Before::Word("Users")) > 0.0);
        assert!(odds_after(Before::Word("api")) < -2.0);
        assert!(odds_after(Before::Start) < -2.0);
        assert!(odds_after(Before::Word("frobnicators")) > odds_after(Before::Word("frobnicate")));
    }

    #[test]
    fn familiar_words() {
        for text in ["search", "users", "resetPassword", "payment-methods", "oauth2"] {
            assert!(familiarity(text) > 0.8, "{text} {}", familiarity(text));
        }
        for text in ["ann", "left-pad", "SHOP-12", "zzyzx"] {
            assert!(familiarity(text) < 0.6, "{text} {}", familiarity(text));
        }
    }

    #[test]
    fn the_lists_are_in_order() {
        assert!(SPECIAL.is_sorted());
        let lines = LINES.lines().filter(|line| !line.starts_with('#')).count();
        let words: Vec<&str> = WORDS.iter().map(|known| known.0).collect();
        assert!(words.is_sorted() && words.len() > 2000 && words.len() == lines);
        assert!(words.iter().all(|word| find(word).is_some()));
        assert!(find("no such word").is_none() && find("~~~").is_none() && find("\u{e9}").is_none());
    }
}
