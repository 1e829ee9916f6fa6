//! What is sent for an item: the redacted form of a request.

use inventory::Item;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::shape::variable;
use crate::client::answers::Suggestion;
use crate::client::wire::{Details, Example, NewEndpoint, Pairs, PreviewRequest};

/// What is percent-encoded in a segment of a path (RFC 3986, section 3.3: everything but `pchar`), beside `%`: see
/// [`encode`].
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What is percent-encoded in a name or value of a query.
const QUERY: &AsciiSet = &SEGMENT.remove(b'/').remove(b'?').add(b'&').add(b'=').add(b'+').add(b';');

/// Stands for a variable segment of which no value was kept.
const ANY_VALUE: &str = "1";

/// Returns the request as the matcher is to see it; `light` leaves the body out.
pub(super) fn preview(item: &Item, light: bool) -> PreviewRequest {
    let segments = segments(item).into_iter().map(|(segment, is_value)| {
        // A literal is in normal form already.
        if is_value { encode(segment, SEGMENT) } else { segment.to_owned() }
    });
    let mut url = segments.collect::<Vec<_>>().join("/");
    for (i, (name, value)) in item.query.iter().enumerate() {
        url.push(if i == 0 { '?' } else { '&' });
        url += &format!("{}={}", encode(name, QUERY), encode(value, QUERY));
    }
    let body = item.body.as_ref().filter(|body| !light && !body.content.is_empty());
    PreviewRequest {
        method: item.key.method.clone(),
        url,
        request_headers: pairs(&item.headers),
        request_body: body.map(|body| body.content.clone()),
    }
}

/// Returns the endpoint to create; `light` leaves the body out.
pub(super) fn new_endpoint(item: &Item, light: bool) -> NewEndpoint {
    let takes_body = matches!(item.key.method.as_str(), "POST" | "PUT" | "PATCH");
    let body = item.body.as_ref().filter(|_| takes_body && !light);
    NewEndpoint {
        method: item.key.method.to_ascii_lowercase(),
        endpoint: item.path.clone(),
        payload: body.map(|body| body.content.clone()).unwrap_or_default(),
    }
}

/// Returns the details for the endpoint with this id and path on the platform; `None` if there are none.
pub(super) fn details(
    item: &Item,
    id: &str,
    path: &str,
    suggestion: Option<&Suggestion>,
    light: bool,
) -> Option<Details> {
    let mut path_params = values_under_names_of(path, item);
    let mut query_params = pairs(&item.query);
    if let Some(suggestion) = suggestion {
        path_params.extend(suggestion.path_params.clone());
        query_params.extend(suggestion.query_params.clone());
    }
    let headers = pairs(&item.headers);
    let body = item.body.as_ref().filter(|body| !light && !body.content.is_empty());
    if path_params.is_empty() && query_params.is_empty() && headers.is_empty() && body.is_none() {
        return None;
    }
    let request_body_example =
        body.map(|body| Example { content_type: body.content_type.clone(), content: body.content.clone() });
    let endpoint_id = id.to_owned();
    Some(Details { endpoint_id, include: true, path_params, query_params, headers, request_body_example })
}

/// Returns our values, by position, under the names that the platform's path has for them.
fn values_under_names_of(path: &str, item: &Item) -> Pairs {
    let named = path.split('/').zip(segments(item));
    named.filter_map(|(name, (value, _))| Some((variable(name)?.to_owned(), value.to_owned()))).collect()
}

/// Returns the segments of the request: literals, and values (`true`) for variables.
fn segments(item: &Item) -> Vec<(&str, bool)> {
    let mut values = item.path_params.iter().map(|(_, value)| value.as_str());
    let filled = item.path.split('/').map(|segment| match variable(segment) {
        Some(_) => (values.next().unwrap_or(ANY_VALUE), true),
        None => (segment, false),
    });
    filled.collect()
}

/// Returns text as it may stand in a URL. What is percent-encoded already stays so, since values may come either way; any
/// other `%` is a character like the others.
fn encode(text: &str, set: &'static AsciiSet) -> String {
    let mut pieces = text.split('%');
    let mut out = utf8_percent_encode(pieces.next().unwrap_or_default(), set).to_string();
    for piece in pieces {
        let encoded = piece.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        out += if encoded { "%" } else { "%25" };
        out.extend(utf8_percent_encode(piece, set));
    }
    out
}

fn pairs(list: &[(String, String)]) -> Pairs {
    list.iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use inventory::{BodyExample, EndpointKey, Progress};
    use redact::Owner;

    use super::*;

    fn item(
        method: &str,
        template: &str,
        values: &[&str],
        query: &[(&str, &str)],
        body: Option<&str>,
    ) -> Item {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let owner = Owner::Address(SocketAddr::from(([10, 0, 0, 1], 80)));
        Item {
            key: EndpointKey { owner, method: method.into(), template: template.into() },
            path: template.into(),
            path_params: values.iter().map(|value| owned(("p", value))).collect(),
            query: query.iter().copied().map(owned).collect(),
            headers: Vec::new(),
            example: None,
            has_body: true,
            body: body
                .map(|content| BodyExample { content_type: "text/plain".into(), content: content.into() }),
            revision: 1,
            progress: Progress::default(),
            apart: Vec::new(),
        }
    }

    #[test]
    fn urls_are_encoded_once() {
        let url = |template, values: &[&str], query: &[(&str, &str)]| {
            preview(&item("GET", template, values, query, None), false).url
        };
        assert_eq!(url("/a%20b/{x}/{y}", &["1 /?#%", "ü%2f"], &[]), "/a%20b/1%20%2F%3F%23%25/%C3%BC%2f");
        assert_eq!(url("/s", &[], &[("q", "a&b=c+%"), ("p[]", "/?")]), "/s?q=a%26b%3Dc%2B%25&p%5B%5D=/?");
        assert_eq!(url("/{a}/{b}", &["7"], &[]), "/7/1");
    }

    #[test]
    fn a_payload_is_only_for_methods_that_create_or_change() {
        for (method, payload) in [("POST", "x"), ("PUT", "x"), ("PATCH", "x"), ("DELETE", ""), ("GET", "")] {
            let item = item(method, "/a", &[], &[], Some("x"));
            assert_eq!(new_endpoint(&item, false).payload, payload, "{method}");
            assert_eq!(new_endpoint(&item, true).payload, "");
        }
    }

    #[test]
    fn details_go_under_the_platforms_names() {
        let item = item("GET", "/users/john/orders/{orderId}", &["7"], &[("page", "2")], None);
        let details = details(&item, "id", "/users/{user}/orders/{o}", None, false).unwrap();
        let of = |pairs: &[(&str, &str)]| -> Pairs {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(details.path_params, of(&[("o", "7"), ("user", "john")]));
        assert_eq!(details.query_params, of(&[("page", "2")]));
        assert!(super::details(&self::item("GET", "/a", &[], &[], None), "id", "/a", None, false).is_none());
    }
}
