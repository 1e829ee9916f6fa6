//! Names and values of queries, cookies and headers.

use std::borrow::Cow;

use http::Head;

use super::cover::Cover;
use super::covers::Covers;
use super::surrogate;
use super::values::Redactor;
use crate::classify::{
    Kind, is_bare_key_name, is_credential_name, is_scheme, is_value, is_word, kind_of_text,
};
use crate::document::{Container, Document, Syntax};
use crate::headers::is_common_header;
use crate::template::{Param, decode, decode_once, pairs};

/// The most headers, and the most parameters, of one request. Real requests have a third of that.
pub(crate) const MAX_FIELDS: usize = 64;

/// The longest name, in bytes. A longer one is no name.
const MAX_NAME: usize = 128;

/// The longest value, in bytes: it is an example, and its beginning says what it is.
const MAX_VALUE: usize = 1024;

/// So much of a value is redacted to show [`MAX_VALUE`] of it, in bytes.
const MAX_READ: usize = 4 * MAX_VALUE;

/// Fields about the connection and not the request (RFC 9110, section 7.6.1), those that are not true of an example (its body is
/// decoded), and those that the platform is not to be sent.
const LEFT_OUT: [&str; 14] = [
    "host",
    "content-length",
    "content-encoding",
    "expect",
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
];

/// Fields that say how to read the message: they stay as they are even where every value is a surrogate.
const STAYING: [&str; 9] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-type",
    "pragma",
    "user-agent",
    "x-requested-with",
];

/// Fields in which proxies say who the client is (RFC 7239, section 5.2, and what is usual beside it).
const CLIENTS: [&str; 14] = [
    "forwarded",
    "x-forwarded-for",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-envoy-external-address",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "true-client-ip",
    "fastly-client-ip",
];

/// The address that stands for a client's: one of those for documentation (RFC 5737).
const CLIENT: &str = "192.0.2.1";

/// Returns the name of a parameter, decoded once, if it is one: not a value in the place of a name, not longer than a name, and
/// text.
pub(crate) fn parameter_name<'a>(raw: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    if raw.len() <= MAX_NAME && is_word(raw) {
        return Some(raw);
    }
    if !raw.iter().any(|byte| b"%+".contains(byte)) {
        return checked_name(raw, raw);
    }
    undo(raw, scratch);
    if scratch.contains(&b'%') {
        let mut inner = scratch.clone();
        decode(&mut inner);
        return checked_name(scratch, &inner);
    }
    checked_name(scratch, scratch)
}

/// Undoes one encoding of a name or value of a query.
fn undo(raw: &[u8], text: &mut Vec<u8>) {
    text.clear();
    text.extend(raw.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }));
    decode_once(text);
}

fn checked_name<'a>(name: &'a [u8], decoded: &[u8]) -> Option<&'a [u8]> {
    let text = std::str::from_utf8(name).ok()?;
    let is_name = name.len() <= MAX_NAME && (text.is_ascii() || !text.chars().any(char::is_control));
    (is_name && !name.iter().any(u8::is_ascii_control) && !is_value(decoded)).then_some(name)
}

impl Redactor {
    /// Returns the parameters of a query: each name once, values decoded.
    pub(super) fn query(&self, query: &[u8]) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut scratch = Vec::new();
        let mut covers = query_covers(query);
        for (name, value) in pairs(query) {
            let Some(name) = parameter_name(name, &mut scratch) else {
                self.leave_out();
                continue;
            };
            let name = String::from_utf8_lossy(name).into_owned();
            if fields.iter().any(|(known, _)| *known == name) {
                continue;
            }
            if fields.len() == MAX_FIELDS {
                self.leave_out();
                continue;
            }
            covers.name(&name);
            let value = self.shown(&name, &decoded(value), covers.current().1);
            fields.push((name, value));
        }
        fields
    }

    /// Returns the header fields of a request, as [`crate::RedactedExchange::headers`] says.
    pub(super) fn headers(&self, head: Head<'_>) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let hop_by_hop: Vec<_> = connection_options(head).collect();
        for (name, value) in head.iter() {
            let is_name = name.len() <= MAX_NAME && name.iter().all(u8::is_ascii_graphic) && !is_value(name);
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            if LEFT_OUT.contains(&name.as_str())
                || hop_by_hop.iter().any(|one| one.eq_ignore_ascii_case(name.as_bytes()))
            {
                continue;
            }
            let known = fields.iter().position(|(known, _)| *known == name);
            if !is_name || known.is_none() && fields.len() == MAX_FIELDS {
                self.leave_out();
                continue;
            }
            let value = self.header(&name, &clean(&String::from_utf8_lossy(value)));
            match known.and_then(|at| fields.get_mut(at)) {
                Some((name, known)) => {
                    known.push_str(if name == "cookie" { "; " } else { ", " });
                    known.push_str(&value);
                    cut(known);
                }
                None => fields.push((name, value)),
            }
        }
        fields
    }

    fn header(&self, name: &str, value: &str) -> String {
        let value = beginning(value);
        let shown = match name {
            "cookie" => self.cookies(value),
            "content-type" if value.to_ascii_lowercase().starts_with("multipart/") => {
                value.split(';').next().unwrap_or_default().to_owned() // the boundary is another one in the example
            }
            "forwarded" if self.hides_persons() => format!("for={CLIENT}"),
            _ if self.hides_persons() && CLIENTS.contains(&name) => CLIENT.to_owned(),
            _ if STAYING.contains(&name) => self.text(value).into_owned(),
            _ if is_secret_field(name) && Cover::Credential.hides(name, value) => authorization(value),
            _ => self.value(name, value, Cover::of(name)).into_owned(),
        };
        // What percent-encodings hid, and the surrogate of a private key, may have line ends.
        let mut shown = clean(&shown).into_owned();
        cut(&mut shown);
        shown
    }

    /// `Cookie` (RFC 6265, section 4.2): names stay, all values are credentials.
    fn cookies(&self, value: &str) -> String {
        let mut shown = Vec::new();
        for pair in value.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            let mut decoded = name.as_bytes().to_vec();
            decode(&mut decoded);
            if name.is_empty() || is_value(&decoded) || shown.len() == MAX_FIELDS {
                self.leave_out();
            } else {
                shown.push(format!("{name}={}", surrogate::credential(value.trim_matches('"'))));
            }
        }
        shown.join("; ")
    }

    /// Returns the value of a variable of a path, without any encoding. A surrogate is of the same kind.
    pub(crate) fn path_value(&self, param: &Param) -> String {
        let value = String::from_utf8_lossy(&param.value);
        let value = beginning(&value);
        if param.kind != Kind::Other {
            return clean(&self.value(&param.noun, value, Cover::of(&param.noun))).into_owned();
        }
        let written = value.starts_with('{') || value.is_empty() || value.len() > MAX_NAME;
        if !self.hides_persons() && !written && !is_credential_name(param.noun.as_bytes()) {
            return clean(&self.text(value)).into_owned();
        }
        let fake = surrogate::value(value);
        let such =
            fake.bytes().all(|byte| byte.is_ascii_graphic()) && kind_of_text(fake.as_bytes()) == Kind::Other;
        if such && !written { fake } else { "1".to_owned() }
    }

    /// What stands in the place of a text that may be anything, the name of someone too.
    pub(crate) fn hidden(&self, value: &[u8]) -> String {
        let mut fake = clean(&surrogate::value(&String::from_utf8_lossy(value))).into_owned();
        cut(&mut fake);
        fake
    }

    /// Returns a value under its name, ready to be sent.
    pub(crate) fn shown(&self, name: &str, value: &str, cover: Cover) -> String {
        let mut shown = clean(&self.value(name, beginning(value), cover)).into_owned();
        cut(&mut shown);
        shown
    }

    /// Counts a name, or a pair, that is not shown.
    pub(crate) fn leave_out(&self) {
        self.left_out.set(self.left_out.get().saturating_add(1));
    }
}

/// Returns what the parameters of a query say of each other.
pub(super) fn query_covers(query: &[u8]) -> Covers {
    let mut covers = Covers::of(Document { syntax: Syntax::Form, bytes: query, whole: true });
    covers.enter(Container::Fields, 0);
    covers
}

/// Returns whether a header field of this name holds credentials.
fn is_secret_field(name: &str) -> bool {
    is_credential_name(name.as_bytes()) || is_bare_key_name(name.as_bytes()) || name.contains("-cert")
}

/// Returns whether a header field says something about an operation, and not about how the message is sent and read. Names are
/// in lower case.
pub(crate) fn is_parameter_header(name: &str) -> bool {
    !is_common_header(name)
        && !LEFT_OUT.contains(&name)
        && !STAYING.contains(&name)
        && name != "authorization"
}

/// Returns what the name of a header field says of its value.
pub(crate) fn header_cover(name: &str) -> Cover {
    if is_secret_field(name) { Cover::Credential } else { Cover::of(name) }
}

/// Returns the fields that `Connection` names: they are about the connection too (RFC 9110, section 7.6.1).
fn connection_options(head: Head<'_>) -> impl Iterator<Item = &[u8]> {
    let connection = head.iter().filter(|field| field.0.eq_ignore_ascii_case(b"connection"));
    connection.flat_map(|field| field.1.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Returns what is shown of credentials, behind the name of their scheme if they have one.
fn authorization(value: &str) -> String {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => format!("{scheme} ZmFrZTpmYWtl"), // fake:fake
        known if is_scheme(known.as_bytes()) && !rest.is_empty() => {
            format!("{scheme} {}", surrogate::credential(rest))
        }
        _ => surrogate::credential(value),
    }
}

/// Returns a value of a query or form: one encoding undone.
pub(crate) fn decoded(raw: &[u8]) -> String {
    let mut text = Vec::new();
    undo(raw, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Returns text without control characters: blanks stand in their place.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        return Cow::Owned(text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect());
    }
    Cow::Borrowed(text)
}

/// Returns as much of a value as is read to show its beginning: what stands in the place of a secret is shorter. It ends with a word,
/// so that half of a token is not taken for one.
fn beginning(value: &str) -> &str {
    if value.len() <= MAX_READ {
        return value;
    }
    let near = value.get(..value.floor_char_boundary(MAX_READ)).unwrap_or_default();
    let end = near.bytes().rposition(|byte| byte.is_ascii_whitespace() || b",;&".contains(&byte));
    near.get(..end.filter(|end| *end >= MAX_VALUE).unwrap_or(near.len())).unwrap_or_default()
}

fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(MAX_VALUE));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Examples;
    use crate::captured::request;

    #[test]
    fn addresses_of_clients_go() {
        let fields = "X-Forwarded-For: 203.0.113.77, 10.1.2.3\r\nForwarded: for=203.0.113.77;proto=https\r\n\
                      True-Client-IP: 2001:db8::beef\r\nX-Forwarded-Proto: https\r\nContent-Encoding: gzip\r\n";
        let head = request("GET", "/", fields).headers;
        let shown = Redactor::new(Examples::Redacted).headers(head);
        let expected = [
            ("x-forwarded-for", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
            ("true-client-ip", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    /// A long value is cut before it is read, and behind what became shorter no half of a token comes out.
    #[test]
    fn long_values_are_cut_between_words() {
        let begin = "-----BEGIN PRIVATE KEY-----";
        let end = "-----END PRIVATE KEY----- ";
        let key = format!("{begin}{}{end}", "x".repeat(MAX_READ - 10 - begin.len() - end.len()));
        let redactor = Redactor::new(Examples::Redacted);
        let shown = redactor.header("x-a", &format!("{key}AKIAIOSFODNN7EXAMPLE {}", "word ".repeat(20_000)));
        assert!(shown.contains("PRIVATE KEY") && !shown.contains("AKIA"), "{shown}");
        assert_eq!(beginning(&"word ".repeat(2000)).len(), MAX_READ - 2);
    }

    #[test]
    fn no_value_brings_line_ends() {
        let fields =
            "Accept: -----BEGIN PRIVATE KEY-----abc\r\nX-A: token=abc%0d%0aX-B:1 AKIAIOSFODNN7EXAMPLE%0a\r\n";
        let shown = Redactor::new(Examples::Redacted).headers(request("GET", "/", fields).headers);
        assert_eq!(shown.len(), 2);
        assert!(!shown.iter().any(|(_, value)| value.chars().any(char::is_control)), "{shown:?}");
    }
}
