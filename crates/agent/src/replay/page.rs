//! What is said beside the answer, on standard error.

use std::io::{self, Write};

/// Writes a line to standard error; that nobody reads it is no reason to stop.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
