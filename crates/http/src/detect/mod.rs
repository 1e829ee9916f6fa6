//! The first bytes of a connection: which protocol it is, and which direction is the client's.

mod protocols;
mod tls;

use std::borrow::Cow;

use flow::{Direction, Flow, Missing};

use self::protocols::{ENOUGH, Side, recognise};
use self::tls::Tls;
use crate::MAX_HEAD;
use crate::connection::{Call, Connection, Phase};
use crate::counters::Reason;
use crate::h1::half::Stage;
use crate::h1::line::{
    Likeness, begins_request, begins_response, may_become_request_line, may_become_status_line, request_line,
    status_line,
};
use crate::h1::resync::after_head;
use crate::h2::{self, From, Http2, PREFACE};
use crate::message::{Keep, Seen, Unreadable};

/// How much of a connection that was joined is looked through for HTTP, in bytes of a direction: more than the rest
/// of most bodies.
pub(crate) const MAX_SEARCHED: u32 = 1 << 20;

/// The same in segments: what sends small ones is no body.
pub(crate) const MAX_SEGMENTS: u16 = 256;

/// What begins version 2 of the PROXY protocol (its specification, section 2.2).
const PROXY2: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest header of version 1 (section 2.1), and the longest one of version 2 that is believed.
const MAX_PROXY1: usize = 107;
const MAX_PROXY2: usize = 4096;

/// What first bytes are.
#[derive(Debug, PartialEq, Eq)]
enum Detected<'a> {
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
enum Known {
    /// At the beginning of a connection.
    Opened,
    /// They are the first that were seen of a direction.
    Joined,
    /// Others that said nothing came before them.
    Inside,
}

/// Looks at the first bytes of a direction, or at a segment. Unless the connection was seen from its beginning they
/// may be anything, and only what is certain counts.
fn detect(bytes: &[u8], known: Known) -> Detected<'_> {
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

/// Of the first line.
fn likeness(bytes: &[u8], is: fn(&[u8]) -> bool, may_become: fn(&[u8]) -> bool) -> Likeness {
    match memchr::memchr(b'\n', bytes) {
        Some(end) if is(bytes.get(..end).unwrap_or_default()) => Likeness::Yes,
        None if may_become(bytes) => Likeness::Maybe,
        _ => Likeness::No,
    }
}

/// What stands before the protocol proper.
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
        Tls::Hello(hello) => Some(Detected::Hello(hello)),
        Tls::Record(_) if !joined || tls::is_records(bytes) => Some(Detected::Other(TLS, Side::Either)),
        Tls::More if bytes.len() > tls::MAX_HELLO => Some(Detected::Other(TLS, Side::Client)),
        Tls::More if !joined || bytes.len() < 5 || tls::is_hello_start(bytes) => Some(Detected::More),
        _ => None,
    }
}

const TLS: Unreadable<'static> = Unreadable::Tls { server_name: &[], alpn: &[] };

impl Connection {
    /// Takes bytes of a connection of which the protocol is not yet known.
    pub(crate) fn detect<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        let half = self.half(direction);
        if half.stage == Stage::Ended {
            return call.counters.skip(Reason::Ended, data.len());
        }
        if !half.holds() {
            return self.first_bytes(flow, direction, data, call);
        }
        let time = half.time;
        let waits = half.holds_long_line() && !data.iter().any(|&byte| byte < 0x20);
        half.hold(data, time, call.counters);
        if waits {
            return;
        }
        let held = half.release(call.counters);
        let mut call = Call { time, counters: call.counters, sink: call.sink };
        if self.known(flow, direction) != Known::Opened
            && detect(&held, self.known(flow, direction)) == Detected::Unknown
        {
            // The segment before was no beginning, but this one may be.
            call.counters.skip(Reason::Joined, held.len().saturating_sub(data.len()));
            return self.first_bytes(flow, direction, data, &mut call);
        }
        self.first_bytes(flow, direction, &held, &mut call);
        self.give_back(direction, held);
    }

    fn known(&mut self, flow: &Flow, direction: Direction) -> Known {
        match (flow.opened, self.half(direction).stage) {
            (true, Stage::Start) => Known::Opened,
            (false, Stage::Start) => Known::Joined,
            _ => Known::Inside,
        }
    }

    fn first_bytes<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        let mut rest = data;
        while !rest.is_empty() {
            let known = self.known(flow, direction);
            match detect(rest, known) {
                Detected::Before(len) => {
                    call.counters.framing_bytes += len as u64;
                    rest = rest.get(len..).unwrap_or_default();
                    continue;
                }
                Detected::More => self.half(direction).hold(rest, call.time, call.counters),
                Detected::Request => self.http(flow, direction, direction, rest, call),
                Detected::Response => self.http(flow, direction.reverse(), direction, rest, call),
                Detected::Preface => self.http2(direction, direction, true, rest, call),
                Detected::Frames(start, from) => {
                    call.counters.skip(Reason::Joined, start);
                    let client = if from == From::Client { direction } else { direction.reverse() };
                    self.http2(client, direction, false, rest.get(start..).unwrap_or_default(), call);
                }
                Detected::Hello(hello) => {
                    let (server_name, alpn) = tls::names(&hello);
                    self.other(direction, Unreadable::Tls { server_name, alpn }, rest, call);
                }
                Detected::Other(why, side) => self.other(client(flow, direction, side), why, rest, call),
                Detected::Unknown if known == Known::Opened => {
                    self.other(Direction::Forward, Unreadable::Unknown, rest, call);
                }
                Detected::Unknown => self.look_through(flow, direction, rest, call),
            }
            return;
        }
    }

    /// It is HTTP/1. `data` begins with the first message that was found, in `direction`.
    fn http<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        client: Direction,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        self.phase = Phase::Http;
        self.client = client;
        self.half(direction).stage = Stage::Start;
        let other = self.half(direction.reverse());
        if other.stage == Stage::Start && !flow.opened {
            other.stage = Stage::Search(Reason::Joined);
        }
        if other.holds() {
            let held = other.release(call.counters);
            self.http_data(direction.reverse(), &held, call);
        }
        self.http_data(direction, data, call);
    }

    /// It is HTTP/2. `data` begins with the preface, or with a frame in `direction`.
    fn http2<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        client: Direction,
        direction: Direction,
        preface: bool,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        self.phase = Phase::Http2;
        self.client = client;
        let server_whole = preface && self.half(direction.reverse()).stage == Stage::Start;
        self.http2 = Some(Box::new(Http2::new(client, preface, server_whole)));
        if !preface || !server_whole {
            call.counters.older += 1;
            (call.sink)(Seen::Older(client));
        }
        let held = self.half(direction.reverse()).release(call.counters);
        self.http2_data(direction.reverse(), &held, call);
        if self.phase == Phase::Http2 {
            self.http2_data(direction, data, call);
        } else {
            call.counters.skip(Reason::Unreadable, data.len());
        }
    }

    /// It is something else.
    fn other<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        client: Direction,
        why: Unreadable<'_>,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        call.counters.skip(Reason::Unreadable, data.len());
        self.unreadable(client, why, call);
    }

    /// A segment of a connection that was joined, and that begins with nothing that is known: it may be in the
    /// middle of a body.
    fn look_through<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        flow: &Flow,
        direction: Direction,
        data: &[u8],
        call: &mut Call<'_, S>,
    ) {
        if let Some((before, request)) = after_head(data).and_then(|start| data.split_at_checked(start)) {
            call.counters.skip(Reason::Joined, before.len());
            return self.http(flow, direction, direction, request, call);
        }
        call.counters.skip(Reason::Joined, data.len());
        self.pairing.requests_lost(0);
        let half = self.half(direction);
        half.stage = Stage::Search(Reason::Joined);
        half.searched = half.searched.saturating_add(u32::try_from(data.len()).unwrap_or(u32::MAX));
        half.segments = half.segments.saturating_add(1);
        let enough = half.searched >= MAX_SEARCHED || half.segments >= MAX_SEGMENTS;
        // While only one side sends, it may be one long body.
        if enough && self.half(direction.reverse()).segments > 0 {
            self.unreadable(client(flow, direction, Side::Either), Unreadable::Unknown, call);
        }
    }

    /// Bytes are missing before the protocol is known.
    pub(crate) fn detect_skip<S: FnMut(Seen<'_>) -> Keep>(
        &mut self,
        direction: Direction,
        missing: Missing,
        call: &mut Call<'_, S>,
    ) {
        let half = self.half(direction);
        if tls::is_hello_start(half.held()) {
            return self.unreadable(direction, TLS, call);
        }
        half.give_up_start(Reason::of(missing), call.counters);
        half.stage = Stage::Search(Reason::of(missing));
        self.pairing.requests_lost(0);
    }

    /// The connection ends before the protocol is known.
    pub(crate) fn detect_end<S: FnMut(Seen<'_>) -> Keep>(&mut self, flow: &Flow, call: &mut Call<'_, S>) {
        for direction in [Direction::Forward, Direction::Backward] {
            let half = self.half(direction);
            if tls::is_hello_start(half.held()) {
                return self.unreadable(direction, TLS, call);
            }
            let http = may_become_request_line(half.held()) || may_become_status_line(half.held());
            if half.segments > 0 || (half.holds() && !http) {
                return self.unreadable(client(flow, direction, Side::Either), Unreadable::Unknown, call);
            }
            half.give_up_start(Reason::Ended, call.counters);
        }
    }
}

/// The client's direction, where bytes of this side came in `direction`. When nothing says which side it is, the
/// server is the one with the lower port.
fn client(flow: &Flow, direction: Direction, side: Side) -> Direction {
    match side {
        Side::Client => direction,
        Side::Server => direction.reverse(),
        Side::Either if flow.opened || flow.second.port() <= flow.first.port() => Direction::Forward,
        Side::Either => Direction::Backward,
    }
}
