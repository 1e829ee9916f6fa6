//! The requests of all calls, made in one place for the client and for `--dry-run`.

use inventory::Instance;
use serde::Serialize;

use super::url::BaseUrl;
use super::wire::{Commit, Details, NewEndpoint, NewInstance, NewInstances, Preview, PreviewRequest};

/// The kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallKind {
    /// `GET .../endpoints`
    Listing,
    /// `POST .../bolt/preview`
    Preview,
    /// `POST .../add-endpoints`
    Add,
    /// `POST .../bolt/commit`
    Commit,
    /// `GET /v1/applications`
    Applications,
    /// `GET /v1/applications/{appId}`
    Application,
    /// `POST /v1/applications/oas`
    NewApplication,
    /// `POST /v1/applications/{appId}/instances/batch`
    NewInstance,
}

impl CallKind {
    /// Returns its label in metrics.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Preview => "preview",
            Self::Add => "add",
            Self::Commit => "commit",
            Self::Applications => "applications",
            Self::Application => "application",
            Self::NewApplication => "new-application",
            Self::NewInstance => "new-instance",
        }
    }
}

/// A request to the platform, without the headers that all requests share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which call.
    pub kind: CallKind,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// `Content-Type`, if there is a body.
    pub content_type: Option<&'static str>,
    /// The body, exactly as sent.
    pub body: String,
}

/// Separates the parts of a multipart body (RFC 2046, section 5.1.1). It stands at the beginning of a line, and JSON text
/// as we write it has no line ends: it cannot occur in the content.
const BOUNDARY: &str = "----apisec-traffic-monitor";
const MULTIPART: &str = "multipart/form-data; boundary=----apisec-traffic-monitor";
const JSON: &str = "application/json";

/// Makes the call for the listing of an instance.
pub(crate) fn listing(base: &BaseUrl, instance: &Instance) -> Call {
    get(CallKind::Listing, base.of_instance(instance, "endpoints?include=metadata&slim=true"))
}

/// Makes the call for a page of the applications; the first page has no token.
pub(crate) fn applications(base: &BaseUrl, token: Option<&str>) -> Call {
    get(CallKind::Applications, base.of_applications(token))
}

/// Makes the call for one application.
pub(crate) fn application(base: &BaseUrl, app: &str) -> Call {
    get(CallKind::Application, base.of_application(app, ""))
}

/// Makes the call for a new application for a Service. It sends an OpenAPI document without paths: endpoints follow by
/// their own calls.
pub(crate) fn new_application(base: &BaseUrl, service: &str) -> Call {
    // JSON is YAML; its text of a name has no line ends.
    let name = json(&service);
    let document = format!(
        "openapi: 3.0.0\ninfo:\n  title: {name}\n  version: 1.0.0\nservers:\n- url: /\npaths: {{}}\n"
    );
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"applicationName\"\r\n\r\n{service}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"origin\"\r\n\r\nK8S_DAEMONSET\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"fileUpload\"; filename=\"openapi-spec.yaml\"\r\n\
         Content-Type: application/x-yaml\r\n\r\n{document}\r\n--{BOUNDARY}--\r\n"
    );
    post(CallKind::NewApplication, base.of_application("oas", ""), MULTIPART, body)
}

/// Makes the call for a new instance of an application, for a Service.
pub(crate) fn new_instance(base: &BaseUrl, app: &str, service: &str) -> Call {
    let item = NewInstance { host_url: "/", instance_name: format!("{service}_instance") };
    let body = json(&NewInstances { instance_request_items: [item] });
    post(CallKind::NewInstance, base.of_application(app, "/instances/batch"), JSON, body)
}

/// Makes the call for a preview of `requests`.
pub(crate) fn preview(base: &BaseUrl, instance: &Instance, requests: &[PreviewRequest]) -> Call {
    let json = json(&Preview { requests });
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bolt.json\"\r\n\
         Content-Type: {JSON}\r\n\r\n{json}\r\n--{BOUNDARY}--\r\n"
    );
    post(CallKind::Preview, base.of_instance(instance, "bolt/preview"), MULTIPART, body)
}

/// Makes the call that commits the details of one endpoint.
pub(crate) fn commit(base: &BaseUrl, instance: &Instance, details: &Details) -> Call {
    let body = json(&Commit { apply_request_bodies: true, endpoints: [details] });
    post(CallKind::Commit, base.of_instance(instance, "bolt/commit"), JSON, body)
}

/// Makes the call that creates `endpoints`.
pub(crate) fn add_endpoints(base: &BaseUrl, instance: &Instance, endpoints: &[NewEndpoint]) -> Call {
    post(CallKind::Add, base.of_instance(instance, "add-endpoints"), JSON, json(&endpoints))
}

fn get(kind: CallKind, url: String) -> Call {
    Call { kind, method: "GET", url, content_type: None, body: String::new() }
}

fn post(kind: CallKind, url: String, content_type: &'static str, body: String) -> Call {
    Call { kind, method: "POST", url, content_type: Some(content_type), body }
}

/// Returns the JSON text of our own wire structures: maps with text keys, which always serialise.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::wire::Pairs;
    use super::*;

    fn place() -> (BaseUrl, Instance) {
        let base = BaseUrl::parse("https://h", &super::super::UrlRules::default()).unwrap();
        (base, Instance { app: "A".into(), instance: "I".into() })
    }

    #[test]
    fn a_preview_is_one_part_with_name_filename_and_type() {
        let (base, instance) = place();
        let request = PreviewRequest {
            method: "PUT".into(),
            url: "/v2/carts/77?notify=1".into(),
            request_headers: Pairs::from([("Content-Type".into(), "application/json".into())]),
            request_body: Some("{\"qty\": 3}\r\n------apisec-traffic-monitor--".into()),
        };
        let call = preview(&base, &instance, &[request]);
        assert_eq!(call.url, "https://h/v1/applications/A/instances/I/bolt/preview");
        let expected = "------apisec-traffic-monitor\r\nContent-Disposition: form-data; name=\"file\"; \
            filename=\"bolt.json\"\r\nContent-Type: application/json\r\n\r\n{\"requests\":[{\"method\":\"PUT\",\
            \"url\":\"/v2/carts/77?notify=1\",\"requestHeaders\":{\"Content-Type\":\"application/json\"},\
            \"requestBody\":\"{\\\"qty\\\": 3}\\r\\n------apisec-traffic-monitor--\"}]}\r\n\
            ------apisec-traffic-monitor--\r\n";
        assert_eq!(call.body, expected);
        assert_eq!(call.body.matches("\r\n------apisec-traffic-monitor").count(), 1);
    }

    #[test]
    fn a_new_application_has_its_parts_in_order_and_a_new_instance_its_name() {
        let (base, _) = place();
        let call = new_application(&base, "cart");
        assert_eq!((call.method, call.url.as_str()), ("POST", "https://h/v1/applications/oas"));
        let names: Vec<_> =
            call.body.match_indices("name=\"").map(|(at, _)| &call.body[at + 6..at + 12]).collect();
        assert_eq!(names, ["applic", "origin", "fileUp", "openap"]);
        for part in ["\r\n\r\ncart\r\n--", "title: \"cart\"\n", "servers:\n- url: /\n", "paths: {}\n"] {
            assert!(call.body.contains(part), "{part} {}", call.body);
        }
        let call = new_instance(&base, "a/b", "cart");
        assert_eq!(call.url, "https://h/v1/applications/a%2Fb/instances/batch");
        assert_eq!(call.body, r#"{"instanceRequestItems":[{"hostUrl":"/","instanceName":"cart_instance"}]}"#);
    }

    #[test]
    fn an_add_is_a_bare_array_and_payload_is_always_there() {
        let (base, instance) = place();
        let endpoint =
            NewEndpoint { method: "get".into(), endpoint: "/a/{id}".into(), payload: String::new() };
        let call = add_endpoints(&base, &instance, &[endpoint]);
        assert_eq!(call.body, r#"[{"method":"get","endpoint":"/a/{id}","payload":""}]"#);
        assert_eq!((call.method, call.content_type), ("POST", Some("application/json")));
    }
}
