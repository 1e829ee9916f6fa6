//! Security schemes, and which of them an operation asks for (sections 4.8.27 and 4.8.30).

use std::collections::{BTreeMap, BTreeSet};

use redact::auth::{Place, Scheme, is_session_name};
use serde_json::{Value, json};

use crate::auth::{Auth, Protection, Seen};

/// The schemes that a request must satisfy, all of them, with no scopes.
pub(super) type Requirement = BTreeMap<String, Vec<String>>;

/// The schemes of a document, by name.
#[derive(Default)]
pub(super) struct Schemes(BTreeMap<String, Value>);

impl Schemes {
    /// Returns the alternatives that an operation accepts, and notes their schemes. An empty one says that none is needed; no
    /// alternative says that nothing is known of credentials, or that none carries some.
    pub(super) fn of(&mut self, auth: &Auth) -> Vec<Requirement> {
        let with: Vec<&Seen> = auth.seen().filter(|seen| !seen.credentials.is_none()).collect();
        let accepted = with.iter().any(|seen| seen.succeeded() > 0);
        let counted = with.into_iter().filter(|seen| !accepted || seen.succeeded() > 0);
        let mut all: BTreeSet<Requirement> = counted.flat_map(|seen| self.alternatives(seen)).collect();
        all.remove(&Requirement::new());
        let mut all: Vec<Requirement> = all.into_iter().collect();
        if auth.protection() == Protection::Optional && !all.is_empty() {
            all.push(Requirement::new());
        }
        all
    }

    /// The requirements of one kind of credentials: each of several names of one place is an alternative.
    fn alternatives(&mut self, seen: &Seen) -> Vec<Requirement> {
        let mut all = vec![Requirement::new()];
        if let Some((name, scheme)) = scheme(seen) {
            self.add(&mut all, vec![(name, scheme)]);
        }
        for (place, location) in
            [(Place::Header, "header"), (Place::Query, "query"), (Place::Cookie, "cookie")]
        {
            // The field or parameter of a signature is its scheme.
            let signs = seen.credentials.scheme() == Scheme::Signature && place == Place::Header;
            if !seen.credentials.has(place) && !signs {
                continue;
            }
            let mut names: Vec<&str> = seen.names_in(place).collect();
            if place == Place::Cookie && names.iter().any(|name| is_session_name(name)) {
                names.retain(|name| is_session_name(name));
            }
            let key = |name: &str| {
                (component(location, name), json!({ "type": "apiKey", "in": location, "name": name }))
            };
            self.add(&mut all, names.into_iter().map(key).collect());
        }
        if seen.credentials.has(Place::Certificate) {
            self.add(&mut all, vec![("mutualTls".into(), json!({ "type": "mutualTLS" }))]);
        }
        all
    }

    /// Makes each of these schemes an alternative to be added to each requirement.
    fn add(&mut self, all: &mut Vec<Requirement>, schemes: Vec<(String, Value)>) {
        if schemes.is_empty() {
            return;
        }
        let with = |requirement: &Requirement, name: &str| {
            let mut requirement = requirement.clone();
            requirement.insert(name.to_owned(), Vec::new());
            requirement
        };
        *all = all
            .iter()
            .flat_map(|requirement| schemes.iter().map(move |(name, _)| with(requirement, name)))
            .collect();
        self.0.extend(schemes);
    }

    pub(super) fn into_value(self) -> Value {
        json!(self.0)
    }
}

/// The scheme of `Authorization`, if it is one that a document has words for.
fn scheme(seen: &Seen) -> Option<(String, Value)> {
    let http = |scheme: &str| json!({ "type": "http", "scheme": scheme });
    let field = || json!({ "type": "apiKey", "in": "header", "name": "Authorization" });
    let (name, scheme) = match seen.credentials.scheme() {
        Scheme::None | Scheme::Unread => return None,
        Scheme::Signature if seen.names.iter().next().is_some() => return None,
        Scheme::Basic => ("basic", http("basic")),
        Scheme::Bearer => ("bearer", http("bearer")),
        Scheme::Jwt | Scheme::UnsignedJwt => {
            ("bearerJwt", json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }))
        }
        Scheme::Digest => ("digest", http("digest")),
        Scheme::Signature => ("signature", field()),
        Scheme::SigV4 if seen.credentials.has(Place::Query) => return None,
        Scheme::SigV4 => ("awsSigV4", field()),
        Scheme::Hawk => ("hawk", http("hawk")),
        Scheme::OAuth1 => ("oauth1", http("oauth")),
        Scheme::Negotiate => ("negotiate", http("negotiate")),
        Scheme::Other => ("authorization", field()),
    };
    Some((name.to_owned(), scheme))
}

/// The name of the scheme of a key: letters, digits and signs that names of components may have (section 4.8.7).
fn component(location: &str, name: &str) -> String {
    let plain = |one: char| if one.is_ascii_alphanumeric() || "-._".contains(one) { one } else { '_' };
    format!("{location}.{}", name.chars().map(plain).collect::<String>())
}
