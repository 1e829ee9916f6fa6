//! A plain table: columns as wide as they need, and no borders, so that `grep`, `awk` and `cut` can read it.

use std::fmt;

use comfy_table::{ContentArrangement, presets};

/// A table of text. Cells must be printable already (see `redact::printable`).
#[derive(Debug)]
pub(crate) struct Table {
    rows: comfy_table::Table,
}

/// The space between columns, in characters.
const GAP: u16 = 2;

impl Table {
    /// Creates a table with these column heads.
    pub(crate) fn new(heads: &[&str]) -> Table {
        let mut rows = comfy_table::Table::new();
        // Lines are never broken: what is one row is one line, whoever reads it.
        rows.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        rows.set_header(heads);
        for column in rows.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        Table { rows }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.add_row(cells);
    }

    /// Returns whether there are no rows but the heads.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.rows.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_columns_and_leaves_no_trailing_space() {
        let mut table = Table::new(&["A", "LONG"]);
        assert!(table.is_empty());
        table.row(["wider".into(), "x".into()]);
        table.row(["".into(), "".into()]);
        assert!(!table.is_empty());
        assert_eq!(table.to_string(), "A      LONG\nwider  x\n\n");
    }

    #[test]
    fn a_row_is_one_line_and_columns_align_by_what_a_terminal_shows() {
        let mut table = Table::new(&["  PATH", "N"]);
        table.row(["  /日本".into(), "1".into()]);
        table.row([format!("  /{}", "x".repeat(300)), "2".into()]);
        let text = table.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].find('N'), Some(305));
        assert!(lines[1].starts_with("  /日本 ") && lines[1].ends_with(" 1"));
    }
}
