//! The responses of an operation (section 4.8.16).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Endpoint;

/// Returns the responses by status; `default` where no answer was seen.
pub(super) fn of(endpoint: &Endpoint) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<u16, Value> = BTreeMap::new();
    for (status, count) in endpoint.statuses().filter(|(status, _)| (100..600).contains(status)) {
        all.insert(status, json!({ "description": description(status), "x-requests": count }));
    }
    let mut shaped = false;
    for (status, media, sampled) in endpoint.shapes().into_iter().flat_map(|shapes| shapes.responses()) {
        if let Some(response) = all.get_mut(&status) {
            response["content"][media] = json!({ "schema": sampled.shape.schema() });
            shaped = true;
        }
    }
    // Of which status a media type was is known by shapes alone; where there are none, it is that of the first success.
    let success = all.iter_mut().find(|(status, _)| (200..300).contains(*status) && **status != 204);
    if let Some((_, response)) = success.filter(|_| !shaped) {
        for media in endpoint.record.details.response_types.iter() {
            response["content"][media] = json!({ "schema": {} });
        }
    }
    if all.is_empty() {
        return [("default".into(), json!({ "description": "No answer was seen." }))].into();
    }
    all.into_iter().map(|(status, response)| (status.to_string(), response)).collect()
}

/// The phrase of a status (RFC 9110, section 15; RFC 6585).
fn description(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        100..=199 => "Informational",
        200..=299 => "Success",
        300..=399 => "Redirect",
        400..=499 => "Error of the client",
        _ => "Error of the server",
    }
}
