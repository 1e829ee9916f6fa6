//! The normal form of a path (RFC 3986, section 6.2.2), segment by segment, without building the path.

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::classify::{DIGIT, JOIN, LETTER, MARK, ODD, from, kind_of, kinds_of, only, until};

/// The deepest path that is read. Paths of services have under ten segments; what is deeper ends in `{rest}`.
pub(crate) const MAX_DEPTH: usize = 32;

/// So often an encoding inside an encoding is undone before a value is judged.
const MAX_ENCODINGS: usize = 3;

/// Path and query of a target, without the fragment.
pub(crate) fn split(target: &[u8]) -> (&[u8], &[u8]) {
    match memchr2(b'?', b'#', target) {
        Some(at) => match target.split_at_checked(at) {
            Some((path, [b'?', query @ ..])) => {
                (path, memchr(b'#', query).map_or(query, |end| until(query, end)))
            }
            _ => (until(target, at), &[]),
        },
        None => (target, &[]),
    }
}

/// A segment of a path as captured.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// Where it stands in the path, without matrix parameters.
    pub(crate) range: Range<usize>,
    /// The kinds of its bytes.
    pub(crate) kinds: u8,
}

/// The segments of a path: repeated slashes merged, matrix parameters (`;jsessionid=1`) cut off, dot segments resolved
/// (RFC 3986, section 5.2.4). Gives whether the path is deeper than [`MAX_DEPTH`], and was cut there.
pub(crate) fn segments(path: &[u8], into: &mut Vec<Span>) -> bool {
    into.clear();
    let mut start = 0;
    while start < path.len() {
        let rest = path.get(start..).unwrap_or_default();
        let (mut length, mut kinds) = (0, 0);
        for &byte in rest {
            let kind = kind_of(byte);
            // What ends a segment is odd: one comparison tells most bytes apart from it.
            if kind == ODD && matches!(byte, b'/' | b';') {
                break;
            }
            kinds |= kind;
            length += 1;
        }
        let segment = until(rest, length);
        match dots(segment) {
            Some(1) => {}
            Some(_) => drop(into.pop()),
            None if length == 0 => {}
            None if into.len() == MAX_DEPTH => return true,
            None => into.push(Span { range: start..start + length, kinds }),
        }
        let after = from(rest, length);
        let parameters = if after.starts_with(b";") { memchr(b'/', after).unwrap_or(after.len()) } else { 0 };
        start += length + parameters + 1;
    }
    false
}

/// Returns how many dots, if it is a dot segment, encoded or not.
fn dots(mut segment: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let Some(rest) = strip_dot(segment) {
        segment = rest;
        count += 1;
    }
    (segment.is_empty() && (1..=2).contains(&count)).then_some(count)
}

fn strip_dot(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// One segment in its forms.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// The normal form: unreserved characters decoded, hexadecimal digits in upper case, what must be encoded encoded.
    pub(crate) normal: &'a [u8],
    /// Without any encoding, however often it was encoded: what its kind is judged by.
    pub(crate) decoded: &'a [u8],
    /// The kinds of bytes in `decoded`.
    pub(crate) kinds: u8,
}

/// Returns whether a segment of these kinds of bytes is its own normal form, without any encoding.
#[inline]
pub(crate) fn is_normal(kinds: u8) -> bool {
    only(kinds, DIGIT | LETTER | JOIN | MARK)
}

/// Memory that is used again for each segment.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    normal: Vec<u8>,
    decoded: Vec<u8>,
}

impl Scratch {
    /// The forms of a segment as captured, of at most [`crate::classify::MAX_TEXT`] bytes.
    pub(crate) fn segment(&mut self, raw: &[u8]) -> Segment<'_> {
        normalise(raw, &mut self.normal);
        self.decoded.clear();
        self.decoded.extend_from_slice(raw);
        decode(&mut self.decoded);
        Segment { normal: &self.normal, decoded: &self.decoded, kinds: kinds_of(&self.decoded) }
    }
}

fn normalise(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = raw;
    while let [byte, tail @ ..] = rest {
        match escaped(rest) {
            Some(value) if only(kind_of(value), DIGIT | LETTER | JOIN) || value == b'.' || value == b'~' => {
                out.push(value);
            }
            Some(value) => encode(value, out),
            None if kind_of(*byte) == ODD => encode(*byte, out),
            None => out.push(*byte),
        }
        rest = if escaped(rest).is_some() { from(rest, 3) } else { tail };
    }
}

fn encode(byte: u8, out: &mut Vec<u8>) {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + value - 10 };
    out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
}

/// The byte that an escape at the beginning of the text stands for.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let (high, low) = (char::from(*high).to_digit(16)?, char::from(*low).to_digit(16)?);
    u8::try_from(high * 16 + low).ok()
}

/// Undoes percent-encoding in place, up to [`MAX_ENCODINGS`] times; escapes that are none stay.
pub(crate) fn decode(text: &mut Vec<u8>) {
    for _ in 0..MAX_ENCODINGS {
        if !decode_once(text) {
            break;
        }
    }
}

/// Undoes one percent-encoding in place; gives whether there was any.
pub(crate) fn decode_once(text: &mut Vec<u8>) -> bool {
    let (mut read, mut write) = (0, 0);
    while let Some(&byte) = text.get(read) {
        let value = escaped(from(text, read));
        if let Some(place) = text.get_mut(write) {
            *place = value.unwrap_or(byte);
        }
        read += if value.is_some() { 3 } else { 1 };
        write += 1;
    }
    text.truncate(write);
    write < read
}

/// The names and values of a query or form (`application/x-www-form-urlencoded`) as captured; pairs without a name
/// are passed over.
pub(crate) fn pairs(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let pairs = query.split(|&byte| byte == b'&').map(|pair| match memchr(b'=', pair) {
        Some(at) => (until(pair, at), from(pair, at + 1)),
        None => (pair, &[][..]),
    });
    pairs.filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal_form(path: &str) -> String {
        let mut spans = Vec::new();
        let mut out = String::new();
        let mut scratch = Scratch::default();
        segments(path.as_bytes(), &mut spans);
        for Span { range, .. } in spans {
            out += "/";
            out += std::str::from_utf8(scratch.segment(&path.as_bytes()[range]).normal).unwrap();
        }
        out
    }

    #[test]
    fn one_form_for_all_writings() {
        let cases = [
            ("/", ""),
            ("//a///b/", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/../../a", "/a"),
            ("/a/%2e%2E/b/.%2e/c", "/c"),
            ("/a/...", "/a/..."),
            ("/%61%2Db/%7e", "/a-b/~"),
            ("/caf%c3%a9/x%2fy", "/caf%C3%A9/x%2Fy"),
            ("/a b/\u{e9}", "/a%20b/%C3%A9"),
            ("/100%/%zz/%2", "/100%25/%25zz/%252"),
            ("/a;jsessionid=77/b;x/;y=1", "/a/b"),
            ("/a/..;x/b", "/b"),
            ("/a\r\n%0d", "/a%0D%0A%0D"),
            ("/<{x}>", "/%3C%7Bx%7D%3E"),
        ];
        for (path, expected) in cases {
            assert_eq!(normal_form(path), expected, "{path:?}");
            assert_eq!(normal_form(expected), expected, "{path:?}");
        }
    }

    #[test]
    fn deep_paths_are_cut() {
        let mut spans = Vec::new();
        assert!(!segments("/a".repeat(MAX_DEPTH).as_bytes(), &mut spans));
        assert!(segments("/a".repeat(4000).as_bytes(), &mut spans));
        assert_eq!(spans.len(), MAX_DEPTH);
    }

    #[test]
    fn queries_and_fragments_are_split_off() {
        assert_eq!(split(b"/a?b=1?c#d?e"), (&b"/a"[..], &b"b=1?c"[..]));
        assert_eq!(split(b"/a#b?c"), (&b"/a"[..], &b""[..]));
    }

    #[test]
    fn pairs_of_a_query() {
        let all: Vec<_> = pairs(b"a=1&b&&c==2&=x&d=&e").map(|(n, v)| (n.to_vec(), v.to_vec())).collect();
        let expected = [("a", "1"), ("b", ""), ("c", "=2"), ("d", ""), ("e", "")];
        assert_eq!(all, expected.map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn encodings_inside_encodings_are_undone() {
        let mut text = b"a%252540b%zz%".to_vec();
        decode(&mut text);
        assert_eq!(text, b"a@b%zz%");
    }
}
