//! Text of lines, as people and programs write it: `name: value`, `NAME=value`, lists and block scalars as in YAML 1.2.
//!
//! This is no parser of YAML. It knows indentation, so that what stands below a name belongs to it; anchors and tags
//! are text. Lines that have no name are values without one. What stands below a header (`[name]`, of TOML, INI and git) belongs
//! to that: its lines are read as if each began a column further on.

use std::ops::Range;

use memchr::memchr;

use super::events::{Container, End, Kind, MAX_DEPTH, Observer};
use super::flow;
use super::json;
use super::section;
use super::steps::{MAX_BLANKS, MAX_NAME, Step, Steps, part};

/// The shortest run of base64 that is told from a name without a value.
const MIN_PACKED: usize = 12;

/// Tells names, values and what nests by indentation. Of text that is cut, the last line is not told.
pub(super) fn walk<O: Observer>(text: &[u8], whole: bool, steps: &mut Steps<'_, O>) -> Step {
    let end = if whole { text.len() } else { memchr::memrchr(b'\n', text).map_or(0, |at| at + 1) };
    let text = part(text, 0..end);
    let mut reader = Reader { text, at: 0, whole, section: false, open: Vec::new(), named: false, steps };
    while let Some(line) = reader.next_line() {
        reader.at = line.next;
        reader.line(line)?;
    }
    if whole { Ok(()) } else { Err(End::Cut { at: end }) }
}

/// A line that is not blank.
#[derive(Clone, Copy)]
struct Line {
    /// Where its indentation begins.
    start: usize,
    /// Where its text begins.
    text: usize,
    /// Where its text ends.
    end: usize,
    /// Where the next line begins.
    next: usize,
    /// How much further on it begins in a section.
    shift: usize,
}

impl Line {
    fn indent(self) -> usize {
        self.column(self.text)
    }

    /// Returns in which column this place of the line is.
    fn column(self, at: usize) -> usize {
        at - self.start + self.shift
    }

    fn span(self) -> Range<usize> {
        self.text..self.end
    }
}

struct Reader<'a, 'o, O> {
    text: &'a [u8],
    at: usize,
    whole: bool,
    /// Whether a header stands above. The fields that it names stay open until the next one.
    section: bool,
    /// What is open, and the column in which its members begin.
    open: Vec<(usize, Container)>,
    /// Whether the last name has no value yet.
    named: bool,
    steps: &'a mut Steps<'o, O>,
}

impl<O: Observer> Reader<'_, '_, O> {
    /// The next line that is not blank.
    fn next_line(&self) -> Option<Line> {
        let mut start = self.at;
        while start < self.text.len() {
            let rest = part(self.text, start..self.text.len());
            let length = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = part(rest, 0..length);
            let next = start + length + 1;
            if !line.trim_ascii().is_empty() {
                let text = start + line.len() - line.trim_ascii_start().len();
                let (end, shift) = (text + line.trim_ascii().len(), usize::from(self.section));
                return Some(Line { start, text, end, next, shift });
            }
            start = next;
        }
        None
    }

    fn line(&mut self, line: Line) -> Step {
        match part(self.text, line.span()) {
            b"---" | b"..." => {
                self.section = false;
                self.close(0, line.text)?;
                self.steps.aside(line.span())
            }
            content if is_comment(content) => self.steps.aside(line.span()),
            _ => match self.header(line) {
                Some(name) => self.begin(line, name),
                None => self.members(line),
            },
        }
    }

    /// Returns the name of the header that this line is. One that is indented stands below another: elsewhere it is a list of YAML.
    fn header(&self, line: Line) -> Option<Range<usize>> {
        if self.section || line.text == line.start { section::header(self.text, line.span()) } else { None }
    }

    /// Begins a section.
    fn begin(&mut self, line: Line, name: Range<usize>) -> Step {
        self.close(0, line.text)?;
        self.steps.enter(Container::Fields, line.text)?;
        self.steps.name(&String::from_utf8_lossy(part(self.text, name.clone())), name)?;
        self.steps.enter(Container::Fields, line.text + 1)?;
        self.open.extend([(0, Container::Fields), (1, Container::Fields)]);
        self.section = true;
        self.steps.aside(line.span())
    }

    /// Returns how many containers stay open: those of a section.
    fn kept(&self) -> usize {
        if self.section { 2 } else { 0 }
    }

    /// Reads the dashes of a line, and what follows them.
    fn members(&mut self, line: Line) -> Step {
        let mut at = line.text;
        loop {
            let column = line.column(at);
            let rest = part(self.text, at..line.end);
            let [_, after @ ..] = rest else { break };
            if !is_item(rest) {
                break;
            }
            self.inside(column, Container::Items, at)?;
            at = line.end - after.trim_ascii_start().len();
        }
        if at == line.end {
            return Ok(());
        }
        let column = line.column(at);
        let Some((name, value)) = named(self.text, at..line.end) else {
            return self.unnamed(at, line);
        };
        self.inside(column, Container::Fields, at)?;
        self.steps.name(&String::from_utf8_lossy(part(self.text, name.clone())), name)?;
        match part(self.text, value.clone()) {
            [] => self.below(column),
            [b'|' | b'>', how @ ..] if how.iter().all(|byte| b"+-0123456789".contains(byte)) => {
                self.block(column, value.end)
            }
            _ => self.value(value.start, column, line),
        }
    }

    /// Leaves what ended before this column, and enters the container whose members begin in it, unless it is open.
    fn inside(&mut self, column: usize, container: Container, at: usize) -> Step {
        while let Some(&(begin, open)) = self.open.last() {
            if (begin, open) == (column, container) {
                return Ok(());
            }
            // The items of a list may begin in the column of the name above it, other members may not.
            let same = begin == column && container == Container::Items && self.named;
            let below = begin < column && (open == Container::Items || self.named);
            if same || below || self.open.len() == self.kept() {
                break;
            }
            self.close(self.open.len() - 1, at)?;
        }
        if self.open.len() == MAX_DEPTH {
            self.close(MAX_DEPTH - 1, at)?;
        }
        // Below a header a list, or what is indented, has no name of its own.
        if !self.named && self.open.last().is_some_and(|open| open.1 == Container::Fields) {
            self.steps.name("", at..at)?;
        }
        self.open.push((column, container));
        self.named = false;
        self.steps.enter(container, at)
    }

    /// Leaves containers until so many are left.
    fn close(&mut self, left: usize, at: usize) -> Step {
        self.named = false;
        self.open.truncate(left);
        self.steps.leave_all(left, at)
    }

    /// Reads what belongs to a name without a value in its line: what stands below it, or nothing.
    fn below(&mut self, column: usize) -> Step {
        let next = loop {
            let Some(next) = self.next_line() else {
                return if self.whole { self.empty(self.text.len()) } else { Ok(()) };
            };
            if next.indent() <= column || !is_comment(part(self.text, next.span())) {
                break next;
            }
            self.at = next.next;
            self.steps.aside(next.span())?;
        };
        let is_item = is_item(part(self.text, next.span()));
        let is_header = self.section && self.header(next).is_some();
        if is_header || next.indent() < column || next.indent() == column && !is_item {
            return self.empty(next.start);
        }
        if is_item || named(self.text, next.span()).is_some() {
            self.named = true;
            return Ok(());
        }
        self.at = next.next;
        self.value(next.text, column, next)
    }

    /// Tells a value that is not there.
    fn empty(&mut self, at: usize) -> Step {
        self.steps.value(Kind::Text, "", at..at)
    }

    /// A block scalar: all lines that begin behind this column.
    fn block(&mut self, column: usize, end: usize) -> Step {
        let mut span = end..end;
        while let Some(line) = self.next_line().filter(|line| line.indent() > column) {
            span = if span.is_empty() { line.span() } else { span.start..line.end };
            self.at = line.next;
        }
        let text = String::from_utf8_lossy(part(self.text, span.clone()));
        self.steps.value(Kind::Text, &text, span)
    }

    /// A value that begins here, and the lines behind this column that go on with it.
    fn value(&mut self, start: usize, column: usize, line: Line) -> Step {
        let mut end = line.end;
        while let Some(next) = self.next_line().filter(|next| next.indent() > column && self.goes_on(*next)) {
            end = next.end;
            self.at = next.next;
        }
        if flow::is_flow(part(self.text, start..end), MAX_DEPTH - self.open.len()) {
            // The next line of a text that is cut could make text of it.
            if !self.whole && self.next_line().is_none() {
                return Err(End::Cut { at: start });
            }
            return flow::walk(self.text, start..end, self.steps);
        }
        let span = unquoted(self.text, start..end);
        let mut text = String::from_utf8_lossy(part(self.text, span.clone()));
        if span.start > start && part(self.text, start..span.start) == b"\"" {
            let mut plain = String::new();
            if json::unescape(&text, &mut plain).is_some() {
                text = plain.into();
            }
        }
        self.steps.value(Kind::Text, &text, span)
    }

    fn goes_on(&self, line: Line) -> bool {
        let content = part(self.text, line.span());
        let is_header = self.section && self.header(line).is_some();
        !is_header && !is_item(content) && !is_comment(content) && named(self.text, line.span()).is_none()
    }

    /// Text without a name: an item of a list, or a line for itself.
    fn unnamed(&mut self, at: usize, line: Line) -> Step {
        let is_item = at > line.text;
        if is_item {
            return self.value(at, self.open.last().map_or(0, |open| open.0), line);
        }
        let inside = |open: &(usize, Container)| open.0 < line.indent() && open.1 == Container::Items;
        let left = self.open.iter().rposition(inside).map_or(0, |nearest| nearest + 1);
        self.close(left.max(self.kept()), at)?;
        if self.open.len() == self.kept() && self.section {
            self.steps.name("", at..at)?;
        }
        let text = String::from_utf8_lossy(part(self.text, line.span()));
        self.steps.value(Kind::Text, &text, line.span())
    }
}

/// Returns whether a line is a comment, of YAML and TOML or of INI.
fn is_comment(content: &[u8]) -> bool {
    content.starts_with(b"#") || content.starts_with(b";")
}

/// Returns whether a line begins as the item of a list.
fn is_item(content: &[u8]) -> bool {
    matches!(content, [b'-'] | [b'-', b' ' | b'\t', ..])
}

/// The name at the beginning of a line, and the text after its `:` or `=`.
fn named(text: &[u8], line: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let content = part(text, line.clone());
    let (name, after) = match content {
        [quote @ (b'"' | b'\''), rest @ ..] => {
            let length = memchr(*quote, part(rest, 0..rest.len().min(MAX_NAME + 1)))?;
            let after = part(rest, length + 1..rest.len());
            let blanks = after.len() - after.trim_ascii_start().len();
            (1..1 + length, 2 + length + blanks)
        }
        _ => {
            let is_end = |at: usize, byte: u8| {
                byte == b'=' || byte == b':' && content.get(at + 1).is_none_or(u8::is_ascii_whitespace)
            };
            let mut bytes = content.iter().enumerate().take(MAX_NAME + 1);
            let end = bytes.find_map(|(at, byte)| is_end(at, *byte).then_some(at))?;
            (0..part(content, 0..end).trim_ascii_end().len(), end)
        }
    };
    let separator = *content.get(after)?;
    let written = part(content, name.clone());
    // Base64 ends so, and no name is so long without a blank.
    if written.len() >= MIN_PACKED && part(content, after..content.len()).iter().all(|byte| *byte == b'=') {
        return None;
    }
    let such = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./$@[] ".contains(byte) || *byte >= 0x80;
    let blanks = written.iter().filter(|byte| **byte == b' ').count();
    let is_name = !written.is_empty() && written.iter().all(such) && blanks <= MAX_BLANKS;
    (is_name && b":=".contains(&separator)).then(|| {
        let value = part(content, after + 1..content.len()).trim_ascii_start();
        (line.start + name.start..line.start + name.end, line.end - value.len()..line.end)
    })
}

/// A value without the quotes around it.
fn unquoted(text: &[u8], span: Range<usize>) -> Range<usize> {
    match part(text, span.clone()) {
        [first @ (b'"' | b'\''), .., last] if first == last => span.start + 1..span.end - 1,
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{tells, told};
    use super::super::{End, Syntax};

    #[track_caller]
    fn text(text: &str, expected: &str) {
        tells(Syntax::Text, text, expected);
    }

    #[test]
    fn names_and_values() {
        text("a: several words\nb = 2\nC=3\n\"d e\": 'f'\n", "{a: 'several words' b: '2' C: '3' d e: 'f'}");
        text("a: \"x\\ny\"\nb:\nc: x\n", "{a: 'x\ny' b: '' c: 'x'}");
        text("# note\n---\na: 1\n---\nb: 2\n", "(# note) (---) {a: '1'} (---) {b: '2'}");
    }

    #[test]
    fn what_nests() {
        text("a:\n  b: 1\n  c:\n    d: 2\ne: 3\n", "{a: {b: '1' c: {d: '2'}} e: '3'}");
        text("a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - 5\nd: 6\n", "{a: ['1' {b: '2' c: '3'} ['4' '5']] d: '6'}");
        text("- a\n- b\n", "['a' 'b']");
    }

    #[test]
    fn values_of_several_lines() {
        text("a: |\n  one\n\n  two: x\nb: >-\n  three\nc: d\n", "{a: 'one\n\n  two: x' b: 'three' c: 'd'}");
        text("a:\n  # note\nb:\n  # more\n  c\n", "{a: (# note) '' b: (# more) 'c'}");
        text("a: one\n  two\nb:\n  three\n  four\n", "{a: 'one\n  two' b: 'three\n  four'}");
    }

    #[test]
    fn sections() {
        text(
            "x=1\n[a b]\ny = 2\n; note\n  z: 3\n\n[c.d] # more\nw=\n[[e]]\nv=4",
            "{x: '1'} {a b: {([a b]) y: '2' (; note) : {z: '3'}}} {c.d: {([c.d] # more) w: ''}} {e: {([[e]]) v: '4'}}",
        );
        text("[a]\nbare\nb=1\n  [a.c]\n  d=2", "{a: {([a]) : 'bare' b: '1'}} {a.c: {([a.c]) : {d: '2'}}}");
        text("[a]\nb=1\n  [c]\n- d\n- e\n", "{a: {([a]) b: '1'}} {c: {([c]) : ['d' 'e']}}");
        text("[r \"https://x\"]\na=1", "{r: {([r \"https://x\"]) a: '1'}}");
        text("a:\n  [b]\nc: 1\n", "{a: ['b'] c: '1'}");
        text("[a]\nb: 1\n---\nc: 2\n", "{a: {([a]) b: '1'}} (---) {c: '2'}");
        text("[a] b\n", "'[a] b'");
    }

    #[test]
    fn sentences_have_no_name() {
        text(
            "Dear Ann,\nsee https://a.test/?b=c\nThe rule that they all agreed on: none\n",
            "'Dear Ann,' 'see https://a.test/?b=c' 'The rule that they all agreed on: none'",
        );
        text("a: 1\nbut now\nb: 2", "{a: '1'} 'but now' {b: '2'}");
        text("{\"a\": 1}", "'{\"a\": 1}'");
    }

    #[test]
    fn cut_text() {
        assert_eq!(told(Syntax::Text, "a: 1\nb:\nc", false), ("{a: '1' b: }".into(), End::Cut { at: 8 }));
        assert_eq!(told(Syntax::Text, "a", false), (String::new(), End::Cut { at: 0 }));
    }
}
