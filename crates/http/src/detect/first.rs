//! Recognises the first bytes of a direction.

use std::borrow::Cow;

use tls::Beginning;

use super::protocols::{ENOUGH, Side, recognise};
use crate::MAX_HEAD;
use crate::h1::line::{
    Likeness, begins_request, begins_response, may_become_request_line, may_become_status_line, request_line,
    status_line,
};
use crate::h2::{self, From, PREFACE};
use crate::message::Unreadable;

/// What begins version 2 of the PROXY protocol (its specification, section 2.2).
const PROXY2: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1 (section 2.1), and the longest one of version 2 that is believed.
const MAX_PROXY1: usize = 107;
const MAX_PROXY2: usize = 4096;

/// What first bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Detected<'a> {
    /// Still several things.
    More,
    /// So many bytes before the protocol: empty lines, a header of the PROXY protocol.
    Before(usize),
    Request,
    Response,
    /// HTTP/2 from its beginning.
    Preface,
    /// HTTP/2 in its middle: where frames begin, and who sends them.
    Frames(usize, From),
    /// The body of a TLS ClientHello.
    Hello(Cow<'a, [u8]>),
    Other(Unreadable<'static>, Side),
    Unknown,
}

/// What is known of where bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// At the beginning of a connection.
    Opened,
    /// They are the first that were seen of a direction.
    Joined,
    /// Others that said nothing came before them.
    Inside,
}

/// Looks at the first bytes of a direction, or at a segment. Unless the connection was seen from its beginning they
/// may be anything, and only what is certain counts.
pub(super) fn detect(bytes: &[u8], known: Known) -> Detected<'_> {
    let joined = known != Known::Opened;
    if known != Known::Inside
        && let Some(before) = before(bytes)
    {
        return before;
    }
    let (request, response) = (likeness_of_request(bytes, joined), likeness_of_response(bytes, joined));
    if request == Likeness::Yes {
        return Detected::Request;
    }
    if response == Likeness::Yes {
        return Detected::Response;
    }
    if let Some(other) = http2(bytes, known).or_else(|| tls(bytes, joined)) {
        return other;
    }
    if known != Known::Inside
        && let Some((name, side)) = recognise(bytes)
    {
        return Detected::Other(Unreadable::Other(name), side);
    }
    let maybe = bytes.len() < MAX_HEAD && (request == Likeness::Maybe || response == Likeness::Maybe);
    if maybe || (known == Known::Opened && bytes.len() < ENOUGH) { Detected::More } else { Detected::Unknown }
}

fn likeness_of_request(bytes: &[u8], joined: bool) -> Likeness {
    match begins_request(bytes) {
        // A few capitals alone may be anything.
        Likeness::Maybe if joined && !bytes.contains(&b' ') => Likeness::No,
        strict if joined => strict,
        _ => likeness(bytes, |line| request_line(line).is_some(), may_become_request_line),
    }
}

fn likeness_of_response(bytes: &[u8], joined: bool) -> Likeness {
    if joined {
        begins_response(bytes)
    } else {
        likeness(bytes, |line| status_line(line).is_some(), may_become_status_line)
    }
}

/// Returns what the first line is like.
fn likeness(bytes: &[u8], is: fn(&[u8]) -> bool, may_become: fn(&[u8]) -> bool) -> Likeness {
    match memchr::memchr(b'\n', bytes) {
        Some(end) if is(bytes.get(..end).unwrap_or_default()) => Likeness::Yes,
        None if may_become(bytes) => Likeness::Maybe,
        _ => Likeness::No,
    }
}

/// Returns what stands before the protocol proper.
fn before(bytes: &[u8]) -> Option<Detected<'static>> {
    if let Some(rest) = bytes.strip_prefix(PROXY2) {
        let &[_, _, high, low] = rest.first_chunk::<4>().unwrap_or(&[0; 4]);
        let len = PROXY2.len() + 4 + usize::from(u16::from_be_bytes([high, low]));
        return Some(match rest.first() {
            Some(version) if version & 0xf0 != 0x20 || len > MAX_PROXY2 => Detected::Unknown,
            _ if rest.len() < 4 || bytes.len() < len => Detected::More,
            _ => Detected::Before(len),
        });
    }
    if PROXY2.starts_with(bytes) {
        return Some(Detected::More);
    }
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if blank > 0 {
        return Some(Detected::Before(blank));
    }
    if !bytes.starts_with(b"PROXY ") {
        return None;
    }
    let line = bytes.get(..MAX_PROXY1).unwrap_or(bytes);
    match memchr::memchr(b'\n', line) {
        Some(end) => Some(Detected::Before(end + 1)).filter(|_| is_proxy_line(line)),
        None => (bytes.len() < MAX_PROXY1).then_some(Detected::More),
    }
}

fn is_proxy_line(line: &[u8]) -> bool {
    [&b"PROXY TCP4 "[..], b"PROXY TCP6 ", b"PROXY UNKNOWN"].iter().any(|start| line.starts_with(start))
}

fn http2(bytes: &[u8], known: Known) -> Option<Detected<'static>> {
    if bytes.starts_with(PREFACE) {
        return Some(Detected::Preface);
    }
    if PREFACE.starts_with(bytes)
        || (known == Known::Opened && bytes.len() < MAX_HEAD && h2::may_be_settings(bytes))
    {
        return Some(Detected::More);
    }
    let joined = if known == Known::Opened { None } else { h2::joined(bytes) };
    joined.map(|(start, from)| Detected::Frames(start, from))
}

fn tls(bytes: &[u8], joined: bool) -> Option<Detected<'_>> {
    match tls::read(bytes) {
        Beginning::Hello(hello) => Some(Detected::Hello(hello)),
        Beginning::Old => Some(Detected::Hello(Cow::Borrowed(&[]))),
        Beginning::Record(_) if !joined || tls::is_records(bytes) => Some(Detected::Other(TLS, Side::Either)),
        Beginning::More if bytes.len() > tls::MAX_HELLO => Some(Detected::Other(TLS, Side::Client)),
        Beginning::More if !joined || bytes.len() < 5 || tls::is_hello_start(bytes) => Some(Detected::More),
        _ => None,
    }
}

pub(super) const TLS: Unreadable<'static> = Unreadable::Tls { server_name: &[], alpn: &[] };
