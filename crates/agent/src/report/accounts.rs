//! The accounts: what was seen, and every way it went.

use std::fmt;

use serde::Serialize;

use crate::coverage::Coverage;
use crate::pipeline::Counters;

/// One identity: `seen` is the sum of the ways.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Account {
    /// What is counted.
    pub(crate) name: &'static str,
    /// How many there were.
    pub(crate) seen: u64,
    /// Where they went, by metric label. What is still on its way is one of them.
    pub(crate) ways: Vec<(&'static str, u64)>,
}

impl Account {
    fn new(name: &'static str, seen: u64, ways: impl IntoIterator<Item = (&'static str, u64)>) -> Account {
        Account { name, seen, ways: ways.into_iter().collect() }
    }

    /// Whether everything is accounted for.
    pub(crate) fn balanced(&self) -> bool {
        self.seen == self.ways.iter().map(|(_, count)| count).sum::<u64>()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12} {:>12} seen", self.name, self.seen)?;
        let mut sign = " =";
        for (label, count) in self.ways.iter().filter(|(_, count)| *count > 0) {
            write!(f, "{sign} {count} {label}")?;
            sign = " +";
        }
        if !self.balanced() {
            write!(f, " (ERROR: does not add up)")?;
        }
        Ok(())
    }
}

/// All accounts of a worker, from the frame to the endpoint.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Accounts {
    /// The identities.
    pub(crate) accounts: Vec<Account>,
    /// What is counted beside them: things that were missing, or odd.
    pub(crate) notes: Vec<(&'static str, u64)>,
}

impl Accounts {
    /// Draws up the accounts; `exchanges` are those that came out of the pipeline, and the ways they went.
    pub(crate) fn new(
        counters: &Counters,
        exchanges: (u64, &[(&'static str, u64)]),
        coverage: &Coverage,
    ) -> Accounts {
        let Counters { frames, flow, http } = counters;
        let bytes = &flow.bytes;
        let accounts = vec![
            Account::new("frames", frames.seen, frames.ways()),
            Account::new("segments", flow.segments.seen, flow.segments.ways()),
            Account::new("bytes", bytes.seen, bytes.ways()),
            Account::new("http_bytes", http.bytes, http.iter().filter(|(label, _)| is_byte_way(label))),
            Account::new("requests", http.requests, http.iter().filter(|(label, _)| is_request_way(label))),
            Account::new("exchanges", exchanges.0, exchanges.1.iter().copied()),
        ];
        let connections = flow.connections.ways().into_iter().chain(flow.missing.pairs());
        let odd = http.iter().filter(|(label, _)| HTTP_NOTES.contains(label));
        let notes = connections.chain(odd).chain(coverage.unreadable_total()).collect();
        Accounts { accounts, notes }
    }

    /// Adds what the kernel's side of capture at sockets counted, which comes before all else.
    pub(crate) fn with_sockets(mut self, counts: Option<&capture::SocketCounts>) -> Accounts {
        if let Some(counts) = counts {
            self.accounts.insert(0, Account::new("sockets", counts.seen, counts.ways()));
            self.notes.push(("lost_bytes", counts.lost_bytes));
            self.notes.push(("refused_connections", counts.refused_connections));
        }
        self
    }

    /// Whether all identities hold.
    pub(crate) fn balanced(&self) -> bool {
        self.accounts.iter().all(Account::balanced)
    }
}

/// What `http` counts beside its identities.
const HTTP_NOTES: [&str; 7] =
    ["incomplete", "interim", "orphans", "bad_fields", "promises", "unknown_names", "older"];

/// The ways of a payload byte in `http`.
fn is_byte_way(label: &str) -> bool {
    ["head_bytes", "body_bytes", "framing_bytes", "waiting_bytes"].contains(&label)
        || label.starts_with("skipped_")
}

/// The ways of a request in `http`.
fn is_request_way(label: &str) -> bool {
    let prefixes = ["unanswered_", "given_up_"];
    ["answered", "waiting_requests"].contains(&label)
        || prefixes.iter().any(|prefix| label.starts_with(prefix))
}

impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for account in &self.accounts {
            writeln!(f, "{account}")?;
        }
        let notes: Vec<String> = self
            .notes
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(label, count)| format!("{label} {count}"))
            .collect();
        writeln!(f, "also: {}", if notes.is_empty() { "nothing".into() } else { notes.join(", ") })
    }
}
