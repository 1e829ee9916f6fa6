//! Any body of any media type and content coding is an example, or there is a reason why not.

use ::flow::Direction;
use ::http::{Body, Exchange, Head, Protocol, RequestHead};
use ::redact::{Descriptors, Examples, Known, Look, Owner, Redactor};

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
    let request = RequestHead {
        time: ::flow::Timestamp::from_nanos(1),
        direction: Direction::Forward,
        protocol: Protocol::Http11,
        method: b"PUT",
        target: b"/",
        authority: b"",
        headers: Head::new(fields.as_bytes()),
    };
    let exchange = Exchange {
        request,
        request_body: Body { len: kept.len() as u64, kept, whole: how & 8 == 0 },
        status: Some(200),
        response_headers: Head::new(b""),
        response_body: Body::default(),
        complete: true,
        grpc: None,
    };
    let owner = Owner::Address(([10, 0, 0, 2], 8080).into());
    let Look::New(novelty) = Known::new(1, kept.len()).look(&owner, &exchange) else { panic!("it is new") };
    let mut redacted = redactor.exchange(owner, &novelty, &exchange);
    assert_eq!(redacted.body_len(), kept.len());
    let opened = redactor.open(&mut redacted, &Descriptors::default());
    assert_eq!(redacted.body_len(), 0);
    assert_eq!(opened.example().is_some() || kept.is_empty(), opened.reason().is_none(), "{opened:?}");
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
