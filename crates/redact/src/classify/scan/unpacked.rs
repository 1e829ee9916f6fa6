//! What base64 holds.

use std::ops::Range;

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD_NO_PAD};

use super::super::bytes::{from, until};
use super::super::tokens::{is_base64, run};

/// The shortest base64 of a user and a password that is found by itself: nine bytes.
pub(super) const MIN_PAIR: usize = 12;

/// The longest.
const MAX_PAIR: usize = 256;

/// Takes bits that are left over, which some encoders do not clear.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// Returns whether base64 holds a user and a password, as `Basic` has them.
pub(super) fn has_colon(value: &[u8]) -> bool {
    let body = value.split(|byte| *byte == b'=').next().unwrap_or_default();
    value.len() >= 4 && STANDARD_NO_PAD.decode(body).is_ok_and(|plain| plain.contains(&b':'))
}

/// Returns the base64 of `user:password` that begins here: a name, a colon, and text without blanks.
pub(super) fn pair(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at);
    let length = run(until(rest, MAX_PAIR + 1), |byte| is_base64(byte) || byte == b'=');
    let body = until(rest, length);
    if !(MIN_PAIR..=MAX_PAIR).contains(&length) || !begins_as_text(body) {
        return None;
    }
    let plain = LENIENT.decode(standard(body)).ok()?;
    let colon = plain.iter().position(|byte| *byte == b':')?;
    let (user, password) = plain.split_at(colon);
    let is_user =
        !user.is_empty() && user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._@-+".contains(byte));
    let is_password = password.len() > 2
        && password.iter().all(|byte| byte.is_ascii_graphic() || *byte >= 0x80)
        && !password.contains(&b'/');
    (is_user && is_password).then_some(at..at + length)
}

/// Returns the text that base64 holds, if it is text.
pub(crate) fn text_of(run: &[u8]) -> Option<String> {
    if run.len() < MIN_PAIR || !begins_as_text(run) {
        return None;
    }
    let plain = String::from_utf8(LENIENT.decode(standard(run)).ok()?).ok()?;
    let clean = |one: char| !one.is_control() || matches!(one, '\n' | '\r' | '\t');
    (plain.len() > 6 && plain.chars().all(clean)).then_some(plain)
}

/// Returns whether the first three bytes are text: that is soon said, and one in twenty words passes it.
fn begins_as_text(run: &[u8]) -> bool {
    let [a, b, c, d, ..] = run else { return false };
    let [Some(a), Some(b), Some(c), Some(d)] = [a, b, c, d].map(|byte| sextet(*byte)) else { return false };
    let text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || byte >= 0xc2;
    text(a << 2 | b >> 4) && text(b << 4 | c >> 2) && text(c << 6 | d)
}

/// Returns the six bits that a byte of base64 stands for.
fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Returns the bytes of base64url by those of base64.
fn standard(run: &[u8]) -> Vec<u8> {
    let of_url = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    run.iter().map(of_url).collect()
}
