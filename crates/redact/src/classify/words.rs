//! The words of a name, in normal form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bytes::{from, until};

/// The most letters and digits of a name that are looked at, in bytes.
const MAX_NAME: usize = 128;

/// The most words of a name that are told apart.
const MAX_WORDS: usize = 16;

/// The most words that are taken together for one: `medical_record_number`.
const MAX_ROW: usize = 4;

/// The words of a name in lower case: split at humps, and at what is neither letter nor digit; digits at the end of a
/// word dropped (`cvv2`, `password1`). Letters lose their marks and are those that stand for the same (NFKD).
pub(crate) struct Words {
    text: [u8; MAX_NAME],
    ends: [usize; MAX_WORDS],
    count: usize,
    /// Which letters there are: few names can have a given part, and this says it at once.
    letters: u32,
}

impl Words {
    pub(crate) fn of(name: &[u8]) -> Words {
        if name.is_ascii() {
            return Words::of_plain(name);
        }
        // Names are short; of long ones the beginning is enough.
        let text = String::from_utf8_lossy(until(name, 2 * MAX_NAME));
        let plain: String = text.nfkd().filter(|one| !is_combining_mark(*one)).map(base).collect();
        Words::of_plain(plain.as_bytes())
    }

    /// Of a name in normal form. Other letters than those of ASCII belong to words, and have no humps.
    fn of_plain(name: &[u8]) -> Words {
        let mut words = Words { text: [0; MAX_NAME], ends: [0; MAX_WORDS], count: 0, letters: 0 };
        let mut length = 0;
        for (at, &byte) in name.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(0);
            let after = name.get(at + 1).copied().unwrap_or(0);
            let hump = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
            let inside = byte.is_ascii_alphanumeric() || byte >= 0x80;
            if hump || !inside {
                length = words.end_word(length);
            }
            if inside && let Some(place) = words.text.get_mut(length) {
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

    /// The words from `first` on, `many` of them, written together.
    fn joined(&self, first: usize, many: usize) -> &[u8] {
        from(until(&self.text, self.end_before(first + many)), self.end_before(first))
    }

    /// Returns the number of words.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// A word.
    pub(super) fn get(&self, at: usize) -> &[u8] {
        if at < self.count { self.joined(at, 1) } else { b"" }
    }

    /// The last word.
    pub(crate) fn last(&self) -> &[u8] {
        self.count.checked_sub(1).map_or(b"", |last| self.get(last))
    }

    /// Returns whether one of the words is in the list.
    pub(super) fn has_word(&self, list: &[&str]) -> bool {
        (0..self.count).any(|at| is_one_of(self.get(at), list))
    }

    /// Returns whether words in a row, written together, are this: `taxid` is in `user_tax_id`.
    pub(super) fn has_joined(&self, name: &str) -> bool {
        (0..self.count).any(|first| {
            let many = (1..=self.count - first).find(|many| self.joined(first, *many).len() >= name.len());
            many.is_some_and(|many| self.joined(first, many) == name.as_bytes())
        })
    }

    /// All words in a row, written together, and whether the last word is among them; of single words also what stands before
    /// `number`, or what is short for it: `phonenumber`.
    pub(super) fn runs(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let numbered = |word: &'_ [u8]| {
            ["number", "nr", "num", "no"]
                .iter()
                .find(|end| word.ends_with(end.as_bytes()))
                .map(|end| end.len())
        };
        let single = (0..self.count).filter_map(move |at| {
            let word = self.get(at);
            Some((until(word, word.len() - numbered(word)?), true))
        });
        let rows = (0..self.count).flat_map(move |first| {
            (1..=(self.count - first).min(MAX_ROW))
                .map(move |many| (self.joined(first, many), first + many == self.count))
        });
        rows.chain(single)
    }

    /// Returns whether the last word is in the list.
    pub(super) fn ends_in(&self, list: &[&str]) -> bool {
        self.count > 0 && is_one_of(self.last(), list)
    }

    /// Returns whether all of these letters are there.
    pub(super) fn spells(&self, letters: u32) -> bool {
        letters & !self.letters == 0
    }

    /// Returns whether a part stands anywhere without this behind it.
    pub(super) fn has_but(&self, part: &str, behind: &str) -> bool {
        let name = self.squashed();
        let such = |at: usize| {
            let rest = from(name, at);
            rest.strip_prefix(part.as_bytes()).is_some_and(|rest| !rest.starts_with(behind.as_bytes()))
        };
        (0..name.len()).any(such)
    }

    /// Returns whether a part stands anywhere. Names are too short for a searcher to pay off.
    pub(super) fn has(&self, part: &str) -> bool {
        self.squashed().windows(part.len()).any(|window| window == part.as_bytes())
    }
}

/// The letter of ASCII that people write for one that has no decomposition.
fn base(one: char) -> char {
    match one {
        'ß' => 's',
        'ø' | 'Ø' => 'o',
        'æ' | 'Æ' => 'a',
        'œ' | 'Œ' => 'o',
        'ł' | 'Ł' => 'l',
        'đ' | 'Đ' | 'ð' => 'd',
        'ı' => 'i',
        _ => one.to_lowercase().next().filter(|_| !one.is_ascii()).unwrap_or(one),
    }
}

/// Returns the length of the longest word of a list, in bytes.
#[expect(clippy::indexing_slicing, reason = "the loop ends with the list; iterators are not for constants")]
pub(crate) const fn longest(list: &[&str]) -> usize {
    let (mut most, mut at) = (0, 0);
    while at < list.len() {
        most = if list[at].len() > most { list[at].len() } else { most };
        at += 1;
    }
    most
}

pub(super) fn is_one_of(word: &[u8], list: &[&str]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn split(name: &str, expected: &[&str]) {
        let words = Words::of(name.as_bytes());
        let found: Vec<_> =
            (0..words.count()).map(|at| String::from_utf8_lossy(words.get(at)).into_owned()).collect();
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn words_in_normal_form() {
        split("userTaxId2", &["user", "tax", "id"]);
        split("X-API-Key", &["x", "api", "key"]);
        split("contraseña", &["contrasena"]);
        split("LösenOrd", &["losen", "ord"]);
        split("ｐａｓｓｗｏｒｄ", &["password"]);
        split("Straße_Nr", &["strase", "nr"]);
        split("пароль", &["пароль"]);
        split("u[tax_id]", &["u", "tax", "id"]);
    }

    #[test]
    fn words_in_a_row() {
        let words = Words::of(b"userTaxIdNumber");
        assert!(words.has_joined("taxid") && words.has_joined("user") && words.has_joined("idnumber"));
        assert!(!words.has_joined("axid") && !words.has_joined("taxi") && !words.has_joined("numbers"));
    }
}
