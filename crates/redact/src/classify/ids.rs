//! Ids and dates by their form.

use super::bytes::{HEX_LOWER, HEX_UPPER, LOWER, UPPER, kinds_of};

/// 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4), of any version and case.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// 26 characters of Crockford's base 32 (no I, L, O, U); 48 bits of time and 80 of chance, so the first is `0` to `7`.
pub(super) fn is_ulid(text: &[u8]) -> bool {
    let crockford =
        |byte: &u8| byte.is_ascii_alphanumeric() && !b"iloIO".contains(byte) && !b"LuU".contains(byte);
    let case = |kinds: u8| kinds & (HEX_LOWER | LOWER) == 0 || kinds & (HEX_UPPER | UPPER) == 0;
    text.len() == 26
        && matches!(text.first(), Some(b'0'..=b'7'))
        && text.iter().all(crockford)
        && case(kinds_of(text))
        && text.iter().any(u8::is_ascii_alphabetic)
}

/// `2024-05`, `2024-05-31`, `2024-05-31T08:00:00Z` and what else ISO 8601 lets follow a time.
pub(crate) fn is_date(text: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let dash = |at: usize| text.get(at) == Some(&b'-');
    let in_range = |value: Option<u32>, low, high| value.is_some_and(|value| (low..=high).contains(&value));
    if !(in_range(number(0..4), 1000, 2999) && dash(4) && in_range(number(5..7), 1, 12)) {
        return false;
    }
    match text.len() {
        7 => true,
        10 => dash(7) && in_range(number(8..10), 1, 31),
        13..=40 => {
            dash(7)
                && in_range(number(8..10), 1, 31)
                && matches!(text.get(10), Some(b'T' | b't' | b' ' | b'_'))
                && in_range(number(11..13), 0, 24)
                && text.iter().skip(13).all(|byte| byte.is_ascii_digit() || b":.,+-Zz ".contains(byte))
        }
        _ => false,
    }
}
