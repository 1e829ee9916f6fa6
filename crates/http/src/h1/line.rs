//! Reads start lines: of requests (RFC 9112, section 3) and of responses (section 4).

use memchr::memchr;

use crate::MAX_METHOD;

use super::fields::{Notes, is_field_line};
use super::token::is_token;
use crate::message::Protocol;

/// What the first bytes of a line say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// They are what is looked for.
    Yes,
    /// They begin like it, and more bytes are needed.
    Maybe,
    /// They are not.
    No,
}

/// The grammar of the start lines of a kind of message.
pub(crate) struct Grammar<L> {
    /// Reads a line without its LF.
    pub(crate) read: fn(&[u8]) -> Option<L>,
    /// Whether bytes without an LF can still become one.
    pub(crate) may_become: fn(&[u8]) -> bool,
    /// Which fields are noted.
    pub(crate) notes: Notes,
}

/// Request lines.
pub(crate) const REQUEST: Grammar<RequestLine> =
    Grammar { read: request_line, may_become: may_become_request_line, notes: Notes::Unusual };

/// Status lines.
pub(crate) const RESPONSE: Grammar<(Protocol, u16)> =
    Grammar { read: status_line, may_become: may_become_status_line, notes: Notes::Asked };

/// A request line, as offsets from its beginning. The target begins one byte after the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestLine {
    pub(crate) method_end: usize,
    pub(crate) target_end: usize,
    pub(crate) protocol: Protocol,
}

/// Reads a request line, without its LF. Tolerates white space inside and around the target, as servers do; control
/// characters make it none.
pub(crate) fn request_line(line: &[u8]) -> Option<RequestLine> {
    let line = line.trim_ascii_end();
    let method_end = method_len(line)?;
    let (rest, version) = line.split_at_checked(line.len().checked_sub(b" HTTP/1.1".len())?)?;
    let protocol = match version {
        b" HTTP/1.0" => Protocol::Http10,
        [b' ', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => Protocol::Http11,
        _ => return None,
    };
    let target = rest.get(method_end + 1..)?;
    let readable = !has_control(target) && !target.trim_ascii().is_empty();
    readable.then_some(RequestLine { method_end, target_end: rest.len(), protocol })
}

/// The length of the method, if a method and a space begin the line.
fn method_len(line: &[u8]) -> Option<usize> {
    let end = line.iter().take(MAX_METHOD + 1).position(|&byte| !is_token(byte))?;
    (end > 0 && line.get(end) == Some(&b' ')).then_some(end)
}

/// Returns whether bytes without an LF can still become a request line.
pub(crate) fn may_become_request_line(bytes: &[u8]) -> bool {
    match method_len(bytes) {
        Some(end) => {
            bytes.get(end..).is_some_and(|rest| !has_control(rest.strip_suffix(b"\r").unwrap_or(rest)))
        }
        None => bytes.len() <= MAX_METHOD && bytes.iter().all(|&byte| is_token(byte)),
    }
}

/// Reads a status line, without its LF. Small letters and several blanks before the status are tolerated.
pub(crate) fn status_line(line: &[u8]) -> Option<(Protocol, u16)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (minor, rest) = match line {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor, b' ', rest @ ..] => (minor, rest),
        _ => {
            let (version, rest) = line.split_at_checked(b"HTTP/1.".len())?;
            let [minor, b' ', rest @ ..] = rest else { return None };
            version.eq_ignore_ascii_case(b"HTTP/1.").then_some((minor, rest))?
        }
    };
    let rest = if rest.starts_with(b" ") { after_blanks(rest) } else { rest };
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = rest else { return None };
    let digit = |byte: &u8| u16::from(byte - b'0');
    let protocol = match minor {
        b'0' => Protocol::Http10,
        b'1'..=b'9' => Protocol::Http11,
        _ => return None,
    };
    let status = digit(a) * 100 + digit(b) * 10 + digit(c);
    matches!(rest, [] | [b' ' | b'\t', ..]).then_some((protocol, status))
}

/// Passes over a few blanks.
fn after_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take(MAX_BLANKS).take_while(|byte| **byte == b' ').count();
    bytes.get(blanks..).unwrap_or_default()
}

/// The most blanks in a row, beyond the one that has to be there, that are passed over in a status line.
const MAX_BLANKS: usize = 4;

/// Returns whether bytes without an LF can still become a status line.
pub(crate) fn may_become_status_line(bytes: &[u8]) -> bool {
    const VERSION: &[u8; 9] = b"HTTP/1.0 ";
    let (version, rest) = bytes.split_at(VERSION.len().min(bytes.len()));
    let mut rest = after_blanks(rest).iter();
    version.iter().zip(VERSION).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte.eq_ignore_ascii_case(shape),
    }) && rest.by_ref().take(3).all(u8::is_ascii_digit)
        && matches!(rest.next(), None | Some(b' ' | b'\t' | b'\r'))
}

/// The methods of nearly all requests. None ends like another one.
const USUAL: [&[u8]; 9] =
    [b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"HEAD", b"OPTIONS", b"CONNECT", b"TRACE"];

/// Returns whether this is the end of a usual method: a segment may begin inside of one.
fn is_cut(method: &[u8]) -> bool {
    USUAL.iter().any(|usual| usual.len() > method.len() && usual.ends_with(method))
}

/// Returns whether a request begins here, where nothing but these bytes says so: stricter than [`request_line`]. The
/// method is whole and in capitals, the target in one of its four forms, and what follows is a field line or the empty line.
pub(crate) fn begins_request(bytes: &[u8]) -> Likeness {
    let method = bytes.iter().take(MAX_METHOD + 1).take_while(|byte| is_capital(**byte)).count();
    let rest = bytes.get(method..).unwrap_or_default();
    if rest.is_empty() {
        return if method <= MAX_METHOD { Likeness::Maybe } else { Likeness::No };
    }
    let Some(target) = rest.strip_prefix(b" ").filter(|_| method > 0) else { return Likeness::No };
    let name = bytes.get(..method).unwrap_or_default();
    if is_cut(name) || !(begins_target(name, target) || USUAL.contains(&name) && has_host(target)) {
        return Likeness::No;
    }
    let Some(end) = memchr(b'\n', bytes) else {
        return if may_become_request_line(bytes) { Likeness::Maybe } else { Likeness::No };
    };
    let (line, after) = bytes.split_at(end);
    let certain = request_line(line)
        .and_then(|parsed| line.get(method + 1..parsed.target_end))
        .is_some_and(|target| !target.contains(&b' '))
        && begins_field_line(after.get(1..).unwrap_or_default());
    if certain { Likeness::Yes } else { Likeness::No }
}

/// Returns whether a response begins here, where nothing but these bytes says so: stricter than [`status_line`].
pub(crate) fn begins_response(bytes: &[u8]) -> Likeness {
    if !bytes.iter().zip(b"HTTP/1.").all(|(byte, shape)| byte == shape) || bytes.get(9) == Some(&b' ') {
        return Likeness::No;
    }
    let yes = match memchr(b'\n', bytes) {
        Some(end) => status_line(bytes.get(..end).unwrap_or_default()).is_some(),
        None if may_become_status_line(bytes) => return Likeness::Maybe,
        None => false,
    };
    if yes { Likeness::Yes } else { Likeness::No }
}

/// Returns whether a field `Host` stands in what follows, in its first part: then the target may have any form.
fn has_host(bytes: &[u8]) -> bool {
    const SEARCHED: usize = 1024;
    let bytes = bytes.get(..SEARCHED).unwrap_or(bytes);
    bytes.windows(6).any(|window| window.eq_ignore_ascii_case(b"\nhost:"))
}

/// Returns whether this may be the beginning of a target in one of the forms of RFC 9112, section 3.2.
fn begins_target(method: &[u8], target: &[u8]) -> bool {
    match target {
        [] | [b'/' | b'*', ..] => true,
        [b'[', ..] => method == b"CONNECT",
        [first, ..] if method == b"CONNECT" => first.is_ascii_alphanumeric(),
        _ => [b"http://".as_slice(), b"https://"].iter().any(|scheme| {
            scheme.iter().zip(target).all(|(expected, byte)| expected.eq_ignore_ascii_case(byte))
        }),
    }
}

/// Returns whether the first line of `bytes`, as far as it is there, can be a field line or the empty line.
fn begins_field_line(bytes: &[u8]) -> bool {
    match memchr(b'\n', bytes) {
        Some(end) => bytes.get(..end).is_some_and(|line| matches!(line, b"" | b"\r") || is_field_line(line)),
        None => !has_control(bytes.strip_suffix(b"\r").unwrap_or(bytes)),
    }
}

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')
}

fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, &byte| found | (byte < 0x20) | (byte == 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Option<(&str, &str, Protocol)> {
        let parsed = request_line(line.as_bytes())?;
        Some((
            &line[..parsed.method_end],
            line[parsed.method_end + 1..parsed.target_end].trim(),
            parsed.protocol,
        ))
    }

    #[test]
    fn request_lines() {
        assert_eq!(parts("GET / HTTP/1.1\r"), Some(("GET", "/", Protocol::Http11)));
        assert_eq!(parts("m-search * HTTP/1.0"), Some(("m-search", "*", Protocol::Http10)));
        assert_eq!(parts("GET  /a b  HTTP/1.1 \r"), Some(("GET", "/a b", Protocol::Http11)));
        assert_eq!(parts("GET /\u{e9} HTTP/1.1"), Some(("GET", "/\u{e9}", Protocol::Http11)));
        let bad = [
            "",
            "GET",
            "GET /",
            "GET HTTP/1.1",
            "GET  HTTP/1.1",
            "G(T / HTTP/1.1",
            " / HTTP/1.1",
            "GET / HTTP/2.0",
        ];
        for line in bad.into_iter().chain(["GET /\0 HTTP/1.1", "GET /\x1b HTTP/1.1", "GET / http/1.1"]) {
            assert_eq!(parts(line), None, "{line:?}");
        }
        assert!(parts(&format!("{} / HTTP/1.1", "M".repeat(32))).is_some());
        assert!(parts(&format!("{} / HTTP/1.1", "M".repeat(33))).is_none());
    }

    #[test]
    fn status_lines() {
        assert_eq!(status_line(b"HTTP/1.1 200 OK\r"), Some((Protocol::Http11, 200)));
        assert_eq!(status_line(b"HTTP/1.0 404"), Some((Protocol::Http10, 404)));
        assert_eq!(status_line(b"http/1.1  200 OK"), Some((Protocol::Http11, 200)));
        for line in [
            "HTTP/1.1 20",
            "HTTP/1.1 200OK",
            "HTTP/1.1 0200 OK",
            "HTTP/1.1       200",
            "HTTP/1.1 2000",
            "HTTP/2 200",
            "HTTP/1.1 099 x",
            "XHTTP/1.1 200",
            "ICY 200 OK",
        ] {
            assert_eq!(status_line(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn every_prefix_of_a_start_line_may_become_one() {
        let request = b"OPTIONS http://h/ HTTP/1.1\r";
        let response = b"HTTP/1.1   200 OK\r";
        assert!((0..=request.len()).all(|end| may_become_request_line(&request[..end])));
        assert!((0..=response.len()).all(|end| may_become_status_line(&response[..end])));
        assert!((0..=request.len()).all(|end| begins_request(&request[..end]) == Likeness::Maybe));
        assert!(!may_become_request_line(b"GET /\x01"));
        assert!(!may_become_status_line(b"HTTP/1.1 2000"));
    }

    #[test]
    fn strict_likeness() {
        let yes = [
            "GET / HTTP/1.1\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\n",
            "CONNECT a:1 HTTP/1.1\n\n",
            "GET /x HTTP/1.1\r\nHo",
            "POST rank/latest?batch=0 HTTP/1.1\r\nAccept: */*\r\nHost: a\r\n",
        ];
        let no = [
            "get / HTTP/1.1\r\n",
            "GET x HTTP/1.1\r\n",
            "GET x HTTP/1.1\r\nAccept: */*\r\n",
            "GET x and more\r\nHost: a\r\n",
            "NOTE x HTTP/1.1\r\nHost: a\r\n",
            "GET /a b HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nno field\r\n",
            "ET / HTTP/1.1\r\n",
            "T / HTTP/1.1\r\nHost: a\r\n",
        ];
        assert!(yes.iter().all(|text| begins_request(text.as_bytes()) == Likeness::Yes));
        assert!(no.iter().all(|text| begins_request(text.as_bytes()) == Likeness::No));
        assert_eq!(begins_response(b"HTTP/1.1 200\n"), Likeness::Yes);
        assert_eq!(begins_response(b"HTTP/1.1 2"), Likeness::Maybe);
        assert_eq!(begins_response(b"HTTP/1.1 x\n"), Likeness::No);
    }
}
