//! The dynamic table of one direction (RFC 7541, section 2.3.2), also where its beginning was not seen.
//!
//! An index counts back from the newest insertion, so what was inserted since a connection was joined is known whatever
//! lies below it. One thing could shift the indices: an entry larger than the table empties it and is not inserted
//! (section 4.4), and how large the table is may not be known. But then nothing older can be asked for until as many others
//! were inserted: an index that reaches that far says that the insertion did happen. So among the insertions that were seen, the
//! one that an index counts to is always the right one, and only older ones are unknown.

use std::collections::VecDeque;

use super::kind::Kind;

/// How large a table is before a size update (RFC 9113, section 6.5.2), in bytes as HPACK counts them.
const DEFAULT: usize = 4096;

/// The most that is kept of a table, in the same bytes. Browsers allow 64 KiB, programs mostly 4 KiB.
pub(crate) const MAX_TABLE: usize = 64 * 1024;

/// What HPACK counts for an entry beside its name and value (section 4.1).
const OVERHEAD: usize = 32;

/// So much room at the front is not worth moving entries for.
const SLACK: usize = 1024;

/// The table. Entries are kept as lines, `name: value` and a line feed, as they are handed on.
#[derive(Debug)]
pub(crate) struct Table {
    entries: VecDeque<Entry>,
    lines: Vec<u8>,
    /// Where in the stream of all lines `lines` begins, and what is in use of it.
    base: u64,
    start: u64,
    /// The sizes of all entries.
    size: usize,
    /// How much is kept.
    limit: usize,
    /// The limit is that of the encoder, who has let go of what is let go here.
    exact: bool,
    /// Entries may lie below those that are here.
    missed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u64,
    name: u32,
    value: u32,
    size: u32,
    kind: Kind,
}

/// What an index stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'t> {
    /// A field: its line, and how long its name is.
    Field(Kind, &'t [u8], usize),
    /// One that was inserted before the connection was joined, or that was not kept.
    Unknown,
    /// Nothing: the block is not right.
    Nothing,
}

impl Table {
    /// Returns the table of a direction that is seen from its beginning (`whole`), or was joined.
    pub(crate) fn new(whole: bool) -> Table {
        let (entries, lines) = (VecDeque::new(), Vec::new());
        Table { entries, lines, base: 0, start: 0, size: 0, limit: DEFAULT, exact: whole, missed: !whole }
    }

    /// The entry with this index, from 1 on.
    pub(crate) fn get(&mut self, index: usize) -> Found<'_> {
        let Some(entry) = self.entries.len().checked_sub(index).and_then(|at| self.entries.get(at)) else {
            if !self.missed {
                return Found::Nothing;
            }
            if !self.exact && !self.entries.is_empty() {
                // The table may be larger than was thought.
                self.limit = MAX_TABLE;
            }
            return Found::Unknown;
        };
        if entry.kind == Kind::Unknown {
            return Found::Unknown;
        }
        let from = (entry.at - self.base) as usize;
        let len = (entry.name + entry.value) as usize + 3;
        let line = self.lines.get(from..from + len).unwrap_or_default();
        Found::Field(entry.kind, line, entry.name as usize)
    }

    /// An entry is inserted. It is [`Kind::Unknown`] when its name is.
    pub(crate) fn insert(&mut self, kind: Kind, name: &[u8], value: &[u8]) {
        let size = name.len() + value.len() + OVERHEAD;
        if self.exact && size > self.limit {
            self.clear();
            self.missed = false;
            return;
        }
        if size > self.limit || kind == Kind::Unknown {
            // It may be there, and keeps its place.
            self.add(Kind::Unknown, 0, 0, OVERHEAD);
        } else {
            self.add(kind, name.len(), value.len(), size);
            self.lines.extend_from_slice(name);
            self.lines.extend_from_slice(b": ");
            self.lines.extend_from_slice(value);
            self.lines.push(b'\n');
        }
        self.evict();
    }

    fn add(&mut self, kind: Kind, name: usize, value: usize, size: usize) {
        let at = self.base + self.lines.len() as u64;
        self.entries.push_back(Entry { at, name: name as u32, value: value as u32, size: size as u32, kind });
        self.size += size;
    }

    /// The encoder says how large the table is from here on (section 6.3).
    pub(crate) fn resize(&mut self, size: usize) {
        self.limit = size.min(MAX_TABLE);
        self.exact = size <= MAX_TABLE;
        self.missed &= size > 0;
        self.evict();
    }

    fn evict(&mut self) {
        while self.size > self.limit
            && let Some(entry) = self.entries.pop_front()
        {
            self.size -= entry.size as usize;
            // What the encoder lets go of, it did after all that is older. What only we let go of may be asked for.
            self.missed = !self.exact;
        }
        self.start = self.entries.front().map_or(self.base + self.lines.len() as u64, |entry| entry.at);
        let unused = (self.start - self.base) as usize;
        if unused > SLACK && unused > self.lines.len() / 2 {
            self.lines.drain(..unused);
            self.base = self.start;
        }
    }

    fn clear(&mut self) {
        *self = Table { limit: self.limit, exact: self.exact, missed: self.missed, ..Table::new(true) };
    }

    /// Bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.lines.capacity() + self.entries.capacity() * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(table: &mut Table, index: usize) -> String {
        match table.get(index) {
            Found::Field(_, line, name) => String::from_utf8_lossy(&line[..name]).into_owned(),
            Found::Unknown => "?".into(),
            Found::Nothing => "-".into(),
        }
    }

    fn names(table: &mut Table, count: usize) -> String {
        (1..=count).map(|index| name(table, index)).collect()
    }

    #[test]
    fn indices_count_back_from_the_newest() {
        let (mut whole, mut late) = (Table::new(true), Table::new(false));
        for table in [&mut whole, &mut late] {
            table.insert(Kind::Other, b"a", b"1");
            table.insert(Kind::Other, b"b", b"2");
        }
        assert_eq!(names(&mut whole, 3), "ba-");
        assert_eq!(names(&mut late, 3), "ba?");
        assert_eq!(whole.get(1), Found::Field(Kind::Other, b"b: 2\n", 1));
    }

    #[test]
    fn what_does_not_fit_empties_a_table_of_known_size() {
        let mut table = Table::new(true);
        table.insert(Kind::Other, b"a", b"1");
        table.insert(Kind::Other, b"b", &[b'x'; 5000]);
        assert_eq!(names(&mut table, 1), "-");
        let mut late = Table::new(false);
        late.insert(Kind::Other, b"a", b"1");
        late.insert(Kind::Other, b"b", &[b'x'; 5000]);
        assert_eq!(names(&mut late, 3), "?a?");
        late.insert(Kind::Unknown, b"", b"x");
        assert_eq!(names(&mut late, 3), "??a");
    }

    #[test]
    fn a_size_update_says_what_is_left() {
        let mut table = Table::new(false);
        for name in [b"a", b"b", b"c"] {
            table.insert(Kind::Other, name, b"");
        }
        table.resize(66);
        assert_eq!(names(&mut table, 3), "cb-");
        table.resize(0);
        table.resize(4096);
        assert_eq!(names(&mut table, 1), "-");
        let mut late = Table::new(false);
        late.resize(0);
        assert_eq!(names(&mut late, 1), "-");
    }

    #[test]
    fn memory_has_a_limit_whatever_the_encoder_says() {
        let mut table = Table::new(true);
        table.resize(1 << 27);
        for n in 0..100_000_u32 {
            table.insert(Kind::Other, b"name", &[b'x'; 100][..(n % 100) as usize]);
        }
        assert!(table.held() < 5 * MAX_TABLE, "{}", table.held());
        assert_eq!(name(&mut table, 10_000), "?");
        assert_eq!(name(&mut table, 1), "name");
    }

    #[test]
    fn a_late_table_that_is_asked_for_more_keeps_more() {
        let mut table = Table::new(false);
        for _ in 0..200 {
            table.insert(Kind::Other, b"a", b"");
        }
        assert_eq!(name(&mut table, 200), "?");
        for _ in 0..200 {
            table.insert(Kind::Other, b"b", b"");
        }
        assert_eq!(name(&mut table, 300), "a");
    }
}
