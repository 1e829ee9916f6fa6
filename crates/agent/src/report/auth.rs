//! How an endpoint is protected, as it is printed.

use std::collections::BTreeMap;

use decode::Timestamp;
use inventory::auth::{Auth, Seen, Tokens};
use redact::printable;
use serde::{Deserialize, Serialize};

/// How an endpoint is protected. All text is escaped or redacted already.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct AuthRow {
    /// `open`, `protected`, `optional`, `used` or `unknown`.
    protection: String,
    /// Which credentials requests carried.
    seen: Vec<SeenRow>,
    /// What was read of JWTs, if some were.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<TokensRow>,
    /// Requests of which that is not known.
    not_read: u64,
}

/// The requests with one kind of credentials.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct SeenRow {
    /// `Bearer JWT, cookie`; `none`.
    credentials: String,
    requests: u64,
    statuses: BTreeMap<u16, u64>,
    /// `header x-api-key`.
    names: Vec<String>,
    /// In seconds since the Unix epoch.
    first_seen: u64,
    /// In seconds since the Unix epoch.
    last_seen: u64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct TokensRow {
    read: u64,
    algorithms: Vec<String>,
    issuers: Vec<String>,
    audiences: Vec<String>,
    /// The shortest and the longest, if tokens say it.
    lifetime_seconds: Option<(u64, u64)>,
    /// How many do not say when they end.
    endless: u64,
}

impl AuthRow {
    pub(crate) fn new(auth: &Auth) -> AuthRow {
        AuthRow {
            protection: auth.protection().label().into(),
            seen: auth.seen().map(SeenRow::new).collect(),
            tokens: auth.tokens().map(TokensRow::new),
            not_read: auth.other(),
        }
    }

    /// The word for a column, with the kinds of credentials: `protected: Bearer JWT`.
    pub(crate) fn cell(&self) -> String {
        let kinds: Vec<&str> =
            self.seen.iter().map(|seen| seen.credentials.as_str()).filter(|kind| *kind != "none").collect();
        match self.protection.as_str() {
            "" | "unknown" => "-".into(),
            word if kinds.is_empty() => word.into(),
            word => format!("{word}: {}", kinds.join("; ")),
        }
    }

    /// Lines for `explain`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let sentence = match self.protection.as_str() {
            "open" => "requests succeed without credentials",
            "protected" => "requests without credentials are refused",
            "optional" => "requests carry credentials, and succeed without as well",
            "used" => "requests carry credentials; none without was answered by 2xx, 401 or 403",
            _ => return Vec::new(),
        };
        let seen = self.seen.iter().map(SeenRow::line);
        let tokens = self.tokens.iter().map(TokensRow::line);
        std::iter::once(sentence.to_owned()).chain(seen).chain(tokens).collect()
    }
}

impl SeenRow {
    fn new(seen: &Seen) -> SeenRow {
        let name = |(place, name): (&str, &str)| format!("{place} {}", printable(name.as_bytes()));
        SeenRow {
            credentials: seen.credentials.to_string(),
            requests: seen.counts.requests,
            statuses: seen.counts.statuses.iter().copied().collect(),
            names: seen.names.iter().map(name).collect(),
            first_seen: seen.counts.first.map_or(0, Timestamp::as_secs),
            last_seen: seen.counts.last.map_or(0, Timestamp::as_secs),
        }
    }

    fn line(&self) -> String {
        let names =
            if self.names.is_empty() { String::new() } else { format!(" ({})", self.names.join(", ")) };
        let statuses: Vec<String> =
            self.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        format!("{} with {}{names}: {}", self.requests, self.credentials, statuses.join(", "))
    }
}

impl TokensRow {
    fn new(tokens: &Tokens) -> TokensRow {
        let shown = |text: &str| printable(text.as_bytes()).into_owned();
        TokensRow {
            read: tokens.read,
            algorithms: tokens.algorithms.iter().map(shown).collect(),
            issuers: tokens.issuers.iter().map(shown).collect(),
            audiences: tokens.audiences.iter().map(shown).collect(),
            lifetime_seconds: tokens.lifetime,
            endless: tokens.endless,
        }
    }

    fn line(&self) -> String {
        let lifetime = match self.lifetime_seconds {
            Some((least, most)) if least == most => format!(", for {least} s"),
            Some((least, most)) => format!(", for {least} to {most} s"),
            None => String::new(),
        };
        let list = |names: &[String]| if names.is_empty() { "-".into() } else { names.join(", ") };
        format!(
            "tokens ({} read): {} of {} for {}{lifetime}",
            self.read,
            list(&self.algorithms),
            list(&self.issuers),
            list(&self.audiences)
        )
    }
}
