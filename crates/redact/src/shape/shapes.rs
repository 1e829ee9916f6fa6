//! The shapes of an endpoint: of its parameters, its requests and its responses.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::node::{Field, Shape};
use crate::classify::Labels;

/// The most media types of requests of an endpoint, and the most kinds of responses (status and media type).
const MAX_REQUESTS: usize = 8;
const MAX_RESPONSES: usize = 24;

/// The most shapes that an endpoint keeps: those of large documents, and a third of what a document may give.
const MAX_NODES: usize = 1024;

/// Where a parameter stands (OpenAPI 3.1, section 4.8.12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Location {
    /// In the place of a variable of the template.
    #[serde(rename = "path")]
    Path,
    /// Behind the `?`.
    #[serde(rename = "query")]
    Query,
    /// In a header field of the request; the name is in lower case.
    #[serde(rename = "header")]
    Header,
    /// In `Cookie`.
    #[serde(rename = "cookie")]
    Cookie,
}

impl Location {
    /// Returns its name in OpenAPI.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        }
    }
}

/// A shape, and of how many documents it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampled {
    /// The number of documents.
    pub samples: u64,
    /// What they have in common.
    pub shape: Shape,
}

/// A parameter of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// Where it stands.
    pub location: Location,
    /// Its name.
    pub name: &'a str,
    /// Whether every request that was sampled had it.
    pub required: bool,
    field: &'a Field,
}

impl Parameter<'_> {
    /// Returns the schema of its value, as [`Shape::schema`].
    #[must_use]
    pub fn schema(&self) -> Value {
        self.field.schema()
    }

    /// Returns the shape of one value of it.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.field.shape
    }
}

/// What the requests and responses of an endpoint look like. Counts add up with each join, and the rest is a join of shapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shapes {
    /// By where they stand: an object of all that stands there in a request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<Location, Sampled>,
    /// By media type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    requests: BTreeMap<Box<str>, Sampled>,
    /// By status and media type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    responses: BTreeMap<u16, BTreeMap<Box<str>, Sampled>>,
}

impl Shapes {
    /// Returns whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.requests.is_empty() && self.responses.is_empty()
    }

    /// The parameters: those of the path, the query, the header and the cookies, each in the order of their names.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.parameters.iter().flat_map(|(location, sampled)| {
            let object = sampled.shape.object.as_deref();
            let fields = object.map(|object| object.fields.as_slice()).unwrap_or_default();
            fields.iter().map(|(name, field)| Parameter {
                location: *location,
                name,
                required: *location == Location::Path || !field.optional,
                field,
            })
        })
    }

    /// The bodies of requests by their media types, in lower case and without parameters.
    pub fn requests(&self) -> impl Iterator<Item = (&str, &Sampled)> {
        self.requests.iter().map(|(media, sampled)| (&**media, sampled))
    }

    /// The bodies of responses by their status and media types.
    pub fn responses(&self) -> impl Iterator<Item = (u16, &str, &Sampled)> {
        let all = self.responses.iter();
        all.flat_map(|(status, types)| types.iter().map(|(media, sampled)| (*status, &**media, sampled)))
    }

    /// Takes in the shapes of another record of the same endpoint.
    pub fn join(&mut self, other: Shapes) {
        for (location, sampled) in other.parameters {
            self.parameters.entry(location).or_default().join(sampled);
        }
        for (media, sampled) in other.requests {
            let full = self.requests.len() >= MAX_REQUESTS;
            add(&mut self.requests, media, sampled, full);
        }
        for (status, types) in other.responses {
            for (media, sampled) in types {
                let full = self.responses.values().map(BTreeMap::len).sum::<usize>() >= MAX_RESPONSES;
                if !full || self.responses.contains_key(&status) {
                    add(self.responses.entry(status).or_default(), media, sampled, full);
                }
            }
        }
        self.trim();
    }

    /// Leaves out what an endpoint may not keep: the deepest parts of the largest body.
    pub fn trim(&mut self) {
        loop {
            let nodes: usize = self.all().map(|sampled| sampled.shape.nodes()).sum();
            let Some(largest) = self.all_mut().max_by_key(|sampled| sampled.shape.nodes()) else { return };
            let fits = largest.shape.nodes().saturating_sub(nodes.saturating_sub(MAX_NODES)).max(1);
            if nodes <= MAX_NODES || largest.shape.nodes() <= fits {
                return;
            }
            largest.shape.trim(fits);
        }
    }

    /// Returns them without what requests say: the responses.
    #[must_use]
    pub fn into_responses(self) -> Shapes {
        Shapes { responses: self.responses, ..Shapes::default() }
    }

    /// Gives the variables of the path the names of another template: `renamed` has those of both, in pairs.
    pub fn rename(&mut self, renamed: &[(Option<String>, String)]) {
        if let Some(sampled) = self.parameters.get_mut(&Location::Path) {
            sampled.shape.rename(renamed);
        }
    }

    /// Takes in the variables of the path of a request.
    pub fn add_path(&mut self, shape: Shape) {
        if !shape.is_empty() {
            self.add_parameters(Location::Path, shape);
        }
    }

    /// Returns the number of documents and sets of parameters that they were learned from.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.all().fold(0, |sum, sampled| sum.saturating_add(sampled.samples))
    }

    /// Returns the kinds of sensitive data that stand in parameters, requests and responses.
    #[must_use]
    pub fn labels(&self) -> Labels {
        self.all().fold(Labels::default(), |labels, sampled| labels.with(sampled.shape.all_labels()))
    }

    /// Returns what they occupy beside themselves, in bytes: an estimate on the high side.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // A node of a tree has places for eleven.
        let trees = 1
            + usize::from(!self.requests.is_empty())
            + self.responses.len()
            + usize::from(!self.responses.is_empty());
        trees * 11 * (size_of::<Sampled>() + size_of::<Box<str>>())
            + self.all().map(|sampled| sampled.shape.heap_bytes()).sum::<usize>()
    }

    /// Returns parameters, requests and responses with their schemas.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let parameter = |one: Parameter<'_>| json!({"in": one.location.name(), "name": one.name, "required": one.required, "schema": one.schema()});
        let body = |sampled: &Sampled| json!({"samples": sampled.samples, "schema": sampled.shape.schema()});
        let requests: BTreeMap<&str, Value> =
            self.requests().map(|(media, one)| (media, body(one))).collect();
        let mut responses: BTreeMap<u16, BTreeMap<&str, Value>> = BTreeMap::new();
        for (status, media, sampled) in self.responses() {
            responses.entry(status).or_default().insert(media, body(sampled));
        }
        json!({
            "parameters": self.parameters().map(parameter).collect::<Vec<_>>(),
            "request": requests,
            "responses": responses,
        })
    }

    /// Takes in what stands in one request at a place.
    pub(crate) fn add_parameters(&mut self, location: Location, shape: Shape) {
        self.parameters.entry(location).or_default().join(Sampled { samples: 1, shape });
    }

    /// Takes in the body of a request.
    pub(crate) fn add_request(&mut self, media: &str, shape: Shape, samples: u64) {
        self.requests.entry(media.into()).or_default().join(Sampled { samples, shape });
    }

    /// Takes in the body of a response.
    pub(crate) fn add_response(&mut self, status: u16, media: &str, shape: Shape, samples: u64) {
        let types = self.responses.entry(status).or_default();
        types.entry(media.into()).or_default().join(Sampled { samples, shape });
    }

    fn all(&self) -> impl Iterator<Item = &Sampled> {
        let responses = self.responses.values().flat_map(BTreeMap::values);
        self.parameters.values().chain(self.requests.values()).chain(responses)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Sampled> {
        let responses = self.responses.values_mut().flat_map(BTreeMap::values_mut);
        self.parameters.values_mut().chain(self.requests.values_mut()).chain(responses)
    }
}

impl Sampled {
    fn join(&mut self, other: Sampled) {
        self.samples = self.samples.saturating_add(other.samples);
        self.shape.join(other.shape);
    }
}

/// Adds to the shape of a media type, or a new one if there is room.
fn add(types: &mut BTreeMap<Box<str>, Sampled>, media: Box<str>, sampled: Sampled, full: bool) {
    if !full || types.contains_key(&media) {
        types.entry(media).or_default().join(sampled);
    }
}
