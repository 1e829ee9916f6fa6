//! Credentials by their form: the tokens of well-known issuers, and text that only a random generator writes.

use std::ops::Range;

use super::bytes::{BASE64URL, DIGIT, from, kind_of, kinds_of, only, until};
use super::ids::is_ulid;

/// The shortest well-known token: `xoxb-` and ten characters.
const MIN_TOKEN: usize = 15;

/// The shortest opaque token: 120 bits in base64.
const MIN_OPAQUE: usize = 20;

/// The shortest run of hexadecimal digits that is taken for a secret in values: 128 bits. Shorter ones are ids.
const MIN_HEX_SECRET: usize = 32;

/// From so many characters on, standard base64 with all kinds of characters is a secret, however word-like it looks.
const MIN_BASE64: usize = 32;

/// Beginnings of well-known tokens, with the least number of characters that must follow.
/// Sources: the secret scanning patterns that the issuers document.
const PREFIXES: [(&str, usize); 51] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("AGPA", 16),
    ("AROA", 16),
    ("AIDA", 16),
    ("ABIA", 16), // AWS
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16), // GitHub
    ("glpat-", 16),
    ("gldt-", 16),
    ("glrt-", 16),
    ("glptt-", 16), // GitLab
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xoxe-", 10),
    ("xoxe.", 10),
    ("xapp-", 10), // Slack
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("pk_live_", 10),
    ("pk_test_", 10),
    ("whsec_", 10), // Stripe
    ("AIza", 30),
    ("ya29.", 20),
    ("GOCSPX-", 20), // Google
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("sk-", 20),
    ("hf_", 30), // model providers
    ("npm_", 30),
    ("pypi-", 16),
    ("dckr_pat_", 16), // registries
    ("SG.", 30),
    ("shpat_", 30),
    ("shpss_", 30),
    ("dop_v1_", 32),
    ("hvs.", 20),
    ("hvb.", 20),
    ("sq0atp-", 20),
    ("sq0csp-", 20),
    ("EAACEdEose0cBA", 10),
    ("AGE-SECRET-KEY-", 30),
];

/// The bytes that one of [`PREFIXES`] begins with.
#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const FIRST: [bool; 256] = {
    let (mut first, mut at) = ([false; 256], 0);
    while at < PREFIXES.len() {
        first[PREFIXES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    first
};

/// A byte of base64url.
pub(super) fn is_base64url(byte: u8) -> bool {
    only(kind_of(byte), BASE64URL)
}

/// Returns where the well-known token that begins at `start` ends.
pub(super) fn token_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    jwt(rest).or_else(|| prefixed(rest)).map(|length| start + length)
}

/// Length of a JSON Web Token (RFC 7519) or JWE: base64url of `{"`, and at least a dot after it, or a long rest.
fn jwt(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"eyJ") {
        return None;
    }
    let length = run(text, |byte| is_base64url(byte) || byte == b'.');
    let head = run(text, is_base64url);
    (length >= 16 && (head < length || head >= MIN_OPAQUE)).then_some(length)
}

fn prefixed(text: &[u8]) -> Option<usize> {
    // Most text is none: one byte decides that.
    if !*FIRST.get(usize::from(*text.first()?))? {
        return None;
    }
    let (prefix, least) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix.as_bytes()))?;
    let rest = from(text, prefix.len());
    let tail = run(rest, |byte| is_base64url(byte) || byte == b'.');
    // A token has digits; `sk-learn-something-or-other` has none.
    let length = prefix.len() + tail;
    (tail >= *least && kinds_of(until(rest, tail)) & DIGIT != 0).then_some(length)
}

/// The beginning of a token that says whose it is, kept by its surrogate.
pub(crate) fn prefix_of(token: &str) -> &'static str {
    PREFIXES.iter().find(|(prefix, _)| token.starts_with(prefix)).map_or("", |(prefix, _)| prefix)
}

/// Returns how many bytes at the beginning are such.
pub(super) fn run(text: &[u8], such: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| such(**byte)).count()
}

/// Returns whether the whole text is a well-known token.
pub(crate) fn is_token(text: &[u8]) -> bool {
    text.len() >= MIN_TOKEN && token_at(text, 0) == Some(text.len())
}

/// Returns whether the whole text is base64url of [`MIN_OPAQUE`] characters or more (padded or not) that no one wrote
/// by hand.
pub(crate) fn is_opaque(text: &[u8]) -> bool {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    body.len() >= MIN_OPAQUE && only(kinds_of(body), BASE64URL) && is_random(body)
}

/// A byte of either base64.
pub(super) fn is_base64(byte: u8) -> bool {
    is_base64url(byte) || byte == b'+' || byte == b'/'
}

/// The opaque secret in the run of base64 that begins at `start`, if there is one; ids (UUID, ULID, hex of less than 32)
/// are none.
pub(super) fn opaque_at(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = from(text, start);
    let run = until(rest, run(rest, is_base64));
    if run.len() < MIN_OPAQUE {
        return None;
    }
    if run.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
        return piece(run, b'-', |piece| piece.len() >= MIN_HEX_SECRET, start);
    }
    let found = piece(run, b'/', |piece| is_opaque(piece) && !is_ulid(piece), start);
    found.or_else(|| is_base64_secret(run).then_some(start..start + run.len()))
}

/// The first piece between separators that is such.
fn piece(run: &[u8], separator: u8, such: impl Fn(&[u8]) -> bool, offset: usize) -> Option<Range<usize>> {
    let mut start = offset;
    for piece in run.split(|byte| *byte == separator) {
        if such(piece) {
            return Some(start..start + piece.len());
        }
        start += piece.len() + 1;
    }
    None
}

/// Returns whether a run with `+` or `/` in it is a secret: paths have these too.
fn is_base64_secret(run: &[u8]) -> bool {
    let kinds = kinds_of(run);
    let all = kinds & DIGIT != 0
        && run.iter().any(u8::is_ascii_lowercase)
        && run.iter().any(u8::is_ascii_uppercase);
    run.len() >= MIN_BASE64 && all && !run.starts_with(b"/") && run.iter().any(|byte| b"+/".contains(byte))
}

/// Returns whether letters and digits change too often for words. Words change where a hump begins, and at their
/// numbers: once in five characters at most. Random base64 changes at every second one.
fn is_random(text: &[u8]) -> bool {
    let (mut changes, mut inner_digits, mut before) = (0, false, 0);
    for &byte in text {
        let now = match byte {
            b'0'..=b'9' => 1,
            b'a'..=b'z' => 2,
            b'A'..=b'Z' => 3,
            _ => 0,
        };
        let capitalised = before == 3 && now == 2;
        changes += usize::from(before != now && before != 0 && now != 0 && !capitalised);
        inner_digits |= before == 1 && now > 1;
        before = now;
    }
    changes * if inner_digits { 5 } else { 3 } >= text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_opaque_and_words_are_not() {
        for text in [
            "dGhpcyBpcyBhIHRva2VuIQ==",
            "V1StGXR8_Z5jdHi6B-myT",
            "cjld2cjxh0000qzrmn831i7rn",
            "9f86d081884c7d659a2feaa0c55ad015",
            "pi_3MtwBwLkdIwHu7ix28a3tqPa",
            "x7Kq2LmN9pRs4TvW8yZa1Bc3",
            "4eC39HqLyjWDarjtT1zdp7dc",
        ] {
            assert!(is_opaque(text.as_bytes()), "{text}");
        }
        for text in [
            "terms-and-conditions-of-use",
            "10-best-places-to-visit-in-2024",
            "getUserAccountDetailsV2",
            "listUserOrdersByDate",
            "internationalisation",
            "MAXIMUM_NUMBER_OF_RETRIES_3",
            "report-2024-01-31-final-version",
            "short1A2b3C",
            "application-x-www-form",
            "covid-19-vaccination-centres",
            "NotificationPreferences2",
        ] {
            assert!(!is_opaque(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn well_known_forms() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "glpat-a1B2c3D4e5F6g7H8i9J0",
            "xoxb-17653672481-19874698323",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            "npm_abcdefghijklmnopqrstuvwxyz0123456789",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "eyJhbGciOiJIUzI1NiJ9.e30.",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6",
        ] {
            assert!(is_token(text.as_bytes()), "{text}");
        }
        for text in [
            "sk-learn-something-or-other-today",
            "AKIA",
            "npm_run",
            "eyJ",
            "eyJacket",
            "xoxb-team-channel",
            "SG.com",
        ] {
            assert!(!is_token(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn secrets_in_runs() {
        let at = |text: &str| opaque_at(text.as_bytes(), 0).map(|range| text[range].to_owned());
        assert_eq!(
            at("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").as_deref(),
            Some("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        );
        assert_eq!(
            at("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(at("api/v1/x7Kq2LmN9pRs4TvW8yZa1Bc3 z").as_deref(), Some("x7Kq2LmN9pRs4TvW8yZa1Bc3"));
        for id in [
            "550e8400-e29b-41d4-a716-446655440000",
            "507f1f77bcf86cd799439011",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "com/shop/products/summer-2024/shirts",
        ] {
            assert_eq!(at(id), None, "{id}");
        }
    }
}
