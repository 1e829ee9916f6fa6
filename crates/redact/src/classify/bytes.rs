//! What kinds of bytes a segment is made of: one look-up a byte, all that most segments ever need.

/// `0` to `9`.
pub(crate) const DIGIT: u8 = 1;
/// `a` to `f`.
pub(crate) const HEX_LOWER: u8 = 2;
/// `A` to `F`.
pub(crate) const HEX_UPPER: u8 = 4;
/// `g` to `z`.
pub(crate) const LOWER: u8 = 8;
/// `G` to `Z`.
pub(crate) const UPPER: u8 = 16;
/// `-` and `_`, which join words and belong to base64url.
pub(crate) const JOIN: u8 = 32;
/// The other bytes that may stand in a segment as they are (RFC 3986, section 3.3).
pub(crate) const MARK: u8 = 64;
/// `%`, `;` and all bytes that must be percent-encoded.
pub(crate) const ODD: u8 = 128;

/// Letters and digits of hexadecimal numbers.
pub(crate) const HEX: u8 = DIGIT | HEX_LOWER | HEX_UPPER;
/// All letters.
pub(crate) const LETTER: u8 = HEX_LOWER | HEX_UPPER | LOWER | UPPER;
/// Bytes of base64url (RFC 4648, section 5).
pub(crate) const BASE64URL: u8 = DIGIT | LETTER | JOIN;

#[expect(clippy::indexing_slicing, reason = "a constant: the compiler checks it")]
const TABLE: [u8; 256] = {
    let mut table = [ODD; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => HEX_LOWER,
            b'A'..=b'F' => HEX_UPPER,
            b'g'..=b'z' => LOWER,
            b'G'..=b'Z' => UPPER,
            b'-' | b'_' => JOIN,
            b'.' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':'
            | b'@' => MARK,
            _ => ODD,
        };
        byte += 1;
    }
    table
};

/// The kind of one byte.
#[expect(clippy::indexing_slicing, reason = "the table has a place for every byte")]
pub(crate) fn kind_of(byte: u8) -> u8 {
    TABLE[usize::from(byte)]
}

/// The bytes from `start` on; nothing when the text ends before.
#[inline]
pub(crate) fn from(text: &[u8], start: usize) -> &[u8] {
    text.get(start..).unwrap_or_default()
}

/// The bytes before `end`; all when the text ends before.
#[inline]
pub(crate) fn until(text: &[u8], end: usize) -> &[u8] {
    text.get(..end).unwrap_or(text)
}

/// The kinds of all bytes of a text together.
pub(crate) fn kinds_of(text: &[u8]) -> u8 {
    text.iter().fold(0, |kinds, &byte| kinds | kind_of(byte))
}

/// Returns whether there is nothing but these kinds of bytes.
pub(crate) fn only(kinds: u8, allowed: u8) -> bool {
    kinds & !allowed == 0
}
