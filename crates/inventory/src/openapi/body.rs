//! The body of a request (section 4.8.13).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Endpoint;

/// Methods whose requests have no body, though they may say a media type.
const WITHOUT: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];

/// Returns the bodies of requests by media type; none where there was none.
pub(super) fn of(endpoint: &Endpoint) -> Option<Value> {
    let details = &endpoint.record.details;
    let mut content: BTreeMap<&str, Value> = BTreeMap::new();
    if !WITHOUT.contains(&endpoint.key.method.as_str()) {
        content.extend(details.request_types.iter().map(|media| (media, json!({ "schema": {} }))));
    }
    for (media, sampled) in endpoint.shapes().into_iter().flat_map(|shapes| shapes.requests()) {
        content.insert(media, json!({ "schema": sampled.shape.schema() }));
    }
    if let Some(body) = &details.body {
        let media = body.content_type.split(';').next().unwrap_or_default().trim();
        if let Some(entry) = content.get_mut(media) {
            entry["example"] = example(media, &body.content);
        }
    }
    (!content.is_empty()).then(|| json!({ "content": content }))
}

/// An example of this media type: what is JSON as such, anything else as text.
fn example(media: &str, content: &str) -> Value {
    let is_json = media.ends_with("/json") || media.ends_with("+json");
    let parsed = if is_json { serde_json::from_str(content).ok() } else { None };
    parsed.unwrap_or_else(|| content.into())
}
