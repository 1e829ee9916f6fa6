//! The words of a name.

use super::bytes::{from, until};

/// The most letters and digits of a name that are looked at.
const MAX_NAME: usize = 128;

/// The most words of a name that are told apart.
const MAX_WORDS: usize = 16;

/// The words of a name in lower case: split at humps, and at what is neither letter nor digit; digits at the end of a
/// word dropped (`cvv2`, `password1`).
pub(super) struct Words {
    text: [u8; MAX_NAME],
    ends: [usize; MAX_WORDS],
    count: usize,
    /// Which letters there are: few names can have a given part, and this says it at once.
    letters: u32,
}

impl Words {
    pub(super) fn of(name: &[u8]) -> Words {
        let mut words = Words { text: [0; MAX_NAME], ends: [0; MAX_WORDS], count: 0, letters: 0 };
        let mut length = 0;
        for (at, &byte) in name.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(0);
            let after = name.get(at + 1).copied().unwrap_or(0);
            let hump = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
            if hump || !byte.is_ascii_alphanumeric() {
                length = words.end_word(length);
            }
            if byte.is_ascii_alphanumeric()
                && let Some(place) = words.text.get_mut(length)
            {
                *place = byte.to_ascii_lowercase();
                words.letters |= letter(*place);
                length += 1;
            }
        }
        words.end_word(length);
        words
    }

    /// Ends a word at `length`, without its digits; gives where the next begins.
    fn end_word(&mut self, mut length: usize) -> usize {
        let start = self.squashed_len();
        while length > start && until(&self.text, length).last().is_some_and(u8::is_ascii_digit) {
            length -= 1;
        }
        if length > start
            && let Some(end) = self.ends.get_mut(self.count)
        {
            *end = length;
            self.count += 1;
        }
        self.squashed_len()
    }

    fn squashed_len(&self) -> usize {
        self.end_before(self.count)
    }

    /// Returns where the word before this one ends; 0 before the first.
    fn end_before(&self, word: usize) -> usize {
        word.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    /// All words written together.
    pub(super) fn squashed(&self) -> &[u8] {
        until(&self.text, self.squashed_len())
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        (0..self.count).map(|at| from(until(&self.text, self.end_before(at + 1)), self.end_before(at)))
    }

    /// Returns whether one of the words is in the list.
    pub(super) fn has_word(&self, list: &[&str]) -> bool {
        self.iter().any(|word| is_one_of(word, list))
    }

    /// Returns whether the last word is in the list.
    pub(super) fn ends_in(&self, list: &[&str]) -> bool {
        self.iter().next_back().is_some_and(|last| is_one_of(last, list))
    }

    /// Returns whether there are several words.
    pub(super) fn are_several(&self) -> bool {
        self.count > 1
    }

    /// Returns whether all of these letters are there.
    pub(super) fn spells(&self, letters: u32) -> bool {
        letters & !self.letters == 0
    }

    /// Returns whether a part stands anywhere. Names are too short for a searcher to pay off.
    pub(super) fn has(&self, part: &str) -> bool {
        self.squashed().windows(part.len()).any(|window| window == part.as_bytes())
    }

    pub(super) fn has_any(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.has(part))
    }
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|one| one.as_bytes() == word)
}

/// The letters of a text in lower case, a bit for each; digits have none.
#[expect(clippy::indexing_slicing, reason = "the loop ends with the text; iterators are not for constants")]
pub(super) const fn letters(text: &[u8]) -> u32 {
    let (mut all, mut at) = (0, 0);
    while at < text.len() {
        all |= letter(text[at]);
        at += 1;
    }
    all
}

/// The bit of a letter in lower case; none for other bytes.
const fn letter(byte: u8) -> u32 {
    if byte.is_ascii_lowercase() { 1 << (byte - b'a') } else { 0 }
}
