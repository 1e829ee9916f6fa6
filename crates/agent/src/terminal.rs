//! What is said on the terminal.

use std::io::{self, Write};

/// Writes to standard output; that nobody listens is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
