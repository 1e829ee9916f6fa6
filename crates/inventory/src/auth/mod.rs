//! How an endpoint is protected, as far as traffic shows it: which credentials requests carried, and how they were answered.

mod findings;
mod tokens;

use decode::Timestamp;
use redact::RedactedExchange;
use redact::auth::{Carrier, Credentials, Place};
use serde::{Deserialize, Serialize};

pub use tokens::Tokens;

use crate::Counts;
use crate::texts::Pairs;

/// So many kinds of credentials of one endpoint are told apart. Clients can make up more; those are only counted.
const MAX_KINDS: usize = 16;

/// So many names under which credentials of one kind stand.
const MAX_NAMES: usize = 8;

/// How an endpoint is protected, as far as traffic shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Auth {
    /// The kinds of credentials that requests carried, none included, in the order of first appearance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<Seen>,
    /// What was read of JWTs that were accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Box<Tokens>>,
    /// Requests of kinds that found no room, and such as were not looked at.
    #[serde(skip_serializing_if = "is_zero")]
    other: u64,
    /// Whether a request came over TLS: to the service, or, as a proxy said, to the proxy.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    behind_tls: bool,
}

/// The requests with one kind of credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// What they carried.
    pub credentials: Credentials,
    /// How often, and how they were answered.
    pub counts: Counts,
    /// How many of them were answered by a page for people, which may be that of a login.
    #[serde(skip_serializing_if = "is_zero")]
    pub pages: u64,
    /// Where the credentials stood and under which names, as `header` and `x-api-key`; at most 8.
    #[serde(skip_serializing_if = "Pairs::is_empty")]
    pub names: Pairs,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What the answers say about whether an endpoint asks for credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Requests without credentials succeed, and none carries some.
    Open,
    /// Requests without credentials are refused.
    Protected,
    /// Some requests carry credentials, and those without succeed as well.
    Optional,
    /// Requests carry credentials. None without was seen that says more.
    Used,
    /// Nothing is known.
    Unknown,
}

impl Protection {
    /// Returns the word for tables and JSON.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Protection::Open => "open",
            Protection::Protected => "protected",
            Protection::Optional => "optional",
            Protection::Used => "used",
            Protection::Unknown => "unknown",
        }
    }
}

impl Seen {
    /// Returns how many of them succeeded for certain: with a status 2xx or 304, and not with a page for people.
    #[must_use]
    pub fn succeeded(&self) -> u64 {
        let worked = |status: u16| (200..300).contains(&status) || status == 304;
        self.sum(worked).saturating_sub(self.pages)
    }

    /// Returns how many of them were refused as such: with a status 401 or 403.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.sum(|status| status == 401 || status == 403)
    }

    fn sum(&self, of: impl Fn(u16) -> bool) -> u64 {
        let such = self.counts.statuses.iter().filter(|(status, _)| of(*status));
        such.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Returns the names in one place.
    pub fn names_in(&self, place: Place) -> impl Iterator<Item = &str> {
        self.names.iter().filter(move |(one, _)| *one == place.name()).map(|(_, name)| name)
    }

    fn add_names<'a>(&mut self, names: impl Iterator<Item = (&'a str, &'a str)>) {
        for (place, name) in names {
            let known = self.names.iter().any(|one| one == (place, name));
            if !known && self.names.len() < MAX_NAMES {
                self.names.extend([(place, name)]);
            }
        }
    }
}

/// A kind of request, for its repeats: what it carried, and whether its answer was a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    pub(crate) credentials: Credentials,
    pub(crate) page: bool,
}

impl Asker {
    pub(crate) fn of(exchange: &RedactedExchange) -> Asker {
        Asker { credentials: exchange.credentials(), page: exchange.is_page() }
    }
}

impl Auth {
    /// The kinds of credentials that requests carried, none included.
    pub fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter()
    }

    /// What was read of JWTs that were accepted.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_deref()
    }

    /// Returns the number of requests of which it is not known what they carried.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.other
    }

    /// Returns what the answers say about whether the endpoint asks for credentials.
    #[must_use]
    pub fn protection(&self) -> Protection {
        let without = self.seen.iter().find(|seen| seen.credentials.is_none());
        let with = self.seen.iter().any(|seen| !seen.credentials.is_none());
        let (works, refused) = without.map_or((0, 0), |seen| (seen.succeeded(), seen.refused()));
        match () {
            () if works > 0 && with => Protection::Optional,
            () if works > 0 => Protection::Open,
            () if refused > 0 => Protection::Protected,
            () if with => Protection::Used,
            () => Protection::Unknown,
        }
    }

    /// Counts requests of one kind with this answer, the last of them at `time`.
    pub(crate) fn count(&mut self, asker: Asker, status: Option<u16>, count: u64, time: Timestamp) {
        let Some(seen) = self.of(asker.credentials) else {
            self.other = self.other.saturating_add(count);
            return;
        };
        seen.counts.add(status, count, time);
        if asker.page {
            seen.pages = seen.pages.saturating_add(count);
        }
    }

    /// Takes over what an exchange teaches beyond its count. What was refused teaches nothing about tokens.
    pub(crate) fn learn(&mut self, exchange: &RedactedExchange) {
        self.behind_tls |= exchange.came_over_tls();
        if let Some(seen) = self.of(exchange.credentials()) {
            let name = |one: &'_ Carrier| (one.place.name(), one.name.clone());
            let names: Vec<_> = exchange.carriers().iter().map(name).collect();
            seen.add_names(names.iter().map(|(place, name)| (*place, name.as_str())));
        }
        let accepted = exchange.status().is_some_and(|status| (200..300).contains(&status));
        if let Some(claims) = exchange.claims().filter(|_| accepted) {
            self.tokens.get_or_insert_default().learn(claims);
        }
    }

    /// Takes in what is known about the same endpoint elsewhere.
    pub(crate) fn unite(&mut self, other: Auth) {
        self.other = self.other.saturating_add(other.other);
        self.behind_tls |= other.behind_tls;
        for one in other.seen {
            let Some(seen) = self.of(one.credentials) else {
                self.other = self.other.saturating_add(one.counts.requests);
                continue;
            };
            seen.counts.absorb(&one.counts);
            seen.pages = seen.pages.saturating_add(one.pages);
            seen.add_names(one.names.iter());
        }
        if let Some(tokens) = other.tokens {
            self.tokens.get_or_insert_default().unite(&tokens);
        }
    }

    /// What is counted of one kind, if it is told apart.
    fn of(&mut self, credentials: Credentials) -> Option<&mut Seen> {
        if !credentials.was_read() {
            return None;
        }
        let known = self.seen.iter().position(|seen| seen.credentials == credentials);
        if known.is_none() && self.seen.len() < MAX_KINDS {
            self.seen.reserve_exact(1);
            self.seen.push(Seen { credentials, ..Seen::default() });
        }
        let at = known.or_else(|| self.seen.iter().position(|seen| seen.credentials == credentials));
        self.seen.get_mut(at?)
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let of = |seen: &Seen| seen.counts.statuses.len() * size_of::<(u16, u64)>() + seen.names.heap_bytes();
        self.seen.capacity() * size_of::<Seen>()
            + self.seen.iter().map(of).sum::<usize>()
            + self.tokens.as_ref().map_or(0, |tokens| size_of::<Tokens>() + tokens.heap_bytes())
    }
}

#[cfg(test)]
mod tests;
