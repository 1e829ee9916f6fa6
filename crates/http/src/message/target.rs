//! The forms of a request target (RFC 9112, section 3.2) and the host that a request names.

use super::exchange::RequestHead;

impl<'a> RequestHead<'a> {
    /// Returns the host that the request names, with its port if it has one: the authority of an absolute-form or
    /// authority-form target, else `:authority` or the `Host` field (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
    /// Returns none when it is missing or empty.
    #[must_use]
    pub fn host(&self) -> Option<&'a [u8]> {
        let host = match Form::of(self.method, self.target) {
            Form::Absolute { authority, .. } => without_userinfo(authority),
            Form::Authority => self.target,
            Form::Origin | Form::Asterisk if !self.authority.is_empty() => without_userinfo(self.authority),
            Form::Origin | Form::Asterisk => self.headers.host()?,
        };
        (!host.is_empty()).then_some(host)
    }

    /// Returns the path with its query, as captured: `/` where an absolute-form target has none, `*` for the
    /// asterisk-form, empty for the authority-form. A fragment, which no client should send, stays.
    #[must_use]
    pub fn path_and_query(&self) -> &'a [u8] {
        match Form::of(self.method, self.target) {
            Form::Absolute { rest: b"", .. } => b"/",
            Form::Absolute { rest, .. } => rest,
            Form::Authority => b"",
            Form::Origin | Form::Asterisk => self.target,
        }
    }
}

/// The form of a request target.
enum Form<'a> {
    Origin,
    Absolute { authority: &'a [u8], rest: &'a [u8] },
    Authority,
    Asterisk,
}

impl Form<'_> {
    fn of<'a>(method: &[u8], target: &'a [u8]) -> Form<'a> {
        match target {
            [b'/', ..] => Form::Origin,
            b"*" => Form::Asterisk,
            _ if method == b"CONNECT" => Form::Authority,
            _ => absolute(target).unwrap_or(Form::Origin),
        }
    }
}

/// `scheme://authority` and the rest, if the target is that.
fn absolute(target: &[u8]) -> Option<Form<'_>> {
    let colon = target.iter().position(|&byte| !is_scheme(byte))?;
    let after = target.get(colon..)?.strip_prefix(b"://")?;
    let end = after.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    (colon > 0).then_some(Form::Absolute { authority, rest })
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

/// Credentials before `@` do not belong to the host (and must not leak with it).
fn without_userinfo(authority: &[u8]) -> &[u8] {
    authority.rsplit(|&byte| byte == b'@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use flow::{Direction, Timestamp};

    use super::*;
    use crate::message::{Head, Protocol};

    fn request<'a>(method: &'a str, target: &'a str, fields: &'a str) -> RequestHead<'a> {
        RequestHead {
            time: Timestamp::from_nanos(0),
            direction: Direction::Forward,
            protocol: Protocol::Http11,
            method: method.as_bytes(),
            target: target.as_bytes(),
            authority: b"",
            headers: Head::new(fields.as_bytes()),
        }
    }

    #[test]
    fn host_and_path_of_each_form() {
        let cases = [
            ("GET", "/a?b", Some("h"), "/a?b"),
            ("GET", "//a", Some("h"), "//a"),
            ("GET", "http://x:81/a?b", Some("x:81"), "/a?b"),
            ("GET", "HTTPS://user:pw@x", Some("x"), "/"),
            ("GET", "http://x?q=1", Some("x"), "?q=1"),
            ("GET", "http:///a", None, "/a"),
            ("OPTIONS", "*", Some("h"), "*"),
            ("CONNECT", "y:443", Some("y:443"), ""),
            ("GET", "odd", Some("h"), "odd"),
            ("GET", "/r?u=http://z/", Some("h"), "/r?u=http://z/"),
        ];
        for (method, target, host, path) in cases {
            let request = request(method, target, "A: b\r\nHOST: h \r\n");
            assert_eq!(request.host(), host.map(str::as_bytes), "{target}");
            assert_eq!(request.path_and_query(), path.as_bytes(), "{target}");
        }
    }

    #[test]
    fn no_host_is_none() {
        assert_eq!(request("GET", "/", "").host(), None);
        assert_eq!(request("GET", "/", "Host:\r\n").host(), None);
    }
}
