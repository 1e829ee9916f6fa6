//! What the credentials of an endpoint say that should be otherwise.

use redact::auth::{Place, Scheme};

use super::{Auth, Seen};
use crate::finding::{Finding, FindingKind, Observation, Severity};
use crate::{Counts, EndpointKey};

impl Auth {
    /// Returns the findings about an endpoint, in the order of their kinds.
    pub(crate) fn findings(&self, key: &EndpointKey) -> Vec<Finding> {
        let finding = |kind, (severity, evidence, counts): (Severity, Vec<Observation>, Counts)| {
            Finding::new(key, kind, severity, evidence, (counts.first, counts.last))
        };
        [
            (FindingKind::WorksWithoutCredentials, self.works_without()),
            (FindingKind::UnsignedToken, self.unsigned()),
            (FindingKind::CredentialsInUrl, self.in_url()),
            (FindingKind::CredentialsInPlainText, self.in_plain_text()),
            (FindingKind::TokenWithoutExpiry, self.endless()),
        ]
        .into_iter()
        .filter_map(|(kind, found)| Some(finding(kind, found?)))
        .collect()
    }

    fn works_without(&self) -> Option<(Severity, Vec<Observation>, Counts)> {
        let without = self.seen().find(|seen| seen.credentials.is_none() && seen.succeeded() > 0)?;
        let with: Vec<&Seen> =
            self.seen().filter(|seen| !seen.credentials.is_none() && seen.succeeded() > 0).collect();
        if with.is_empty() {
            return None;
        }
        let evidence = [without].into_iter().chain(with).map(requests).collect();
        Some((Severity::High, evidence, without.counts.clone()))
    }

    fn unsigned(&self) -> Option<(Severity, Vec<Observation>, Counts)> {
        let such: Vec<&Seen> =
            self.seen().filter(|seen| seen.credentials.scheme() == Scheme::UnsignedJwt).collect();
        let accepted = such.iter().any(|seen| seen.succeeded() > 0);
        let severity = if accepted { Severity::High } else { Severity::Info };
        of(such).map(|(evidence, counts)| (severity, evidence, counts))
    }

    fn in_url(&self) -> Option<(Severity, Vec<Observation>, Counts)> {
        let such = self.seen().filter(|seen| seen.credentials.has(Place::Query) && !is_signed(seen));
        of(such.collect()).map(|(evidence, counts)| (Severity::Medium, evidence, counts))
    }

    fn in_plain_text(&self) -> Option<(Severity, Vec<Observation>, Counts)> {
        let key = |seen: &Seen| seen.credentials.has(Place::Header) || seen.credentials.has(Place::Query);
        let plain =
            |seen: &&Seen| seen.credentials.scheme() == Scheme::Basic || key(seen) && !is_signed(seen);
        let (mut evidence, counts) = of(self.seen().filter(plain).collect())?;
        if !self.behind_tls {
            return Some((Severity::Medium, evidence, counts));
        }
        let what = "or more requests that came over TLS: to the service, or to a proxy, where it ends".into();
        evidence.push(Observation { what, count: 1, ..Observation::default() });
        Some((Severity::Info, evidence, counts))
    }

    fn endless(&self) -> Option<(Severity, Vec<Observation>, Counts)> {
        let tokens = self.tokens().filter(|tokens| tokens.endless > 0)?;
        let what = format!("of {} tokens that were read do not say when they end", tokens.read);
        let such =
            self.seen().filter(|seen| matches!(seen.credentials.scheme(), Scheme::Jwt | Scheme::UnsignedJwt));
        let (_, counts) = of(such.collect())?;
        Some((
            Severity::Low,
            vec![Observation { what, count: tokens.endless, ..Observation::default() }],
            counts,
        ))
    }
}

/// Returns whether a signature stands for the key. In a presigned URL it is made to stand there, and holds for that alone.
fn is_signed(seen: &Seen) -> bool {
    matches!(seen.credentials.scheme(), Scheme::SigV4 | Scheme::Signature)
}

/// What was seen of these kinds, and how often all of it; none where there are none.
fn of(such: Vec<&Seen>) -> Option<(Vec<Observation>, Counts)> {
    let mut counts = Counts::default();
    such.iter().for_each(|seen| counts.absorb(&seen.counts));
    (!such.is_empty()).then(|| (such.into_iter().map(requests).collect(), counts))
}

fn requests(seen: &Seen) -> Observation {
    let what = match seen.credentials.is_none() {
        true => "requests without credentials".to_owned(),
        false => format!("requests with {}", seen.credentials),
    };
    Observation {
        what,
        count: seen.counts.requests,
        statuses: seen.counts.statuses.clone(),
        names: seen.names.iter().map(|(_, name)| name.to_owned()).collect(),
    }
}
