//! JSON (RFC 8259), read as strictly as serde_json does: what one takes the other takes.

use super::events::{Container, End, Kind, MAX_DEPTH, Observer};
use super::steps::{Step, Steps, part};

/// Before each document of `application/json-seq` (RFC 7464, section 2.2).
const RECORD_SEPARATOR: u8 = 0x1e;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A document, or the end.
    Document,
    /// A value, or the end of an array that is empty.
    FirstItem,
    /// A value.
    Value,
    /// A name, or the end of an object that is empty.
    FirstName,
    /// A name.
    Name,
    /// The colon after a name.
    Colon,
    /// A comma, or the end of the container.
    Comma,
}

pub(super) fn walk<O: Observer>(text: &[u8], whole: bool, steps: &mut Steps<'_, O>) -> Step {
    let mark = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let blank = part(text, mark..text.len()).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let mut reader =
        Reader { text, at: mark + blank, whole, open: Vec::new(), unescaped: String::new(), steps };
    let mut next = Next::Document;
    loop {
        reader.skip_blanks(next == Next::Document);
        match reader.peek() {
            Some(byte) => next = reader.read(next, byte)?,
            None if next == Next::Document => return Ok(()),
            None => return Err(reader.cut()),
        }
    }
}

struct Reader<'a, 'o, O> {
    text: &'a [u8],
    at: usize,
    whole: bool,
    open: Vec<Container>,
    /// The last string, if it has escapes.
    unescaped: String,
    steps: &'a mut Steps<'o, O>,
}

impl<'a, O: Observer> Reader<'a, '_, O> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self, between_documents: bool) {
        let rest = part(self.text, self.at..self.text.len());
        let blank = |byte: &u8| {
            matches!(byte, b' ' | b'\t' | b'\n' | b'\r') || between_documents && *byte == RECORD_SEPARATOR
        };
        self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
    }

    fn read(&mut self, next: Next, byte: u8) -> Step<Next> {
        let inside = self.open.last().copied();
        match (next, byte) {
            (Next::Document | Next::FirstItem | Next::Value, b'{') => {
                self.enter(Container::Fields)?;
                Ok(Next::FirstName)
            }
            (Next::Document | Next::FirstItem | Next::Value, b'[') => {
                self.enter(Container::Items)?;
                Ok(Next::FirstItem)
            }
            (Next::Document | Next::FirstItem | Next::Value, _) if byte != b']' => self.scalar(byte),
            (Next::FirstItem | Next::Comma, b']') if inside == Some(Container::Items) => self.leave(),
            (Next::FirstName | Next::Comma, b'}') if inside == Some(Container::Fields) => self.leave(),
            (Next::FirstName | Next::Name, b'"') => self.string(true),
            (Next::Colon, b':') => self.pass(Next::Value),
            (Next::Comma, b',') if inside == Some(Container::Fields) => self.pass(Next::Name),
            (Next::Comma, b',') => self.pass(Next::Value),
            _ => Err(self.malformed(0)),
        }
    }

    /// The text ends in what begins here.
    fn cut(&self) -> End {
        End::Cut { at: self.at }
    }

    /// So many bytes from here on nothing of JSON stands.
    fn malformed(&self, length: usize) -> End {
        End::Malformed { at: self.at + length }
    }

    fn pass(&mut self, next: Next) -> Step<Next> {
        self.at += 1;
        Ok(next)
    }

    fn enter(&mut self, container: Container) -> Step {
        if self.open.len() == MAX_DEPTH {
            return Err(End::TooDeep { at: self.at });
        }
        self.open.push(container);
        self.at += 1;
        self.steps.enter(container, self.at - 1)
    }

    fn leave(&mut self) -> Step<Next> {
        self.open.pop();
        self.at += 1;
        self.steps.leave(self.at - 1..self.at)?;
        Ok(self.after_value())
    }

    fn after_value(&self) -> Next {
        if self.open.is_empty() { Next::Document } else { Next::Comma }
    }

    fn scalar(&mut self, byte: u8) -> Step<Next> {
        let (kind, length) = match byte {
            b'"' => return self.string(false),
            b'n' => (Kind::Null, self.literal("null")?),
            b't' => (Kind::Bool, self.literal("true")?),
            b'f' => (Kind::Bool, self.literal("false")?),
            b'-' | b'0'..=b'9' => (Kind::Number, self.number()?),
            _ => return Err(self.malformed(0)),
        };
        match self.text.get(self.at + length) {
            // A number could go on.
            None if !self.whole || !self.open.is_empty() => return Err(self.cut()),
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'[' | b']' | b'{' | b'}' | b',' | b':') => {}
            Some(_) => return Err(self.malformed(length)),
        }
        let span = self.at..self.at + length;
        let text = std::str::from_utf8(part(self.text, span.clone())).map_err(|_| self.malformed(length))?;
        self.at += length;
        self.steps.value(kind, text, span)?;
        Ok(self.after_value())
    }

    /// The length of a literal.
    fn literal(&self, word: &str) -> Step<usize> {
        let rest = part(self.text, self.at..self.text.len());
        let there = part(rest, 0..rest.len().min(word.len()));
        match word.as_bytes().strip_prefix(there) {
            Some([]) => Ok(word.len()),
            Some(_) if there.len() == rest.len() => Err(self.cut()),
            _ => Err(self.malformed(0)),
        }
    }

    /// The length of a number (RFC 8259, section 6).
    fn number(&self) -> Step<usize> {
        let rest = part(self.text, self.at..self.text.len());
        let digits = |at: usize| {
            let some = part(rest, at..rest.len()).iter().take_while(|byte| byte.is_ascii_digit()).count();
            match some {
                0 if at >= rest.len() => Err(self.cut()),
                0 => Err(self.malformed(at)),
                some => Ok(at + some),
            }
        };
        let mut at = usize::from(rest.first() == Some(&b'-'));
        at = if rest.get(at) == Some(&b'0') { at + 1 } else { digits(at)? };
        if rest.get(at) == Some(&b'.') {
            at = digits(at + 1)?;
        }
        if matches!(rest.get(at), Some(b'e' | b'E')) {
            let sign = matches!(rest.get(at + 1), Some(b'+' | b'-'));
            at = digits(at + 1 + usize::from(sign))?;
        }
        Ok(at)
    }

    /// Reads a string, which is a name or a value.
    fn string(&mut self, is_name: bool) -> Step<Next> {
        let start = self.at + 1;
        let rest: &'a [u8] = part(self.text, start..self.text.len());
        let (length, escaped) = quoted(rest).map_err(|read| self.malformed(1 + read))?;
        if length == rest.len() {
            return Err(self.cut());
        }
        let mut text = std::str::from_utf8(part(rest, 0..length)).map_err(|_| self.malformed(length))?;
        if escaped {
            self.unescaped.clear();
            unescape(text, &mut self.unescaped).ok_or_else(|| self.malformed(length))?;
            text = &self.unescaped;
        }
        let span = start..start + length;
        self.at = span.end + 1;
        if is_name {
            self.steps.name(text, span)?;
            return Ok(Next::Colon);
        }
        self.steps.value(Kind::Text, text, span)?;
        Ok(self.after_value())
    }
}

/// Returns the length of a string up to its quote, or to the end of the text, and whether it has escapes. Of one that has control
/// characters or no such escapes the error is how far it was read.
fn quoted(rest: &[u8]) -> Result<(usize, bool), usize> {
    let (mut length, mut escaped) = (0, false);
    while let Some(byte) = rest.get(length) {
        match byte {
            b'"' => break,
            b'\\' => {
                let escape = part(rest, length + 1..rest.len());
                let such = match escape {
                    [b'u', digits @ ..] => digits.iter().take(4).all(u8::is_ascii_hexdigit),
                    [one, ..] => b"\"\\/bfnrt".contains(one),
                    [] => true,
                };
                if !such {
                    return Err(length);
                }
                escaped = true;
                length += 2;
            }
            0..0x20 => return Err(length),
            _ => length += 1,
        }
    }
    Ok((length.min(rest.len()), escaped))
}

/// Undoes the escapes of a string (RFC 8259, section 7).
pub(super) fn unescape(raw: &str, text: &mut String) -> Option<()> {
    let mut rest = raw;
    while let Some((before, tail)) = rest.split_once('\\') {
        text.push_str(before);
        let mut after = tail.chars();
        let one = match after.next()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode(&mut after)?,
            _ => return None,
        };
        text.push(one);
        rest = after.as_str();
    }
    text.push_str(rest);
    Some(())
}

/// The character of one `\u` escape, or of two that are a pair of surrogates.
fn unicode(after: &mut std::str::Chars<'_>) -> Option<char> {
    let first = unit(after)?;
    if let Some(one) = char::from_u32(first.into()) {
        return Some(one);
    }
    (after.next() == Some('\\') && after.next() == Some('u')).then_some(())?;
    char::decode_utf16([first, unit(after)?]).next()?.ok()
}

fn unit(after: &mut std::str::Chars<'_>) -> Option<u16> {
    let digits = after.as_str().get(..4)?;
    *after = after.as_str().get(4..)?.chars();
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::super::tests::{tells, told};
    use super::super::{Document, Scalar, Syntax};
    use super::*;
    use std::ops::{ControlFlow, Range};

    #[test]
    fn values_and_names() {
        tells(
            Syntax::Json,
            "{\"a\": [1, -2.5e+3, null], \"b\\n\": {\"c\": true}}",
            "{a: [1 -2.5e+3 null] b\n: {c: true}}",
        );
        tells(Syntax::Json, "\"\\ud83d\\ude00\\u00e9\\/\"", "'😀é/'");
        tells(Syntax::Json, " [] ", "[]");
        tells(Syntax::Json, "\u{feff}{}", "{}");
    }

    #[test]
    fn several_documents() {
        tells(Syntax::Json, "{\"a\":1}\n{\"a\":2}\n", "{a: 1} {a: 2}");
        tells(Syntax::Json, "\u{1e}1\n\u{1e}[2]\n", "1 [2]");
        tells(Syntax::Json, "", "");
    }

    #[test]
    fn cut_documents() {
        let cut = |text: &str| told(Syntax::Json, text, false);
        assert_eq!(cut("{\"a\": 1, \"b\": [1, 2"), ("{a: 1 b: [1]}".into(), End::Cut { at: 18 }));
        assert_eq!(cut("{\"a\": \"x\", \"b"), ("{a: 'x'}".into(), End::Cut { at: 11 }));
        assert_eq!(cut("[tru"), ("[]".into(), End::Cut { at: 1 }));
        assert_eq!(cut("[-"), ("[]".into(), End::Cut { at: 1 }));
        assert_eq!(cut("12"), (String::new(), End::Cut { at: 0 }));
        assert_eq!(told(Syntax::Json, "12", true), ("12".into(), End::Whole));
        assert_eq!(told(Syntax::Json, "[12", true), ("[]".into(), End::Cut { at: 1 }));
    }

    #[test]
    fn what_is_no_json() {
        for text in [
            "{'a': 1}",
            "[1 2]",
            "{\"a\" 1}",
            "[1,]",
            "{\"a\":1,}",
            "]",
            "[}",
            "01",
            "1.",
            "1x",
            "\"\n\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "tru ",
        ] {
            let (_, end) = told(Syntax::Json, text, true);
            assert_eq!(matches!(end, End::Malformed { .. }), text != "1.", "{text}: {end:?}");
        }
        let (_, end) = told(Syntax::Json, "[\"abc\n\"]", true);
        assert_eq!(end, End::Malformed { at: 5 }, "it says how far it was read");
        assert_eq!(told(Syntax::Json, &"[".repeat(100_000), true).1, End::TooDeep { at: 64 });
        assert_eq!(told(Syntax::Json, &"[".repeat(MAX_DEPTH), true).1, End::Cut { at: MAX_DEPTH });
    }

    /// Builds what serde_json would, one value for each document.
    #[derive(Default)]
    struct Builder {
        open: Vec<(Value, String)>,
        documents: Vec<Value>,
    }

    impl Builder {
        fn put(&mut self, value: Value) -> ControlFlow<()> {
            match self.open.last_mut() {
                Some((Value::Object(members), name)) => {
                    members.insert(std::mem::take(name), value);
                }
                Some((Value::Array(items), _)) => items.push(value),
                _ => self.documents.push(value),
            }
            ControlFlow::Continue(())
        }
    }

    impl Observer for Builder {
        fn enter(&mut self, container: Container, _: usize) -> ControlFlow<()> {
            let empty = if container == Container::Fields {
                Value::Object(Map::new())
            } else {
                Value::Array(Vec::new())
            };
            self.open.push((empty, String::new()));
            ControlFlow::Continue(())
        }

        fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
            self.open.last_mut().unwrap().1 = name.to_owned();
            ControlFlow::Continue(())
        }

        fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
            let value = match value.kind {
                Kind::Text => Value::String(value.text.to_owned()),
                // Numbers may be too large for it.
                _ => match serde_json::from_str(value.text) {
                    Ok(value) => value,
                    Err(_) => return ControlFlow::Break(()),
                },
            };
            self.put(value)
        }

        fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
            let (value, _) = self.open.pop().unwrap();
            self.put(value)
        }
    }

    /// Returns what serde_json reads from a row of documents; none for what it refuses.
    fn expected(text: &[u8]) -> Option<Vec<Value>> {
        serde_json::Deserializer::from_slice(text).into_iter().collect::<Result<_, _>>().ok()
    }

    fn read(text: &[u8]) -> Option<Vec<Value>> {
        let mut builder = Builder::default();
        let end = Document { syntax: Syntax::Json, bytes: text, whole: true }.walk(&mut builder);
        (end == End::Whole).then_some(builder.documents)
    }

    fn values() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,8}|[\\x00-\\x1f\"\\\\é😀]{0,6}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,5}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_as_it_reads_it(values in prop::collection::vec(values(), 0..3), pretty: bool) {
            let write = |value: &Value| if pretty { format!("{value:#}\n") } else { format!("{value}\n") };
            let text: String = values.iter().map(write).collect();
            prop_assert_eq!(read(text.as_bytes()), expected(text.as_bytes()));
        }

        #[test]
        fn what_serde_json_refuses_is_refused(
            value in values(),
            flaws in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[]:,0-.eu1tn x\xff\n"[..])), 1..4),
        ) {
            let mut text = value.to_string().into_bytes();
            for (at, byte) in flaws {
                let at = at.index(text.len());
                text[at] = byte;
            }
            prop_assert_eq!(read(&text), expected(&text), "{}", String::from_utf8_lossy(&text));
        }
    }
}
