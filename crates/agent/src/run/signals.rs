//! The signals that end the agent.

use std::fs;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM (Kubernetes, systemd), SIGINT (Ctrl-C) and SIGHUP (the terminal went away), from when this was made.
pub(super) struct Signals {
    term: Signal,
    int: Signal,
    /// None when it is to be ignored.
    hup: Option<Signal>,
}

impl Signals {
    /// # Errors
    /// The signals cannot be watched.
    pub(super) fn watch() -> io::Result<Signals> {
        // nohup(1) has SIGHUP ignored; to watch it would undo that.
        let ignored = fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status));
        Ok(Signals {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: if ignored { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// Waits for one, and gives its name.
    pub(super) async fn wait(&mut self) -> &'static str {
        let hung_up = async {
            match &mut self.hup {
                Some(hup) => hup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
            _ = hung_up => "SIGHUP",
        }
    }
}

/// Returns whether SIGHUP, the lowest bit of the mask, is ignored (proc_pid_status(5)).
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_read_from_the_mask() {
        for (mask, ignored) in
            [("0000000000000001", true), ("0000000000001001", true), ("0000000000001000", false), ("", false)]
        {
            assert_eq!(
                ignores_hangup(&format!("Name:\tx\nSigIgn:\t{mask}\nSigCgt:\t01\n")),
                ignored,
                "{mask}"
            );
        }
        assert!(!ignores_hangup(""));
    }
}
