//! A single request as it may be printed: in the form in which it was sent, with redacted values.

use std::fmt::Write;

use http::{Exchange, RequestHead};

use super::covers::Covers;
use super::exchange::sealed;
use super::fields::{parameter_name, query_covers};
use super::values::Redactor;
use crate::redacted::RedactedBody;
use crate::template::{decode, pairs, param_of, split};

/// A request that may be printed. All text is printable ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    target: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
}

impl Shown {
    /// Returns the request target in the form in which it was sent.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Returns the host that was asked.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the headers, as [`crate::RedactedExchange::headers`] does.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

impl Redactor {
    /// A request as it may be printed. For people who look at single requests; endpoints are learned from
    /// [`Redactor::exchange`].
    #[must_use]
    pub fn show(&self, request: &RequestHead<'_>) -> Shown {
        let host = request.host().map(|host| encoded(&self.text(&String::from_utf8_lossy(host))));
        Shown { target: self.target(request), host, headers: self.headers(request.headers) }
    }

    /// The body of a request as it may be printed; none where it cannot be shown.
    #[must_use]
    pub fn show_body(&self, exchange: &Exchange<'_>) -> Option<RedactedBody> {
        let body = sealed(exchange.request.headers, &exchange.request_body)?;
        self.open_sealed(body, |_, _| ()).example
    }

    fn target(&self, request: &RequestHead<'_>) -> String {
        let path_and_query = request.path_and_query();
        let before = request.target.strip_suffix(path_and_query).unwrap_or_default();
        let mut shown = encoded(&self.text(&String::from_utf8_lossy(before)));
        let (path, query) = split(path_and_query);
        let mut noun: &[u8] = b"";
        for (number, segment) in path.split(|byte| *byte == b'/').enumerate() {
            if number > 0 {
                shown.push('/');
            }
            shown.push_str(&self.segment(noun, segment));
            noun = segment;
        }
        if path_and_query.contains(&b'?') {
            shown.push('?');
        }
        let mut covers = query_covers(query);
        let parameters: Vec<String> =
            pairs(query).map(|(name, value)| self.parameter(name, value, &mut covers)).collect();
        shown.push_str(&parameters.join("&"));
        shown
    }

    /// A segment, which may be a variable after the segment before it.
    fn segment(&self, before: &[u8], segment: &[u8]) -> String {
        if matches!(segment, b"" | b"." | b"..") {
            return encoded(&String::from_utf8_lossy(segment));
        }
        match &param_of(before, segment) {
            // What is no secret stays as it was written.
            Some(param) if self.path_value(param).as_bytes() == param.value => {
                encoded(&String::from_utf8_lossy(segment))
            }
            Some(param) => encoded(&self.path_value(param)),
            None => encoded(&self.text(&String::from_utf8_lossy(segment))),
        }
    }

    fn parameter(&self, name: &[u8], value: &[u8], covers: &mut Covers) -> String {
        let mut scratch = Vec::new();
        let Some(known) = parameter_name(name, &mut scratch) else { return "...".into() };
        let mut plain: Vec<u8> = value.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        decode(&mut plain);
        let plain = String::from_utf8_lossy(&plain);
        covers.name(&String::from_utf8_lossy(known));
        let shown = self.shown(&String::from_utf8_lossy(known), &plain, covers.current().1);
        let name = encoded(&String::from_utf8_lossy(name));
        match () {
            () if value.is_empty() => name,
            () if shown == plain => format!("{name}={}", encoded(&String::from_utf8_lossy(value))),
            () => format!("{name}={}", encoded(&shown.replace(' ', "+"))),
        }
    }
}

/// Percent-encodes what is not printable ASCII.
fn encoded(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() {
            shown.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(shown, "%{byte:02X}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Examples;
    use crate::captured::request;

    fn shown(target: &str) -> String {
        Redactor::new(Examples::Redacted).show(&request("GET", target, "Host: a\r\n")).target
    }

    #[test]
    fn what_is_no_secret_stays_in_its_form() {
        for target in [
            "/",
            "*",
            "/v1/item/4",
            "/v1/item/4/",
            "//a//b?",
            "/a?x=1&y=two+words&z=%2F",
            "/a?flag",
            "http://api.test/v1?x=1",
            "/%C3%A9",
        ] {
            assert_eq!(shown(target), target);
        }
    }

    #[test]
    fn secrets_are_replaced_wherever_they_stand() {
        let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        for target in [
            format!("/reset/{token}"),
            format!("/a?token={token}"),
            format!("/a?x={token}&y=1"),
            format!("/a?{token}"),
            format!("http://user:{token}@api.test/"),
        ] {
            assert!(!shown(&target).contains(token), "{}", shown(&target));
        }
        assert!(!shown("/users/ann@shop.test").contains("ann@shop"));
        assert!(!shown("/a?mail=ann%40shop.test").contains("ann"));
    }
}
