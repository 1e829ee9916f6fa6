//! Findings: what about an endpoint a security engineer should look at, with the evidence for it.
//!
//! They are derived from what is recorded each time they are asked for; nothing about them is stored.

use std::fmt;

use decode::Timestamp;
use redact::printable;
use serde::{Deserialize, Serialize};

use crate::fnv::fnv;
use crate::{Endpoint, EndpointKey};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// To know of.
    Info,
    /// Should be otherwise.
    Low,
    /// Makes an attack easier.
    Medium,
    /// Lets someone in.
    High,
}

impl Severity {
    /// Returns the name as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Requests without credentials succeed, though others carry some.
    WorksWithoutCredentials,
    /// A JWT that nobody signed was sent.
    UnsignedToken,
    /// Credentials stand in the URL, where logs and proxies keep them.
    CredentialsInUrl,
    /// Basic credentials or keys went over HTTP without TLS where they were captured.
    CredentialsInPlainText,
    /// A JWT was accepted that does not say when it ends.
    TokenWithoutExpiry,
}

impl FindingKind {
    /// Returns the name as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FindingKind::WorksWithoutCredentials => "works-without-credentials",
            FindingKind::UnsignedToken => "unsigned-token",
            FindingKind::CredentialsInUrl => "credentials-in-url",
            FindingKind::CredentialsInPlainText => "credentials-in-plain-text",
            FindingKind::TokenWithoutExpiry => "token-without-expiry",
        }
    }
}

/// Something that was observed, which supports a finding: counts and names, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// What, in a few words: `requests with Basic`.
    pub what: String,
    /// How often.
    pub count: u64,
    /// How often which status was the answer, where that matters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<(u16, u64)>,
    /// Names of the parameters, fields or cookies concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// What about an endpoint a security engineer should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The same for the same endpoint and kind, in every run.
    pub id: String,
    /// What it is.
    pub kind: FindingKind,
    /// How much it matters.
    pub severity: Severity,
    /// What supports it.
    pub evidence: Vec<Observation>,
    /// When it was first seen, in seconds since the Unix epoch.
    pub first_seen: u64,
    /// When it was last seen, in seconds since the Unix epoch.
    pub last_seen: u64,
}

impl Finding {
    /// A finding about an endpoint, seen from the first of these times to the last.
    pub(crate) fn new(
        key: &EndpointKey,
        kind: FindingKind,
        severity: Severity,
        evidence: Vec<Observation>,
        seen: (Option<Timestamp>, Option<Timestamp>),
    ) -> Finding {
        let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_secs);
        let (first_seen, last_seen) = (seconds(seen.0), seconds(seen.1));
        Finding { id: id(key, kind), kind, severity, evidence, first_seen, last_seen }
    }
}

/// A number for endpoint and kind, as 16 hexadecimal digits.
fn id(key: &EndpointKey, kind: FindingKind) -> String {
    format!("{:016x}", fnv(&format!("{}\n{}\n{}\n{}", key.owner, key.method, key.template, kind.name())))
}

/// One line: `high works-without-credentials: 12 requests without credentials (200: 12); ...`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity.name(), self.kind.name())?;
        for (number, one) in self.evidence.iter().enumerate() {
            write!(f, "{} {} {}", if number == 0 { ":" } else { ";" }, one.count, one.what)?;
            let statuses: Vec<String> =
                one.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
            if !statuses.is_empty() {
                write!(f, " ({})", statuses.join(", "))?;
            }
            if !one.names.is_empty() {
                write!(f, " in {}", printable(one.names.join(", ").as_bytes()))?;
            }
        }
        Ok(())
    }
}

impl Endpoint {
    /// Returns what about it a security engineer should look at, in the order of the kinds. Noise has no findings.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        if self.record.noise.is_some() || !self.record.delivery.confirmed {
            return Vec::new();
        }
        self.record.auth.findings(&self.key)
    }
}
