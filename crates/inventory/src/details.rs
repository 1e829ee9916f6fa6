//! What was learned about how an endpoint is called, and what of it is worth telling the platform.

use std::ops::BitOrAssign;

use redact::{Calls, RedactedExchange, fitted, is_common_header};
use serde::{Deserialize, Serialize};

use crate::example::{Example, ExampleList, Names};
use crate::names::{HEADER_NAMES, PATH_PARAMS, QUERY_NAMES, borrowed};
use crate::texts::{Pairs, Texts, cut};
use crate::{BodyExample, Dropped};

/// At most so many media types of one endpoint, of requests and of responses.
pub(crate) const TYPES: usize = 16;

/// How an endpoint is called. Every set has a cap, beyond which it is open: further names are counted, not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The name and the surrogate of each variable segment of the template in records of earlier versions, in order.
    path_params: Pairs,
    /// Query parameters that no example has. Records of earlier versions have all here, with values of several requests.
    query: Pairs,
    /// Request headers that no example has, names in lower case; those of earlier versions in the same way.
    headers: Pairs,
    /// How it is called, each from one request.
    #[serde(skip_serializing_if = "ExampleList::is_empty")]
    pub examples: ExampleList,
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
    /// The names of all query parameters.
    #[must_use]
    pub fn query_names(&self) -> Vec<&str> {
        self.all(|example| &example.query, &self.query).into_iter().map(|(name, _)| name).collect()
    }

    /// The names of all request headers, in lower case.
    #[must_use]
    pub fn header_names(&self) -> Vec<&str> {
        self.all(|example| &example.headers, &self.headers).into_iter().map(|(name, _)| name).collect()
    }

    /// The name and a surrogate of each variable segment of the template, in order.
    #[must_use]
    pub fn path_params(&self) -> &Pairs {
        self.examples.first().map_or(&self.path_params, |example| &example.path_params)
    }

    /// What is to be told, as names and values of the path, the query and headers: of the example, or of several requests, as
    /// earlier versions kept them.
    pub(crate) fn told<'a>(&'a self, example: Option<&'a Example>) -> [Vec<(String, String)>; 3] {
        let all = match example {
            Some(example) => [&example.path_params, &example.query, &example.headers],
            None => [&self.path_params, &self.query, &self.headers],
        };
        all.map(Pairs::to_vec)
    }

    /// Returns names and values of the path, the query and headers: each name once, with the value that the first example that has
    /// it has; empty where none has.
    #[must_use]
    pub fn seen(&self) -> [Vec<(&str, &str)>; 3] {
        [
            self.all(|example| &example.path_params, &self.path_params),
            self.all(|example| &example.query, &self.query),
            self.all(|example| &example.headers, &self.headers),
        ]
    }

    fn all<'a>(
        &'a self,
        of: impl Fn(&'a Example) -> &'a Pairs,
        others: &'a Pairs,
    ) -> Vec<(&'a str, &'a str)> {
        let mut all: Vec<(&str, &str)> = Vec::new();
        for (name, value) in self.examples.iter().map(of).chain([others]).flat_map(Pairs::iter) {
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name, value));
            }
        }
        all
    }

    /// Takes over what is new in an exchange; `body` says whether its body became the body example. Values of known names
    /// never count.
    pub(crate) fn learn(&mut self, exchange: &RedactedExchange, body: bool) -> Learned {
        if let Some(calls) = exchange.calls() {
            *self.calls.get_or_insert_default() |= calls;
        }
        let mut names = self.new_names(exchange);
        let query = !names.query.is_empty();
        let header = names.headers.iter().any(|name| !is_common_header(name));
        let request_type = add_type(&mut self.request_types, exchange.request_type());
        let response_type = add_type(&mut self.response_types, exchange.response_type());
        let full = [request_type, response_type].iter().filter(|added| added.is_none()).count();
        self.beyond_caps = self.beyond_caps.saturating_add(full as u64);
        let known = self.names();
        names.query.extend(known.query);
        names.headers.extend(known.headers);
        // What an earlier version told stays as it is until there is news.
        let is_first = self.examples.is_empty() && self.query.is_empty() && self.headers.is_empty();
        if body {
            self.examples.add_with_body(exchange, &names);
        } else if query || header || is_first {
            self.examples.add(exchange, &names);
        }
        self.keep_names(names);
        Learned { query, header, request_type: request_type == Some(true), body }
    }

    /// Returns the names in an exchange that are not known, as far as there is room for them.
    fn new_names(&mut self, exchange: &RedactedExchange) -> Names {
        let new = |known: Vec<&str>, pairs, most: usize| {
            let mut new = unknown(&known, pairs);
            let fits = most.saturating_sub(known.len()).min(new.len());
            let beyond = (new.len() - fits) as u64;
            new.truncate(fits);
            (new.into_iter().map(str::to_owned).collect::<Vec<_>>(), beyond)
        };
        let (query, beyond) = new(self.query_names(), exchange.query(), QUERY_NAMES);
        let (headers, too) = new(self.header_names(), exchange.headers(), HEADER_NAMES);
        self.beyond_caps = self.beyond_caps.saturating_add(beyond + too);
        Names { query, headers }
    }

    /// Returns the names of parameters and headers.
    fn names(&self) -> Names {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Names { query: owned(self.query_names()), headers: owned(self.header_names()) }
    }

    /// Keeps those of these names that no example has.
    fn keep_names(&mut self, Names { query, headers }: Names) {
        let missing = |known: Vec<&str>, names: Vec<String>| -> Vec<String> {
            names.into_iter().filter(|name| !known.contains(&name.as_str())).collect()
        };
        let (query, headers) = (missing(self.query_names(), query), missing(self.header_names(), headers));
        self.query.extend(query.iter().map(|name| (name.as_str(), "")));
        self.headers.extend(headers.iter().map(|name| (name.as_str(), "")));
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
        let (query, headers) = (other.query_names(), other.header_names());
        let ahead = self.query_names().iter().any(|name| !query.contains(name))
            || self.header_names().iter().any(|name| !is_common_header(name) && !headers.contains(name))
            || self.request_types.iter().any(|one| !other.request_types.contains(one))
            || self.body_seen && (!other.body_seen || self.body_fields > other.body_fields);
        let better = self.has_better_body(&other);
        let mine = std::mem::replace(self, other);
        let names = [mine.names(), self.names()];
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
        self.examples.join(mine.examples, better);
        names.into_iter().for_each(|names| self.keep_names(names));
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
        let fit = |known: &Pairs| {
            let value = |name: &str| known.iter().find(|(one, _)| *one == name).map(|(_, value)| value);
            let mut params = Pairs::default();
            params.extend(borrowed(&fitted(old, new, value)).take(PATH_PARAMS));
            params
        };
        let own = fit(&self.path_params);
        self.path_params = own;
        self.examples.fit(fit);
    }

    /// Returns what it occupies beside itself without the body, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        [&self.path_params, &self.query, &self.headers].iter().map(|pairs| pairs.heap_bytes()).sum::<usize>()
            + self.request_types.heap_bytes()
            + self.response_types.heap_bytes()
            + self.examples.heap_bytes()
    }

    /// Returns what the body example occupies, in bytes.
    pub(crate) fn body_bytes(&self) -> usize {
        self.body
            .as_ref()
            .map_or(0, |body| size_of::<BodyExample>() + body.content.len() + body.content_type.len())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(bytes: &u32) -> bool {
    *bytes == 0
}

/// The names that are not known, each once.
fn unknown<'a>(known: &[&str], pairs: &'a [(String, String)]) -> Vec<&'a str> {
    let mut new: Vec<&str> = Vec::new();
    for (name, _) in borrowed(pairs) {
        let name = cut(name);
        if !known.contains(&name) && !new.contains(&name) {
            new.push(name);
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
