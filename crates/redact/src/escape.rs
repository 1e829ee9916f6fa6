//! Captured text for people: log lines, tables, pages.

use std::borrow::Cow;
use std::fmt::Write;

/// The most characters that [`printable`] gives: a line of a log or a cell of a table, not a document.
pub const PRINTABLE_CHARS: usize = 256;

/// The mark at the end of text that was cut.
const CUT: &str = "...";

/// Captured text so that it can forge no line and move no cursor: every byte that is not printable ASCII is
/// percent-encoded (RFC 3986, section 2.1), and what is longer than [`PRINTABLE_CHARS`] ends in `...`.
///
/// A `%` stays as it is: paths arrive percent-encoded, and people know them so.
#[must_use]
pub fn printable<T: AsRef<[u8]> + ?Sized>(text: &T) -> Cow<'_, str> {
    let bytes = text.as_ref();
    if bytes.len() <= PRINTABLE_CHARS
        && bytes.iter().all(|&byte| is_printable(byte))
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(escape(bytes))
}

fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().min(PRINTABLE_CHARS));
    let mut fits = 0; // as much of `out` as can stay when the mark must follow
    for &byte in bytes {
        if is_printable(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        if out.len() > PRINTABLE_CHARS {
            out.truncate(fits);
            out.push_str(CUT);
            break;
        }
        if out.len() <= PRINTABLE_CHARS - CUT.len() {
            fits = out.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn printable_ascii_is_borrowed() {
        for text in ["", "/api/v1/users?x=1", "a b~!", "caf%C3%A9"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn everything_else_is_percent_encoded() {
        assert_eq!(printable("a\r\nb\x1b[2J\x7f"), "a%0D%0Ab%1B[2J%7F");
        assert_eq!(printable("\u{202e}é"), "%E2%80%AE%C3%A9");
        assert_eq!(printable(b"\xff\x00"), "%FF%00");
    }

    #[test]
    fn long_text_is_cut_with_a_mark_and_never_inside_an_escape() {
        let whole = "x".repeat(PRINTABLE_CHARS);
        assert_eq!(printable(&whole), whole);
        let cut = printable(&"x".repeat(PRINTABLE_CHARS + 1)).into_owned();
        assert_eq!((cut.len(), cut.ends_with("x...")), (PRINTABLE_CHARS, true));
        let cut = printable(&"\n".repeat(300)).into_owned();
        assert_eq!(cut, "%0A".repeat(84) + "...");
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_and_only_printable(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let text = printable(&bytes);
            prop_assert!(text.len() <= PRINTABLE_CHARS);
            prop_assert!(text.bytes().all(is_printable));
        }
    }
}
