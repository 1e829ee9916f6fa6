//! Text in UTF-16 as UTF-8.

use std::borrow::Cow;

/// The bytes of a text in UTF-8: those of UTF-16 (RFC 2781) that a byte order mark, or two zeros among the first four bytes,
/// tell are converted, all others are as they are.
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (text, little) = match bytes {
        [0xff, 0xfe, text @ ..] => (text, true),
        [0xfe, 0xff, text @ ..] => (text, false),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => (bytes, true),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => (bytes, false),
        _ => return Cow::Borrowed(bytes),
    };
    let unit = |pair| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
    let units = text.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
    let text: String =
        char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_of_both_orders_with_and_without_mark() {
        let little: Vec<u8> = "{\"é\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "{\"é\"}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            little.clone(),
            big.clone(),
            [&b"\xff\xfe"[..], &little].concat(),
            [&b"\xfe\xff"[..], &big].concat(),
        ] {
            assert_eq!(utf8(&bytes).as_ref(), "{\"é\"}".as_bytes());
        }
        assert!(matches!(utf8(b"{\"a\":1}"), Cow::Borrowed(_)));
        assert_eq!(utf8(b"\xff\xfe\x00").as_ref(), b"");
    }
}
