//! Differences for people, and for programs.

use std::io::{self, Write};

use redact::printable;
use serde::Serialize;

use super::compare::Drift;
use crate::report::Table;

/// What was found of one Service.
pub(super) struct Found {
    pub(super) service: String,
    pub(super) drifts: Vec<Drift>,
}

/// One difference as JSON.
#[derive(Serialize)]
struct Line<'a> {
    service: &'a str,
    #[serde(flatten)]
    drift: &'a Drift,
}

/// Writes them as a table, or as one JSON array.
pub(super) fn write(found: &[Found], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let all = || found.iter().flat_map(|one| one.drifts.iter().map(|drift| (one.service.as_str(), drift)));
    if json {
        let lines: Vec<Line<'_>> = all().map(|(service, drift)| Line { service, drift }).collect();
        serde_json::to_writer_pretty(&mut out, &lines)?;
        return writeln!(out);
    }
    if all().next().is_none() {
        return writeln!(out, "No drift found.");
    }
    let mut table = Table::new(&["SERVICE", "DRIFT", "METHOD", "PATH", "WHAT"]);
    let shown = |text: &str| printable(text.as_bytes()).into_owned();
    for (service, one) in all() {
        let kind = format!("{:?}", one.kind).to_lowercase();
        table.row([service.to_owned(), kind, one.method.clone(), shown(&one.path), shown(&one.what)]);
    }
    write!(out, "{table}")
}
