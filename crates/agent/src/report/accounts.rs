//! The accounts: what was seen, and every way it went.

use std::fmt;

use serde::Serialize;

use crate::learn::coverage::Coverage;
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
    /// An account of what was seen, and every way it went.
    pub(crate) fn new(
        name: &'static str,
        seen: u64,
        ways: impl IntoIterator<Item = (&'static str, u64)>,
    ) -> Account {
        Account { name, seen, ways: ways.into_iter().collect() }
    }

    /// Returns whether everything is accounted for.
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
    /// What frames carried that are not read (`not_ip`, `not_tcp`), and how many carried it.
    pub(crate) unread: Vec<(String, u64)>,
}

impl Accounts {
    /// Draws up the accounts; that of the exchanges which came out of the pipeline is the last one.
    pub(crate) fn new(counters: &Counters, exchanges: Account, coverage: &Coverage) -> Accounts {
        let Counters { frames, flow, http } = counters;
        let bytes = &flow.bytes;
        let accounts = vec![
            Account::new("frames", frames.seen, frames.ways()),
            Account::new("segments", flow.segments.seen, flow.segments.ways()),
            Account::new("bytes", bytes.seen, bytes.ways()),
            Account::new("http_bytes", http.bytes, http.byte_ways()),
            Account::new("tls", http.tls.seen, http.tls.ways()),
            Account::new("requests", http.requests, http.request_ways()),
            exchanges,
        ];
        let connections = flow.connections.ways().into_iter().chain(flow.missing.pairs());
        let notes = connections.chain(http.notes()).chain(coverage.unreadable_total()).collect();
        Accounts { accounts, notes, unread: unread(&frames.unread) }
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

    /// Returns what frames carried that are not read, and how many carried it, as text; none if all were read.
    pub(crate) fn not_read(&self) -> Option<String> {
        let unread: Vec<String> = self.unread.iter().map(|(what, count)| format!("{count} {what}")).collect();
        (!unread.is_empty()).then(|| unread.join(", "))
    }

    /// Returns whether all identities hold.
    pub(crate) fn balanced(&self) -> bool {
        self.accounts.iter().all(Account::balanced)
    }
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
        writeln!(f, "also: {}", if notes.is_empty() { "nothing".into() } else { notes.join(", ") })?;
        self.not_read().map_or(Ok(()), |unread| writeln!(f, "not read: {unread}"))
    }
}

/// Returns what was not read, the most frequent first.
fn unread(unread: &decode::Unread) -> Vec<(String, u64)> {
    let mut names: Vec<_> = unread.names().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others = Some(("others".to_owned(), unread.others())).filter(|(_, count)| *count > 0);
    names.into_iter().map(|(what, count)| (what.to_string(), count)).chain(others).collect()
}
