//! What could not be read, or named: by Service, with the reason and a count.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{TlsOutcome, Unreadable};
use identify::ServiceName;
use redact::{Owner, printable};

/// The most owners with a tally of their own; a node has at most a few hundred pods.
const MAX_OWNERS: usize = 4_096;
/// The most nameless servers with a count of their own.
const MAX_NAMELESS: usize = 1_024;
/// The most sets of Services that nothing tells apart with a count of their own.
const MAX_AMBIGUOUS: usize = 64;
/// The most server names and protocols that a tally keeps; they are chosen by clients.
const MAX_NAMES: usize = 16;
/// The label of TLS connections, in metrics and lines.
const TLS_LABEL: &str = Unreadable::Tls { server_name: &[], alpn: &[] }.label();

/// Connections of one owner that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    tls: Hellos,
    /// The numbers of TLS connections, those that were opened among them, by the label of the outcome.
    outcomes: BTreeMap<&'static str, u64>,
    /// The number that are not TLS, by the label of the reason.
    others: BTreeMap<&'static str, u64>,
    /// Connections of HTTP/2 that are older than the agent.
    pub(crate) older: u64,
    /// Requests on them whose method or path is not known.
    pub(crate) unknown_names: u64,
}

/// The TLS connections of one owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hellos {
    connections: u64,
    /// The server names that clients asked for, escaped.
    server_names: BTreeSet<String>,
    /// The protocols that clients offered (ALPN), escaped.
    protocols: BTreeSet<String>,
}

impl Hellos {
    fn count(&mut self, server_name: &[u8], alpn: &[u8]) {
        self.connections += 1;
        remember(&mut self.server_names, server_name);
        for name in names(alpn) {
            remember(&mut self.protocols, name);
        }
    }
}

impl Tally {
    /// Returns whether something of it is not read, or not yet.
    pub(crate) fn lacks_something(&self) -> bool {
        self.has_unreadable() || self.older().is_some()
    }

    /// Returns whether there are connections that cannot be read.
    pub(crate) fn has_unreadable(&self) -> bool {
        self.reasons().next().is_some()
    }

    /// Returns the numbers of connections that cannot be read, with the labels of their reasons.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let tls = (self.tls.connections > 0).then_some((TLS_LABEL, self.tls.connections));
        tls.into_iter().chain(self.others.iter().map(|(label, count)| (*label, *count)))
    }

    /// Returns what became of its TLS connections, by label.
    pub(crate) fn tls(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.outcomes.iter().map(|(label, count)| (*label, *count))
    }

    /// The server names that clients of its TLS connections asked for, escaped.
    pub(crate) fn server_names(&self) -> impl Iterator<Item = &str> {
        self.tls.server_names.iter().map(String::as_str)
    }

    /// The protocols that clients of its TLS connections offered (ALPN), escaped.
    pub(crate) fn protocols(&self) -> impl Iterator<Item = &str> {
        self.tls.protocols.iter().map(String::as_str)
    }

    /// Returns what is not known of connections whose beginning is not known, if there are any.
    pub(crate) fn older(&self) -> Option<String> {
        let Tally { older, unknown_names, .. } = self;
        (*older > 0 || *unknown_names > 0).then(|| {
            format!(
                "{older} HTTP/2 connections older than the monitor, or forgotten when memory was short, {unknown_names} \
                 requests with an unknown path (resolved when they reconnect)"
            )
        })
    }
}

/// What could not be read or named. Others read a copy of it while it goes on: that shares the tallies that stay as they
/// are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    owners: HashMap<Owner, Arc<Tally>>,
    /// Requests to servers that belong to no known Service.
    nameless: HashMap<SocketAddr, u64>,
    /// Requests to nameless servers beyond the limit.
    nameless_rest: u64,
    /// Unreadable connections of owners beyond the limit.
    owners_rest: u64,
    /// Requests to Services that nothing tells apart.
    ambiguous: HashMap<Vec<Arc<ServiceName>>, u64>,
}

impl Coverage {
    /// Counts a connection that cannot be read.
    pub(crate) fn unreadable(&mut self, owner: Owner, why: Unreadable<'_>) {
        let Some(tally) = self.tally(owner) else {
            self.owners_rest += 1;
            return;
        };
        match why {
            Unreadable::Tls { server_name, alpn } => tally.tls.count(server_name, alpn),
            other => *tally.others.entry(other.label()).or_default() += 1,
        }
    }

    /// Counts a TLS connection of which it is known what became of it.
    pub(crate) fn tls(&mut self, owner: Owner, outcome: TlsOutcome) {
        if let Some(tally) = self.tally(owner) {
            *tally.outcomes.entry(outcome.label()).or_default() += 1;
        }
    }

    /// Counts a connection of HTTP/2 that is older than the agent.
    pub(crate) fn older(&mut self, owner: Owner) {
        if let Some(tally) = self.tally(owner) {
            tally.older += 1;
        }
    }

    /// Counts a request whose method or path is not known.
    pub(crate) fn unknown_name(&mut self, owner: Owner) {
        if let Some(tally) = self.tally(owner) {
            tally.unknown_names += 1;
        }
    }

    /// Counts a request to one of several Services that nothing tells apart.
    pub(crate) fn ambiguous_request(&mut self, services: &[Arc<ServiceName>]) {
        if let Some(count) = self.ambiguous.get_mut(services) {
            *count += 1;
        } else if self.ambiguous.len() < MAX_AMBIGUOUS {
            self.ambiguous.insert(services.to_vec(), 1);
        }
    }

    /// The Services that nothing tells apart, with their requests.
    pub(crate) fn ambiguous(&self) -> impl Iterator<Item = (&[Arc<ServiceName>], u64)> {
        self.ambiguous.iter().map(|(services, count)| (services.as_slice(), *count))
    }

    /// The tally of an owner, unless there are too many.
    fn tally(&mut self, owner: Owner) -> Option<&mut Tally> {
        let room = self.owners.len() < MAX_OWNERS || self.owners.contains_key(&owner);
        room.then(|| Arc::make_mut(self.owners.entry(owner).or_default()))
    }

    /// Counts a request to a server that belongs to no known Service.
    pub(crate) fn nameless(&mut self, server: SocketAddr) {
        if let Some(count) = self.nameless.get_mut(&server) {
            *count += 1;
        } else if self.nameless.len() < MAX_NAMELESS {
            self.nameless.insert(server, 1);
        } else {
            self.nameless_rest += 1;
        }
    }

    /// A line for each owner with connections that cannot be read, or not in full, in the order of their names.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut owners: Vec<_> = self.owners().collect();
        owners.sort_by_key(|(owner, _)| (*owner).clone());
        let unreadable = |(owner, tally): &(&Owner, &Tally)| {
            tally.has_unreadable().then(|| format!("cannot be read at {owner}: {tally}"))
        };
        let older = |(owner, tally): &(&Owner, &Tally)| Some(format!("at {owner}: {}", tally.older()?));
        owners.iter().flat_map(|one| [unreadable(one), older(one)]).flatten().collect()
    }

    /// The tallies by owner.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (&Owner, &Tally)> {
        self.owners.iter().map(|(owner, tally)| (owner, &**tally))
    }

    /// The tally of one owner.
    pub(crate) fn owner(&self, owner: &Owner) -> Option<&Tally> {
        self.owners.get(owner).map(|tally| &**tally)
    }

    /// The nameless servers with how many requests they had.
    pub(crate) fn nameless_servers(&self) -> impl Iterator<Item = (SocketAddr, u64)> {
        self.nameless.iter().map(|(server, count)| (*server, *count))
    }

    /// All requests to nameless servers.
    pub(crate) fn nameless_total(&self) -> u64 {
        self.nameless.values().sum::<u64>() + self.nameless_rest
    }

    /// All connections that cannot be read, by reason; those of owners without a tally under `other`.
    pub(crate) fn unreadable_total(&self) -> BTreeMap<&'static str, u64> {
        let mut total = BTreeMap::new();
        for (label, count) in self.owners.values().flat_map(|tally| tally.reasons()) {
            *total.entry(label).or_default() += count;
        }
        if self.owners_rest > 0 {
            total.insert("other", self.owners_rest);
        }
        total
    }
}

/// `tls 3 (server names: pay.shop; protocols: h2, http/1.1), ssh 1`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        if self.tls.connections > 0 {
            write!(f, "{}", self.tls)?;
            comma = ", ";
        }
        for (label, count) in &self.others {
            write!(f, "{comma}{label} {count}")?;
            comma = ", ";
        }
        Ok(())
    }
}

impl fmt::Display for Hellos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TLS_LABEL} {}", self.connections)?;
        if self.server_names.is_empty() {
            return Ok(());
        }
        let join = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        write!(f, " (server names: {}; protocols: {})", join(&self.server_names), join(&self.protocols))
    }
}

fn remember(set: &mut BTreeSet<String>, name: &[u8]) {
    if !name.is_empty() && set.len() < MAX_NAMES {
        set.insert(printable(name).into_owned());
    }
}

/// The names of an ALPN list: each after a byte with its length (RFC 7301, section 3.1).
fn names(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&len, rest) = list.split_first()?;
        let (name, rest) = rest.split_at_checked(usize::from(len))?;
        list = rest;
        Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, 1], port))
    }

    #[test]
    fn keeps_what_a_client_hello_says() {
        let mut coverage = Coverage::default();
        let owner = Owner::Address(address(443));
        let hello = Unreadable::Tls { server_name: b"pay.shop\x1b[2J", alpn: b"\x02h2\x08http/1.1\x09cut" };
        coverage.unreadable(owner.clone(), hello);
        coverage.unreadable(owner.clone(), Unreadable::Other("ssh"));
        let text = coverage.owner(&owner).unwrap().to_string();
        assert_eq!(text, "tls 1 (server names: pay.shop%1B[2J; protocols: h2, http/1.1), ssh 1");
        assert_eq!(coverage.unreadable_total(), BTreeMap::from([("ssh", 1), ("tls", 1)]));
        for outcome in [TlsOutcome::Opened, TlsOutcome::NoKey, TlsOutcome::Opened] {
            coverage.tls(owner.clone(), outcome);
        }
        assert!(coverage.owner(&owner).unwrap().tls().eq([("no_key", 1), ("opened", 2)]));
    }

    /// The thread that captures gives it away some times a second.
    #[test]
    fn a_copy_shares_what_has_not_changed_and_stays_as_it_was() {
        let mut coverage = Coverage::default();
        let [quiet, busy] = [1, 2].map(|port| Owner::Address(address(port)));
        for owner in [&quiet, &busy] {
            coverage.unreadable(owner.clone(), Unreadable::Unknown);
        }
        let copy = coverage.clone();
        coverage.unreadable(busy.clone(), Unreadable::Unknown);
        assert!(std::ptr::eq(copy.owner(&quiet).unwrap(), coverage.owner(&quiet).unwrap()));
        assert_ne!(copy.owner(&busy), coverage.owner(&busy));
        assert_eq!(copy.unreadable_total().values().sum::<u64>(), 2);
    }

    #[test]
    fn counts_beyond_its_limits_without_growing() {
        let mut coverage = Coverage::default();
        for port in 0..5_000 {
            coverage.nameless(address(port));
            coverage.unreadable(Owner::Address(address(port)), Unreadable::Unknown);
        }
        assert_eq!(coverage.nameless_total(), 5_000);
        assert_eq!(coverage.nameless_servers().count(), MAX_NAMELESS);
        assert_eq!(coverage.unreadable_total().values().sum::<u64>(), 5_000);
    }
}
