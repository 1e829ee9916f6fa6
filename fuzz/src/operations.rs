//! Any body is read for what it asks for: names are short and printable, and nothing is named in what is cut.

use ::redact::{Descriptors, Examples, Redactor};

use crate::posted::Posted;

const TYPES: [&str; 6] = [
    "application/json",
    "application/graphql",
    "application/soap+xml",
    "application/soap+xml; action=\"urn:orders/Find\"",
    "text/xml\r\nSOAPAction: \"\"",
    "application/json\r\nMcp-Method: tools/call\r\nMcp-Name: add",
];

const MAX_NAME: usize = 128;
const MAX_CALLS: usize = 64;
const MAX_ROOTS: usize = 16;

/// The first byte chooses the media type, and whether the text stands for itself or is the `query` of a request of GraphQL. The rest is
/// the body.
pub fn operations(data: &[u8]) {
    let Some((&how, text)) = data.split_first() else { return };
    let fields = format!("Content-Type: {}\r\n", TYPES[usize::from(how & 15) % TYPES.len()]);
    let query = serde_json::json!({ "query": String::from_utf8_lossy(text) }).to_string();
    let body = if how & 16 == 0 { text } else { query.as_bytes() };
    let redactor = Redactor::new(Examples::Redacted);
    let posted = Posted { target: b"/", fields: fields.as_bytes(), body, whole: how & 32 == 0 };
    let opened = redactor.open(&mut posted.redacted(&redactor), &Descriptors::default());
    assert!(opened.operations().len() <= MAX_CALLS && opened.unnamed_operations().len() <= MAX_CALLS + 1);
    for operation in opened.operations() {
        let names = operation.fields().iter().map(String::as_str).chain([operation.name()]);
        for name in names {
            assert!((1..=MAX_NAME).contains(&name.len()), "{name:?}");
            assert!(name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{name:?}");
        }
        assert!(operation.fields().len() <= MAX_ROOTS);
    }
}
