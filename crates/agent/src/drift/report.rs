//! Differences for people, and for programs.

use std::io::{self, Write};

use redact::printable;

use super::compare::Drift;
use crate::report::Table;

/// Writes them as a table, or as one JSON array.
pub(super) fn write(found: &[Drift], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, found)?;
        return writeln!(out);
    }
    if found.is_empty() {
        return writeln!(out, "No drift found.");
    }
    let mut table = Table::new(&["DRIFT", "METHOD", "PATH", "WHAT"]);
    let shown = |text: &str| printable(text.as_bytes()).into_owned();
    for one in found {
        let kind = format!("{:?}", one.kind).to_lowercase();
        table.row([kind, one.method.clone(), shown(&one.path), shown(&one.what)]);
    }
    write!(out, "{table}")
}
