//! What was learned about how an endpoint is called, and what of it is worth telling the platform.

use std::ops::BitOrAssign;

use redact::{Calls, RedactedExchange, fitted, is_common_header};
use serde::{Deserialize, Serialize};

use crate::texts::{Pairs, Texts};
use crate::{BodyExample, Dropped};

/// At most so many query parameters of one endpoint: no operation has more, but a client can send any.
pub(crate) const QUERY_NAMES: usize = 64;
/// The same for request headers.
pub(crate) const HEADER_NAMES: usize = 64;
/// The same for media types, of requests and of responses.
pub(crate) const TYPES: usize = 16;
/// At most so many path parameters: as many segments as a path is read to.
pub(crate) const PATH_PARAMS: usize = 64;

/// How an endpoint is called. Every set has a cap, beyond which it is open: further names are counted, not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The name and the surrogate of each variable segment of the template, in order.
    pub path_params: Pairs,
    /// Query parameters: names, and the first surrogate value of each.
    pub query: Pairs,
    /// Request headers: names in lower case, and the first redacted value of each.
    pub headers: Pairs,
    /// Media types of requests.
    pub request_types: Texts,
    /// Media types of responses.
    pub response_types: Texts,
    /// How it is called, if it is a method of gRPC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Calls>,
    /// The best body example so far, while it is in memory. Records of earlier versions have it in them.
    #[serde(skip_serializing)]
    pub body: Option<Box<BodyExample>>,
    /// What the store's copy of it takes there, in bytes; 0 where the store has none.
    #[serde(skip_serializing_if = "is_none")]
    pub body_stored: u32,
    /// Why it is missing, if it is. Then the next one is news.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_dropped: Option<Dropped>,
    /// How many fields the best body example had, kept when the example itself is not.
    pub body_fields: u32,
    /// Whether there ever was a body example.
    pub body_seen: bool,
    /// How often a name or media type was seen that no longer fitted. Above 0 the sets are open.
    pub beyond_caps: u64,
}

/// What one exchange taught that is worth a push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// A new query parameter.
    pub query: bool,
    /// A new request header that says something about the API.
    pub header: bool,
    /// A new media type of requests.
    pub request_type: bool,
    /// The first body example, or one with more fields.
    pub body: bool,
}

impl Learned {
    /// Returns whether there was anything.
    #[must_use]
    pub fn any(self) -> bool {
        self.query || self.header || self.request_type || self.body
    }

    /// For people: `query parameter, body example`; empty when there was nothing.
    #[must_use]
    pub fn label(self) -> String {
        let parts = [
            (self.query, "query parameter"),
            (self.header, "header"),
            (self.request_type, "content type"),
            (self.body, "body example"),
        ];
        let names: Vec<_> = parts.into_iter().filter(|(new, _)| *new).map(|(_, name)| name).collect();
        names.join(", ")
    }
}

impl BitOrAssign for Learned {
    fn bitor_assign(&mut self, other: Learned) {
        self.query |= other.query;
        self.header |= other.header;
        self.request_type |= other.request_type;
        self.body |= other.body;
    }
}

impl Details {
    /// Takes over what is new in an exchange. Values of known names never count.
    pub(crate) fn learn(&mut self, exchange: &RedactedExchange) -> Learned {
        if self.path_params.is_empty() {
            self.path_params.extend(borrowed(exchange.path_params()).take(PATH_PARAMS));
        }
        if let Some(calls) = exchange.calls() {
            *self.calls.get_or_insert_default() |= calls;
        }
        let query = self.add_query(exchange.query());
        let header = self.add_headers(exchange.headers());
        let request_type = add_type(&mut self.request_types, exchange.request_type());
        let response_type = add_type(&mut self.response_types, exchange.response_type());
        let full = [request_type, response_type].iter().filter(|added| added.is_none()).count();
        self.beyond_caps = self.beyond_caps.saturating_add(full as u64);
        Learned { query, header, request_type: request_type == Some(true), body: false }
    }

    /// Takes over a body example with this many fields, if it is worth a push, and returns whether it is: it is the first
    /// one, or stands in for one that is missing, or has more fields than any before.
    pub(crate) fn offer_body(&mut self, body: BodyExample, fields: usize) -> bool {
        let fields = u32::try_from(fields).unwrap_or(u32::MAX);
        let better = !self.body_seen || self.body_dropped.is_some() || fields > self.body_fields;
        if better {
            self.body = Some(Box::new(body));
            (self.body_fields, self.body_seen, self.body_dropped) = (fields, true, None);
        }
        better
    }

    /// Takes over what another record of the same endpoint knows and this one does not. Returns whether *this* one
    /// knew something that the other did not.
    pub(crate) fn absorb(&mut self, other: Details) -> bool {
        let ahead = self.query.iter().any(|(name, _)| !other.query.has(name))
            || self.headers.iter().any(|(name, _)| !is_common_header(name) && !other.headers.has(name))
            || self.request_types.iter().any(|one| !other.request_types.contains(one))
            || self.body_seen && (!other.body_seen || self.body_fields > other.body_fields);
        let better = self.has_better_body(&other);
        let mine = std::mem::replace(self, other);
        for (pairs, mine) in [(&mut self.query, &mine.query), (&mut self.headers, &mine.headers)] {
            let new: Vec<_> = mine.iter().filter(|(name, _)| !pairs.has(name)).collect();
            pairs.extend(new);
        }
        for (types, mine) in
            [(&mut self.request_types, &mine.request_types), (&mut self.response_types, &mine.response_types)]
        {
            for one in mine.iter() {
                add_type(types, Some(one));
            }
        }
        if let Some(calls) = mine.calls {
            *self.calls.get_or_insert_default() |= calls;
        }
        if self.path_params.is_empty() {
            self.path_params = mine.path_params;
        }
        if better {
            (self.body, self.body_stored) = (mine.body, mine.body_stored);
        }
        self.body_dropped = self.body_dropped.or(mine.body_dropped).filter(|_| self.body_stored == 0);
        self.body_fields = self.body_fields.max(mine.body_fields);
        self.body_seen |= mine.body_seen;
        self.beyond_caps = self.beyond_caps.saturating_add(mine.beyond_caps);
        ahead
    }

    /// Adds what another record knows and this one does not.
    pub(crate) fn add(&mut self, mut other: Details) {
        std::mem::swap(self, &mut other);
        self.absorb(other);
    }

    /// Gives the variables of a template the values that they had when it was `old`.
    pub(crate) fn fit(&mut self, old: &str, new: &str) {
        let known = std::mem::take(&mut self.path_params);
        let value = |name: &str| known.iter().find(|(one, _)| *one == name).map(|(_, value)| value);
        let params = fitted(old, new, value);
        self.path_params.extend(borrowed(&params).take(PATH_PARAMS));
    }

    /// Returns what it occupies beside itself without the body, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        [&self.path_params, &self.query, &self.headers].iter().map(|pairs| pairs.heap_bytes()).sum::<usize>()
            + self.request_types.heap_bytes()
            + self.response_types.heap_bytes()
    }

    /// Returns what the body example occupies, in bytes.
    pub(crate) fn body_bytes(&self) -> usize {
        self.body
            .as_ref()
            .map_or(0, |body| size_of::<BodyExample>() + body.content.len() + body.content_type.len())
    }

    fn add_query(&mut self, query: &[(String, String)]) -> bool {
        let new = unknown(&self.query, query);
        let fits = QUERY_NAMES.saturating_sub(self.query.len()).min(new.len());
        self.beyond_caps = self.beyond_caps.saturating_add((new.len() - fits) as u64);
        self.query.extend(new.into_iter().take(fits));
        fits > 0
    }

    fn add_headers(&mut self, headers: &[(String, String)]) -> bool {
        let new = unknown(&self.headers, headers);
        let fits = HEADER_NAMES.saturating_sub(self.headers.len()).min(new.len());
        self.beyond_caps = self.beyond_caps.saturating_add((new.len() - fits) as u64);
        let telling = new.iter().take(fits).any(|(name, _)| !is_common_header(name));
        self.headers.extend(new.into_iter().take(fits));
        telling
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(bytes: &u32) -> bool {
    *bytes == 0
}

/// The pairs whose names are not known, each name once.
fn unknown<'a>(known: &Pairs, pairs: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    let mut new: Vec<(&str, &str)> = Vec::new();
    for (name, value) in borrowed(pairs) {
        if !known.has(name) && !new.iter().any(|(one, _)| *one == name) {
            new.push((name, value));
        }
    }
    new
}

/// Returns whether the type was added; `None` when there is no more room for it.
fn add_type(types: &mut Texts, new: Option<&str>) -> Option<bool> {
    let Some(new) = new else { return Some(false) };
    if types.contains(new) {
        return Some(false);
    }
    if types.len() >= TYPES {
        return None;
    }
    types.extend([new]);
    Some(true)
}

fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
