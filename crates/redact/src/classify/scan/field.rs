//! Values behind a name: `password=x`, `"token": "x"`, `<pin>x</pin>`.

use std::ops::Range;

use super::super::bytes::{from, until};
use super::super::flags::is_flag;
use super::super::label::Label;
use super::super::names::{Meaning, Shape, is_counted_name, is_naming, meaning};
use super::super::tokens::{is_base64url, run};
use super::hit::{Hit, MAX_PERSONAL, QUOTES, run_back, trim_end, under, value_at};
use super::scheme::is_scheme;

/// How far back from `=` or `:` the name of a field is looked for, in bytes.
const MAX_FIELD_NAME: usize = 64;
/// How far back from `>` the beginning of a tag is looked for, in bytes.
const MAX_TAG: usize = 128;
/// The longest group in brackets that is read, in bytes.
const MAX_GROUP: usize = 2048;
/// How far around a value in a query a parameter with its name is looked for, in bytes.
const MAX_QUERY: usize = 256;

/// Returns the value after `=` or `:` where the word before it is sensitive: `password=x`, `"token": "x"`.
pub(super) fn field(text: &[u8], at: usize) -> Option<Hit> {
    let head = from(until(text, at), at.saturating_sub(MAX_FIELD_NAME));
    let head = trim_end(head, b" \t\"'\\:");
    let is_name = |byte: u8| is_base64url(byte) || b".[]$".contains(&byte) || byte >= 0x80;
    let name = from(head, head.len() - run_back(head, is_name));
    let meaning = match name {
        name if name.eq_ignore_ascii_case(b"x-key") => Meaning::Credential,
        b"value" | b"val" => named_beside(text, at),
        name => meaning(name),
    };
    if meaning == Meaning::Open {
        return None;
    }
    let start = at + 1 + run(from(text, at + 1), |byte| b" \t\\>".contains(&byte));
    if meaning == Meaning::Credential
        && let Some(range) = group(text, start)
    {
        return Some(Hit { range, label: Label::Credential });
    }
    let quoted = text.get(start).is_some_and(|byte| QUOTES.contains(byte));
    match meaning {
        Meaning::Personal(_, shape) if !quoted => {
            let colon = text.get(at) == Some(&b':');
            under(meaning, text, start..personal_end(text, start, shape, colon))
        }
        _ => {
            let mut range = value_at(text, start);
            if !quoted {
                range.end = behind_scheme(text, range.clone());
            }
            let found = from(until(text, range.end), range.start);
            let counted = found.iter().all(u8::is_ascii_digit) && is_counted_name(name);
            under(meaning, text, range).filter(|hit| !hit.is_credential() || !counted)
        }
    }
}

/// Returns what a parameter beside this one says of its value, in a query that stands in text: `?name=password&value=x`.
fn named_beside(text: &[u8], at: usize) -> Meaning {
    let is_query = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>{}?".contains(&byte);
    let before = from(until(text, at), at.saturating_sub(MAX_QUERY));
    let before = from(before, before.len() - run_back(before, is_query));
    let after = until(from(text, at), MAX_QUERY);
    let after = until(after, run(after, is_query));
    let pieces = before.split(|byte| *byte == b'&').chain(after.split(|byte| *byte == b'&'));
    let pairs = pieces.filter_map(|piece| Some(piece.split_at(memchr::memchr(b'=', piece)?)));
    let values = pairs.filter(|(name, _)| is_naming(name)).map(|(_, value)| from(value, 1));
    values.map(meaning).find(|meaning| *meaning != Meaning::Open).unwrap_or(Meaning::Open)
}

/// Returns what stands between the brackets that begin here, where a name makes all of it secret: `secret: {inner: "x"}`.
fn group(text: &[u8], start: usize) -> Option<Range<usize>> {
    let open = text.get(start).filter(|byte| b"{[".contains(byte))?;
    let close = if *open == b'{' { b'}' } else { b']' };
    let mut depth = 0;
    for (at, byte) in until(from(text, start), MAX_GROUP).iter().enumerate() {
        depth += usize::from(byte == open);
        depth -= usize::from(*byte == close);
        if depth == 0 {
            let inside = start + 1..start + at;
            let value = from(until(text, inside.end), inside.start);
            let held = value.iter().any(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
            return (held && !is_flag(&String::from_utf8_lossy(value))).then_some(inside);
        }
    }
    None
}

/// Returns where a credential ends that a scheme stands before.
fn behind_scheme(text: &[u8], range: Range<usize>) -> usize {
    let word = from(until(text, range.end), range.start);
    if !is_scheme(word) || text.get(range.end) != Some(&b' ') {
        return range.end;
    }
    value_at(text, range.end + 1).end
}

/// Returns where personal data without quotes end: numbers and addresses have blanks in them.
fn personal_end(text: &[u8], start: usize, shape: Shape, colon: bool) -> usize {
    let words = colon || matches!(shape, Shape::Digits(_));
    let ends = |byte: u8| b"&;,\"'<>{}[]|\\\r\n".contains(&byte) || byte.is_ascii_whitespace() && !words;
    let rest = until(from(text, start), MAX_PERSONAL);
    let length = run(rest, |byte| !ends(byte));
    let value = trim_end(until(rest, length), b" \t.)");
    start + value.len()
}

/// Returns the text of an element of XML of a sensitive name, where XML stands in other text: seen from the end of its tag.
pub(super) fn element(text: &[u8], at: usize) -> Option<Hit> {
    let head = from(until(text, at), at.saturating_sub(MAX_TAG));
    let tag = from(head, head.len() - run_back(head, |byte| byte != b'<'));
    if tag.len() == head.len() || tag.starts_with(b"/") || tag.ends_with(b"/") || tag.contains(&b'>') {
        return None;
    }
    let name = until(tag, run(tag, |byte| !byte.is_ascii_whitespace()));
    let local = from(name, name.len() - run_back(name, |byte| byte != b':'));
    let meaning = meaning(local);
    if meaning == Meaning::Open {
        return None;
    }
    let start = at + 1 + run(from(text, at + 1), |byte| byte.is_ascii_whitespace());
    let content = text.get(start..)?;
    let content = until(content, run(content, |byte| byte != b'<'));
    let content = trim_end(content, b" \t\r\n");
    under(meaning, text, start..start + content.len())
}
