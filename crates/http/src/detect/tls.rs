//! What a TLS connection says of itself before it is encrypted (RFC 8446, sections 4.1.2 and 5.1).

use std::borrow::Cow;

/// The longest ClientHello that is waited for. Post-quantum key shares make them about 2 KiB, tickets more.
pub(crate) const MAX_HELLO: usize = 16 * 1024;

/// The longest record: 2^14 bytes and what TLS 1.2 may add to them (RFC 5246, section 6.2.3).
const MAX_RECORD: usize = (1 << 14) + 2048;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;

/// What the first bytes of a direction are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tls<'a> {
    /// The body of a whole ClientHello.
    Hello(Cow<'a, [u8]>),
    /// Another record, and where it ends.
    Record(usize),
    /// The beginning of one.
    More,
    /// Not TLS.
    No,
}

/// Looks at the first bytes of a direction.
pub(crate) fn read(bytes: &[u8]) -> Tls<'_> {
    match record(bytes) {
        Record::Whole(HANDSHAKE, len) if bytes.get(5).is_none_or(|&kind| kind == CLIENT_HELLO) => {
            hello(bytes, len)
        }
        Record::Whole(_, len) => Tls::Record(5 + len),
        Record::More => Tls::More,
        Record::No if is_ssl2_hello(bytes) => Tls::Hello(Cow::Borrowed(&[])),
        Record::No => Tls::No,
    }
}

/// Returns whether a segment is whole records, or at least one and the beginning of another: a header alone may be
/// chance.
pub(crate) fn is_records(segment: &[u8]) -> bool {
    let (mut at, mut whole) = (0, 0);
    while let Record::Whole(_, len) = record(segment.get(at..).unwrap_or_default()) {
        at += 5 + len;
        if at >= segment.len() {
            return whole > 0 || at == segment.len();
        }
        whole += 1;
    }
    false
}

/// Returns whether these bytes begin a ClientHello: record and message agree about it.
pub(crate) fn is_hello_start(bytes: &[u8]) -> bool {
    matches!(bytes, [HANDSHAKE, 3, 0..=4, _, _, CLIENT_HELLO, 0, ..])
}

enum Record {
    /// The header of a record with this type and length.
    Whole(u8, usize),
    More,
    No,
}

fn record(bytes: &[u8]) -> Record {
    let fits = |at: usize, fit: fn(u8) -> bool| bytes.get(at).is_none_or(|&byte| fit(byte));
    if !fits(0, |kind| (20..=23).contains(&kind))
        || !fits(1, |major| major == 3)
        || !fits(2, |minor| minor <= 4)
    {
        return Record::No;
    }
    match bytes {
        [kind, _, _, high, low, ..] => match usize::from(u16::from_be_bytes([*high, *low])) {
            1..=MAX_RECORD => Record::Whole(*kind, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => Record::No,
        },
        _ => Record::More,
    }
}

/// A ClientHello that begins with `bytes`, whose first record holds `len` bytes.
fn hello(bytes: &[u8], len: usize) -> Tls<'_> {
    let Some(&[high, middle, low]) = bytes.get(6..9).and_then(|length| length.first_chunk()) else {
        return Tls::More;
    };
    let wanted = u32::from_be_bytes([0, high, middle, low]) as usize;
    if !(38..=MAX_HELLO).contains(&wanted) {
        return Tls::Record(5 + len);
    }
    if len >= 4 + wanted {
        return bytes.get(9..9 + wanted).map_or(Tls::More, |body| Tls::Hello(Cow::Borrowed(body)));
    }
    match joined(bytes, 4 + wanted) {
        Joined::Whole(message) => Tls::Hello(Cow::Owned(message.get(4..).unwrap_or_default().to_vec())),
        Joined::More => Tls::More,
        Joined::No => Tls::Record(5 + len),
    }
}

enum Joined {
    Whole(Vec<u8>),
    More,
    No,
}

/// The first `wanted` bytes of a handshake message that several records hold. Nothing is copied before all are there.
fn joined(bytes: &[u8], wanted: usize) -> Joined {
    let (mut at, mut have) = (0, 0);
    while have < wanted {
        match record(bytes.get(at..).unwrap_or_default()) {
            Record::Whole(HANDSHAKE, len) => {
                at += 5 + len;
                have += len;
            }
            Record::More => return Joined::More,
            Record::Whole(..) | Record::No => return Joined::No,
        }
    }
    if bytes.len() < at {
        return Joined::More;
    }
    let (mut message, mut at) = (Vec::with_capacity(have), 0);
    while let (Record::Whole(_, len), true) =
        (record(bytes.get(at..).unwrap_or_default()), message.len() < wanted)
    {
        message.extend_from_slice(bytes.get(at + 5..at + 5 + len).unwrap_or_default());
        at += 5 + len;
    }
    message.truncate(wanted);
    Joined::Whole(message)
}

/// A ClientHello in the form of SSL 2.0, as old clients send it to offer SSL 3.0 or TLS 1.0 (RFC 5246, appendix E.2).
fn is_ssl2_hello(bytes: &[u8]) -> bool {
    let [
        high @ 0x80..=0xff,
        low,
        CLIENT_HELLO,
        3,
        0..=3,
        ciphers_high,
        ciphers_low,
        0,
        0,
        challenge_high,
        challenge_low,
        ..,
    ] = bytes
    else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([high & 0x7f, *low]));
    let ciphers = usize::from(u16::from_be_bytes([*ciphers_high, *ciphers_low]));
    let challenge = usize::from(u16::from_be_bytes([*challenge_high, *challenge_low]));
    ciphers > 0 && ciphers.is_multiple_of(3) && length == 9 + ciphers + challenge
}

/// The server name, and the list of ALPN as on the wire, of the body of a ClientHello; empty where it has none.
pub(crate) fn names(hello: &[u8]) -> (&[u8], &[u8]) {
    let (mut server_name, mut alpn): (&[u8], &[u8]) = (&[], &[]);
    let mut extensions = Reader(extensions(hello).unwrap_or_default());
    while let Some((kind, body)) = extensions.u16().zip(extensions.vector16()) {
        match kind {
            SERVER_NAME => server_name = first_host_name(body).unwrap_or_default(),
            ALPN => alpn = Reader(body).vector16().unwrap_or_default(),
            _ => {}
        }
    }
    (server_name, alpn)
}

/// The extensions: after version, random, session, cipher suites and compression methods.
fn extensions(hello: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(hello);
    reader.take(2 + 32)?;
    reader.vector8()?;
    reader.vector16()?;
    reader.vector8()?;
    reader.vector16()
}

/// The first name of type `host_name` (RFC 6066, section 3).
fn first_host_name(extension: &[u8]) -> Option<&[u8]> {
    let mut names = Reader(Reader(extension).vector16()?);
    match names.take(1)? {
        [0] => names.vector16(),
        _ => None,
    }
}

/// Takes fields off the front of bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.first_chunk()?))
    }

    fn vector8(&mut self) -> Option<&'a [u8]> {
        let [len] = *self.take(1)?.first_chunk()?;
        self.take(usize::from(len))
    }

    fn vector16(&mut self) -> Option<&'a [u8]> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello of TLS 1.2 with these extensions, without record and message headers.
    fn body(extensions: &[u8]) -> Vec<u8> {
        let start = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0]].concat();
        [&start[..], &u16::try_from(extensions.len()).unwrap().to_be_bytes(), extensions].concat()
    }

    /// The message in records of at most `size` bytes.
    fn records(body: &[u8], size: usize) -> Vec<u8> {
        let [_, length @ ..] = u32::try_from(body.len()).unwrap().to_be_bytes();
        let message = [&[1][..], &length, body].concat();
        let record =
            |part: &[u8]| [&[22, 3, 1][..], &u16::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
        message.chunks(size).flat_map(record).collect()
    }

    const EXTENSIONS: &[u8] = b"\x00\x17\x00\x00\x00\x00\x00\x0c\x00
\x00\x00\x07a.b.com\x00\x10\x00\x05\x00\x03\x02h2";

    #[test]
    fn names_of_a_client_hello_in_any_records() {
        let body = body(EXTENSIONS);
        for size in [5, 6, 20, 1000] {
            let bytes = records(&body, size);
            let Tls::Hello(hello) = read(&bytes) else { panic!("{size}") };
            assert_eq!(names(&hello), (&b"a.b.com"[..], &b"\x02h2"[..]), "{size}");
            for cut in 1..bytes.len() {
                assert_eq!(read(&bytes[..cut]), Tls::More, "{cut} of {size}");
            }
        }
    }

    #[test]
    fn hellos_without_names_and_broken_ones_have_none() {
        assert_eq!(names(&body(b"")), (&b""[..], &b""[..]));
        let whole = body(EXTENSIONS);
        for cut in 0..whole.len() {
            let _ = names(&whole[..cut]);
        }
        assert_eq!(names(&whole[..10]), (&b""[..], &b""[..]));
    }

    #[test]
    fn other_records_and_other_bytes() {
        assert_eq!(read(b"\x17\x03\x03\x00\x02ab"), Tls::Record(7));
        assert_eq!(read(b"\x17\x03\x03\x00"), Tls::More);
        for bytes in [
            &b"\x17\x03\x03\xff\xff"[..],
            b"\x18\x03\x03\x00\x02",
            b"\x16\x02\x00\x00\x02",
            b"\x16\x03\x03\x00\x00",
            b"GET",
        ] {
            assert_eq!(read(bytes), Tls::No);
        }
        let old = b"\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00/0123456789abcdef";
        assert!(matches!(read(old), Tls::Hello(_)));
    }

    #[test]
    fn records_that_fill_a_segment_are_certain() {
        assert!(is_records(b"\x17\x03\x03\x00\x02ab"));
        assert!(is_records(b"\x17\x03\x03\x00\x02ab\x17\x03\x03\x00\x09ab"));
        assert!(!is_records(b"\x17\x03\x03\x00\x09ab"));
        assert!(!is_records(b"\x17\x03\x03\x00\x02abc"));
    }
}
