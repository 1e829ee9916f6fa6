//! Codes to type that a text names: `Your code is 839201`.

use super::super::bytes::{from, until};
use super::super::label::Label;
use super::super::tokens::run;
use super::super::words::is_one_of;
use super::hit::Hit;

/// How far back the word is looked for, in bytes.
const MAX_BEFORE: usize = 40;

/// Words for such codes.
const CODES: [&str; 13] = [
    "code",
    "codes",
    "otp",
    "pin",
    "passcode",
    "tan",
    "kode",
    "codigo",
    "einmalcode",
    "verification",
    "password",
    "token",
    "passwort",
];

/// Words before `code` with which it is another one.
const OTHERS: [&str; 24] = [
    "error", "zip", "postal", "country", "area", "status", "exit", "response", "qr", "bar", "source",
    "product", "promo", "item", "color", "colour", "http", "return", "dress", "discount", "postcode", "city",
    "currency", "language",
];

/// Returns whether the words around digits say that they are one: `839201 is your code`, `Use 839201 to log in`.
fn is_announced(before: &[u8], after: &[u8]) -> bool {
    let after = until(after, MAX_BEFORE).to_ascii_lowercase();
    let sentence = after.split(|byte| b".\n;{}".contains(byte)).next().unwrap_or_default();
    let mut words = sentence.split(|byte| !byte.is_ascii_alphabetic());
    let names = words.any(|word| is_one_of(word, &CODES));
    let is_your = [&b" is your "[..], b" is the ", b" as your ", b" ist ihr ", b" est votre "]
        .iter()
        .any(|one| sentence.starts_with(one));
    let used = [&b"use "[..], b"enter ", b"type "].iter().any(|one| before.ends_with(one))
        && sentence.starts_with(b" to ");
    is_your && names || used
}

/// Returns four to eight digits by themselves, after a word for codes in the same sentence.
pub(super) fn code(text: &[u8], at: usize) -> Option<Hit> {
    let digits = run(until(from(text, at), 9), |byte| byte.is_ascii_digit());
    let after = from(text, at + digits);
    let alone = match after {
        [] => true,
        [b'.' | b',' | b':' | b'-' | b'/', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next != b'%',
    };
    if !(4..=8).contains(&digits) || !alone {
        return None;
    }
    let hit = Some(Hit { range: at..at + digits, label: Label::Credential });
    let before = from(until(text, at), at.saturating_sub(MAX_BEFORE)).to_ascii_lowercase();
    if is_announced(&before, after) {
        return hit;
    }
    let sentence = before.rsplit(|byte| b".\n;{}".contains(byte)).next().unwrap_or_default();
    // Right before it, or with a few words between: the nearer one is of more weight, but numbers end it.
    let mut words = sentence
        .rsplit(|byte| !byte.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .take(4)
        .peekable();
    while let Some(word) = words.next() {
        if is_one_of(word, &CODES) {
            let other = words.peek().is_some_and(|before| is_one_of(before, &OTHERS));
            let dated = sentence.iter().any(u8::is_ascii_digit);
            return hit.filter(|_| !other && !dated);
        }
    }
    None
}
