//! What was not seen, or not read, or not named: with the reason, and what can be done about it.

use inventory::Inventory;
use serde::{Deserialize, Serialize};

use super::accounts::{Account, Accounts};
use crate::learn::coverage::{Coverage, Tally};

/// The most servers without a name that are listed one by one.
const SERVERS: usize = 1_024;

/// What was not seen.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Unseen {
    /// Connections that cannot be read, or not in full, by Service.
    pub(crate) unreadable: Vec<UnreadableLine>,
    /// Servers that belong to no known Service, those first that are asked most.
    pub(crate) nameless: Vec<NamelessLine>,
    /// The requests of all of those, and of such as are not listed.
    pub(crate) nameless_requests: u64,
    /// Services that nothing tells apart.
    pub(crate) ambiguous: Vec<AmbiguousLine>,
    /// The pods of this node that no Service selects.
    pub(crate) unselected_pods: Vec<String>,
    /// What became of everything that was seen.
    pub(crate) accounts: Vec<AccountLine>,
    /// What is counted beside them: things that were missing, or odd.
    pub(crate) notes: Vec<(String, u64)>,
    /// What frames carried that are not read.
    pub(crate) not_read: Vec<(String, u64)>,
    /// What else has to be said.
    pub(crate) remarks: Vec<String>,
}

/// Connections of one Service that cannot be read.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct UnreadableLine {
    service: String,
    reasons: Vec<ReasonLine>,
    /// What clients of its TLS connections asked for.
    server_names: Vec<String>,
    /// The protocols that they offered.
    protocols: Vec<String>,
    /// What is not known of connections whose beginning was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    older: Option<String>,
}

/// A reason, with how many connections it holds for and what to do.
#[derive(Debug, Deserialize, Serialize)]
struct ReasonLine {
    label: String,
    connections: u64,
    remedy: String,
}

/// A server that belongs to no known Service.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NamelessLine {
    pub(crate) server: String,
    pub(crate) requests: u64,
    /// What it is, as far as that is known.
    pub(crate) says: String,
}

/// Services that nothing tells apart.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AmbiguousLine {
    pub(crate) services: Vec<String>,
    pub(crate) requests: u64,
    pub(crate) says: String,
}

/// What was seen, and every way it went.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AccountLine {
    name: String,
    seen: u64,
    ways: Vec<(String, u64)>,
    balanced: bool,
}

impl Unseen {
    /// What accounts and coverage say. Who knows more of servers and pods adds it.
    pub(crate) fn new(accounts: &Accounts, coverage: &Coverage) -> Unseen {
        let mut owners: Vec<_> = coverage.owners().collect();
        owners.sort_by_key(|(owner, _)| (*owner).clone());
        let unreadable =
            owners.into_iter().filter_map(|(owner, tally)| UnreadableLine::new(owner.to_string(), tally));
        let counted = |(what, count): &(&str, u64)| (*count > 0).then(|| ((*what).to_owned(), *count));
        Unseen {
            unreadable: unreadable.collect(),
            nameless_requests: coverage.nameless_total(),
            accounts: accounts.accounts.iter().map(AccountLine::new).collect(),
            notes: accounts.notes.iter().filter_map(counted).collect(),
            not_read: accounts.unread.clone(),
            ..Unseen::default()
        }
    }

    /// Takes in servers without a name.
    pub(crate) fn with_nameless(mut self, mut lines: Vec<NamelessLine>) -> Unseen {
        lines.sort_by(|a, b| (b.requests, &a.server).cmp(&(a.requests, &b.server)));
        lines.truncate(SERVERS);
        self.nameless = lines;
        self
    }

    /// Takes in what another agent did not see.
    pub(crate) fn join(&mut self, other: Unseen) {
        for line in other.unreadable {
            match self.unreadable.iter_mut().find(|known| known.service == line.service) {
                Some(known) => known.join(line),
                None => self.unreadable.push(line),
            }
        }
        let mut nameless = std::mem::take(&mut self.nameless);
        for line in other.nameless {
            match nameless.iter_mut().find(|known| known.server == line.server) {
                Some(known) => known.requests = known.requests.saturating_add(line.requests),
                None => nameless.push(line),
            }
        }
        nameless.sort_by(|a, b| (b.requests, &a.server).cmp(&(a.requests, &b.server)));
        nameless.truncate(SERVERS);
        self.nameless = nameless;
        self.nameless_requests = self.nameless_requests.saturating_add(other.nameless_requests);
        for line in other.ambiguous {
            match self.ambiguous.iter_mut().find(|known| known.services == line.services) {
                Some(known) => known.requests = known.requests.saturating_add(line.requests),
                None => self.ambiguous.push(line),
            }
        }
        for line in other.accounts {
            match self.accounts.iter_mut().find(|known| known.name == line.name) {
                Some(known) => known.join(line),
                None => self.accounts.push(line),
            }
        }
        self.unselected_pods.extend(other.unselected_pods);
        self.unselected_pods.sort_unstable();
        self.unselected_pods.dedup();
        add_up(&mut self.notes, other.notes);
        add_up(&mut self.not_read, other.not_read);
        let new =
            other.remarks.into_iter().filter(|remark| !self.remarks.contains(remark)).collect::<Vec<_>>();
        self.remarks.extend(new);
    }

    /// Leaves a server out that nobody misses, the page itself.
    pub(crate) fn leave_out(&mut self, server: &str) {
        let total = &mut self.nameless_requests;
        self.nameless.retain(|line| {
            let stays = line.server != server;
            *total = total.saturating_sub(if stays { 0 } else { line.requests });
            stays
        });
    }
}

impl UnreadableLine {
    fn join(&mut self, other: UnreadableLine) {
        for reason in other.reasons {
            match self.reasons.iter_mut().find(|known| known.label == reason.label) {
                Some(known) => known.connections = known.connections.saturating_add(reason.connections),
                None => self.reasons.push(reason),
            }
        }
        for (known, new) in
            [(&mut self.server_names, other.server_names), (&mut self.protocols, other.protocols)]
        {
            known.extend(new);
            known.sort_unstable();
            known.dedup();
        }
        self.older = self.older.take().or(other.older);
    }
}

impl AccountLine {
    fn join(&mut self, other: AccountLine) {
        self.seen = self.seen.saturating_add(other.seen);
        add_up(&mut self.ways, other.ways);
        self.balanced &= other.balanced;
    }
}

/// Adds counts to those with the same name.
fn add_up(counts: &mut Vec<(String, u64)>, others: Vec<(String, u64)>) {
    for (name, count) in others {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = known.saturating_add(count),
            None => counts.push((name, count)),
        }
    }
}

/// Returns what was left out for lack of memory, and what gives more of it; nothing where all found room. What a full Service had
/// no room for is said with the Service.
pub(crate) fn left_out(inventory: &Inventory, remedy: &str) -> Option<String> {
    let totals = inventory.totals();
    let forgotten = totals.evicted.ways().iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    let requests = totals.unrecorded.memory_full.saturating_add(totals.unrecorded.owners_full);
    (forgotten > 0 || requests > 0).then(|| {
        format!(
            "Not all endpoints found room in memory: forgotten {forgotten}, requests of others that were left out {requests}; \
             {remedy}."
        )
    })
}

impl UnreadableLine {
    fn new(service: String, tally: &Tally) -> Option<UnreadableLine> {
        let reason = |(label, connections): (&str, u64)| ReasonLine {
            label: label.to_owned(),
            connections,
            remedy: remedy(label).to_owned(),
        };
        let reasons: Vec<_> = tally.reasons().map(reason).collect();
        let older = tally.older();
        (!reasons.is_empty() || older.is_some()).then(|| UnreadableLine {
            service,
            reasons,
            server_names: tally.server_names().map(str::to_owned).collect(),
            protocols: tally.protocols().map(str::to_owned).collect(),
            older,
        })
    }
}

impl AccountLine {
    fn new(account: &Account) -> AccountLine {
        let ways = account.ways.iter().filter(|(_, count)| *count > 0);
        AccountLine {
            name: account.name.to_owned(),
            seen: account.seen,
            ways: ways.map(|(label, count)| ((*label).to_owned(), *count)).collect(),
            balanced: account.balanced(),
        }
    }
}

/// Returns what can be done where connections cannot be read for this reason.
fn remedy(label: &str) -> &'static str {
    match label {
        "tls" => {
            "These TLS connections were not opened. On a node, `run --tls` reads those of libraries that are known, and \
             monitor.keyLogs those of programs that write key logs; of a capture file, `--keylog` opens them (docs/https.md). \
             Behind a proxy that ends TLS, a side-car or a gateway, the same requests are in plain text."
        }
        "http2" => {
            "The request that began HTTP/2 here was not seen to its end. It is read when the client connects anew."
        }
        "websocket" => {
            "The request that opened the WebSocket is listed; the messages in it are no requests, and are not read."
        }
        "tunnel" => "What goes through a proxy by CONNECT is not read. It is seen where it comes out.",
        "upgraded" => "The connection went on in another protocol, as its client asked.",
        "unknown" => {
            "No protocol that is known here begins like this. If it is HTTP, the connection may be older than the monitor: it is \
             read when the client connects anew."
        }
        _ => "This is another protocol than HTTP: there are no endpoints in it.",
    }
}
