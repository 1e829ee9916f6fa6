//! Whatever stands around it, a secret does not come out of the redactor, and what comes out is bounded and printable.

use ::redact::{Descriptors, Examples, Paths, Redactor};

use crate::posted::Posted;

/// Secrets that are found by their form, without a character that any encoding changes.
const SECRETS: [&str; 6] = [
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "glpat-a1B2c3D4e5F6g7H8i9J0",
    "xoxp-23984754863-2348975623103",
];

/// Content types of the planted body, with what separates the secret from the rest there.
const BODIES: [(&str, &str); 7] = [
    ("", "\n"),
    ("application/json", "\""),
    ("application/x-ndjson", "\""),
    ("application/x-www-form-urlencoded", "&"),
    ("text/xml", ">"),
    ("text/plain", " "),
    ("multipart/form-data; boundary=x", "\r\n"),
];

/// How many parameters and header fields are shown at most.
const MAX_FIELDS: usize = 64;

/// What `examples` may say.
const EXAMPLES: [Examples; 3] = [Examples::Redacted, Examples::Synthetic, Examples::Real];

/// The first byte chooses what examples show and the secret, the second its place and the type of the body, the third where the target ends,
/// the fourth where the header fields end; then come the target, the fields and the body.
pub fn redaction(data: &[u8]) {
    let Some((&[what, place, target, fields], rest)) = data.split_first_chunk() else { return };
    let secret = SECRETS[usize::from(what >> 2) % SECRETS.len()];
    // libFuzzer learns the secret from comparisons. In the middle of a word that it makes, nothing tells where it begins.
    if rest.windows(secret.len()).any(|piece| piece == secret.as_bytes()) {
        return;
    }
    let (target, rest) = rest.split_at(usize::from(target).min(rest.len()));
    let (fields, body) = rest.split_at(usize::from(fields).min(rest.len()));
    let (content_type, separator) = BODIES[usize::from(place >> 4) % BODIES.len()];
    let (mut target, mut fields, mut body) = (target.to_vec(), fields.to_vec(), body.to_vec());
    fields.extend(b"\r\n");
    match place & 15 {
        0 => target.extend(format!("/{secret}/x").bytes()),
        1 => target.extend(format!("/x?x={secret}&y=1").bytes()),
        2 => target.extend(format!("/x?{secret}").bytes()),
        3 => target.extend(format!("/x;y={secret}").bytes()),
        4 => fields.extend(format!("X-Custom: a {secret} b\r\n").bytes()),
        5 => fields.extend(format!("Authorization: Bearer {secret}\r\n").bytes()),
        6 => fields.extend(format!("Cookie: a=1; b={secret}\r\n").bytes()),
        7 => fields.extend(format!("Referer: https://a/b?c={secret}&d=1\r\n").bytes()),
        8 => body.splice(0..0, format!("{secret}{separator}").bytes()).for_each(drop),
        9 => {
            let middle = body.len() / 2;
            body.splice(middle..middle, format!("{separator}{secret}{separator}").bytes()).for_each(drop);
        }
        _ => body.extend(format!("{separator}{secret}").bytes()),
    }
    fields.extend(format!("Content-Type: {content_type}\r\n").bytes());
    let shown = shown(&target, &fields, &body, EXAMPLES[usize::from(what) % EXAMPLES.len()]);
    assert!(!shown.contains(secret), "{secret} is in {shown}");
}

/// All that leaves of an exchange with this request, as text.
fn shown(target: &[u8], fields: &[u8], body: &[u8], examples: Examples) -> String {
    let redactor = Redactor::new(examples);
    let mut redacted = Posted { target, fields, body, whole: true }.redacted(&redactor);
    let opened = redactor.open(&mut redacted, &Descriptors::default());
    Paths::default().open(&mut redacted, &redactor);
    for (name, value) in redacted.query().iter().chain(redacted.headers()).chain(redacted.path_params()) {
        assert!(!name.chars().chain(value.chars()).any(char::is_control), "{redacted:?}");
    }
    let path = redacted.method().chars().chain(redacted.template().chars());
    assert!(!path.into_iter().any(char::is_control), "{redacted:?}");
    assert!(redacted.query().len() <= MAX_FIELDS && redacted.headers().len() <= MAX_FIELDS, "{redacted:?}");
    format!("{redacted:?} {opened:?}")
}
