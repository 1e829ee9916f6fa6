//! Which credentials a request carries, on the capture thread: by the names of its fields, parameters and cookies.
//!
//! What a name says takes microseconds to find out, and most names come again and again, so it is remembered by the hash of
//! the name. Few new names are judged at a time; of a request with others nothing is said.

use std::hash::BuildHasher;
use std::time::Duration;

use decode::Timestamp;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use http::RequestHead;
use memchr::memchr;

use super::authorization::{credentials, is_nothing};
use super::credentials::{Credentials, Place, Scheme};
use crate::allowance::Allowance;
use crate::classify::{
    from, is_bare_key_name, is_certificate_name, is_credential_name, is_page_or_form_name, is_signature_name,
    until,
};

/// So many names are remembered: more than the clients of a node's Services have. 35 KiB.
const MAX_KNOWN: usize = 1024;

/// So many new names are judged at first, and so many more each time that so long has gone by since they were used up.
const NEW: u32 = 4096;
const MORE: u32 = 64;
const EVERY: Duration = Duration::from_millis(250);

/// The most fields and cookies of a request that are looked at: real requests have a third of that.
const MAX_LOOKED_AT: usize = 64;

/// The longest name, in bytes. A longer one is no name.
const MAX_NAME: usize = 128;

/// What what stands under a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It proves nothing.
    Nothing,
    /// The field `Authorization`.
    Authorization,
    /// The field `Cookie`.
    Cookie,
    /// A key or token.
    Key,
    /// A signature, or what goes with one.
    Signature,
    /// The same of AWS.
    AwsSignature,
    /// What a client's certificate says.
    Certificate,
}

impl Meaning {
    /// Returns what a name says, by the lists by which values are redacted.
    pub(crate) fn of(name: &[u8]) -> Meaning {
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        match () {
            () if name.len() > MAX_NAME || is(b"proxy-authorization") => Meaning::Nothing,
            () if is(b"authorization") => Meaning::Authorization,
            () if is(b"cookie") => Meaning::Cookie,
            () if is_certificate_name(name) => Meaning::Certificate,
            () if is_page_or_form_name(name) => Meaning::Nothing,
            () if is_bare_key_name(name) => Meaning::Key,
            () if !is_credential_name(name) => Meaning::Nothing,
            () if begins(name, b"x-amz-") => Meaning::AwsSignature,
            () if is_signature_name(name) || begins(name, b"x-goog-cred") => Meaning::Signature,
            () => Meaning::Key,
        }
    }
}

fn begins(name: &[u8], with: &[u8]) -> bool {
    name.get(..with.len()).is_some_and(|name| name.eq_ignore_ascii_case(with))
}

/// What names say, as far as that is known.
pub(crate) struct Carriers {
    hash: RandomState,
    known: HashMap<u64, Meaning, RandomState>,
    new: Allowance,
}

/// What was found in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) credentials: Credentials,
    /// The names under which they stand, each added by its hash.
    pub(crate) names: u64,
    /// A name was not judged.
    unread: bool,
}

impl Found {
    /// Takes in what stands in a place under a name of this hash.
    fn take(&mut self, meaning: Meaning, place: Place, name: u64) {
        self.names = self.names.wrapping_add(name);
        self.credentials = match (meaning, place) {
            (Meaning::Certificate, _) => self.credentials.with(Place::Certificate),
            (Meaning::AwsSignature, Place::Header) => self.credentials.or(Scheme::SigV4),
            (Meaning::AwsSignature, _) => self.credentials.or(Scheme::SigV4).with(place),
            (Meaning::Signature, Place::Header) => self.credentials.or(Scheme::Signature),
            (Meaning::Signature, Place::Query) => self.credentials.or(Scheme::Signature).with(place),
            _ => self.credentials.with(place),
        };
    }

    /// The credentials; unread where a name was not judged.
    pub(crate) fn credentials(self) -> Credentials {
        if self.unread { Credentials::of(Scheme::Unread) } else { self.credentials }
    }
}

impl Carriers {
    /// Names are told apart by this hash.
    pub(crate) fn new(hash: RandomState) -> Carriers {
        Carriers { hash, known: HashMap::default(), new: Allowance::new(NEW, MORE, EVERY) }
    }

    /// Returns what the fields of a request carry.
    pub(crate) fn of_fields(&mut self, request: &RequestHead<'_>) -> Found {
        let mut found = Found::default();
        for (number, (name, value)) in request.headers.unusual().enumerate() {
            if number >= MAX_LOOKED_AT {
                found.unread = true;
                break;
            }
            let hash = self.hash.hash_one(name);
            match self.meaning(name, hash, request.time) {
                Some(Meaning::Nothing) => {}
                Some(Meaning::Authorization) => found.credentials = authorized(found.credentials, value),
                Some(Meaning::Cookie) => self.cookies(value, request.time, &mut found),
                Some(meaning) if !is_nothing(value) => found.take(meaning, Place::Header, hash),
                Some(_) => {}
                None => found.unread = true,
            }
        }
        found
    }

    /// Adds what a parameter of the query carries, whose name has this hash.
    pub(crate) fn parameter(
        &mut self,
        (name, hash): (&[u8], u64),
        value: &[u8],
        time: Timestamp,
        found: &mut Found,
    ) {
        match self.meaning(name, hash, time) {
            Some(Meaning::Nothing | Meaning::Authorization | Meaning::Cookie | Meaning::Certificate) => {}
            Some(meaning) if !is_nothing(value) => found.take(meaning, Place::Query, hash),
            Some(_) => {}
            None => found.unread = true,
        }
    }

    /// Adds what cookies carry (RFC 6265, section 4.2).
    fn cookies(&mut self, value: &[u8], time: Timestamp, found: &mut Found) {
        let mut rest = value;
        for _ in 0..MAX_LOOKED_AT {
            if rest.is_empty() {
                return;
            }
            let end = memchr(b';', rest).unwrap_or(rest.len());
            let pair = until(rest, end).trim_ascii();
            rest = from(rest, end + 1);
            let Some(equals) = memchr(b'=', pair) else { continue };
            let (name, value) = (until(pair, equals), from(pair, equals + 1));
            let hash = self.hash.hash_one(name);
            match self.meaning(name, hash, time) {
                Some(Meaning::Key | Meaning::Signature) if !is_nothing(value) => {
                    found.take(Meaning::Key, Place::Cookie, hash);
                }
                Some(_) => {}
                None => found.unread = true,
            }
        }
        found.unread = true;
    }

    /// Returns what a name says, none when it is new and too many new ones came of late.
    fn meaning(&mut self, name: &[u8], hash: u64, time: Timestamp) -> Option<Meaning> {
        if let Some(known) = self.known.get(&hash) {
            return Some(*known);
        }
        if !self.new.has_some(time) {
            return None;
        }
        self.new.take();
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        let meaning = Meaning::of(name);
        self.known.insert(hash, meaning);
        Some(meaning)
    }
}

/// Adds what a value of `Authorization` is.
fn authorized(known: Credentials, value: &[u8]) -> Credentials {
    let said = credentials(value);
    match said.scheme() {
        Scheme::None => known.and_places_of(said),
        _ => said.and_places_of(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::request;
    use crate::template::{pairs, split};

    fn found(target: &str, fields: &str) -> Found {
        let mut carriers = Carriers::new(RandomState::default());
        let request = request("GET", target, fields);
        let mut found = carriers.of_fields(&request);
        for (name, value) in pairs(split(request.path_and_query()).1) {
            let hash = carriers.hash.hash_one(name);
            carriers.parameter((name, hash), value, request.time, &mut found);
        }
        found
    }

    #[track_caller]
    fn carries(target: &str, fields: &str, expected: &str) {
        assert_eq!(found(target, fields).credentials().to_string(), expected, "{target} {fields}");
    }

    #[test]
    fn fields() {
        carries("/a", "Accept: */*\r\nX-Request-Id: 1\r\nX-Trace: abc\r\n", "none");
        carries("/a", "X-Trace: 1\r\nAuthorization: Basic dTpw\r\n", "Basic");
        carries("/a", "X-API-Key: k9x\r\n", "key in a header");
        carries(
            "/a",
            "Ocp-Apim-Subscription-Key: k9x\r\nX-Signature: ab\r\n",
            "HMAC signature, key in a header",
        );
        carries("/a", "X-Hub-Signature-256: sha256=ab\r\n", "HMAC signature");
        carries("/a", "X-Forwarded-Client-Cert: Hash=ab\r\n", "client certificate");
        carries(
            "/a",
            "Authorization: Bearer a1\r\nX-Arr-ClientCert: ab\r\n",
            "Bearer token, client certificate",
        );
        carries(
            "/a",
            "X-Csrf-Token: k9x\r\nPostman-Token: k9x\r\nProxy-Authorization: Basic dTpw\r\n",
            "none",
        );
        carries("/a", "X-Api-Key: \r\nX-Auth-Token: undefined\r\n", "none");
        carries(
            "/a",
            "Authorization: AWS4-HMAC-SHA256 Credential=a\r\nX-Amz-Security-Token: b\r\n",
            "AWS SigV4",
        );
    }

    #[test]
    fn parameters() {
        carries("/a?page=2&api_key=k9x", "", "in the query");
        carries("/a?page_token=k9x&nextToken=k9x&key=", "", "none");
        carries("/a?X-Amz-Credential=a&X-Amz-Signature=b", "", "AWS SigV4, in the query");
        carries("/a?se=1&sig=b", "", "HMAC signature, in the query");
    }

    #[test]
    fn cookies() {
        carries("/a", "Cookie: theme=dark; JSESSIONID=k9x\r\n", "cookie");
        carries("/a", "Cookie: csrftoken=k9x; _ga=GA1.2\r\n", "none");
        carries("/a", "Cookie: connect.sid=\r\nCookie: auth_token=k9x\r\n", "cookie");
    }

    #[test]
    fn names_that_are_left_out_carry_nothing() {
        // The value of this one is chance, against caches.
        for name in http::EVERYDAY.into_iter().filter(|name| *name != "postman-token") {
            assert_eq!(Meaning::of(name.as_bytes()), Meaning::Nothing, "{name}");
        }
    }

    /// An unread request is not one without credentials.
    #[test]
    fn what_is_not_looked_at_is_unread() {
        let many: String = (0..70).map(|n| format!("X-A{n}: 1\r\n")).collect();
        carries("/a", &many, "not read");
        let mut carriers = Carriers::new(RandomState::default());
        for n in 0..NEW + MORE {
            let fields = format!("X-B{n}: 1\r\n");
            assert!(carriers.of_fields(&request("GET", "/", &fields)).credentials().was_read());
        }
        assert!(!carriers.of_fields(&request("GET", "/", "X-C: 1\r\n")).credentials().was_read());
        let mut later = request("GET", "/", "X-C: 1\r\n");
        later.time += EVERY;
        assert!(carriers.of_fields(&later).credentials().was_read());
        assert!(carriers.known.len() <= MAX_KNOWN);
    }

    #[test]
    fn other_names_are_other_news() {
        let mut carriers = Carriers::new(RandomState::default());
        let mut of = |fields| carriers.of_fields(&request("GET", "/a", fields));
        let (key, token) = (of("X-Api-Key: 1k\r\n"), of("X-Auth-Token: 1k\r\n"));
        assert_ne!(key.names, token.names);
        assert_eq!(key.credentials, token.credentials);
        assert_eq!(key, of("X-Api-Key: 2k\r\n"));
    }
}
