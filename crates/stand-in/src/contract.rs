//! What a client must send, beyond what the calls need to work: the platform's contract, checked to the letter.
//!
//! Bodies that lack something are refused (400, 422); what the platform is known to take, but no monitor should send,
//! is let through and written down.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::call::Call;
use super::matching::{query_parameters, variables};
use super::refusal::Refusal;
use super::shown::brief;
use super::state::BodyExample;

/// How our own client names itself, before its version.
const PRODUCT: &str = "apisec-traffic-monitor/";

/// Headers that belong to one connection or to the framing of one message (RFC 9110, sections 7.6.1 and 8.6; the
/// proxy ones by RFC 2616, section 13.5.1).
const NOT_TO_COMMIT: [&str; 11] = [
    "host",
    "content-length",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
    "proxy-authorization",
];

/// Reads a JSON body.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        Refusal(status, error.to_string())
    })
}

/// Returns what is wrong with the parts of a request that all calls share.
pub(super) fn request(call: Call, parts: &Parts) -> Vec<String> {
    let header = |name| parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut wrong = Vec::new();
    let mut check = |good: bool, what: &str| {
        if !good {
            wrong.push(what.to_owned());
        }
    };
    check(call != Call::Other, "no call of the platform");
    check(parts.headers.get_all(header::AUTHORIZATION).iter().count() == 1, "not one Authorization header");
    let key = header(header::AUTHORIZATION).unwrap_or_default();
    let key = key.strip_prefix("Bearer ").unwrap_or_default();
    check(
        !key.is_empty() && !key.contains(char::is_whitespace),
        "Authorization is not 'Bearer <trimmed key>'",
    );
    let agent = header(header::USER_AGENT).unwrap_or_default();
    let version = agent.strip_prefix(PRODUCT).unwrap_or_default();
    check(
        version.starts_with(|c: char| c.is_ascii_digit()),
        "User-Agent is not apisec-traffic-monitor/<version>",
    );
    check(header(header::ACCEPT).as_deref() == Some("application/json"), "Accept is not application/json");
    check(!parts.uri.path().contains("//"), "an empty segment in the path");

    let kind = header(header::CONTENT_TYPE).unwrap_or_default().to_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match call {
        Call::Commit | Call::Add | Call::Instances => {
            check(kind == "application/json", "Content-Type is not application/json");
        }
        Call::Preview | Call::Create => {
            check(kind == "multipart/form-data", "Content-Type is not multipart/form-data");
        }
        _ => {}
    }
    let mut query = query_parameters(parts.uri.query().unwrap_or_default());
    query.retain(|(name, value)| call != Call::Applications || name != "nextToken" || value.is_empty());
    query.sort();
    let query: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected: &[(&str, &str)] = match call {
        Call::Listing => &[("include", "metadata"), ("slim", "true")],
        Call::Applications => &[("include", "metadata")],
        Call::Other => &query,
        _ => &[],
    };
    check(query == expected, "the query is not that of this call");
    wrong
}

/// The content of a preview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preview {
    pub(super) requests: Vec<Observed>,
}

/// A request as it was observed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Observed {
    pub(super) method: String,
    pub(super) url: String,
    request_headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "not_null")]
    request_body: Option<String>,
}

impl Observed {
    pub(super) fn violations(&self) -> Vec<String> {
        let url = brief(&self.url);
        let mut wrong = Vec::new();
        if self.method.parse::<Method>().is_err() || self.method != self.method.to_uppercase() {
            wrong.push(format!("{url}: the method {:?} is not one in upper case", brief(&self.method)));
        }
        if !self.url.starts_with('/') {
            wrong.push(format!("{url}: the url is not a path with its query"));
        }
        if self.request_body.as_deref() == Some("") {
            wrong.push(format!("{url}: requestBody is present and empty"));
        }
        if self.request_headers.keys().any(|name| name.is_empty() || name.starts_with(':')) {
            wrong.push(format!("{url}: a header without a name, or a pseudo-header"));
        }
        wrong
    }
}

/// An endpoint to add.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEndpoint {
    pub(super) method: String,
    pub(super) endpoint: String,
    pub(super) payload: String,
}

impl NewEndpoint {
    pub(super) fn violations(&self) -> Vec<String> {
        let path = brief(&self.endpoint);
        let mut wrong = Vec::new();
        if self.method.parse::<Method>().is_err() || self.method != self.method.to_lowercase() {
            wrong.push(format!("{path}: the method {:?} is not one in lower case", brief(&self.method)));
        }
        if !self.endpoint.starts_with('/') || self.endpoint.contains(not_in_paths) {
            wrong.push(format!("{path}: the endpoint is not a path"));
        }
        let names: Vec<&str> = variables(&self.endpoint).collect();
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            wrong.push(format!("{path}: two variables with one name"));
        }
        wrong
    }
}

/// Returns whether a path cannot have this character: it begins the next part of a URL (RFC 3986, section 3), or would have to be
/// percent-encoded.
fn not_in_paths(character: char) -> bool {
    matches!(character, '?' | '#') || character.is_whitespace() || character.is_control()
}

/// The content of a commit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    #[serde(rename = "applyRequestBodies")]
    pub(super) apply_bodies: bool,
    pub(super) endpoints: Vec<Committed>,
}

/// The details of one endpoint.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Committed {
    pub(super) endpoint_id: String,
    pub(super) include: bool,
    pub(super) path_params: BTreeMap<String, String>,
    pub(super) query_params: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default, rename = "requestBodyExample", deserialize_with = "not_null")]
    pub(super) body: Option<BodyExample>,
}

impl Commit {
    /// Returns what is wrong with it; `path` gives the path of a known endpoint by its id.
    pub(super) fn violations<'a>(&self, path: impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.apply_bodies {
            wrong.push("applyRequestBodies is not true".to_owned());
        }
        if self.endpoints.is_empty() {
            wrong.push("endpoints is empty".to_owned());
        }
        for endpoint in &self.endpoints {
            let path = path(&endpoint.endpoint_id);
            let name = brief(path.unwrap_or(&endpoint.endpoint_id));
            wrong.extend(endpoint.violations(path).into_iter().map(|what| format!("{name}: {what}")));
        }
        wrong
    }
}

impl Committed {
    fn violations(&self, path: Option<&str>) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.include {
            wrong.push("include is not true".to_owned());
        }
        for name in self.headers.keys() {
            let lower = name.to_lowercase();
            if name.is_empty() || name.starts_with(':') || NOT_TO_COMMIT.contains(&lower.as_str()) {
                wrong.push(format!("the header {:?} is not to be committed", brief(name)));
            }
        }
        let given: BTreeSet<&str> = self.path_params.keys().map(String::as_str).collect();
        if path.is_some_and(|path| variables(path).collect::<BTreeSet<_>>() != given) {
            wrong.push(format!("pathParams has {given:?}, which are not the path's variables"));
        }
        if self.body.as_ref().is_some_and(|body| body.content.is_empty()) {
            wrong.push("requestBodyExample is empty".to_owned());
        }
        wrong
    }
}

/// The content of `instances/batch`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInstances {
    #[serde(rename = "instanceRequestItems")]
    pub(super) items: Vec<NewInstance>,
}

/// An instance to make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewInstance {
    pub(super) host_url: String,
    pub(super) instance_name: String,
}

/// Returns what is wrong with the OpenAPI document of a new application. It is YAML, or JSON, which YAML includes; only
/// the fields that must be there are looked for.
pub(super) fn specification(
    name: &str,
    file: Option<&str>,
    kind: Option<&str>,
    content: &[u8],
) -> Vec<String> {
    let text = String::from_utf8_lossy(content);
    let checks = [
        (file == Some("openapi-spec.yaml"), "the file is not named openapi-spec.yaml"),
        (kind == Some("application/x-yaml"), "the part's type is not application/x-yaml"),
        (text.contains("openapi") && text.contains("3.0"), "the document is not OpenAPI 3.0"),
        (text.contains("title") && text.contains(name), "info.title is not the application's name"),
        (text.contains("servers") && text.contains("paths"), "servers or paths is missing"),
    ];
    checks.into_iter().filter(|(good, _)| !good).map(|(_, what)| what.to_owned()).collect()
}

/// For fields that may be absent, but not `null`.
fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: DeserializeOwned>(body: &str) -> (u16, String) {
        match parse::<T>(body.as_bytes()) {
            Err(Refusal(status, what)) => (status.as_u16(), what),
            Ok(_) => (200, String::new()),
        }
    }

    #[test]
    fn what_is_missing_is_refused() {
        let preview = refused::<Preview>(r#"{"requests":[{"method":"GET","url":"/"}]}"#);
        assert!(preview.0 == 422 && preview.1.contains("requestHeaders"), "{preview:?}");
        let null = r#"{"requests":[{"method":"GET","url":"/","requestHeaders":{},"requestBody":null}]}"#;
        assert_eq!(refused::<Preview>(null).0, 422);
        assert!(refused::<Vec<NewEndpoint>>(r#"[{"method":"get","endpoint":"/"}]"#).1.contains("payload"));
        assert_eq!(refused::<Vec<NewEndpoint>>(r#"{"endpoints":[]}"#).0, 422);
        assert_eq!(refused::<Vec<NewEndpoint>>("[{").0, 400);
        let commit =
            r#"{"applyRequestBodies":true,"endpoints":[{"endpointId":"x","include":true,"headers":{}}]}"#;
        assert!(refused::<Commit>(commit).1.contains("pathParams"));
    }

    #[test]
    fn what_is_let_through_is_written_down() {
        let item = |text: &str| parse::<NewEndpoint>(text.as_bytes()).expect("valid").violations().len();
        assert_eq!(item(r#"{"method":"get","endpoint":"/a/{id}","payload":""}"#), 0);
        assert_eq!(item(r#"{"method":"GET","endpoint":"a?b","payload":""}"#), 2);
        assert_eq!(item(r#"{"method":"get","endpoint":"/{id}/{id}","payload":""}"#), 1);
        let observed =
            r#"{"method":"get","url":"http://x/","requestHeaders":{":path":"/"},"requestBody":""}"#;
        assert_eq!(parse::<Observed>(observed.as_bytes()).expect("valid").violations().len(), 4);
    }

    #[test]
    fn a_commit_names_the_variables_of_its_path_and_no_hop_by_hop_header() {
        let commit = r#"{"applyRequestBodies":true,"endpoints":[{"endpointId":"x","include":true,
            "pathParams":{"id":"1"},"queryParams":{},"headers":{"HOST":"a","Content-Length":"1","Accept":"*/*"}}]}"#;
        let commit: Commit = parse(commit.as_bytes()).expect("valid");
        assert_eq!(commit.violations(|_| Some("/a/{id}")).len(), 2);
        assert_eq!(commit.violations(|_| Some("/a/{userId}")).len(), 3);
        assert_eq!(commit.violations(|_| None).len(), 2);
    }

    #[test]
    fn a_specification_has_its_name_and_type() {
        let good = b"openapi: 3.0.3\ninfo: {title: cart, version: '1'}\nservers: [{url: /}]\npaths: {}\n";
        let spec = |file, kind, content| specification("cart", Some(file), Some(kind), content);
        assert!(spec("openapi-spec.yaml", "application/x-yaml", good).is_empty());
        assert_eq!(spec("x.yaml", "text/plain", b"").len(), 5);
    }
}
