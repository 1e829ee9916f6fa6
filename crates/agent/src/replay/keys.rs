//! The secrets with which TLS connections of a capture are opened: out of key logs, and out of the captures themselves.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tls::{KeyLog, Store};
use zeroize::Zeroizing;

use super::page::say;
use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::pipeline::naming::Findings;

/// How much of a key log is read at once.
const PIECE: usize = 64 << 10;

/// What was said of secrets so far.
#[derive(Default)]
pub(super) struct Keys {
    /// Secrets that found no room, as far as it was said.
    left_out: u64,
}

impl Keys {
    /// Reads key logs. With one of them, TLS connections are opened.
    pub(super) fn read<F: Findings>(files: &[PathBuf], pipeline: &mut Pipeline<F>) -> Result<Keys, Failure> {
        let mut keys = Keys::default();
        for path in files {
            let failed = |error| Failure::new(format!("{}: cannot be read ({error})", path.display()));
            let file = File::open(path).map_err(failed)?;
            let secrets = keys.fill(path, file, pipeline.secrets()).map_err(failed)?;
            if secrets == 0 {
                say(&format!("traffic-monitor: {}: no secret is in it; is it a key log?", path.display()));
            }
        }
        Ok(keys)
    }

    /// Takes a key log that is inside of a capture.
    pub(super) fn inside(&mut self, path: &Path, key_log: &[u8], store: &mut Store) {
        // Bytes in memory are always read.
        let _ = self.fill(path, key_log, store);
    }

    /// Says that key logs inside of a capture were left out.
    pub(super) fn left_out(&self, path: &Path, long: u64) {
        if long > 0 {
            let path = path.display();
            say(&format!(
                "traffic-monitor: {path}: {long} key logs inside are too long and were left out; give them by --keylog"
            ));
        }
    }

    /// Reads a key log into a store, and says what is wrong with it. Returns how many secrets it has.
    fn fill(&mut self, path: &Path, mut file: impl Read, store: &mut Store) -> std::io::Result<u64> {
        // Secrets belong into no core dump. Where the system refuses that, it is as it was.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let (mut log, mut piece) = (KeyLog::default(), Zeroizing::new(vec![0; PIECE]));
        loop {
            match file.read(&mut piece)? {
                0 => break,
                len => log.read(piece.get(..len).unwrap_or_default(), store),
            }
        }
        log.end(store);
        let path = path.display();
        for (line, why) in log.first_bad() {
            say(&format!("traffic-monitor: {path}: line {line} {}", why.text()));
        }
        let more = log.bad() - log.first_bad().len() as u64;
        if more > 0 {
            say(&format!("traffic-monitor: {path}: {more} more lines are none of a key log"));
        }
        let left_out = store.left_out() - self.left_out;
        if left_out > 0 {
            let most = tls::MAX_SECRETS;
            say(&format!(
                "traffic-monitor: {path}: {left_out} secrets were left out; there is room for {most}"
            ));
        }
        self.left_out = store.left_out();
        Ok(log.secrets())
    }
}

/// Says what became of the TLS connections, if there were any.
pub(super) fn say_opened(counters: &http::Counters) {
    if counters.tls.seen > 0 {
        say(&opened(counters));
    }
}

fn opened(counters: &http::Counters) -> String {
    use http::TlsOutcome;
    let of = |outcome| counters.tls.outcomes[outcome];
    let (seen, opened) = (counters.tls.seen, of(TlsOutcome::Opened));
    let others = [
        (of(TlsOutcome::NoKey), "without a secret"),
        (of(TlsOutcome::Older), "whose handshake is not there"),
        (of(TlsOutcome::Suite), "of a version or cipher suite that is not read"),
        (of(TlsOutcome::Refused), "whose secret does not fit, or whose records are damaged"),
        (of(TlsOutcome::Gap), "with missing bytes"),
        (of(TlsOutcome::Renegotiated), "that made new keys in between (renegotiation)"),
        (of(TlsOutcome::Ended), "that ended in the handshake"),
        (of(TlsOutcome::NotHttp), "without HTTP inside"),
    ];
    let others: Vec<String> =
        others.iter().filter(|one| one.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut text = format!("TLS: {opened} of {seen} connections were opened");
    if counters.tls_in_part > 0 {
        text.push_str(&format!(", {} of them not to the end", counters.tls_in_part));
    }
    if !others.is_empty() {
        text.push_str(&format!("; {}", others.join(", ")));
    }
    if opened == 0 && of(TlsOutcome::NoKey) > 0 {
        text.push_str(". A key log (--keylog) opens them");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_every_connection_that_was_not_opened() {
        let mut counters = http::Counters::default();
        counters.tls.seen = 3;
        counters.tls.outcomes[http::TlsOutcome::NoKey] = 2;
        counters.tls.outcomes[http::TlsOutcome::Older] = 1;
        assert_eq!(
            opened(&counters),
            "TLS: 0 of 3 connections were opened; 2 without a secret, 1 whose handshake is not there. A key log (--keylog) \
             opens them"
        );
        counters.tls.outcomes[http::TlsOutcome::Opened] = 1;
        counters.tls.outcomes[http::TlsOutcome::NoKey] = 1;
        counters.tls_in_part = 1;
        assert_eq!(
            opened(&counters),
            "TLS: 1 of 3 connections were opened, 1 of them not to the end; 1 without a secret, 1 whose handshake is not there"
        );
        // What is not opened on a node only.
        let others = [http::TlsOutcome::Opened, http::TlsOutcome::NoLibrary, http::TlsOutcome::AtClient];
        for outcome in http::TlsOutcome::ALL.into_iter().filter(|one| !others.contains(one)) {
            let mut counters = http::Counters::default();
            counters.tls.outcomes[outcome] = 7;
            assert!(opened(&counters).contains("; 7 "), "{outcome:?}");
        }
    }
}
