//! What is said on the terminal.

use std::io::{self, Write};

/// Writes to standard output; that nobody listens is no reason to stop.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
