//! What comes out of the redactor, and whether something is in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use redact::{Descriptors, Examples, Paths, Redactor};

use crate::posted::Posted;
use crate::structures::Request;

/// So many encodings inside each other are undone in search of a value.
const ENCODINGS: usize = 4;

/// All that leaves of a request: each text by itself.
pub(crate) fn leaves(request: &Request) -> Vec<String> {
    let fields = format!(
        "{}Content-Type: {}\r\nContent-Encoding: {}\r\n",
        request.fields, request.content_type, request.coding
    );
    let (target, fields) = (request.target.as_bytes(), fields.as_bytes());
    let redactor = Redactor::new(Examples::Redacted);
    let mut redacted = Posted { target, fields, body: &request.body, whole: true }.redacted(&redactor);
    let opened = redactor.open(&mut redacted, &Descriptors::default());
    Paths::default().open(&mut redacted, &redactor);
    let pairs = redacted.query().iter().chain(redacted.headers()).chain(redacted.path_params());
    let mut leaves: Vec<String> =
        pairs.flat_map(|(name, value)| [without_keys(name), value.clone()]).collect();
    leaves.push(without_keys(redacted.template()));
    leaves.extend(opened.example().map(|example| example.content().to_owned()));
    leaves.extend(opened.fields().iter().cloned());
    leaves
}

/// Without the keys of undecided steps, which are digits by chance.
fn without_keys(text: &str) -> String {
    let mut parts = text.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start_matches(|one: char| one.is_ascii_hexdigit()))
}

/// Returns whether a value is in what leaves, as it stands or in any encoding.
pub(crate) fn has(leaves: &[String], needle: &str) -> bool {
    let needle = squeezed(needle);
    leaves.iter().any(|text| forms(text, ENCODINGS).iter().any(|text| squeezed(text).contains(&needle)))
}

/// Without blanks, quotes and escapes: these may change on the way.
fn squeezed(text: &str) -> String {
    let text = text.replace("\\\\n", "").replace("\\n", "");
    text.chars().filter(|one| !one.is_whitespace() && !"\"'\\+".contains(*one)).collect()
}

/// A text, and what it says with its encodings undone.
fn forms(text: &str, deep: usize) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    if deep == 0 {
        return all;
    }
    let mut inner = Vec::new();
    let plain = String::from_utf8_lossy(&percent_decoded(text)).into_owned();
    inner.extend((plain != text).then_some(plain));
    let plain = text.replace("&lt;", "<").replace("&quot;", "\"").replace("&amp;", "&");
    inner.extend((plain != text).then_some(plain));
    let is_base64 = |one: char| one.is_ascii_alphanumeric() || "+/-_".contains(one);
    for run in text.split(|one| !is_base64(one)).filter(|run| run.len() >= 8) {
        let standard = run.replace('-', "+").replace('_', "/");
        let decoded = STANDARD_NO_PAD.decode(&standard).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        inner.extend(decoded);
    }
    all.extend(inner.iter().flat_map(|text| forms(text, deep - 1)));
    all
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}
