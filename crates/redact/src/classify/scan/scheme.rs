//! Credentials behind the name of a scheme, and in URLs.

use std::ops::Range;

use super::super::bytes::{from, until};
use super::super::tokens::{is_base64, run};
use super::unpacked;

/// Authentication schemes (RFC 9110, section 11.1, and the IANA registry): they stand before a credential.
const SCHEMES: [&[u8]; 16] = [
    b"basic",
    b"bearer",
    b"digest",
    b"negotiate",
    b"ntlm",
    b"hawk",
    b"hoba",
    b"mutual",
    b"oauth",
    b"dpop",
    b"gnap",
    b"vapid",
    b"token",
    b"apikey",
    b"aws4-hmac-sha256",
    b"scram-sha-256",
];

/// Returns whether a word is the name of an authentication scheme.
pub(crate) fn is_scheme(word: &[u8]) -> bool {
    SCHEMES.iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// The longest name of a scheme that is looked for, in bytes: `bearer`.
const MAX_NAME: usize = 6;

/// The shortest name of a user in a URL that is a key: those of people are shorter.
const MIN_KEY: usize = 16;

/// Returns the credentials after `Bearer` or `Basic` (RFC 9110, section 11.4), where they look like some.
pub(super) fn scheme(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at);
    let name = run(until(rest, MAX_NAME + 1), |byte| byte.is_ascii_alphabetic());
    let basic = match until(rest, name) {
        name if name.eq_ignore_ascii_case(b"bearer") => false,
        name if name.eq_ignore_ascii_case(b"basic") => true,
        _ => return None,
    };
    let blanks = run(from(text, at + name), |byte| byte == b' ');
    if blanks == 0 {
        return None;
    }
    let start = at + name + blanks;
    let length = run(from(text, start), |byte| is_base64(byte) || b".~=".contains(&byte));
    let value = until(from(text, start), length);
    let such =
        if basic { unpacked::has_colon(value) } else { length >= 16 || value.iter().any(u8::is_ascii_digit) };
    (length > 0 && such).then_some(start..start + length)
}

/// `user:password` of a URL (RFC 3986, section 3.2.1), or a key in the place of both, seen from its `://`.
pub(super) fn userinfo(text: &[u8], at: usize) -> Option<Range<usize>> {
    let authority = from(text, at).strip_prefix(b"://")?;
    let authority = until(authority, run(authority, |byte| !b"/?# \t\r\n\"'<>".contains(&byte)));
    let length = authority.iter().rposition(|byte| *byte == b'@')?;
    let start = at + 3;
    let user = until(authority, length);
    (user.contains(&b':') && length > 1 || length >= MIN_KEY).then_some(start..start + length)
}
