//! XML 1.0, and HTML as far as it looks like XML.
//!
//! Names are those without their prefix. Attributes have quotes, declarations of namespaces are none, and an end tag
//! ends the nearest element of its name: what was open in it ends with it, as browsers have it.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use super::events::{Container, End, Kind, MAX_DEPTH, Observer};
use super::references::unescaped;
use super::steps::{Step, Steps, part};

/// The longest name of an element, in bytes.
const MAX_NAME: usize = 128;

/// Tells elements, attributes and texts. An element below [`MAX_DEPTH`] others is told in the place of the innermost one. Of a text
/// that is cut, what stands behind the last tag is not told.
pub(super) fn walk<O: Observer>(text: &[u8], whole: bool, steps: &mut Steps<'_, O>) -> Step {
    let mut reader = Reader { text, open: Vec::new(), steps };
    let mut at = 0;
    while let Some(length) = memchr(b'<', part(text, at..text.len())) {
        let start = at + length;
        reader.text(at..start)?;
        let end = end_of(text, start).ok_or(End::Cut { at: start })?;
        reader.tag(start..end)?;
        at = end;
    }
    if !whole && at < text.len() {
        return Err(End::Cut { at });
    }
    reader.text(at..text.len())
}

/// Returns where the tag, comment or section that begins here ends.
fn end_of(text: &[u8], start: usize) -> Option<usize> {
    let rest = part(text, start..text.len());
    let close: &[u8] = match rest {
        [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => b"]]>",
        [b'<', b'!', b'-', b'-', ..] => b"-->",
        [b'<', b'!' | b'?', ..] => b">",
        _ => {
            let mut at = start;
            while let Some(value) = attribute(text, at..text.len())? {
                at = value.end + 1;
            }
            return Some(at + memchr(b'>', part(text, at..text.len()))? + 1);
        }
    };
    Some(start + memmem::find(rest, close)? + close.len())
}

/// The next value in quotes of the tag that is read, if there is one before the tag ends; the outer none where the text ends
/// in it.
fn attribute(text: &[u8], range: Range<usize>) -> Option<Option<Range<usize>>> {
    let mut at = range.start;
    while let Some(found) = memchr2(b'=', b'>', part(text, at..range.end)) {
        at += found + 1;
        if text.get(at - 1) == Some(&b'>') {
            return Some(None);
        }
        at += part(text, at..range.end).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if let Some(quote @ (b'"' | b'\'')) = text.get(at) {
            let length = memchr(*quote, part(text, at + 1..range.end))?;
            return Some(Some(at + 1..at + 1 + length));
        }
    }
    Some(None)
}

struct Reader<'a, 'o, O> {
    text: &'a [u8],
    /// The names of the open elements, with their prefixes.
    open: Vec<&'a [u8]>,
    steps: &'a mut Steps<'o, O>,
}

impl<O: Observer> Reader<'_, '_, O> {
    fn tag(&mut self, tag: Range<usize>) -> Step {
        let text = part(self.text, tag.clone());
        match text {
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', .., b']', b']', b'>'] => {
                let data = tag.start + 9..tag.end - 3;
                self.steps.value(Kind::Text, &String::from_utf8_lossy(part(self.text, data.clone())), data)
            }
            [b'<', b'!' | b'?', ..] => self.steps.aside(tag),
            [b'<', b'/', ..] => self.end(tag),
            _ => self.start(tag),
        }
    }
    fn start(&mut self, tag: Range<usize>) -> Step {
        let name = self.name(tag.start + 1);
        if name.is_empty() {
            return self.steps.aside(tag);
        }
        if self.open.len() == MAX_DEPTH {
            self.open.pop();
            self.steps.leave(tag.start..tag.start)?;
        }
        let local = local(self.text, name.clone());
        self.steps.name(&String::from_utf8_lossy(part(self.text, local.clone())), local)?;
        self.steps.enter(Container::Element, tag.start)?;
        self.open.push(part(self.text, name));
        let rest = self.attributes(tag.clone())?;
        self.steps.aside(rest..tag.end)?;
        if part(self.text, tag.clone()).ends_with(b"/>") {
            self.open.pop();
            self.steps.leave(tag.end..tag.end)?;
        }
        Ok(())
    }

    /// Tells the attributes of a tag. Returns where the last one ends.
    fn attributes(&mut self, tag: Range<usize>) -> Step<usize> {
        let mut at = tag.start;
        while let Some(value) = attribute(self.text, at..tag.end).flatten() {
            let name = attribute_name(self.text, at..value.start - 1);
            at = value.end + 1;
            if part(self.text, name.clone()).starts_with(b"xmlns") {
                self.steps.aside(value)?;
                continue;
            }
            let name = local(self.text, name);
            self.steps.name(&String::from_utf8_lossy(part(self.text, name.clone())), name)?;
            let value = trimmed(self.text, value);
            let text = String::from_utf8_lossy(part(self.text, value.clone()));
            self.steps.value(Kind::Text, &unescaped(&text), value)?;
        }
        Ok(at)
    }

    fn end(&mut self, tag: Range<usize>) -> Step {
        let name = part(self.text, self.name(tag.start + 2));
        let Some(nearest) = self.open.iter().rposition(|open| *open == name) else {
            return self.steps.aside(tag);
        };
        self.open.truncate(nearest);
        self.steps.leave_all(nearest + 1, tag.start)?;
        self.steps.leave(tag)
    }

    /// The name of the element whose tag has its name here; empty for what is none.
    fn name(&self, at: usize) -> Range<usize> {
        let rest = part(self.text, at..self.text.len());
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"<>/=\"'".contains(byte);
        let length = rest.iter().take(MAX_NAME + 1).take_while(|byte| !ends(byte)).count();
        if length > MAX_NAME { at..at } else { at..at + length }
    }

    /// Text between tags, without the blanks around it.
    fn text(&mut self, range: Range<usize>) -> Step {
        let span = trimmed(self.text, range);
        if span.is_empty() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(part(self.text, span.clone()));
        self.steps.value(Kind::Text, &unescaped(&text), span)
    }
}

/// The name at the end of what stands before a quoted value.
fn attribute_name(text: &[u8], range: Range<usize>) -> Range<usize> {
    let before = part(text, range.clone());
    let end = before
        .iter()
        .rposition(|byte| *byte != b'=' && !byte.is_ascii_whitespace())
        .map_or(0, |last| last + 1);
    let begins = |byte: &u8| byte.is_ascii_whitespace() || b"<\"'".contains(byte);
    let start = part(before, 0..end).iter().rposition(begins).map_or(0, |blank| blank + 1);
    range.start + start..range.start + end
}

/// A name without its prefix.
fn local(text: &[u8], name: Range<usize>) -> Range<usize> {
    let colon = memchr::memrchr(b':', part(text, name.clone()));
    name.start + colon.map_or(0, |colon| colon + 1)..name.end
}

/// Without the blanks at both ends.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let piece = part(text, range.clone());
    let (before, length) = match std::str::from_utf8(piece) {
        Ok(text) => (text.len() - text.trim_start().len(), text.trim().len()),
        Err(_) => (piece.len() - piece.trim_ascii_start().len(), piece.trim_ascii().len()),
    };
    range.start + before..range.start + before + length
}

#[cfg(test)]
mod tests {
    use super::super::tests::{tells, told};
    use super::super::{End, Syntax};

    #[track_caller]
    fn xml(text: &str, expected: &str) {
        tells(Syntax::Xml, text, expected);
    }

    #[test]
    fn elements_attributes_and_texts() {
        xml("<a x=\"1\" y = '2'> t <b/>&lt;u </a>", "a: <x: '1' y: '2' 't' b: <(<b/>)> '<u'>");
        xml("<s:a xmlns:s=\"urn:x\" s:b=\"c\"><![CDATA[ <d> ]]></s:a>", "a: <(urn:x) b: 'c' ' <d> '>");
        xml(
            "<?xml version=\"1.0\"?><!DOCTYPE a><!-- <b> --><a>",
            "(<?xml version=\"1.0\"?>) (<!DOCTYPE a>) (<!-- <b> -->) a: <(<a>)>",
        );
        xml("<a b=\"x>y\">z</a>", "a: <b: 'x>y' 'z'>");
        xml("plain", "'plain'");
    }

    #[test]
    fn tags_that_do_not_match() {
        xml("<p>one<br>two</p>three", "p: <(<p>) 'one' br: <(<br>) 'two'>> 'three'");
        xml("</a>x<>y< z>", "(</a>) 'x' (<>) 'y' (< z>)");
        xml("<a b=c d=\"e\">", "a: <d: 'e'>");
    }

    #[test]
    fn cut_documents() {
        assert_eq!(
            told(Syntax::Xml, "<a>text <b c=\"d", false),
            ("a: <(<a>) 'text'>".into(), End::Cut { at: 8 })
        );
        assert_eq!(told(Syntax::Xml, "<a>te", false), ("a: <(<a>)>".into(), End::Cut { at: 3 }));
        assert_eq!(told(Syntax::Xml, "<a>te", true), ("a: <(<a>) 'te'>".into(), End::Whole));
    }

    #[test]
    fn deep_nesting_is_flat_at_the_bottom() {
        let (told, end) = told(Syntax::Xml, &"<a>".repeat(1000), true);
        assert_eq!((told.matches("a: <").count(), end), (1000, End::Whole));
    }
}
