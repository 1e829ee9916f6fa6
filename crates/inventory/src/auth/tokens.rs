//! What was read of the JWTs of an endpoint.

use redact::auth::Claims;
use serde::{Deserialize, Serialize};

use crate::texts::Texts;

/// So many algorithms, issuers and audiences of one endpoint are kept.
const MAX_NAMES: usize = 8;

/// What was read of the JWTs that an endpoint accepted: of such requests as taught something, not of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tokens {
    /// How many were read.
    pub read: u64,
    /// The algorithms, as registered; `other` for others.
    pub algorithms: Texts,
    /// Who made them: hosts, or other short names, redacted.
    pub issuers: Texts,
    /// For whom, in the same form.
    pub audiences: Texts,
    /// The shortest and the longest time from when one was made to its end, in seconds.
    pub lifetime: Option<(u64, u64)>,
    /// How many did not say when they end.
    pub endless: u64,
}

impl Tokens {
    pub(crate) fn learn(&mut self, claims: &Claims) {
        self.read = self.read.saturating_add(1);
        self.endless = self.endless.saturating_add(u64::from(!claims.expires));
        add(&mut self.algorithms, claims.algorithm);
        add(&mut self.issuers, claims.issuer.as_deref());
        add(&mut self.audiences, claims.audiences.iter().map(String::as_str));
        self.lasts(claims.lifetime.map(|seconds| (seconds, seconds)));
    }

    pub(crate) fn unite(&mut self, other: &Tokens) {
        self.read = self.read.saturating_add(other.read);
        self.endless = self.endless.saturating_add(other.endless);
        add(&mut self.algorithms, other.algorithms.iter());
        add(&mut self.issuers, other.issuers.iter());
        add(&mut self.audiences, other.audiences.iter());
        self.lasts(other.lifetime);
    }

    fn lasts(&mut self, other: Option<(u64, u64)>) {
        let both = self.lifetime.zip(other).map(|(one, two)| (one.0.min(two.0), one.1.max(two.1)));
        self.lifetime = both.or(self.lifetime).or(other);
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        [&self.algorithms, &self.issuers, &self.audiences].iter().map(|texts| texts.heap_bytes()).sum()
    }
}

fn add<'a>(texts: &mut Texts, new: impl IntoIterator<Item = &'a str>) {
    for one in new {
        if !texts.contains(one) && texts.len() < MAX_NAMES {
            texts.extend([one]);
        }
    }
}
