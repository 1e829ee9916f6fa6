//! Credentials by their form: the tokens of well-known issuers, and text that only a random generator writes.

use std::ops::Range;

use super::bytes::{BASE64URL, DIGIT, from, kind_of, kinds_of, only, until};
use super::forms::{Alphabet, FORMS};
use super::ids::is_ulid;
use super::random::{MIN_OPAQUE, is_opaque, is_random};

/// The shortest well-known token: `xoxb-` and what follows.
const MIN_TOKEN: usize = 13;

/// The shortest run of hexadecimal digits that is taken for a secret in values, and the length of those that are ids (ObjectIds).
const MIN_HEX_SECRET: usize = 20;
const HEX_ID: usize = 24;

/// The length of a seed for one-time passwords in base 32: 80 bits.
const SEED: usize = 16;

/// From so many characters on, standard base64 with all kinds of characters is a secret, however word-like it looks.
const MIN_BASE64: usize = 32;

/// So many bytes of a run of base64 are judged together: what follows a secret in it is judged again.
const MAX_RUN: usize = 4096;

/// What stands between the pieces of a run of base64 that is a path, or several values.
const SEPARATORS: &[u8] = b"-_/+";

/// How public keys of SSH begin in base64 (RFC 4253, section 6.6): the length and the name of their kind.
const PUBLIC: [&[u8]; 3] = [b"AAAAB3NzaC1", b"AAAAC3NzaC1", b"AAAAE2VjZHNhLXNoYTIt"];

/// How the names of algorithms for checksums begin, which stand before one: `sha256:`, `sha384-`.
const CHECKSUMS: [&[u8]; 6] = [b"sha1", b"sha256", b"sha384", b"sha512", b"md5", b"blake2"];

/// Returns whether this is a byte of base64url.
pub(super) fn is_base64url(byte: u8) -> bool {
    only(kind_of(byte), BASE64URL)
}

/// Returns whether this is a byte of either base64.
pub(super) fn is_base64(byte: u8) -> bool {
    is_base64url(byte) || byte == b'+' || byte == b'/'
}

/// Returns where the well-known token that begins at `start` ends.
pub(super) fn token_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let before = start.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    let known = || FORMS.find(rest, before).map(|(_, length)| length);
    if before.is_ascii_alphanumeric() { known() } else { jwt(rest).or_else(known) }
        .map(|length| start + length)
}

/// Returns the length of a JSON Web Token (RFC 7519) or JWE: base64url of `{"`, and at least a dot after it, or a long rest.
fn jwt(text: &[u8]) -> Option<usize> {
    if !text.starts_with(b"eyJ") {
        return None;
    }
    let length = run(text, |byte| is_base64url(byte) || byte == b'.');
    let head = run(text, is_base64url);
    (length >= 16 && (head < length || head >= MIN_OPAQUE)).then_some(length)
}

/// Returns the beginning of a token that says whose it is, kept by its surrogate, and what follows it.
pub(crate) fn beginning_of(token: &str) -> Option<(&'static str, Alphabet)> {
    let (form, length) = FORMS.find(token.as_bytes(), b' ')?;
    (length == token.len()).then_some((form.prefix, form.alphabet))
}

/// Returns how many bytes at the beginning are such.
pub(super) fn run(text: &[u8], such: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| such(**byte)).count()
}

/// Returns the run of base64 that begins here; of a long one as many whole pieces as have [`MAX_RUN`] bytes.
pub(super) fn base64_at(text: &[u8], start: usize) -> &[u8] {
    let rest = from(text, start);
    let near = run(until(rest, MAX_RUN), is_base64);
    let goes_on = |byte: u8| near == MAX_RUN && is_base64(byte) && !SEPARATORS.contains(&byte);
    until(rest, near + run(from(rest, near), goes_on))
}

/// Returns whether the whole text is a well-known token.
pub(crate) fn is_token(text: &[u8]) -> bool {
    text.len() >= MIN_TOKEN && token_at(text, 0) == Some(text.len())
}

/// Returns the first opaque secret in a run of base64 that begins at `start`. Ids (UUID, ULID, ObjectId), names of pods, public
/// keys and checksums that say so are none.
pub(super) fn opaque_in(text: &[u8], start: usize, run: &[u8]) -> Option<Range<usize>> {
    if run.len() == SEED && is_seed(run) {
        return Some(start..start + SEED);
    }
    if run.len() < MIN_OPAQUE
        || PUBLIC.iter().any(|begin| run.starts_with(begin))
        || is_checksum(text, start, run)
    {
        return None;
    }
    if run.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') {
        return piece(run, b"-", is_hex_secret, start);
    }
    let found = piece(run, b"/", |piece| is_opaque(piece) && !is_ulid(piece) && !is_pod(piece), start);
    found.or_else(|| is_base64_secret(run).then_some(start..start + run.len())).or_else(|| {
        piece(run, SEPARATORS, |piece| is_opaque(piece) && !is_ulid(piece) || is_hex_secret(piece), start)
    })
}

fn is_hex_secret(piece: &[u8]) -> bool {
    piece.len() >= MIN_HEX_SECRET && piece.len() != HEX_ID && piece.iter().all(u8::is_ascii_hexdigit)
}

/// Returns whether this is base 32 by chance: capitals and digits from 2 to 7.
fn is_seed(run: &[u8]) -> bool {
    run.iter().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7')) && is_random(run)
}

/// Returns whether a run is a checksum that says what it is: `sha256:` before it, or `sha384-` at its beginning.
fn is_checksum(text: &[u8], start: usize, run: &[u8]) -> bool {
    let named = |word: &[u8]| CHECKSUMS.iter().any(|name| word.eq_ignore_ascii_case(name));
    let before = until(text, start);
    let word = before.strip_suffix(b":").map(|before| {
        let length = before.iter().rev().take(8).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        from(before, before.len() - length)
    });
    let first = run.split(|byte| *byte == b'-').next().unwrap_or_default();
    word.is_some_and(named) || first.len() < run.len() && named(first)
}

/// Returns whether this is the name of a pod, or of the set that it belongs to: a name, and what Kubernetes makes up for it of
/// letters and digits that make no words.
fn is_pod(text: &[u8]) -> bool {
    let made = |piece: &[u8]| piece.iter().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(byte));
    let word = |piece: &[u8]| {
        !piece.is_empty()
            && piece.len() < MIN_OPAQUE
            && piece.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let mut pieces = text.rsplit(|byte| *byte == b'-');
    let (last, set) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
    let job = set.len() == 8 && set.iter().all(u8::is_ascii_digit);
    let named = last.len() == 5 && made(last) && ((6..=10).contains(&set.len()) && made(set) || job);
    let mut rest = pieces.peekable();
    named && rest.peek().is_some() && rest.all(word)
}

/// Returns the first piece between separators that is such.
fn piece(run: &[u8], separators: &[u8], such: impl Fn(&[u8]) -> bool, offset: usize) -> Option<Range<usize>> {
    let mut start = offset;
    for piece in run.split(|byte| separators.contains(byte)) {
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
    let all = (kinds & DIGIT != 0 || is_random(run))
        && run.iter().any(u8::is_ascii_lowercase)
        && run.iter().any(u8::is_ascii_uppercase);
    run.len() >= MIN_BASE64 && all && run.iter().any(|byte| b"+/".contains(byte)) && !is_path(run)
}

/// Returns whether all pieces between slashes are words.
fn is_path(run: &[u8]) -> bool {
    let word = |piece: &[u8]| {
        let digits = piece.iter().filter(|byte| byte.is_ascii_digit()).count();
        let humps = piece.iter().skip(1).filter(|byte| byte.is_ascii_uppercase()).count();
        digits * 3 <= piece.len() && humps * 4 <= piece.len()
    };
    !run.contains(&b'+') && run.split(|byte| *byte == b'/').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_forms() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "glpat-a1B2c3D4e5F6g7H8i9J0",
            "glpat-abcdefghijklmnopqrst",
            "xoxb-17653672481-19874698323",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AIzaSyA1234567890abcdefghijklmnopqrstuvw",
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
        let opaque_at = |text: &[u8], at| opaque_in(text, at, base64_at(text, at));
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
        let run = "my-app/the-signing-keys-of-all-our-services-and-of-those-that-we-had-4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(at(run).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for id in [
            "550e8400-e29b-41d4-a716-446655440000",
            "507f1f77bcf86cd799439011",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "com/shop/products/summer-2024/shirts",
            "payments-api-7d4b9c6f5d-x2x4z",
            "backup-28391040-x7k2p",
            "src/main/java/com/shop/PasswordReset2Handler",
            "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
            "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7x2Kq2LmN9pRs4TvW8yZa1Bc3",
        ] {
            assert_eq!(at(id), None, "{id}");
        }
        let digest = "image@sha256:9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015";
        assert_eq!(opaque_at(digest.as_bytes(), 13), None);
    }
}
