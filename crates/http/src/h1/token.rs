//! Characters of tokens: of methods and names of fields.

/// Whether each byte is a character of a token (RFC 9110, section 5.6.2).
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 0x80 of 256 places")]
const TOKEN: [bool; 256] = {
    let mut token = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        token[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        byte += 1;
    }
    token
};

/// Returns whether this is a character of a token.
#[expect(clippy::indexing_slicing, reason = "there is a place for each byte")]
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}
