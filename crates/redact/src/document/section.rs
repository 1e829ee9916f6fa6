//! Headers of sections: `[name]`, `[[name]]` of TOML, `[name "of one"]` of git.

use std::ops::Range;

use memchr::memchr;

use super::steps::{MAX_BLANKS, MAX_NAME, part};

/// Returns the name in the header that a line is. What stands in quotes behind a name is none; in the place of a name it is one.
pub(super) fn header(text: &[u8], line: Range<usize>) -> Option<Range<usize>> {
    let content = part(text, line.clone());
    let open = if content.starts_with(b"[[") { 2 } else { 1 };
    let inside = content.strip_prefix(part(b"[[", 0..open))?;
    let close = closing(inside)?;
    let behind = part(inside, close + 1..inside.len());
    let behind = if open == 2 { behind.strip_prefix(b"]")? } else { behind };
    let ends = matches!(behind.trim_ascii_start(), [] | [b'#' | b';', ..]);
    let quoted = part(inside, 0..close).trim_ascii();
    let start =
        line.start + open + part(inside, 0..close).len() - part(inside, 0..close).trim_ascii_start().len();
    let (start, name) = match quoted {
        [b'"', rest @ ..] => (start + 1, part(rest, 0..memchr(b'"', rest)?)),
        name => (start, part(name, 0..memchr(b'"', name).unwrap_or(name.len())).trim_ascii_end()),
    };
    (ends && is_name(name)).then_some(start..start + name.len())
}

/// Returns whether a text begins with a header and goes on below it.
pub(crate) fn begins_with_header(text: &[u8]) -> bool {
    let Some(end) = memchr(b'\n', text) else { return false };
    let line = part(text, 0..end).trim_ascii_end();
    header(line, 0..line.len()).is_some_and(|name| !LITERALS.contains(&part(line, name)))
}

/// What is a list of JSON in brackets.
const LITERALS: [&[u8]; 3] = [b"true", b"false", b"null"];

/// Returns where the bracket is that ends a header, outside of quotes.
fn closing(text: &[u8]) -> Option<usize> {
    let mut quoted = false;
    text.iter().take(4 * MAX_NAME).position(|byte| {
        quoted ^= *byte == b'"';
        *byte == b']' && !quoted
    })
}

/// Returns whether these are the bytes of a name. A number, or a list of several things, is none.
fn is_name(name: &[u8]) -> bool {
    let begins =
        name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80);
    let such = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./$@: \\".contains(byte) || *byte >= 0x80;
    let blanks = name.iter().filter(|byte| **byte == b' ').count();
    begins && name.len() <= MAX_NAME && name.iter().all(such) && blanks <= MAX_BLANKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_headers() {
        let name = |line: &'static str| header(line.as_bytes(), 0..line.len()).map(|name| &line[name]);
        for (line, expected) in [
            ("[a]", "a"),
            ("[ a b ]", "a b"),
            ("[[a.b]] # c", "a.b"),
            ("[credential \"https://a]b\"]", "credential"),
            ("[\"a b\".c]", "a b"),
            ("[a];", "a"),
            ("[pässe]", "pässe"),
        ] {
            assert_eq!(name(line), Some(expected), "{line}");
        }
        for line in
            ["[]", "[1]", "[a", "[a, b]", "[a] b", "[{}]", "a", "[[a]", "[-x]", "[one two three four five]"]
        {
            assert_eq!(name(line), None, "{line}");
        }
    }

    #[test]
    fn texts_that_begin_so() {
        assert!(begins_with_header(b"[token]\na=1") && begins_with_header(b"[tls]\r\n"));
        assert!(
            !begins_with_header(b"[token]")
                && !begins_with_header(b"[true]\n")
                && !begins_with_header(b"[1]\n")
        );
    }
}
