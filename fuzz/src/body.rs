//! Any body of any media type and content coding is an example, or there is a reason why not.

use ::redact::{Descriptors, Examples, Redactor, Shapes};

use crate::posted::Posted;

const TYPES: [&str; 12] = [
    "",
    "application/json",
    "application/x-ndjson",
    "application/problem+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=a",
    "multipart/form-data; boundary=\"",
    "text/xml",
    "text/html; charset=utf-16",
    "application/yaml",
    "text/plain",
    "image/png",
];
const CODINGS: [&str; 8] =
    ["", "gzip", "deflate", "br", "zstd", "gzip, br", "identity", "x-gzip, deflate, zstd, gzip"];

/// What the shapes of a body may take, in bytes: 3,072 of them with names as long as may be.
const MAX_SHAPES: usize = 2 << 20;

/// The longest example and how many names of fields one body may give.
const MAX_EXAMPLE: usize = 16 * 1024;
const MAX_FIELDS: usize = 64;

/// The first byte chooses the media type, the second the content coding, whether the body is whole and what examples show. The rest is the
/// body, still coded.
pub fn body(data: &[u8]) {
    let Some((&[media, how], kept)) = data.split_first_chunk() else { return };
    let content_type = TYPES[usize::from(media) % TYPES.len()];
    let coding = CODINGS[usize::from(how & 7)];
    let examples = [Examples::Redacted, Examples::Synthetic, Examples::Real, Examples::Redacted];
    let redactor = Redactor::new(examples[usize::from(how >> 4 & 3)]);
    let fields = format!("Content-Type: {content_type}\r\nContent-Encoding: {coding}\r\n");
    let posted = Posted { target: b"/", fields: fields.as_bytes(), body: kept, whole: how & 8 == 0 };
    let mut redacted = posted.redacted(&redactor);
    assert!(redacted.body_len() >= kept.len());
    let opened = redactor.open(&mut redacted, &Descriptors::default());
    assert_eq!(redacted.body_len(), 0);
    assert_eq!(opened.example().is_some() || kept.is_empty(), opened.reason().is_none(), "{opened:?}");
    let mut shapes = opened.shapes().clone();
    assert!(shapes.heap_bytes() <= MAX_SHAPES, "{}", shapes.heap_bytes());
    shapes.join(opened.shapes().clone());
    let stored = serde_json::to_string(&shapes).expect("JSON");
    let read: Shapes = serde_json::from_str(&stored).expect("what was written is read");
    assert_eq!(read.to_json(), shapes.to_json());
    assert!(opened.fields().len() <= MAX_FIELDS, "{opened:?}");
    for name in opened.fields() {
        assert!(!name.chars().any(char::is_control), "{name:?}");
    }
    if let Some(example) = opened.example() {
        assert!((1..=MAX_EXAMPLE).contains(&example.content().len()));
        assert!(!example.content().chars().any(|one| one.is_control() && !"\n\r\t".contains(one)));
        assert!(!example.content_type().is_empty());
    }
}
