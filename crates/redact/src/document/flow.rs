//! Collections on one line, as YAML has them (1.2, section 7.4): `{name: a, list: [b, "c d"]}`.

use std::ops::Range;

use super::events::{Container, Kind, Observer};
use super::json;
use super::steps::{Step, Steps, part};

/// Returns whether this is a collection from its first byte to its last, and has at most so many levels. A pair in a list is one
/// more.
pub(super) fn is_flow(text: &[u8], levels: usize) -> bool {
    let levels = levels.saturating_sub(1);
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' if open.len() < levels => open.push(*byte),
            b'}' | b']' => {
                let matches = matches!((open.pop(), byte), (Some(b'{'), b'}') | (Some(b'['), b']'));
                if !matches {
                    return false;
                }
            }
            b'"' | b'\'' if begins_scalar(text, at) => match quoted(text, at) {
                Some(span) => at = span.end,
                None => return false,
            },
            b'{' | b'[' => return false,
            _ => {}
        }
        at += 1;
        if open.is_empty() {
            break;
        }
    }
    open.is_empty() && at == text.len() && matches!(text.first(), Some(b'{' | b'['))
}

/// Tells what is in a collection.
pub(super) fn walk<O: Observer>(text: &[u8], range: Range<usize>, steps: &mut Steps<'_, O>) -> Step {
    let text = part(text, 0..range.end);
    let mut flow = Flow { text, at: range.start, open: Vec::new(), named: false, steps };
    while let Some(byte) = text.get(flow.at) {
        match byte {
            b'{' | b'[' => flow.enter(if *byte == b'{' { Open::Fields } else { Open::Items })?,
            b'}' | b']' => flow.leave()?,
            b',' => flow.next()?,
            byte if byte.is_ascii_whitespace() || *byte == b':' => {}
            _ => {
                flow.scalar()?;
                continue;
            }
        }
        flow.at += 1;
    }
    Ok(())
}

/// What is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Fields,
    Items,
    /// A pair that is an item by itself: `[a: b]` (section 7.5).
    Pair,
}

/// The walk through a collection.
struct Flow<'a, 'o, O> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// Whether a name has no value yet.
    named: bool,
    steps: &'a mut Steps<'o, O>,
}

impl<O: Observer> Flow<'_, '_, O> {
    fn enter(&mut self, open: Open) -> Step {
        let container = if open == Open::Items { Container::Items } else { Container::Fields };
        self.open.push(open);
        self.named = false;
        self.steps.enter(container, self.at)
    }

    /// Leaves what a bracket ends.
    fn leave(&mut self) -> Step {
        self.next()?;
        self.open.pop();
        self.steps.leave(self.at..self.at + 1)
    }

    /// Leaves a pair.
    fn next(&mut self) -> Step {
        self.named = false;
        if self.open.last() != Some(&Open::Pair) {
            return Ok(());
        }
        self.open.pop();
        self.steps.leave(self.at..self.at)
    }

    /// Reads a name or a value.
    fn scalar(&mut self) -> Step {
        let text = self.text;
        let scalar = scalar(text, self.at);
        let end = scalar.end + usize::from(scalar.start > self.at);
        let behind = part(text, end..text.len()).trim_ascii_start();
        let is_name = !self.named && behind.starts_with(b":");
        let written = String::from_utf8_lossy(part(text, scalar.clone()));
        let mut plain = String::new();
        let escaped = text.get(self.at) == Some(&b'"') && json::unescape(&written, &mut plain).is_some();
        let told = if escaped { plain.as_str() } else { &written };
        if is_name && self.open.last() == Some(&Open::Items) {
            self.enter(Open::Pair)?;
        }
        if is_name {
            self.steps.name(told, scalar)?;
        } else {
            self.steps.value(Kind::Text, told, scalar)?;
        }
        self.named = is_name;
        self.at = end;
        Ok(())
    }
}

/// Returns where the scalar that begins here stands, without quotes.
fn scalar(text: &[u8], at: usize) -> Range<usize> {
    if let Some(span) = quoted(text, at) {
        return span;
    }
    let rest = part(text, at..text.len());
    let ends = |(place, byte): (usize, &u8)| {
        b",[]{}\n".contains(byte)
            || *byte == b':' && rest.get(place + 1).is_none_or(|next| b" \t,[]{}\"'".contains(next))
    };
    let length = rest.iter().enumerate().position(|(place, byte)| ends((place, byte))).unwrap_or(rest.len());
    let length = part(rest, 0..length).trim_ascii_end().len();
    at..at + length.max(1)
}

/// Returns where the text in quotes that begins here stands.
fn quoted(text: &[u8], at: usize) -> Option<Range<usize>> {
    let quote = *text.get(at).filter(|byte| b"\"'".contains(byte))?;
    let mut end = at + 1;
    loop {
        match *text.get(end)? {
            b'\\' if quote == b'"' => end += 1,
            byte if byte == quote => return Some(at + 1..end),
            _ => {}
        }
        end += 1;
    }
}

/// Returns whether a quote that stands here begins a scalar: in the middle of a word it is an apostrophe.
fn begins_scalar(text: &[u8], at: usize) -> bool {
    let before = part(text, 0..at).trim_ascii_end().last();
    before.is_none_or(|byte| b",[{:".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::super::Syntax;
    use super::super::tests::tells;
    use super::*;

    #[test]
    fn collections_on_one_line() {
        tells(
            Syntax::Text,
            "a: {b: c d, \"e f\": [1, 'g,h']}\nz: y\n",
            "{a: {b: 'c d' e f: ['1' 'g,h']} z: 'y'}",
        );
        tells(Syntax::Text, "- {name: x, value: y}\n- [z]\n", "[{name: 'x' value: 'y'} ['z']]");
        tells(Syntax::Text, "a: {b: http://c.d/e, f:}\n", "{a: {b: 'http://c.d/e' f: }}");
        tells(Syntax::Text, "a: {b: it's, c: d}\n", "{a: {b: 'it's' c: 'd'}}");
        tells(Syntax::Text, "a: {b} c\nd: [e\n", "{a: '{b} c' d: '[e'}");
        tells(Syntax::Text, "a: [b: c, 'd' : [e], f, g: ]\n", "{a: [{b: 'c'} {d: ['e']} 'f' {g: }]}");
    }

    #[test]
    fn deep_ones_are_text() {
        let flow = |text: &str| is_flow(text.as_bytes(), 10);
        assert!(flow("[[a]]") && !flow("[[a]") && !flow("[a]]") && !flow("[a}") && !flow("") && !flow("a"));
        assert!(flow(&("[".repeat(9) + &"]".repeat(9))) && !flow(&("[".repeat(10) + &"]".repeat(10))));
    }
}
