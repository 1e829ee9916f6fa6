//! Opening the page in the browser of whoever started this.

use std::env;
use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};

/// Opens an address, if someone sits here: on a terminal, with a desktop, and not as root, whose browser it would be. That it
/// fails is no reason to stop: the address was said.
pub(super) fn open(address: &str) {
    let has = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let desktop = has("DISPLAY") || has("WAYLAND_DISPLAY");
    if !desktop || !io::stdout().is_terminal() || rustix::process::geteuid().is_root() {
        return;
    }
    // The shell ends at once, and leaves the browser to the system. A thread that waits for it would hinder the demo, which
    // enters a namespace of its own.
    let mut shell = Command::new("sh");
    shell.args(["-c", "xdg-open \"$1\" &", "sh", address]);
    let _ = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
