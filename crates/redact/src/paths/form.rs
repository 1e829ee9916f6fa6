//! What the text of a step looks like, by itself.

use std::hash::Hasher;

use serde::{Deserialize, Serialize};

use super::class::Classes;
use super::words::{Before, odds_after};
use crate::classify::{Class, DIGIT, JOIN, Kind, LETTER, is_version, kind_of_bytes, kind_of_text, only};

/// The shortest run of hexadecimal digits that is a value where letters and digits mix: abbreviated hashes have 7.
const MIN_HEX: usize = 7;

/// The longest word, in bytes. What is longer is a value.
const MAX_LITERAL: usize = 128;

/// Letters shorter than this are no token and no run of hexadecimal digits, whatever they are.
const SHORT: usize = 16;

/// The most digits of a number that may be the version of an API.
const SMALL: usize = 2;

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// Letters, perhaps joined.
    Word,
    /// Letters, digits and signs that could be a word as well as a value.
    Mixed,
    /// Digits, at most two of them: an id, or the version of an API. More digits are a value.
    Small,
    /// A date or month: an id, or the version of an API.
    Dated,
    /// A version in numbers (`1.2.3`), of an API or of anything else.
    Numbered,
    /// A value in any case.
    Typed,
}

impl Form {
    /// Returns whether nothing but a value has this form.
    pub(crate) fn is_certain(self) -> bool {
        self == Form::Typed
    }

    /// Returns the form of a text where it stands: numbers and dates are values after a value, and after a word that is
    /// followed by one as often as not.
    #[inline]
    pub(crate) fn after(self, before: &[u8], value_before: bool) -> Form {
        let word = || Before::Word(str::from_utf8(before).unwrap_or_default());
        if self.is_numeric() && (value_before || odds_after(word()) >= 0.0) { Form::Typed } else { self }
    }

    /// Returns the class of a value of this form.
    pub(crate) fn classes(self) -> Classes {
        let dates = self == Form::Dated;
        Classes { dates, emails: false, others: !dates }
    }

    /// Returns whether it is a number, or what is made of numbers.
    pub(crate) fn is_numeric(self) -> bool {
        matches!(self, Form::Small | Form::Dated | Form::Numbered)
    }
}

/// Returns the form of a text without any encoding; `kinds` are its kinds of bytes.
pub(crate) fn form_of(text: &[u8], kinds: u8) -> Form {
    // Most steps are a short word, a number or a version.
    if only(kinds, LETTER | JOIN) && text.len() < SHORT || matches!(text, [b'v', b'0'..=b'9']) {
        return Form::Word;
    }
    if kinds == DIGIT {
        return if text.len() <= SMALL { Form::Small } else { Form::Typed };
    }
    match kind_of_bytes(text, kinds) {
        Kind::Date if text.len() <= 10 => Form::Dated,
        Kind::Word if only(kinds, LETTER | JOIN) && text.len() <= MAX_LITERAL => Form::Word,
        Kind::Word | Kind::Unsettled => loose(text),
        _ => Form::Typed,
    }
}

/// Returns the class of a text without any encoding, as a value.
pub(crate) fn class_of(text: &[u8]) -> Classes {
    let class = kind_of_text(text).class();
    Classes {
        dates: class == Some(Class::Date),
        emails: class == Some(Class::Email),
        others: !matches!(class, Some(Class::Date | Class::Email)),
    }
}

/// The form of what could be a word.
fn loose(text: &[u8]) -> Form {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if text.len() > MAX_LITERAL {
        return Form::Typed;
    }
    if text.iter().any(|byte| byte.is_ascii_whitespace() || b"/\\\"<>|".contains(byte)) {
        return Form::Typed;
    }
    if digits == 0 {
        return if is_list(text) { Form::Typed } else { Form::Word };
    }
    if is_version(text) {
        return Form::Word;
    }
    if is_list(text) || is_address(text) || is_clock(text) || is_prefixed(text) || many_colons(text) {
        return Form::Typed;
    }
    if text.len() >= MIN_HEX && letters > 0 && text.iter().all(u8::is_ascii_hexdigit) {
        return Form::Typed;
    }
    if is_numbered(text) {
        return Form::Numbered;
    }
    Form::Mixed
}

/// `1,2,3`, `red,blue`, `52.52,13.40`.
fn is_list(text: &[u8]) -> bool {
    text.contains(&b',') && text.split(|byte| *byte == b',').filter(|one| !one.is_empty()).count() > 1
}

/// IPv4, IPv6 and MAC addresses.
fn is_address(text: &[u8]) -> bool {
    let signs = text.iter().filter(|byte| b":.-".contains(byte)).count();
    if signs < 2 {
        return false;
    }
    let text = String::from_utf8_lossy(text);
    let mac = |sign: char| {
        text.split(sign).count() == 6
            && text
                .split(sign)
                .all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let bare = text.split_once('/').map_or(&*text, |(address, _)| address);
    bare.parse::<std::net::IpAddr>().is_ok() || mac(':') || mac('-')
}

/// `12:30`, `08:15:00`.
fn is_clock(text: &[u8]) -> bool {
    text.contains(&b':') && text.iter().all(|byte| byte.is_ascii_digit() || b":.Z".contains(byte))
}

/// `urn:isbn:3`, `arn:aws:s3:::b`.
fn many_colons(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b':').count() > 1
}

/// `cus_NffrFeUfNV2`: a short word, an underscore, and letters and digits that no one wrote by hand.
fn is_prefixed(text: &[u8]) -> bool {
    let Some(at) = text.iter().rposition(|byte| *byte == b'_') else { return false };
    let (prefix, tail) = text.split_at(at);
    let tail = tail.get(1..).unwrap_or_default();
    let plain = tail.iter().all(u8::is_ascii_alphanumeric);
    let digits = tail.iter().filter(|byte| byte.is_ascii_digit()).count();
    let changes = tail.windows(2).filter(|pair| class(pair.first()) != class(pair.last())).count();
    (1..=8).contains(&prefix.len()) && plain && tail.len() >= 8 && digits > 0 && changes >= 3
}

/// `1.2`, `1.2.3`, `1.2.3-rc.1`: a version in numbers.
fn is_numbered(text: &[u8]) -> bool {
    let end = text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    number.contains(&b'.')
        && number.split(|byte| *byte == b'.').all(|part| !part.is_empty() && part.len() <= 6)
        && (rest.is_empty() || matches!(rest.first(), Some(b'-' | b'+')))
}

/// `a`, `A`, `9` for letters and digits, the byte itself for others.
fn class(byte: Option<&u8>) -> u8 {
    match byte {
        Some(b'a'..=b'z') => b'a',
        Some(b'A'..=b'Z') => b'A',
        Some(b'0'..=b'9') => b'9',
        Some(other) => *other,
        None => 0,
    }
}

/// Returns a hash of where letters, digits and signs stand in a text, runs of digits as one; `None` without a digit. Two values
/// of one form have the same.
pub(crate) fn mask(text: &[u8]) -> Option<u32> {
    if !text.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let mut hasher = hasher();
    let mut before = 0;
    for byte in text {
        let class = class(Some(byte));
        if class != b'9' || before != b'9' {
            hasher.write_u8(class);
        }
        before = class;
    }
    Some(hasher.finish() as u32)
}

/// The same hash in each process: masks are stored.
fn hasher() -> impl Hasher {
    use std::hash::BuildHasher;
    foldhash::fast::FixedState::with_seed(0).build_hasher()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::kinds_of;

    #[test]
    fn forms() {
        let cases = [
            (Form::Word, &["users", "left-pad", "v1", "v1.0", "@me", "caf\u{e9}"][..]),
            (Form::Mixed, &["SHOP-12", "s3", "ab12", "100-some-title", "oauth2", "group-7"]),
            (Form::Small, &["1", "42"]),
            (Form::Dated, &["2015-03-31", "2024-01"]),
            (Form::Numbered, &["1.2.3", "1.0", "1.0.0-rc.1"]),
            (
                Form::Typed,
                &[
                    "123",
                    "20240101",
                    "550e8400-e29b-41d4-a716-446655440000",
                    "cfcd208495d5",
                    "a1b2c3d",
                    "10.1.0.1",
                    "::1",
                    "00:1b:44:11:3a:b7",
                    "52.52,13.40",
                    "1,2",
                    "12:30",
                    "urn:isbn:0451450523",
                    "ch_cfcd208495d565",
                    "cus_NffrFeUfNV2",
                    "a b",
                    "group/project",
                    "ann@shop.test",
                    "{id}",
                ],
            ),
        ];
        for (form, texts) in cases {
            for text in texts {
                assert_eq!(form_of(text.as_bytes(), kinds_of(text.as_bytes())), form, "{text}");
            }
        }
    }

    #[test]
    fn masks() {
        assert_eq!(mask(b"SHOP-7"), mask(b"SHOP-112"));
        assert_eq!(mask(b"SHOP-7"), mask(b"CART-7"));
        assert_ne!(mask(b"SHOP-7"), mask(b"shop-7"));
        assert_eq!(mask(b"shop"), None);
    }
}
