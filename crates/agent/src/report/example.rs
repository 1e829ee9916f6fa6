//! How an endpoint is called, by an example: one request, redacted.

use inventory::{BodyExample, Endpoint};
use redact::printable;
use serde::{Deserialize, Serialize};

/// The most of a body that is shown, in bytes.
const BODY: usize = 16 << 10;

/// A request, redacted and escaped.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ExampleRow {
    /// Name and value of each variable of the path.
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<BodyRow>,
}

/// The body of a request.
#[derive(Debug, Deserialize, Serialize)]
struct BodyRow {
    media: String,
    content: String,
    /// Whether there is more of it.
    cut: bool,
}

impl ExampleRow {
    /// The first example of an endpoint; none where nothing is known but its name.
    pub(crate) fn of(endpoint: &Endpoint) -> Option<ExampleRow> {
        let details = &endpoint.record.details;
        let shown = |pairs: Vec<(&str, &str)>| -> Vec<(String, String)> {
            pairs.into_iter().map(|(name, value)| (line(name), line(value))).collect()
        };
        let [path, query, headers] = match details.examples.first() {
            Some(example) => [&example.path_params, &example.query, &example.headers]
                .map(|pairs| shown(pairs.iter().collect())),
            None => details.seen().map(shown),
        };
        let body = details.body.as_deref().map(BodyRow::new);
        let any = body.is_some() || [&path, &query, &headers].iter().any(|pairs| !pairs.is_empty());
        any.then_some(ExampleRow { path, query, headers, body })
    }
}

impl BodyRow {
    /// The body in lines, of JSON one for each value.
    fn new(body: &BodyExample) -> BodyRow {
        let parsed = serde_json::from_str::<serde_json::Value>(&body.content).ok();
        let pretty = parsed.and_then(|value| serde_json::to_string_pretty(&value).ok());
        let text = pretty.as_deref().unwrap_or(&body.content);
        let (mut content, mut cut) = (String::new(), false);
        for one in text.lines() {
            if content.len() + one.len() > BODY {
                cut = true;
                break;
            }
            content.push_str(&line(one));
            content.push('\n');
        }
        BodyRow { media: line(&body.content_type), content, cut }
    }
}

fn line(text: &str) -> String {
    printable(text.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_escaped_and_cut_by_lines() {
        let body = |content: &str| {
            BodyRow::new(&BodyExample { content_type: "a/b".into(), content: content.into() })
        };
        assert_eq!(body(r#"{"a":1,"b":"\u202e"}"#).content, "{\n  \"a\": 1,\n  \"b\": \"%E2%80%AE\"\n}\n");
        assert_eq!(body("a\u{1b}[2J\nb").content, "a%1B[2J\nb\n");
        let long = body(&"x\n".repeat(BODY));
        assert!(long.cut && long.content.len() <= BODY, "{}", long.content.len());
        assert!(!body("x").cut);
    }
}
