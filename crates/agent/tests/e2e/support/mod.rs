//! What the tests share: a stage with the stand-in platform, the program as a process, small servers and clients, and
//! capture files made by hand.

mod agent;
mod capture;
mod cgroup;
mod cluster;
mod http;
mod nginx;
mod program;
mod stage;
mod terminal;

use std::time::{Duration, Instant};

pub(crate) use agent::{Agent, HEALTH};
pub(crate) use capture::{conversation, gzip, pcap, pcapng};
pub(crate) use cgroup::Cgroup;
pub(crate) use cluster::Cluster;
pub(crate) use http::{Server, exchange, get, request, try_get};
pub(crate) use nginx::Nginx;
pub(crate) use program::{monitor, monitor_with_input, program, text};
pub(crate) use stage::{KEY, Stage};
pub(crate) use terminal::Terminal;

/// How long anything may take that happens by itself. Generous: it is only waited for in full when a test fails.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait between two looks at a condition.
const POLL: Duration = Duration::from_millis(20);

/// Waits until `condition` holds.
///
/// # Panics
/// It does not; `otherwise` says how things stand instead.
#[track_caller]
pub(crate) fn eventually(what: &str, condition: impl FnMut() -> bool, otherwise: impl Fn() -> String) {
    assert!(within(PATIENCE, condition), "waited in vain: {what}\n{}", otherwise());
}

/// Waits until `condition` holds, but not longer than this. Returns whether it does.
#[expect(clippy::disallowed_methods, reason = "the one polling helper of these tests")]
pub(crate) fn within(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() >= patience {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

/// A number as a word that no rule takes for an id.
pub(crate) fn word(mut number: usize) -> String {
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(b"bdfgklmnprstvz"[number % 14]));
        number /= 14;
        word.push(char::from(b"aeiou"[number % 5]));
        number /= 5;
    }
    word
}

/// The first character that is not printable ASCII; line ends do not count, nor do the two marks that our own texts use.
pub(crate) fn unprintable(text: &str) -> Option<char> {
    let own = ['\n', '\u{2713}', '…'];
    text.chars().find(|c| !own.contains(c) && !(' '..='~').contains(c))
}
