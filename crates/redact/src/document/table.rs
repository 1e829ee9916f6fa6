//! Tables: CSV (RFC 4180), and what is like it with another separator.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memrchr};

use super::events::{Container, End, Kind, Observer};
use super::steps::{MAX_BLANKS, MAX_NAME, Step, Steps, part};

/// The most columns that have names.
const MAX_COLUMNS: usize = 256;

/// What may separate cells, the rarest in text first.
const SEPARATORS: [u8; 4] = [b'\t', b'|', b';', b','];

/// So many rows have to have as many cells as the header, in text that is not said to be a table.
const MAX_ALIKE: usize = 16;

/// The longest number in the place of a name, in digits: a year.
const MAX_NUMBER: usize = 4;

/// Tells the rows. Where the cells of the first are names, the others are fields of these names, else all are lists. Of text that is
/// cut, the last line is not told, nor what stands behind a quote that has no end.
pub(super) fn walk<O: Observer>(text: &[u8], separator: u8, whole: bool, steps: &mut Steps<'_, O>) -> Step {
    let end = if whole { text.len() } else { memrchr(b'\n', text).map_or(0, |at| at + 1) };
    let mut rows = Rows::of(part(text, 0..end), separator, whole);
    steps.enter(Container::Items, 0)?;
    let header = rows.header().ok_or(End::Cut { at: 0 })?;
    if !header.is_empty() {
        while rows.cell().is_some_and(|cell| !cell.last) {}
        steps.aside(0..rows.at)?;
    }
    while rows.begins_row() {
        rows.tell(&header, steps)?;
    }
    if whole { steps.leave(end..end) } else { Err(End::Cut { at: end }) }
}

/// Returns the separator of a text that is said to be a table: the one that its first line has most of.
pub(crate) fn separator(text: &[u8]) -> u8 {
    let first = part(text, 0..memchr(b'\n', text).unwrap_or(text.len()));
    let count = |separator: &u8| first.iter().filter(|byte| *byte == separator).count();
    SEPARATORS.into_iter().max_by_key(count).unwrap_or(b',')
}

/// Returns the separator of a text that looks like a table, and the names of its columns: its first rows, two or more, have as many
/// cells of one separator, and those of the first are names.
pub(crate) fn guessed(text: &[u8]) -> Option<(u8, Vec<String>)> {
    SEPARATORS.into_iter().filter(|separator| memchr(*separator, text).is_some()).find_map(|separator| {
        let mut rows = Rows::of(text, separator, true);
        let names: Vec<String> = rows.header()?.into_iter().map(|(name, _)| name).collect();
        let first = rows.count();
        let such = first > 1 && !names.is_empty() && names.iter().all(|name| !name.is_empty());
        let alike = |rows: &mut Rows<'_>| (0..MAX_ALIKE).all(|_| !rows.begins_row() || rows.count() == first);
        (such && rows.begins_row() && alike(&mut rows)).then_some((separator, names))
    })
}

/// A cell: where it stands, without its quotes and the blanks around it.
struct Cell {
    span: Range<usize>,
    quoted: bool,
    /// Whether its row ends with it.
    last: bool,
}

impl Cell {
    /// Returns what it says.
    fn text<'a>(&self, text: &'a [u8]) -> Cow<'a, str> {
        let written = String::from_utf8_lossy(part(text, self.span.clone()));
        if self.quoted && written.contains("\"\"") { written.replace("\"\"", "\"").into() } else { written }
    }
}

/// Reads cells.
struct Rows<'a> {
    text: &'a [u8],
    separator: u8,
    at: usize,
    whole: bool,
    /// Whether a quote may still end.
    quotes: bool,
}

impl<'a> Rows<'a> {
    fn of(text: &'a [u8], separator: u8, whole: bool) -> Rows<'a> {
        let mark = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Rows { text, separator, at: mark, whole, quotes: true }
    }

    /// Returns whether another row begins, behind empty lines.
    fn begins_row(&mut self) -> bool {
        let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        self.at += part(self.text, self.at..self.text.len()).iter().take_while(blank).count();
        self.at < self.text.len()
    }

    /// Returns whether the text is cut inside of the quotes that were begun last.
    fn is_cut(&self) -> bool {
        !self.whole && !self.quotes
    }

    /// Reads the next cell; none at the end of the text.
    fn cell(&mut self) -> Option<Cell> {
        let start = self.at;
        let rest = part(self.text, start..self.text.len());
        if start > self.text.len() || rest.is_empty() && start == 0 {
            return None;
        }
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        let quoted = self.quoted(start + blanks);
        if self.is_cut() {
            return None;
        }
        let end = quoted.as_ref().map_or(start, |span| span.end + 1);
        let ends = |byte: &u8| *byte == self.separator || *byte == b'\n';
        let behind = part(self.text, end..self.text.len());
        let stop = end + behind.iter().position(ends).unwrap_or(behind.len());
        let last = self.text.get(stop) != Some(&self.separator);
        self.at = if last { stop.min(self.text.len()) } else { stop + 1 };
        let plain = || {
            let cell = part(self.text, start..stop);
            let before = cell.len() - cell.trim_ascii_start().len();
            let length = cell.trim_ascii().len();
            if length == 0 { stop..stop } else { start + before..start + before + length }
        };
        Some(Cell { quoted: quoted.is_some(), span: quoted.unwrap_or_else(plain), last })
    }

    /// Returns where the text in quotes stands that begins here; none where no quote ends it before a separator or the end of a line.
    fn quoted(&mut self, quote: usize) -> Option<Range<usize>> {
        if !self.quotes || self.text.get(quote) != Some(&b'"') {
            return None;
        }
        let mut at = quote + 1;
        while let Some(found) = memchr(b'"', part(self.text, at..self.text.len())) {
            at += found;
            let behind = part(self.text, at + 1..self.text.len());
            if behind.first() != Some(&b'"') {
                let next = behind.iter().find(|byte| !b" \r".contains(byte));
                let ends = next.is_none_or(|byte| *byte == self.separator || *byte == b'\n');
                return ends.then_some(quote + 1..at);
            }
            at += 2;
        }
        self.quotes = false;
        None
    }

    /// Returns the cells of the first row if they are names, and where they stand; none where they are cut.
    fn header(&self) -> Option<Vec<(String, Range<usize>)>> {
        let mut rows = Rows::of(self.text, self.separator, self.whole);
        let mut names: Vec<(String, Range<usize>)> = Vec::new();
        while names.len() < MAX_COLUMNS
            && let Some(cell) = rows.cell()
        {
            let name = cell.text(self.text).into_owned();
            let number = name.len() <= MAX_NUMBER && name.bytes().all(|byte| byte.is_ascii_digit());
            if !is_name(&name) && (names.is_empty() || !number) {
                return Some(Vec::new());
            }
            names.push((name, cell.span));
            if cell.last {
                break;
            }
        }
        (!rows.is_cut()).then_some(names)
    }

    /// Passes a row. Returns how many cells it has.
    fn count(&mut self) -> usize {
        let mut count = 0;
        while let Some(cell) = self.cell() {
            count += 1;
            if cell.last {
                break;
            }
        }
        count
    }

    /// Tells a row.
    fn tell<O: Observer>(&mut self, names: &[(String, Range<usize>)], steps: &mut Steps<'_, O>) -> Step {
        let container = if names.is_empty() { Container::Items } else { Container::Fields };
        let at = self.at;
        steps.enter(container, at)?;
        let mut named = names.iter();
        while let Some(cell) = self.cell() {
            if container == Container::Fields {
                let (name, span) =
                    named.next().map_or(("", 0..0), |(name, span)| (name.as_str(), span.clone()));
                steps.name(name, span)?;
            }
            steps.value(Kind::Text, &cell.text(self.text), cell.span)?;
            if cell.last {
                break;
            }
        }
        if self.is_cut() { Err(End::Cut { at }) } else { steps.leave(self.at..self.at) }
    }
}

/// Returns whether these are the bytes of a name.
fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|one: char| one.is_alphabetic() || "_[$#".contains(one));
    let such = |one: char| one.is_alphanumeric() || "_-./$[]()#%, ".contains(one) || !one.is_ascii();
    let blanks = name.bytes().filter(|byte| *byte == b' ').count();
    begins && name.len() <= MAX_NAME && name.chars().all(such) && blanks <= MAX_BLANKS
}

#[cfg(test)]
mod tests {
    use super::super::tests::{tells, told};
    use super::super::{End, Syntax};
    use super::*;

    const CSV: Syntax<'_> = Syntax::Table { separator: b',' };

    #[test]
    fn rows_with_names() {
        tells(CSV, "a,b c\n1, x y \r\n\n2,\n", "[(a,b c) {a: '1' b c: 'x y'} {a: '2' b c: ''}]");
        tells(CSV, "a,\"b,c\"\n\"1\n2\",\"x \"\"y\"\"\"", "[(a,\"b,c\") {a: '1\n2' b,c: 'x \"y\"'}]");
        tells(CSV, "a,2024\n1,2,3\n4", "[(a,2024) {a: '1' 2024: '2' : '3'} {a: '4'}]");
        tells(Syntax::Table { separator: b'\t' }, "a\tb\n1,2\t3\n", "[(a\tb) {a: '1,2' b: '3'}]");
        tells(CSV, "", "[]");
    }

    #[test]
    fn rows_without_names() {
        tells(CSV, "1,j@x.com\n2,b\n", "[['1' 'j@x.com'] ['2' 'b']]");
    }

    #[test]
    fn quotes_that_end_nowhere_are_text() {
        tells(CSV, "a,b\n\"x,y\n1,\"z\"w\n", "[(a,b) {a: '\"x' b: 'y'} {a: '1' b: '\"z\"w'}]");
    }

    #[test]
    fn cut_tables() {
        assert_eq!(told(CSV, "a,b\n1,2\n3,4", false), ("[(a,b) {a: '1' b: '2'}]".into(), End::Cut { at: 8 }));
    }

    #[test]
    fn what_looks_like_one() {
        let names =
            |text: &str| guessed(text.as_bytes()).map(|(separator, names)| (separator, names.join(" ")));
        assert_eq!(names("a;b\n1,5;2\n"), Some((b';', "a b".into())));
        assert_eq!(names("a\tb\r\n1\t2\r\n"), Some((b'\t', "a b".into())));
        for text in [
            "a,b",
            "a,b\n1\n",
            "a: b,c\nd: e,f\n",
            "1,2\n3,4\n",
            "a,b\n1,2\nc:\n  d: e\n",
            "a\nb\n",
            "Dear Ann,\nhello, you\n",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
        assert_eq!((separator(b"a;b;c,d\n,,,,"), separator(b"a")), (b';', b','));
    }
}
