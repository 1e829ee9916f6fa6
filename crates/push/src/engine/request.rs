//! What is sent for an item: the redacted form of a request.

use inventory::Item;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::shape::variable;
use crate::client::wire::{Details, Example, NewEndpoint, Pairs, PreviewRequest, Suggestion};

/// What is percent-encoded in a segment of a path (RFC 3986, section 3.3: what is no `pchar`). `%` stays, for values may be
/// encoded already.
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

/// Stands for the value of a variable segment that none was kept of.
const ANY_VALUE: &str = "1";

/// The request as the matcher is to see it; `light` leaves the body out.
pub(super) fn preview(item: &Item, light: bool) -> PreviewRequest {
    let segments = segments(item).into_iter().map(|(segment, is_value)| {
        // A literal is in normal form already.
        if is_value { utf8_percent_encode(segment, SEGMENT).to_string() } else { segment.to_owned() }
    });
    let mut url = segments.collect::<Vec<_>>().join("/");
    for (i, (name, value)) in item.query.iter().enumerate() {
        url.push(if i == 0 { '?' } else { '&' });
        url.extend(utf8_percent_encode(name, QUERY));
        url.push('=');
        url.extend(utf8_percent_encode(value, QUERY));
    }
    let body = item.body.as_ref().filter(|body| !light && !body.content.is_empty());
    PreviewRequest {
        method: item.key.method.clone(),
        url,
        request_headers: pairs(&item.headers),
        request_body: body.map(|body| body.content.clone()),
    }
}

/// The endpoint to create; `light` leaves the body out.
pub(super) fn new_endpoint(item: &Item, light: bool) -> NewEndpoint {
    let takes_body = matches!(item.key.method.as_str(), "POST" | "PUT" | "PATCH");
    let body = item.body.as_ref().filter(|_| takes_body && !light);
    NewEndpoint {
        method: item.key.method.to_ascii_lowercase(),
        endpoint: item.key.template.clone(),
        payload: body.map(|body| body.content.clone()).unwrap_or_default(),
    }
}

/// What is to be applied to the endpoint with this id and path on the platform; `None` if there is nothing to say.
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

/// Our values, by position, under the names that the platform's path has for them.
fn values_under_names_of(path: &str, item: &Item) -> Pairs {
    let named = path.split('/').zip(segments(item));
    named.filter_map(|(name, (value, _))| Some((variable(name)?.to_owned(), value.to_owned()))).collect()
}

/// The segments of the request: literals, and values (`true`) for variables.
fn segments(item: &Item) -> Vec<(&str, bool)> {
    let mut values = item.path_params.iter().map(|(_, value)| value.as_str());
    let filled = item.key.template.split('/').map(|segment| match variable(segment) {
        Some(_) => (values.next().unwrap_or(ANY_VALUE), true),
        None => (segment, false),
    });
    filled.collect()
}

fn pairs(list: &[(String, String)]) -> Pairs {
    list.iter().cloned().collect()
}
